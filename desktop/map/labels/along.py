"""Setting a name along a line: where its characters stand and how they turn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

Array = np.ndarray

STEEP: Final = math.tan(math.radians(62.0))  # steeper names are set upright, character under character
SHARPEST_TURN: Final = math.radians(32.0)  # between neighbouring characters
WHOLE_TURN: Final = math.radians(75.0)  # between the first and the last
STEPS: Final = 4  # places tried within the distance at which a name repeats


@dataclass(frozen=True)
class Setting:
    """Middles of the characters in pixels, and their turn in radians (clockwise, as the screen has it)."""

    px: Array
    py: Array
    turn: Array
    middle: tuple[float, float]
    bend: float


class Line:
    """A polyline in pixels, measured once."""

    def __init__(self, px: Array, py: Array) -> None:
        step = np.hypot(np.diff(px), np.diff(py))
        keep = np.concatenate([[True], step > 1e-6])
        self.px, self.py = px[keep], py[keep]
        self.along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(self.px), np.diff(self.py)))])

    @property
    def length(self) -> float:
        """In pixels."""
        return float(self.along[-1])

    def at(self, along: Array) -> tuple[Array, Array]:
        """The places at these distances from the start."""
        return np.interp(along, self.along, self.px), np.interp(along, self.along, self.py)


def settings(
    line: Line, advances: Array, room: float, repeat: float, upright: bool, size_px: tuple[int, int]
) -> Iterator[Setting]:
    """Places for a name of these `advances` (pixels) along `line`, in its order.

    `room` is the space between characters in pixels, `upright` whether the script may stand in a column. Places are
    counted along the whole line, so that a name stays where it is when the map is dragged; those whose middle is
    outside a picture of `size_px` are left out.
    """
    whole = float(advances.sum() + room * (len(advances) - 1))
    if line.length < whole + 2.0 * room:
        return
    offsets = np.cumsum(advances + room) - advances / 2.0 - room - whole / 2.0
    first, last = whole / 2.0, line.length - whole / 2.0
    count = max(1, round((last - first) / (repeat / STEPS)))
    middles = np.linspace(first, last, count + 1)[:-1] + (last - first) / count / 2.0
    x, y = line.at(middles)
    middles = middles[(x >= 0) & (x < size_px[0]) & (y >= 0) & (y < size_px[1])]
    for middle in middles.tolist():
        setting = _set(line, middle, offsets, upright)
        if setting is not None:
            yield setting


def _set(line: Line, middle: float, offsets: Array, upright: bool) -> Setting | None:
    ends_x, ends_y = line.at(middle + offsets[[0, -1]])
    dx, dy = float(ends_x[1] - ends_x[0]), float(ends_y[1] - ends_y[0])
    steep = upright and abs(dy) > STEEP * abs(dx)
    forward = dy > 0 if steep else dx > 0 or (dx == 0 and dy > 0)
    along = middle + (offsets if forward else -offsets)
    px, py = line.at(along)
    turn = _turns(line, along, offsets, forward)
    jumps = np.abs(_wrapped(np.diff(turn)))
    bend = float(jumps.sum())
    if len(jumps) and (jumps.max() > SHARPEST_TURN or bend > WHOLE_TURN):
        return None
    place = (float(px.mean()), float(py.mean()))
    return Setting(px, py, np.zeros_like(turn) if steep else turn, place, bend)


def _turns(line: Line, along: Array, offsets: Array, forward: bool) -> Array:
    """Direction of the line under each character, smoothed over the character's own width."""
    half = float(np.diff(offsets).min()) / 2.0 if len(offsets) > 1 else 4.0
    before, after = line.at(along - half), line.at(along + half)
    sign = 1.0 if forward else -1.0
    return np.arctan2(sign * (after[1] - before[1]), sign * (after[0] - before[0]))


def _wrapped(angle: Array) -> Array:
    return (angle + math.pi) % (2.0 * math.pi) - math.pi
