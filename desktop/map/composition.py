"""What is on the glass: the newest picture, moved and scaled to the view of this moment."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from desktop.map.renderer import Rendered
from desktop.map.style import Style, ink
from desktop.map.view import View, overlaps


class Composition:
    """Keeps the picture with the highest number, and behind it a coarser one for the edges while someone zooms out."""

    def __init__(self) -> None:
        self._shown: Rendered | None = None
        self._behind: Rendered | None = None

    def take(self, rendered: Rendered) -> list[Rendered]:
        """Show `rendered` if it is newer; what is not needed any more comes back."""
        if rendered.picture is None or (self._shown is not None and rendered.id < self._shown.id):
            return [rendered]
        old, self._shown = self._shown, rendered
        kept = [other for other in (old, self._behind) if other is not None and _serves(other, rendered)]
        behind = max(kept, key=lambda other: other.view.m_per_px, default=None)
        free = [other for other in (old, self._behind) if other is not None and other is not behind]
        self._behind = behind
        return free

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        """Fill the widget. At the picture's own scale it is copied pixel by pixel, else scaled without smoothing:
        that lasts for a moment, and must keep up with the hand."""
        painter.save()
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        if self._shown is None or not _fills(self._shown.view, view):
            painter.fillRect(QRect(0, 0, view.width, view.height), ink(style.palette.land))
            _paint(painter, self._behind, view)
        _paint(painter, self._shown, view)
        painter.restore()


def _paint(painter: QPainter, rendered: Rendered | None, view: View) -> None:
    if rendered is None or rendered.picture is None:
        return
    image, taken = rendered.picture.image, rendered.view
    painter.save()
    painter.scale(1.0 / view.dpr, 1.0 / view.dpr)
    left, top = view.to_pixels(taken.left, taken.top)
    if taken.m_per_px == view.m_per_px and taken.dpr == view.dpr:
        painter.drawImage(round(left), round(top), image)
    else:
        ratio = taken.m_per_pixel / view.m_per_pixel
        box = QRectF(left, top, image.width() * ratio, image.height() * ratio)
        painter.drawImage(box, image, QRectF(image.rect()))
    painter.restore()


def _serves(older: Rendered, newer: Rendered) -> bool:
    """Whether an older picture may stand behind the newer: it is coarser, shows its surroundings, in its dress."""
    if older.picture is None or newer.picture is None or older.picture.style != newer.picture.style:
        return False
    return older.view.m_per_px > 1.2 * newer.view.m_per_px and overlaps(older.view.extent, newer.view.extent)


def _fills(picture: View, view: View) -> bool:
    mine, its = picture.extent, view.extent
    return mine[0] <= its[0] and mine[1] <= its[1] and mine[2] >= its[2] and mine[3] >= its[3]
