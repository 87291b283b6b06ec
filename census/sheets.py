"""Tables with coordinate columns: CSV in any of the usual encodings, and workbooks.

`rows` are the numbers a spreadsheet shows beside the lines; `records` count the lines that hold something, from 0. Of a
formula the stored result is read; hidden sheets are left out and said so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from census.delimited import HEAD_LINES, Delimited, Line, read_delimited
from census.options import ReadOptions
from census.places import coordinate_fields, placed_by_columns
from census.tables import SHEET, Encoding, Note, SourceTable, texts
from kernel.errors import Refused

_WORKBOOKS: Final = (".xlsx", ".xlsm")
_FORMULA: Final = re.compile(rb"<f[ >/]")
_WHOLE_UP_TO: Final = 2**53  # whole numbers beyond have lost their last digits


def read_sheets(path: Path, shown: str, options: ReadOptions) -> list[SourceTable]:
    """One table per sheet that has coordinate columns. Raises `Refused` when none has, or the file cannot be read."""
    if path.suffix.lower() in _WORKBOOKS:
        return _read_workbook(path, shown, options)
    found = read_delimited(path, shown, options)
    table = _table(found.lines, path.name, shown, path.stem, found.encoding, ())
    return [replace(table, notes=(*table.notes, *_line_notes(found, table)))]


def _line_notes(found: Delimited, table: SourceTable) -> list[Note]:
    record = dict(zip(table.rows.tolist(), table.records.tolist(), strict=True))
    mixed = [
        Note("mixed_encoding", f"{found.encoding.name} → {name}", record.get(number, -1))
        for number, name in found.otherwise.items()
    ]
    swallowing = [
        Note("swallowed_lines", str(lines), record.get(number, -1))
        for number, lines in found.swallowing.items()
    ]
    return mixed + swallowing


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
        return [_with_formulas_told(table, path) for table in _placed_sheets(book, path, shown, options)]
    finally:
        book.close()


def _with_formulas_told(table: SourceTable, path: Path) -> SourceTable:
    """A program that writes formulas without their results leaves cells that look empty: name them."""
    if not _has_formulas(path):
        return table
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        formulas = {
            number: cells
            for number, cells in enumerate(book[table.layer].iter_rows(values_only=True), start=1)
            if any(_is_formula(cell) for cell in cells)
        }
    finally:
        book.close()
    notes = [
        Note("formula_without_value", ", ".join(empty), record)
        for record, number in enumerate(table.rows.tolist())
        if number in formulas and (empty := _empty_formulas(table, record, formulas[number]))
    ]
    return replace(table, notes=(*table.notes, *notes))


def _has_formulas(path: Path) -> bool:
    with ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(parts.read(name)) for name in sheets if name.endswith(".xml"))


def _is_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _empty_formulas(table: SourceTable, record: int, cells: tuple[Any, ...]) -> list[str]:
    """Names of the columns whose cell is a formula here, but has no text."""
    return [
        name
        for (name, column), cell in zip(table.columns.items(), cells, strict=False)
        if _is_formula(cell) and not column[record].as_py()
    ]


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
    for place, (_, cells) in enumerate(lines[:HEAD_LINES]):
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
