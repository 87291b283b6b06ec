"""Letters and words with their halo as small pictures: drawn once, then copied."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QTransform

from desktop.map.labels.lettering import Lettering, letter, word
from desktop.map.style import ink

HALO_PX: Final = 2.6
HALO_OPACITY: Final = 0.92
TURN_STEP: Final = math.radians(1.5)


@dataclass(frozen=True)
class Dress:
    """Colour of the letters and of their halo (None: none), and the size of a logical pixel."""

    colour: str
    halo: str | None
    unit: float


@lru_cache(maxsize=4096)
def word_sprite(text: str, lettering: Lettering, dress: Dress) -> QImage:
    """A line of text; its middle is the middle of the picture."""
    return _picture(word(text, lettering).path, dress)


@lru_cache(maxsize=6144)
def letter_sprite(character: str, lettering: Lettering, turn_steps: int, dress: Dress) -> QImage:
    """One character turned clockwise by steps of `TURN_STEP`."""
    turn = turn_steps * TURN_STEP
    turned = QTransform(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0.0, 0.0)
    return _picture(turned.map(letter(character, lettering).path), dress)


def paint_text(painter: QPainter, path: QPainterPath, dress: Dress) -> None:
    """Halo, then letters."""
    path.setFillRule(Qt.FillRule.WindingFill)
    if dress.halo is not None:
        pen = QPen(ink(dress.halo, HALO_OPACITY), HALO_PX * dress.unit, j=Qt.PenJoinStyle.BevelJoin)
        painter.strokePath(path, pen)
    painter.fillPath(path, ink(dress.colour))


def _picture(path: QPainterPath, dress: Dress) -> QImage:
    box = path.boundingRect()
    margin = (HALO_PX / 2.0 + 1.0) * dress.unit
    half_x = math.ceil(max(-box.left(), box.right()) + margin)
    half_y = math.ceil(max(-box.top(), box.bottom()) + margin)
    image = QImage(2 * half_x, 2 * half_y, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(half_x, half_y)
    paint_text(painter, path, dress)
    painter.end()
    return image
