"""What fetches pixels in the background: it tells when some arrived, and whether it still fetches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop.map.tiles.grid import Tile

KEPT_TILES: Final = 420  # a screen of 3840 × 2160 and its surroundings twice; 110 MB


class Feed(QObject):
    """A source of pixels. `arrived` is emitted when the map should be drawn again."""

    arrived = Signal()
    problem = Signal(object)  # a WanGridError, once per cause

    @property
    def busy(self) -> bool:
        """Whether something asked for is still to come."""
        return False

    def close(self) -> None:
        """Let files, threads and connections go."""


class TileFeed(Feed):
    """A source of tiles. `tile` answers from memory at once; `want` says what should be fetched."""

    zooms: tuple[int, int] = (0, 18)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Tile, bytes | QImage] = OrderedDict()

    def tile(self, tile: Tile) -> QImage | None:
        """The picture of a tile if it is at hand. Called by the worker, which decodes it."""
        found = self._kept.get(tile)
        if isinstance(found, bytes):
            image = QImage.fromData(found)
            found = self._kept[tile] = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        return None if found is None or found.isNull() else found

    def want(self, tiles: Sequence[Tile]) -> None:
        """Fetch these, the first most urgently; what was wanted before is forgotten. Any thread."""

    def _keep(self, tile: Tile, data: bytes) -> None:
        self._kept[tile] = data
        while len(self._kept) > KEPT_TILES:
            self._kept.popitem(last=False)
