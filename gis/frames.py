"""The columns that rooms hand to one another, in one place.

Plural frames are pandas/geopandas frames with a `RangeIndex`; codes are `str`, never numbers. Metric planes only:
geometry is in the city's plane (a CGCS2000 3-degree plane or, outside China, a local metric plane) and `frame.crs`
says which. Missing text is `""`, a missing date is `""`, dates are ISO text (`2026-11-21`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

# Unit grid cells: one polygon each.
CELL_COLUMNS: Final = (
    "code",  # 15 digits: county 6 + street 3 + community 3 + sequence 3
    "community_code",  # first 12 digits, "" where unknown
    "name",
    "area_m2",  # computed on the plane
    "initial_date",
    "note",  # why a rule is not kept: compound, merged, …
    "geometry",
)

# Administrative areas of one level; `level` is county, street or community, `parent_code` the level above.
AREA_LEVELS: Final = ("county", "street", "community")
AREA_COLUMNS: Final = ("code", "name", "parent_code", "geometry")

# Base layers of one kind. `rank` orders drawing and labels: roads 1 express … 6 path, water 1 river … 3 pond.
BASE_KINDS: Final = ("roads", "water", "railways", "buildings", "compounds", "green")
BASE_COLUMNS: Final = ("name", "subtype", "rank", "width_m", "geometry")

# Components (部件). `component_id` is the store's row key (0 before it is stored). Points have `x`, `y` only and
# geometry None; lines and areas carry `geometry` (shapely) and a representative point in `x`, `y`.
# Columns with few distinct values are pandas categoricals of str.
COMPONENT_TEXT_COLUMNS: Final = (
    "code",  # 16 digits (2013) or 17 (2026), "" when the survey gave none
    "class_code",  # 4 digits (2007, 2013) or 5 (2026)
    "name",
    "authority_code",  # 主管部门
    "authority_name",
    "owner_code",  # 权属单位
    "owner_name",
    "maintainer_code",  # 养护单位
    "maintainer_name",
    "cell_code",  # the cell that contains the representative point, "" outside every cell
    "state",  # 完好 破损 丢失 废弃 移除
    "initial_date",
    "change_date",
    "source",  # 实测 地形图 …
    "accuracy",  # A B C or ""
    "location",
    "note",
)
COMPONENT_COLUMNS: Final = ("component_id", *COMPONENT_TEXT_COLUMNS, "extra", "x", "y", "geometry")
# `extra`: JSON text of the survey's further fields, "" when none.
COMPONENT_CATEGORIES: Final = (
    "class_code", "name", "authority_code", "authority_name", "owner_code", "owner_name", "maintainer_code",
    "maintainer_name", "cell_code", "state", "initial_date", "change_date", "source", "accuracy",
)  # fmt: skip
COMPONENT_STATES: Final = ("完好", "破损", "丢失", "废弃", "移除")

DEPARTMENT_COLUMNS: Final = ("code", "name")

# Patrol staff and their fixes. `time_s` is UTC seconds since 1970 (float64), x/y in the city's plane.
PATROLLER_COLUMNS: Final = ("patroller_id", "code", "name", "company", "team", "role")
FIX_COLUMNS: Final = ("time_s", "patroller_id", "x", "y", "speed_m_s", "heading_deg", "accuracy_m")

# What checks find. `severity` is error, warning or information; `row` is the surveyor's own row number (1-based as
# in the surveyor's file), `record` counts from 0; both -1 where the finding is about the whole file.
FINDING_COLUMNS: Final = (
    "code", "severity", "file", "layer", "row", "record", "field", "value", "message", "remedy", "x", "y",
)  # fmt: skip


def missing_columns(frame: pd.DataFrame, wanted: Iterable[str]) -> list[str]:
    """Names of `wanted` that `frame` lacks, in order."""
    return [name for name in wanted if name not in frame.columns]


def require_columns(frame: pd.DataFrame, wanted: Iterable[str], what: str) -> None:
    """Raise `ValueError` naming the missing columns: a caller's mistake, not a user's."""
    missing = missing_columns(frame, wanted)
    if missing:
        raise ValueError(f"{what}: columns missing: {', '.join(missing)}")


def empty_findings() -> pd.DataFrame:
    """A findings frame without rows, with the right types."""
    text = ("code", "severity", "file", "layer", "field", "value", "message", "remedy")
    columns: dict[str, pd.Series] = {name: pd.Series([], dtype="str") for name in text}
    columns |= {name: pd.Series([], dtype="int64") for name in ("row", "record")}
    columns |= {name: pd.Series([], dtype="float64") for name in ("x", "y")}
    return pd.DataFrame(columns)[list(FINDING_COLUMNS)]


def empty_components() -> pd.DataFrame:
    """A components frame without rows, with the right types."""
    return components_frame({}, 0)


def components_frame(columns: dict[str, object], rows: int) -> pd.DataFrame:
    """A components frame of `rows` rows from the given columns; what is not given is empty.

    Text columns may be arrays, lists, categoricals or one `str` for all rows; the columns of
    `COMPONENT_CATEGORIES` become categoricals.
    """
    out: dict[str, object] = {
        "component_id": np.asarray(columns.get("component_id", np.zeros(rows, "i8")), "i8")
    }
    for name in (*COMPONENT_TEXT_COLUMNS, "extra"):
        out[name] = _text(columns.get(name, ""), rows, categorical=name in COMPONENT_CATEGORIES)
    for name in ("x", "y"):
        out[name] = np.asarray(columns.get(name, np.full(rows, np.nan)), dtype=float)
    geometry = columns.get("geometry")
    out["geometry"] = np.full(rows, None, dtype=object) if geometry is None else geometry
    return pd.DataFrame(out)[list(COMPONENT_COLUMNS)]


def _text(values: Any, rows: int, categorical: bool) -> Any:
    if isinstance(values, str):
        if categorical:
            return pd.Categorical.from_codes(np.zeros(rows, "i4"), [values])  # type: ignore[call-overload]
        return pd.array([values] * rows, dtype=object)
    known = isinstance(getattr(values, "dtype", None), pd.CategoricalDtype)
    return pd.Categorical(values) if categorical and not known else values


def as_cells(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`frame` with every column of `CELL_COLUMNS`, area computed, in that order; `code` must be there."""
    require_columns(frame, ("code", "geometry"), "cells")
    out = frame.reset_index(drop=True)
    for name in ("name", "initial_date", "note"):
        if name not in out.columns:
            out[name] = ""
    if "community_code" not in out.columns:
        out["community_code"] = out["code"].str.slice(0, 12)
    out["area_m2"] = out.geometry.area
    return out[list(CELL_COLUMNS)]
