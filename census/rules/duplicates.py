"""C7: components of one class that stand on, or almost on, one another. Sorting instead of a tree.

Every point falls into a square of a lattice; a point near an edge falls into the neighbouring squares too, so that two
points closer than the limit always share one. Points that share a square and a class are neighbours after one sort of
64-bit keys, and only those few are measured; points on exactly one spot are found first and stand for one. The key holds a hash of (class, column, row of the lattice) in its upper
bits and the point's number in its lower ones, so that no second sort brings the numbers along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from census.reading.tables import Flags, Floats, Ints

_SQUARES_PER_LIMIT: Final = 8  # a square is eight limits wide: one point in five lies near an edge
_MULTIPLIERS: Final = tuple(
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
_LONGEST_RUN: Final = 200
_STEPS_IN_CROWD: Final = 8


@dataclass(frozen=True)
class Neighbours:
    """Points with another of their class within the limit: numbers, one neighbour of each, the distance in metres."""

    points: Ints
    others: Ints
    distance_m: Floats


def close_points(x: Floats, y: Floats, group: NDArray[np.int32], limit_m: float) -> Neighbours:
    """Every point that has another of its `group` closer than `limit_m`, each with the nearest found.

    `x`, `y`: finite coordinates in metres; `group`: class numbers from 0. Equal points have distance 0. In a crowd of
    more than 200 points in one square of eight limits each is compared with some of the others only.
    """
    same, first_of_same = _coincident(x, y, group)
    alone = np.ones(len(x), dtype=bool)
    alone[same] = False
    rows = np.flatnonzero(alone)
    near = [(same, first_of_same, np.zeros(len(same)))]
    for first, second in _candidate_pairs(x[rows], y[rows], group[rows], limit_m):
        first, second = rows[first], rows[second]
        distance = np.hypot(x[first] - x[second], y[first] - y[second])
        hit = (distance < limit_m) & (group[first] == group[second])
        near.append((first[hit], second[hit], distance[hit]))
    return _nearest_of_each(*(np.concatenate(part) for part in zip(*near, strict=True)))


def _coincident(x: Floats, y: Floats, group: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Points that equal an earlier one in place and group, and that earlier one."""
    bits = np.uint64(max(1, len(x).bit_length()))
    classes = group.astype(np.uint64) * _MULTIPLIERS[2]
    bits_x, bits_y = (np.ascontiguousarray(axis).view(np.int64) for axis in (x, y))
    keys = np.sort(_packed(bits_x, bits_y, classes, np.arange(len(x), dtype=np.uint64), bits))
    points = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    again = np.flatnonzero(keys[1:] >> bits == keys[:-1] >> bits) + 1
    before, after = points[again - 1], points[again]
    equal = (x[before] == x[after]) & (y[before] == y[after]) & (group[before] == group[after])
    heads = np.ones(len(keys), dtype=bool)
    heads[again[equal]] = False
    first = np.maximum.accumulate(np.where(heads, np.arange(len(keys)), 0))
    return after[equal], points[first[again[equal]]]


def _candidate_pairs(
    x: Floats, y: Floats, group: NDArray[np.int32], limit_m: float
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of points that share a square, by how far apart they stand in the sorted keys."""
    if len(x) < 2:
        return
    bits = np.uint64(int(len(x) - 1).bit_length())
    keys = np.sort(_keys(x, y, group, limit_m, bits))
    squares, points = keys >> bits, (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    at = np.flatnonzero(squares[1:] == squares[:-1])
    for step in range(1, _LONGEST_RUN):
        if not len(at):
            return
        yield points[at], points[at + step]
        at = at[at + step + 1 < len(squares)]
        at = at[squares[at] == squares[at + step + 1]]
        if step == _STEPS_IN_CROWD:
            at = at[~_in_crowd(squares, at)]


def _in_crowd(squares: NDArray[np.uint64], at: Ints) -> Flags:
    """Which keys lie in runs too long to compare everybody with everybody."""
    first = np.searchsorted(squares, squares[at], side="left")
    last = np.searchsorted(squares, squares[at], side="right")
    return np.asarray(last - first > _LONGEST_RUN)


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
