"""Small parts join the neighbour they share the longest border with."""

from __future__ import annotations

import heapq
from collections import defaultdict

import numpy as np
import shapely

Array = np.ndarray


def merged(
    polygons: Array, group: Array, least_m2: float, misshapen: Array | None = None
) -> tuple[Array, Array]:
    """Merge polygons smaller than `least_m2` with a neighbour of the same group, smallest first.

    `misshapen` marks polygons that are to join a neighbour whatever their size. Returns the polygons that are left
    and their groups. What has no neighbour in its group stays as it is, however small. Neighbours share a border of
    some length; a common point is not enough.
    """
    area = shapely.area(polygons)
    joining = area < least_m2 if misshapen is None else (area < least_m2) | misshapen
    borders = _borders(polygons, group, joining)
    joined = _join_smallest_first(area, joining, borders, least_m2)
    roots, cluster = np.unique(joined, return_inverse=True)
    order = np.argsort(cluster, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1) if len(order) else []
    out = polygons[roots]
    for number, rows in enumerate(members):
        if len(rows) > 1:
            out[number] = shapely.union_all(polygons[rows])
    return out, group[roots]


def _borders(polygons: Array, group: Array, joining: Array) -> dict[int, dict[int, float]]:
    """Lengths of the borders that joining polygons share with others of their group."""
    rows = np.flatnonzero(joining)
    ours, theirs = shapely.STRtree(polygons).query(polygons[rows], predicate="intersects")
    ours = rows[ours]
    same = (group[ours] == group[theirs]) & (ours != theirs)
    ours, theirs = ours[same], theirs[same]
    lengths = shapely.length(
        shapely.intersection(shapely.boundary(polygons[ours]), shapely.boundary(polygons[theirs]))
    )
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for a, b, length in zip(ours.tolist(), theirs.tolist(), lengths.tolist(), strict=True):
        if length > 0.0:
            found[a][b] = found[b][a] = length
    return found


def _join_smallest_first(
    area: Array, joining: Array, borders: dict[int, dict[int, float]], least_m2: float
) -> Array:
    """Number of the polygon that stands for each one after merging."""
    stands_for = list(range(len(area)))
    sizes = area.tolist()
    waiting = [(sizes[number], number) for number in np.flatnonzero(joining).tolist()]
    heapq.heapify(waiting)
    while waiting:
        size, number = heapq.heappop(waiting)
        if stands_for[number] != number or size != sizes[number] or not borders.get(number):
            continue
        # Among equally long borders the lower number wins, so that the result does not depend on the order of joins.
        host = max(borders[number].items(), key=lambda item: (item[1], -item[0]))[0]
        _absorb(borders, host, number)
        stands_for[number] = host
        sizes[host] += size
        if sizes[host] < least_m2:
            heapq.heappush(waiting, (sizes[host], host))
    return np.array([_root(stands_for, number) for number in range(len(area))], dtype=np.int64)


def _absorb(borders: dict[int, dict[int, float]], host: int, guest: int) -> None:
    for other, length in borders.pop(guest).items():
        del borders[other][guest]
        if other != host:
            borders[host][other] = borders[other][host] = borders[host].get(other, 0.0) + length


def _root(stands_for: list[int], number: int) -> int:
    while stands_for[number] != number:
        number = stands_for[number]
    return number
