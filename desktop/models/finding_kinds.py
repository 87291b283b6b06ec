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
KEPT: Final = "kept"  # of a rule that nothing breaks

GROUPS: Final[dict[Text, dict[str, Text]]] = {
    Text("Files"): {
        "unreadable_file": Text("File cannot be read"),
        "missing_part": Text("Part of the shapefile missing"),
        "truncated_file": Text("File cut off"),
        "misdeclared_encoding": Text("Text encoding misdeclared"),
        "zip_name_encoding": Text("Names in the archive without encoding"),
        "missing_crs_file": Text("No reference system declared"),
        "wrong_crs_file": Text("Declared system does not fit"),
        "swapped_axes": Text("Axes swapped in the whole layer"),
        "wrong_datum": Text("Shifted datum (GCJ-02, BD-09)"),
        "shifted_datum": Text("Datum was converted"),
        "old_datum": Text("Older datum"),
        "outside_city": Text("Layer lies outside the city"),
        "hidden_sheet": Text("Hidden sheets left out"),
        "bad_line": Text("Line with too many cells"),
        "missing_fields": Text("Fields the file does not have"),
        "mostly_empty": Text("Field mostly empty"),
        "geometry_type": Text("Wrong kind of geometry"),
        "drawn_otherwise": Text("Drawn otherwise than listed"),
        "edition_differs": Text("Codes of another edition"),
        "date_form": Text("Dates in another form"),
        "department_form": Text("Department codes of another form"),
        "no_departments": Text("No list of departments to check"),
        "no_cells": Text("The store has no cells yet"),
        "class_by_file": Text("Class taken from the file's name"),
        "class_given": Text("Class given by the person"),
        "converted_to_point": Text("Shapes became points"),
        "slot_without_name": Text("Class without a checked name"),
    },
    Text("Identity"): {
        "duplicate_code": Text("Component code twice"),
        "bad_code_form": Text("Code malformed"),
        "unknown_class": Text("Class does not exist"),
        "class_name_mismatch": Text("Code and name disagree"),
        "county_mismatch": Text("County code disagrees"),
    },
    Text("Cell"): {
        "point_outside_cell": Text("Not in the stated cell"),
        "unknown_cell": Text("Stated cell does not exist"),
        "bad_cell_form": Text("Cell code malformed"),
        "outside_community": Text("Not in the stated area"),
    },
    Text("Place"): {
        "out_of_area": Text("Outside the survey area"),
        "swapped_xy": Text("X and Y swapped"),
        "zero_coordinate": Text("Coordinate is zero"),
        "bad_coordinate": Text("No place on earth"),
        "null_geometry": Text("No geometry"),
        "unreadable_geometry": Text("Geometry cannot be read"),
        "invalid_geometry": Text("Geometry invalid"),
        "sliver_polygon": Text("Sliver"),
        "duplicated_geometry": Text("Exactly the same place"),
        "near_duplicate": Text("Probably twice (close by)"),
        "on_water": Text("In water"),
        "in_building": Text("Inside a building"),
    },
    Text("Attributes"): {
        "missing_attributes": Text("No attributes"),
        "missing_owner": Text("Department empty"),
        "bad_department_code": Text("Department code fails its check"),
        "unknown_department": Text("Department not in the list"),
        "wrong_state": Text("State outside the list"),
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
GRID_GROUPS: Final[dict[Text, dict[str, Text]]] = {
    Text("Grid rules"): {
        "G1": Text("G1  valid geometry"), "G2": Text("G2  no overlap"), "G3": Text("G3  no gap"),
        "G4": Text("G4  form of the code"), "G5": Text("G5  code given once"), "G6": Text("G6  order of the codes"),
        "G7": Text("G7  nested in its areas"), "G8": Text("G8  size of the cells"),
        "G9": Text("G9  objects kept whole"), "G10": Text("G10  one compact part"),
        "G11": Text("G11  reference system"), "G13": Text("G13  components in their cell"),
    },
}  # fmt: skip
TITLES: Final = {
    code: title
    for groups in (GROUPS, GRID_GROUPS)
    for kinds in groups.values()
    for code, title in kinds.items()
}


@dataclass(frozen=True)
class Line:
    """One line of the list: a group's head (no code) or a kind with its count."""

    title: Wording
    count: int
    code: str = ""
    severity: str = ""


class FindingKinds(QAbstractListModel):
    """Heads and kinds in the order of `GROUPS`; kinds not named there stand under "Others" by their code."""

    def __init__(
        self, words: Words, groups: dict[Text, dict[str, Text]] = GROUPS, *, kept: bool = False
    ) -> None:
        super().__init__()
        self._words, self._groups, self._kept = words, groups, kept
        self.lines: list[Line] = []
        words.changed.connect(
            lambda: self.dataChanged.emit(self.index(0), self.index(max(len(self.lines) - 1, 0)))
        )

    def show_findings(self, findings: pd.DataFrame) -> None:
        """Count the findings by kind."""
        self.beginResetModel()
        self.lines = lines_of(findings, self._groups, kept=self._kept)
        self.endResetModel()

    def row_of(self, code: str) -> int:
        """The row of a kind, -1 when it is not listed."""
        return next((row for row, line in enumerate(self.lines) if line.code == code), -1)

    def first_kind(self) -> int:
        """The row of the first kind with errors, else of the first kind, -1 when there is none."""
        kinds = [row for row, line in enumerate(self.lines) if line.count and line.code]
        errors = [row for row in kinds if self.lines[row].severity == "error"]
        return (errors or kinds or [-1])[0]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        line = self.lines[index.row()]
        return (
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if line.code else Qt.ItemFlag.NoItemFlags
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == KIND_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(line.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._words(line.title)}, {line.count}"
        return None


def lines_of(
    findings: pd.DataFrame, groups: dict[Text, dict[str, Text]] = GROUPS, *, kept: bool = False
) -> list[Line]:
    """Heads and kinds with their counts; `kept` lists the rules that nothing breaks too."""
    counts: dict[tuple[str, str], int] = {}
    if len(findings):
        sizes = findings.groupby(["code", "severity"], observed=True).size()
        counts = {(str(code), str(severity)): int(n) for (code, severity), n in sizes.items()}
    lines: list[Line] = []
    known = {code for kinds in groups.values() for code in kinds}
    for head, kinds in [*groups.items(), (OTHERS, {code: code for code, _ in counts if code not in known})]:
        mine = [line for code, title in kinds.items() for line in _lines_of_kind(code, title, counts, kept)]
        if mine:
            lines += [Line(head, sum(line.count for line in mine)), *mine]
    return lines


def _lines_of_kind(code: str, title: Wording, counts: dict[tuple[str, str], int], kept: bool) -> list[Line]:
    found = [
        Line(title, counts[code, severity], code, severity)
        for severity in SEVERITY_MARKS
        if (code, severity) in counts
    ]
    return found or ([Line(title, 0, code, KEPT)] if kept else [])


def title_of(code: str) -> Wording:
    """The short title of a kind of finding."""
    return TITLES.get(code, code)


def said(finding: pd.Series) -> Text:
    """What a finding says: its message is a template whose places are the finding's own columns."""
    places = {name: finding[name] for name in ("file", "layer", "row", "record", "field", "value")}
    return Text(str(finding["message"]), **places)
