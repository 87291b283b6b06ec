"""The difference of a session as a workbook: a sheet of counts, a sheet for each part."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Final

import openpyxl
import pandas as pd
from openpyxl.workbook import Workbook

from census.review.difference import Difference
from exports.finished import finished
from exports.sheets import append_rows, head_cells
from kernel.errors import Refused
from resources.texts import words

MOST_ROWS: Final = 1_000_000  # a sheet holds 1,048,576
PARTS: Final = {
    "new": "New components",
    "changes": "Changed fields",
    "moved": "Moved components",
    "missing": "Missing from the delivery",
    "recoded": "Probably the same object under another code",
}
HEADINGS: Final = {
    "code": "Code", "class_code": "Class", "name": "Name", "cell_code": "Unit grid cell", "x": "X (m)", "y": "Y (m)",
    "field": "Field", "before": "Before", "after": "After", "distance_m": "Moved by (m)", "x_before": "X before (m)",
    "y_before": "Y before (m)", "code_before": "Code in the store",
}  # fmt: skip

FIELDS: Final = {
    "class_code": "Class", "name": "Name", "authority_code": "Authority code", "authority_name": "Authority",
    "owner_code": "Owner code", "owner_name": "Owner", "maintainer_code": "Maintainer code", "maintainer_name": "Maintainer",
    "cell_code": "Unit grid cell", "state": "State", "initial_date": "First surveyed", "change_date": "Changed on",
    "source": "Source", "accuracy": "Accuracy", "location": "Location", "note": "Note", "extra": "Further fields",
    "position": "Position", "geometry": "Geometry", "code": "Code",
}  # fmt: skip


def write_difference(difference: Difference, target: Path, lang: str) -> None:
    """Write the workbook `target` in the language `lang`. Raises `Refused` for another ending than .xlsx."""
    if target.suffix.lower() != ".xlsx":
        raise Refused("{file}: the difference is written as a workbook.", remedy="Let the name end in .xlsx.",
                      file=target)  # fmt: skip
    book = openpyxl.Workbook(write_only=True)
    _write_counts(book, difference, lang)
    for part, title in PARTS.items():
        _write_rows(book, getattr(difference, part), words(lang, title), lang)
    with finished(target) as waiting:
        book.save(waiting)


def _write_counts(book: Workbook, difference: Difference, lang: str) -> None:
    sheet = book.create_sheet(words(lang, "Difference"))
    sheet.column_dimensions["A"].width = 48
    named = {"new": PARTS["new"], "changed": "Changed components", "unchanged": "Unchanged components",
             "missing": PARTS["missing"], "moved": PARTS["moved"], "recoded": PARTS["recoded"]}  # fmt: skip
    for name, title in named.items():
        sheet.append([words(lang, title), difference.counts[name]])
    sheet.append([])
    sheet.append(head_cells(sheet, [words(lang, "Field"), words(lang, "Changed")]))
    for field, rows in zip(difference.fields["field"], difference.fields["rows"], strict=True):
        sheet.append([words(lang, FIELDS.get(field, field)), int(rows)])


def _write_rows(book: Workbook, frame: pd.DataFrame, title: str, lang: str) -> None:
    shown = frame.head(MOST_ROWS)
    if "field" in shown.columns:
        shown = shown.assign(field=[words(lang, FIELDS.get(name, name)) for name in shown["field"]])
    rows = zip(*(shown[name].tolist() for name in shown.columns), strict=True)
    more = len(frame) - MOST_ROWS
    untold = [[words(lang, "{number} more rows do not fit on this sheet.", number=more)]] if more > 0 else []
    headings = [words(lang, HEADINGS[name]) for name in frame.columns]
    append_rows(book, title, headings, chain(rows, untold), [22] * len(headings))
