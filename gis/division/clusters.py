"""Cells under construction: sets of pieces with their areas, perimeters and prices."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import pi
from typing import Final

import numpy as np

from gis.division.mosaic import STRIP_M, Mosaic
from gis.division.weighing import Weights

OWN_CELL_SHARE: Final = 1.0  # a compound from this share of the target is a cell of its own
ENORMOUS_SHARE: Final = 3.0  # and a building from this one: 30,000 of 10,000 m²

STRIP_SHAPE: Final = 1.8  # P²/4πA of a rectangle of 1 to 4

Array = np.ndarray


@dataclass(frozen=True)
class Table:
    """Some pieces as arrays: n values each, and n × n of what lies between them (length and price of borders)."""

    x: Array
    y: Array
    area: Array
    perimeter: Array
    shared: Array
    price: Array


class Grouping:
    """Cells under construction: which pieces each has, its area and perimeter."""

    def __init__(self, pieces: Mosaic, centres: Array, weights: Weights) -> None:
        self.weights = weights
        self.area: list[float] = pieces.area_m2.tolist()
        self.perimeter: list[float] = pieces.perimeter_m.tolist()
        self.x: list[float] = centres[:, 0].tolist()
        self.y: list[float] = centres[:, 1].tolist()
        self.shared: list[dict[int, float]] = [{} for _ in self.area]
        self.price: list[dict[int, float]] = [{} for _ in self.area]
        found = pieces.borders
        rows = (
            found.first,
            found.second,
            found.length_m,
            found.off_m,
            found.jump_m,
            found.strong_m,
            found.weak_m,
        )
        for a, b, length, *parts in zip(*(each.tolist() for each in rows), strict=True):
            self.shared[a][b] = self.shared[b][a] = length
            self.price[a][b] = self.price[b][a] = weights.border(*parts)
        self.fixed: list[bool] = stands_alone(pieces, weights).tolist()
        self._free: list[int] = []
        self.version = [0] * len(self.area)  # goes up when a cell changes
        self.cell: list[int] = list(range(len(self.area)))
        self.members: list[set[int]] = [{k} for k in self.cell]
        self.cell_area = list(self.area)
        self.cell_perimeter = list(self.perimeter)
        self.cost: list[float] = weights.cell(pieces.area_m2, pieces.perimeter_m).tolist()

    def put_together(self, cell: Array) -> None:
        """Let the pieces with the same number in `cell` be one cell each; before, every piece is one."""
        order = np.argsort(cell, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
            lead, *others = rows.tolist()
            for piece in others:
                self.cell[piece] = lead
                self.members[piece] = set()
                heapq.heappush(self._free, piece)
                self._set(piece, 0.0, 0.0)
            self.members[lead] = {lead, *others}
            self._set(lead, sum(self.area[k] for k in rows.tolist()), self.perimeter_of(self.members[lead]))

    def neighbours(self, cell: int) -> dict[int, tuple[float, float]]:
        """Cells beside this one: length of the common border and its price."""
        out: dict[int, tuple[float, float]] = {}
        for piece in self.members[cell]:
            prices = self.price[piece]
            for other, length in self.shared[piece].items():
                its = self.cell[other]
                if its != cell:
                    had = out.get(its, (0.0, 0.0))
                    out[its] = (had[0] + length, had[1] + prices[other])
        return out

    def is_fixed(self, cell: int) -> bool:
        """Whether the cell is a compound or building that stands alone."""
        return len(self.members[cell]) == 1 and self.fixed[next(iter(self.members[cell]))]

    def is_strip(self, cell: int) -> bool:
        """Whether the cell is long and narrow."""
        area, perimeter = self.cell_area[cell], self.cell_perimeter[cell]
        return 2 * area < STRIP_M * perimeter and perimeter * perimeter > STRIP_SHAPE * 4 * pi * area

    def gain(self, a: int, b: int, shared: float, price: float) -> float:
        """How much cheaper it gets when two neighbours are joined."""
        area = self.cell_area[a] + self.cell_area[b]
        perimeter = self.cell_perimeter[a] + self.cell_perimeter[b] - 2 * shared
        return self.cost[a] + self.cost[b] + price - self.weights.one_cell(area, perimeter)

    def join(self, a: int, b: int, shared: float) -> None:
        """Put the pieces of `b` into `a`."""
        for piece in self.members[b]:
            self.cell[piece] = a
        self.members[a] |= self.members[b]
        self.members[b] = set()
        heapq.heappush(self._free, b)
        self._set(a, self.cell_area[a] + self.cell_area[b],
                  self.cell_perimeter[a] + self.cell_perimeter[b] - 2 * shared)  # fmt: skip
        self._set(b, 0.0, 0.0)

    def part(self, a: int, b: int, taken: set[int]) -> None:
        """Let `b` have the pieces `taken` and `a` the others of both."""
        both = self.members[a] | self.members[b]
        for cell, pieces in ((a, both - taken), (b, taken)):
            self.members[cell] = pieces
            for piece in pieces:
                self.cell[piece] = cell
            self._set(cell, sum(self.area[k] for k in sorted(pieces)), self.perimeter_of(pieces))

    def table(self, names: list[int]) -> Table:
        """The pieces `names` and what lies between them."""
        row = {name: k for k, name in enumerate(names)}
        shared, price = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
        for k, name in enumerate(names):
            prices = self.price[name]
            for other, length in self.shared[name].items():
                at = row.get(other)
                if at is not None:
                    shared[k, at], price[k, at] = length, prices[other]
        x, y, area, perimeter = (
            np.array([values[k] for k in names]) for values in (self.x, self.y, self.area, self.perimeter)
        )
        return Table(x, y, area, perimeter, shared, price)

    def fresh(self) -> int:
        """A cell without pieces."""
        return heapq.heappop(self._free)

    def best_host(self, piece: int) -> tuple[int, float]:
        """The neighbouring cell that it pays most to hand a piece to, and how much it pays."""
        home = self.cell[piece]
        beside: dict[int, tuple[float, float]] = {}
        for other, length in self.shared[piece].items():
            had = beside.get(self.cell[other], (0.0, 0.0))
            beside[self.cell[other]] = (had[0] + length, had[1] + self.price[piece][other])
        at_home, price_home = beside.pop(home, (0.0, 0.0))
        area, perimeter = self.area[piece], self.perimeter[piece]
        without = self.weights.one_cell(
            self.cell_area[home] - area, self.cell_perimeter[home] - perimeter + 2 * at_home
        )
        best = (home, 0.0)
        for cell in sorted(beside):
            shared, price = beside[cell]
            its = self.weights.one_cell(
                self.cell_area[cell] + area, self.cell_perimeter[cell] + perimeter - 2 * shared
            )
            gain = self.cost[home] + self.cost[cell] + price - without - its - price_home
            if gain > best[1]:
                best = (cell, gain)
        return best

    def move(self, piece: int, host: int) -> None:
        """Hand a piece to another cell."""
        home = self.cell[piece]
        self.cell[piece] = host
        self.members[home] = self.members[home] - {piece}
        self.members[host] = self.members[host] | {piece}
        for cell in (home, host):
            area = sum(self.area[k] for k in sorted(self.members[cell]))
            self._set(cell, area, self.perimeter_of(self.members[cell]))

    def perimeter_of(self, pieces: set[int]) -> float:
        """Length of the outline of several pieces together."""
        total = 0.0
        for piece in sorted(pieces):
            total += self.perimeter[piece]
            for other, length in self.shared[piece].items():
                if other in pieces:
                    total -= length
        return total

    def is_connected(self, pieces: set[int]) -> bool:
        """Whether one can walk between all pieces across common edges."""
        if not pieces:
            return False
        start = next(iter(pieces))
        seen, waiting = {start}, [start]
        while waiting:
            for other in self.shared[waiting.pop()]:
                if other in pieces and other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return len(seen) == len(pieces)

    def _set(self, cell: int, area: float, perimeter: float) -> None:
        self.cell_area[cell], self.cell_perimeter[cell] = area, perimeter
        self.version[cell] += 1
        self.cost[cell] = self.weights.one_cell(area, perimeter) if area > 0.0 else 0.0


def stands_alone(pieces: Mosaic, weights: Weights) -> Array:
    """Which pieces are a cell of their own whatever their size: large compounds, enormous buildings."""
    compound = pieces.is_compound & (pieces.area_m2 >= OWN_CELL_SHARE * weights.target_m2)
    building = pieces.is_solid & (pieces.area_m2 >= ENORMOUS_SHARE * weights.target_m2)
    return np.asarray(compound | building)
