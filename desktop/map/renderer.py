"""From a request to a picture, on a worker.

A request has captured all its inputs; the answer carries its number. The newest request wins: one that waits is
replaced, one being drawn is stopped when its picture would be of no use any more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from desktop.map.frame import Check, Frame
from desktop.map.lane import Lane
from desktop.map.layer import Layer
from desktop.map.stack import SheetStack
from desktop.map.style import Style
from desktop.map.view import View
from kernel.errors import Cancelled

log = logging.getLogger(__name__)

Margins = tuple[int, int, int, int]  # left, top, right, bottom in logical pixels


@dataclass(frozen=True)
class RenderRequest:
    """Everything a picture depends on. `covered` are the view's edges under panels: no name is set there."""

    id: int
    view: View
    layers: tuple[Layer, ...]
    style: Style
    covered: Margins = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished picture of `view`; it is None when the request was of no use any more."""

    id: int
    view: View
    picture: Frame | None
    seconds: float = 0.0
    failure: BaseException | None = None


class Renderer(QObject):
    """Draws the newest request on a thread of its own; `rendered` is emitted there."""

    rendered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = SheetStack()
        self._lane: Lane[RenderRequest] = Lane("wangrid-map", self._draw, _replaces)

    @property
    def open(self) -> bool:
        """Whether requests are taken."""
        return self._lane.open

    def submit(self, request: RenderRequest) -> None:
        """Draw `request` next; one that still waits is forgotten."""
        self._lane.submit(request)

    def recycle(self, rendered: Rendered) -> None:
        """Take back a picture that nobody shows any more."""
        if rendered.picture is not None:
            self._stack.recycle(rendered.picture.pixels)

    def close(self) -> None:
        """Stop drawing and wait for the worker to end."""
        self._lane.close()

    def _draw(self, request: RenderRequest, check: Check) -> None:
        answer = self._answer(request, check)
        if self._lane.open and isValid(self):
            self.rendered.emit(answer)

    def _answer(self, request: RenderRequest, check: Check) -> Rendered:
        begun = perf_counter()
        try:
            picture = self._stack.render(request, check)
        except Cancelled:
            return Rendered(request.id, request.view, None)
        except Exception as error:
            log.exception("The map could not be drawn.")
            return Rendered(request.id, request.view, None, failure=error)
        return Rendered(request.id, request.view, picture, perf_counter() - begun)


def _replaces(newer: RenderRequest, older: RenderRequest) -> bool:
    """Whether the older picture would be of no use beside the newer: another scale, style, or place."""
    first, second = newer.view.extent, older.view.extent
    width = max(0.0, min(first[2], second[2]) - max(first[0], second[0]))
    height = max(0.0, min(first[3], second[3]) - max(first[1], second[1]))
    shared = width * height / ((first[2] - first[0]) * (first[3] - first[1]))
    return newer.view.m_per_px != older.view.m_per_px or newer.style != older.style or shared < 0.5
