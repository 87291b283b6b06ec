"""The middle line of a water body: where its name flows.

The Voronoi diagram of points along the shore holds the medial axis (Blum 1967; Brandt and Algazi 1992 for sampled
shapes); its longest path, smoothed, is the line a reader would draw down the river.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Voronoi

Array = np.ndarray

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
    diagram = Voronoi(shore - origin)
    ends = np.asarray(diagram.ridge_vertices)
    ends = ends[(ends >= 0).all(axis=1)]
    inside = shapely.contains_xy(simple, *(diagram.vertices + origin).T)
    ends = ends[inside[ends].all(axis=1)]
    if len(ends) < 3:
        return None
    path = _longest_path(diagram.vertices + origin, ends)
    if len(path) < 8:
        return None
    return np.column_stack([gaussian_filter1d(path[:, axis], SMOOTHING, mode="nearest") for axis in (0, 1)])


def _longest_path(vertices: Array, ends: Array) -> Array:
    """The path between the two vertices of the largest tree that are farthest apart."""
    length = np.hypot(*(vertices[ends[:, 0]] - vertices[ends[:, 1]]).T)
    size = len(vertices)
    graph = coo_array((length, (ends[:, 0], ends[:, 1])), shape=(size, size)).tocsr()
    part = connected_components(graph, directed=False)[1]
    start = int(ends[np.bincount(part[ends[:, 0]])[part[ends[:, 0]]].argmax(), 0])
    for _ in range(2):  # twice: the farthest from anywhere is an end of the longest path of a tree
        far, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
        last, start = start, int(np.where(np.isfinite(far), far, -1.0).argmax())
    path = [start]
    while path[-1] != last and before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return vertices[path]
