"""Setting a name along a line: where its characters stand and how they turn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop.map.view import Extent

Array = np.ndarray

STEEP: Final = math.tan(math.radians(62.0))  # steeper names are set upright, character under character
SHARPEST_TURN: Final = math.radians(32.0)  # between neighbouring characters
WHOLE_TURN: Final = math.radians(75.0)  # of all turns together
STEPS: Final = 4  # places tried within the distance at which a name repeats
MOST_KEPT: Final = 400  # of a line with more places only those in view are looked at


class Line:
    """A polyline of the plane, measured once. `y` runs down here, as on the screen."""

    def __init__(self, xy: Array) -> None:
        step = np.hypot(*np.diff(xy, axis=0).T)
        kept = np.concatenate([[True], step > 1e-6])
        self.x, self.y = xy[kept, 0], -xy[kept, 1]
        self.along_m = np.concatenate([[0.0], np.cumsum(step[step > 1e-6])])
        self._settled: tuple[tuple, Settings] | None = None

    def settled(self, key: tuple, make: Callable[[], Settings]) -> Settings:
        """What `make` gave for the last `key`: while the map is dragged, names may stand where they might before."""
        kept = self._settled
        if kept is None or kept[0] != key:
            self._settled = kept = (key, make())
        return kept[1]

    @property
    def length_m(self) -> float:
        """Along the line."""
        return float(self.along_m[-1])

    def at(self, along_m: Array) -> tuple[Array, Array]:
        """The places at these distances from the start."""
        return np.interp(along_m, self.along_m, self.x), np.interp(along_m, self.along_m, self.y)


@dataclass(frozen=True)
class Settings:
    """k places for a name of n characters: middles on the plane (k, n), turns in radians clockwise, bends (k)."""

    x: Array
    y: Array
    turn: Array
    bend: Array
    middle: Array  # (2, k) on the plane

    def __len__(self) -> int:
        return len(self.bend)

    def inside(self, extent: Extent) -> Settings:
        """Those with their middle inside."""
        x, y = self.middle
        kept = (x > extent[0]) & (x < extent[2]) & (y > extent[1]) & (y < extent[3])
        return Settings(self.x[kept], self.y[kept], self.turn[kept], self.bend[kept], self.middle[:, kept])


def settings(
    line: Line,
    advances_m: Array,
    room_m: float,
    repeat_m: float,
    upright: bool,
    extent: Extent,
) -> Settings | None:
    """Places for a name along `line` with its middle inside `extent`, in the order of the line.

    Places are counted along the whole line, so that a name stays where it is when the map is dragged. `room_m` is the
    space between characters, `upright` says whether the script may stand in a column.
    """
    whole = float(advances_m.sum() + room_m * (len(advances_m) - 1))
    if line.length_m < whole + 2.0 * room_m:
        return None
    count = _places(line, whole, repeat_m)
    if count > MOST_KEPT:
        return _set(line, _middles(line, whole, count, extent), advances_m, room_m, upright)
    key = (advances_m.tobytes(), room_m, repeat_m, upright)
    return line.settled(
        key, lambda: _set(line, _middles(line, whole, count), advances_m, room_m, upright)
    ).inside(extent)


def _set(line: Line, middles: Array, advances_m: Array, room_m: float, upright: bool) -> Settings:
    """The name at each of these middles where the line bends little enough."""
    whole = float(advances_m.sum() + room_m * (len(advances_m) - 1))
    offsets = np.cumsum(advances_m + room_m) - advances_m / 2.0 - room_m - whole / 2.0
    ends_x, ends_y = line.at(middles[:, None] + offsets[[0, -1]])
    dx, dy = np.diff(ends_x)[:, 0], np.diff(ends_y)[:, 0]
    steep = np.abs(dy) > STEEP * np.abs(dx) if upright else np.zeros(len(dx), bool)
    sign = np.where(np.where(steep, dy, dx) >= 0.0, 1.0, -1.0)[:, None]
    along = middles[:, None] + sign * offsets
    turn = _turns(line, along, offsets, sign)
    jumps = np.abs((np.diff(turn, axis=1) + math.pi) % (2.0 * math.pi) - math.pi)
    bend = jumps.sum(axis=1)
    smooth = (jumps.max(axis=1, initial=0.0) <= SHARPEST_TURN) & (bend <= WHOLE_TURN)
    x, y = line.at(along[smooth])
    middle_x, middle_y = line.at(middles[smooth])
    return Settings(
        x,
        -y,
        np.where(steep[:, None], 0.0, turn)[smooth],
        bend[smooth],
        np.stack([middle_x, -middle_y]),
    )


def _places(line: Line, whole: float, repeat_m: float) -> int:
    return max(1, round((line.length_m - whole) / (repeat_m / STEPS)))


def _middles(line: Line, whole: float, count: int, extent: Extent | None = None) -> Array:
    first, last = whole / 2.0, line.length_m - whole / 2.0
    middles = first + (last - first) / count * (np.arange(count) + 0.5)
    if extent is None:
        return middles
    x, y = line.at(middles)
    return middles[(x > extent[0]) & (x < extent[2]) & (-y > extent[1]) & (-y < extent[3])]


def _turns(line: Line, along: Array, offsets: Array, sign: Array) -> Array:
    """Direction of the line under each character, smoothed over the character's own width."""
    half = float(np.diff(offsets).min()) / 2.0 if len(offsets) > 1 else 1.0
    before_x, before_y = line.at(along - half)
    after_x, after_y = line.at(along + half)
    return np.arctan2(sign * (after_y - before_y), sign * (after_x - before_x))
