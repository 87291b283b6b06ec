"""A census report as a workbook: a sheet for each section, then every finding and every refused row."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from census.rules.findings import worded
from exports.census_report import sheets
from exports.census_report.book import mark
from exports.census_report.content import CensusReport
from exports.census_report.sheets import Sheet
from exports.finished import finished
from kernel.errors import Defect
from kernel.progress import Part, Progress

MOST_ROWS: Final = 1_000_000  # a sheet holds 1,048,576
_CHUNK_ROWS: Final = 20_000
_HEAD: Final = PatternFill("solid", fgColor="E8EDF2")
_ROW: Final = b"<row "


@dataclass(frozen=True)
class _Long:
    """A sheet of very many rows, made a chunk at a time."""

    head: Sheet
    frame: pd.DataFrame
    rows: Any  # chunk of the frame in, rows out


def write_workbook(report: CensusReport, target: Path, progress: Progress) -> int:
    """Write the workbook and read it back; the number of its sheets. Cancel is heard between chunks of rows.

    A list that is longer than a sheet ends with a line that says how many rows are missing.
    """
    short = sheets.all_of(report)
    long = _long_sheets(report)
    counts = [len(sheet.rows) + 1 for sheet in short] + [_rows_of(one) + 1 for one in long]
    with finished(target, lambda path: _verify(path, counts)) as path:
        book = openpyxl.Workbook(write_only=True)
        book.properties.keywords = mark(report)
        book.properties.creator = "WanGrid"
        for sheet in short:
            _write(book, sheet)
        for place, one in enumerate(long):
            _write_long(book, report, one, Part(progress, 0.1 + 0.4 * place, 0.5 + 0.4 * place))
        book.save(path)
        progress.report(0.95, "Reading the workbook back")
    return len(counts)


def keywords(file: Path) -> bytes:
    """The keywords of a workbook's properties, b"" where the file is no workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError):
        return b""


def _long_sheets(report: CensusReport) -> list[_Long]:
    return [
        _Long(sheets.findings_head(report), report.findings, lambda part: _finding_rows(report, part)),
        _Long(sheets.refused_head(report), report.refused, _refused_rows),
    ]


def _rows_of(one: _Long) -> int:
    return min(len(one.frame), MOST_ROWS) + (len(one.frame) > MOST_ROWS)


def _write(book: Workbook, sheet: Sheet) -> None:
    made = _begin(book, sheet, len(sheet.rows))
    for number, row in enumerate(sheet.rows):
        if sheet.row_pt:
            made.row_dimensions[number + 2].height = sheet.row_pt
        bold = number in sheet.strong
        made.append([_cell(made, value, form, bold) for value, form in zip(row, sheet.formats, strict=True)])


def _write_long(book: Workbook, report: CensusReport, one: _Long, progress: Progress) -> None:
    shown = one.frame.iloc[:MOST_ROWS]
    made = _begin(book, one.head, len(shown))
    for start in range(0, len(shown), _CHUNK_ROWS):
        progress.report(start / len(shown), "Writing {rows} rows", rows=f"{len(shown):,}")
        for row in one.rows(shown.iloc[start : start + _CHUNK_ROWS]):
            made.append([_plain(made, value) for value in row])
    if len(one.frame) > MOST_ROWS:
        made.append(
            [report.words("{number} more rows do not fit on this sheet.", number=len(one.frame) - MOST_ROWS)]
        )


def _begin(book: Workbook, sheet: Sheet, rows: int) -> Any:
    """The sheet with its widths, its frozen and filtered head."""
    made = book.create_sheet(sheet.title)
    for number, width in enumerate(sheet.widths, start=1):
        made.column_dimensions[get_column_letter(number)].width = width
    made.freeze_panes = "A2"
    if sheet.filtered and rows:
        made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.heads))}{rows + 1}"
    cells = []
    for words in sheet.heads:
        cell = WriteOnlyCell(made, value=words)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        cells.append(cell)
    made.append(cells)
    return made


def _cell(sheet: Any, value: Any, form: str, bold: bool) -> Any:
    cell = _plain(sheet, value, always=True)
    cell.number_format = form
    if bold:
        cell.font = Font(bold=True)
    return cell


def _plain(sheet: Any, value: Any, *, always: bool = False) -> Any:
    """The value, or a cell for it: numbers that are none stay empty, texts that begin like a formula stay texts."""
    if isinstance(value, float) and value != value:
        value = None
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        always = always or value.startswith("=")
    if not always:
        return value
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _finding_rows(report: CensusReport, part: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    said = worded(part, report.lang)
    rows = [number if number >= 0 else None for number in part["row"].tolist()]
    grades = {grade: report.severity(grade) for grade in set(part["severity"])}
    columns: list[Iterable[Any]] = [
        [grades[grade] for grade in part["severity"]], part["code"], part["file"], part["layer"], rows, part["field"],
        part["value"], said["message"], said["remedy"], part["x"].round(3), part["y"].round(3),
    ]  # fmt: skip
    return zip(*(list(column) for column in columns), strict=True)


def _refused_rows(part: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    columns = [part[name].tolist() for name in ("file", "layer", "row", "finding_codes", "raw")]
    return zip(*columns, strict=True)


def _verify(path: Path, counts: Sequence[int]) -> None:
    """Every part of the file reads back whole, and every sheet has the rows that were written."""
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise Defect("{file} does not read back.", file=path.name)
        found = [_count_rows(archive, f"xl/worksheets/sheet{k}.xml") for k in range(1, len(counts) + 1)]
    if found != list(counts):
        raise Defect(
            "{file}: {rows} rows were written, {found} read back.",
            file=path.name,
            rows=sum(counts),
            found=sum(found),
        )
    openpyxl.load_workbook(path, read_only=True).close()


def _count_rows(archive: zipfile.ZipFile, name: str) -> int:
    count, tail = 0, b""
    with archive.open(name) as part:
        while block := part.read(1 << 20):
            block = tail + block
            count += block.count(_ROW)
            tail = block[-len(_ROW) + 1 :]
    return count
