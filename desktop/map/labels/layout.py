"""Lays out all names of a picture together: the important first, none on another, none under a panel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop.map.labels.along import Line, Setting, settings
from desktop.map.labels.candidates import Candidate, LineName, PointName
from desktop.map.labels.lettering import Lettering, is_han, letter, word
from desktop.map.view import View

Array = np.ndarray
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels

GRAIN_PX: Final = 4  # logical pixels to a square of the map of taken room
GAP_PX: Final = 3.0  # least distance between two names
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
    """Which squares of the picture are taken."""

    def __init__(self, view: View, covered: tuple[int, int, int, int], marks: Array | None = None) -> None:
        width, height = view.size_px
        self._grain = math.ceil(GRAIN_PX * view.dpr)
        self._taken = np.zeros((math.ceil(height / self._grain), math.ceil(width / self._grain)), bool)
        half = self._grain // 2
        self._marked = self._taken if marks is None else marks[half :: self._grain, half :: self._grain] != 0
        left, top, right, bottom = (edge * view.dpr for edge in covered)
        self._free: Box = (left, top, width - right, height - bottom)

    def fits(self, boxes: Sequence[Box]) -> bool:
        """Whether all boxes lie in the open and on free squares."""
        left, top, right, bottom = self._free
        for box in boxes:
            if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
                return False
            if self._taken[self._squares(box)].any():
                return False
        return True

    def crowd(self, boxes: Sequence[Box]) -> float:
        """Share of the boxes that dots and symbols already fill, 0 … 1: names may stand there, but better not."""
        shares = [marked.mean() for box in boxes if (marked := self._marked[self._squares(box)]).size]
        return float(sum(shares) / max(len(shares), 1))

    def take(self, boxes: Sequence[Box]) -> None:
        """Nothing else may stand there."""
        for box in boxes:
            self._taken[self._squares(box)] = True

    def _squares(self, box: Box) -> tuple[slice, slice]:
        g = self._grain
        return (
            slice(max(0, int(box[1] // g)), max(0, int(box[3] // g)) + 1),
            slice(max(0, int(box[0] // g)), max(0, int(box[2] // g)) + 1),
        )


def lay_out(
    candidates: Sequence[Candidate],
    view: View,
    covered: tuple[int, int, int, int],
    marks: Array | None = None,
) -> list[Placed]:
    """The names that find room, by rank. `marks` are the pixels of dots and symbols, avoided where there is a choice."""
    room = Room(view, covered, marks)
    stands: dict[str, list[tuple[float, float]]] = {}
    out: list[Placed] = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        if isinstance(candidate, PointName):
            out.extend(_place_word(candidate, view, room))
        else:
            out.extend(_place_along(candidate, view, room, stands.setdefault(candidate.text, [])))
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
        if room.fits([box]) and (best is None or room.crowd([box]) < best[0] - CLEARER):
            best = (room.crowd([box]), x, y, box)
            if best[0] == 0.0:
                break
    if best is not None and best[0] <= name.crowd:
        room.take([best[3]])
        yield Placed(name, (name.text,), (best[1],), (best[2],), (0.0,))


def _place_along(
    name: LineName, view: View, room: Room, stands: list[tuple[float, float]]
) -> Iterator[Placed]:
    lettering = Lettering(name.size_px * view.dpr, name.weight)
    upright = all(is_han(character) or character.isdigit() for character in name.text)
    spread = (name.room if upright else 0.04) * lettering.size
    advances = np.array([letter(character, lettering).advance for character in name.text])
    repeat = name.repeat_px * view.dpr
    half = lettering.size / 2.0 + GAP_PX * view.dpr / 2.0
    px, py = view.to_pixels(name.line[:, 0], name.line[:, 1])
    found = settings(Line(px, py), advances, spread, repeat, upright, view.size_px)
    tried = [(setting, boxes) for setting in found if room.fits(boxes := _boxes(setting, half))]
    for setting, boxes in sorted(tried, key=lambda each: round(each[0].bend + 2.0 * room.crowd(each[1]), 1)):
        if any(math.hypot(setting.middle[0] - x, setting.middle[1] - y) < repeat for x, y in stands):
            continue
        if room.fits(boxes):
            room.take(boxes)
            stands.append(setting.middle)
            yield Placed(name, tuple(name.text), *_columns(setting))


def _columns(setting: Setting) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    return tuple(setting.px.tolist()), tuple(setting.py.tolist()), tuple(setting.turn.tolist())


def _boxes(setting: Setting, half: float) -> list[Box]:
    return [(x - half, y - half, x + half, y + half) for x, y in zip(setting.px, setting.py, strict=True)]
