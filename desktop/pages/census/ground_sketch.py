"""A sketch of the delivery over the city: the outlines of the cells and a sample of the points. One look tells whether
the reference system is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.look import Look

Floats = NDArray[np.float64]

POINT_PX, CROWD_PX, MARGIN_PX = 2.5, 1.2, 16
CROWD = 300  # from so many points on they are drawn smaller
FAR = 20.0  # points this many city widths away are left out of the view, else the city would be a dot


class GroundSketch(QWidget):
    """Draws what `show_ground` gave; nothing to click."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._outlines: tuple[Floats, ...] = ()
        self._points: Floats = np.empty((0, 2))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(360, 260)

    def show_ground(self, outlines: tuple[Floats, ...], points: Floats) -> None:
        """Outlines and points on one plane, metres."""
        self._outlines, self._points = outlines, points
        self.update()

    @property
    def share_inside(self) -> float:
        """Share of the points within the bounds of the outlines; 0 without either."""
        if not self._outlines or not len(self._points):
            return 0.0
        low, high = _bounds(np.vstack(self._outlines))
        return float(((self._points >= low) & (self._points <= high)).all(axis=1).mean())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._look.colour("land"))
        everything = [*self._outlines, self._near()]
        filled = [part for part in everything if len(part)]
        if filled:
            self._draw(painter, *_bounds(np.vstack(filled)))

    def _near(self) -> Floats:
        if not self._outlines or not len(self._points):
            return self._points
        low, high = _bounds(np.vstack(self._outlines))
        reach = FAR * (high - low).max()
        return self._points[((self._points > low - reach) & (self._points < high + reach)).all(axis=1)]

    def _draw(self, painter: QPainter, low: Floats, high: Floats) -> None:
        room = np.array([self.width() - 2 * MARGIN_PX, self.height() - 2 * MARGIN_PX], dtype=float)
        scale = float((room / np.maximum(high - low, 1.0)).min())
        middle = (low + high) / 2

        def at(xy: Floats) -> list[QPointF]:
            moved = (xy - middle) * scale
            return [QPointF(self.width() / 2 + x, self.height() / 2 - y) for x, y in moved.tolist()]

        painter.setPen(QPen(self._look.colour("cell_line"), 1.0))
        for outline in self._outlines:
            painter.drawPolyline(QPolygonF(at(outline)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour("focus"))
        radius = CROWD_PX if len(self._points) >= CROWD else POINT_PX
        for point in at(self._points):
            painter.drawEllipse(point, radius, radius)


def _bounds(xy: Floats) -> tuple[Floats, Floats]:
    return xy.min(axis=0), xy.max(axis=0)
