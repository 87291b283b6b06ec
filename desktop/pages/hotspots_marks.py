"""Swatches of the hot spot classes, drawn with the very tokens of the map's fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from resources.styles import Palette, mix

SIZE_PX = (20, 12)


def draw_swatch(palette: Palette, code: int, ratio: float) -> QPixmap:
    """One class: cold -3 … -1, bare ground 0, hot 1 … 3; 99 % has the stronger edge."""
    pixmap = QPixmap(round(SIZE_PX[0] * ratio), round(SIZE_PX[1] * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    ramp = palette.hot if code > 0 else palette.cold
    fill = mix(palette.land, ramp[abs(code) - 1], palette.hot_opacity) if code else palette.land
    edge = {3: palette.hot_edge, -3: palette.cold_edge}.get(code, palette.line if code == 0 else fill)
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(edge), 1.5 if abs(code) == 3 else 1.0))
    painter.setBrush(QColor(fill))
    painter.drawRect(QRectF(1, 1, SIZE_PX[0] - 2, SIZE_PX[1] - 2))
    painter.end()
    return pixmap
