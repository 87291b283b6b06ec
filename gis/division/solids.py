"""What no border may cut: buildings, and compounds under one management."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.division.ground import Ground

GRID_M: Final = 0.01
SMALLEST_M2: Final = 10.0  # sheds and drawing faults below this do not turn a border aside
OVERLAP_M2: Final = 0.5  # outlines that lie over one another by more than this are one building

Array = np.ndarray


@dataclass(frozen=True)
class Solids:
    """Polygons on a grid of `GRID_M`, none over another by more than `OVERLAP_M2`; which of them are compounds."""

    polygons: NDArray[np.object_]
    is_compound: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.polygons)


def solids(ground: Ground) -> Solids:
    """The compounds, and the buildings that lie in none of them. Invalid outlines are read as GEOS mends them."""
    compounds = _joined(_areas(ground.compounds))
    buildings = _areas(ground.buildings)
    if len(compounds) and len(buildings):
        inside = shapely.STRtree(compounds).query(shapely.point_on_surface(buildings), predicate="within")[0]
        buildings = np.delete(buildings, np.unique(inside))
    buildings = _joined(buildings)
    is_compound = np.arange(len(compounds) + len(buildings)) < len(compounds)
    return Solids(np.concatenate([compounds, buildings]), is_compound)


def _areas(frame: gpd.GeoDataFrame | None) -> Array:
    if frame is None or not len(frame):
        return np.zeros(0, dtype=object)
    outlines = np.asarray(frame.geometry.values, dtype=object)
    outlines = outlines[np.isfinite(shapely.bounds(outlines)).all(axis=1)]
    parts = shapely.get_parts(shapely.set_precision(shapely.make_valid(outlines), GRID_M))
    parts = shapely.get_parts(parts)
    parts = parts[shapely.get_dimensions(parts) == 2]
    filled = shapely.polygons(shapely.get_exterior_ring(parts))  # a courtyard belongs to its house
    return filled[shapely.area(filled) >= SMALLEST_M2]


def _joined(polygons: Array) -> Array:
    """Polygons that overlap made one."""
    if len(polygons) < 2:
        return polygons
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    over = shapely.area(shapely.intersection(polygons[first], polygons[second])) > OVERLAP_M2
    first, second = first[over], second[over]
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(polygons), len(polygons)))
    group = connected_components(links, directed=False)[1]
    members = np.bincount(group)[group]
    lone = polygons[members == 1]
    made = [shapely.union_all(polygons[group == k], grid_size=GRID_M) for k in np.unique(group[members > 1])]
    parts = shapely.get_parts(np.array([*made], dtype=object))
    return np.concatenate([lone, shapely.polygons(shapely.get_exterior_ring(parts))]) if len(parts) else lone
