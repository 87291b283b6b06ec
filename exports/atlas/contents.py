"""The index map with the sheets outlined and numbered, and the list of sheets with their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely

from exports import drawing
from exports.atlas import edging, furniture, table
from exports.atlas.base_map import draw_afar
from exports.atlas.content import Atlas
from exports.atlas.map_page import around, spaced, street_name
from exports.atlas.paper import BOTTOM_MM, INCH_MM, LEFT_MM, RIGHT_MM, Taken, haloed, new_paper, width_mm
from exports.atlas.sheets import Sheet

_TOP: Final = 268.0
_FOOT: Final = 22.0
LIST_COLUMNS: Final = 3
ROWS: Final = table.ROWS_PER_COLUMN
PER_PAGE: Final = LIST_COLUMNS * ROWS


def draw_index(atlas: Atlas, page: int, pages: int) -> Any:
    """The figure of the index map."""
    paper = new_paper(atlas.palette.card)
    said = atlas.words("{count} sheets, one or more per community", count=len(atlas.sheets))
    edging.head(paper, atlas, atlas.words("Index of sheets"), said)
    edging.foot(paper, atlas, page, pages)
    width, height = RIGHT_MM - LEFT_MM, _TOP - _FOOT
    window = around(atlas.communities.total_bounds, width, height)
    axes = paper.map(LEFT_MM, _FOOT, width, height, window, atlas.palette.card)
    m_per_mm = (window[2] - window[0]) / width
    draw_afar(axes, atlas, atlas.palette.main_road_casing, 1.2, zorder=1.5)
    _sheets(axes, atlas, m_per_mm)
    furniture.north_arrow(paper, atlas, RIGHT_MM - 8, _TOP - 22)
    denominator = m_per_mm * 1000
    bar = furniture.scale_bar(paper, atlas, LEFT_MM + 1, BOTTOM_MM + 5.5, denominator, width_mm=60)
    about = atlas.words("about 1 : {scale}", scale=f"{round(denominator, -2):,.0f}")
    paper.text(bar + 12, BOTTOM_MM + 5.5, about, 8.0, atlas.palette.secondary)
    return paper.figure


def draw_list(atlas: Atlas, first: int, at: Mapping[int, int], page: int, pages: int) -> Any:
    """A page of the list of sheets from row `first` on; `at` gives the page of each sheet number."""
    paper = new_paper(atlas.palette.card)
    edging.head(paper, atlas, atlas.words("List of sheets"), "" if first == 0 else atlas.words("continued"))
    edging.foot(paper, atlas, page, pages)
    columns = (
        table.Column(atlas.words("Sheet"), 0.0), table.Column(atlas.words("Community"), 0.1, room=0.28),
        table.Column(atlas.words("Street"), 0.4, room=0.19), table.Column(atlas.words("Code"), 0.6),
        table.Column(atlas.words("Scale"), 0.89, True), table.Column(atlas.words("Page"), 1.0, True),
    )  # fmt: skip
    width = (RIGHT_MM - LEFT_MM - table.GAP_MM * (LIST_COLUMNS - 1)) / LIST_COLUMNS
    rows = [_row(atlas, sheet, at) for sheet in atlas.printed[first : first + PER_PAGE]]
    for k in range(0, len(rows), ROWS):
        x = LEFT_MM + (k // ROWS) * (width + table.GAP_MM)
        table.draw_table(paper, atlas, columns, rows[k : k + ROWS], x, table.PAGE_TOP, width, size_pt=7.4)
    return paper.figure


def _row(atlas: Atlas, sheet: Sheet, at: Mapping[int, int]) -> Sequence[str]:
    code = sheet.community_code
    return (str(sheet.number), sheet.title, street_name(atlas, code), spaced(code), f"1:{sheet.scale:,}",
            str(at[sheet.number]))  # fmt: skip


def _sheets(axes: Any, atlas: Atlas, m_per_mm: float) -> None:
    """Each sheet's piece with its number, the streets stronger; names where the piece has room for both."""
    colours = atlas.palette
    printed = {sheet.number for sheet in atlas.printed}
    if len(printed) < len(atlas.sheets):
        own = [sheet.piece for sheet in atlas.printed]
        drawing.fill(axes, own, colours.selected_row, zorder=1.6)
    drawing.lines(axes, atlas.pieces, colours.focus, 0.6, zorder=2)
    drawing.lines(axes, atlas.communities.geometry, colours.community_line, 0.9, zorder=2.5)
    if len(atlas.streets):
        drawing.lines(axes, atlas.streets.geometry.simplify(5), colours.text, 1.8, zorder=3)
    taken = Taken()
    for sheet in atlas.sheets:
        _number(axes, atlas, sheet, m_per_mm, taken)


def _number(axes: Any, atlas: Atlas, sheet: Sheet, m_per_mm: float, taken: Taken) -> None:
    circle = shapely.maximum_inscribed_circle(sheet.piece, 5.0)
    x, y = shapely.get_coordinates(circle)[0]
    radius_mm = circle.length / m_per_mm
    size = float(np.clip(radius_mm * 1.9, 5.0, 17.0))
    name_pt = float(np.clip(size * 0.5, 5.5, 8.0))
    named = size > 10 and width_mm(sheet.title, name_pt) < radius_mm * 2.6
    up = size * 0.14 * m_per_mm if named else 0.0
    haloed(axes, x, y + up, str(sheet.number), size, atlas.palette.focus, atlas.palette.land, weight="medium")
    if named:
        high = name_pt / 72 * INCH_MM * m_per_mm
        below = y - size * 0.16 * m_per_mm - high * 0.4
        half = width_mm(sheet.title, name_pt) / 2 * m_per_mm
        if taken.take(shapely.box(x - half, below - high / 2, x + half, below + high / 2)):
            haloed(axes, x, below, sheet.title, name_pt, atlas.palette.secondary, atlas.palette.land)
