"""Tiles from a map service that the user configured; without an address nothing is ever requested.

Addresses are templates: `{z}`, `{x}`, `{y}` (from the north), `{-y}` (from the south), `{s}` (0 … 7), `{key}` (the
user's own). The answers are kept on disk as the service's headers allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkDiskCache, QNetworkReply, QNetworkRequest

from desktop.map.tiles.feed import TileFeed
from desktop.map.tiles.grid import DEGREES, MERCATOR, Tile
from kernel.errors import Refused, StoreUnavailable

AT_ONCE: Final = 8
TIMEOUT_MS: Final = 15_000
AGAIN_AFTER_S: Final = 60.0  # a tile that failed is left alone for this long
GATHER_MS: Final = 60  # tiles that arrive within this are drawn together
DISK_BYTES: Final = 512 * 1024 * 1024
AGENT: Final = b"WanGrid/0.1 (desktop map)"

TIANDITU_LAYERS: Final = ("vec", "cva", "img", "cia", "ter", "cta")


@dataclass(frozen=True)
class TileService:
    """A map service as the user configured it."""

    address: str
    key: str = ""
    kind: str = MERCATOR
    shifted: bool = False
    zooms: tuple[int, int] = (1, 18)
    credit: str = ""

    def __post_init__(self) -> None:
        if not all(place in self.address for place in ("{z}", "{x}")) or "y}" not in self.address:
            raise Refused(
                "The address of a tile service needs {{z}}, {{x}} and {{y}}.",
                remedy="Copy the address from the service.",
            )
        if "{key}" in self.address and not self.key:
            raise Refused("This map service needs a key.", remedy="Enter the key that the service gave you.")

    def url(self, tile: Tile) -> QUrl:
        """Where a tile is."""
        rows = 1 << tile.z if self.kind == MERCATOR else (1 << tile.z) // 2
        places = {
            "{z}": str(tile.z), "{x}": str(tile.x), "{y}": str(tile.y), "{-y}": str(rows - 1 - tile.y),
            "{s}": str((tile.x + tile.y) % 8), "{key}": self.key,
        }  # fmt: skip
        address = self.address
        for place, value in places.items():
            address = address.replace(place, value)
        return QUrl(address)


def tianditu(layer: str, key: str, kind: str = MERCATOR) -> TileService:
    """The national service: `layer` is vec, img or ter (cva, cia, cta: their names), with the user's own key."""
    if layer not in TIANDITU_LAYERS:
        raise ValueError(f"layer {layer!r} is none of {TIANDITU_LAYERS}")
    matrices = "c" if kind == DEGREES else "w"
    address = (
        f"https://t{{s}}.tianditu.gov.cn/{layer}_{matrices}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        f"&LAYER={layer}&STYLE=default&TILEMATRIXSET={matrices}&FORMAT=tiles"
        "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
    )
    return TileService(address, key, kind, credit="天地图")


class NetworkFeed(TileFeed):
    """Fetches on the thread it was made on (the window's), a few tiles at once; nobody waits for it."""

    _wanted = Signal(object)

    def __init__(
        self, service: TileService, cache: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.service = service
        self.zooms = service.zooms
        self.credit = service.credit
        self._network = QNetworkAccessManager(self)
        if cache is not None:
            disk = QNetworkDiskCache(self)
            disk.setCacheDirectory(str(cache))
            disk.setMaximumCacheSize(DISK_BYTES)
            self._network.setCache(disk)
        self._queue: list[Tile] = []
        self._under_way: dict[Tile, QNetworkReply] = {}
        self._failed_s: dict[Tile, float] = {}
        self._told: set[str] = set()
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self.arrived)
        self._wanted.connect(self._take_orders, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._under_way or self._queue) or self._gather.isActive()

    def want(self, tiles: Sequence[Tile]) -> None:
        self._wanted.emit(tuple(tiles))

    def close(self) -> None:
        self._queue.clear()
        self._gather.stop()
        for reply in list(self._under_way.values()):
            reply.abort()
        self._under_way.clear()

    def _take_orders(self, tiles: tuple[Tile, ...]) -> None:
        now = monotonic()
        self._queue = [
            tile
            for tile in tiles
            if tile not in self._under_way and now - self._failed_s.get(tile, -AGAIN_AFTER_S) >= AGAIN_AFTER_S
        ]
        for tile in set(self._under_way) - set(tiles):
            self._under_way[tile].abort()
        self._fetch_next()

    def _fetch_next(self) -> None:
        while self._queue and len(self._under_way) < AT_ONCE:
            tile = self._queue.pop(0)
            request = QNetworkRequest(self.service.url(tile))
            request.setTransferTimeout(TIMEOUT_MS)
            request.setRawHeader(b"User-Agent", AGENT)
            request.setAttribute(
                QNetworkRequest.Attribute.CacheLoadControlAttribute,
                QNetworkRequest.CacheLoadControl.PreferCache,
            )
            reply = self._network.get(request)
            self._under_way[tile] = reply
            reply.finished.connect(lambda tile=tile, reply=reply: self._finish(tile, reply))

    def _finish(self, tile: Tile, reply: QNetworkReply) -> None:
        self._under_way.pop(tile, None)
        reply.deleteLater()
        if reply.error() == QNetworkReply.NetworkError.NoError:
            self._keep(tile, reply.readAll().data())
            if not self._gather.isActive():
                self._gather.start()
        elif reply.error() != QNetworkReply.NetworkError.OperationCanceledError:
            self._failed_s[tile] = monotonic()
            self._tell(reply)
        self._fetch_next()

    def _tell(self, reply: QNetworkReply) -> None:
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        cause, host = f"{status or ''} {reply.error().name}".strip(), reply.url().host()
        if cause in self._told:
            return
        self._told.add(cause)
        if status in (401, 403):
            template, remedy = (
                "The map service {host} refuses the key.",
                "Check the key and what it is allowed to ask.",
            )
            self.problem.emit(Refused(template, remedy=remedy, host=host, detail=cause))
        else:
            template, remedy = (
                "The map service {host} does not answer.",
                "Check the connection; the map works without it.",
            )
            self.problem.emit(StoreUnavailable(template, remedy=remedy, host=host, detail=cause))
