"""The columns of the register and of the log, and where a facility lies.

Texts that are not given are "", numbers NaN, dates ISO text. `x`, `y` are metres of the city's plane. Cell, community
and street are never stored: they follow from the place, so a new grid moves every facility at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.assignment import assign

TEXT_COLUMNS: Final = (
    "code", "kind", "name", "component_code", "location", "operator", "department", "hours", "state", "opened",
    "registered", "note",
)  # fmt: skip
NUMBER_COLUMNS: Final = ("capacity", "interval_days", "x", "y")
FACILITY_COLUMNS: Final = (*TEXT_COLUMNS, *NUMBER_COLUMNS)
PLACE_COLUMNS: Final = ("cell_code", "community_code", "street_code")

LOG_TEXT_COLUMNS: Final = ("facility_code", "day", "work", "what", "worker", "next_due", "new_state")
LOG_COLUMNS: Final = (
    "entry_id",
    *LOG_TEXT_COLUMNS,
    "cost",
    "recorded_by",
    "recorded_at",
    "withdrawn_by",
    "withdrawn_at",
)
HISTORY_COLUMNS: Final = ("at", "actor", "deed", "field", "before", "after")
REGISTERED, CHANGED, DELETED, LOGGED, WITHDRAWN = "registered", "changed", "deleted", "logged", "withdrawn"


def facilities_frame(columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """A register of `rows` rows with `FACILITY_COLUMNS`; what is not given is empty."""
    out: dict[str, Any] = {
        name: pd.array(list(columns.get(name, [""] * rows)), dtype="str") for name in TEXT_COLUMNS
    }
    out |= {name: np.asarray(columns.get(name, np.full(rows, np.nan)), float) for name in NUMBER_COLUMNS}
    return pd.DataFrame(out)[list(FACILITY_COLUMNS)]


def log_frame(columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Log entries with `LOG_COLUMNS`; what is not given is empty, `entry_id` 0."""
    out: dict[str, Any] = {
        name: pd.array(list(columns.get(name, [""] * rows)), dtype="str")
        for name in LOG_COLUMNS
        if name not in ("entry_id", "cost")
    }
    out["entry_id"] = np.asarray(columns.get("entry_id", np.zeros(rows)), "i8")
    out["cost"] = np.asarray(columns.get("cost", np.full(rows, np.nan)), float)
    return pd.DataFrame(out)[list(LOG_COLUMNS)]


def placed(facilities: pd.DataFrame, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """`facilities` with `PLACE_COLUMNS`: the cell that contains each, its community and street; "" outside all."""
    out = facilities.reset_index(drop=True)
    if not len(out) or not len(cells):
        return out.assign(**{name: pd.array([""] * len(out), dtype="str") for name in PLACE_COLUMNS})
    at = assign(out["x"], out["y"], cells)
    codes = _taken(cells["code"], at)
    communities = _taken(cells["community_code"], at)
    streets = [code[:9] for code in communities]
    for name, values in zip(PLACE_COLUMNS, (codes, communities, streets), strict=True):
        out[name] = pd.array(values, dtype="str")
    return out


def _taken(codes: pd.Series, at: np.ndarray) -> list[str]:
    """The code at each place, "" at -1."""
    values = [*codes.tolist(), ""]
    return [values[place] for place in at.tolist()]
