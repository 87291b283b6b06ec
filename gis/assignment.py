"""Which cell does a point lie in? Exact, the same answer as a spatial join, in a fraction of its time."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Cells = gpd.GeoSeries | gpd.GeoDataFrame | NDArray[np.object_]


def assign(x: ArrayLike, y: ArrayLike, cells: Cells) -> NDArray[np.int32]:
    """Index of the cell that contains each point, -1 outside every cell.

    `x`, `y`: n coordinates in the plane of `cells`; a point without coordinates (NaN) lies in no cell. `cells`:
    polygons or multipolygons, in any order, missing ones allowed. A point on the border of several cells, or in
    several overlapping ones, belongs to the one with the lowest index.
    """
    polygons = np.asarray(cells.geometry.values if isinstance(cells, gpd.GeoDataFrame) else cells, dtype=object)
    points = shapely.points(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    point, cell = shapely.STRtree(polygons).query(points, predicate="intersects")
    out = np.full(len(points), np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(out, point, cell.astype(np.int32))
    out[out == np.iinfo(np.int32).max] = -1
    return out
