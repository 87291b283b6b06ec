"""Wide lines as straight pieces that meet in mitres.

Qt has a quick way for straight pieces with flat ends; a bent line it outlines first, joins and all, and then fills what
overlaps itself, which takes three times as long. A piece made longer by what the bend opens closes the same corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtGui import QPainterPath

from desktop.map.paths import pixel_segments
from desktop.map.shapes import Shapes
from desktop.map.view import View

Array = np.ndarray

SHARP: Final = math.cos(math.radians(40.0))  # a sharper bend has no mitre
SHORTEST_PX: Final = 1e-3


@dataclass(frozen=True)
class Ribbon:
    """Paths of straight pieces for a pen with flat ends, and the places (n, 2) in pixels where lines end or bend
    sharply."""

    paths: Iterator[QPainterPath]
    ends: Array


def ribbon(lines: Shapes, view: View, width: float, square: bool) -> Ribbon:
    """`lines` to be drawn `width` pixels of the device wide. `square` ends reach half of that beyond; others are flat,
    to be rounded by a disc on each of `ends`."""
    half = width / 2.0
    at = np.stack(view.to_pixels(lines.xy[:, 0], lines.xy[:, 1]), axis=1)
    step = np.diff(at, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    drawn = length > SHORTEST_PX
    drawn[lines.ring_start[1:-1] - 1] = False
    along = step / np.where(drawn, length, 1.0)[:, None]
    opening, smooth = _mitres(along, length, drawn, half)
    reach = np.where(smooth, opening, 1.0 if square else 0.0) * half
    first, last = at[:-1] - along * reach[:-1, None], at[1:] + along * reach[1:, None]
    sharp = np.concatenate([at[:-1][drawn & ~smooth[:-1]], at[1:][drawn & ~smooth[1:]]])
    return Ribbon(pixel_segments(*first[drawn].T, *last[drawn].T, view, half), sharp)


def _mitres(along: Array, length: Array, drawn: Array, half: float) -> tuple[Array, Array]:
    """By vertex: how far, in half widths, two pieces must run on to meet in a mitre, and whether they shall."""
    opening, smooth = np.zeros(len(along) + 1), np.zeros(len(along) + 1, bool)
    cosine = (along[:-1] * along[1:]).sum(axis=1)
    tangent = np.sqrt(np.maximum(1.0 - cosine, 0.0) / np.maximum(1.0 + cosine, 1e-9))  # of half the angle
    room = np.minimum(length[:-1], length[1:]) > half * tangent
    opening[1:-1] = tangent
    smooth[1:-1] = drawn[:-1] & drawn[1:] & (cosine > SHARP) & room
    return opening, smooth
