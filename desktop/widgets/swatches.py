"""Legends of diverging classes, drawn with the very tokens of the map's fills."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.formats import grouped
from desktop.look import Look, body_font
from desktop.widgets.basic import Label, box, column, row
from desktop.words import Wording, Words
from resources.styles import Palette, mix

SWATCH_PX = (20.0, 12.0)
GAP_PX = 6.0
WIDE_PX, NARROW_PX = 16, 4  # between classes


class Swatch(QWidget):
    """One class (-3 … -1 cold or low, 0 bare ground, 1 … 3 hot or high): its fill, its name, its number of cells."""

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


class SwatchRow(QWidget):
    """Words at the left, the classes at the right; where it is narrow the words go, then the classes take two lines."""

    def __init__(self, words: Words, look: Look, title: Wording = "") -> None:
        super().__init__()
        self._words, self._look = words, look
        self._title = Label(words, title, "note")
        self._swatches: list[Swatch] = []
        self._broken = False
        self._counts: dict[int, int] = {}
        self._names: dict[int, Wording] = {}
        self._lines = (row(self._title, None, spacing=WIDE_PX), row(None, spacing=WIDE_PX))
        self.setLayout(column(*(box(each) for each in self._lines), spacing=4))
        look.changed.connect(self._draw)
        words.changed.connect(self._draw)

    def say(self, title: Wording) -> None:
        """Change the words at the left."""
        self._title.say(title)

    def show_counts(self, counts: dict[int, int], names: dict[int, Wording]) -> None:
        """Show classes in the order of `counts`."""
        self._counts, self._names = counts, names
        self._draw()

    @property
    def counts(self) -> dict[int, int]:
        """What is shown."""
        return self._counts

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 44 if self._broken else 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _draw(self) -> None:
        for swatch in self._swatches:
            swatch.setParent(None)
            swatch.deleteLater()
        palette = self._look.palette
        self._swatches = [
            Swatch(palette, code, self._words(self._names[code]), grouped(count))
            for code, count in self._counts.items()
        ]
        self._fold()

    def _fold(self) -> None:
        wanted = sum(swatch.sizeHint().width() + WIDE_PX for swatch in self._swatches)
        narrow = wanted - len(self._swatches) * (WIDE_PX - NARROW_PX)
        self._broken = narrow > self.width()
        first = math.ceil(len(self._swatches) / 2) if self._broken else len(self._swatches)
        for at, swatch in enumerate(self._swatches):
            self._lines[at >= first].addWidget(swatch)
        for each in self._lines:
            each.setSpacing(WIDE_PX if self._broken or wanted <= self.width() else NARROW_PX)
        self._lines[1].parentWidget().setVisible(self._broken)
        self._title.setVisible(wanted + self._title.sizeHint().width() <= self.width())
        self.updateGeometry()
