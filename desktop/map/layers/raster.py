"""A GeoTIFF as base map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.tiles.raster_feed import RasterFeed
from desktop.map.view import Extent, overlaps


@dataclass(frozen=True, eq=False)
class RasterLayer(LayerBase):
    """The picture of a `feed`; until that of the view has come, an older one is moved and scaled."""

    feed: RasterFeed  # type: ignore[assignment]
    opacity: float = 1.0
    key: str = "raster"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND,)

    @property
    def extent(self) -> Extent | None:
        """Bounds of the raster on the plane."""
        return self.feed.extent

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """What is at hand; asks for the rest."""
        view, picture = frame.view, self.feed.picture
        if not overlaps(self.feed.extent, view.extent):
            return
        if picture is None or picture.view != view:
            self.feed.want(view)
        if picture is None:
            return
        painter = frame.painter
        painter.setOpacity(self.opacity)
        if picture.view == view:
            painter.drawImage(0, 0, picture.image)
        else:
            left, top = view.to_pixels(picture.view.left, picture.view.top)
            ratio = picture.view.m_per_pixel / view.m_per_pixel
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            box = QRectF(left, top, picture.image.width() * ratio, picture.image.height() * ratio)
            painter.drawImage(box, picture.image, QRectF(picture.image.rect()))
        painter.setOpacity(1.0)
