"""Pieces into cells: small ones join first, then cells are taken apart and put together until nothing gets better.

Deterministic: no chance is involved, and equal prices are settled by the lower number.
"""

from __future__ import annotations

import heapq
from collections import deque
from math import cos, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gis.division.clusters import Grouping
from gis.division.mosaic import Mosaic
from gis.division.weighing import Weights
from kernel.progress import Progress

DIRECTIONS: Final = tuple((cos(pi * k / 8), sin(pi * k / 8)) for k in range(8))
PASSES: Final = 8
GAIN: Final = 1e-6
MOST_PIECES: Final = 400  # cells of more pieces than this are not taken apart again
TRIED: Final = 8  # best cuts of a cell whose parts are looked at closely

Array = np.ndarray


def grouped(pieces: Mosaic, centres: Array, weights: Weights, progress: Progress) -> NDArray[np.int64]:
    """The cell of each piece, numbered from 0 in the order of the pieces. `centres`: x, y of the pieces."""
    cells = Grouping(pieces, centres, weights)
    _agglomerate(cells, progress)
    _improve(cells, progress)
    return np.asarray(np.unique(cells.cell, return_inverse=True)[1], dtype=np.int64)


def _agglomerate(cells: Grouping, progress: Progress) -> None:
    """Join the pair that gains most, until no pair gains."""
    version = [0] * len(cells.area)
    heap: list[tuple[float, int, int, int, int]] = []
    beside = [cells.neighbours(k) for k in range(len(cells.area))]

    def offer(a: int, b: int) -> None:
        gain = cells.gain(a, b, *beside[a][b])
        if gain > GAIN and not cells.is_fixed(a) and not cells.is_fixed(b):
            a, b = min(a, b), max(a, b)
            heapq.heappush(heap, (-gain, a, b, version[a], version[b]))

    for a, others in enumerate(beside):
        for b in others:
            if a < b:
                offer(a, b)
    while heap:
        _, a, b, version_a, version_b = heapq.heappop(heap)
        if (version[a], version[b]) != (version_a, version_b):
            continue
        progress.check()
        cells.join(a, b, beside[a][b][0])
        version[a] += 1
        version[b] += 1
        _absorb(beside, a, b)
        for other in beside[a]:
            offer(a, other)


def _absorb(beside: list[dict[int, tuple[float, float]]], host: int, guest: int) -> None:
    for other, (length, price) in beside[guest].items():
        del beside[other][guest]
        if other != host:
            had = beside[host].get(other, (0.0, 0.0))
            beside[host][other] = beside[other][host] = (had[0] + length, had[1] + price)
    beside[guest] = {}


def _improve(cells: Grouping, progress: Progress) -> None:
    """Join neighbours, split cells and share pieces out anew until nothing gets better."""
    touched = {k for k, pieces in enumerate(cells.members) if pieces}
    for _ in range(PASSES):
        waiting, touched = deque(sorted(touched)), set()
        while waiting:
            progress.check()
            touched |= _improve_around(cells, waiting.popleft())
        if not touched:
            return


def _improve_around(cells: Grouping, cell: int) -> set[int]:
    """Work on one cell and its neighbours; gives the cells that changed."""
    if not cells.members[cell] or cells.is_fixed(cell):
        return set()
    changed = _split(cells, cell)
    for other in sorted(cells.neighbours(cell)):
        if cells.members[other] and not cells.is_fixed(other) and _recut(cells, cell, other):
            changed |= {cell, other}
            if not cells.members[cell]:
                break
    return changed


def _split(cells: Grouping, cell: int) -> set[int]:
    """Make two cells of one where that is cheaper."""
    if cells.cell_area[cell] < cells.weights.target_m2:
        return set()
    taken = _best_part(cells, cells.members[cell], cells.cost[cell])
    if taken is None:
        return set()
    other = cells.fresh()
    cells.part(cell, other, taken)
    return {cell, other}


def _recut(cells: Grouping, a: int, b: int) -> bool:
    """Join two neighbours, or share their pieces out anew, where that is cheaper."""
    shared, price = cells.neighbours(a).get(b, (0.0, 0.0))
    if shared == 0.0:
        return False
    if cells.gain(a, b, shared, price) > GAIN:
        cells.join(a, b, shared)
        return True
    taken = _best_part(cells, cells.members[a] | cells.members[b], cells.cost[a] + cells.cost[b] + price)
    if taken is None:
        return False
    if len(taken & cells.members[a]) > len(taken & cells.members[b]):
        a, b = b, a
    cells.part(a, b, taken)
    return True


def _best_part(cells: Grouping, pieces: set[int], now: float) -> set[int] | None:
    """The part to be taken off `pieces` so that both parts cost least; None where no cut costs less than `now`.

    A line is swept over the pieces in eight directions; what it has passed is a part.
    """
    if not 2 <= len(pieces) <= MOST_PIECES:
        return None
    offers: list[tuple[float, int, int]] = []
    orders = []
    for number, (east, north) in enumerate(DIRECTIONS):
        order = sorted(pieces, key=lambda k: (cells.x[k] * east + cells.y[k] * north, k))
        orders.append(order)
        costs = _swept(cells, order)
        offers += [(cost, number, count) for count, cost in enumerate(costs, start=1) if cost < now - GAIN]
    for _, number, count in heapq.nsmallest(TRIED, offers):
        taken = set(orders[number][:count])
        if cells.is_connected(taken) and cells.is_connected(pieces - taken):
            return taken
    return None


def _swept(cells: Grouping, order: list[int]) -> list[float]:
    """Price of the two parts, border included, after the first one, two, … pieces of `order`."""
    weigh = cells.weights.cell
    whole = set(order)
    all_area = sum(cells.area[k] for k in order)
    all_perimeter = cells.perimeter_of(whole)
    area = perimeter = common = price = 0.0
    taken: set[int] = set()
    out = []
    for piece in order[:-1]:
        prices = cells.price[piece]
        behind = 0.0
        for other, length in cells.shared[piece].items():
            if other in taken:
                behind += length
                price -= prices[other]
            elif other in whole:
                common += length
                price += prices[other]
        common -= behind
        area += cells.area[piece]
        perimeter += cells.perimeter[piece] - 2 * behind
        taken.add(piece)
        rest = all_perimeter - perimeter + 2 * common
        out.append(weigh(area, perimeter) + weigh(all_area - area, rest) + price)
    return out
