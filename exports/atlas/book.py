"""The order of an atlas's pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exports.atlas import component_page, contents, cover, map_page, table
from exports.atlas.content import Atlas
from exports.pages import Draw, write_pages
from kernel.progress import Progress

_MORE_PER_PAGE: Final = table.ROWS_PER_COLUMN * table.CELL_COLUMNS_PER_PAGE


@dataclass(frozen=True)
class PlannedPage:
    """A page to draw, and the number of the sheet that begins on it (0 for none)."""

    draw: Draw
    sheet: int = 0


def pages_of(atlas: Atlas) -> list[PlannedPage]:
    """All pages in order, none drawn yet: cover, index, list of sheets, then the sheets with their tables."""
    at: dict[int, int] = {}
    front = [PlannedPage(lambda _, pages: cover.draw_cover(atlas, pages)),
             PlannedPage(lambda page, pages: contents.draw_index(atlas, page, pages))]  # fmt: skip
    for first in range(0, len(atlas.printed), contents.PER_PAGE):
        front.append(_list_page(atlas, first, at))
    body = [page for sheet in atlas.printed for page in _sheet_pages(atlas, sheet)]
    at |= {page.sheet: number for number, page in enumerate(body, start=len(front) + 1) if page.sheet}
    return front + body


def write_book(atlas: Atlas, target: Path, progress: Progress) -> int:
    """Write the PDF; returns its number of pages. Cancel is heard between pages and leaves no file."""
    return write_pages([page.draw for page in pages_of(atlas)], target, _metadata(atlas), progress)


def _list_page(atlas: Atlas, first: int, at: dict[int, int]) -> PlannedPage:
    return PlannedPage(lambda page, pages: contents.draw_list(atlas, first, at, page, pages))


def _sheet_pages(atlas: Atlas, sheet: Any) -> list[PlannedPage]:
    if atlas.components is not None:
        return [
            PlannedPage(
                lambda page, pages: component_page.draw_sheet(atlas, sheet, page, pages), sheet.number
            ),
            *(_owners_page(atlas, sheet, part) for part in range(component_page.table_pages(atlas, sheet))),
        ]
    own = [PlannedPage(lambda page, pages: map_page.draw_sheet(atlas, sheet, page, pages), sheet.number)]
    left = map_page.rows_left(atlas, sheet)
    begun = len(atlas.cells_of(sheet)) - left
    return own + [_more_page(atlas, sheet, begun + k) for k in range(0, left, _MORE_PER_PAGE)]


def _more_page(atlas: Atlas, sheet: Any, first: int) -> PlannedPage:
    return PlannedPage(lambda page, pages: table.draw_more_cells(atlas, sheet, first, page, pages))


def _owners_page(atlas: Atlas, sheet: Any, part: int) -> PlannedPage:
    return PlannedPage(lambda page, pages: component_page.draw_owners(atlas, sheet, part, page, pages))


def _metadata(atlas: Atlas) -> dict[str, str]:
    chinese, english = cover.TITLES[atlas.components is not None]
    return {
        "Title": f"{atlas.city} {chinese} {english}".strip(),
        "Subject": atlas.source,
        "Creator": "WanGrid",
    }
