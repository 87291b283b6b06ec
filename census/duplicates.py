"""C7: components of one class that stand on, or almost on, one another. Sorting instead of a tree.

Every point falls into a square of a lattice; a point near an edge falls into the neighbouring squares too, so that two
points closer than the limit always share one. Points that share a square and a class are neighbours after one sort of
64-bit keys, and only those few are measured. The key holds a hash of (class, column, row of the lattice) in its upper
bits and the point's number in its lower ones, so that no second sort brings the numbers along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from census.tables import Floats, Ints

_SQUARES_PER_LIMIT: Final = 8  # a square is eight limits wide: one point in five lies near an edge
_MULTIPLIERS: Final = tuple(
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
_LONGEST_RUN: Final = 200


@dataclass(frozen=True)
class Neighbours:
    """Points with another of their class within the limit: numbers, one neighbour of each, the distance in metres."""

    points: Ints
    others: Ints
    distance_m: Floats


def close_points(x: Floats, y: Floats, group: NDArray[np.int32], limit_m: float) -> Neighbours:
    """Every point that has another of its `group` closer than `limit_m`, each with the nearest found.

    `x`, `y`: finite coordinates in metres; `group`: class numbers from 0. Equal points have distance 0. In a crowd of
    more than 200 points in one square of eight limits, the neighbour named need not be the nearest one.
    """
    first, second = _candidate_pairs(x, y, group, limit_m)
    distance = np.hypot(x[first] - x[second], y[first] - y[second])
    near = (distance < limit_m) & (group[first] == group[second])
    return _nearest_of_each(first[near], second[near], distance[near])


def _candidate_pairs(x: Floats, y: Floats, group: NDArray[np.int32], limit_m: float) -> tuple[Ints, Ints]:
    if len(x) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bits = np.uint64(int(len(x) - 1).bit_length())
    keys = np.sort(_keys(x, y, group, limit_m, bits))
    squares, points = keys >> bits, (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    firsts, seconds = [], []
    at = np.flatnonzero(squares[1:] == squares[:-1])
    for step in range(1, _LONGEST_RUN):
        if not len(at):
            break
        firsts.append(points[at])
        seconds.append(points[at + step])
        at = at[at + step + 1 < len(squares)]
        at = at[squares[at] == squares[at + step + 1]]
    if not firsts:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(firsts), np.concatenate(seconds)


def _keys(
    x: Floats, y: Floats, group: NDArray[np.int32], limit_m: float, bits: np.uint64
) -> NDArray[np.uint64]:
    """Keys of all points in their own squares and, near edges, in the neighbouring ones."""
    width = _SQUARES_PER_LIMIT * limit_m
    column, row = x / width, y / width
    own_column, own_row = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    number = np.arange(len(x), dtype=np.uint64)
    classes = group.astype(np.uint64) * _MULTIPLIERS[2]
    share = 1.0 / _SQUARES_PER_LIMIT
    left, down = column - own_column < share, row - own_row < share
    parts = [_packed(own_column, own_row, classes, number, bits)]
    for chosen, shift_column, shift_row in ((left, 1, 0), (down, 0, 1), (left & down, 1, 1)):
        at = np.flatnonzero(chosen)
        parts.append(
            _packed(own_column[at] - shift_column, own_row[at] - shift_row, classes[at], number[at], bits)
        )
    return np.concatenate(parts)


def _packed(
    column: Ints, row: Ints, classes: NDArray[np.uint64], number: NDArray[np.uint64], bits: np.uint64
) -> NDArray[np.uint64]:
    mixed = column.astype(np.uint64) * _MULTIPLIERS[0] + row.astype(np.uint64) * _MULTIPLIERS[1] + classes
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MULTIPLIERS[0]
    return (mixed >> bits) << bits | number


def _nearest_of_each(first: Ints, second: Ints, distance: Floats) -> Neighbours:
    points = np.concatenate([first, second])
    others = np.concatenate([second, first])
    distances = np.concatenate([distance, distance])
    order = np.lexsort((others, distances, points))
    points, others, distances = points[order], others[order], distances[order]
    leads = np.r_[True, points[1:] != points[:-1]] if len(points) else np.empty(0, dtype=bool)
    return Neighbours(points[leads], others[leads], distances[leads])
