"""What a layer draws on: pixels of the device, a painter, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from desktop.map.style import Style
from desktop.map.view import Extent, View

Array = np.ndarray
Check = Callable[[], None]


class Frame:
    """A picture of `view` being drawn. Coordinates are pixels of the device; `unit` is one logical pixel in them.

    `pixels` (height, width, uint32) and `painter` write into the same memory: premultiplied ARGB, or plain RGB when
    the picture is `opaque`. A `spare` array of the right shape is used again: fresh memory costs more than drawing.
    """

    def __init__(
        self,
        view: View,
        style: Style,
        check: Check = lambda: None,
        *,
        spare: Array | None = None,
        opaque: bool = False,
    ) -> None:
        self.view = view
        self.style = style
        self.check = check
        width, height = view.size_px
        if spare is None or spare.shape != (height, width):
            self.pixels = np.zeros((height, width), np.uint32)
        else:
            self.pixels = spare
            if not opaque:
                spare.fill(0)
        form = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
        self.image = QImage(self.pixels.data, width, height, width * 4, form)
        self._painter: QPainter | None = None

    @property
    def unit(self) -> float:
        """Pixels of the device to one logical pixel."""
        return self.view.dpr

    @property
    def painter(self) -> QPainter:
        """A painter on the picture, antialiased, without pen and brush."""
        if self._painter is None:
            self._painter = QPainter(self.image)
            self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._painter.setPen(Qt.PenStyle.NoPen)
        return self._painter

    def extent(self, margin_px: float = 0.0) -> Extent:
        """The window on the plane, `margin_px` logical pixels wider on every side."""
        xmin, ymin, xmax, ymax = self.view.extent
        margin = margin_px * self.view.m_per_px
        return xmin - margin, ymin - margin, xmax + margin, ymax + margin

    def close(self) -> None:
        """End the painter; the picture is complete."""
        if self._painter is not None:
            self._painter.end()
            self._painter = None
