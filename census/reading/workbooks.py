"""Workbooks (.xlsx): visible sheets as numbered lines of texts, merged cells filled, formulas told.

Of a formula the stored result is read. A cell merged over several rows holds its text in each of them, for that is what
the surveyor sees. Hidden sheets are left out and said so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from census.reading import archives
from census.reading.delimited import Line
from kernel.errors import Refused

ENDINGS: Final = (".xlsx", ".xlsm")
_FORMULA: Final = re.compile(rb"<f[ >/]")
_MERGED: Final = re.compile(rb'<mergeCell\s+ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_WHOLE_UP_TO: Final = 2**53  # whole numbers beyond have lost their last digits
_MOST_FILLED: Final = 1_000_000  # a merge over whole columns is not a table
# What broken parts make the readers stumble over; a sheet's own only when its rows are asked for.
_FAULTS: Final = (
    InvalidFileException, BadZipFile, ElementTree.ParseError, EOFError, zlib.error, OSError, LookupError, ValueError,
    TypeError, AttributeError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A visible sheet: its lines that hold something, the lines with formulas, how many rows merged cells filled."""

    title: str
    lines: list[Line]
    formulas: Mapping[int, tuple[Any, ...]]
    filled: frozenset[int]


@dataclass(frozen=True)
class Workbook:
    """The visible sheets of a workbook and the names of the hidden ones."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...]


def read_workbook(path: Path, shown: str, wanted: str = "") -> Workbook:
    """The workbook at `path`; `wanted` is the only sheet to read, `""` for all. Raises `Refused` when it is none."""
    xml = _parts_of_sheets(path, shown)
    with _opened(path, shown, data_only=True) as book:
        hidden = tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible")
        chosen = [
            sheet for sheet in book.worksheets if sheet.title not in hidden and wanted in ("", sheet.title)
        ]
        read = [_sheet(sheet, path, shown, xml.get(sheet.title, b"")) for sheet in chosen]
    return Workbook(tuple(read), hidden)


@contextmanager
def _opened(path: Path, shown: str, *, data_only: bool) -> Iterator[Any]:
    try:
        with (
            path.open("rb") as file,
            closing(openpyxl.load_workbook(file, read_only=True, data_only=data_only)) as book,
        ):
            yield book
    except _FAULTS as error:
        raise _no_workbook(shown, error) from error


def _no_workbook(shown: str, error: Exception) -> Refused:
    return Refused(
        "{file} cannot be read as a workbook.",
        remedy="Open it in the spreadsheet program and save it as .xlsx.",
        file=shown,
        detail=str(error),
    )


def _parts_of_sheets(path: Path, shown: str) -> dict[str, bytes]:
    """Title of each sheet → its XML as it stands in the archive."""
    try:
        with ZipFile(path) as parts:
            archives.require_harmless(parts, path, shown)
            book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
            target = {each.get("Id", ""): each.get("Target", "").removeprefix("/xl/") for each in relations}
            sheets = [each for each in book.iter() if each.tag.endswith("}sheet")]
            return {
                each.get("name", ""): parts.read(f"xl/{target[each.get(_RELATION, '')]}") for each in sheets
            }
    except _FAULTS as error:
        raise _no_workbook(shown, error) from error


def _sheet(sheet: Any, path: Path, shown: str, xml: bytes) -> Sheet:
    rows = [[_cell_text(cell) for cell in cells] for cells in sheet.iter_rows(values_only=True)]
    filled = _fill_merged(rows, _MERGED.findall(xml))
    lines = [(number, cells) for number, cells in enumerate(rows, start=1) if any(cells)]
    formulas: dict[int, tuple[Any, ...]] = {}
    if _FORMULA.search(xml):
        with _opened(path, shown, data_only=False) as book:
            formulas = dict(_with_formulas(book[sheet.title].iter_rows(values_only=True)))
    return Sheet(sheet.title, lines, formulas, filled)


def _with_formulas(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for number, cells in enumerate(rows, start=1):
        if any(is_formula(cell) for cell in cells):
            yield number, cells


def is_formula(cell: Any) -> bool:
    """Whether the cell of a workbook opened with its formulas holds one."""
    return isinstance(cell, str) and cell.startswith("=")


def _fill_merged(rows: list[list[str]], ranges: list[tuple[bytes, ...]]) -> frozenset[int]:
    """Write the text of each merged block into all of its cells; returns the numbers of the rows that got some."""
    filled: set[int] = set()
    for name in ranges:
        left, right = (column_index_from_string(letters.decode()) for letters in name[::2])
        top, bottom = int(name[1]), min(int(name[3]), len(rows))
        if (
            top > len(rows)
            or left > len(rows[top - 1])
            or (bottom - top + 1) * (right - left + 1) > _MOST_FILLED
        ):
            continue
        text = rows[top - 1][left - 1]
        for number in range(top, bottom + 1) if text else ():
            cells = rows[number - 1]
            cells[left - 1 : right] = [text] * (min(right, len(cells)) - left + 1)
            if number > top:
                filled.add(number)
    return frozenset(filled)


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "T" if cell else "F"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE_UP_TO else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
