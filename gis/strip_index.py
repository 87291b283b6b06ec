"""Which points lie in a map window? An order of points in strips, in which a window is a few contiguous runs.

Points are sorted by strip (south to north) and, within a strip, by x. A strip that lies wholly between a window's
south and north side gives one run without looking at a single point; only the two strips that the sides cut are
compared point by point.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SOUTH, NORTH = 1, 2

_STRIPS_PER_ROOT = 0.15  # measured: 1 million points in 155 strips balance cut strips and number of runs
_ROWS_PER_BUCKET = 9


@dataclass(frozen=True)
class Runs:
    """Contiguous rows of boxes, by box: rows `low` … `high` - 1 of box number `box`.

    `cut` says which sides of the box cut the run's strip, so that some of its rows may lie outside: 0 none, `SOUTH`,
    `NORTH`, or both added.
    """

    box: Rows
    low: Rows
    high: Rows
    cut: NDArray[np.int8]


@dataclass(frozen=True)
class StripIndex:
    """Points in strip order: `x`, `y` (n each; points without coordinates last) and where buckets of a strip begin."""

    x: Floats
    y: Floats
    west: float
    south: float
    height_m: float
    width_m: float
    strips: int
    columns: int
    starts: Rows  # (strips · (columns + 2) + 1): the first and last column of a strip are empty, they stand outside

    @classmethod
    def build(cls, x: Floats, y: Floats) -> tuple[StripIndex, Rows]:
        """The index of n points, and the order (n row numbers of the input) it holds them in."""
        lattice = _lattice(x, y)
        order = np.lexsort((x, _strip_of(x, y, lattice)))
        return cls._over(x[order], y[order], lattice), order

    @classmethod
    def _over(cls, x: Floats, y: Floats, lattice: _Lattice) -> StripIndex:
        west, south, height_m, width_m, strips, columns = lattice
        strip = _strip_of(x, y, lattice)
        bucket = strip * (columns + 2)
        known = strip < strips
        bucket[known] += ((x[known] - west) / width_m).astype(np.int64) + 1
        starts = np.searchsorted(bucket, np.arange(strips * (columns + 2) + 1))
        return cls(x, y, west, south, height_m, width_m, strips, columns, starts)

    def runs_of_one(self, xmin: float, ymin: float, xmax: float, ymax: float) -> list[tuple[int, int, int]]:
        """(low, high, cut) of the runs of one box, as `runs` finds them, without runs that are empty.

        Plain numbers: for one box this is five times faster than columns of length one.
        """
        first, last = (
            floor(min(max((y - self.south) / self.height_m, -1.0), self.strips)) for y in (ymin, ymax)
        )
        west, east = (
            floor(min(max((x - self.west) / self.width_m + 1, 0.0), self.columns + 1)) for x in (xmin, xmax)
        )
        x, starts = self.x.data, self.starts.data
        found = []
        for strip in range(max(first, 0), min(last, self.strips - 1) + 1):
            bucket = strip * (self.columns + 2)
            low = bisect_left(x, xmin, starts[bucket + west], starts[bucket + west + 1])
            high = bisect_right(x, xmax, starts[bucket + east], starts[bucket + east + 1])
            if high > low:
                found.append((low, high, SOUTH * (strip == first) + NORTH * (strip == last)))
        return found

    def runs(self, boxes: Floats) -> Runs:
        """Runs of rows for m boxes (m × 4: xmin, ymin, xmax, ymax; sides count as inside), sorted by box."""
        first = np.floor((boxes[:, 1] - self.south) / self.height_m)
        last = np.floor((boxes[:, 3] - self.south) / self.height_m)
        begin = np.clip(first, 0, self.strips).astype(np.int64)
        count = np.maximum(np.clip(last, -1, self.strips - 1).astype(np.int64) + 1 - begin, 0)
        box = np.repeat(np.arange(len(boxes)), count)
        strip = np.arange(len(box)) - np.repeat(np.cumsum(count) - count - begin, count)
        low = self._bound(strip, boxes[box, 0], after_equal=False)
        high = np.maximum(self._bound(strip, boxes[box, 2], after_equal=True), low)
        cut = SOUTH * (strip == first[box]) + NORTH * (strip == last[box])
        return Runs(box, low, high, cut.astype(np.int8))

    def inside(self, runs: Runs, boxes: Floats) -> tuple[Rows, Rows]:
        """Rows of the cut runs that do lie in their box, and the number of the box of each."""
        cut = np.flatnonzero((runs.cut > 0) & (runs.high > runs.low))
        low, box = runs.low[cut], runs.box[cut]
        ends = np.cumsum(runs.high[cut] - low)
        begins = ends - (runs.high[cut] - low)
        hit = np.empty(int(ends[-1]) if len(ends) else 0, dtype=bool)
        columns = (low, runs.high[cut], begins, ends, runs.cut[cut], boxes[box, 1], boxes[box, 3])
        for start, stop, begin, end, sides, ymin, ymax in zip(*(c.tolist() for c in columns), strict=True):
            between(self.y[start:stop], sides, ymin, ymax, hit[begin:end])
        kept = np.flatnonzero(hit)
        count = np.searchsorted(kept, ends) - np.searchsorted(kept, begins)
        return kept + np.repeat(low - begins, count), np.repeat(box, count)

    def _bound(self, strip: Rows, x: Floats, *, after_equal: bool) -> Rows:
        """First row of each strip with x not before (`after_equal`: behind) the given one; a binary search in step."""
        column = np.clip(np.floor((x - self.west) / self.width_m) + 1, 0, self.columns + 1).astype(np.int64)
        bucket = strip * (self.columns + 2) + column
        row = self.starts[bucket]
        left = self.starts[bucket + 1] - row
        while np.any(left > 0):
            half = (left + 1) >> 1
            probe = self.x[row + half - 1]
            skip = ((probe <= x) if after_equal else (probe < x)) & (left > 0)
            row = np.where(skip, row + half, row)
            left = np.where(skip, left - half, half - 1)
        return row


_Lattice = tuple[float, float, float, float, int, int]


def between(
    y: Floats, sides: int, ymin: float, ymax: float, out: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Which `y` lie between the sides that cut; only these are compared, this is the inner loop."""
    if sides == SOUTH:
        return np.greater_equal(y, ymin, out=out)
    if sides == NORTH:
        return np.less_equal(y, ymax, out=out)
    return np.logical_and(y >= ymin, y <= ymax, out=out)


def _lattice(x: Floats, y: Floats) -> _Lattice:
    """West, south, strip height, bucket width, number of strips and of buckets for the finite points."""
    known = np.isfinite(x) & np.isfinite(y)
    rows = int(np.count_nonzero(known))
    if rows == 0:
        return 0.0, 0.0, 1.0, 1.0, 1, 1
    west, east = float(np.min(x, where=known, initial=np.inf)), float(np.max(x, where=known, initial=-np.inf))
    south, north = (
        float(np.min(y, where=known, initial=np.inf)),
        float(np.max(y, where=known, initial=-np.inf)),
    )
    strips = max(round(_STRIPS_PER_ROOT * rows**0.5), 1)
    columns = max(rows // (strips * _ROWS_PER_BUCKET), 1)
    # one part in a million wider, so that the outermost point still falls into the last strip and bucket
    height_m = max((north - south) * (1 + 1e-6) / strips, 1e-3)
    width_m = max((east - west) * (1 + 1e-6) / columns, 1e-3)
    return west, south, height_m, width_m, strips, columns


def _strip_of(x: Floats, y: Floats, lattice: _Lattice) -> Rows:
    """Number of the strip of each point; points without coordinates stand in one of their own behind the last."""
    _, south, height_m, _, strips, _ = lattice
    strip = np.full(len(y), strips, dtype=np.int64)
    known = np.isfinite(x) & np.isfinite(y)
    strip[known] = ((y[known] - south) / height_m).astype(np.int64)
    return strip
