"""Rows of a list as a register or as log entries, with what could not be read in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from actions.list_files import ListFile, read_list_file
from census.dates import read_date
from census.facilities.frames import facilities_frame, log_frame
from census.facilities.rules import NO_DATE, NO_NUMBER, UNKNOWN_KIND, UNKNOWN_STATE, UNKNOWN_WORK, Found
from gis.crs import WGS84, to_plane
from resources.facilities import FACILITY_FIELDS, LOG_FIELDS, fields, kind_of, state_of, work_of

_NAMES = (*FACILITY_FIELDS, "lon", "lat")  # lists give places in degrees too


def read_facilities(file: Path, plane: int) -> tuple[pd.DataFrame, list[Found], list[int]]:
    """The register in `file`, what could not be read, and its row numbers; places in the plane EPSG `plane`.

    What cannot be read is an error, and empty in the frame. Raises `Refused`, see `read_list_file`.
    """
    found = _read(file, _NAMES, ("kind",), plane)
    return (*as_facilities(found, plane), found.rows)


def as_facilities(found: ListFile, plane: int) -> tuple[pd.DataFrame, list[Found]]:
    """The rows as a register, and what could not be read in them."""
    faults: list[Found] = []
    columns: dict[str, Any] = {name: found.column(name) for name in _NAMES if fields()[name].form == "text"}
    columns["kind"] = _known(found.column("kind"), kind_of, UNKNOWN_KIND, "kind", faults, empty=True)
    columns["state"] = _known(found.column("state"), state_of, UNKNOWN_STATE, "state", faults, empty=True)
    columns["opened"] = _dates(found.column("opened"), "opened", faults)
    numbers = {
        name: _numbers(found.column(name), name, faults) for name in _NAMES if fields()[name].form == "number"
    }
    x, y = _placed(found, numbers, plane)
    columns |= {name: numbers[name] for name in ("capacity", "interval_days")} | {"x": x, "y": y}
    return facilities_frame(columns, len(found.rows)), faults


def read_log(file: Path, today: date) -> tuple[pd.DataFrame, list[Found], list[int]]:
    """The log entries in `file`, what could not be read, and its row numbers; an entry without a date is of `today`. Raises `Refused`, see `read_list_file`."""
    found = _read(file, LOG_FIELDS, ("facility_code", "work"), 0)
    return (*as_log(found, today), found.rows)


def as_log(found: ListFile, today: date) -> tuple[pd.DataFrame, list[Found]]:
    """The rows as log entries, and what could not be read in them."""
    faults: list[Found] = []
    columns: dict[str, Any] = {name: found.column(name) for name in ("facility_code", "what", "worker")}
    columns["work"] = _known(found.column("work"), work_of, UNKNOWN_WORK, "work", faults)
    columns["new_state"] = _known(
        found.column("new_state"), state_of, UNKNOWN_STATE, "state", faults, empty=True
    )
    columns["day"] = [day or today.isoformat() for day in _dates(found.column("day"), "day", faults)]
    columns["next_due"] = _dates(found.column("next_due"), "next_due", faults)
    columns["cost"] = _numbers(found.column("cost"), "cost", faults)
    return log_frame(columns, len(found.rows)), faults


def number(text: str) -> float:
    """A number of zero or more; NaN for nothing and for anything else."""
    try:
        value = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return math.nan
    return value if value >= 0 and math.isfinite(value) else math.nan


def _read(file: Path, names: Sequence[str], needed: Sequence[str], plane: int) -> ListFile:
    headings = {name: fields()[name].known_as for name in names}
    return read_list_file(file, headings, needed, ", ".join(fields()[name].zh for name in names), plane)


def _known(
    words: Sequence[str], meaning: Callable[[str], str], fault: Any, field: str, faults: list[Found], *, empty: bool = False
) -> list[str]:  # fmt: skip
    out = []
    for place, word in enumerate(words):
        known = meaning(word) if word or not empty else ""
        if not known and (word or not empty):
            faults.append((fault, place, field, word))
        out.append(known)
    return out


def _dates(words: Sequence[str], field: str, faults: list[Found]) -> list[str]:
    out = []
    for place, word in enumerate(words):
        read = read_date(word) if word else None
        if word and read is None:
            faults.append((NO_DATE, place, field, word))
        out.append(read.day.isoformat() if read else "")
    return out


def _numbers(words: Sequence[str], field: str, faults: list[Found]) -> np.ndarray:
    values = np.array([number(word) for word in words], float)
    signed = field in ("lon", "lat", "x", "y")
    for place, word in enumerate(words):
        if word and signed:
            values[place] = _signed(word)
        if word and math.isnan(values[place]):
            faults.append((NO_NUMBER, place, field, word))
    return values


def _signed(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _placed(found: ListFile, numbers: dict[str, np.ndarray], plane: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y: of the layer's points, else as written, else from degrees."""
    if found.xy is not None:
        return found.xy
    x, y = numbers["x"].copy(), numbers["y"].copy()
    degrees = np.isnan(x + y) & ~np.isnan(numbers["lon"] + numbers["lat"])
    if degrees.any():
        x[degrees], y[degrees] = to_plane((numbers["lon"][degrees], numbers["lat"][degrees]), WGS84, plane)
    nowhere = ~np.isfinite(x) | ~np.isfinite(y)
    x[nowhere] = y[nowhere] = np.nan
    return x, y
