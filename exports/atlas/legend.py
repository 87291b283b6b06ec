"""The legend of a map sheet: only what the atlas's maps use."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.lines import Line2D

from exports.atlas.base_map import CELL_PT, COMMUNITY_PT, DASH_DOT
from exports.atlas.content import Atlas
from exports.atlas.paper import Paper
from resources.styles import mix

_ROW_MM: Final = 6.0
_COLUMN_MM: Final = 40.0
_SAMPLE_MM: Final = 9.0


def draw_legend(paper: Paper, atlas: Atlas, x: float, top: float) -> None:
    """Two columns of samples with their words."""
    paper.text(x, top - 4.0, atlas.words("Legend"), 9.5, atlas.palette.text, weight="medium")
    for k, (words, draw) in enumerate(_entries(atlas)):
        left = x + (k % 2) * _COLUMN_MM
        middle = top - 10.0 - (k // 2) * _ROW_MM
        draw(paper, left, middle)
        paper.text(left + _SAMPLE_MM + 2.5, middle, words, 8.0, atlas.palette.text, va="center")


def _entries(atlas: Atlas) -> list[tuple[str, Any]]:
    colours, has = atlas.palette, atlas.base
    entries: list[tuple[str, Any]] = [
        (atlas.words("Community border"), _line(colours.text, COMMUNITY_PT, DASH_DOT)),
        (atlas.words("Unit grid cell"), _line(colours.focus, CELL_PT)),
        (atlas.words("Neighbour's border"), _line(colours.community_line, 0.8, DASH_DOT)),
        (atlas.words("Neighbour's cell"), _line(mix(colours.cell_line, colours.land, 0.45), 0.45)),
    ]
    areas = (
        ("buildings", "Building", colours.building, colours.building_edge), ("green", "Green", colours.park, "none"),
        ("water", "Water", colours.water, colours.shore),
    )  # fmt: skip
    if "roads" in has:
        entries.append((atlas.words("Main road"), _road(colours.main_road, colours.main_road_casing)))
        entries.append((atlas.words("Road"), _road(colours.road, colours.road_casing)))
    entries += [(atlas.words(words), _box(fill, edge)) for kind, words, fill, edge in areas if kind in has]
    if "railways" in has:
        entries.append((atlas.words("Railway"), _railway(colours.secondary, colours.card)))
    return entries


def _line(colour: str, width_pt: float, dash: Any = "-") -> Any:
    def draw(paper: Paper, x: float, y: float) -> None:
        paper.axes.add_line(
            Line2D((x, x + _SAMPLE_MM), (y, y), color=colour, lw=width_pt, ls=dash, dash_capstyle="butt")
        )

    return draw


def _box(fill: str, edge: str) -> Any:
    return lambda paper, x, y: paper.box(x, y - 1.7, _SAMPLE_MM, 3.4, fill, edge, 0.4)


def _road(fill: str, casing: str) -> Any:
    def draw(paper: Paper, x: float, y: float) -> None:
        paper.box(x, y - 1.3, _SAMPLE_MM, 2.6, fill)
        for edge in (y - 1.3, y + 1.3):
            paper.line((x, x + _SAMPLE_MM), (edge, edge), casing, 0.8)

    return draw


def _railway(ink: str, ground: str) -> Any:
    def draw(paper: Paper, x: float, y: float) -> None:
        paper.axes.add_line(Line2D((x, x + _SAMPLE_MM), (y, y), color=ink, lw=2.0, solid_capstyle="butt"))
        paper.axes.add_line(
            Line2D((x, x + _SAMPLE_MM), (y, y), color=ground, lw=1.3, ls=(0, (6, 6)), dash_capstyle="butt")
        )

    return draw
