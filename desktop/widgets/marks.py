"""Marks of state: shape and colour say the same, so either may be lost."""

from __future__ import annotations

from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.look import Look

FILLED, HOLLOW = ("octagon", "triangle", "dot"), ("hollow-octagon", "hollow-triangle", "circle")


def draw_mark(painter: QPainter, shape: str, colour: QColor, rect: QRectF) -> None:
    """Draw one mark into `rect`: octagon, triangle, dot, their hollow forms, circle, dashed-circle or tick."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    hollow = shape.startswith("hollow") or shape in ("circle", "dashed-circle", "tick")
    pen = QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if shape == "dashed-circle":
        pen.setDashPattern([1.6, 1.6])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
    inner = rect.adjusted(1.5, 1.5, -1.5, -1.5)
    if "octagon" in shape:
        painter.drawPolygon(_octagon(inner))
    elif "triangle" in shape:
        painter.drawPolygon(_triangle(inner))
    elif shape == "tick":
        w, h = inner.width(), inner.height()
        painter.drawPolyline(
            QPolygonF(
                [
                    inner.topLeft() + QPointF(w * a, h * b)
                    for a, b in ((0.08, 0.55), (0.38, 0.85), (0.95, 0.2))
                ]
            )
        )
    else:
        painter.drawEllipse(inner)
    painter.restore()


def mark_pixmap(shape: str, colour: str, size: int, ratio: float) -> QPixmap:
    """A mark as a picture, for item views."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_mark(painter, shape, QColor(colour), QRectF(0, 0, size, size))
    painter.end()
    return pixmap


class Mark(QWidget):
    """A mark as a widget, 16 px."""

    def __init__(self, look: Look, shape: str, role: str, size: int = 16) -> None:
        super().__init__()
        self._look, self._shape, self._role = look, shape, role
        self.setFixedSize(QSize(size, size))
        look.changed.connect(self.update)

    def become(self, shape: str, role: str) -> None:
        """Change shape and colour."""
        self._shape, self._role = shape, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_mark(painter, self._shape, self._look.colour(self._role), QRectF(self.rect()))


def _octagon(rect: QRectF) -> QPolygonF:
    centre, radius = rect.center(), rect.width() / 2 * 1.04
    angles = [pi / 8 + k * pi / 4 for k in range(8)]
    return QPolygonF([centre + QPointF(radius * cos(a), radius * sin(a)) for a in angles])


def _triangle(rect: QRectF) -> QPolygonF:
    top, height = rect.top() + rect.height() * 0.06, rect.height() * 0.86
    return QPolygonF(
        [
            QPointF(rect.center().x(), top),
            QPointF(rect.right(), top + height),
            QPointF(rect.left(), top + height),
        ]
    )
