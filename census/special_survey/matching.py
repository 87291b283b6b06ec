"""What a survey says of each component: found where it was, moved, changed, not found, or new."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from census.special_survey.frames import (
    CHANGED,
    CONFIRMED,
    MOVED,
    NEW,
    NOT_FOUND,
    OUTCOME_TEXTS,
    PENDING,
    outcomes_frame,
)

GONE: Final = ("丢失", "移除")  # states by which a collector says that the thing is not there
_NOTHING: Final[dict[str, Any]] = dict.fromkeys(OUTCOME_TEXTS, "") | {
    "component_id": 0,
    "found_id": 0,
    "moved_m": np.nan,
}
COMPARED: Final = ("class_code", "state", "authority_name", "owner_name", "maintainer_name")


def outcomes(
    known: pd.DataFrame,
    found: pd.DataFrame,
    done_cells: Collection[str],
    *,
    tolerance_m: float,
    radius_m: float,
) -> pd.DataFrame:
    """One row per component of `known` and one per found point that is none of them, `OUTCOME_COLUMNS`.

    `known`: `KNOWN_COLUMNS`; `found`: `FOUND_COLUMNS`. Points are matched by code, then by place: same class, nearest
    pairs first, at most `radius_m` apart. A matched component is `not_found` where the collector says it is gone, else
    `changed` where a field that the collector gave differs, `moved` where it lies more than `tolerance_m` away, else
    `confirmed`. One that nobody found is `not_found` when its cell is done, else `pending`. Of two points with one code
    the later counts. A point that is gone and was never known is left out.
    """
    known, found = known.reset_index(drop=True), _latest(found)
    match, seen = matches(known, found, radius_m), found.to_dict("records")
    rows = [
        _of_known(row, seen[at] if at >= 0 else None, done_cells, tolerance_m)
        for row, at in zip(known.to_dict("records"), match.tolist(), strict=True)
    ]
    free = np.setdiff1d(np.arange(len(found)), match)
    fresh = (seen[at] for at in free.tolist() if seen[at]["state"] not in GONE)
    rows += [_NOTHING | row | {"outcome": NEW} for row in fresh]
    columns = pd.DataFrame(rows)
    return (
        outcomes_frame({str(name): columns[name] for name in columns}, len(rows))
        if rows
        else outcomes_frame({}, 0)
    )


def matches(known: pd.DataFrame, found: pd.DataFrame, radius_m: float) -> NDArray[np.int64]:
    """Row of `found` of each component of `known`, -1 for none; no point is used twice."""
    out = np.full(len(known), -1, np.int64)
    by_code = {code: at for at, code in enumerate(found["code"].tolist()) if code}
    for row, code in enumerate(known["code"].tolist()):
        if code and code in by_code:
            out[row] = by_code.pop(code)
    placed = np.flatnonzero(np.isfinite((found["x"] + found["y"]).to_numpy(float)))
    rows, points = np.flatnonzero(out < 0), np.setdiff1d(placed, out)
    return _by_place(out, known, found, rows, points, radius_m)


def _by_place(
    out: NDArray[np.int64], known: pd.DataFrame, found: pd.DataFrame, rows: NDArray[np.int64], points: NDArray[np.int64],
    radius_m: float,
) -> NDArray[np.int64]:  # fmt: skip
    """`out` with the nearest pairs of one class taken first; of two equally near, the earlier component and point."""
    if not len(rows) or not len(points):
        return out
    tree = shapely.STRtree(_points(known.iloc[rows]))
    point, row = tree.query(_points(found.iloc[points]), predicate="dwithin", distance=radius_m)
    row, point = rows[row], points[point]
    same = known["class_code"].to_numpy(object)[row] == found["class_code"].to_numpy(object)[point]
    row, point = row[same], point[same]
    away = np.hypot(*(known[axis].to_numpy()[row] - found[axis].to_numpy()[point] for axis in ("x", "y")))
    used: set[int] = set()
    for pair in np.lexsort((point, row, away)).tolist():
        if out[row[pair]] < 0 and int(point[pair]) not in used:
            out[row[pair]] = point[pair]
            used.add(int(point[pair]))
    return out


def _points(frame: pd.DataFrame) -> Any:
    return shapely.points(frame["x"].to_numpy(float), frame["y"].to_numpy(float))


def _latest(found: pd.DataFrame) -> pd.DataFrame:
    """`found` with the last point of each code; points without a code all stay."""
    ordered = found.sort_values("found_id", kind="stable")
    kept = (ordered["code"] == "") | ~ordered["code"].duplicated(keep="last")
    return ordered[kept].reset_index(drop=True)


def _of_known(
    known: dict[Any, Any], found: dict[Any, Any] | None, done_cells: Collection[str], tolerance_m: float
) -> dict[Any, Any]:
    if found is None:
        return _NOTHING | known | {"outcome": NOT_FOUND if known["cell_code"] in done_cells else PENDING}
    moved_m = float(np.hypot(known["x"] - found["x"], known["y"] - found["y"]))
    given = [name for name in (*COMPARED, "code") if found[name] and found[name] != known[name]]
    changes = "; ".join(f"{name}: {known[name] or '–'} → {found[name]}" for name in given)
    outcome = (
        NOT_FOUND
        if found["state"] in GONE
        else CHANGED
        if given
        else MOVED
        if moved_m > tolerance_m
        else CONFIRMED
    )
    now = {name: found[name] for name in given if name != "code"}
    placed = ("x", "y") if np.isfinite(moved_m) else ()
    seen = {name: found[name] for name in ("found_id", "collector", "note", *placed)}
    return _NOTHING | known | now | seen | {"outcome": outcome, "changes": changes, "moved_m": moved_m}
