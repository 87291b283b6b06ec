"""Invalid rings, overlaps and gaps of a tiling, found where edges do not meet their counterpart.

Every polygon's border is a chain of directed edges. In a tiling each inner edge occurs once in each direction and
the two cancel. The number of polygons over a place can change only across an edge that is left over; so the few
left-over edges, noded and polygonized, bound all overlaps and gaps there are, and only they need geometry.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import shapely

TOLERANCE_M2: Final = 0.01
# A vertex that was computed to lie on a neighbour's edge misses it by rounding; noding joins what is nearer than this.
NODING_M: Final = 1e-6
DUST_M2: Final = 1e-9  # faces that noding leaves between edges that are the same but for rounding

Array = np.ndarray


@dataclass(frozen=True)
class Topology:
    """What is wrong with a tiling.

    `invalid`: numbers of the polygons that are not valid. `overlaps`: frame of `first`, `second` (numbers, first is
    the lower), `area_m2`, `geometry`, one row for each pair of valid polygons. `gaps`: polygons without any cover.
    `gap_m2` and `overlap_m2` are totals, small parts included (a place under three polygons counts twice).
    """

    invalid: Array
    overlaps: pd.DataFrame
    gaps: Array
    gap_m2: float
    overlap_m2: float


@dataclass(frozen=True)
class Faces:
    """Places where the number of polygons may differ from their surroundings: `geometry`, `cover`, `group`."""

    geometry: Array
    cover: Array
    group: Array


def check(
    polygons: Array, within: shapely.Geometry | None = None, tolerance_m2: float = TOLERANCE_M2
) -> Topology:
    """Check polygons of one metric plane against one another.

    `within`: the area that they should fill; without it only gaps that polygons enclose are found. Overlaps and gaps
    up to `tolerance_m2` are not listed. An invalid polygon is listed, covers what `make_valid` makes of it, and
    has no overlaps of its own.
    """
    polygons = np.asarray(polygons, dtype=object)
    valid = shapely.is_valid(polygons)
    cover = polygons.copy()
    cover[~valid] = shapely.make_valid(polygons[~valid])
    found = faces(cover, within=None if within is None else np.array([within], dtype=object))
    gaps = _gaps(found, within)
    sizes = shapely.area(gaps)
    twice = found.cover > 1
    overlap_m2 = float((shapely.area(found.geometry[twice]) * (found.cover[twice] - 1)).sum())
    return Topology(
        invalid=np.flatnonzero(~valid),
        overlaps=_overlaps(polygons, valid, found.geometry[twice], tolerance_m2),
        gaps=gaps[sizes > tolerance_m2],
        gap_m2=float(sizes.sum()),
        overlap_m2=overlap_m2,
    )


def faces(
    polygons: Array,
    group: Array | None = None,
    within: Array | None = None,
    within_group: Array | None = None,
) -> Faces:
    """The faces between left-over edges, with the number of polygons of the same group over each.

    `group` keeps tilings apart that lie in one array (the cells of many communities); `within` are the areas that
    groups should fill: their borders bound faces, but they do not cover.
    """
    polygons = np.asarray(polygons, dtype=object)
    group = np.zeros(len(polygons), dtype=np.int64) if group is None else np.asarray(group)
    edges = _chain(polygons, group)
    if within is not None:
        frame_group = np.zeros(len(within), dtype=np.int64) if within_group is None else within_group
        frame = _chain(within, frame_group, -1)
        edges = [np.concatenate(pair) for pair in zip(edges, frame, strict=True)]
    lines, line_group = _left_over(*edges)
    geometry, face_group = _polygonized(lines, line_group)
    return Faces(geometry, _cover(geometry, face_group, polygons, group), face_group)


def _chain(polygons: Array, group: Array, sign: int = 1) -> list[Array]:
    """Directed edges of the borders: start xy, end xy, direction count, group; interiors lie to the left."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    rings, ring_of = shapely.get_rings(shapely.orient_polygons(parts[areal]), return_index=True)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    joined = at[1:] == at[:-1]
    edge_group = np.asarray(group)[owner[areal][ring_of[at[:-1][joined]]]]
    return [xy[:-1][joined], xy[1:][joined], np.full(len(edge_group), sign), edge_group]


def _left_over(start: Array, end: Array, count: Array, group: Array) -> tuple[Array, Array]:
    """Edges that no counterpart cancels, as lines, with their groups."""
    ends = _vertex_numbers(np.concatenate([start, end]))
    first, second = ends[: len(start)], ends[len(start) :]
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((high, low, group))
    key = np.stack([group, low, high])[:, order]
    opens = np.r_[True, (key[:, 1:] != key[:, :-1]).any(axis=0)] if len(order) else np.zeros(0, dtype=bool)
    runs = np.flatnonzero(opens)
    net = np.add.reduceat(np.where(first < second, count, -count)[order], runs) if len(runs) else runs
    left = order[runs[net != 0]]
    left = left[low[left] != high[left]]
    return shapely.linestrings(np.stack([start[left], end[left]], axis=1)), np.asarray(group)[left]


def _vertex_numbers(xy: Array) -> Array:
    """The same number for the same coordinates, to the last bit."""
    order = np.lexsort((xy[:, 0], xy[:, 1]))
    new = np.r_[False, (xy[order][1:] != xy[order][:-1]).any(axis=1)]
    numbers = np.empty(len(xy), dtype=np.int64)
    numbers[order] = np.cumsum(new)
    return numbers


def _polygonized(lines: Array, group: Array) -> tuple[Array, Array]:
    order = np.argsort(group, kind="stable")
    bounds = (
        np.flatnonzero(np.r_[True, np.diff(group[order]) != 0, True]) if len(order) else np.zeros(1, "i8")
    )
    made: list[Array] = []
    owners: list[Array] = []
    for low, high in pairwise(bounds):
        noded = shapely.union_all(lines[order[low:high]], grid_size=NODING_M)
        areas = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        areas = areas[shapely.area(areas) > DUST_M2]
        made.append(areas)
        owners.append(np.full(len(areas), group[order[low]]))
    return (
        np.concatenate([np.zeros(0, dtype=object), *made]),
        np.concatenate([np.zeros(0, dtype=np.int64), *owners]),
    )


def _cover(geometry: Array, face_group: Array, polygons: Array, group: Array) -> Array:
    """How many polygons of its own group lie over each face."""
    if not len(geometry):
        return np.zeros(0, dtype=np.int64)
    points = shapely.point_on_surface(geometry)
    face, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    own = face_group[face] == group[polygon]
    face, polygon = face[own], polygon[own]
    held = _holds(polygons[polygon], shapely.get_x(points[face]), shapely.get_y(points[face]))
    return np.bincount(face[held], minlength=len(geometry))


def _holds(polygons: Array, x: Array, y: Array) -> Array:
    """Whether each polygon holds its point; of a tiling's polygons exactly one holds a point on a common edge.

    The point of a face may lie on edges that cancel, even on a corner of four cells. Counting the border's crossings
    east of it, with edges taken from their lower end up to, but without, their upper end, is as if it lay a hair to
    the north-east; and each edge gives the same answer for both its polygons.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    a, b, pair = xy[:-1][joined], xy[1:][joined], owner[part[ring[:-1][joined]]]
    upward = (a[:, 1] < b[:, 1])[:, None]
    low, high = np.where(upward, a, b), np.where(upward, b, a)
    crossing = np.flatnonzero((low[:, 1] <= y[pair]) & (y[pair] < high[:, 1]))
    low, high, pair = low[crossing], high[crossing], pair[crossing]
    share = (y[pair] - low[:, 1]) / (high[:, 1] - low[:, 1])
    east = x[pair] < low[:, 0] + share * (high[:, 0] - low[:, 0])
    return np.bincount(pair[east], minlength=len(polygons)) % 2 == 1


def _gaps(found: Faces, within: shapely.Geometry | None) -> Array:
    """Faces without cover, joined where they lie side by side; those inside `within` if it is given."""
    bare = found.geometry[found.cover == 0]
    if within is not None and len(bare):
        shapely.prepare(within)
        bare = bare[shapely.intersects(within, shapely.point_on_surface(bare))]
    parts = shapely.get_parts(shapely.union_all(bare)) if len(bare) else bare
    return parts[shapely.get_dimensions(parts) == 2]


def _overlaps(polygons: Array, valid: Array, twice: Array, tolerance_m2: float) -> pd.DataFrame:
    """Pairs of valid polygons over the faces `twice` whose common area is larger than the tolerance."""
    sound = np.flatnonzero(valid)
    tree = shapely.STRtree(polygons[sound])
    near = sound[np.unique(tree.query(twice, predicate="intersects")[1])] if len(twice) else sound[:0]
    first, second = shapely.STRtree(polygons[near]).query(polygons[near], predicate="intersects")
    once = first < second
    first, second = near[first[once]], near[second[once]]
    common = shapely.intersection(polygons[first], polygons[second])
    area = shapely.area(common)
    large = area > tolerance_m2
    pairs = {"first": first, "second": second, "area_m2": area, "geometry": common}
    frame = pd.DataFrame({name: values[large] for name, values in pairs.items()})
    return frame.sort_values(["first", "second"], ignore_index=True)
