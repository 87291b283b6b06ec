"""One sheet while it is being drawn: pixels of the device, a painter, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from desktop.map.style import Style
from desktop.map.view import Extent, View

Array = np.ndarray


class Frame:
    """What a layer draws on. Coordinates are pixels of the device; `unit` is one logical pixel in them.

    `pixels` and `painter` write into the same memory: premultiplied ARGB, shape (height, width), uint32.
    """

    def __init__(
        self, view: View, style: Style, check: Callable[[], None] = lambda: None, spare: Array | None = None
    ) -> None:
        self.view = view
        self.style = style
        self.check = check
        width, height = view.size_px
        if spare is not None and spare.shape == (height, width):  # fresh memory costs more than the drawing
            spare.fill(0)
            self.pixels = spare
        else:
            self.pixels = np.zeros((height, width), np.uint32)
        self.image = QImage(
            self.pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied
        )
        self._painter: QPainter | None = None

    @property
    def unit(self) -> float:
        """Pixels of the device to one logical pixel."""
        return self.view.dpr

    @property
    def painter(self) -> QPainter:
        """A painter on the sheet, antialiased, without pen and brush."""
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
        """End the painter; the image is complete."""
        if self._painter is not None:
            self._painter.end()
            self._painter = None
