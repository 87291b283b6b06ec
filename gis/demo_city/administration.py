"""Streets (街道) and communities (社区): connected groups of blocks that rather end at main roads and rails."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.demo_city.cells import Grid
from gis.demo_city.faces import Tiling
from gis.demo_city.parcels import KINDS, kind_of_pieces
from gis.demo_city.plan import COUNTY_CODE, Array
from gis.grid import grid_codes

CELLS_PER_STREET, CELLS_PER_COMMUNITY = 240, 23
FEWEST_CELLS: Final = 6  # a community with fewer joins a neighbour
# How much further than it is the other side of something seems.
BARRIER: Final = {
    "expressway": 3.0,
    "main": 2.2,
    "secondary": 1.5,
    "tertiary": 1.15,
    "rail": 3.0,
    "bank": 40.0,
}


@dataclass(frozen=True)
class Division:
    """Codes of the cells (15 digits) and of the areas they lie in."""

    cell_codes: Array
    street_codes: Array
    community_codes: Array


def administer(grid: Grid) -> Division:
    """Codes of streets, communities and cells; every area is connected by land or by one bridge end."""
    cells_of = np.bincount(grid.block, minlength=grid.block.max() + 1)
    at = _block_centres(grid, cells_of)
    graph = _graph(grid, at)
    street = _districts(graph, at, cells_of, CELLS_PER_STREET, np.zeros(len(at), dtype=int))
    street = _absorb_small(graph, street, cells_of, CELLS_PER_STREET // 5)
    community = _districts(graph, at, cells_of, CELLS_PER_COMMUNITY, street)
    community = _absorb_small(_within(graph, street), community, cells_of, FEWEST_CELLS)
    return _coded(grid, at, cells_of, street, community)


def _block_centres(grid: Grid, cells_of: Array) -> Array:
    xy = shapely.get_coordinates(shapely.centroid(grid.tiling.faces))
    weight = np.maximum(cells_of, 1)
    return np.column_stack([np.bincount(grid.block, xy[:, k], len(cells_of)) / weight for k in (0, 1)])


def _graph(grid: Grid, at: Array) -> coo_array:
    """Blocks that share a border, their distance lengthened by what lies between; a bridge hangs on one bank only."""
    t: Tiling = grid.tiling
    both = (t.left >= 0) & (t.right >= 0)
    a, b = grid.block[t.left[both]], grid.block[t.right[both]]
    barrier = np.array([BARRIER.get(kind, 1.0) for kind in KINDS])[kind_of_pieces(grid)[both]]
    real = a != b
    low, high, barrier = np.minimum(a, b)[real], np.maximum(a, b)[real], barrier[real]
    order = np.lexsort((barrier, high, low))
    low, high, barrier = low[order], high[order], barrier[order]
    new = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])]
    low, high, barrier = low[new], high[new], barrier[new]
    bridge = np.zeros(len(at), dtype=bool)
    bridge[grid.block[grid.use == "bridge"]] = True
    once = _first_link_only(low, high, bridge)
    low, high, barrier = low[once], high[once], barrier[once]
    cost = np.hypot(*(at[low] - at[high]).T) * barrier + 1.0
    return coo_array((cost, (low, high)), shape=(len(at), len(at)))


def _first_link_only(low: Array, high: Array, bridge: Array) -> Array:
    keep = np.ones(len(low), dtype=bool)
    seen: set[int] = set()
    for k in np.flatnonzero(bridge[low] | bridge[high]):
        end = int(low[k] if bridge[low[k]] else high[k])
        keep[k] = end not in seen
        seen.add(end)
    return keep


def _within(graph: coo_array, group: Array) -> coo_array:
    inside = group[graph.row] == group[graph.col]
    return coo_array((graph.data[inside], (graph.row[inside], graph.col[inside])), shape=graph.shape)


def _districts(graph: coo_array, at: Array, cells_of: Array, size: int, parent: Array) -> Array:
    """Groups of about `size` cells inside each parent group: nearest seed along the graph, seeds moved twice."""
    inner = _within(graph, parent)
    occupied = cells_of > 0
    _, part = connected_components(inner, directed=False)
    label = np.full(len(at), -1)
    next_label = 0
    order = np.argsort(part, kind="stable")
    bounds = np.flatnonzero(np.r_[True, np.diff(part[order]) > 0, True])
    for first, last in itertools.pairwise(bounds):
        members = order[first:last]
        members = members[occupied[members]]
        if len(members):
            count = min(len(members), max(1, round(cells_of[members].sum() / size)))
            label[members] = next_label + _halved(at[members], cells_of[members], count)
            next_label += count
    for _ in range(3):
        label = _nearest_seed(inner, _seeds(at, cells_of, label, next_label), len(at))
    return label


def _halved(at: Array, weight: Array, count: int) -> Array:
    """Numbers 0 … count-1: the points halved again and again by weight across their longer side."""
    if count <= 1 or len(at) <= 1:
        return np.zeros(len(at), dtype=int)
    axis = int(np.argmax(np.ptp(at, axis=0)))
    order = np.argsort(at[:, axis], kind="stable")
    first = count // 2
    grown = np.cumsum(weight[order])
    cut = int(np.clip(np.searchsorted(grown, grown[-1] * first / count), 1, len(at) - 1))
    out = np.empty(len(at), dtype=int)
    out[order[:cut]] = _halved(at[order[:cut]], weight[order[:cut]], first)
    out[order[cut:]] = first + _halved(at[order[cut:]], weight[order[cut:]], count - first)
    return out


def _seeds(at: Array, cells_of: Array, label: Array, count: int) -> Array:
    """Of each group the member nearest to its middle."""
    known = label >= 0
    weight = np.where(known, cells_of, 0)
    of = np.where(known, label, 0)
    total = np.maximum(np.bincount(of, weight, count), 1)
    middle = np.column_stack([np.bincount(of, weight * at[:, k], count) / total for k in (0, 1)])
    off = np.where(known, np.hypot(*(at - middle[of]).T), np.inf)
    order = np.lexsort((off, np.where(known, label, count)))
    return order[np.unique(label[order][: known.sum()], return_index=True)[1]]


def _nearest_seed(graph: coo_array, seeds: Array, size: int) -> Array:
    _, _, source = dijkstra(graph, directed=False, indices=seeds, min_only=True, return_predecessors=True)
    number = np.full(size, -1)
    number[seeds] = np.arange(len(seeds))
    return np.where(source >= 0, number[np.maximum(source, 0)], -1)


def _absorb_small(graph: coo_array, label: Array, cells_of: Array, fewest: int) -> Array:
    """Groups with too few cells join the neighbour group that is nearest along the graph."""
    label = label.copy()
    for _ in range(6):
        size = np.bincount(label[label >= 0], cells_of[label >= 0])
        a, b = label[graph.row], label[graph.col]
        crossing = (a != b) & (a >= 0) & (b >= 0)
        a, b, cost = a[crossing], b[crossing], graph.data[crossing]
        small = np.minimum(
            np.where(size[a] < fewest, size[a], np.inf), np.where(size[b] < fewest, size[b], np.inf)
        )
        if not np.isfinite(small).any():
            break
        moved: set[int] = set()
        for k in np.lexsort((cost, small)):
            if np.isfinite(small[k]) and not moved & {int(a[k]), int(b[k])}:
                moved |= {int(a[k]), int(b[k])}
                label[label == a[k]] = b[k]
    return np.where(label >= 0, np.unique(np.maximum(label, 0), return_inverse=True)[1], -1)


def _coded(grid: Grid, at: Array, cells_of: Array, street: Array, community: Array) -> Division:
    """Numbers in reading order: streets in the county, communities in their street, cells in their community."""
    used = cells_of > 0
    street_number = _in_reading_order(at, cells_of, street, np.zeros(len(at), dtype=int))
    community_number = _in_reading_order(at, cells_of, community, street)
    text = np.full(len(at), "", dtype="U12")
    text[used] = [
        f"{COUNTY_CODE}{s:03d}{c:03d}"
        for s, c in zip(street_number[used], community_number[used], strict=True)
    ]
    community_codes = text[grid.block]
    cell_codes = grid_codes.numbered(grid.tiling.faces, community_codes)
    return Division(cell_codes, community_codes.astype("U9"), community_codes)


def _in_reading_order(at: Array, weight: Array, label: Array, parent: Array) -> Array:
    """Numbers from 1 within each parent: bands from north to south, west to east within a band."""
    count = int(label.max()) + 1
    of = np.maximum(label, 0)
    weight = np.where(label >= 0, weight, 0)
    total = np.maximum(np.bincount(of, weight, count), 1)
    x, y = (np.bincount(of, weight * at[:, k], count) / total for k in (0, 1))
    group = np.zeros(count, dtype=int)
    group[of[weight > 0]] = parent[weight > 0]
    spacing = np.sqrt(np.ptp(x) * np.ptp(y) / max(count, 1)) + 1.0
    order = np.lexsort((x, np.floor((y.max() - y) / spacing), group))
    first = np.searchsorted(group[order], group[order])
    number = np.empty(count, dtype=int)
    number[order] = np.arange(count) - first + 1
    return number[of]


def outlines(faces: Array, codes: Array) -> tuple[Array, Array]:
    """Codes in order and the union of the faces of each: borders are shared vertex by vertex."""
    order = np.argsort(codes, kind="stable")
    names, first = np.unique(codes[order], return_index=True)
    bounds = [*first, len(order)]
    shapes = [shapely.coverage_union_all(faces[order[a:b]]) for a, b in itertools.pairwise(bounds)]
    return names, np.array(shapes, dtype=object)
