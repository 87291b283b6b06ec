"""From a request to a picture: a worker draws the sheets that changed and lays them on one another.

A request has captured all its inputs; the answer carries its number. The newest request wins: one that waits is
replaced, one being drawn is stopped when its picture would be of no use any more.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPainter
from shiboken6 import isValid

from desktop.map.frame import Frame
from desktop.map.labels.names import BELOW_NAMES, draw_names
from desktop.map.lane import Lane
from desktop.map.layer import Layer, Sheet
from desktop.map.style import Style, ink, premultiplied
from desktop.map.view import View
from kernel.errors import Cancelled

log = logging.getLogger(__name__)

Check = Callable[[], None]
Margins = tuple[int, int, int, int]  # left, top, right, bottom in logical pixels


@dataclass(frozen=True)
class RenderRequest:
    """Everything a picture depends on. `covered` are the view's edges under panels: no name is set there."""

    id: int
    view: View
    layers: tuple[Layer, ...]
    style: Style
    covered: Margins = (0, 0, 0, 0)


@dataclass(frozen=True)
class Rendered:
    """A finished picture of `view`, opaque; `image` is None when the request was of no use any more."""

    id: int
    view: View
    image: QImage | None
    seconds: float = 0.0
    failure: BaseException | None = None


@dataclass(frozen=True)
class _Cached:
    recipe: tuple
    frame: Frame


class SheetStack:
    """Draws requests; keeps every sheet until its recipe (view, style, layers) changes. One thread uses it."""

    def __init__(self) -> None:
        self._sheets: dict[Sheet, _Cached] = {}
        self._spare: deque[QImage] = deque(maxlen=2)

    def render(self, request: RenderRequest, check: Check = lambda: None) -> QImage:
        """The picture of `request`. Raises `Cancelled` from `check`."""
        for sheet in Sheet:
            self._draw(sheet, request, check)
        return self._flattened(request)

    def _draw(self, sheet: Sheet, request: RenderRequest, check: Check) -> None:
        layers = tuple(layer for layer in request.layers if layer.visible and sheet in layer.sheets)
        recipe: tuple = (request.view, request.style, layers)
        if sheet is Sheet.NAMES:  # names avoid symbols and take the colours of the ground
            recipe += (
                request.covered,
                *(kept.recipe for at, kept in self._sheets.items() if at in BELOW_NAMES),
            )
        cached = self._sheets.get(sheet)
        if cached is not None and cached.recipe == recipe:
            return
        old = self._sheets.pop(sheet, None)
        if not layers:
            return
        frame = Frame(request.view, request.style, check, None if old is None else old.frame.pixels)
        if sheet is Sheet.GROUND:
            frame.pixels.fill(premultiplied(request.style.palette.land))
        try:
            if sheet is Sheet.NAMES:
                draw_names(
                    frame, layers, request.covered, {at: kept.frame for at, kept in self._sheets.items()}
                )
            else:
                for layer in layers:
                    check()
                    layer.draw(sheet, frame)
        finally:
            frame.close()
        self._sheets[sheet] = _Cached(recipe, frame)

    def _flattened(self, request: RenderRequest) -> QImage:
        image = self._canvas(QSize(*request.view.size_px))
        painter = QPainter(image)
        if Sheet.GROUND in self._sheets:  # it is opaque: copied, not blended
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        else:
            painter.fillRect(image.rect(), ink(request.style.palette.land))
        for sheet in Sheet:
            if sheet in self._sheets:
                painter.drawImage(0, 0, self._sheets[sheet].frame.image)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.end()
        return image

    def recycle(self, image: QImage) -> None:
        """Take back a picture that nobody shows any more; its memory serves the next one. Any thread."""
        self._spare.append(image)

    def _canvas(self, size: QSize) -> QImage:
        while self._spare:
            image = self._spare.popleft()
            if image.size() == size:
                return image
        return QImage(size, QImage.Format.Format_RGB32)


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
        if rendered.image is not None:
            self._stack.recycle(rendered.image)

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
            image = self._stack.render(request, check)
        except Cancelled:
            return Rendered(request.id, request.view, None)
        except Exception as error:
            log.exception("The map could not be drawn.")
            return Rendered(request.id, request.view, None, failure=error)
        return Rendered(request.id, request.view, image, perf_counter() - begun)


def _replaces(newer: RenderRequest, older: RenderRequest) -> bool:
    """Whether the older picture would be of no use beside the newer: another scale, style, or place."""
    first, second = newer.view.extent, older.view.extent
    width = max(0.0, min(first[2], second[2]) - max(first[0], second[0]))
    height = max(0.0, min(first[3], second[3]) - max(first[1], second[1]))
    shared = width * height / ((first[2] - first[0]) * (first[3] - first[1]))
    return newer.view.m_per_px != older.view.m_per_px or newer.style != older.style or shared < 0.5
