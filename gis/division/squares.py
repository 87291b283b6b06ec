"""Cutting polygons by a lattice of squares, fast: only squares that a border runs through are really cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

# Above this number of vertices a polygon is first cut into blocks, so that no square is cut out of all of it.
MANY_VERTICES: Final = 2_000
BLOCK_SQUARES: Final = 16
LOST_M2: Final = 1e-3

Array = np.ndarray


@dataclass(frozen=True)
class Pieces:
    """What squares leave of polygons: four arrays of one length.

    `source` is the number of the polygon cut, `column` and `row` say the square (counted from the lattice's origin,
    eastward and northward), `geometry` the Polygon or MultiPolygon that lies in both.
    """

    source: Array
    column: Array
    row: Array
    geometry: Array

    def __len__(self) -> int:
        return len(self.source)


def cut(polygons: Array, side: float, x0: float = 0.0, y0: float = 0.0) -> Pieces:
    """Cut every polygon by the squares of `side` whose lattice has a corner at (`x0`, `y0`).

    `polygons`: valid Polygons or MultiPolygons of a metric plane. Pieces touch along lattice lines exactly: a vertex
    made on a line has that line's coordinate to the last bit. Squares wholly inside a polygon are found by
    arithmetic on its borders (a scan along row centres), the others are cut by GEOS' rectangle clipping, whose
    result is compared by area with the polygon and, where it is wrong, replaced by a general intersection.
    """
    polygons = np.asarray(polygons, dtype=object)
    large = shapely.get_num_coordinates(polygons) > MANY_VERTICES
    if not large.any():
        return _cut(polygons, side, x0, y0)
    blocks = _cut(polygons[large], side * BLOCK_SQUARES, x0, y0)
    source = np.r_[np.flatnonzero(~large), np.flatnonzero(large)[blocks.source]]
    pieces = _cut(np.r_[polygons[~large], blocks.geometry], side, x0, y0)
    return Pieces(source[pieces.source], pieces.column, pieces.row, pieces.geometry)


def _cut(polygons: Array, side: float, x0: float, y0: float) -> Pieces:
    if not len(polygons):
        nothing = np.zeros(0, dtype=np.int64)
        return Pieces(nothing, nothing, nothing, np.zeros(0, dtype=object))
    sheet = _Sheet(shapely.bounds(polygons), side, x0, y0)
    borders = _Borders(polygons, side, x0, y0)
    touched = _touched(borders, sheet)
    whole = np.flatnonzero(_centre_inside(borders, sheet) & ~touched)
    torn = np.flatnonzero(touched)
    clipped = _clip(polygons[sheet.polygon[torn]], sheet.corners(torn))
    square = np.r_[whole, torn]
    geometry = np.r_[shapely.box(*sheet.corners(whole)), clipped]
    wrong = _wrongly_cut(polygons, sheet.polygon[square], geometry)
    wrong[len(whole) :] |= ~shapely.is_valid(clipped)
    geometry[wrong] = _intersect(polygons[sheet.polygon[square[wrong]]], sheet.corners(square[wrong]))
    kept = shapely.area(geometry) > 0.0
    square = square[kept]
    return Pieces(sheet.polygon[square], sheet.column[square], sheet.row[square], geometry[kept])


class _Sheet:
    """The squares under the bounds of each polygon, in one flat numbering."""

    def __init__(self, bounds: Array, side: float, x0: float, y0: float) -> None:
        low = np.floor((bounds[:, :2] - (x0, y0)) / side).astype(np.int64)
        high = np.ceil((bounds[:, 2:] - (x0, y0)) / side).astype(np.int64)
        self.low = low
        self.width, self.height = np.maximum(high - low, 1).T
        size = self.width * self.height
        self.start = np.r_[0, np.cumsum(size)]
        self.squares = int(self.start[-1])
        self.polygon = np.repeat(np.arange(len(bounds)), size)
        place = np.arange(self.squares) - self.start[self.polygon]
        self.column = place % self.width[self.polygon] + low[self.polygon, 0]
        self.row = place // self.width[self.polygon] + low[self.polygon, 1]
        self._side, self._x0, self._y0 = side, x0, y0

    def number(self, polygon: Array, column: Array, row: Array) -> Array:
        """Flat number of the square at lattice `column`, `row` under `polygon`, kept inside its bounds."""
        i = np.clip(column - self.low[polygon, 0], 0, self.width[polygon] - 1)
        j = np.clip(row - self.low[polygon, 1], 0, self.height[polygon] - 1)
        return self.start[polygon] + j * self.width[polygon] + i

    def corners(self, square: Array) -> tuple[Array, Array, Array, Array]:
        """xmin, ymin, xmax, ymax of the squares with these flat numbers."""
        column, row = self.column[square], self.row[square]
        line_x, line_y = self._x0 + column * self._side, self._y0 + row * self._side
        return line_x, line_y, self._x0 + (column + 1) * self._side, self._y0 + (row + 1) * self._side


class _Borders:
    """All border segments of the polygons in lattice units: `a` to `b`, of `polygon`."""

    def __init__(self, polygons: Array, side: float, x0: float, y0: float) -> None:
        parts, part_of = shapely.get_parts(polygons, return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        xy, at = shapely.get_coordinates(rings, return_index=True)
        xy = (xy - (x0, y0)) / side
        joined = at[1:] == at[:-1]
        self.polygon = part_of[ring_of[at[:-1][joined]]]
        self.a, self.b = xy[:-1][joined], xy[1:][joined]


def _centre_inside(borders: _Borders, sheet: _Sheet) -> Array:
    """Whether the middle of each square lies in its polygon: parity of the borders crossed from the west."""
    a, b = borders.a, borders.b
    first = np.ceil(np.minimum(a[:, 1], b[:, 1]) - 0.5).astype(np.int64)
    rows = np.ceil(np.maximum(a[:, 1], b[:, 1]) - 0.5).astype(np.int64) - first
    segment, step = _repeated(rows)
    row = first[segment] + step
    share = (row + 0.5 - a[segment, 1]) / (b[segment, 1] - a[segment, 1])
    x = a[segment, 0] + share * (b[segment, 0] - a[segment, 0])
    column = np.ceil(x - 0.5).astype(np.int64)
    polygon = borders.polygon[segment]
    within = column < sheet.low[polygon, 0] + sheet.width[polygon]
    square = sheet.number(polygon[within], column[within], row[within])
    # Each ring crosses a whole row an even number of times, so one running sum over all rows stays right only if
    # the crossings east of the last centre, which were left out, are made up for at the row's start.
    crossed = np.cumsum(np.bincount(square, minlength=sheet.squares))
    row_start = np.arange(sheet.squares) - (sheet.column - sheet.low[sheet.polygon, 0])
    before = np.r_[0, crossed][row_start]
    return (crossed - before) % 2 == 1


def _touched(borders: _Borders, sheet: _Sheet) -> Array:
    """Whether a border runs through each square: borders are split at lattice lines, middles say the square."""
    a, b = borders.a, borders.b
    every = np.arange(len(a))
    across_x, share_x = _crossings(a[:, 0], b[:, 0])
    across_y, share_y = _crossings(a[:, 1], b[:, 1])
    segment = np.r_[every, across_x, across_y]
    share = np.r_[np.zeros(len(a)), share_x, share_y]
    order = np.lexsort((share, segment))
    segment, share = segment[order], share[order]
    ends = np.where(np.r_[segment[1:] != segment[:-1], True], 1.0, np.r_[share[1:], 1.0])
    middle = a[segment] + ((share + ends) / 2)[:, None] * (b[segment] - a[segment])
    column, row = np.floor(middle).astype(np.int64).T
    touched = np.zeros(sheet.squares, dtype=bool)
    touched[sheet.number(borders.polygon[segment], column, row)] = True
    return touched


def _crossings(start: Array, end: Array) -> tuple[Array, Array]:
    """Segment number and share of its length, for each whole number strictly between `start` and `end`."""
    first = np.floor(np.minimum(start, end)).astype(np.int64) + 1
    last = np.ceil(np.maximum(start, end)).astype(np.int64) - 1
    segment, step = _repeated(np.maximum(last - first + 1, 0))
    line = first[segment] + step
    return segment, (line - start[segment]) / (end[segment] - start[segment])


def _repeated(counts: Array) -> tuple[Array, Array]:
    """For counts (2, 0, 3): owners (0, 0, 2, 2, 2) and steps (0, 1, 0, 1, 2)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def _clip(polygons: Array, corners: tuple[Array, ...]) -> Array:
    """What is left of each polygon in its own rectangle; lines and points are left out as empty polygons."""
    rectangles = zip(*(edge.tolist() for edge in corners), strict=True)
    out = np.empty(len(polygons), dtype=object)
    out[:] = [_clip_one(polygon, edges) for polygon, edges in zip(polygons, rectangles, strict=True)]
    mixed = shapely.get_type_id(out) == shapely.GeometryType.GEOMETRYCOLLECTION
    out[mixed] = [_areal(geometry) for geometry in out[mixed]]
    return out


def _clip_one(polygon: shapely.Geometry, edges: tuple[float, ...]) -> shapely.Geometry:
    """GEOS' rectangle clipping; where it trips over a sliver of three points, a general intersection."""
    try:
        return shapely.clip_by_rect(polygon, *edges)
    except shapely.errors.GEOSException:
        return shapely.intersection(polygon, shapely.box(*edges))


def _wrongly_cut(polygons: Array, source: Array, geometry: Array) -> Array:
    """Which pieces belong to a polygon whose pieces do not add up to it."""
    wanted = shapely.area(polygons)
    made = np.bincount(source, shapely.area(geometry), minlength=len(polygons))
    return (np.abs(made - wanted) > LOST_M2 + 1e-9 * wanted)[source]


def _intersect(polygons: Array, corners: tuple[Array, ...]) -> Array:
    out = np.empty(len(polygons), dtype=object)
    out[:] = [_areal(geometry) for geometry in shapely.intersection(polygons, shapely.box(*corners))]
    return out


def _areal(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of any geometry, as one."""
    parts = shapely.get_parts(geometry)
    areal = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    return areal[0] if len(areal) == 1 else shapely.multipolygons(areal)
