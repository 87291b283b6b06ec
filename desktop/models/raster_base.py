"""The raster base map that the user configured: one feed for all maps of the window, made anew when settings change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, Signal

from desktop.map.layer import Layer
from desktop.map.tiles.feed import Feed
from desktop.settings import BaseMapSettings, Settings
from kernel.errors import UserError

NAMES_OF = {"vec": "cva", "img": "cia", "ter": "cta"}  # Tianditu: pictures and the layer with their names


class RasterBase(QObject):
    """`layers` are empty while nothing is configured; a source that cannot be used is told by `failed`."""

    changed = Signal()
    failed = Signal(object)  # UserError

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._feeds: list[Feed] = []
        self._crs = 0
        self.layers: list[Layer] = []
        self.credit = ""

    def lay_out(self, crs: int) -> None:
        """Make the layers for the city's plane (EPSG), as the settings say."""
        self._crs = crs
        self.close()
        if crs:
            saved = self._settings.load(BaseMapSettings)
            try:
                self.layers = self._made(saved)
                self.credit = saved.credit or " · ".join(feed.credit for feed in self._feeds if feed.credit)
            except UserError as error:
                self.close()
                self.failed.emit(error)
        self.changed.emit()

    def renew(self) -> None:
        """The settings changed."""
        self.lay_out(self._crs)

    def close(self) -> None:
        """Let files and connections go."""
        for feed in self._feeds:
            feed.close()
        self._feeds, self.layers, self.credit = [], [], ""

    def _made(self, saved: BaseMapSettings) -> list[Layer]:
        """The layers for what is configured; what a kind needs is loaded only when it is used."""
        if saved.kind == "xyz" and saved.url:
            from desktop.map.tiles.network_feed import TileService

            return [
                self._service(
                    TileService(saved.url, saved.key, shifted=saved.gcj02, credit=saved.credit), "tiles"
                )
            ]
        if saved.kind == "wmts" and saved.key:
            from desktop.map.tiles.network_feed import tianditu

            picture = saved.layer or "vec"
            return [self._service(tianditu(name, saved.key), name) for name in (picture, NAMES_OF[picture])]
        if saved.kind in ("mbtiles", "geotiff") and saved.path:
            return [self._file(saved)]
        return []

    def _file(self, saved: BaseMapSettings) -> Layer:
        if saved.kind == "mbtiles":
            from desktop.map.layers.tiles import TileLayer
            from desktop.map.tiles.grid import TileGrid
            from desktop.map.tiles.mbtiles_feed import MbtilesFeed

            return TileLayer(
                self._keep(MbtilesFeed(Path(saved.path))), TileGrid(self._crs, shifted=saved.gcj02)
            )
        from desktop.map.layers.raster import RasterLayer
        from desktop.map.tiles.raster_feed import RasterFeed

        return RasterLayer(self._keep(RasterFeed(Path(saved.path), self._crs)))

    def _service(self, service: Any, key: str) -> Layer:
        from desktop.map.layers.tiles import TileLayer
        from desktop.map.tiles.grid import TileGrid
        from desktop.map.tiles.network_feed import NetworkFeed

        cache = Path(platformdirs.user_cache_dir("wangrid", appauthor=False)) / "tiles"
        feed = self._keep(NetworkFeed(service, cache))
        return TileLayer(feed, TileGrid(self._crs, service.kind, service.shifted), key=key)

    def _keep(self, feed: Any) -> Any:
        self._feeds.append(feed)
        return feed
