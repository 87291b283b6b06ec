"""Edits that mend a tiling: ground that no cell covers goes to a neighbour, ground under two cells is cut from one, a
code that stands twice is replaced. Each gives a `GridEdit`; coordinates are metres on the plane of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from gis.grid.grid_edit import RENUMBER, SNAP, GridEdit
from gis.grid.grid_rules_shape import CLOSE_M
from gis.grid.rings import WELD_M, mutually_noded, near_rows, noded, vertices_on
from kernel.errors import Refused

CRUMB_M2: Final = 1e-4  # what overlay leaves beside the part that is meant

ONE_CORNER_M: Final = 1.2 * CLOSE_M  # corners this near would be a finding of rule G1: they become one

Array = np.ndarray


def with_ground(cells: gpd.GeoDataFrame, row: int, ground: shapely.Polygon) -> GridEdit:
    """The cell in `row` with `ground`, a place beside it that no cell covers."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    near = near_rows(polygons, ground)
    corners = shapely.multipoints(shapely.get_coordinates(polygons[near]))
    place = shapely.snap(ground, corners, WELD_M)
    pieces = mutually_noded(np.array([polygons[row], place, *polygons[near[near != row]]], dtype=object))
    whole = shapely.union_all(pieces[:2])
    if whole.geom_type != "Polygon" or len(whole.interiors) > len(polygons[row].interiors):
        raise _unfit()
    return _reshaped(cells, polygons, row, whole)


def without_common_ground(cells: gpd.GeoDataFrame, row: int, others: Sequence[int]) -> GridEdit:
    """The cell in `row` without what lies in the cells of `others` too."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    pieces = mutually_noded(polygons[[row, *others]])
    rest = shapely.get_parts(shapely.difference(pieces[0], shapely.union_all(pieces[1:])))
    rest = rest[shapely.area(rest) > CRUMB_M2]
    if len(rest) != 1 or len(rest[0].interiors) > len(polygons[row].interiors):
        raise _unfit()
    return _reshaped(cells, polygons, row, rest[0])


def recoded(cells: gpd.GeoDataFrame, row: int, code: str) -> GridEdit:
    """The cell in `row` with another code; whichever else has its old code keeps it."""
    old = cells["code"].iloc[row]
    rows = np.flatnonzero((cells["code"] == old).to_numpy())
    before = cells.iloc[rows]
    after = before.assign(code=[code if each == row else old for each in rows.tolist()])
    return GridEdit.of(RENUMBER, before, after)


def _reshaped(cells: gpd.GeoDataFrame, polygons: Array, row: int, shape: shapely.Polygon) -> GridEdit:
    """The cell in `row` with another shape; it and its neighbours get the vertices they have on common borders."""
    near = near_rows(polygons, shapely.union(polygons[row], shape))
    others = near[near != row]
    shape = _welded(shape, polygons[others], shapely.symmetric_difference(polygons[row], shape))
    shape = noded(shape, vertices_on(shape, polygons[others]))
    if not shape.is_valid:
        raise _unfit()
    corners = vertices_on(polygons[row], np.array([shape], dtype=object))
    corners = np.concatenate([corners, shapely.get_coordinates(shape)])
    touched = {other: noded(polygons[other], _apart(corners, polygons[other])) for other in others.tolist()}
    changed = {row: shape} | {
        other: after for other, after in touched.items() if after is not polygons[other]
    }
    before = cells.iloc[list(changed)]
    return GridEdit.of(SNAP, before, before.set_geometry(list(changed.values())))


def _apart(corners: Array, polygon: shapely.Polygon) -> Array:
    """Those of `corners` that are not as good as a corner of `polygon`."""
    own = shapely.multipoints(shapely.get_coordinates(polygon))
    return corners[shapely.distance(shapely.points(corners), own) > ONE_CORNER_M]


def _welded(shape: shapely.Polygon, others: Array, ground: shapely.Geometry) -> shapely.Polygon:
    """`shape` whose corners at `ground` are those of `others` where these are as good as there already."""
    corners = shapely.get_coordinates(others)
    corners = corners[shapely.dwithin(shapely.points(corners), ground, 2 * ONE_CORNER_M)]
    if not len(corners):
        return shape
    border = shapely.union_all(shapely.boundary(others))
    rings = [_welded_ring(shapely.get_coordinates(ring)[:-1], corners, border, ground)
             for ring in (shape.exterior, *shape.interiors)]  # fmt: skip
    if min(map(len, rings)) < 3:
        raise _unfit()
    return shapely.Polygon(rings[0], rings[1:])


def _welded_ring(ring: Array, corners: Array, border: shapely.Geometry, ground: shapely.Geometry) -> Array:
    """A ring (n, 2), open, with its corners at `ground` on `corners` within reach, and none beside another."""
    here = np.flatnonzero(shapely.dwithin(shapely.points(ring), ground, ONE_CORNER_M))
    away = np.hypot(*np.moveaxis(ring[here, None, :] - corners[None, :, :], 2, 0))
    near = away.min(axis=1) <= ONE_CORNER_M if len(here) else np.zeros(0, dtype=bool)
    ring = ring.copy()
    ring[here[near]] = corners[away[near].argmin(axis=1)]
    ring = ring[np.hypot(*(ring - np.roll(ring, 1, axis=0)).T) > 0.0]
    off = shapely.distance(shapely.points(ring), border)
    at_ground = shapely.dwithin(shapely.points(ring), ground, 2 * ONE_CORNER_M)
    step = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    first = np.flatnonzero((step < ONE_CORNER_M) & at_ground)
    second = (first + 1) % len(ring)
    return np.delete(ring, np.where(off[first] > off[second], first, second), axis=0)


def _unfit() -> Refused:
    return Refused("The cell would become several parts, or get a hole.", remedy="Draw the border by hand.")
