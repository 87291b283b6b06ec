"""Frontages: what each cell has of each street, with the inside on its left, and how near to its ends one may go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.cells import Grid
from gis.demo_city.curves import Curves
from gis.demo_city.lines import ROAD_RANK
from gis.demo_city.parcels import KINDS, half_width_m, kind_of_pieces
from gis.demo_city.plan import Array


@dataclass(frozen=True)
class Frontages:
    """One row for each stretch of one line along one cell.

    `kind` indexes `parcels.KINDS`; `turn_start`, `turn_end` are the inner angles (radians) to the next stretch of the
    same cell at either end, `beside_start`, `beside_end` the half widths (metres) of what runs along that stretch.
    """

    curves: Curves
    cell: Array
    line: Array
    kind: Array
    half_m: Array
    turn_start: Array
    turn_end: Array
    beside_start: Array
    beside_end: Array

    def usable(self, inside_m: Array | float, clearance_m: float = 1.2) -> tuple[Array, Array]:
        """From where to where (metres along) a thing `inside_m` from the middle of the street stays clear of both ends."""
        start = _clear(self.turn_start, self.beside_start, inside_m, clearance_m)
        end = self.curves.length_m - _clear(self.turn_end, self.beside_end, inside_m, clearance_m)
        return start, end


def _clear(turn: Array, beside: Array, inside_m: Array | float, clearance_m: float) -> Array:
    """Distance from a corner at which a point `inside_m` off one side is `beside` + clearance off the other."""
    sine = np.maximum(np.sin(turn), 0.2)
    needed = (beside + clearance_m + inside_m * np.cos(turn)) / sine
    return np.maximum(needed, 0.6)


def frontages_of(grid: Grid) -> Frontages:
    """All frontages of the city, by street and along it."""
    t = grid.tiling
    kind = kind_of_pieces(grid)
    cell = np.concatenate([t.left, t.right])
    start, end = np.vstack([t.start, t.end]), np.vstack([t.end, t.start])
    line, kind = np.tile(t.line, 2), np.tile(kind, 2)
    real = cell >= 0
    cell, start, end, line, kind = cell[real], start[real], end[real], line[real], kind[real]
    order = np.lexsort((cell, line))
    cell, start, end, line, kind = cell[order], start[order], end[order], line[order], kind[order]
    group = np.r_[0, np.cumsum((np.diff(cell) != 0) | (np.diff(line) != 0))]
    pieces = shapely.linestrings(np.stack([start, end], axis=1))
    merged = shapely.line_merge(shapely.multilinestrings(pieces, indices=group), directed=True)
    lines, of = shapely.get_parts(merged, return_index=True)
    first = np.searchsorted(group, np.arange(group[-1] + 1))[of]
    half = np.array([half_width_m(k) for k in KINDS])[kind[first]]
    return _with_corners(Curves.of(lines), cell[first], line[first], kind[first], half)


def _with_corners(curves: Curves, cell: Array, line: Array, kind: Array, half: Array) -> Frontages:
    """Adds at both ends what follows round the corner, found by the shared corner point of the same cell."""
    a, b = curves.xy[curves.first[:-1]], curves.xy[curves.first[1:] - 1]
    leave = curves.xy[curves.first[:-1] + 1] - a
    arrive = b - curves.xy[curves.first[1:] - 2]
    key = _corner_keys(cell, np.vstack([a, b]))
    starts, ends = key[: len(cell)], key[len(cell) :]
    order = np.argsort(starts, kind="stable")
    follower = order[np.clip(np.searchsorted(starts[order], ends), 0, len(order) - 1)]
    inner = np.pi - _turn(arrive, leave[follower])
    turn_end, beside_end = inner, half[follower]
    turn_start, beside_start = np.full(len(cell), np.pi), np.zeros(len(cell))
    turn_start[follower], beside_start[follower] = inner, half
    return Frontages(curves, cell, line, kind, half, turn_start, turn_end, beside_start, beside_end)


def _corner_keys(cell: Array, xy: Array) -> Array:
    grid = np.round(xy * 20).astype(np.int64)
    grid -= grid.min(axis=0)
    point = np.unique(grid[:, 0] * (grid[:, 1].max() + 1) + grid[:, 1], return_inverse=True)[1]
    return np.tile(cell, 2).astype(np.int64) * (point.max() + 1) + point


def _turn(before: Array, after: Array) -> Array:
    """Signed turn to the left from one direction to the next, radians."""
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.arctan2(cross, (before * after).sum(axis=1))


def is_road(frontages: Frontages) -> Array:
    """Which frontages lie on a street."""
    return np.array([k in ROAD_RANK for k in KINDS])[frontages.kind]
