"""What lies on the glass over the map: scale bar, credit line, measuring, a box being drawn. North is up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from desktop.map.measuring import AREA, Measurement, area_words, length_words, round_length
from desktop.map.style import Style, ink
from desktop.map.view import View
from resources import fonts
from resources.styles import SIZES

Margins = tuple[int, int, int, int]

LONGEST_PX: Final = 200.0
EDGE_PX: Final = 24.0
BAR_PX: Final = 5.0


def draw_scale_bar(painter: QPainter, view: View, style: Style, covered: Margins) -> None:
    """Lower left: two halves, one filled, with 0, half and whole."""
    palette = style.palette
    whole_m = round_length(LONGEST_PX * view.m_per_px)
    whole = whole_m / view.m_per_px
    left, middle = covered[0] + EDGE_PX, view.height - covered[3] - EDGE_PX - BAR_PX
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(left - 1.5, middle - 4.0, whole + 3.0, 8.0), ink(palette.land, 0.85))
    painter.fillRect(QRectF(left, middle - 2.0, whole / 2.0, 4.0), ink(palette.text))
    painter.setPen(QPen(ink(palette.secondary), 1.2))
    painter.setBrush(ink(palette.card))
    painter.drawRect(QRectF(left + whole / 2.0, middle - 1.5, whole / 2.0 - 0.6, 3.0))
    painter.setPen(QPen(ink(palette.text), 1.2))
    for share in (0.0, 0.5, 1.0):
        x = left + whole * share
        painter.drawLine(QPointF(x, middle - 4.0), QPointF(x, middle + 4.0))
    for share, text in zip((0.0, 0.5, 1.0), _bar_words(whole_m), strict=True):
        _halo_text(painter, QPointF(left + whole * share, middle - 9.0), text, SIZES.desk["note"], style)


def _bar_words(whole_m: float) -> tuple[str, str, str]:
    if whole_m >= 1_000.0:
        return "0", f"{whole_m / 2_000.0:g}", f"{whole_m / 1_000.0:g} km"
    return "0", f"{whole_m / 2.0:g}", f"{whole_m:g} m"


def draw_credit(painter: QPainter, view: View, style: Style, covered: Margins, text: str) -> None:
    """Lower right: whose data this is."""
    if not text:
        return
    font = _font(SIZES.desk["note"])
    width = QFontMetricsF(font).horizontalAdvance(text) + 12.0
    box = QRectF(view.width - covered[2] - 12.0 - width, view.height - covered[3] - 27.0, width, 18.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(style.palette.card, 0.86))
    painter.drawRoundedRect(box, 3.0, 3.0)
    painter.setFont(font)
    painter.setPen(ink(style.palette.secondary))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(Qt.PenStyle.NoPen)


def draw_focus(painter: QPainter, view: View, style: Style) -> None:
    """The keyboard is here: a ring of 2 on the edge, and a cross where Enter picks."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = view.width / 2.0, view.height / 2.0
    for colour, width in ((style.palette.land, 4.0), (style.palette.focus, 2.0)):
        painter.setPen(QPen(ink(colour), width))
        for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            painter.drawLine(QPointF(x + 4.0 * dx, y + 4.0 * dy), QPointF(x + 11.0 * dx, y + 11.0 * dy))
    painter.drawRect(QRectF(1.0, 1.0, view.width - 2.0, view.height - 2.0))


def draw_box(painter: QPainter, box: QRectF, style: Style) -> None:
    """The rectangle someone draws to look into."""
    painter.setPen(QPen(ink(style.palette.focus), 1.5))
    painter.setBrush(ink(style.palette.focus, 0.10))
    painter.drawRect(box)


def draw_measurement(painter: QPainter, measurement: Measurement, view: View, style: Style) -> None:
    """Line or area with its corners and a chip with the figure at the last corner."""
    palette = style.palette
    corners = _on_screen(measurement.points, view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = measurement.kind == AREA
    for colour, width in ((palette.land, 4.5), (palette.focus, 2.0)):
        painter.setPen(QPen(ink(colour), width, j=Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(
            ink(palette.focus, 0.10) if area and colour == palette.focus else Qt.BrushStyle.NoBrush
        )
        (painter.drawPolygon if area else painter.drawPolyline)(corners)
    painter.setPen(QPen(ink(palette.focus), 1.5))
    painter.setBrush(ink(palette.card))
    for corner in corners:
        painter.drawEllipse(corner, 3.5, 3.5)
    if len(corners) > 1:
        words = area_words(measurement.area_m2) if area else length_words(measurement.length_m)
        draw_chip(painter, corners[-1] + QPointF(0.0, -18.0), words, style, SIZES.desk["body"])


def draw_chip(painter: QPainter, middle: QPointF, text: str, style: Style, size_px: float) -> QRectF:
    """A filled chip with text, centred on `middle`; returns its box."""
    palette = style.palette
    font = _font(size_px)
    width = QFontMetricsF(font).horizontalAdvance(text) + 1.9 * size_px
    box = QRectF(middle.x() - width / 2.0, middle.y() - 0.86 * size_px, width, 1.72 * size_px)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(palette.focus))
    painter.drawRoundedRect(box, 3.0, 3.0)
    painter.setFont(font)
    painter.setPen(ink(palette.card if palette.theme == "light" else palette.ground))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(Qt.PenStyle.NoPen)
    return box


def _on_screen(points: Sequence[tuple[float, float]], view: View) -> QPolygonF:
    px, py = view.to_screen(*np.array(points, float).reshape(-1, 2).T)
    return QPolygonF([QPointF(x, y) for x, y in zip(px.tolist(), py.tolist(), strict=True)])


def _halo_text(painter: QPainter, middle: QPointF, text: str, size_px: float, style: Style) -> None:
    font = _font(size_px)
    path = QPainterPath()
    path.addText(
        middle - QPointF(QFontMetricsF(font).horizontalAdvance(text.split(" ")[0]) / 2.0, 0.0), font, text
    )
    pen = QPen(ink(style.palette.land, 0.92), 2.6, j=Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, ink(style.palette.text))


def _font(size_px: float) -> QFont:
    font = QFont(fonts.FAMILY)
    font.setPixelSize(round(size_px))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
