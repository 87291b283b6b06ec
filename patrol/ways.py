"""The network that patrollers walk on: roads, or where there are none the borders of the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

Array = np.ndarray

NODE_M: Final = 0.01  # ends of lines this close are one node
EXPRESSWAY: Final = 1  # rank of roads nobody walks along


@dataclass(frozen=True)
class Ways:
    """A network: nodes `xy` [n, 2] in metres from west to east, `lengths` [n, n] in metres between neighbours."""

    xy: Array
    lengths: csr_array

    def within(self, xmin: float, ymin: float, xmax: float, ymax: float) -> Ways:
        """The largest connected part of the network inside a rectangle."""
        first, last = np.searchsorted(self.xy[:, 0], (xmin, xmax))
        y = self.xy[first:last, 1]
        nodes = first + np.flatnonzero((y >= ymin) & (y <= ymax))
        part = self.lengths[nodes][:, nodes]
        if not len(nodes):
            return Ways(self.xy[:0], part)
        component = connected_components(part, directed=False)[1]
        kept = np.flatnonzero(component == np.bincount(component).argmax())
        return Ways(self.xy[nodes[kept]], part[kept][:, kept])

    def nearest(self, points: Array) -> Array:
        """Number of the node nearest to each of `points` [k, 2]."""
        return np.asarray(cKDTree(self.xy).query(points)[1], dtype=np.int64)

    def routes(self, anchors: Array) -> Routes:
        """The shortest ways between `anchors` (node numbers)."""
        before = dijkstra(self.lengths, directed=False, indices=anchors, return_predecessors=True)[1]
        return Routes(self, anchors, before)


class Routes:
    """Shortest ways between anchors, traced when they are first asked for."""

    def __init__(self, ways: Ways, anchors: Array, before: Array) -> None:
        self._ways, self._anchors, self._before = ways, anchors, before
        self._traced: dict[tuple[int, int], Array] = {}

    def way(self, start: int, end: int) -> Array:
        """The way [m, 2] from anchor number `start` to `end`; m is 1 when both are the same place."""
        if (start, end) not in self._traced:
            way = self._ways.xy[self._path(start, end)]
            self._traced[start, end], self._traced[end, start] = way, way[::-1]
        return self._traced[start, end]

    def _path(self, start: int, end: int) -> Array:
        before = self._before[start]
        path = [int(self._anchors[end])]
        while path[-1] != self._anchors[start]:
            path.append(int(before[path[-1]]))
        return np.array(path[::-1], dtype=np.int64)


def from_roads(roads: gpd.GeoDataFrame) -> Ways:
    """The network of roads that people walk along, noded where lines cross."""
    walked = roads[roads["rank"] > EXPRESSWAY] if "rank" in roads.columns else roads
    lines = shapely.get_parts(walked.geometry.values)
    return _network(lines[shapely.get_dimensions(lines) == 1])


def from_cells(cells: gpd.GeoDataFrame) -> Ways:
    """The network of the cells' borders: the best guess where no roads are known."""
    return _network(shapely.boundary(np.asarray(cells.geometry.values, dtype=object)))


def _network(lines: Array) -> Ways:
    noded = shapely.get_parts(shapely.union_all(lines))
    xy, line = shapely.get_coordinates(noded, return_index=True)
    _, first, node = np.unique(
        np.round(xy / NODE_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    place, node = xy[first], node.ravel()
    joined = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    a, b = node[:-1][joined], node[1:][joined]
    pairs = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)]), axis=1)
    a, b = pairs
    length = np.hypot(*(place[a] - place[b]).T)
    matrix = csr_array((np.r_[length, length], (np.r_[a, b], np.r_[b, a])), shape=(len(place), len(place)))
    return Ways(place, matrix)
