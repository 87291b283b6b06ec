"""Tiles of an MBTiles file, read on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from shiboken6 import isValid

from data.mbtiles import Mbtiles
from desktop.map.lane import Lane
from desktop.map.tiles.feed import TileFeed
from desktop.map.tiles.grid import Tile


class MbtilesFeed(TileFeed):
    """Raises `Refused` when the file is not what its name says."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = Mbtiles(path)
        self.zooms = self._file.zooms
        self.credit = self._file.credit
        self._missing: set[Tile] = set()
        self._lane: Lane[tuple[Tile, ...]] = Lane("wangrid-mbtiles", self._read)

    @property
    def busy(self) -> bool:
        return self._lane.busy

    def want(self, tiles: Sequence[Tile]) -> None:
        wanted = tuple(tile for tile in tiles if tile not in self._missing)
        if wanted:
            self._lane.submit(wanted)

    def close(self) -> None:
        self._lane.close()
        self._file.close()

    def _read(self, tiles: tuple[Tile, ...], check: Callable[[], None]) -> None:
        found = 0
        for tile in tiles:
            check()
            data = self._file.tile(tile.z, tile.x, tile.y)
            if data is None:
                self._missing.add(tile)
            else:
                self._keep(tile, data)
                found += 1
        if found and isValid(self):
            self.arrived.emit()
