"""Writes placed names: first the halo in the colour of the ground below, then the letters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath, QPen, QTransform

from desktop.map.frame import Frame
from desktop.map.labels.candidates import HALO_BELOW, LineName, PointName
from desktop.map.labels.layout import Placed
from desktop.map.labels.lettering import Letter, Lettering, letter, word
from desktop.map.paths import polyline
from desktop.map.style import ink

HALO_PX: Final = 2.6
LANE: Final = 0.86  # width of the lane that a street name clears, in sizes

GroundColour = Callable[[float, float], str]  # pixels of the device → `#rrggbb`


def write(frame: Frame, names: Sequence[Placed], ground: GroundColour) -> None:
    """Draw `names`; `ground` says what colour lies under a pixel."""
    painter = frame.painter
    for placed in names:
        if isinstance(placed.candidate, LineName) and placed.candidate.halo is not None:
            _clear_lane(frame, placed, ground)
        path = _path(placed, frame.unit)
        halo = placed.candidate.halo
        if halo is not None:
            colour = halo if halo != HALO_BELOW else ground(*placed.middle)
            pen = QPen(ink(colour, 0.92), HALO_PX * frame.unit, j=Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(path, pen)
        painter.fillPath(path, ink(placed.candidate.colour))
        frame.check()


def _clear_lane(frame: Frame, placed: Placed, ground: GroundColour) -> None:
    """Interrupt lines that run along the name, where the street is wider than the letters."""
    size = placed.candidate.size_px * frame.unit
    if len(placed.px) < 2:
        return
    px, py = np.array(placed.px), np.array(placed.py)
    dx, dy = np.gradient(px), np.gradient(py)
    length = np.hypot(dx, dy)
    nx, ny = -dy / length * size * LANE / 2.0, dx / length * size * LANE / 2.0
    colour = ground(*placed.middle)
    beside = [*zip(px + nx, py + ny, strict=True), *zip(px - nx, py - ny, strict=True)]
    if any(ground(float(x), float(y)) != colour for x, y in beside):
        return
    ends = 0.62 * size / length[[0, -1]]
    px = np.concatenate([[px[0] - dx[0] * ends[0]], px, [px[-1] + dx[-1] * ends[1]]])
    py = np.concatenate([[py[0] - dy[0] * ends[0]], py, [py[-1] + dy[-1] * ends[1]]])
    pen = QPen(ink(colour), size * LANE * 0.94, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin)
    frame.painter.strokePath(polyline(px, py), pen)


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
