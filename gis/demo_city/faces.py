"""Lines into faces: noding on a 5 cm grid, faces that share their vertices, and which face lies on either side.

The grid makes every later promise cheap: neighbours share vertices exactly, no two vertices of a border are closer
than a few centimetres, and all coordinates are whole millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.plan import Array

GRID_M: Final = 0.05
NO_LINE: Final = -1


@dataclass(frozen=True)
class Tiling:
    """Faces and the straight pieces of border between them.

    `start`, `end` are n × 2 coordinates; `left`, `right` the faces beside each piece (-1 outside all); `line` the
    index of the source line it lies on.
    """

    faces: Array
    start: Array
    end: Array
    left: Array
    right: Array
    line: Array

    @property
    def length_m(self) -> Array:
        """Length of each piece."""
        return np.hypot(*(self.end - self.start).T)


def tile(lines: Array) -> Tiling:
    """The faces that `lines` enclose and the border pieces around them; dangling ends vanish."""
    noded = shapely.unary_union(shapely.multilinestrings(lines), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = on_millimetres(shapely.orient_polygons(shapely.normalize(faces)))
    faces = faces[np.lexsort(shapely.get_coordinates(shapely.centroid(faces)).T)]
    start, end, left, right = borders(faces)
    return Tiling(faces, start, end, left, right, _nearest_line((start + end) / 2, lines))


def on_millimetres(geometry: Array) -> Array:
    """The same geometry with coordinates rounded to whole millimetres; the 5 cm grid makes that exact."""
    return shapely.transform(geometry, lambda xy: np.round(xy, 3))


def borders(faces: Array) -> tuple[Array, Array, Array, Array]:
    """Pieces between vertices as (start, end, left face, right face), each once.

    Faces must share their vertices and be oriented counter-clockwise, so that the inside lies left of a ring.
    """
    rings, owner = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    a, b, face = xy[:-1][inner], xy[1:][inner], owner[ring[:-1][inner]]
    ids = _point_ids(np.vstack([a, b]))
    p, q = ids[: len(a)], ids[len(a) :]
    key = np.minimum(p, q) * (ids.max() + 1) + np.maximum(p, q)
    _, first, piece = np.unique(key, return_index=True, return_inverse=True)
    left = np.full(len(first), -1)
    right = np.full(len(first), -1)
    same_way = p == p[first][piece]
    left[piece[same_way]] = face[same_way]
    right[piece[~same_way]] = face[~same_way]
    return a[first], b[first], left, right


def _point_ids(xy: Array) -> Array:
    key = np.round(xy / GRID_M).astype(np.int64)
    key -= key.min(axis=0)
    return np.unique(key[:, 0] * (key[:, 1].max() + 1) + key[:, 1], return_inverse=True)[1].astype(np.int64)


def _nearest_line(middle: Array, lines: Array) -> Array:
    """Index of the line each point lies on; of lines that coincide, the first one."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = owner[1:] == owner[:-1]
    # Straight pieces have small boxes: the tree then finds few candidates for each point.
    straight = shapely.linestrings(np.stack([xy[:-1][inner], xy[1:][inner]], axis=1))
    of = owner[:-1][inner]
    hits = shapely.STRtree(straight).query(shapely.points(middle), predicate="dwithin", distance=4 * GRID_M)
    out = np.full(len(middle), len(lines))
    np.minimum.at(out, hits[0], of[hits[1]])
    return np.where(out == len(lines), NO_LINE, out)


def neighbour_pairs(tiling: Tiling, weight: Array | None = None) -> tuple[Array, Array, Array]:
    """Pairs of faces that share a border, as (low, high, shared length or the sum of `weight`)."""
    both = (tiling.left >= 0) & (tiling.right >= 0) & (tiling.left != tiling.right)
    low = np.minimum(tiling.left, tiling.right)[both]
    high = np.maximum(tiling.left, tiling.right)[both]
    amount = (tiling.length_m if weight is None else weight)[both]
    key, piece = np.unique(low * len(tiling.faces) + high, return_inverse=True)
    return key // len(tiling.faces), key % len(tiling.faces), np.bincount(piece, amount)


def merge_faces(tiling: Tiling, group: Array) -> Tiling:
    """The tiling whose faces are the unions of faces with one `group` number (0 … n-1, connected groups).

    Pieces inside a group vanish.
    """
    order = np.argsort(group, kind="stable")
    count = int(group.max()) + 1
    bounds = np.searchsorted(group[order], np.arange(count + 1))
    single = np.diff(bounds) == 1
    faces = np.empty(count, dtype=object)
    faces[single] = tiling.faces[order[bounds[:-1][single]]]
    for k in np.flatnonzero(~single):
        faces[k] = shapely.coverage_union_all(tiling.faces[order[bounds[k] : bounds[k + 1]]])
    moved = np.append(group, -1)
    left, right = moved[tiling.left], moved[tiling.right]
    kept = left != right
    return Tiling(faces, tiling.start[kept], tiling.end[kept], left[kept], right[kept], tiling.line[kept])


def merge_small(tiling: Tiling, small: Array, attraction: Array) -> tuple[Tiling, Array]:
    """Joins each `small` face to the neighbour with which it shares the most `attraction` (a number per piece).

    Pieces with attraction 0 are never given up; a small face without any other neighbour stays. Returns the new
    tiling and the new face number of every old face.
    """
    group = np.arange(len(tiling.faces))
    low, high, pull = neighbour_pairs(tiling, attraction)
    joined = np.zeros(len(group), dtype=bool)
    pairs = np.flatnonzero((pull > 0) & (small[low] | small[high]))
    for k in pairs[np.argsort(-pull[pairs], kind="stable")]:
        a, b = low[k], high[k]
        if (small[a] and not joined[a]) or (small[b] and not joined[b]):
            group[group == group[b]] = group[a]
            joined[[a, b]] = True
    group = np.unique(group, return_inverse=True)[1]
    return merge_faces(tiling, group), group
