"""Symbols as small pictures: one per class, state, size, theme and pixel ratio, drawn once from the vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from desktop.map.style import ink
from resources import symbols
from resources.styles import Palette, palette

BOX: Final = 16.0  # the side of the square in which symbols are drawn
HALO_PX: Final = 1.0
GOOD, DAMAGED, LOST, DISUSED, REMOVED = range(5)  # in the order of `gis.frames.COMPONENT_STATES`
SELECTED: Final = 100
SELECTED_PX: Final = 22.0


@dataclass(frozen=True)
class SymbolKey:
    """What a symbol stands for: a class of an edition, its name (cities add classes), and a state."""

    class_code: str
    standard: str
    name: str = ""
    state: int = GOOD


@lru_cache(maxsize=4096)
def sprite(key: SymbolKey, size_px: float, theme: str, dpr: float) -> QImage:
    """The symbol with halo, ring and badge; its middle is the middle of the picture (premultiplied ARGB).

    `size_px` is the logical side of the symbol's box; the picture is larger by ring and badge.
    """
    side = math.ceil((size_px * 1.3 + 8.0) * dpr / 2.0) * 2
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2.0, side / 2.0)
    painter.scale(dpr, dpr)
    _Drawing(painter, size_px, palette(theme)).draw(key)
    painter.end()
    return image


class _Drawing:
    """Draws one symbol around the origin, in logical pixels."""

    def __init__(self, painter: QPainter, size_px: float, colours: Palette) -> None:
        self._painter = painter
        self._size = size_px
        self._colours = colours
        self._ring = 1.3 if size_px < 20 else 1.7

    def draw(self, key: SymbolKey) -> None:
        symbol = symbols.symbol(key.class_code, key.standard, key.name)
        shape, glyph = self._placed(symbol.shape), self._placed(symbol.glyph)
        hue = self._colours.major(key.class_code[:2])
        if key.state == LOST:
            self._hollow(shape, glyph, self._colours.late, dashed=True)
        elif key.state == DISUSED:
            self._hollow(shape, glyph, self._colours.stale, dashed=False)
            self._stroke_through()
        else:
            self._solid(key.state, shape, glyph, hue)
        if key.state == DAMAGED:
            self._triangle(self._colours.late)

    def _solid(self, state: int, shape: QPainterPath, glyph: QPainterPath, hue: str) -> None:
        land = self._colours.land
        ring = {DAMAGED: self._colours.late, SELECTED: self._colours.focus}.get(state)
        if ring is not None:
            self._outline(shape, land, 2.0 * (2.0 * HALO_PX + self._ring))
            self._outline(shape, ring, 2.0 * (HALO_PX + self._ring))
        self._outline(shape, land if self._colours.theme == "dark" else self._colours.card, 2.0 * HALO_PX)
        self._painter.fillPath(shape, ink(hue))
        self._painter.fillPath(glyph, ink(self._colours.symbol_ink))

    def _hollow(self, shape: QPainterPath, glyph: QPainterPath, colour: str, *, dashed: bool) -> None:
        self._outline(shape, self._colours.land, 2.0 * HALO_PX)
        self._painter.fillPath(shape, ink(self._colours.land))
        pen = QPen(ink(colour), 1.2 if self._size < 20 else 1.6)
        if dashed:
            pen.setDashPattern([2.0, 1.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self._painter.strokePath(shape, pen)
        self._painter.fillPath(glyph, ink(colour))

    def _stroke_through(self) -> None:
        reach = self._size * 0.40
        for colour, width in ((self._colours.land, 2.6), (self._colours.stale, 1.2)):
            self._painter.setPen(QPen(ink(colour), width))
            self._painter.drawLine(QPointF(-reach, reach), QPointF(reach, -reach))
        self._painter.setPen(Qt.PenStyle.NoPen)

    def _triangle(self, colour: str) -> None:
        middle = QPointF(self._size * 0.40, -self._size * 0.42)
        reach = max(3.6, self._size * 0.25)
        draw_triangle(self._painter, middle, reach, colour, self._colours.land)

    def _outline(self, shape: QPainterPath, colour: str, width: float) -> None:
        self._painter.strokePath(shape, QPen(ink(colour), width, j=Qt.PenJoinStyle.RoundJoin))

    def _placed(self, path: Iterable[tuple]) -> QPainterPath:
        scale = self._size / BOX
        return QTransform(scale, 0.0, 0.0, scale, -self._size / 2.0, -self._size / 2.0).map(
            painter_path(path)
        )


def painter_path(path: Iterable[tuple]) -> QPainterPath:
    """A path of `resources.symbols` operations as Qt has it."""
    out = QPainterPath()
    out.setFillRule(Qt.FillRule.WindingFill)
    for command, *numbers in path:
        if command == "M":
            out.moveTo(*numbers)
        elif command == "L":
            out.lineTo(*numbers)
        elif command == "C":
            out.cubicTo(*numbers)
        else:
            out.closeSubpath()
    return out


def draw_triangle(painter: QPainter, middle: QPointF, reach: float, colour: str, halo: str) -> None:
    """A filled triangle, point up, with a halo: the mark of what is late or damaged."""
    corners = QPolygonF(
        [
            middle + QPointF(0.0, -reach),
            middle + QPointF(reach * 0.94, reach * 0.72),
            middle + QPointF(-reach * 0.94, reach * 0.72),
        ]
    )
    painter.setPen(QPen(ink(halo), 2.0 * HALO_PX, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(QBrush(QColor(halo)))
    painter.drawPolygon(corners)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(colour))
    painter.drawPolygon(corners)
    painter.setBrush(Qt.BrushStyle.NoBrush)
