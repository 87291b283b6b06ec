"""Tables with coordinate columns: CSV in any of the usual encodings, and workbooks.

`rows` are the numbers a spreadsheet shows beside the lines; `records` count the lines that hold something, from 0.
Titles may stand above the headings, and the headings may take two lines.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from census import mapping
from census.options import ReadOptions
from census.reading.delimited import HEAD_LINES, Delimited, Line, read_delimited
from census.reading.places import coordinate_fields, no_coordinates, placed_by_columns
from census.reading.tables import SHEET, Encoding, Note, SourceTable, texts
from census.reading.workbooks import ENDINGS, Sheet, is_formula, read_workbook
from kernel.errors import Refused


def read_sheets(path: Path, shown: str, options: ReadOptions) -> list[SourceTable]:
    """One table per sheet that has coordinate columns. Raises `Refused` when none has, or the file cannot be read."""
    if path.suffix.lower() in ENDINGS:
        return _read_workbook(path, shown, options)
    found = read_delimited(path, shown, options)
    table = _table(found.lines, path, shown, path.stem, found.encoding, (), options)
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
    book = read_workbook(path, shown, options.layer)
    notes = (Note("hidden_sheet", ", ".join(book.hidden)),) if book.hidden else ()
    placed = [sheet for sheet in book.sheets if _heading(sheet.lines, options) is not None]
    if not placed:
        raise _no_coordinates(shown, [line for sheet in book.sheets for line in sheet.lines[:HEAD_LINES]])
    of_book = Encoding("UTF-8", 1.0, "the format's own")
    return [
        _with_cells_told(_table(sheet.lines, path, shown, sheet.title, of_book, notes if not place else (), options), sheet)
        for place, sheet in enumerate(placed)
    ]  # fmt: skip


def _with_cells_told(table: SourceTable, sheet: Sheet) -> SourceTable:
    """A program that writes formulas without their results leaves cells that look empty: name them, and merged ones."""
    notes = [
        Note("formula_without_value", ", ".join(empty), record)
        for record, number in enumerate(table.rows.tolist())
        if number in sheet.formulas and (empty := _empty_formulas(table, record, sheet.formulas[number]))
    ]
    filled = len(sheet.filled.intersection(table.rows.tolist()))
    if filled:
        notes.append(Note("merged_cells", str(filled)))
    return replace(table, notes=(*table.notes, *notes))


def _empty_formulas(table: SourceTable, record: int, cells: tuple[Any, ...]) -> list[str]:
    """Names of the columns whose cell is a formula here, but has no text."""
    return [
        name
        for (name, column), cell in zip(table.columns.items(), cells, strict=False)
        if is_formula(cell) and not column[record].as_py()
    ]


# ---------------------------------------------------------------- lines to tables


def _heading(lines: list[Line], options: ReadOptions) -> int | None:
    """The last of the first lines that names coordinate columns: of a heading over two lines the lower one."""
    for place, (_, cells) in enumerate(lines[:HEAD_LINES]):
        if coordinate_fields(cells, options.fields) is not None:
            while (
                place + 1 < len(lines) and coordinate_fields(lines[place + 1][1], options.fields) is not None
            ):
                place += 1
            return place
    return None


def _headings(lines: list[Line], at: int) -> list[str]:
    """The names of the columns; what the heading leaves blank, or says only together with the line above it
    (`权属单位` over `代码`), is completed from there."""
    number, cells = lines[at]
    if at == 0 or lines[at - 1][0] != number - 1 or len({*filter(None, lines[at - 1][1])}) < 2:
        return cells
    above = [*lines[at - 1][1], *[""] * len(cells)]
    return [_completed(name, over) for name, over in zip(cells, above, strict=False)]


def _completed(name: str, over: str) -> str:
    if not name.strip() or name == over:
        return over
    alone, both = mapping.match_name(name), mapping.match_name(over + name)
    return over + name if both is not None and (alone is None or alone.loose) else name


def _no_coordinates(shown: str, lines: list[Line]) -> Refused:
    return no_coordinates(shown, [cells for _, cells in lines[:HEAD_LINES]])


def _table(
    lines: list[Line],
    path: Path,
    shown: str,
    layer: str,
    encoding: Encoding,
    notes: tuple[Note, ...],
    options: ReadOptions,
) -> SourceTable:
    at = _heading(lines, options)
    if at is None:
        raise _no_coordinates(shown, lines)
    names = _unique(_headings(lines, at))
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
        file=path.name,
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
    return placed_by_columns(table, options.fields)


def _unique(cells: list[str]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(cells):
        name = cell.strip().lstrip("\ufeff") or f"column {place + 1}"
        while name in names:
            name += "_"
        names.append(name)
    return names
