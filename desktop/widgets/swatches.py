"""Legends of diverging classes, drawn with the very tokens of the map's fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.formats import grouped
from desktop.look import Look, body_font
from desktop.widgets.basic import Label
from desktop.words import Wording, Words
from resources.styles import Palette, mix

SWATCH_PX = (20.0, 12.0)
GAP_PX = 6.0


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
    """Words at the left, the classes at the right; where it is narrow the words go and the classes stand closer."""

    def __init__(self, words: Words, look: Look, title: Wording = "") -> None:
        super().__init__()
        self._words, self._look = words, look
        self._title = Label(words, title, "note")
        self._swatches: list[Swatch] = []
        self._counts: dict[int, int] = {}
        self._names: dict[int, Wording] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._title)
        self._row.addStretch(1)
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
        return QSize(240, 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _draw(self) -> None:
        for swatch in self._swatches:
            self._row.removeWidget(swatch)
            swatch.deleteLater()
        palette = self._look.palette
        self._swatches = [
            Swatch(palette, code, self._words(self._names[code]), grouped(count))
            for code, count in self._counts.items()
        ]
        for swatch in self._swatches:
            self._row.addWidget(swatch)
        self._fold()

    def _fold(self) -> None:
        wanted = sum(swatch.sizeHint().width() + 16 for swatch in self._swatches)
        self._row.setSpacing(16 if wanted <= self.width() else 4)
        self._title.setVisible(wanted + self._title.sizeHint().width() <= self.width())
