"""Tables with coordinate columns: CSV in any of the usual encodings, and workbooks.

`rows` are the numbers a spreadsheet shows beside the lines; `records` count the lines that hold something, from 0. Of a
formula the stored result is read; hidden sheets are left out and said so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from census import encodings
from census.options import ReadOptions
from census.places import coordinate_fields, placed_by_columns
from census.tables import SHEET, Encoding, Note, SourceTable, texts
from kernel.errors import Refused

Line = tuple[int, list[str]]  # the line's number in the sheet, its texts
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_HEAD_LINES: Final = 20  # a title or two may stand above the headings
_LONGEST_CELL: Final = 10_000_000
_WHOLE_UP_TO: Final = 2**53  # whole numbers beyond have lost their last digits


def read_sheets(path: Path, shown: str, options: ReadOptions) -> list[SourceTable]:
    """One table per sheet that has coordinate columns. Raises `Refused` when none has, or the file cannot be read."""
    if path.suffix.lower() in _WORKBOOKS:
        return _read_workbook(path, shown, options)
    text, encoding = _csv_text(path, shown, options)
    csv.field_size_limit(_LONGEST_CELL)
    dialect = _dialect(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect)
    try:
        lines = [
            (number, cells) for number, cells in enumerate(reader, start=1) if any(map(str.strip, cells))
        ]
    except csv.Error as error:
        raise Refused(
            "{file}, row {row}: the line cannot be read as a table.",
            remedy="Save it again from the spreadsheet as CSV UTF-8.",
            file=shown,
            row=reader.line_num,
            detail=str(error),
        ) from error
    return [_table(lines, path.name, shown, path.stem, encoding, ())]


def _csv_text(path: Path, shown: str, options: ReadOptions) -> tuple[str, Encoding]:
    raw = path.read_bytes()
    if not raw.strip():
        raise Refused("{file} is empty.", remedy="Ask for the file again.", file=shown)
    if b"\x00" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(
            "{file} is not a table of text, though its name says so.",
            remedy="Ask for the file again, or save it from the spreadsheet as CSV UTF-8.",
            file=shown,
        )
    if options.encoding:
        encoding = Encoding(encodings.known_encoding(options.encoding, shown), 1.0, "given by the user")
    elif raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = Encoding("UTF-16", 1.0, "byte-order mark")
    elif raw.startswith(b"\xef\xbb\xbf"):
        return raw.decode("utf-8-sig", errors="replace"), Encoding("UTF-8", 1.0, "byte-order mark")
    else:
        encoding = encodings.detect(raw.splitlines(), "", options.known_words)
    return raw.decode(encoding.name, errors="replace"), encoding


def _dialect(text: str) -> str:
    head = text[:20_000].splitlines()[:_HEAD_LINES]
    counts = {mark: sum(line.count(mark) for line in head) for mark in ",\t;|"}
    return max(counts, key=lambda mark: counts[mark])


# ---------------------------------------------------------------- workbooks


def _read_workbook(path: Path, shown: str, options: ReadOptions) -> list[SourceTable]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise Refused(
            "{file} cannot be read as a workbook.",
            remedy="Open it in the spreadsheet program and save it as .xlsx.",
            file=shown,
            detail=str(error),
        ) from error
    try:
        return _placed_sheets(book, path, shown, options)
    finally:
        book.close()


def _placed_sheets(book: Any, path: Path, shown: str, options: ReadOptions) -> list[SourceTable]:
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    notes = (Note("hidden_sheet", ", ".join(hidden)),) if hidden else ()
    tables: list[SourceTable] = []
    for sheet in book.worksheets:
        if sheet.title in hidden or (options.layer and sheet.title != options.layer):
            continue
        lines = list(_lines(sheet.iter_rows(values_only=True)))
        if _heading(lines) is None:
            continue
        of_book = Encoding("UTF-8", 1.0, "the format's own")
        tables.append(_table(lines, path.name, shown, sheet.title, of_book, notes if not tables else ()))
    if not tables:
        raise _no_coordinates(shown)
    return tables


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[Line]:
    for number, cells in enumerate(rows, start=1):
        line = [_cell_text(cell) for cell in cells]
        if any(line):
            yield number, line


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


# ---------------------------------------------------------------- lines to tables


def _heading(lines: list[Line]) -> int | None:
    """Which of the first lines names coordinate columns."""
    for place, (_, cells) in enumerate(lines[:_HEAD_LINES]):
        if coordinate_fields(cells) is not None:
            return place
    return None


def _no_coordinates(shown: str) -> Refused:
    return Refused(
        "{file} has no columns with coordinates.",
        remedy="Name two columns 经度 and 纬度, lon and lat, or x and y.",
        file=shown,
    )


def _table(
    lines: list[Line], file: str, shown: str, layer: str, encoding: Encoding, notes: tuple[Note, ...]
) -> SourceTable:
    at = _heading(lines)
    if at is None:
        raise _no_coordinates(shown)
    names = _unique(lines[at][1])
    body = lines[at + 1 :]
    long = [
        Note("bad_line", str(len(cells)), record)
        for record, (_, cells) in enumerate(body)
        if any(cells[len(names) :])
    ]
    columns = {
        name: texts([cells[place].strip() if place < len(cells) else "" for _, cells in body])
        for place, name in enumerate(names)
    }
    rows = len(body)
    table = SourceTable(
        file=file,
        path=shown,
        layer=layer,
        family=SHEET,
        columns=columns,
        records=np.arange(rows),
        rows=np.array([number for number, _ in body], dtype=np.int64),
        x=np.full(rows, np.nan),
        y=np.full(rows, np.nan),
        unreadable=np.zeros(rows, dtype=bool),
        encoding=encoding,
        notes=(*notes, *long),
    )
    return placed_by_columns(table)


def _unique(cells: list[str]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(cells):
        name = cell.strip().lstrip("\ufeff") or f"column {place + 1}"
        while name in names:
            name += "_"
        names.append(name)
    return names
