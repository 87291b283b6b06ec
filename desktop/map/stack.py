"""The sheets of the map, kept apart so that a change draws again only what it touches.

Ground, themes, structure, lines and points are pictures of their own, kept until their recipe (view, style, layers)
changes. Selection, names and marks cover few pixels: they are drawn straight onto the finished picture, names from a
layout that is kept likewise.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtGui import QPainter

from desktop.map.frame import Check, Frame
from desktop.map.labels.names import BELOW_NAMES, Inscription, plan_names
from desktop.map.labels.writing import write
from desktop.map.layer import Layer, Sheet
from desktop.map.style import premultiplied

if TYPE_CHECKING:
    from desktop.map.renderer import RenderRequest

Array = np.ndarray

DIRECT: Final = (Sheet.SELECTION, Sheet.NAMES, Sheet.MARKS)


@dataclass(frozen=True)
class _Kept:
    recipe: tuple
    frame: Frame


class SheetStack:
    """Draws requests. One thread uses it."""

    def __init__(self) -> None:
        self._kept: dict[Sheet, _Kept] = {}
        self._names: tuple[tuple, list[Inscription]] = ((), [])
        self._spare: deque[Array] = deque(maxlen=2)

    def render(self, request: RenderRequest, check: Check = lambda: None) -> Frame:
        """The finished picture of `request`, opaque. Raises `Cancelled` from `check`."""
        for sheet in Sheet:
            if sheet not in DIRECT:
                self.prepare(sheet, request, check)
        names = self._plan(request, check)
        picture = Frame(request.view, request.style, check, spare=self._spare_pixels(), opaque=True)
        try:
            self._lay_together(picture, request, names)
        finally:
            picture.close()
        return picture

    def recycle(self, pixels: Array) -> None:
        """Take back a picture that nobody shows any more; its memory serves the next one. Any thread."""
        self._spare.append(pixels)

    def prepare(self, sheet: Sheet, request: RenderRequest, check: Check) -> None:
        """Draw one kept sheet unless it is as wanted."""
        layers = layers_on(sheet, request)
        recipe = (request.view, request.style, layers)
        old = self._kept.get(sheet)
        if old is not None and old.recipe == recipe:
            return
        self._kept.pop(sheet, None)
        if not layers:
            return
        frame = Frame(request.view, request.style, check, spare=None if old is None else old.frame.pixels)
        if sheet is Sheet.GROUND:
            frame.pixels.fill(premultiplied(request.style.palette.land))
        try:
            for layer in layers:
                check()
                layer.draw(sheet, frame)
        finally:
            frame.close()
        self._kept[sheet] = _Kept(recipe, frame)

    def _plan(self, request: RenderRequest, check: Check) -> list[Inscription]:
        layers = layers_on(Sheet.NAMES, request)
        below = {sheet: kept for sheet, kept in self._kept.items() if sheet in BELOW_NAMES}
        recipe = (
            request.view,
            request.style,
            layers,
            request.covered,
            *(kept.recipe for kept in below.values()),
        )
        if self._names[0] != recipe:
            frames = {sheet: kept.frame for sheet, kept in below.items()}
            self._names = (
                recipe,
                plan_names(request.view, request.style, layers, request.covered, frames, check),
            )
        return self._names[1]

    def _lay_together(self, picture: Frame, request: RenderRequest, names: list[Inscription]) -> None:
        if Sheet.GROUND not in self._kept:
            picture.pixels.fill(premultiplied(request.style.palette.land))
        for sheet in Sheet:
            if sheet in self._kept:
                opaque = sheet is Sheet.GROUND  # copied, not blended
                picture.painter.setCompositionMode(
                    QPainter.CompositionMode.CompositionMode_Source
                    if opaque
                    else QPainter.CompositionMode.CompositionMode_SourceOver
                )
                picture.painter.drawImage(0, 0, self._kept[sheet].frame.image)
                picture.painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            elif sheet is Sheet.NAMES:
                write(picture, names)
            elif sheet in DIRECT:
                for layer in layers_on(sheet, request):
                    layer.draw(sheet, picture)

    def _spare_pixels(self) -> Array | None:
        return self._spare.popleft() if self._spare else None


def layers_on(sheet: Sheet, request: RenderRequest) -> tuple[Layer, ...]:
    """The visible layers that draw on a sheet, in drawing order."""
    return tuple(layer for layer in request.layers if layer.visible and sheet in layer.sheets)
