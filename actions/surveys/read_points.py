"""Collected points as a survey takes them: from a list by its headings, or from census files by the census's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from actions.census.import_census import ImportCensus, draft_census
from actions.list_files import ListFile, read_list_file
from census.dates import read_date
from census.draft import ORIGIN_COLUMNS, Draft
from census.special_survey.frames import FOUND_TEXTS, found_frame
from census.special_survey.matching import GONE
from gis.crs import WGS84, to_plane
from gis.frames import COMPONENT_STATES, FINDING_COLUMNS, empty_findings
from gis.grid.grid_rules_findings import ERROR, Saying
from kernel.progress import Progress
from resources.surveys import fields

if TYPE_CHECKING:
    from data.store import Store
    from resources.catalogues import Catalogue

NO_PLACE: Final = Saying("S1", ERROR, "The point has no coordinates.", "Give x and y, or 经度 and 纬度.")
OTHER_CLASS: Final = Saying(
    "S2", ERROR, "{value} is no class of this survey.", "Leave points of other classes out."
)
UNKNOWN_STATE: Final = Saying(
    "S3", ERROR, "There is no component state {value}.", "Use 完好, 破损, 丢失, 废弃 or 移除."
)
NO_DATE: Final = Saying("S4", ERROR, "{field}: {value} is not a date.", "Write it like 2026-11-21.")
OUTSIDE: Final = Saying(
    "S5",
    ERROR,
    "The point lies in no cell of the survey.",
    "Check its coordinates, or plan the survey wider.",
)
IN_FUTURE: Final = Saying(
    "S6",
    ERROR,
    "The point is dated {value}, which is in the future.",
    "Enter points after they were collected.",
)

Found = tuple[Any, ...]  # saying, record, field, value


def read_points(
    file: Path, plane: int, classes: Sequence[str], catalogue: Catalogue, today: date
) -> tuple[pd.DataFrame, list[Found], pd.DataFrame]:
    """The points of a list, `FOUND_COLUMNS` without cells, what is wrong in them, and their `ORIGIN_COLUMNS`.

    A survey of one class takes points that name none. Raises `Refused`, see `read_list_file`.
    """
    headings = {name: field.known_as for name, field in fields().items()}
    found = read_list_file(file, headings, (), ", ".join(field.zh for field in fields().values()), plane)
    faults: list[Found] = []
    columns: dict[str, Any] = {name: found.column(name) for name in FOUND_TEXTS}
    columns["class_code"] = _classes(found.column("class_code"), classes, catalogue, faults)
    columns["day"] = _days(found.column("day"), today, faults)
    for place, state in enumerate(columns["state"]):
        if state and state not in COMPONENT_STATES:
            faults.append((UNKNOWN_STATE, place, "state", state))
    columns["x"], columns["y"] = _places(found, plane)
    pairs = zip(columns["code"], columns["state"], strict=True)
    gone = np.array([bool(code) and state in GONE for code, state in pairs], bool)
    placeless = np.isnan(columns["x"] + columns["y"]) & ~gone  # a code is enough to say that it is not there
    faults += [(NO_PLACE, int(place), "x", "") for place in np.flatnonzero(placeless)]
    origins = {"file": str(file), "layer": "", "row": found.rows, "record": range(len(found.rows))}
    return found_frame(columns, len(found.rows)), faults, pd.DataFrame(origins, columns=list(ORIGIN_COLUMNS))


def read_census(
    store: Store, file: str, classes: Sequence[str], today: date, progress: Progress
) -> tuple[pd.DataFrame, list[Found], Draft]:
    """What the census accepts of its files as points, those among them of other classes, and the draft itself."""
    only = classes[0] if len(classes) == 1 else ""
    draft = draft_census(store, ImportCensus((file,), class_code=only, mode="dry_run", today=today), progress)
    texts = {
        name: draft.components[name].astype(str).tolist() for name in FOUND_TEXTS if name in draft.components
    }
    began, changed = (draft.components[name].astype(str) for name in ("initial_date", "change_date"))
    columns: dict[str, Any] = texts | {"day": changed.where(changed != "", began)}
    columns |= {name: draft.components[name] for name in ("x", "y")}
    other = [(place, code) for place, code in enumerate(texts["class_code"]) if code not in classes]
    faults = [(OTHER_CLASS, place, "class_code", code) for place, code in other]
    return found_frame(columns, len(draft.components)), faults, draft


def as_findings(found: Sequence[Found], origins: pd.DataFrame) -> pd.DataFrame:
    """Findings frame of `(saying, place, field, value)`; `origins` has the `ORIGIN_COLUMNS` of every place."""
    if not found:
        return empty_findings()
    of_place = origins.iloc[[place for _, place, _, _ in found]].astype({"file": str, "layer": str})
    told = [
        {"code": said.code, "severity": said.severity, "message": said.message, "remedy": said.remedy,
         "field": fields()[field].zh, "value": str(value), "x": np.nan, "y": np.nan} | origin
        for (said, _, field, value), origin in zip(found, of_place.to_dict("records"), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(told)[list(FINDING_COLUMNS)]


def _classes(
    words: Sequence[str], classes: Sequence[str], catalogue: Catalogue, faults: list[Found]
) -> list[str]:
    only = classes[0] if len(classes) == 1 else ""
    out = []
    for place, word in enumerate(words):
        code = only if not word else word if word in classes else catalogue.code_of(word) or ""
        if code not in classes:
            faults.append((OTHER_CLASS, place, "class_code", word))
        out.append(code)
    return out


def _days(words: Sequence[str], today: date, faults: list[Found]) -> list[str]:
    out = []
    for place, word in enumerate(words):
        read = read_date(word) if word else None
        if word and read is None:
            faults.append((NO_DATE, place, "day", word))
        day = read.day if read else today
        if day > today:
            faults.append((IN_FUTURE, place, "day", word))
        out.append(day.isoformat())
    return out


def _places(found: ListFile, plane: int) -> tuple[np.ndarray, np.ndarray]:
    if found.xy is not None:
        return found.xy
    x, y, lon, lat = (
        np.array([_number(word) for word in found.column(name)], float) for name in ("x", "y", "lon", "lat")
    )
    degrees = np.isnan(x + y) & ~np.isnan(lon + lat)
    if degrees.any():
        x[degrees], y[degrees] = to_plane((lon[degrees], lat[degrees]), WGS84, plane)
    nowhere = ~np.isfinite(x) | ~np.isfinite(y)
    x[nowhere] = y[nowhere] = np.nan
    return x, y


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")
