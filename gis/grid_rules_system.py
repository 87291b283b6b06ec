"""G11: a declared metric system, coordinates where they belong, one system for all layers."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import crs
from gis.grid_rules_findings import ERROR, WARNING, Saying, about_layer, about_rows

if TYPE_CHECKING:
    from gis.grid_rules import Surroundings

NO_SYSTEM: Final = Saying(
    "G11", ERROR, "The layer does not say its reference system.",
    "Ask for its .prj file, or assign the system in a GIS first.",
)  # fmt: skip
NOT_METRIC: Final = Saying(
    "G11", ERROR, "The layer is in {value}; cells must be in a metric plane.",
    "Project it onto the city's CGCS2000 plane first.",
)  # fmt: skip
NOT_CGCS2000: Final = Saying(
    "G11", WARNING, "The layer is in {value}, which is no CGCS2000 plane.",
    "Project it onto the city's CGCS2000 plane, or register the local frame.",
)  # fmt: skip
OUT_OF_PLACE: Final = Saying(
    "G11", ERROR, "Row {row}: the cell lies outside the county ({value}).",
    "Check zone, false easting and the order of the axes.",
)  # fmt: skip
OUT_OF_REACH: Final = Saying(
    "G11", ERROR, "Row {row}: the cell lies where {value} is not valid.",
    "Check zone, false easting and the order of the axes.",
)  # fmt: skip
OTHER_SYSTEM: Final = Saying(
    "G11", ERROR, "The layer {value} has another reference system than the cells.",
    "Project all layers of the project onto one plane.",
)  # fmt: skip

FAR_M: Final = 1_000.0
REACH_DEGREES: Final = 1.0


def is_usable(cells: gpd.GeoDataFrame) -> bool:
    """Whether lengths and areas of the layer mean metres."""
    return cells.crs is not None and crs.is_metric(cells.crs)


def check(cells: gpd.GeoDataFrame, known: Surroundings) -> pd.DataFrame:
    """Findings of G11."""
    if cells.crs is None:
        return about_layer(NO_SYSTEM)
    if not crs.is_metric(cells.crs):
        return about_layer(NOT_METRIC, cells.crs.name)
    parts = [_places(cells, known.counties)]
    if "CGCS2000" not in cells.crs.name and "China Geodetic" not in cells.crs.name:
        parts.append(about_layer(NOT_CGCS2000, cells.crs.name))
    others = [
        name for name, frame in _layers(known).items() if frame.crs is not None and frame.crs != cells.crs
    ]
    parts += [about_layer(OTHER_SYSTEM, name) for name in others]
    return pd.concat(parts, ignore_index=True)


def in_one_plane(cells: gpd.GeoDataFrame, known: Surroundings) -> Surroundings:
    """`known` with all layers in the plane of the cells."""
    moved = {
        name: crs.to_plane(frame, None, cells.crs)
        for name, frame in _layers(known).items()
        if frame.crs is not None and frame.crs != cells.crs
    }
    return replace(known, **moved)


def _layers(known: Surroundings) -> dict[str, gpd.GeoDataFrame]:
    layers = {item.name: getattr(known, item.name) for item in fields(known)}
    return {name: layer for name, layer in layers.items() if isinstance(layer, gpd.GeoDataFrame)}


def _places(cells: gpd.GeoDataFrame, counties: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Cells outside the county's bounds or, where no county is known, outside the system's area of use."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    west, south, east, north = shapely.bounds(polygons).T
    x, y = (west + east) / 2, (south + north) / 2
    if counties is not None and len(counties):
        left, bottom, right, top = crs.to_plane(counties, None, cells.crs).total_bounds
        inside = (x > left - FAR_M) & (x < right + FAR_M) & (y > bottom - FAR_M) & (y < top + FAR_M)
        outside = np.flatnonzero(~inside & ~np.isnan(x))
        return about_rows(OUT_OF_PLACE, outside, polygons, ", ".join(counties["code"].astype("str")))
    reach = cells.crs.area_of_use
    if reach is None:
        return about_rows(OUT_OF_REACH, np.zeros(0, dtype=np.int64), polygons)
    lon, lat = crs.to_degrees(x, y, cells.crs)
    inside = (lon > reach.west - REACH_DEGREES) & (lon < reach.east + REACH_DEGREES)
    inside &= (lat > reach.south - REACH_DEGREES) & (lat < reach.north + REACH_DEGREES)
    return about_rows(OUT_OF_REACH, np.flatnonzero(~inside & ~np.isnan(x)), polygons, cells.crs.name)
