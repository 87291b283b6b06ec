"""Field records as points of a survey: who reports a component of its classes in its cells has been there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from census.dates import read_date
from census.records.record import APPROVED, NEW, REPORTED, STATE_OF
from census.special_survey.frames import found_frame
from gis.assignment import assign

COUNTED: Final = (REPORTED, APPROVED)
SAID: Final = ("class_code", "state", "authority_name", "owner_name", "maintainer_name", "note")


def counted(records: pd.DataFrame, since: str, until: str) -> pd.DataFrame:
    """The records (`RECORD_COLUMNS`) that a survey looks at: reported or approved, entered from the moment `since` on and
    not after `until` ("" is now); oldest first."""
    entered = records["entered_at"].astype(str)
    kept = records["status"].isin(COUNTED) & (entered >= since) & ((entered <= until) | (until == ""))
    return records[kept].sort_values("record_id", ignore_index=True)


def points_of(
    records: pd.DataFrame, known: pd.DataFrame, cells: gpd.GeoDataFrame, classes: Collection[str]
) -> pd.DataFrame:
    """`FOUND_COLUMNS` of the `records` about a component of `known` (`KNOWN_COLUMNS`), or about a new one of `classes` in
    one of `cells` (code and geometry).

    The last record about a component counts; without a place it stands where the component does. A point's number is the record's, below nought: it comes
    before every collected one, so that of two with one code the collected point counts.
    """
    stored = {int(row["component_id"]): row for row in known.to_dict("records")}
    rows = []
    for record in records.to_dict("records"):
        component = stored.get(int(record["component_id"]))
        if component is not None or (record["kind"] == NEW and record["fields"].get("class_code") in classes):
            rows.append(_point(record, component or {}))
    points = pd.DataFrame(rows, columns=["found_id", "code", *SAID, "collector", "day", "x", "y"])
    at = assign(points["x"].astype(float), points["y"].astype(float), cells)
    codes = np.array([*cells["code"].astype(str), ""], dtype=object)
    last = (points["code"] == "") | ~points["code"].duplicated(keep="last")
    points = points.assign(cell_code=codes[at])[last & (at >= 0)]
    return found_frame({str(name): points[name] for name in points}, len(points))


def without_twins(points: pd.DataFrame, found: pd.DataFrame, radius_m: float) -> pd.DataFrame:
    """`points` but for those that were collected too: by code, or of their class within `radius_m` where they have none."""
    twin = np.array(points["code"].isin(found["code"]) & (points["code"] != ""))
    for sort in set(points["class_code"]):
        mine = np.flatnonzero((points["class_code"] == sort) & (points["code"] == ""))
        theirs = found[(found["class_code"] == sort) & found["x"].notna()]
        tree = shapely.STRtree(shapely.points(theirs["x"], theirs["y"]))
        own = shapely.points(points["x"].to_numpy()[mine], points["y"].to_numpy()[mine])
        twin[mine[tree.query(own, predicate="dwithin", distance=radius_m)[0]]] = True
    return points[~twin].reset_index(drop=True)


def _point(record: dict[Any, Any], component: dict[Any, Any]) -> dict[str, Any]:
    """What a record says, in the words of a collected point."""
    said = {name: str(record["fields"].get(name, "")) for name in SAID}
    read = read_date(str(record["reported_at"]))
    placed = np.isfinite(record["x"]) and np.isfinite(record["y"])
    place = record if placed or not component else component
    return said | {
        "found_id": -int(record["record_id"]),
        "code": str(component.get("code", "")),
        "class_code": said["class_code"] or component.get("class_code", ""),
        "state": STATE_OF.get(record["kind"], said["state"]),
        "collector": str(record["reported_by"] or record["entered_by"]),
        "day": read.day.isoformat() if read else str(record["entered_at"])[:10],
        "x": float(place["x"]),
        "y": float(place["y"]),
    }
