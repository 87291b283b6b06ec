"""What kinds of finding there are, in the surveyor's words: short titles by code, grouped by what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from desktop.words import Text, Wording, Words

Index = QModelIndex | QPersistentModelIndex
KIND_ROLE = Qt.ItemDataRole.UserRole + 1
SEVERITY_MARKS: Final = {
    "error": ("circle", "alarm"), "warning": ("hollow-triangle", "warning"), "information": ("dot", "stale"),
}  # fmt: skip

GROUPS: Final[dict[Text, dict[str, Text]]] = {
    Text("Files"): {
        "misdeclared_encoding": Text("Text encoding misdeclared"),
        "missing_crs_file": Text("No reference system declared"),
        "missing_part": Text("Part of the shapefile missing"),
        "swapped_axes": Text("Axes swapped in the whole file"),
        "wrong_crs_file": Text("Declared system does not fit"),
        "wrong_datum": Text("Shifted datum (GCJ-02, BD-09)"),
        "zip_name_encoding": Text("File names in another encoding"),
        "unreadable_file": Text("File cannot be read"),
        "empty_file": Text("File without rows"),
        "unknown_field": Text("Field not known"),
    },
    Text("Identity"): {
        "duplicate_code": Text("Component code twice"),
        "bad_code_form": Text("Code malformed"),
        "unknown_class": Text("Class does not exist"),
        "class_name_mismatch": Text("Code and name disagree"),
        "county_mismatch": Text("County code disagrees"),
        "missing_code": Text("No component code"),
        "empty_slot": Text("Class without a checked name"),
    },
    Text("Cell"): {
        "point_outside_cell": Text("Not in the stated cell"),
        "unknown_cell": Text("Stated cell does not exist"),
        "bad_cell_form": Text("Cell code malformed"),
        "no_cells": Text("The store has no cells yet"),
        "outside_every_cell": Text("Outside every cell"),
    },
    Text("Place"): {
        "out_of_area": Text("Outside the survey area"),
        "swapped_xy": Text("X and Y swapped"),
        "zero_coordinate": Text("Coordinate is zero"),
        "null_geometry": Text("No geometry"),
        "invalid_geometry": Text("Geometry invalid"),
        "sliver_polygon": Text("Sliver"),
        "duplicated_geometry": Text("Exactly the same place"),
        "near_duplicate": Text("Probably twice (close by)"),
        "wrong_geometry_type": Text("Wrong kind of geometry"),
        "unreadable_geometry": Text("Geometry cannot be read"),
    },
    Text("Attributes"): {
        "missing_owner": Text("Owner empty"),
        "missing_field": Text("Mandatory field empty"),
        "bad_department_code": Text("Department code fails its check"),
        "unknown_department": Text("Department not in the list"),
        "no_department_list": Text("No list of departments to check against"),
        "wrong_state": Text("State outside the list"),
        "mapped_value": Text("Value mapped automatically"),
        "bad_accuracy": Text("Accuracy outside the list"),
        "mojibake_text": Text("Garbled text"),
    },
    Text("Dates"): {
        "bad_date": Text("Date not readable"),
        "future_date": Text("Date after the survey"),
        "change_before_initial": Text("Changed before it began"),
        "change_date_missing": Text("No date of change"),
    },
}  # fmt: skip
OTHERS: Final = Text("Others")
TITLES: Final = {code: title for kinds in GROUPS.values() for code, title in kinds.items()}


@dataclass(frozen=True)
class Line:
    """One line of the list: a group's head (no code) or a kind with its count."""

    title: Wording
    count: int
    code: str = ""
    severity: str = ""


class FindingKinds(QAbstractListModel):
    """Heads and kinds in the order of `GROUPS`; kinds not named there stand under "Others" by their code."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.lines: list[Line] = []
        words.changed.connect(lambda: self.dataChanged.emit(self.index(0), self.index(max(len(self.lines) - 1, 0))))

    def show_findings(self, findings: pd.DataFrame) -> None:
        """Count the findings by kind."""
        self.beginResetModel()
        self.lines = lines_of(findings)
        self.endResetModel()

    def row_of(self, code: str) -> int:
        """The row of a kind, -1 when it is not listed."""
        return next((row for row, line in enumerate(self.lines) if line.code == code), -1)

    def first_kind(self) -> int:
        """The row of the first kind with errors, else of the first kind, -1 when there is none."""
        kinds = [row for row, line in enumerate(self.lines) if line.code]
        errors = [row for row in kinds if self.lines[row].severity == "error"]
        return (errors or kinds or [-1])[0]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        line = self.lines[index.row()]
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if line.code else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == KIND_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(line.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._words(line.title)}, {line.count}"
        return None


def lines_of(findings: pd.DataFrame) -> list[Line]:
    """Heads and kinds with their counts."""
    if not len(findings):
        return []
    counted = findings.groupby(["code", "severity"], observed=True).size()
    counts = {(str(code), str(severity)): int(n) for (code, severity), n in counts.items()}
    lines: list[Line] = []
    groups = [*GROUPS.items(), (OTHERS, {code: code for code, _ in counts if code not in TITLES})]
    for head, kinds in groups:
        mine = [
            Line(title, counts[code, severity], code, severity)
            for code, title in kinds.items()
            for severity in SEVERITY_MARKS
            if (code, severity) in counts
        ]
        if mine:
            lines += [Line(head, sum(line.count for line in mine)), *mine]
    return lines


def title_of(code: str) -> Wording:
    """The short title of a kind of finding."""
    return TITLES.get(code, code)
