"""A raster base map of tiles, bent onto the city's plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPolygonF, QTransform

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.tiles.feed import TileFeed
from desktop.map.tiles.grid import Tile, TileGrid

COARSER: Final = 5  # levels up that stand in for a tile that has not come yet


@dataclass(frozen=True, eq=False)
class TileLayer(LayerBase):
    """Tiles of a `feed` in a pyramid; what has not come yet is shown from a coarser level.

    `opacity` makes the picture recede behind the city's own data.
    """

    feed: TileFeed = field()  # type: ignore[assignment]  # no default, unlike the base's
    grid: TileGrid
    opacity: float = 1.0
    key: str = "tiles"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND,)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Every tile in view; asks the feed for those that are missing."""
        z = self.grid.zoom(frame.view, *self.feed.zooms)
        tiles = self.grid.tiles(frame.view.extent, z)
        painter = frame.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(self.opacity)
        missing = [tile for tile in tiles if not self._draw_tile(frame, tile)]
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.feed.want(missing)

    def _draw_tile(self, frame: Frame, tile: Tile) -> bool:
        """Draw a tile, or the part of a coarser one; whether it was there itself."""
        frame.check()
        for steps in range(min(COARSER, tile.z) + 1):
            image = self.feed.tile(tile.parent(steps))
            if image is not None:
                self._bend(frame, tile, image, steps)
                return steps == 0
        return False

    def _bend(self, frame: Frame, tile: Tile, image: QImage, steps: int) -> None:
        pieces = self.grid.pieces(tile)
        side = image.width() / (1 << steps) / pieces
        left = (tile.x & ((1 << steps) - 1)) * side * pieces
        top = (tile.y & ((1 << steps) - 1)) * side * pieces
        for column, row, quad in self._quads(frame, tile, pieces):
            source = QRectF(left + column * side, top + row * side, side, side)
            corners = QPolygonF(
                [source.topLeft(), source.topRight(), source.bottomRight(), source.bottomLeft()]
            )
            transform = QTransform()
            if QTransform.quadToQuad(corners, quad, transform):
                frame.painter.setTransform(transform)
                frame.painter.drawImage(source, image, source)
        frame.painter.resetTransform()

    def _quads(self, frame: Frame, tile: Tile, pieces: int) -> Iterator[tuple[int, int, QPolygonF]]:
        """Column, row and the corners on the picture of every piece, clockwise from the north-west."""
        px, py = frame.view.to_pixels(*self.grid.corners(tile, pieces))
        for row in range(pieces):
            for column in range(pieces):
                corners = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
                yield column, row, QPolygonF([QPointF(px[at], py[at]) for at in corners])
