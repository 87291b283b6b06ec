"""Cuts along walls and from house to house: the cheapest way through the open ground between the buildings.

The ground around the houses is triangulated, walls being sides of triangles. A way runs along sides: a metre along a wall
costs little, one over open ground as much as elsewhere, and so does each bend a bit, so that a border stays surveyable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis.division.crossings import GAIN, TRIED, Cut, Field, sizes
from gis.division.mosaic import NEAR_M

ALONG: Final = 0.08  # price of a metre along a wall, when a metre over open ground costs one
BEND_M: Final = 0.7  # price of each corner, in metres of open ground
LEAST_M2: Final = 1.0

Array = np.ndarray
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Net:
    """Sides of triangles between `place`s: ends and metres of open ground that each is worth; `rim`: the outline's vertex at each place, or -1."""

    place: NDArray[np.float64]
    rim: Numbers
    first: Numbers
    second: Numbers
    worth_m: NDArray[np.float64]


def routed(field: Field, rival: Cut | None) -> Cut | None:
    """The cheapest cut by way of walls where it is cheaper than `rival` and the border there is; None elsewhere."""
    lines = field.lines
    net = _net(field) if len(field.solids) and len(lines.start) else None
    if net is None:
        return None
    inner, count = len(net.place), len(field.xy)
    far, previous = _ways(net, count, field.weights.off_per_m)
    # How large the parts are shows only when a way is drawn; till then they are taken for those of the straight cut.
    way = far[lines.start, inner + count + lines.end]
    guess = lines.price - field.weights.off_per_m * lines.length_m + way
    limit = min(field.price, rival.price if rival else np.inf) - GAIN
    order = np.argsort(guess, kind="stable")[:TRIED]
    best: Cut | None = None
    for k in order[guess[order] < limit].tolist():
        start, end = int(lines.start[k]), int(lines.end[k])
        bends = net.place[_passed(previous[start], inner + count + end, inner)]
        cut = _judged(field, start, end, bends, float(way[k]))
        if cut is not None and cut.price < (best.price if best else limit):
            best = cut
    return best


def _net(field: Field) -> Net | None:
    """The ground between the buildings in triangles; None where there is no such ground."""
    free = shapely.get_parts(shapely.difference(field.both, shapely.union_all(field.solids)))
    free = free[(shapely.get_dimensions(free) == 2) & (shapely.area(free) > LEAST_M2)]
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(free))
    if not len(triangles):
        return None
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    place, number = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    number = number.reshape(-1, 3)
    sides = np.concatenate([number[:, [0, 1]], number[:, [1, 2]], number[:, [2, 0]]])
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    vertex = {tuple(xy): k for k, xy in enumerate(field.xy.tolist())}
    rim = np.array([vertex.get(tuple(xy), -1) for xy in place.tolist()], dtype=np.int64)
    sides = sides[~_is_outline(rim[sides], len(field.xy))]
    start, end = place[sides[:, 0]], place[sides[:, 1]]
    middle = shapely.points((start + end) / 2)
    walls = shapely.STRtree(shapely.get_exterior_ring(field.solids))
    worth = np.hypot(*(end - start).T)
    worth[walls.query(middle, predicate="dwithin", distance=NEAR_M)[0]] *= ALONG
    return Net(place, rim, sides[:, 0], sides[:, 1], worth + BEND_M)


def _is_outline(ends: Numbers, count: int) -> NDArray[np.bool_]:
    """Whether both ends of a side follow one another on the outline."""
    apart = np.abs(ends[:, 0] - ends[:, 1])
    return np.asarray((ends >= 0).all(axis=1) & ((apart == 1) | (apart == count - 1)))


def _ways(net: Net, count: int, per_m: float) -> tuple[NDArray[np.float64], Numbers]:
    """Price of the cheapest ways from each vertex of the outline, and the place before each place on them.

    Places are followed by the outline's vertices twice, once to begin at and once to end at: no way leads through one.
    """
    inner = len(net.place)
    start, end = np.r_[net.first, net.second], np.r_[net.second, net.first]
    source = np.where(net.rim[start] >= 0, inner + net.rim[start], start)
    sink = np.where(net.rim[end] >= 0, inner + count + net.rim[end], end)
    size = inner + 2 * count
    graph = coo_array((np.r_[net.worth_m, net.worth_m] * per_m, (source, sink)), shape=(size, size)).tocsr()
    far, previous = dijkstra(graph, indices=np.arange(inner, inner + count), return_predecessors=True)
    return far, previous.astype(np.int64)


def _passed(previous: Numbers, sink: int, inner: int) -> Numbers:
    """The inner places on the way to `sink`, from its begin to its end."""
    out: list[int] = []
    place = int(previous[sink])
    while 0 <= place < inner:
        out.append(place)
        place = int(previous[place])
    return np.array(out[::-1], dtype=np.int64)


def _judged(field: Field, start: int, end: int, bends: Array, way: float) -> Cut | None:
    """The cut with its true price; None where a part would be worse than the cells are or no polygon."""
    first = np.concatenate([field.xy[start : end + 1], bends[::-1]])
    second = np.concatenate([field.xy[end:], field.xy[: start + 1], bends])
    area, perimeter = sizes([first, second])
    if not field.is_sound(area, perimeter)[0]:
        return None
    price = float(field.weights.cell(area, perimeter).sum()) + way
    valid = shapely.Polygon(first).is_valid and shapely.Polygon(second).is_valid
    return Cut(start, end, bends, price) if valid else None
