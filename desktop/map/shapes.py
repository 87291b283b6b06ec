"""Geometry as columns: one coordinate array, offsets, bounds, and coarser levels for small scales.

No Python object exists per vertex or ring; what is in view is cut out by masks over the bounds. Whatever makes
geometry objects holds the interpreter, and with it the window, for as long as it takes: so that is done in portions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from desktop.map.view import Extent

Array = np.ndarray

TOLERANCE_PX: Final = 0.45  # what a coarser level may differ from the truth
SMALLEST_PX: Final = 0.8  # smaller areas are left out of a coarser level
LEVELS_PER_OCTAVE: Final = 2
PORTION: Final = 1_500  # shapes worked on at once: some milliseconds
AROUND: Final = 0.15  # of the window's lesser side
MADE_IN_VIEW: Final = 4_000  # so many shapes are simplified in a few milliseconds, whatever the city's size
FINEST_LEVEL: Final = -2 * LEVELS_PER_OCTAVE  # below 0.25 m a pixel nothing is left to simplify


@dataclass(frozen=True)
class Source:
    """Where the geometry objects of some shapes come from, should they be wanted: offsets of a whole layer.

    Ring r owns the vertices `ring_start[r]:ring_start[r + 1]`, part p the rings `part_ring[p]:part_ring[p + 1]`, shape
    i the parts `shape_part[i]:shape_part[i + 1]`. A line's ring is one part by itself.
    """

    xy: Array
    ring_start: Array
    part_ring: Array
    shape_part: Array
    areal: bool

    def geometry(self, at: Array) -> Array:
        """The (multi)polygons or (multi)lines at these positions."""
        first, last = self.shape_part[at], self.shape_part[at + 1]
        parts = ranges(first, last)
        rings = ranges(self.part_ring[parts], self.part_ring[parts + 1])
        starts, stops = self.ring_start[rings], self.ring_start[rings + 1]
        points, of_ring = self.xy[ranges(starts, stops)], np.repeat(np.arange(len(rings)), stops - starts)
        of_part = np.repeat(np.arange(len(parts)), self.part_ring[parts + 1] - self.part_ring[parts])
        of_shape = np.repeat(np.arange(len(at)), last - first)
        if self.areal:
            whole = shapely.polygons(shapely.linearrings(points, indices=of_ring), indices=of_part)
            return shapely.multipolygons(whole, indices=of_shape)
        return shapely.multilinestrings(shapely.linestrings(points, indices=of_ring), indices=of_shape)


class Shapes:
    """Lines or polygons in an order that keeps neighbours together.

    `rows` (n) are positions in the source; `bounds` (n, 4); `xy` (v, 2) metres; shape i owns the rings
    `shape_ring[i]:shape_ring[i + 1]`, ring r the vertices `ring_start[r]:ring_start[r + 1]`. Polygon rings are
    closed and oriented, so that the non-zero winding rule fills them right even where shapes overlap.
    """

    _near: tuple[int, Extent, Shapes] | None = None  # level, window and shapes that were made for one picture

    def __init__(self, geometry: Array, rows: Array, smallest_px: float = SMALLEST_PX) -> None:
        self.smallest_px = smallest_px
        self._geometry: Array | None = geometry
        self._source: tuple[Source, Array] | None = None
        self.rows = rows
        self.areal = bool(len(geometry)) and bool(np.isin(shapely.get_type_id(geometry[:1]), (3, 6))[0])
        self.bounds = shapely.bounds(geometry) if len(geometry) else np.empty((0, 4))
        self.xy, self.ring_start, self.shape_ring = _flatten(geometry, self.areal)
        self._levels: dict[int, Shapes] = {}

    @classmethod
    def of(cls, geometry: Array, smallest_px: float = SMALLEST_PX) -> Shapes:
        """Shapes of an array of (multi)lines or (multi)polygons; empty and missing ones are left out.

        Areas that are narrower and lower than `smallest_px` on the screen are left out of coarser levels.
        """
        geometry = np.asarray(geometry, dtype=object)
        rows = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
        geometry = geometry[rows]
        areal = np.isin(shapely.get_type_id(geometry), (3, 6))
        if areal.any():
            geometry = geometry.copy()
            geometry[areal] = in_portions(shapely.orient_polygons, geometry[areal])
        order = _neighbours_first(geometry)
        return cls(geometry[order], rows[order].astype(np.int32), smallest_px)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Array], smallest_px: float = SMALLEST_PX) -> Shapes:
        """What `columns` gave; no geometry object is made before it is needed, and then only of what is in view."""
        out = cls.__new__(cls)
        out.rows, out.bounds = columns["rows"], columns["bounds"].reshape(-1, 4)
        out.xy, out.ring_start = columns["xy"].reshape(-1, 2), columns["ring_start"]
        out.areal = bool(columns["areal"][0])
        source = Source(out.xy, out.ring_start, columns["part_ring"], columns["shape_part"], out.areal)
        out.shape_ring = source.part_ring[source.shape_part]
        out._geometry, out._source = None, (source, np.arange(len(out.rows)))
        out._levels, out.smallest_px = {}, smallest_px
        return out

    def columns(self) -> dict[str, Array]:
        """Flat arrays that say everything but the coarser levels."""
        parts, of_shape = shapely.get_parts(self.geometry, return_index=True)
        rings = shapely.get_num_interior_rings(parts) + 1 if self.areal else np.ones(len(parts), np.int64)
        return {
            "rows": self.rows,
            "bounds": self.bounds.ravel(),
            "xy": self.xy.ravel(),
            "ring_start": self.ring_start,
            "part_ring": _offsets(rings),
            "shape_part": _offsets(np.bincount(of_shape, minlength=len(self))),
            "areal": np.array([self.areal]),
        }

    @property
    def geometry(self) -> Array:
        """The geometry objects, made when they are first asked for."""
        if self._geometry is None:
            assert self._source is not None
            source, at = self._source
            self._geometry = in_portions(source.geometry, at) if len(at) else np.empty(0, object)
        return self._geometry

    def __len__(self) -> int:
        return len(self.rows)

    def seen(self, m_per_pixel: float, extent: Extent) -> Shapes:
        """What of the right level touches `extent`. Few shapes of a level that is not made yet are made by themselves,
        with some around them for the next picture: one does not wait for a whole city to see a street of it."""
        number = _level_number(m_per_pixel)
        if number == FINEST_LEVEL or number in self._levels:
            return self.level(m_per_pixel).cut(extent)
        near = self._near
        if near is not None and near[0] == number and _contains(near[1], extent):
            return near[2].cut(extent)
        if len(self.inside(extent)) > max(MADE_IN_VIEW, len(self) // 8):
            return self.level(m_per_pixel).cut(extent)
        margin = AROUND * min(extent[2] - extent[0], extent[3] - extent[1])
        wide = (extent[0] - margin, extent[1] - margin, extent[2] + margin, extent[3] + margin)
        self._near = (number, wide, self.cut(wide)._coarser(_metres_of(number)))
        return self._near[2].cut(extent)

    def level(self, m_per_pixel: float) -> Shapes:
        """The coarsest level that looks the same at that scale; made once."""
        number = _level_number(m_per_pixel)
        if number == FINEST_LEVEL:
            return self
        if number not in self._levels:
            self._levels[number] = self._coarser(_metres_of(number))
        return self._levels[number]

    def _coarser(self, m_per_pixel: float) -> Shapes:
        width = np.maximum(self.bounds[:, 2] - self.bounds[:, 0], self.bounds[:, 3] - self.bounds[:, 1])
        large = width >= self.smallest_px * m_per_pixel if self.areal else width > 0
        wanted = self.take(np.flatnonzero(large))
        slim = in_portions(
            lambda part: shapely.simplify(part, TOLERANCE_PX * m_per_pixel, preserve_topology=False),
            wanted.geometry,
        )
        kept = ~shapely.is_empty(slim)
        return Shapes(slim[kept], wanted.rows[kept])

    def inside(self, extent: Extent) -> Array:
        """Positions of the shapes whose bounds touch `extent`, ascending."""
        b = self.bounds
        return np.flatnonzero(
            (b[:, 0] <= extent[2]) & (b[:, 2] >= extent[0]) & (b[:, 1] <= extent[3]) & (b[:, 3] >= extent[1])
        )

    def cut(self, extent: Extent) -> Shapes:
        """What touches `extent`; shapes that reach far beyond it are clipped well outside of it."""
        at = self.inside(extent)
        reach = 2.0 * max(extent[2] - extent[0], extent[3] - extent[1])
        frame = (extent[0] - reach, extent[1] - reach, extent[2] + reach, extent[3] + reach)
        b = self.bounds[at]
        far = (b[:, 0] < frame[0]) | (b[:, 1] < frame[1]) | (b[:, 2] > frame[2]) | (b[:, 3] > frame[3])
        near = self.take(at)
        if not far.any():
            return near
        geometry = near.geometry.copy()
        geometry[far] = shapely.clip_by_rect(geometry[far], *frame)
        kept = ~shapely.is_empty(geometry)
        return Shapes(geometry[kept], self.rows[at][kept])

    def largest(self, most: int) -> Shapes:
        """The `most` largest areas, in their order; all where there are not more."""
        if len(self) <= most:
            return self
        area = self._areas_m2()
        return self.take(np.sort(np.argpartition(area, len(area) - most)[len(area) - most :]))

    def _areas_m2(self) -> Array:
        """Of closed rings, holes taken off (they run the other way); by the shoelace formula from the columns alone."""
        x, y = (self.xy - self.xy[0]).T
        twice = np.concatenate([x[:-1] * y[1:] - x[1:] * y[:-1], [0.0]])
        twice[self.ring_start[1:] - 1] = 0.0
        return np.abs(np.add.reduceat(twice, self.ring_start[self.shape_ring[:-1]])) / 2.0

    def take(self, at: Array) -> Shapes:
        """The shapes at these positions."""
        if len(at) == len(self):
            return self
        out = Shapes.__new__(Shapes)
        out.rows, out.bounds, out.areal = self.rows[at], self.bounds[at], self.areal
        out._geometry = None if self._geometry is None else self._geometry[at]
        out._source = None if self._source is None else (self._source[0], self._source[1][at])
        rings = ranges(self.shape_ring[at], self.shape_ring[at + 1])
        starts, stops = self.ring_start[rings], self.ring_start[rings + 1]
        out.xy = self.xy[ranges(starts, stops)]
        out.ring_start = _offsets(stops - starts)
        out.shape_ring = _offsets(self.shape_ring[at + 1] - self.shape_ring[at])
        out._levels, out.smallest_px = {}, self.smallest_px
        return out


def _level_number(m_per_pixel: float) -> int:
    return max(FINEST_LEVEL, math.floor(math.log2(m_per_pixel) * LEVELS_PER_OCTAVE))


def _contains(outer: Extent, inner: Extent) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _metres_of(number: int) -> float:
    return float(2.0 ** (number / LEVELS_PER_OCTAVE))


def ranges(starts: Array, stops: Array) -> Array:
    """The integers of all [start, stop) one after another."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)


def _offsets(lengths: Array) -> Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def in_portions(work: Callable[[Array], Array], geometry: Array) -> Array:
    """`work` on all of `geometry`, some at a time."""
    parts = [work(geometry[at : at + PORTION]) for at in range(0, len(geometry), PORTION)]
    return np.concatenate(parts) if parts else geometry


def _flatten(geometry: Array, areal: bool) -> tuple[Array, Array, Array]:
    """Coordinates, first vertex of every ring, first ring of every shape (and one past the last)."""
    xy, vertices, rings = [np.empty((0, 2))], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for at in range(0, len(geometry), PORTION):
        part = geometry[at : at + PORTION]
        ring, owner = shapely.get_parts(part, return_index=True)
        if areal:
            ring, of_part = shapely.get_rings(ring, return_index=True)  # it knows no multipolygons
            owner = owner[of_part]
        points, of = shapely.get_coordinates(ring, return_index=True)
        xy.append(points)
        vertices.append(np.bincount(of, minlength=len(ring)))
        rings.append(np.bincount(owner, minlength=len(part)))
    return np.concatenate(xy), _offsets(np.concatenate(vertices)), _offsets(np.concatenate(rings))


def _neighbours_first(geometry: Array) -> Array:
    """An order along a Z curve of 1,024 × 1,024 squares; shapes near one another come near one another."""
    if len(geometry) < 64:
        return np.arange(len(geometry))
    bounds = shapely.bounds(geometry)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    low, high = middle.min(axis=0), middle.max(axis=0)
    square = ((middle - low) / np.maximum(high - low, 1e-9) * 1023.0).astype(np.uint32)
    return np.argsort(_spread(square[:, 0]) | (_spread(square[:, 1]) << np.uint32(1)), kind="stable")


def _spread(bits: Array) -> Array:
    """Ten bits with a gap after each."""
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        bits = (bits | (bits << np.uint32(shift))) & np.uint32(mask)
    return bits
