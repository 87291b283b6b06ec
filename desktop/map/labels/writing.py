"""Writes placed names: first the halo in the colour of the ground below, then the letters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainterPath, QPen, QTransform

from desktop.map.frame import Frame
from desktop.map.labels.candidates import LineName, PointName
from desktop.map.labels.layout import Placed
from desktop.map.labels.lettering import Lettering, is_han, letter
from desktop.map.labels.sprites import TURN_STEP, Dress, letter_sprite, paint_text, word_sprite
from desktop.map.paths import polyline
from desktop.map.style import ink

if TYPE_CHECKING:
    from desktop.map.labels.names import Inscription

LANE: Final = 0.86  # width of the lane that a street name clears, in sizes


def write(frame: Frame, inscriptions: Sequence[Inscription]) -> None:
    """Draw all of them."""
    for number, inscription in enumerate(inscriptions):
        placed, name = inscription.placed, inscription.placed.candidate
        dress = Dress(name.colour, inscription.halo, frame.unit)
        lettering = Lettering(name.size_px * frame.unit, name.weight)
        if isinstance(name, PointName):
            _stamp(frame, word_sprite(name.text, lettering, dress), placed.px[0], placed.py[0])
        elif all(map(is_han, name.text)):
            _write_spaced(frame, placed, lettering, dress)
        else:
            paint_text(frame.painter, _path(placed, lettering), dress)
        if number % 64 == 0:
            frame.check()


def _write_spaced(frame: Frame, placed: Placed, lettering: Lettering, dress: Dress) -> None:
    name = placed.candidate
    assert isinstance(name, LineName)
    if dress.halo is not None and name.lane_px >= LANE * name.size_px and len(placed.px) > 1:
        _clear_lane(frame, placed, dress.halo)
    for piece, x, y, turn in zip(placed.pieces, placed.px, placed.py, placed.turn, strict=True):
        _stamp(frame, letter_sprite(piece, lettering, round(turn / TURN_STEP), dress), x, y)


def _stamp(frame: Frame, image: QImage, x: float, y: float) -> None:
    frame.painter.drawImage(round(x) - image.width() // 2, round(y) - image.height() // 2, image)


def _clear_lane(frame: Frame, placed: Placed, colour: str) -> None:
    """Interrupt lines that run along the name."""
    size = placed.candidate.size_px * frame.unit
    px, py = list(placed.px), list(placed.py)
    for inner, outer, at in ((1, 0, 0), (-2, -1, len(px))):
        dx, dy = px[outer] - px[inner], py[outer] - py[inner]
        step = 0.62 * size / max(math.hypot(dx, dy), 1e-6)
        px.insert(at + (at > 0), px[outer] + dx * step)
        py.insert(at + (at > 0), py[outer] + dy * step)
    pen = QPen(ink(colour), size * LANE * 0.94, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin)
    frame.painter.strokePath(polyline(np.array(px), np.array(py)), pen)


def _path(placed: Placed, lettering: Lettering) -> QPainterPath:
    whole = QPainterPath()
    for piece, x, y, turn in zip(placed.pieces, placed.px, placed.py, placed.turn, strict=True):
        turned = QTransform(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), x, y)
        whole.addPath(turned.map(letter(piece, lettering).path))
    return whole
