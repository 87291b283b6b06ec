"""Pieces into cells: small ones join first, then cells are taken apart and put together until nothing gets better.

Deterministic: no chance is involved, and equal prices are settled by the lower number.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gis.division.clusters import Grouping, Table
from gis.division.mosaic import Mosaic
from gis.division.weighing import Weights
from kernel.progress import Progress

ANGLES: Final = np.arange(12) * np.pi / 12
EAST, NORTH = np.cos(ANGLES), np.sin(ANGLES)
PASSES: Final = 8
GAIN: Final = 1e-6
MOST_PIECES: Final = 400  # cells of more pieces than this are not taken apart again
LEAST_PART: Final = 0.53  # of the target
TRIED: Final = 8  # best cuts of a cell whose parts are looked at closely

Array = np.ndarray


def grouped(pieces: Mosaic, weights: Weights, progress: Progress) -> NDArray[np.int64]:
    """The cell of each piece, numbered from 0 in the order of the pieces."""
    cells = Grouping(pieces, pieces.centres(), weights)
    _agglomerate(cells, progress)
    _improve(cells, progress)
    return _numbered(cells)


def regrouped(
    pieces: Mosaic, weights: Weights, cell: NDArray[np.int64], progress: Progress
) -> NDArray[np.int64]:
    """The cells `cell` made better at other prices; numbered as by `grouped`."""
    cells = Grouping(pieces, pieces.centres(), weights)
    cells.put_together(cell)
    _improve(cells, progress)
    return _numbered(cells)


def parted(
    pieces: Mosaic, weights: Weights, cell: NDArray[np.int64], count: int, progress: Progress
) -> NDArray[np.int64]:
    """The cells `cell` with `count` more: those cut in two where that costs least, none of the parts too small."""
    cells = Grouping(pieces, pieces.centres(), weights)
    cells.put_together(cell)
    offers: list[tuple[float, int, set[int]]] = []
    for number in np.unique(cells.cell).tolist():
        progress.check()
        if not cells.is_fixed(number):
            taken = _best_part(cells, cells.members[number], np.inf)
            if taken is not None and _least_area(cells, number, taken) >= LEAST_PART * weights.target_m2:
                offers.append((_loss(cells, number, taken), number, taken))
    for _, number, taken in sorted(offers, key=lambda each: each[:2])[: max(count, 0)]:
        cells.part(number, cells.fresh(), taken)
    return _numbered(cells)


def _least_area(cells: Grouping, cell: int, taken: set[int]) -> float:
    """Area of the smaller one of `taken` and what it leaves."""
    part = sum(cells.area[k] for k in sorted(taken))
    return min(part, cells.cell_area[cell] - part)


def _loss(cells: Grouping, cell: int, taken: set[int]) -> float:
    """How much dearer it gets when `taken` becomes a cell of its own."""
    rest = cells.members[cell] - taken
    price = sum(cells.price[k][other] for k in sorted(taken) for other in cells.price[k] if other in rest)
    parts = [
        cells.weights.one_cell(sum(cells.area[k] for k in sorted(part)), cells.perimeter_of(part))
        for part in (taken, rest)
    ]
    return sum(parts) + price - cells.cost[cell]


def _numbered(cells: Grouping) -> NDArray[np.int64]:
    return np.asarray(np.unique(cells.cell, return_inverse=True)[1], dtype=np.int64)


def _agglomerate(cells: Grouping, progress: Progress) -> None:
    """Join the pair that gains most, until no pair gains."""
    version = [0] * len(cells.area)
    heap: list[tuple[float, int, int, int, int]] = []
    beside = [cells.neighbours(k) for k in range(len(cells.area))]

    def offer(a: int, b: int) -> None:
        gain = cells.gain(a, b, *beside[a][b])
        if cells.is_strip(a) and cells.is_strip(b):
            return  # the pieces between two carriageways are to join the blocks beside them, not one another
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
    seen: set[tuple[int, int, int, int]] = set()
    for _ in range(PASSES):
        waiting, touched = deque(sorted(touched)), set()
        while waiting:
            progress.check()
            touched |= _improve_around(cells, waiting.popleft(), seen)
        if not touched:
            return


def _improve_around(cells: Grouping, cell: int, seen: set[tuple[int, int, int, int]]) -> set[int]:
    """Work on one cell and its neighbours; gives the cells that changed. `seen`: pairs that need no second look."""
    if not cells.members[cell] or cells.is_fixed(cell):
        return set()
    changed = _split(cells, cell) | _shifted(cells, cell)
    for other in sorted(cells.neighbours(cell)):
        low, high = min(cell, other), max(cell, other)
        state = (low, high, cells.version[low], cells.version[high])
        if state in seen or not cells.members[other] or cells.is_fixed(other):
            continue
        seen.add(state)
        if _recut(cells, cell, other):
            changed |= {cell, other}
            if not cells.members[cell]:
                break
    return changed


def _shifted(cells: Grouping, cell: int) -> set[int]:
    """Hand single pieces of a cell to a neighbour as long as that is cheaper."""
    changed: set[int] = set()
    for piece in sorted(cells.members[cell]):
        if len(cells.members[cell]) < 2:
            break
        host, gain = cells.best_host(piece)
        if gain > GAIN and not cells.is_fixed(host) and cells.is_connected(cells.members[cell] - {piece}):
            cells.move(piece, host)
            changed |= {cell, host}
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

    A line is swept over the pieces in several directions; what it has passed is a part.
    """
    if not 2 <= len(pieces) <= MOST_PIECES:
        return None
    names = sorted(pieces)
    table = cells.table(names)
    across = table.x[None, :] * EAST[:, None] + table.y[None, :] * NORTH[:, None]
    orders = np.argsort(across, axis=1, kind="stable")
    costs = _swept(table, orders, cells.weights).ravel()
    offers = np.argsort(costs, kind="stable")[:TRIED]
    for offer in offers[costs[offers] < now - GAIN].tolist():
        order, count = orders[offer // (len(names) - 1)], offer % (len(names) - 1) + 1
        taken = {names[k] for k in order[:count].tolist()}
        if cells.is_connected(taken) and cells.is_connected(pieces - taken):
            return taken
    return None


def _swept(table: Table, orders: Array, weights: Weights) -> Array:
    """Price of the two parts, border included, after the first one, two, … pieces of each order: orders × pieces - 1."""
    taken = [_within(values, orders) for values in (table.shared, table.price)]
    area, perimeter = (np.cumsum(values[orders], axis=1) for values in (table.area, table.perimeter))
    beside = [np.cumsum(values.sum(axis=1)[orders], axis=1) for values in (table.shared, table.price)]
    common, price = (all_of - 2 * inside for all_of, inside in zip(beside, taken, strict=True))
    first = perimeter - 2 * taken[0]
    whole = perimeter[:, -1:] - 2 * taken[0][:, -1:]
    rest = whole - first + 2 * common
    parts = weights.cell(area, first) + weights.cell(area[:, -1:] - area, rest)
    return np.asarray((parts + price)[:, :-1])


def _within(values: Array, orders: Array) -> Array:
    """Sum over the pairs among the first one, two, … of each order."""
    turned = values[orders[:, :, None], orders[:, None, :]]
    return np.diagonal(turned.cumsum(axis=1).cumsum(axis=2), axis1=1, axis2=2) / 2
