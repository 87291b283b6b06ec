"""A draft as it stands: what was read, and in its stead, for the rows they touched, what corrections made of it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa
from pandas.api.types import union_categoricals

from census.draft import QUARANTINE_COLUMNS, empty_quarantine
from census.review.corrections import ACCEPTED, DROPPED, TOUCHED_COLUMNS
from data.census import parts
from gis.frames import empty_findings

ROW: Final = ["file", "layer", "record"]


def touched(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Rows that corrections touched: `census.review.corrections.TOUCHED_COLUMNS`."""
    found = parts.load(db, session_id, parts.TOUCHED)
    return pd.DataFrame(columns=list(TOUCHED_COLUMNS)) if found is None else found


def as_read(
    db: sa.Connection, session_id: int, columns: list[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`(components, origins)` of the accepted rows before any correction."""
    components = parts.load(db, session_id, parts.COMPONENTS, columns)
    assert components is not None, "a draft keeps its rows until it is committed"
    origins = parts.load(db, session_id, parts.ORIGINS)
    return components, pd.DataFrame(
        columns=["file", "layer", "row", "record"]
    ) if origins is None else origins


def components(db: sa.Connection, session_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`(components, origins)` of the rows that a commit would store."""
    frame, origins = as_read(db, session_id)
    changed = touched(db, session_id)
    if not len(changed):
        return frame, origins
    kept = np.ones(len(frame), bool)
    kept[changed["place"][changed["place"] >= 0].to_numpy("i8")] = False
    corrected = parts.load(db, session_id, parts.TOUCHED_COMPONENTS)
    assert corrected is not None, "touched rows have their components beside them"
    accepted = changed[changed["status"] == ACCEPTED]
    return (
        _below(frame[kept], corrected),
        _below(origins[kept], accepted[["file", "layer", "row", "record"]]),
    )


def findings(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Findings of the rows as they stand."""
    found = parts.load(db, session_id, parts.FINDINGS)
    found = empty_findings() if found is None else found
    changed = touched(db, session_id)
    if not len(changed):
        return found
    again = parts.load(db, session_id, parts.TOUCHED_FINDINGS)
    kept = found[~_among(found, changed)]
    return pd.concat([kept, empty_findings() if again is None else again], ignore_index=True)


def quarantine_as_read(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Refused rows before any correction; the position of a row here is what `WG_REF` names."""
    found = parts.load(db, session_id, parts.QUARANTINE)
    if found is None:
        return empty_quarantine()
    return found if "shape" in found.columns else found.assign(shape=None)


def quarantine(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Refused rows as they stand, without those that were dropped."""
    found = quarantine_as_read(db, session_id)
    changed = touched(db, session_id)
    if not len(changed):
        return found
    gone = changed[changed["status"].isin((ACCEPTED, DROPPED))]
    left = found[~_among(found, gone)].reset_index(drop=True)
    codes = changed[changed["finding_codes"] != ""].set_index(ROW)["finding_codes"].to_dict()
    keys = list(zip(*(left[name] for name in ROW), strict=True))
    left["finding_codes"] = [
        codes.get(key, old) for key, old in zip(keys, left["finding_codes"], strict=True)
    ]
    return left[list(QUARANTINE_COLUMNS)]


def _among(frame: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Which rows of `frame` are among `rows`, by file, layer and record."""
    wanted = set(zip(*(rows[name] for name in ROW), strict=True))
    if not wanted:
        return np.zeros(len(frame), bool)
    few = frame["record"].isin(rows["record"]).to_numpy()
    out = np.zeros(len(frame), bool)
    places = np.flatnonzero(few)
    some = frame.iloc[places]
    out[places] = [key in wanted for key in zip(*(some[name] for name in ROW), strict=True)]
    return out


def _below(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """`second` under `first`; categoricals stay categoricals."""
    columns: dict[str, Any] = {}
    for name in first.columns:
        upper, lower = first[name], second[name]
        if isinstance(upper.dtype, pd.CategoricalDtype):
            below = lower if isinstance(lower.dtype, pd.CategoricalDtype) else lower.astype("category")
            below = below.cat.set_categories(below.cat.categories.astype(upper.cat.categories.dtype))
            columns[name] = union_categoricals([upper, below])
        else:
            columns[name] = np.concatenate([upper.to_numpy(), lower.to_numpy()])
    return pd.DataFrame(columns)
