"""Cells as rings of numbered vertices: the border of two neighbours can be replaced without touching a third cell."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

STEP_M: Final = 10.0  # a cut may end at every vertex, and on long sides every so many metres
STRAIGHT_M: Final = 1e-6

Array = np.ndarray
Ring = list[int]
Edge = tuple[int, int]


class CellRings:
    """A tiling. Cells in `fixed` and cells with holes have no ring here and stay as they are.

    `xy`: the vertices' places; `owner`: the cell to the left of each edge from one vertex to another; `version`: goes up when a cell changes.
    """

    def __init__(self, cells: Array, fixed: Array) -> None:
        self._given = np.array(cells, dtype=object)
        self._known = {tuple(place) for place in shapely.get_coordinates(cells).tolist()}
        dense = _dense(shapely.orient_polygons(cells))
        places, row = shapely.get_coordinates(dense, return_index=True)
        self.xy, vertex = np.unique(places, axis=0, return_inverse=True)
        bounds = np.searchsorted(row, np.arange(len(cells) + 1))
        free = ~np.asarray(fixed, dtype=bool) & (shapely.get_num_interior_rings(cells) == 0)
        self.rings: list[Ring] = [
            vertex[bounds[k] : bounds[k + 1] - 1].tolist() if free[k] else [] for k in range(len(cells))
        ]
        self.owner: dict[Edge, int] = {}
        self.version = [0] * len(cells)
        for cell, ring in enumerate(self.rings):
            self._own(cell, ring)

    def may_end(self, ring: Ring) -> NDArray[np.bool_]:
        """At which vertices a cut may end: not at an added one on the outline of all, where another community would
        get it too and change with this one."""
        fine = [
            tuple(self.xy[here].tolist()) in self._known or (here, before) in self.owner
            for before, here in zip(ring[-1:] + ring[:-1], ring, strict=True)
        ]
        return np.array(fine, dtype=bool)

    def inner_edges(self) -> list[Edge]:
        """Edges between two cells, each once, the lower vertex first."""
        return sorted((u, v) for u, v in self.owner if u < v and (v, u) in self.owner)

    def chains(self, a: int, b: int) -> tuple[Ring, Ring, Ring] | None:
        """The vertices of two neighbours: of `a` from the end of their border round to its begin, of `b` on from
        there, and of the border itself, ends counted each time. None where the border is not one chain."""
        ring, other = self.rings[a], self.rings[b]
        shared = [self.owner.get((v, u)) == b for u, v in _edges(ring)]
        begins = [k for k in range(len(ring)) if shared[k] and not shared[k - 1]]
        if len(begins) != 1 or not other:
            return None
        count = sum(shared)
        turned = ring[begins[0] :] + ring[: begins[0]]
        at = other.index(turned[0])
        beyond = (other[at:] + other[:at])[: len(other) - count + 1]
        return [*turned[count:], turned[0]], beyond, turned[: count + 1]

    def placed(self, places: Array) -> Ring:
        """New vertices at these places; they stay, also where a border runs straight through them."""
        first = len(self.xy)
        self.xy = np.concatenate([self.xy, places.reshape(-1, 2)])
        self._known |= {tuple(place) for place in places.tolist()}
        return list(range(first, len(self.xy)))

    def replace(self, border: Ring, rings: dict[int, Ring]) -> None:
        """Give two neighbours new rings in place of those with the common `border`."""
        for u, v in pairwise(border):
            del self.owner[u, v], self.owner[v, u]
        for cell, ring in rings.items():
            self.rings[cell] = ring
            self.version[cell] += 1
            self._own(cell, ring)

    def polygons(self) -> Array:
        """The cells, without the added vertices that a border runs straight through."""
        kept = self._kept()
        out = self._given.copy()
        for cell, ring in enumerate(self.rings):
            if ring:
                out[cell] = shapely.Polygon(self.xy[[k for k in ring if kept[k]]])
        return out

    def _own(self, cell: int, ring: Ring) -> None:
        for edge in _edges(ring):
            self.owner[edge] = cell

    def _kept(self) -> list[bool]:
        beside: list[set[int]] = [set() for _ in range(len(self.xy))]
        for u, v in self.owner:
            beside[u].add(v)
            beside[v].add(u)
        return [
            tuple(place) in self._known or len(beside[k]) != 2 or self._turns(k, *sorted(beside[k]))
            for k, place in enumerate(self.xy.tolist())
        ]

    def _turns(self, vertex: int, before: int, after: int) -> bool:
        """Whether a border bends at a vertex."""
        back, on = self.xy[before] - self.xy[vertex], self.xy[after] - self.xy[vertex]
        aside = abs(back[0] * on[1] - back[1] * on[0])
        return bool(aside > STRAIGHT_M * np.hypot(*(on - back)) or back @ on > 0.0)


def _edges(ring: Ring) -> zip[Edge]:
    return zip(ring, ring[1:] + ring[:1], strict=True)


def _dense(cells: Array) -> NDArray[np.object_]:
    """Cells with vertices every `STEP_M` at most, the very same ones on both sides of each edge."""
    made = [
        shapely.Polygon(_dense_ring(cell.exterior), [_dense_ring(hole) for hole in cell.interiors])
        for cell in cells
    ]
    return np.array(made, dtype=object)


def _dense_ring(ring: shapely.LinearRing) -> Array:
    xy = shapely.get_coordinates(ring)
    start, end = xy[:-1], xy[1:]
    back = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(back[:, None], end, start), np.where(back[:, None], start, end)
    count = np.maximum(np.ceil(np.hypot(*(end - start).T) / STEP_M), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(start)), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = np.where(back[edge], count[edge] - step, step) / count[edge]
    made = low[edge] + (high[edge] - low[edge]) * share[:, None]
    made[step == 0] = start  # to the last bit
    return np.concatenate([made, made[:1]])
