"""The cover: the city as a drawing, the title, and what a reader must know before the first sheet."""

from __future__ import annotations

from typing import Any, Final

from exports import drawing
from exports.atlas import edging
from exports.atlas.base_map import draw_afar
from exports.atlas.content import Atlas
from exports.atlas.map_page import around
from exports.atlas.paper import HEIGHT_MM, WIDTH_MM, Paper, new_paper, width_mm
from resources.styles import mix

TITLES: Final = {
    False: ("单元网格图集", "Unit grid atlas"),
    True: ("部件本底图册", "Component base atlas"),
}
_PANEL_MM: Final = 168.0
_X: Final = 26.0


def draw_cover(atlas: Atlas, pages: int) -> Any:
    """The figure of the cover of an atlas of so many pages."""
    paper = new_paper(atlas.palette.card)
    _drawing(paper, atlas)
    colours = atlas.palette
    paper.box(_X, 246, 22, 2.2, colours.focus)
    chinese, english = TITLES[atlas.components is not None]
    paper.text(_X, 226, atlas.city or atlas.words("Unnamed city"), 22, colours.secondary)
    paper.text(_X - 1, 200, chinese, 52, colours.text, weight="medium")
    paper.text(_X, 187, english, 16, colours.secondary)
    y = 171.0
    if atlas.community_code:
        paper.text(_X, y, atlas.words("Extract: {name}", name=atlas.printed[0].community), 13, colours.focus)
        y -= 10
    if atlas.synthetic:
        _mark(paper, atlas, y)
    _facts(paper, atlas, pages)
    paper.text(_X, 22, atlas.source, 8.0, colours.secondary)
    return paper.figure


def _drawing(paper: Paper, atlas: Atlas) -> None:
    """The whole city in fine lines; its roads and waters run on to the paper's edge."""
    colours = atlas.palette
    left = _PANEL_MM
    window = around(atlas.communities.total_bounds, WIDTH_MM - left, HEIGHT_MM, air=1.1)
    axes = paper.map(left, 0, WIDTH_MM - left, HEIGHT_MM, window, colours.ground)
    draw_afar(axes, atlas, colours.line, 1.1)
    drawing.lines(axes, atlas.cells.geometry.simplify(4), mix(colours.focus, colours.land, 0.45), 0.25)
    drawing.lines(axes, atlas.outlines, colours.focus, 0.9, zorder=2)
    if len(atlas.streets):
        drawing.lines(axes, atlas.streets.geometry.simplify(8), colours.text, 1.5, zorder=3)
    if atlas.community_code:
        chosen = atlas.communities["code"] == atlas.community_code
        drawing.fill(axes, atlas.communities.geometry[chosen], colours.focus, alpha=0.55, zorder=4)


def _mark(paper: Paper, atlas: Atlas, y: float) -> None:
    words = edging.synthetic(atlas)
    wide = width_mm(words, 11) + 8
    paper.box(_X, y - 2.6, wide, 8.0, "none", atlas.palette.late, 1.0)
    paper.text(_X + wide / 2, y + 1.4, words, 11, atlas.palette.late, ha="center", va="center_baseline")


def _facts(paper: Paper, atlas: Atlas, pages: int) -> None:
    """What there is and how it is measured, one line each."""
    ink, quiet, rule = atlas.palette.text, atlas.palette.secondary, atlas.palette.line
    y = 140.0
    for words, value in _lines(atlas, pages):
        paper.text(_X, y, words, 9.5, quiet)
        size = min(11.0, 11.0 * 86 / width_mm(value, 11.0))
        paper.text(_X + 34, y, value, size, ink)
        paper.line((_X, _PANEL_MM - 14), (y - 3.2, y - 3.2), rule, 0.5)
        y -= 10.0


def _lines(atlas: Atlas, pages: int) -> list[tuple[str, str]]:
    printed = {sheet.community_code for sheet in atlas.printed}
    cells, comma = atlas.cells[atlas.cells["community_code"].isin(printed)], "  "
    scales = sorted({sheet.scale for sheet in atlas.printed})
    areas = comma.join(
        atlas.words(words, count=f"{count:,}")
        for words, count in (("counties: {count}", len(atlas.counties)), ("streets: {count}", len(atlas.streets)),
                             ("communities: {count}", len(atlas.communities)))
        if count
    )  # fmt: skip
    return [
        (atlas.words("Edition"), atlas.edition),
        (atlas.words("Coordinates"), edging.system(atlas)),
        (atlas.words("Divisions"), areas),
        (atlas.words("Unit grid"), atlas.words("{count} cells, {area} km²", count=f"{len(cells):,}",
                                               area=f"{cells['area_m2'].sum() / 1e6:,.2f}")),
        (atlas.words("Components"), f"{int(cells['components'].sum()):,}"),
        (atlas.words("Scales"), comma.join(f"1 : {scale:,}" for scale in scales)),
        (atlas.words("Extent"), atlas.words("sheets: {sheets}  pages: {pages}", sheets=len(atlas.printed), pages=pages)),
    ]  # fmt: skip
