"""The middle line of a water body: where its name flows.

The Voronoi diagram of points along the shore holds the medial axis (Blum 1967; Brandt and Algazi 1992 for sampled
shapes); its longest path, smoothed, is the line a reader would draw down the river.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final

import numpy as np
import shapely

Array = np.ndarray
Tree = dict[int, dict[int, float]]  # vertex → neighbour → metres between them

SAMPLES: Final = 800  # points along the shore
SMALLEST_M2: Final = 400.0
SMOOTHING: Final = 4.0  # in points of the path


def middle_line(water: shapely.Polygon) -> Array | None:
    """The longest path of the medial axis, (n, 2) metres, or None where there is none (a round pond has a short one)."""
    if water.area < SMALLEST_M2:
        return None
    simple = shapely.Polygon(shapely.get_exterior_ring(water)).simplify(shapely.length(water) / SAMPLES)
    shore = shapely.get_coordinates(shapely.segmentize(simple, shapely.length(simple) / SAMPLES))[:-1]
    if len(shore) < 8:
        return None
    origin = shore.mean(axis=0)  # far from it the diagram would lose its digits
    vertices, ends = voronoi(shore - origin)
    vertices += origin
    inside = shapely.contains_xy(simple, *vertices.T)
    ends = ends[inside[ends].all(axis=1)]
    if len(ends) < 3:
        return None
    path = _longest_path(vertices, ends)
    return np.column_stack([_smoothed(path[:, axis]) for axis in (0, 1)]) if len(path) >= 8 else None


def voronoi(points: Array) -> tuple[Array, Array]:
    """The vertices (n, 2) of the Voronoi diagram and its finite edges (m, 2) between them, as the dual of the
    Delaunay triangles: their circumcentres, joined where two triangles have a side in common."""
    triangles = shapely.delaunay_triangles(shapely.multipoints(points))
    corners = shapely.get_coordinates(shapely.get_parts(triangles)).reshape(-1, 4, 2)[:, :3]
    (bx, by), (cx, cy) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    b2, c2, twice = bx**2 + by**2, cx**2 + cy**2, 2.0 * (bx * cy - by * cx)
    with np.errstate(divide="ignore", invalid="ignore"):  # a triangle without breadth has no centre
        centres = corners[:, 0] + np.column_stack([cy * b2 - by * c2, bx * c2 - cx * b2]) / twice[:, None]
    ids = np.unique(corners.reshape(-1, 2) @ [1.0, 1.0j], return_inverse=True)[1].reshape(-1, 3)
    other = np.roll(ids, -1, axis=1)
    sides = (np.minimum(ids, other) * (ids.max() + 1) + np.maximum(ids, other)).ravel()
    order = np.argsort(sides, kind="stable")
    twin = np.flatnonzero(sides[order][1:] == sides[order][:-1])
    return centres, np.column_stack([order[twin], order[twin + 1]]) // 3


def _longest_path(vertices: Array, ends: Array) -> Array:
    """The path between the two vertices of the largest tree that are farthest apart."""
    length = np.hypot(*(vertices[ends[:, 0]] - vertices[ends[:, 1]]).T)
    tree: Tree = {}
    for (one, other), metres in zip(ends.tolist(), length.tolist(), strict=True):
        tree.setdefault(one, {})[other] = metres
        tree.setdefault(other, {})[one] = metres
    best: dict[int, int] = {}
    left = set(tree)
    while left:  # water that narrows to nothing has a tree on each side
        before = _walk(tree, next(iter(left)))
        left -= before.keys()
        best = max(best, before, key=len)
    for _ in range(2):  # twice: the farthest from anywhere is an end of the longest path of a tree
        best = _walk(tree, next(reversed(best)))
    at = next(reversed(best))
    path = [at]
    while best[at] != at:
        at = best[at]
        path.append(at)
    return vertices[path]


def _walk(tree: Tree, start: int) -> dict[int, int]:
    """Every vertex that can be reached and the one before it on the way, the nearest first (Dijkstra 1959)."""
    before: dict[int, int] = {}
    ahead = [(0.0, start, start)]
    while ahead:
        metres, vertex, last = heappop(ahead)
        if vertex not in before:
            before[vertex] = last
            for other, length in tree[vertex].items():
                if other not in before:
                    heappush(ahead, (metres + length, other, vertex))
    return before


def _smoothed(values: Array) -> Array:
    """A Gaussian mean along a path whose ends are held."""
    reach = int(4.0 * SMOOTHING + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), weights / weights.sum(), mode="valid")
