"""Which of many points may carry a symbol: the important ones first, none too near to another."""

from __future__ import annotations

from typing import Final

import numpy as np

Array = np.ndarray

ROUNDS: Final = 3  # after each, squares that came away empty are asked again

_AROUND: Final = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]


def spaced(x: Array, y: Array, rank: Array, spacing: float) -> Array:
    """Positions of points no two of which are nearer than `spacing` in both x and y; lower `rank` first.

    Squares of that size are counted from the origin of the coordinates, so that dragging the map does not change the
    answer (but for what enters at its edge). Points of equal rank go by their order.
    """
    if not len(x):
        return np.empty(0, np.int64)
    column, row = (np.floor(v / spacing).astype(np.int64) for v in (x, y))
    column, row = column - column.min() + 1, row - row.min() + 1
    width = int(column.max()) + 2
    square = row * width + column
    grid = _Grid(width * (int(row.max()) + 2), width, x, y, spacing)
    waiting = np.argsort(rank, kind="stable")
    order = np.empty(len(x), np.int64)
    order[waiting] = np.arange(len(x))
    for _ in range(ROUNDS):
        waiting = waiting[grid.free(waiting, square[waiting])]
        if not len(waiting):
            break
        grid.settle(waiting, square, order)
    return grid.kept()


class _Grid:
    """One kept point at most in every square."""

    def __init__(self, size: int, width: int, x: Array, y: Array, spacing: float) -> None:
        self._holder = np.full(size, -1, np.int64)
        self._width = width
        self._x, self._y, self._spacing = x, y, spacing

    def kept(self) -> Array:
        return np.sort(self._holder[self._holder >= 0])

    def free(self, points: Array, squares: Array) -> Array:
        """Which points are not too near to a kept one."""
        out = self._holder[squares] < 0
        for dx, dy in _AROUND:
            out &= ~self._near(points, self._holder[squares + dy * self._width + dx])
        return out

    def settle(self, waiting: Array, square: Array, order: Array) -> None:
        """Let the first of every square compete with its neighbours until nobody is undecided."""
        first = np.full(len(self._holder), -1, np.int64)
        first[square[waiting[::-1]]] = waiting[::-1]
        open_squares = np.flatnonzero(first >= 0)
        while len(open_squares):
            mine = first[open_squares]
            wins = np.ones(len(mine), bool)
            for dx, dy in _AROUND:
                other = first[open_squares + dy * self._width + dx]
                wins &= ~(self._near(mine, other) & (order[other] < order[mine]))
            won = open_squares[wins]
            self._holder[won] = first[won]
            first[won] = -1
            rest = open_squares[~wins]
            lost = ~self.free(first[rest], rest)
            first[rest[lost]] = -1
            open_squares = rest[~lost]

    def _near(self, points: Array, others: Array) -> Array:
        known = others >= 0
        dx = np.abs(self._x[points] - self._x[others])
        dy = np.abs(self._y[points] - self._y[others])
        return known & (dx < self._spacing) & (dy < self._spacing)
