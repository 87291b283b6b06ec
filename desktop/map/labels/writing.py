"""Writes placed names: first the halo in the colour of the ground below, then the letters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath, QPen, QTransform

from desktop.map.frame import Frame
from desktop.map.labels.candidates import HALO_BELOW, PointName
from desktop.map.labels.layout import Placed
from desktop.map.labels.lettering import Letter, Lettering, letter, word
from desktop.map.style import ink

HALO_PX: Final = 2.6

GroundColour = Callable[[float, float], str]  # pixels of the device → `#rrggbb`


def write(frame: Frame, names: Sequence[Placed], ground: GroundColour) -> None:
    """Draw `names`; `ground` says what colour lies under a pixel."""
    painter = frame.painter
    for placed in names:
        path = _path(placed, frame.unit)
        halo = placed.candidate.halo
        if halo is not None:
            colour = halo if halo != HALO_BELOW else ground(*placed.middle)
            pen = QPen(ink(colour, 0.92), HALO_PX * frame.unit, j=Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(path, pen)
        painter.fillPath(path, ink(placed.candidate.colour))
        frame.check()


def _path(placed: Placed, unit: float) -> QPainterPath:
    lettering = Lettering(placed.candidate.size_px * unit, placed.candidate.weight)
    made: Callable[[str, Lettering], Letter] = word if isinstance(placed.candidate, PointName) else letter
    whole = QPainterPath()
    whole.setFillRule(Qt.FillRule.WindingFill)
    for piece, x, y, turn in zip(placed.pieces, placed.px, placed.py, placed.turn, strict=True):
        path = made(piece, lettering).path
        if turn:
            path = QTransform(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), x, y).map(path)
        else:
            path = path.translated(x, y)
        whole.addPath(path)
    return whole
