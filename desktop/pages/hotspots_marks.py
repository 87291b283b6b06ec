"""Legend entries of the hot spot classes, drawn with the very tokens of the map's fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.look import body_font
from resources.styles import Palette, mix

SWATCH_PX = (20.0, 12.0)
GAP_PX = 6.0


class Swatch(QWidget):
    """One class (cold -3 … -1, bare ground 0, hot 1 … 3): its fill, its name, how many cells have it."""

    def __init__(self, palette: Palette, code: int, name: str, count: str) -> None:
        super().__init__()
        self._palette, self._code, self._name, self._count = palette, code, name, count
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{name}: {count}")

    def sizeHint(self) -> QSize:
        name, count = self._widths()
        return QSize(round(SWATCH_PX[0] + 2 * GAP_PX + name + count) + 2, 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette, code = QPainter(self), self._palette, self._code
        ramp = palette.hot if code > 0 else palette.cold
        fill = mix(palette.land, ramp[abs(code) - 1], palette.hot_opacity) if code else palette.land
        edge = {3: palette.hot_edge, -3: palette.cold_edge}.get(code, fill if code else palette.line)
        painter.setPen(QPen(QColor(edge), 1.5 if abs(code) == 3 else 1.0))
        painter.setBrush(QColor(fill))
        painter.drawRect(QRectF(1.0, 4.5, SWATCH_PX[0] - 2.0, SWATCH_PX[1] - 1.0))
        name_width, _ = self._widths()
        left = SWATCH_PX[0] + GAP_PX
        for text, role, colour in (
            (self._name, "note", palette.secondary),
            (self._count, "body", palette.text),
        ):
            painter.setFont(body_font(role))
            painter.setPen(QColor(colour))
            painter.drawText(
                QRectF(left, 0, self.width(), self.height()), int(Qt.AlignmentFlag.AlignVCenter), text
            )
            left += name_width + GAP_PX

    def _widths(self) -> tuple[float, float]:
        name = QFontMetricsF(body_font("note")).horizontalAdvance(self._name)
        return name, QFontMetricsF(body_font("body")).horizontalAdvance(self._count)
