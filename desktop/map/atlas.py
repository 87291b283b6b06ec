"""Symbols as small pictures: drawn once from the vectors per meaning, size, theme and pixel ratio."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from desktop.map.style import ink
from gis.frames import COMPONENT_STATES
from resources import symbols
from resources.styles import Palette, palette

BOX: Final = 16.0  # the side of the square in which symbols are drawn
REACH: Final = max(-symbols.EXTENT[0], symbols.EXTENT[2] - BOX)  # rings and badges reach over it by this
GOOD, REMOVED = COMPONENT_STATES.index("完好"), COMPONENT_STATES.index("移除")
SELECTED: Final = "选中"
HEADING_STEP_DEG: Final = 15.0


@dataclass(frozen=True)
class ComponentSign:
    """A class of an edition, its name (cities add classes), and its state or what hangs on it."""

    class_code: str
    standard: str
    name: str = ""
    state: str = "完好"

    def layers(self, colours: Palette) -> tuple[symbols.Layer, ...]:
        """What to paint."""
        made = symbols.symbol(self.class_code, self.standard, self.name)
        return symbols.component_layers(made, colours.major(self.class_code[:2]), colours, self.state)


@dataclass(frozen=True)
class PatrolSign:
    """Someone on patrol: role, status, heading in whole steps."""

    role: str
    status: str
    heading_deg: float = 0.0

    def layers(self, colours: Palette) -> tuple[symbols.Layer, ...]:
        """What to paint."""
        return symbols.patrol_layers(self.role, self.status, colours, self.heading_deg)


class Sign(Protocol):
    """What can be drawn as a small picture: hashable, equal where it looks equal."""

    def layers(self, colours: Palette) -> tuple[symbols.Layer, ...]:
        """What to paint."""

    def __hash__(self) -> int: ...


@lru_cache(maxsize=8192)
def sprite(sign: Sign, size_px: float, theme: str, dpr: float) -> QImage:
    """The symbol; its middle is the middle of the picture (premultiplied ARGB, pixels of the device).

    `size_px` is the logical side of the symbol's box; the picture is larger by ring and badge.
    """
    scale = size_px * dpr / BOX
    side = math.ceil((BOX + 2.0 * REACH) * scale / 2.0) * 2
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2.0, side / 2.0)
    painter.scale(scale, scale)
    painter.translate(-BOX / 2.0, -BOX / 2.0)
    for layer in sign.layers(palette(theme)):
        _paint(painter, layer)
    painter.end()
    return image


def _paint(painter: QPainter, layer: symbols.Layer) -> None:
    path = painter_path(layer.path)
    if layer.fill:
        painter.fillPath(path, ink(layer.fill))
    if layer.stroke:
        pen = QPen(ink(layer.stroke), layer.width, j=Qt.PenJoinStyle.RoundJoin, c=Qt.PenCapStyle.RoundCap)
        if layer.dash:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([length / layer.width for length in layer.dash])
        painter.strokePath(path, pen)


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
