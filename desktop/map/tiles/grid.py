"""Tile pyramids: which tiles a view needs, and where their corners lie on the city's plane.

Two pyramids are in use: Web Mercator (EPSG:3857; XYZ, MBTiles, WMTS matrix set "w") and plain degrees (WMTS matrix set
"c" of the Chinese national service, CGCS2000 longitude and latitude). In either, level z has 2ᶻ columns of 256 pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj

from desktop.map.view import Extent, View
from gis.crs import gcj02_to_wgs84, wgs84_to_gcj02

Array = np.ndarray

MERCATOR, DEGREES = "mercator", "degrees"
TILE_PX: Final = 256
EARTH_M: Final = 2.0 * math.pi * 6_378_137.0
LARGEST_PIECE_M: Final = (
    12_000.0  # a larger tile is bent in pieces: within one, plane and tile differ by a parallelogram
)


@dataclass(frozen=True)
class Tile:
    """Level, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def parent(self, steps: int) -> Tile:
        """The tile of a coarser level that contains it."""
        return Tile(self.z - steps, self.x >> steps, self.y >> steps)


@dataclass(frozen=True)
class TileGrid:
    """A pyramid seen from a city's plane (EPSG `crs`). `shifted`: the pictures are drawn in GCJ-02, and the shift is
    taken back for display."""

    crs: int
    kind: str = MERCATOR
    shifted: bool = False

    def zoom(self, view: View, least: int, greatest: int) -> int:
        """The level whose pixels are nearest in size to those of the screen, rather finer."""
        _, lat = self._to_degrees(np.array([view.x]), np.array([view.y]))
        across = EARTH_M * math.cos(math.radians(float(lat[0])))
        wanted = math.log2(across / TILE_PX / view.m_per_pixel)
        return min(max(math.ceil(wanted - 0.35), least), greatest)

    def tiles(self, extent: Extent, z: int) -> list[Tile]:
        """The tiles of level `z` that touch `extent`, the middle ones first."""
        column, row = self._columns_and_rows(extent, z)
        last_row = (1 << z) - 1 if self.kind == MERCATOR else max((1 << z) // 2 - 1, 0)
        x0, x1 = max(math.floor(column.min()), 0), min(math.floor(column.max()), (1 << z) - 1)
        y0, y1 = max(math.floor(row.min()), 0), min(math.floor(row.max()), last_row)
        middle_x, middle_y = (x0 + x1) / 2.0, (y0 + y1) / 2.0
        found = [Tile(z, x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)]
        return sorted(found, key=lambda tile: max(abs(tile.x - middle_x), abs(tile.y - middle_y)))

    def corners(self, tile: Tile, pieces: int = 1) -> tuple[Array, Array]:
        """x and y on the plane of the lattice of (pieces + 1)² points over a tile, rows from the north."""
        steps = np.arange(pieces + 1) / pieces
        column, row = np.meshgrid(tile.x + steps, tile.y + steps)
        lon, lat = self._degrees_at(column.ravel() / (1 << tile.z), row.ravel() / (1 << tile.z))
        if self.shifted:
            lon, lat = gcj02_to_wgs84(lon, lat)
        x, y = _projection(self.crs).transform(lon, lat)
        return np.asarray(x).reshape(column.shape), np.asarray(y).reshape(column.shape)

    def pieces(self, tile: Tile) -> int:
        """Into how many pieces a side a tile is cut, so that each is a parallelogram to a hundredth of a pixel."""
        return min(max(1, math.ceil(EARTH_M / (1 << tile.z) / LARGEST_PIECE_M)), 16)

    def _columns_and_rows(self, extent: Extent, z: int) -> tuple[Array, Array]:
        share = np.linspace(0.0, 1.0, 5)
        x, y = np.meshgrid(
            extent[0] + share * (extent[2] - extent[0]), extent[1] + share * (extent[3] - extent[1])
        )
        lon, lat = self._to_degrees(x.ravel(), y.ravel())
        if self.kind == DEGREES:
            return (lon + 180.0) / 360.0 * (1 << z), (90.0 - lat) / 360.0 * (1 << z)
        lat = np.radians(np.clip(lat, -85.0, 85.0))
        down = (1.0 - np.arcsinh(np.tan(lat)) / math.pi) / 2.0
        return (lon + 180.0) / 360.0 * (1 << z), down * (1 << z)

    def _to_degrees(self, x: Array, y: Array) -> tuple[Array, Array]:
        lon, lat = _projection(self.crs).transform(x, y, direction="INVERSE")
        return wgs84_to_gcj02(lon, lat) if self.shifted else (np.asarray(lon), np.asarray(lat))

    def _degrees_at(self, across: Array, down: Array) -> tuple[Array, Array]:
        """Degrees at shares of the whole pyramid's width (and of that width, downwards)."""
        if self.kind == DEGREES:
            return across * 360.0 - 180.0, 90.0 - down * 360.0
        return across * 360.0 - 180.0, np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * down))))


@lru_cache(maxsize=16)
def _projection(crs: int) -> pyproj.Transformer:
    """Degrees (WGS84, which stands for CGCS2000) to the plane."""
    return pyproj.Transformer.from_crs(4326, crs, always_xy=True)
