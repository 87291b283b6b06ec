"""G11: a declared metric system, coordinates where they belong, one system for all layers."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis import crs
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying, about_layer, about_rows

if TYPE_CHECKING:
    from gis.grid.grid_rules import Surroundings

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


def in_one_plane(cells: gpd.GeoDataFrame, known: Surroundings) -> tuple[gpd.GeoDataFrame, Surroundings]:
    """Cells and all layers in one metric plane: that of the cells, or one that fits them.

    Where the cells name no system, small numbers are taken as degrees and large ones as metres.
    """
    plane = _plane_of(cells)
    if plane is None:
        return cells, known
    here = cells if cells.crs == plane else crs.to_plane(cells, cells.crs or crs.WGS84, plane)
    moved: dict[str, Any] = {
        name: crs.to_plane(frame, None, plane)
        for name, frame in _layers(known).items()
        if frame.crs is not None and frame.crs != plane
    }
    return here, replace(known, **moved)


def _plane_of(cells: gpd.GeoDataFrame) -> pyproj.CRS | None:
    """The plane to check on, None for numbers that can only be metres of an unknown plane."""
    if cells.crs is not None and crs.is_metric(cells.crs):
        return cells.crs
    degrees = cells if cells.crs is None else cells.to_crs(crs.WGS84)
    west, south, east, north = degrees.total_bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return crs.system(crs.fitting_plane((west + east) / 2, (south + north) / 2))


def _layers(known: Surroundings) -> dict[str, gpd.GeoDataFrame]:
    layers = {item.name: getattr(known, item.name) for item in fields(known)}
    return {name: layer for name, layer in layers.items() if isinstance(layer, gpd.GeoDataFrame)}


def _places(cells: gpd.GeoDataFrame, counties: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Cells outside the county's bounds or, where no county is known, outside the system's area of use."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    west, south, east, north = shapely.bounds(polygons).T
    x, y = (west + east) / 2, (south + north) / 2
    if counties is not None and len(counties):
        left, bottom, right, top = counties.to_crs(cells.crs).total_bounds
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
