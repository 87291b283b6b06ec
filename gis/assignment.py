"""Which cell does a point lie in? Exact, the same answer as a spatial join, in a fraction of its time.

Many points are located on a pixel map of the cells (`gis.assignment_lattice`), made for the call; what rounding or
overlapping cells leave undecided there, and small jobs as a whole, are decided by GEOS predicates through a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.assignment_lattice import MOST_CELLS, CellLattice
from gis.edges import Edges, Floats, Numbers, polygon_edges

Cells: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | NDArray[np.object_]

# Costs in microseconds, measured; only their ratios matter.
_POINT_BY_TREE: Final = 1.5
_POINT_BY_LATTICE: Final = 0.07
_POLYGON: Final = 1.0
_PIXEL: Final = 0.01
_TOUCH: Final = 0.08
_PIXELS_PER_POINT: Final = 3
_MOST_PIXELS: Final = 20_000_000  # 240 MB while it lasts
_VERTICES_FOR_PREPARING: Final = 60


def assign(x: ArrayLike, y: ArrayLike, cells: Cells) -> NDArray[np.int32]:
    """Index of the cell that contains each point, -1 outside every cell.

    `x`, `y`: n coordinates in the plane of `cells`; a point without coordinates (NaN) lies in no cell. `cells`:
    polygons or multipolygons in any order, of any size, missing ones allowed (`ValueError` for other geometry). A
    point on the border of several cells, or in several overlapping ones, belongs to the one with the lowest index.
    """
    xs, ys = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
    polygons = np.asarray(cells.geometry if isinstance(cells, gpd.GeoDataFrame) else cells, dtype=object)
    if len(xs) * _POINT_BY_TREE < len(polygons) * _POLYGON + 2000 or len(polygons) > MOST_CELLS:
        return _by_tree(xs, ys, polygons)
    edges = polygon_edges(polygons)
    size = _pixel_size(edges, len(xs))
    if size is None:
        return _by_tree(xs, ys, polygons)
    cell, undecided = CellLattice.build(edges, size).locate(xs, ys)
    if len(undecided):
        cell[undecided] = _by_tree(xs[undecided], ys[undecided], polygons)
    return cell


def finder(cells: Cells) -> Callable[[ArrayLike, ArrayLike], NDArray[np.int32]]:
    """`assign` to the same cells for a few points again and again, on one tree; its arguments are `x` and `y`."""
    polygons = np.asarray(cells.geometry if isinstance(cells, gpd.GeoDataFrame) else cells, dtype=object)
    tree = shapely.STRtree(polygons)

    def find(x: ArrayLike, y: ArrayLike) -> NDArray[np.int32]:
        points = shapely.points(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        point, cell = tree.query(points, predicate="intersects")
        return _lowest(point, cell, len(points))

    return find


def _pixel_size(edges: Edges, points: int) -> float | None:
    """Side of a pixel that suits the number of points, None where a lattice would cost more than a tree."""
    if len(edges) == 0:
        return None
    width = max(float(edges.x1.max()), float(edges.x2.max())) - min(
        float(edges.x1.min()), float(edges.x2.min())
    )
    height = float(edges.y2.max()) - float(edges.y1.min())
    pixels = min(points * _PIXELS_PER_POINT, _MOST_PIXELS)
    size = max((width * height / pixels) ** 0.5, max(width, height) / 20_000)
    touches = float(np.sum(np.abs(edges.x2 - edges.x1) + edges.y2 - edges.y1)) / size + 2 * len(edges)
    cost = pixels * _PIXEL + touches * _TOUCH + points * _POINT_BY_LATTICE
    return size if cost < points * _POINT_BY_TREE and touches < 2 * pixels else None


def _by_tree(x: Floats, y: Floats, polygons: NDArray[np.object_]) -> NDArray[np.int32]:
    """The same by GEOS: a tree of cells, or of points where cells are intricate and worth preparing."""
    points = shapely.points(x, y)
    if shapely.get_num_coordinates(polygons).sum() > _VERTICES_FOR_PREPARING * max(len(polygons), 1):
        cell, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    else:
        point, cell = shapely.STRtree(polygons).query(points, predicate="intersects")
    return _lowest(point, cell, len(x))


def _lowest(point: Numbers, cell: Numbers, points: int) -> NDArray[np.int32]:
    """The lowest cell of each point from (point, cell) pairs, -1 without one."""
    none = np.iinfo(np.int32).max
    lowest = np.full(points, none, dtype=np.int32)
    np.minimum.at(lowest, point, cell.astype(np.int32))
    lowest[lowest == none] = -1
    return lowest
