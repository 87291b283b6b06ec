"""Geometry, numbers and texts on their way in and out, and the plane everything lies in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
import sqlalchemy as sa

from data.journal import setting_of
from kernel.errors import Refused


def to_wkb(geometry: Any) -> list[bytes | None]:
    """Little-endian WKB in two dimensions; None stays None."""
    flat = shapely.force_2d(np.asarray(geometry, dtype=object))
    wkb: list[bytes | None] = shapely.to_wkb(flat, byte_order=1).tolist()
    return wkb


def from_wkb(wkb: Sequence[bytes | None]) -> np.ndarray:
    """Geometries; None stays None."""
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)))


def plane(db: sa.Connection) -> int:
    """EPSG number of the store's plane, 0 while it has none."""
    return int(setting_of(db, "crs", "0"))


def require_plane(db: sa.Connection, frame: pd.DataFrame) -> None:
    """Raise `Refused` when a layer says that it lies in another plane than the store's, or the store has none."""
    has = plane(db)
    if not has:
        raise Refused(
            "The store has no coordinate plane yet, so nothing can be placed in it.",
            remedy="Say which plane the city uses, for example --crs 4548.",
        )
    crs = frame.crs if isinstance(frame, gpd.GeoDataFrame) else None
    found = crs.to_epsg() if crs is not None else None
    if found is not None and found != has:
        raise Refused(
            "The layer is in EPSG:{found}, but the store's plane is EPSG:{has}.",
            remedy="Project the layer to the store's plane first.",
            found=found,
            has=has,
        )


def geo_frame(columns: dict[str, Any], wkb: Sequence[bytes | None], epsg: int) -> gpd.GeoDataFrame:
    """A layer as a frame with its plane."""
    geometry = gpd.array.GeometryArray(from_wkb(wkb))
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=epsg or None)


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """A text column as a list, "" where it is missing or the frame has no such column.

    U+0000 is left out: PostgreSQL's texts cannot hold it, and both engines keep the same.
    """
    if column not in frame.columns:
        return [""] * len(frame)
    values = pc.fill_null(pa.array(frame[column].astype("str"), pa.string(), from_pandas=True), "")
    if not pc.any(pc.not_equal(values, "")).as_py():
        return [""] * len(frame)
    if pc.any(pc.match_substring(values, "\0")).as_py():
        values = pc.replace_substring(values, "\0", "")
    listed: list[str] = values.to_pylist()
    return listed


def numbers(frame: pd.DataFrame, column: str) -> list[float | None]:
    """A column of numbers as a list, None where one is missing or the frame has no such column."""
    if column not in frame.columns:
        return [None] * len(frame)
    return [None if np.isnan(value) else float(value) for value in frame[column].to_numpy(float)]
