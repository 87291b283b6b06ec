"""Cells laid back onto the exact outlines of their communities, with the same vertices on both sides of each border.

Noding rounds to a centimetre. The outline of a community is law: its vertices are put back to where they were, and
what ends on it is moved onto it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.division.solids import GRID_M
from gis.edges import polygon_edges

REACH_M: Final = 2 * GRID_M
TOUCHING_M: Final = 1e-6
HUG_M: Final = 0.25
SAME_M: Final = 1e-3

Array = np.ndarray


def anchored(cells: Array, community: shapely.Geometry) -> Array:
    """The cells of one community with their outer vertices on its outline."""
    place = np.unique(_outer(cells).reshape(-1, 2), axis=0)
    corners = np.unique(shapely.get_coordinates(community), axis=0)
    home = _nearest_on(place, _sides(community), REACH_M)
    near, far = shapely.STRtree(shapely.points(corners)).query_nearest(
        shapely.points(place), max_distance=GRID_M, all_matches=False
    )
    home[near] = corners[far]
    return _moved(cells, place, home)


def hugging(lines: Array, community: shapely.Geometry) -> Array:
    """Lines that run within `HUG_M` of the community's outline laid onto it: no slivers between the two.

    Where a street and the border were drawn from one another they differ by centimetres.
    """
    sides = _sides(community)
    near = np.unique(shapely.STRtree(lines).query(sides, predicate="dwithin", distance=HUG_M)[1])
    if not len(near):
        return lines
    corners = shapely.multipoints(shapely.get_coordinates(community))
    snapped = shapely.snap(lines[near], corners, HUG_M)
    place = shapely.get_coordinates(snapped)
    laid = shapely.set_coordinates(snapped, _nearest_on(place, sides, HUG_M))
    out = lines.copy()
    out[near] = laid
    return out[shapely.length(out) > 0.0]


def stitched(cells: Array, communities: Array) -> Array:
    """All cells of a tiling with the vertices that neighbours have on common borders put into both."""
    cells = _settled(cells, communities)
    edges = _outer(cells)
    corners = np.concatenate([edges.reshape(-1, 2), shapely.get_coordinates(communities)])
    places = np.unique(corners, axis=0)
    # Only a vertex that some outer edge passes without stopping is missing there.
    edge, place = shapely.STRtree(shapely.points(places)).query(
        shapely.linestrings(edges.reshape(-1, 2, 2)), predicate="dwithin", distance=TOUCHING_M
    )
    ends = edges[edge].reshape(-1, 2, 2)
    apart = np.hypot(*(ends - places[place][:, None, :]).transpose(2, 0, 1)).min(axis=1)
    missed = apart > TOUCHING_M
    missing: dict[tuple[float, ...], list[Array]] = {}
    for row, point in zip(edges[edge[missed]], places[place[missed]], strict=True):
        missing.setdefault(tuple(row), []).append(point)
    return _with_vertices(cells, missing)


def _settled(cells: Array, communities: Array) -> Array:
    """Outer vertices within `SAME_M` of one another made one; a community's own vertex stays where it is."""
    corners = np.unique(shapely.get_coordinates(communities), axis=0)
    places = np.unique(_outer(cells).reshape(-1, 2), axis=0)
    every = np.concatenate([corners, places])
    points = shapely.points(every)
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=SAME_M)
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(every), len(every)))
    cluster = connected_components(links, directed=False)[1]
    lead = np.full(len(every), len(every))
    np.minimum.at(lead, cluster, np.arange(len(every)))
    return _moved(cells, places, every[lead[cluster[len(corners) :]]])


def _outer(cells: Array) -> Array:
    """Edges with a cell on one side only, as rows x1, y1, x2, y2."""
    edges = polygon_edges(cells)
    alone = (edges.left < 0) | (edges.right < 0)
    return np.stack([edges.x1[alone], edges.y1[alone], edges.x2[alone], edges.y2[alone]], axis=1)


def _sides(community: shapely.Geometry) -> Array:
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(community)), return_index=True)
    joined = ring[1:] == ring[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][joined], xy[1:][joined]], axis=1)), dtype=object)


def _nearest_on(place: Array, sides: Array, reach_m: float) -> Array:
    """The nearest point on any side within reach; what is farther stays."""
    out = place.copy()
    points = shapely.points(place)
    which, side = shapely.STRtree(sides).query_nearest(points, max_distance=reach_m, all_matches=False)
    along = shapely.line_locate_point(sides[side], points[which])
    out[which] = shapely.get_coordinates(shapely.line_interpolate_point(sides[side], along))
    return out


def _moved(cells: Array, place: Array, home: Array) -> Array:
    xy = shapely.get_coordinates(cells)
    both, number = np.unique(np.concatenate([place, xy]), axis=0, return_inverse=True)
    target = both.copy()
    target[number[: len(place)]] = home
    return np.asarray(shapely.set_coordinates(cells.copy(), target[number[len(place) :]]), dtype=object)


def _with_vertices(cells: Array, missing: dict[tuple[float, ...], list[Array]]) -> Array:
    if not missing:
        return cells
    ends = np.array(list(missing))
    waiting = np.unique(
        shapely.STRtree(cells).query(shapely.linestrings(ends.reshape(-1, 2, 2)), predicate="intersects")[1]
    )
    out = cells.copy()
    for number in waiting:
        rings = [_filled(shapely.get_coordinates(ring), missing) for ring in shapely.get_rings(out[number])]
        out[number] = shapely.Polygon(rings[0], rings[1:])
    return out


def _filled(ring: Array, missing: dict[tuple[float, ...], list[Array]]) -> Array:
    out = [ring[:1]]
    for a, b in pairwise(ring):
        found = missing.get((*a, *b)) or missing.get((*b, *a))
        if found is not None:
            out.append(np.array(sorted(found, key=lambda p: float((p[0] - a[0]) ** 2 + (p[1] - a[1]) ** 2))))
        out.append(b[None, :])
    return np.concatenate(out)
