"""The heat map as a figure for print: legend with counts, scale bar, north arrow, source line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from exports import drawing, typeface
from exports.finished import finished
from exports.heatmap import HeatMap
from kernel.errors import Defect
from resources.texts import words

PAGE_IN = (11.69, 8.27)  # A4 landscape
MAP_BOX = (0.03, 0.075, 0.765, 0.815)  # left, bottom, width, height of the map as shares of the page
SIDE_LEFT = 0.815
DPI = 300
MM_PT = 72 / 25.4


def write_figure(heat: HeatMap, target: Path) -> Path:
    """Write `heat` as PNG, PDF or SVG (by the name's ending) and verify it; returns `target`."""
    with (
        finished(target, lambda path: _verify(path, target.suffix.lower())) as path,
        mpl.rc_context(typeface.settings()),
    ):
        figure = draw(heat)
        figure.savefig(path, dpi=DPI, format=target.suffix.lower().lstrip("."))
    return target


def draw(heat: HeatMap) -> Figure:
    """The figure, ready to save."""
    figure = Figure(figsize=PAGE_IN, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(MAP_BOX)
    _frame(axes, heat)
    _draw_base_below(axes, heat)
    _draw_areas(axes, heat)
    _draw_base_above(axes, heat)
    _scale_bar(axes, heat)
    _north_arrow(axes, heat)
    _words(figure, heat)
    _legend(figure, heat)
    return figure


def _frame(axes: Any, heat: HeatMap) -> None:
    xmin, ymin, xmax, ymax = heat.areas.total_bounds
    width, height = MAP_BOX[2] * PAGE_IN[0], MAP_BOX[3] * PAGE_IN[1]
    m_per_in = max((xmax - xmin) / width, (ymax - ymin) / height) * 1.04
    mid_x, mid_y = (xmin + xmax) / 2, (ymin + ymax) / 2
    axes.set_xlim(mid_x - m_per_in * width / 2, mid_x + m_per_in * width / 2)
    axes.set_ylim(mid_y - m_per_in * height / 2, mid_y + m_per_in * height / 2)
    axes.set_aspect("equal")
    axes.set_facecolor(heat.palette.land)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(heat.palette.line)
        side.set_linewidth(0.6)


def _draw_base_below(axes: Any, heat: HeatMap) -> None:
    colours = heat.palette
    for kind, fill, edge in (("green", colours.park, "none"), ("water", colours.water, colours.shore)):
        if kind in heat.base:
            drawing.fill(axes, heat.base[kind].geometry.values, fill, edge, 0.3)


def _draw_areas(axes: Any, heat: HeatMap) -> None:
    shapes = heat.areas.geometry.values
    for fill in sorted({f for f in heat.fills if f}):
        drawing.fill(axes, shapes[heat.fills == fill], fill, "none", 0.0, alpha=0.86)
    drawing.lines(axes, shapes, heat.palette.cell_line, 0.12)


def _draw_base_above(axes: Any, heat: HeatMap) -> None:
    colours = heat.palette
    if "buildings" in heat.base and len(heat.base["buildings"]) < 60_000:
        drawing.fill(
            axes, heat.base["buildings"].geometry.values, colours.building_edge, "none", 0.0, alpha=0.30
        )
    if "roads" in heat.base:
        _roads(axes, heat)
    shapes = heat.areas.geometry.values
    for edge in sorted({e for e in heat.edges if e}):
        drawing.lines(axes, shapes[heat.edges == edge], edge, 0.5)
    if heat.communities is not None and len(heat.communities):
        drawing.lines(
            axes,
            shapely.boundary(heat.communities.geometry.values),
            colours.community_line,
            0.45,
            (0, (6, 2, 1.5, 2)),
        )


def _roads(axes: Any, heat: HeatMap) -> None:
    roads = heat.base["roads"]
    main = (roads["rank"] <= 3).to_numpy()
    shapes = roads.geometry.values
    drawing.lines(axes, shapes[main], heat.palette.main_road_casing, 1.1)
    drawing.lines(axes, shapes[~main], heat.palette.road_casing, 0.35)
    drawing.lines(axes, shapes[main], heat.palette.main_road, 0.7)


def _scale_bar(axes: Any, heat: HeatMap) -> None:
    """A bar of a round length, about a sixth of the map, in two parts."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    length = drawing.round_length((right - left) / 6)
    x, y, height = left + (right - left) * 0.025, bottom + (top - bottom) * 0.03, (top - bottom) * 0.006
    ink = heat.palette.text
    for k, fill in enumerate((ink, "white")):
        axes.add_patch(
            Rectangle((x + k * length / 2, y), length / 2, height, facecolor=fill, edgecolor=ink, lw=0.5)
        )
    unit, factor = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    for share in (0.0, 0.5, 1.0):
        label = f"{length * share / factor:g}" + (f" {unit}" if share == 1.0 else "")
        _haloed(
            axes.text(
                x + length * share, y + height * 2, label, fontsize=7, ha="center", va="bottom", color=ink
            )
        )


def _north_arrow(axes: Any, heat: HeatMap) -> None:
    _, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    size = (top - bottom) * 0.045
    x, y = right - size * 0.9, top - size * 2.2
    ink = heat.palette.text
    axes.add_patch(
        Polygon(
            [(x, y + size), (x - size * 0.32, y), (x, y + size * 0.26)], facecolor=ink, edgecolor=ink, lw=0.5
        )
    )
    axes.add_patch(
        Polygon(
            [(x, y + size), (x + size * 0.32, y), (x, y + size * 0.26)],
            facecolor="white",
            edgecolor=ink,
            lw=0.5,
        )
    )
    north = "N" if heat.lang == "en" else "北"
    _haloed(axes.text(x, y + size * 1.1, north, fontsize=9, ha="center", va="bottom", color=ink))


def _haloed(text: Any) -> None:
    from matplotlib import patheffects

    text.set_path_effects([patheffects.withStroke(linewidth=2, foreground="white")])


def _words(figure: Figure, heat: HeatMap) -> None:
    left = MAP_BOX[0]
    ink, quiet = heat.palette.text, heat.palette.secondary
    figure.text(left, 0.945, heat.title, fontsize=17, color=ink, weight="medium", va="center")
    figure.text(left, 0.908, heat.subtitle, fontsize=9, color=quiet, va="center")
    figure.text(left, 0.04, heat.source, fontsize=7.5, color=quiet, va="center")
    xmin, xmax = figure.axes[0].get_xlim()
    denominator = (xmax - xmin) / (MAP_BOX[2] * PAGE_IN[0] * 0.0254)
    scale = words(heat.lang, "Scale about 1 : {scale} on A4", scale=f"{round(denominator, -2):,.0f}")
    figure.text(MAP_BOX[0] + MAP_BOX[2], 0.04, scale, fontsize=7.5, color=quiet, va="center", ha="right")


def _legend(figure: Figure, heat: HeatMap) -> None:
    ink, quiet = heat.palette.text, heat.palette.secondary
    top = MAP_BOX[1] + MAP_BOX[3]
    figure.text(SIDE_LEFT, top - 0.015, words(heat.lang, "Legend"), fontsize=11, color=ink, weight="medium")
    figure.text(0.97, top - 0.015, words(heat.lang, "Areas"), fontsize=8, color=quiet, ha="right")
    for k, entry in enumerate(heat.legend):
        y = top - 0.055 - k * 0.034
        box = Rectangle((SIDE_LEFT, y - 0.005), 0.026, 0.021, transform=figure.transFigure,
                        facecolor=entry.fill or heat.palette.land, edgecolor=entry.edge or heat.palette.line, lw=0.7)  # fmt: skip
        figure.patches.append(box)
        figure.text(SIDE_LEFT + 0.035, y, entry.words, fontsize=8.5, color=ink)
        figure.text(0.97, y, f"{entry.count:,}", fontsize=8.5, color=ink, ha="right")


def _verify(path: Path, ending: str) -> None:
    """Open what was written and see that it is what its name says."""
    head = path.read_bytes()[:512]
    if ending == ".png":
        from matplotlib.image import imread

        picture = imread(path)
        sound = picture.shape[0] > 1000 and float(picture[..., :3].std()) > 0.01
    else:
        sound = head.startswith(b"%PDF-") if ending == ".pdf" else b"<svg" in path.read_bytes()[:4096]
    if not sound:
        raise Defect("The figure {file} was written but does not read back.", file=path.name)
