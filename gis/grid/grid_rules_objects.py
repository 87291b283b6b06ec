"""Rules on what stands in the cells: G9 nothing is cut, G13 components know their cell."""

from __future__ import annotations

from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.assignment import assign
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying, at_places

BUILDING_CUT: Final = Saying(
    "G9", ERROR, "A border cuts a building ({value}).", "Lead the border around the building."
)
COMPOUND_CUT: Final = Saying(
    "G9", ERROR, "A border cuts a compound ({value}).", "Keep a compound under one management in one cell."
)
COMPONENT_CUT: Final = Saying(
    "G9", ERROR, "A border cuts the component {value}.", "Lead the border around it."
)
COMPONENT_NEAR: Final = Saying(
    "G9", WARNING, "The component {value} lies within 0.3 m of a border.", "Move the border away from it."
)
OTHER_CELL: Final = Saying(
    "G13",
    ERROR,
    "The stored cell of a component is not the one it lies in: {value}.",
    "Assign the components to the cells again.",
)

CUT_SHARE: Final = 0.05
CUT_M2: Final = 10.0
NEAR_M: Final = 0.3

Array = np.ndarray
Areas: TypeAlias = gpd.GeoDataFrame | None


def check(
    polygons: Array, codes: Array, buildings: Areas, compounds: Areas, components: pd.DataFrame | None
) -> list[pd.DataFrame]:
    """Findings of G9 and G13; empty where the objects are not given."""
    found = []
    if buildings is not None and len(buildings):
        # A building drawn as several houses is judged house by house: no border cuts what stands apart.
        houses = shapely.get_parts(_areal(buildings.geometry.values))
        found.append(_cut(BUILDING_CUT, houses[shapely.get_dimensions(houses) == 2], polygons, codes))
    if compounds is not None and len(compounds):
        found.append(_cut(COMPOUND_CUT, _areal(compounds.geometry.values), polygons, codes))
    if components is not None and len(components):
        found += _components(components, polygons, codes)
    return found


def cut_areas(areas: Array, polygons: Array) -> Array:
    """Numbers of the areas that lie with more than 5 % and more than 10 m² in two or more polygons."""
    size = shapely.area(areas)
    area, cell = shapely.STRtree(polygons).query(areas, predicate="intersects")
    shared = np.bincount(area, minlength=len(areas))[area] > 1
    area, cell = area[shared], cell[shared]
    part = shapely.area(shapely.intersection(areas[area], polygons[cell]))
    counts = np.bincount(area[(part > CUT_SHARE * size[area]) & (part > CUT_M2)], minlength=len(areas))
    return np.flatnonzero(counts > 1)


def _areal(geometries: Array) -> Array:
    valid = shapely.make_valid(np.asarray(geometries, dtype=object))
    return valid[shapely.get_dimensions(valid) == 2]


def _cut(saying: Saying, areas: Array, polygons: Array, codes: Array) -> pd.DataFrame:
    cut = cut_areas(areas, polygons)
    area, cell = shapely.STRtree(polygons).query(areas[cut], predicate="intersects")
    names = pd.Series(codes[cell]).groupby(area).agg(", ".join)
    return at_places(saying, areas[cut], names.to_list())


def _components(components: pd.DataFrame, polygons: Array, codes: Array) -> list[pd.DataFrame]:
    x, y = components["x"].to_numpy(dtype=float), components["y"].to_numpy(dtype=float)
    names = components["code"].astype("str").to_numpy()
    points = shapely.points(x, y)
    placed = ~shapely.is_missing(points) & np.isfinite(x)
    cell = np.full(len(x), -1)
    cell[placed] = assign(x[placed], y[placed], polygons)
    lies_in = np.where(cell >= 0, codes[np.maximum(cell, 0)], "")
    stored = components["cell_code"].astype("str").to_numpy()
    other = np.flatnonzero(placed & (stored != lies_in))
    values = [f"{names[i]}: {stored[i] or '–'} / {lies_in[i] or '–'}" for i in other]
    return [*_near_and_cut(components, points, names, polygons), at_places(OTHER_CELL, points[other], values)]


def _near_and_cut(
    components: pd.DataFrame, points: Array, names: Array, polygons: Array
) -> list[pd.DataFrame]:
    """Point components too near a border, area components cut by one; lines may cross borders."""
    shape = (
        components["geometry"].to_numpy(dtype=object)
        if "geometry" in components.columns
        else np.full(len(names), None)
    )
    is_point = shapely.is_missing(shape) | (shapely.get_dimensions(shape) == 0)
    lone = np.flatnonzero(is_point & ~shapely.is_missing(points))
    borders = shapely.boundary(polygons)
    near = np.unique(shapely.STRtree(borders).query(points[lone], predicate="dwithin", distance=NEAR_M)[0])
    near = lone[near]
    areal = np.flatnonzero(shapely.get_dimensions(shape) == 2)
    cut = areal[cut_areas(shape[areal], polygons)]
    return [
        at_places(COMPONENT_NEAR, points[near], names[near]),
        at_places(COMPONENT_CUT, shape[cut], names[cut]),
    ]
