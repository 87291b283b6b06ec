"""A pixel map of cells: most points are answered by their pixel, the others by the few edges that cross it.

The extent is covered by square pixels. A scan along each row of pixel centres adds and takes away cells where it
crosses their edges, so that every pixel knows exactly what covers its centre. A pixel that no edge touches lies in one
cell as a whole. In a pixel that edges touch, the way from the centre to the point is followed: crossing an edge
changes the cell on the left for the cell on the right. Signs of areas are taken only where rounding cannot have turned
them (the static bound of Shewchuk 1997, "Adaptive precision floating-point arithmetic"); all other points, and those
where cells overlap, are handed back undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.edges import Edges, Floats, Numbers
from gis.ranges import expand

Codes = NDArray[np.int32]

# What covers a place, in 32 bits: 1 << 24 for each cell that does, plus the cells' numbers counted from 1. Codes below
# zero point from a pixel that edges touch to its entry (-1 the first).
_ONE_CELL: Final = 1 << 24
_NUMBER: Final = _ONE_CELL - 1
_ODD: Final = 2 * _ONE_CELL
MOST_CELLS: Final = 1 << 22

_ROUNDING: Final = 3.3306690738754716e-16  # (3 + 16ε)ε with ε = 2^-53
_TOUCH: Final = (
    1e-6  # pixels; edges this near to a pixel touch it, centres this near to an edge decide nothing
)
_CHUNK: Final = 1 << 16  # points at a time, so that intermediate columns stay in the processor's cache


@dataclass(frozen=True)
class CellLattice:
    """Pixels of side `size` from (`west`, `south`), `columns` × `rows`, flat in row order; the outermost are empty.

    `code`: what covers each pixel, or minus the number of its entry. Entry k has the `cover` of its centre and the
    edges `edge[first_edge[k]:first_edge[k + 1]]`; `ends` (m × 4) are x1, y1, x2, y2 of the edges, `step` what changes
    when one is crossed from left to right.
    """

    west: float
    south: float
    size: float
    columns: int
    rows: int
    code: Codes
    cover: Codes
    first_edge: Numbers
    edge: Numbers
    ends: Floats
    step: Codes

    @classmethod
    def build(cls, edges: Edges, size: float) -> CellLattice:
        """The lattice of `edges` (at least one, of at most `MOST_CELLS` polygons), pixels of `size` in their unit."""
        # an offset without a simple ratio to the size keeps centres off the edges of regular cells
        west = float(min(edges.x1.min(), edges.x2.min())) - 1.381966 * size
        south = float(edges.y1.min()) - 1.381966 * size
        columns = int((max(edges.x1.max(), edges.x2.max()) - west) / size) + 3
        rows = int((edges.y2.max() - south) / size) + 3
        x1, x2 = (edges.x1 - west) / size, (edges.x2 - west) / size
        y1, y2 = (edges.y1 - south) / size, (edges.y2 - south) / size
        pixels = Edges(x1, y1, x2, y2, edges.left, edges.right)
        step = (_covering(edges.right) - _covering(edges.left)).astype(np.int32)
        code = _scan(pixels, step, columns, rows)
        touched, first_edge, edge = _touched(pixels, columns)
        cover = code[touched]
        code[touched] = np.arange(-1, -1 - len(touched), -1, dtype=np.int32)
        ends = np.stack((edges.x1, edges.y1, edges.x2, edges.y2), axis=1)
        return cls(west, south, size, columns, rows, code, cover, first_edge, edge, ends, step)

    def locate(self, x: Floats, y: Floats) -> tuple[NDArray[np.int32], Numbers]:
        """Cell of each of n points (-1 outside), and the numbers of the points that stay undecided."""
        cell = np.empty(len(x), dtype=np.int32)
        undecided = [np.empty(0, dtype=np.int64)]
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            undecided.append(start + self._locate_chunk(x[part], y[part], cell[part]))
        return cell, np.concatenate(undecided)

    def _locate_chunk(self, x: Floats, y: Floats, cell: NDArray[np.int32]) -> Numbers:
        pixel = _lattice_line(y, self.south, self.size, self.rows) * self.columns
        pixel += _lattice_line(x, self.west, self.size, self.columns)
        code = self.code.take(pixel)
        near = np.flatnonzero(code < 0)
        code[near] = self._follow(x[near], y[near], pixel[near], -1 - code[near].astype(np.int64))
        np.subtract(code & _NUMBER, 1, out=cell)
        return np.flatnonzero((code != 0) & (code >> 24 != 1))

    def _follow(self, x: Floats, y: Floats, pixel: Numbers, entry: Numbers) -> Codes:
        """What covers points in pixels that edges touch; `_ODD` where rounding leaves that open."""
        centre_x = self.west + (pixel % self.columns + 0.5) * self.size
        centre_y = self.south + (pixel // self.columns + 0.5) * self.size
        first, last = self.first_edge[entry], self.first_edge[entry + 1]
        point = np.repeat(np.arange(len(x)), last - first)
        edge = self.edge[expand(first, last)]
        ax, ay, bx, by = self.ends.take(edge, axis=0).T
        px, py, cx, cy = x[point], y[point], centre_x[point], centre_y[point]
        from_centre, _ = _side(ax, ay, bx, by, cx, cy)
        to_point, sure = _side(ax, ay, bx, by, px, py)
        sure &= np.abs(from_centre) > _TOUCH * self.size * (np.abs(bx - ax) + (by - ay))
        between = np.flatnonzero((from_centre > 0) != (to_point > 0))
        start, sure_start = _side(*(c[between] for c in (cx, cy, px, py, ax, ay)))
        end, sure_end = _side(*(c[between] for c in (cx, cy, px, py, bx, by)))
        sure[between] &= sure_start & sure_end
        crossed = between[(start > 0) != (end > 0)]
        step = self.step[edge[crossed]]
        cover = self.cover[entry]
        np.add.at(cover, point[crossed], np.where(from_centre[crossed] > 0, step, -step))
        cover[cover < 0] = _ODD
        cover[point[~sure]] = _ODD
        return cover


def _lattice_line(at: Floats, origin: float, size: float, lines: int) -> Numbers:
    """Row or column of coordinates; what lies beyond the lattice, or is NaN, falls into its empty border."""
    line = at - origin
    line /= size
    np.fmax(line, 0.0, out=line)
    np.fmin(line, lines - 1.0, out=line)
    return line.astype(np.int64)


def _side(
    ax: NDArray[Any], ay: NDArray[Any], bx: NDArray[Any], by: NDArray[Any], px: NDArray[Any], py: NDArray[Any]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Twice the area of (a, b, p), positive when p is left of a → b, and whether its sign is beyond rounding."""
    first, second = (bx - ax) * (py - ay), (by - ay) * (px - ax)
    area = first - second
    return area, np.abs(area) > _ROUNDING * (np.abs(first) + np.abs(second))


def _covering(cell: Numbers) -> NDArray[Any]:
    """Code of a place that lies in `cell` only (-1: in none)."""
    return np.where(cell >= 0, cell + 1 + _ONE_CELL, 0)


def _scan(edges: Edges, step: Codes, columns: int, rows: int) -> Codes:
    """What covers every pixel's centre: changes at the crossings of each row of centres, summed from west to east."""
    first, last = np.ceil(edges.y1 - 0.5).astype(np.int64), np.ceil(edges.y2 - 0.5).astype(np.int64)
    count = last - first
    row = expand(first, last)
    at = row + 0.5 - np.repeat(edges.y1, count)
    at *= np.repeat(_slope(edges), count)
    at += np.repeat(edges.x1, count)
    pixel = row * columns + np.ceil(at - 0.5).astype(np.int64)
    code = np.zeros(rows * columns, dtype=np.int32)
    np.add.at(code, pixel, np.repeat(step, count))
    np.cumsum(code, dtype=np.int32, out=code)
    code[code < 0] = _ODD  # rings that cross themselves
    return code


def _touched(edges: Edges, columns: int) -> tuple[Numbers, Numbers, Numbers]:
    """Pixels that edges touch, and the edges of each: `first_edge`, `edge` of `CellLattice`."""
    first = np.floor(edges.y1 - _TOUCH).astype(np.int64)
    last = np.floor(edges.y2 + _TOUCH).astype(np.int64) + 1
    count = last - first
    row = expand(first, last)
    low, high = _reach(edges, row, count)
    wide = high - low
    number = np.repeat(np.arange(len(edges)), count)
    touch = np.repeat((row * columns + low) << 32 | number, wide)
    touch += (np.arange(len(touch)) - np.repeat(np.cumsum(wide) - wide, wide)) << 32
    touch.sort()  # pixel and edge in one number: sorting numbers is far faster than sorting an order of them
    pixel = touch >> 32
    begins = np.flatnonzero(np.diff(pixel, prepend=-1))
    return pixel[begins], np.append(begins, len(pixel)), touch & 0xFFFFFFFF


def _reach(edges: Edges, row: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """First and last + 1 column that edges touch in a pixel row (`count` rows each), too far rather than too short."""
    slope = _slope(edges)
    margin = np.where(edges.y2 > edges.y1, _TOUCH + np.abs(slope) * 1e-11, np.inf)
    west, east = np.minimum(edges.x1, edges.x2) - _TOUCH, np.maximum(edges.x1, edges.x2) + _TOUCH
    x1, y1, y2, slope, margin, west, east = (
        np.repeat(column, count) for column in (edges.x1, edges.y1, edges.y2, slope, margin, west, east)
    )
    enter = (np.maximum(row, y1) - y1) * slope + x1
    leave = (np.minimum(row + 1, y2) - y1) * slope + x1
    low = np.maximum(np.minimum(enter, leave) - margin, west)
    high = np.minimum(np.maximum(enter, leave) + margin, east)
    return np.floor(low).astype(np.int64), np.floor(high).astype(np.int64) + 1


def _slope(edges: Edges) -> Floats:
    """Change of x by y; 0 for level edges, which cross no row of centres."""
    rise = edges.y2 - edges.y1
    return np.divide(edges.x2 - edges.x1, rise, out=np.zeros_like(rise), where=rise > 0)
