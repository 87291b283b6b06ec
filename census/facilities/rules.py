"""What is wrong in a list of facilities or of log entries, row by row; an error refuses the row, a warning does not.

`record` is the row's place in the frame; whoever read the file puts the file and its own row numbers in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from gis.frames import FINDING_COLUMNS, empty_findings
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying
from resources.facilities import fields, kinds
from resources.list_fields import Field

NEAR_M: Final = 20.0  # a facility farther than this from the component that it is said to be is doubtful

UNKNOWN_KIND: Final = Saying(
    "F1", ERROR, "There is no kind of facility {value}.", "Use one of the kinds of `facility kinds`."
)
REPEATED: Final = Saying("F2", ERROR, "The number {value} stands in an earlier row already.",
                         "Give every facility a number of its own, or leave it empty.")  # fmt: skip
NO_PLACE: Final = Saying("F3", ERROR, "The facility has no place.",
                         "Give coordinates, or the code of the component that it is.")  # fmt: skip
OUTSIDE: Final = Saying("F4", WARNING, "The facility lies in no cell of the grid.",
                        "Check its coordinates; it counts for no street and community.")  # fmt: skip
UNKNOWN_STATE: Final = Saying(
    "F5", ERROR, "There is no running state {value}.", "Use 运行, 检修, 停用 or 拆除."
)
NO_NUMBER: Final = Saying("F6", ERROR, "{field}: {value} is not a number of zero or more.",
                          "Write the number alone, without a unit.")  # fmt: skip
NO_COMPONENT: Final = Saying("F7", ERROR, "The store has no component {value}.",
                             "Correct the component code, or leave it empty and give the place.")  # fmt: skip
OTHER_CLASS: Final = Saying("F8", ERROR, "The component is of another class than the kind of the facility: {value}.",
                            "Choose the kind that fits, or correct the component code.")  # fmt: skip
NO_DATE: Final = Saying("F9", ERROR, "{field}: {value} is not a date.", "Write it like 2026-11-21.")
APART: Final = Saying("F10", WARNING, "The facility lies {value} m from the component that it is.",
                      "Check the coordinates and the component code.")  # fmt: skip
TAKEN: Final = Saying("F11", ERROR, "Another facility is that component already: {value}.",
                      "Register each component once.")  # fmt: skip
UNKNOWN_DEPARTMENT: Final = Saying("F12", WARNING, "The city has no department {value}.",
                                   "Use a name or code of the city's list of departments.")  # fmt: skip
NO_NAME: Final = Saying("F13", ERROR, "The facility has neither a name nor a location.",
                        "Say what it is called or where it stands, so that it can be found.")  # fmt: skip
NO_FACILITY: Final = Saying(
    "F14",
    ERROR,
    "The register has no facility {value}.",
    "Correct the number, or register the facility first.",
)
UNKNOWN_WORK: Final = Saying(
    "F15", ERROR, "There is no kind of work {value}.", "Use 维护, 保洁, 维修, 巡检 or 状态变更."
)
IN_FUTURE: Final = Saying(
    "F16", ERROR, "The work is dated {value}, which is in the future.", "Enter work after it was done."
)
BEFORE_WORK: Final = Saying(
    "F17", ERROR, "The next date {value} is not after the work.", "Give a later date, or none."
)
EMPTY_ENTRY: Final = Saying("F18", ERROR, "The entry says neither what was done nor a new state.",
                            "Fill in what was done.")  # fmt: skip

READING: Final = ("F1", "F5", "F6", "F9", "F15")  # a field that cannot be read; others may follow from it

Found = tuple[Any, ...]  # saying, record, field, value


def check_register(
    facilities: pd.DataFrame, components: pd.DataFrame, class_names: dict[str, str], departments: Collection[str],
    known: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Findings F1 … F13 on `facilities`, placed (`frames.placed`).

    `components`: code, class_code, x, y of those that the facilities name. `class_names`: class code → kinds' class
    name. `departments`: names and codes of the city's, empty where it keeps no list. `known`: the register as it is.
    """
    found = [*_plain(facilities), *_departments(facilities, departments)]
    found += _links(facilities, components, class_names)
    found += _taken(facilities, known)
    return as_findings(found)


def check_log(entries: pd.DataFrame, known: Collection[str], today: str) -> pd.DataFrame:
    """Findings F14 … F18 on log entries of the facilities `known` (numbers)."""
    found: list[Found] = []
    for place, entry in enumerate(entries.to_dict("records")):
        if entry["facility_code"] not in known:
            found.append((NO_FACILITY, place, "facility_code", entry["facility_code"]))
        if entry["day"] > today:
            found.append((IN_FUTURE, place, "day", entry["day"]))
        if entry["next_due"] and entry["next_due"] <= entry["day"]:
            found.append((BEFORE_WORK, place, "next_due", entry["next_due"]))
        if not entry["what"] and not entry["new_state"]:
            found.append((EMPTY_ENTRY, place, "what", ""))
    return as_findings(found)


def refused_rows(findings: pd.DataFrame, rows: int) -> np.ndarray:
    """Which of `rows` rows have an error."""
    out = np.zeros(rows, bool)
    errors = findings[(findings["severity"] == ERROR) & (findings["record"] >= 0)]
    out[errors["record"].to_numpy(int)] = True
    return out


def as_findings(found: Sequence[Found]) -> pd.DataFrame:
    """Findings frame of `(saying, record, field, value)`; fields are called as a list's headings call them."""
    if not found:
        return empty_findings()
    rows = [
        dict.fromkeys(FINDING_COLUMNS, "")
        | {"code": said.code, "severity": said.severity, "message": said.message, "remedy": said.remedy,
           "record": record, "row": record + 1, "field": _heading(field), "value": str(value), "x": np.nan, "y": np.nan}
        for said, record, field, value in found
    ]  # fmt: skip
    return pd.DataFrame(rows)[list(FINDING_COLUMNS)]


def _heading(field: str) -> str:
    known: Field | None = fields().get(field)
    return known.zh if known else field


def _plain(facilities: pd.DataFrame) -> list[Found]:
    found: list[Found] = []
    repeated = (facilities["code"] != "") & facilities["code"].duplicated()
    for place, row in enumerate(facilities.to_dict("records")):
        if repeated.iloc[place]:
            found.append((REPEATED, place, "code", row["code"]))
        if not row["kind"]:
            found.append((UNKNOWN_KIND, place, "kind", ""))
        if not row["name"] and not row["location"]:
            found.append((NO_NAME, place, "name", ""))
        if np.isnan(row["x"]) or np.isnan(row["y"]):
            found.append((NO_PLACE, place, "x", ""))
        elif not row["cell_code"]:
            found.append((OUTSIDE, place, "x", f"{row['x']:.1f}, {row['y']:.1f}"))
    return found


def _departments(facilities: pd.DataFrame, departments: Collection[str]) -> list[Found]:
    if not departments:
        return []
    names = facilities["department"].tolist()
    return [
        (UNKNOWN_DEPARTMENT, place, "department", name)
        for place, name in enumerate(names)
        if name and name not in departments
    ]


def _links(facilities: pd.DataFrame, components: pd.DataFrame, class_names: dict[str, str]) -> list[Found]:
    """What contradicts between a facility and the component that it names."""
    by_code = {row["code"]: row for row in components.to_dict("records")}
    found: list[Found] = []
    for place, row in enumerate(facilities.to_dict("records")):
        code = row["component_code"]
        if not code:
            continue
        if code not in by_code:
            found.append((NO_COMPONENT, place, "component_code", code))
            continue
        component, kind = by_code[code], kinds().get(row["kind"])
        name = class_names.get(str(component["class_code"]), str(component["class_code"]))
        if kind is not None and name != kind.class_name:
            found.append((OTHER_CLASS, place, "component_code", f"{name} ≠ {kind.name_zh}"))
        away = float(np.hypot(row["x"] - component["x"], row["y"] - component["y"]))
        if away > NEAR_M:
            found.append((APART, place, "component_code", f"{away:,.0f}"))
    return found


def _taken(facilities: pd.DataFrame, known: pd.DataFrame) -> list[Found]:
    """Components that two facilities claim: one of the register that is not in the list, or an earlier row."""
    listed = set(facilities["code"])
    pairs = zip(known["component_code"], known["code"], strict=True)
    holder = {component: code for component, code in pairs if component and code not in listed}
    found: list[Found] = []
    for place, component in enumerate(facilities["component_code"].tolist()):
        if component in holder:
            found.append((TAKEN, place, "component_code", holder[component]))
        elif component:
            holder[component] = facilities["code"].iloc[place] or component
    return found
