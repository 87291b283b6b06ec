"""Tables on paper: right-aligned figures, hairlines, no boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd

from exports.atlas import edging
from exports.atlas.content import Atlas
from exports.atlas.paper import LEFT_MM, RIGHT_MM, Paper, clipped, new_paper
from exports.atlas.sheets import Sheet

ROW_MM: Final = 4.3
DENSE_MM: Final = 3.2  # rows of a table that would otherwise go on on another page for a few rows
HEAD_MM: Final = 6.5
PAGE_TOP: Final = 266.0
PAGE_BOTTOM: Final = 20.0
ROWS_PER_COLUMN: Final = int((PAGE_TOP - HEAD_MM - PAGE_BOTTOM) // ROW_MM)
CELL_COLUMNS_PER_PAGE: Final = 4
GAP_MM: Final = 10.0


@dataclass(frozen=True)
class Column:
    """One column: its head, the share of the width where it stands (its right end if `right`), and its room."""

    head: str
    share: float
    right: bool = False
    room: float = 1.0


def draw_table(paper: Paper, atlas: Atlas, columns: Sequence[Column], rows: Sequence[Sequence[str]], x: float,
               top: float, width: float, size_pt: float = 7.8, row_mm: float = ROW_MM) -> float:  # fmt: skip
    """Draw rows under their heads; the y of the last row's lower edge, mm."""
    ink, quiet, rule = atlas.palette.text, atlas.palette.secondary, atlas.palette.line
    for column in columns:
        paper.text(x + column.share * width, top - 4.0, column.head, 7.2, quiet, ha=_side(column))
    y = top - HEAD_MM
    paper.line((x, x + width), (y + 0.6, y + 0.6), ink, 0.7)
    for number, row in enumerate(rows, start=1):
        base = y - row_mm * number + row_mm * 0.28
        for column, words in zip(columns, row, strict=True):
            shown = clipped(words, size_pt, column.room * width)
            paper.text(x + column.share * width, base, shown, size_pt, ink, ha=_side(column))
        paper.line((x, x + width), (base - row_mm * 0.26, base - row_mm * 0.26), rule, 0.35)
    return y - row_mm * len(rows)


def draw_cells(
    paper: Paper,
    atlas: Atlas,
    cells: gpd.GeoDataFrame,
    x: float,
    top: float,
    width: float,
    row_mm: float = ROW_MM,
) -> float:
    """Cells with their full code, area and number of components; the y of the last row's lower edge, mm."""
    size_pt = 7.8 if row_mm == ROW_MM else row_mm * 2.0
    columns = (
        Column(atlas.words("No."), 0.0), Column(atlas.words("Cell code"), 0.13), Column(atlas.words("Area, m²"), 0.76, True),
        Column(atlas.words("Components"), 1.0, True),
    )  # fmt: skip
    rows = [
        (code[-3:], grouped(code), f"{area:,.0f}", f"{int(count):,}")
        for code, area, count in zip(cells["code"], cells["area_m2"], cells["components"], strict=True)
    ]
    return draw_table(paper, atlas, columns, rows, x, top, width, size_pt, row_mm)


def draw_more_cells(atlas: Atlas, sheet: Sheet, first: int, page: int, pages: int) -> Any:
    """A page with the cells of a sheet from row `first` on, in columns."""
    paper = new_paper(atlas.palette.card)
    edging.head(paper, atlas, sheet.title, atlas.words("Cells of the community, continued"),
                atlas.words("Sheet {number}", number=sheet.number))  # fmt: skip
    edging.foot(paper, atlas, page, pages)
    cells = atlas.cells_of(sheet).iloc[first : first + ROWS_PER_COLUMN * CELL_COLUMNS_PER_PAGE]
    width = (RIGHT_MM - LEFT_MM - GAP_MM * (CELL_COLUMNS_PER_PAGE - 1)) / CELL_COLUMNS_PER_PAGE
    for k in range(0, len(cells), ROWS_PER_COLUMN):
        x = LEFT_MM + (k // ROWS_PER_COLUMN) * (width + GAP_MM)
        draw_cells(paper, atlas, cells.iloc[k : k + ROWS_PER_COLUMN], x, PAGE_TOP, width)
    return paper.figure


def grouped(code: str) -> str:
    """A cell code as the look writes it: 6+3·3·3."""
    return f"{code[:6]} {code[6:9]}·{code[9:12]}·{code[12:]}"


def _side(column: Column) -> str:
    return "right" if column.right else "left"
