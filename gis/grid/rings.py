"""Rings of a few cells that share borders: vertices of one put where the border of another passes."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

WELD_M: Final = 1e-3  # coordinates are written in millimetres: what is nearer than this is the same place

Array = np.ndarray


def near_rows(polygons: Array, place: shapely.Geometry) -> Array:
    """Rows of the polygons that come within `WELD_M` of `place`, in order."""
    return np.sort(shapely.STRtree(polygons).query(place, predicate="dwithin", distance=WELD_M))


def noded(polygon: shapely.Polygon, places: Array) -> shapely.Polygon:
    """`polygon` with a vertex at each of `places` (n, 2) that lies on its border and is none of its vertices."""
    rings = [polygon.exterior, *polygon.interiors]
    with_nodes = [_with_nodes(shapely.get_coordinates(ring), places) for ring in rings]
    if all(len(xy) == shapely.get_num_coordinates(ring) for xy, ring in zip(with_nodes, rings, strict=True)):
        return polygon
    return shapely.Polygon(with_nodes[0], with_nodes[1:])


def mutually_noded(polygons: Array) -> Array:
    """Each polygon with the vertices that the others have on its border."""
    xy, owner = shapely.get_coordinates(polygons, return_index=True)
    return np.array([noded(shape, xy[owner != row]) for row, shape in enumerate(polygons)], dtype=object)


def vertices_on(polygon: shapely.Polygon, others: Array) -> Array:
    """Vertices of `others` within `WELD_M` of the border of `polygon`, (n, 2)."""
    xy = shapely.get_coordinates(others)
    return xy[shapely.dwithin(polygon.boundary, shapely.points(xy), WELD_M)]


def _with_nodes(ring: Array, places: Array) -> Array:
    """The closed ring with the places that lie on its edges, in their order along it."""
    if not len(places):
        return ring
    start, way = ring[:-1], np.diff(ring, axis=0)
    from_start = places[:, None, :] - start[None, :, :]
    along = np.clip((from_start * way).sum(axis=2) / np.maximum((way**2).sum(axis=1), 1e-18), 0.0, 1.0)
    away = np.hypot(*np.moveaxis(from_start - along[:, :, None] * way, 2, 0))
    to_vertex = np.hypot(*np.moveaxis(from_start, 2, 0)).min(axis=1)
    edge = away.argmin(axis=1)
    row = np.arange(len(places))
    wanted = np.flatnonzero((away[row, edge] <= WELD_M) & (to_vertex > WELD_M))
    order = wanted[np.lexsort((along[wanted, edge[wanted]], edge[wanted]))]
    apart = np.r_[True, np.hypot(*np.diff(places[order], axis=0).T) > WELD_M] if len(order) else []
    order = order[np.asarray(apart, dtype=bool)]
    return np.insert(ring, edge[order] + 1, places[order], axis=0)
