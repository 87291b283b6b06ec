"""Rows into a workbook: bold headings, widths, text that stays text, and the row count read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook

from kernel.errors import Defect

LONGEST: Final = 32_767  # characters that a spreadsheet's cell holds
_HEAD: Final = PatternFill("solid", fgColor="E8EDF2")
_NOT_IN_A_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def append_rows(
    book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]
) -> None:
    """A sheet of `book` (write-only) with a frozen heading row."""
    sheet = book.create_sheet(sheet_name(book, title))
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = width
    sheet.append(head_cells(sheet, headings))
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def head_cells(sheet: Any, headings: Sequence[str]) -> list[WriteOnlyCell]:
    """The cells of a heading row of `sheet`."""
    cells = [_cell(sheet, heading) for heading in headings]
    for cell in cells:
        cell.font, cell.fill = Font(bold=True), _HEAD
    return cells


def sheet_name(book: Workbook, title: str) -> str:
    """`title` as a spreadsheet allows it: no marks of its own, 31 characters, none twice."""
    bare = title.translate(_NOT_IN_A_NAME).strip(" '")[:31] or "–"
    taken = {sheet.title.casefold() for sheet in book.worksheets}
    name, number = bare, 2
    while name.casefold() in taken:
        name = f"{bare[:27]} {number}"
        number += 1
    return name


def verify_rows(path: Path, rows: Mapping[str, int]) -> None:
    """Raise `Defect` where a sheet does not have as many rows as were written."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for title, wanted in rows.items():
            found = sum(1 for _ in book[title].iter_rows(min_row=2, max_col=1))
            if found != wanted:
                raise Defect(
                    "{file}: {rows} rows were written, {found} read back.",
                    file=path.name,
                    rows=wanted,
                    found=found,
                )
    finally:
        book.close()


def _cell(sheet: Any, value: Any) -> Any:
    """A cell; text stays text, also where it begins like a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST])
    cell.data_type = "s"
    return cell
