"""The edges of many polygons as arrays: which cell lies to the left, which to the right.

Two cells that share an edge with exactly the same end points share one entry; edges that are split differently on both
sides stay two entries, each with one cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_POLYGON: Final = 3  # type numbers of the Simple Features standard, as shapely gives them
_MULTIPOLYGON: Final = 6


@dataclass(frozen=True)
class Edges:
    """m edges from (`x1`, `y1`) up to (`x2`, `y2`): y2 > y1, or y2 = y1 and x2 > x1.

    `left`, `right`: index of the polygon on that side, -1 where there is none.
    """

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    left: Numbers
    right: Numbers

    def __len__(self) -> int:
        return len(self.x1)


@dataclass(frozen=True)
class Rings:
    """Rings of many polygons: vertices `xy` (closed: the last of a ring repeats the first), the ring of each vertex,
    the polygon of each ring, and whether the ring is a shell (or else a hole)."""

    xy: Floats
    ring: Numbers
    polygon: Numbers
    is_shell: NDArray[np.bool_]


def polygon_rings(polygons: NDArray[np.object_]) -> Rings:
    """All rings of polygons and multipolygons; missing and empty ones have none. `ValueError` for other geometry."""
    kind = shapely.get_type_id(polygons)
    if not np.isin(kind, (-1, _POLYGON, _MULTIPOLYGON)).all():
        raise ValueError("cells are polygons or multipolygons")
    is_simple = (kind == _POLYGON) & (shapely.get_num_interior_rings(polygons) == 0)
    simple, other = np.flatnonzero(is_simple), np.flatnonzero(~is_simple)
    xy, ring = shapely.get_coordinates(polygons[simple], return_index=True)
    shell = np.ones(len(simple), dtype=bool)
    if len(other) == 0:
        return Rings(xy, ring, simple, shell)
    parts, of_part = shapely.get_parts(polygons[other], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    more_xy, more_ring = shapely.get_coordinates(rings, return_index=True)
    return Rings(
        np.concatenate((xy, more_xy)),
        np.concatenate((ring, more_ring + len(simple))),
        np.concatenate((simple, other[of_part[of_ring]])),
        np.concatenate((shell, np.diff(of_ring, prepend=-1) != 0)),
    )


def polygon_edges(polygons: NDArray[np.object_]) -> Edges:
    """Edges of polygons and multipolygons (missing ones allowed), holes included, rings in either direction."""
    rings = polygon_rings(polygons)
    x, y = rings.xy[:, 0] + 0.0, rings.xy[:, 1] + 0.0  # -0.0 becomes 0.0: equal vertices have equal bits
    here = np.flatnonzero((rings.ring[1:] == rings.ring[:-1]) & ((x[1:] != x[:-1]) | (y[1:] != y[:-1])))
    x1, y1, x2, y2, ring = (
        x.take(here),
        y.take(here),
        x.take(here + 1),
        y.take(here + 1),
        rings.ring.take(here),
    )
    is_ccw = _signed_areas(x1, y1, x2, y2, ring, len(rings.polygon)) > 0
    down = (y2 < y1) | ((y2 == y1) & (x2 < x1))
    cell = rings.polygon.take(ring)
    on_left = (is_ccw == rings.is_shell).take(ring) != down
    return _merge_shared(
        Edges(
            np.where(down, x2, x1),
            np.where(down, y2, y1),
            np.where(down, x1, x2),
            np.where(down, y1, y2),
            np.where(on_left, cell, -1),
            np.where(on_left, -1, cell),
        )
    )


def _signed_areas(x1: Floats, y1: Floats, x2: Floats, y2: Floats, ring: Numbers, rings: int) -> Floats:
    """Area of each ring, positive when it runs counter-clockwise; measured from the south-west of all."""
    west, south = x1.min(initial=np.inf), y1.min(initial=np.inf)
    doubled = (x1 - west) * (y2 - south) - (x2 - west) * (y1 - south)
    return np.bincount(ring, weights=doubled, minlength=rings).astype(np.float64) / 2


def _merge_shared(edges: Edges) -> Edges:
    """One entry for two edges with the same end points that have their polygons on opposite sides."""
    columns = (edges.x1, edges.y1, edges.x2, edges.y2)
    key = mix_bits(*columns)
    order = np.argsort(key)
    same = np.diff(key.take(order)) == 0
    same[1:] &= ~same[:-1]  # three or more edges on one another (overlapping cells): merge two
    pair = np.flatnonzero(same)
    kept, gone = order.take(pair), order.take(pair + 1)
    twins = (edges.left.take(kept) >= 0) != (edges.left.take(gone) >= 0)
    for column in columns:
        twins &= column.take(kept) == column.take(gone)
    kept, gone = kept[twins], gone[twins]
    edges.left[kept] = np.maximum(edges.left.take(kept), edges.left.take(gone))
    edges.right[kept] = np.maximum(edges.right.take(kept), edges.right.take(gone))
    is_kept = np.ones(len(edges), dtype=bool)
    is_kept[gone] = False
    rest = np.flatnonzero(is_kept)
    x1, y1, x2, y2 = (column.take(rest) for column in columns)
    return Edges(x1, y1, x2, y2, edges.left.take(rest), edges.right.take(rest))


def mix_bits(*columns: Floats) -> NDArray[np.uint64]:
    """A 64-bit hash of rows of numbers (multiply and fold, as in splitmix64); equal rows have equal hashes."""
    key: NDArray[Any] = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        key ^= np.ascontiguousarray(column, dtype=np.float64).view(np.uint64)
        key *= np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key
