"""Small charts drawn with the tokens: bars of a distribution, points of a Moran scatter. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.look import Look, body_font
from desktop.words import Wording, Words


@dataclass(frozen=True)
class Bars:
    """Counts between edges (n counts, n + 1 edges); `marks` are values named on the axis; `hot` bars are coloured."""

    edges: np.ndarray
    counts: np.ndarray
    unit: Wording = ""
    limits: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()  # one per bar, "" for the neutral one


@dataclass(frozen=True)
class Points:
    """Standardised values and the means of their neighbours; the line through the origin has slope I."""

    x: np.ndarray
    y: np.ndarray
    colours: tuple[str, ...]
    colour_index: np.ndarray
    slope: float
    x_name: Wording = ""
    y_name: Wording = ""


class Chart(QWidget):
    """A plot area with room for its axes, dressed by the theme."""

    def __init__(self, words: Words, look: Look, height: int) -> None:
        super().__init__()
        self._words, self._look, self._wanted = words, look, height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(round(height * 0.8))
        self.setMaximumHeight(height * 2)
        look.changed.connect(self.update)
        words.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, self._wanted)

    def _painter(self) -> QPainter:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(_small())
        return painter


class Histogram(Chart):
    """A distribution with its limits marked."""

    def __init__(self, words: Words, look: Look, height: int = 160) -> None:
        super().__init__(words, look, height)
        self._bars: Bars | None = None

    def show_bars(self, bars: Bars | None) -> None:
        """Replace what is drawn."""
        self._bars = bars if bars is not None and len(bars.counts) else None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._bars is None:
            return
        painter, bars = self._painter(), self._bars
        area = QRectF(40, 8, self.width() - 48, self.height() - 36)
        top = nice_top(float(bars.counts.max()))
        self._grid(painter, area, top)
        low, high = float(bars.edges[0]), float(bars.edges[-1])
        across = area.width() / max(high - low, 1e-9)
        for place, count in enumerate(bars.counts):
            left = area.left() + (bars.edges[place] - low) * across
            width = max((bars.edges[place + 1] - bars.edges[place]) * across - 1, 1)
            height = area.height() * float(count) / top
            colour = bars.colours[place] if bars.colours and bars.colours[place] else self._look.palette.stale
            painter.fillRect(QRectF(left, area.bottom() - height, width, height), QColor(colour))
        self._axis(painter, area, low, high, across)

    def _grid(self, painter: QPainter, area: QRectF, top: float) -> None:
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - area.height() * share
            painter.setPen(QPen(self._look.colour("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self._look.colour("secondary"))
            box = QRectF(0, y - 8, area.left() - 6, 16)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), number(top * share)
            )

    def _axis(self, painter: QPainter, area: QRectF, low: float, high: float, across: float) -> None:
        assert self._bars is not None
        painter.setPen(QPen(self._look.colour("late"), 1, Qt.PenStyle.DashLine))
        for limit in self._bars.limits:
            x = area.left() + (limit - low) * across
            if area.left() <= x <= area.right():
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(self._look.colour("secondary"))
        named = [low, *[limit for limit in self._bars.limits if low < limit < high], high]
        unit = self._words(self._bars.unit)
        last_right = -1e9
        for place, value in enumerate(named):
            text = number(value) + (f" {unit}" if unit and place == len(named) - 1 else "")
            width = painter.fontMetrics().horizontalAdvance(text)
            left = min(
                max(area.left() + (value - low) * across - width / 2, area.left()), area.right() - width
            )
            if left > last_right + 8 or place == len(named) - 1:
                painter.drawText(QPointF(left, area.bottom() + 18), text)
                last_right = left + width


class Scatter(Chart):
    """Moran's scatter: value against the neighbours' mean, the line's slope is I."""

    def __init__(self, words: Words, look: Look, height: int = 260) -> None:
        super().__init__(words, look, height)
        self._points: Points | None = None

    def show_points(self, points: Points | None) -> None:
        """Replace what is drawn."""
        self._points = points if points is not None and len(points.x) else None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._points is None:
            return
        painter, points = self._painter(), self._points
        area = QRectF(32, 20, self.width() - 40, self.height() - 48)
        span = _Span.around(points, area)
        self._axes(painter, area, span)
        painter.setPen(Qt.PenStyle.NoPen)
        xs, ys = span.across(points.x), span.up(points.y)
        for index, colour in enumerate(points.colours):
            painter.setBrush(QColor(colour))
            for x, y in zip(xs[points.colour_index == index], ys[points.colour_index == index], strict=True):
                painter.drawEllipse(QPointF(x, y), 2.0, 2.0)
        painter.setPen(QPen(self._look.colour("text"), 1.2))
        painter.setClipRect(area)
        ends = np.array([span.x0, span.x1])
        left, right = zip(span.across(ends), span.up(ends * points.slope), strict=True)
        painter.drawLine(QPointF(*left), QPointF(*right))

    def _axes(self, painter: QPainter, area: QRectF, span: _Span) -> None:
        assert self._points is not None
        for value in range(int(np.ceil(span.x0)), int(np.floor(span.x1)) + 1, span.step_x):
            x = float(span.across(np.array([value]))[0])
            if value == 0:
                painter.setPen(self._look.colour("line"))
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(self._look.colour("secondary"))
            painter.drawText(
                QRectF(x - 20, area.bottom() + 4, 40, 16), int(Qt.AlignmentFlag.AlignHCenter), str(value)
            )
        for value in range(int(np.ceil(span.y0)), int(np.floor(span.y1)) + 1, span.step_y):
            y = float(span.up(np.array([value]))[0])
            if value == 0:
                painter.setPen(self._look.colour("line"))
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self._look.colour("secondary"))
            box = QRectF(0, y - 8, area.left() - 6, 16)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(value)
            )
        painter.setPen(self._look.colour("stale"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.setPen(self._look.colour("secondary"))
        painter.drawText(QPointF(area.left() + 6, area.top() + 2), self._words(self._points.y_name))
        name = self._words(self._points.x_name)
        width = painter.fontMetrics().horizontalAdvance(name)
        painter.drawText(QPointF(area.right() - width, area.bottom() - 6), name)


@dataclass(frozen=True)
class _Span:
    x0: float
    x1: float
    y0: float
    y1: float
    area: QRectF = field(repr=False)

    @staticmethod
    def around(points: Points, area: QRectF) -> _Span:
        x0, x1 = float(points.x.min()), float(np.quantile(points.x, 0.999))
        y0, y1 = float(points.y.min()), float(np.quantile(points.y, 0.999))
        pad_x, pad_y = 0.06 * max(x1 - x0, 1), 0.06 * max(y1 - y0, 1)
        return _Span(x0 - pad_x, x1 + pad_x, y0 - pad_y, y1 + pad_y, area)

    @property
    def step_x(self) -> int:
        return max(1, int((self.x1 - self.x0) / 6))

    @property
    def step_y(self) -> int:
        return max(1, int((self.y1 - self.y0) / 5))

    def across(self, x: np.ndarray) -> np.ndarray:
        shown = np.clip(x, self.x0, self.x1)
        return self.area.left() + (shown - self.x0) / (self.x1 - self.x0) * self.area.width()

    def up(self, y: np.ndarray) -> np.ndarray:
        shown = np.clip(y, self.y0, self.y1)
        return self.area.bottom() - (shown - self.y0) / (self.y1 - self.y0) * self.area.height()


def nice_top(value: float) -> float:
    """The next round number at or above `value`: 1, 2, 4, 5 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** np.floor(np.log10(value))
    return float(next(step * scale for step in (1, 2, 4, 5, 8, 10) if step * scale >= value))


def number(value: float) -> str:
    """A figure as the desk writes it: thousands parted from 10,000 on, at most one decimal."""
    if abs(value - round(value)) > 0.05:
        return f"{value:,.1f}" if abs(value) >= 10_000 else f"{value:.1f}"
    whole = round(value)
    return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)


def _small() -> QFont:
    return body_font("note")
