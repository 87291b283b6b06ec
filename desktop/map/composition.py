"""What is on the glass: the newest picture, moved and scaled to the view of this moment."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from desktop.map.renderer import Rendered
from desktop.map.style import Style, ink
from desktop.map.view import View


class Composition:
    """Keeps the picture with the highest number; late ones are dropped."""

    def __init__(self) -> None:
        self._shown: Rendered | None = None

    def take(self, rendered: Rendered) -> Rendered | None:
        """Show `rendered` if it is newer; what is not shown any more comes back."""
        if rendered.picture is None or (self._shown is not None and rendered.id < self._shown.id):
            return rendered
        old, self._shown = self._shown, rendered
        return old

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        """Fill the widget. At the picture's own scale it is copied pixel by pixel, else scaled without smoothing:
        that lasts for a moment, and must keep up with the hand."""
        shown = self._shown
        if shown is None or shown.picture is None or not _fills(shown.view, view):
            painter.fillRect(QRect(0, 0, view.width, view.height), ink(style.palette.land))
        if shown is None or shown.picture is None:
            return
        image = shown.picture.image
        painter.save()
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.scale(1.0 / view.dpr, 1.0 / view.dpr)
        left, top = view.to_pixels(shown.view.left, shown.view.top)
        if shown.view.m_per_px == view.m_per_px and shown.view.dpr == view.dpr:
            painter.drawImage(round(left), round(top), image)
        else:
            ratio = shown.view.m_per_pixel / view.m_per_pixel
            box = QRectF(left, top, image.width() * ratio, image.height() * ratio)
            painter.drawImage(box, image, QRectF(image.rect()))
        painter.restore()


def _fills(picture: View, view: View) -> bool:
    mine, its = picture.extent, view.extent
    return mine[0] <= its[0] and mine[1] <= its[1] and mine[2] >= its[2] and mine[3] >= its[3]
