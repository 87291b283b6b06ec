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

    def __init__(self, view: View, covered: tuple[int, int, int, int]) -> None:
        width, height = view.size_px
        self._grain = GRAIN_PX * view.dpr
        self._taken = np.zeros((math.ceil(height / self._grain), math.ceil(width / self._grain)), bool)
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
    candidates: Sequence[Candidate], view: View, covered: tuple[int, int, int, int], taken: Sequence[Box] = ()
) -> list[Placed]:
    """The names that find room, by rank. `taken` boxes (pixels) are kept free, as for the code chip."""
    room = Room(view, covered)
    room.take(taken)
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
    py += name.below_px * view.dpr
    size = name.size_px * view.dpr
    half = word(name.text, Lettering(size, name.weight)).advance / 2.0 + GAP_PX * view.dpr
    tall = 0.62 * size + GAP_PX * view.dpr / 2.0
    box = (px - half, py - tall, px + half, py + tall)
    if room.fits([box]):
        room.take([box])
        yield Placed(name, (name.text,), (px,), (py,), (0.0,))


def _place_along(
    name: LineName, view: View, room: Room, stands: list[tuple[float, float]]
) -> Iterator[Placed]:
    lettering = Lettering(name.size_px * view.dpr, name.weight)
    upright = all(is_han(character) or character.isdigit() for character in name.text)
    spread = (name.room if upright else 0.04) * lettering.size
    advances = np.array([letter(character, lettering).advance for character in name.text])
    repeat = name.repeat_px * view.dpr
    px, py = view.to_pixels(name.line[:, 0], name.line[:, 1])
    for setting in settings(Line(px, py), advances, spread, repeat, upright, view.size_px):
        if any(math.hypot(setting.middle[0] - x, setting.middle[1] - y) < repeat for x, y in stands):
            continue
        boxes = _boxes(setting, lettering.size / 2.0 + GAP_PX * view.dpr / 2.0)
        if room.fits(boxes):
            room.take(boxes)
            stands.append(setting.middle)
            yield Placed(name, tuple(name.text), *_columns(setting))


def _columns(setting: Setting) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    return tuple(setting.px.tolist()), tuple(setting.py.tolist()), tuple(setting.turn.tolist())


def _boxes(setting: Setting, half: float) -> list[Box]:
    return [(x - half, y - half, x + half, y + half) for x, y in zip(setting.px, setting.py, strict=True)]
