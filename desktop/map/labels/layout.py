"""Lays out all names of a picture together: the important first, none on another, none under a panel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop.map.labels.along import settings
from desktop.map.labels.candidates import Candidate, LineName, PointName
from desktop.map.labels.lettering import Lettering, is_han, letter, word
from desktop.map.view import View

Array = np.ndarray
GroundColour = Callable[[float, float], str]  # pixels of the device → `#rrggbb`
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels

GRAIN_PX: Final = 4  # logical pixels to a square of the map of taken room
GAP_PX: Final = 3.0  # least distance between two names
MOST_CROWDED: Final = 0.55  # a street is not named on a heap of symbols or a bubble
CLEARER: Final = 0.08  # a name moves aside only for a place that is emptier by this share


@dataclass(frozen=True)
class Placed:
    """A name with its place: characters (or the whole word) and their middles and turns, in pixels."""

    candidate: Candidate
    pieces: tuple[str, ...]
    px: tuple[float, ...]
    py: tuple[float, ...]
    turn: tuple[float, ...]

    @property
    def middle(self) -> tuple[float, float]:
        """In pixels."""
        return sum(self.px) / len(self.px), sum(self.py) / len(self.py)


class Room:
    """Which squares of the picture are taken. A row of squares is the bits of one integer: a question costs a few
    machine words, and there are tens of thousands of questions to a picture."""

    def __init__(self, view: View, covered: tuple[int, int, int, int], marks: Array | None = None) -> None:
        width, height = view.size_px
        self._grain = math.ceil(GRAIN_PX * view.dpr)
        self._columns, rows = math.ceil(width / self._grain), math.ceil(height / self._grain)
        self._taken = [0] * rows
        self._marked = [0] * rows if marks is None else _rows_of_bits(marks, self._grain)
        left, top, right, bottom = (edge * view.dpr for edge in covered)
        self._free: Box = (left, top, width - right, height - bottom)

    def crowd(self, box: Box) -> float | None:
        """Share of a box that dots and symbols already fill, 0 … 1: a name may stand there, but better not. None where
        none may stand: under a panel, over the edge, on another name."""
        free = self._free
        if box[0] < free[0] or box[1] < free[1] or box[2] > free[2] or box[3] > free[3]:
            return None
        first, last, bits = self._squares(box)
        for row in self._taken[first:last]:
            if row & bits:
                return None
        filled = 0
        for row in self._marked[first:last]:
            if row & bits:
                filled += (row & bits).bit_count()
        return filled / max((last - first) * bits.bit_count(), 1)

    def crowd_together(self, boxes: Sequence[Box]) -> float | None:
        """The mean of several boxes, None when one of them is out of the question."""
        shares = []
        for box in boxes:
            share = self.crowd(box)
            if share is None:
                return None
            shares.append(share)
        return sum(shares) / max(len(shares), 1)

    def take(self, boxes: Sequence[Box]) -> None:
        """Nothing else may stand there."""
        for box in boxes:
            first, last, bits = self._squares(box)
            for row in range(first, min(last, len(self._taken))):
                self._taken[row] |= bits

    def _squares(self, box: Box) -> tuple[int, int, int]:
        """First row, one past the last, and the columns as bits."""
        g = self._grain
        left, right = int(box[0] // g), int(box[2] // g) + 1
        left = left if left > 0 else 0
        first = int(box[1] // g)
        bits = ((1 << (right - left)) - 1) << left if right > left else 0
        return first if first > 0 else 0, max(int(box[3] // g) + 1, 0), bits


def _rows_of_bits(marks: Array, grain: int) -> list[int]:
    squares = marks[grain // 2 :: grain, grain // 2 :: grain] != 0
    packed = np.packbits(squares, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def lay_out(
    candidates: Sequence[Candidate],
    view: View,
    covered: tuple[int, int, int, int],
    marks: Array | None = None,
    ground: GroundColour | None = None,
) -> list[Placed]:
    """The names that find room, by rank. `marks` are the pixels of dots and symbols, avoided where there is a choice;
    `ground` says what colour lies under a pixel."""
    room = Room(view, covered, marks)
    stands: dict[str, list[tuple[float, float]]] = {}
    out: list[Placed] = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        if isinstance(candidate, PointName):
            out.extend(_place_word(candidate, view, room))
        else:
            out.extend(_place_along(candidate, view, room, stands.setdefault(candidate.text, []), ground))
    return out


def _place_word(name: PointName, view: View, room: Room) -> Iterator[Placed]:
    px, py = view.to_pixels(name.x, name.y)
    size, gap = name.size_px * view.dpr, GAP_PX * view.dpr
    half = word(name.text, Lettering(size, name.weight)).advance / 2.0 + gap
    tall = 0.62 * size + gap / 2.0
    best: tuple[float, float, float, Box] | None = None
    for dx, dy in name.shifts:
        x, y = px + dx * view.dpr, py + dy * view.dpr
        box = (x - half, y - tall, x + half, y + tall)
        crowd = room.crowd(box)
        if crowd is not None and (best is None or crowd < best[0] - CLEARER):
            best = (crowd, x, y, box)
            if crowd == 0.0:
                break
    if best is not None and best[0] <= name.crowd:
        room.take([best[3]])
        yield Placed(name, (name.text,), (best[1],), (best[2],), (0.0,))


def _place_along(
    name: LineName, view: View, room: Room, stands: list[tuple[float, float]], ground: GroundColour | None
) -> Iterator[Placed]:
    lettering = Lettering(name.size_px * view.dpr, name.weight)
    upright = all(is_han(character) or character.isdigit() for character in name.text)
    spread = (name.room if upright else 0.04) * lettering.size
    advances = np.array([letter(character, lettering).advance for character in name.text])
    repeat, pixel_m = name.repeat_px * view.dpr, view.m_per_pixel
    found = settings(name.line, advances * pixel_m, spread * pixel_m, repeat * pixel_m, upright, view.extent)
    if not found:
        return
    half = lettering.size / 2.0 + GAP_PX * view.dpr / 2.0
    px, py = view.to_pixels(found.x, found.y)
    px, py, bends = px.tolist(), py.tolist(), found.bend.tolist()
    boxes = [_boxes(xs, ys, half) for xs, ys in zip(px, py, strict=True)]
    crowds = [room.crowd_together(each) for each in boxes]
    costs = {
        at: round(bends[at] + 2.0 * crowd, 1)
        for at, crowd in enumerate(crowds)
        if crowd is not None and crowd <= MOST_CROWDED
    }
    for at in sorted(costs, key=lambda at: costs[at]):
        middle = sum(px[at]) / len(px[at]), sum(py[at]) / len(py[at])
        if any(math.hypot(middle[0] - x, middle[1] - y) < repeat for x, y in stands):
            continue
        if room.crowd_together(boxes[at]) is not None and _on_ground(name.ground, px[at], py[at], ground):
            room.take(boxes[at])
            stands.append(middle)
            yield Placed(name, tuple(name.text), tuple(px[at]), tuple(py[at]), tuple(found.turn[at].tolist()))


def _on_ground(wanted: str, px: Sequence[float], py: Sequence[float], ground: GroundColour | None) -> bool:
    if not wanted or ground is None:
        return True
    return all(ground(x, y) == wanted for x, y in zip(px, py, strict=True))


def _boxes(px: Sequence[float], py: Sequence[float], half: float) -> list[Box]:
    return [(x - half, y - half, x + half, y + half) for x, y in zip(px, py, strict=True)]
