"""Where components moved: an arrow from where each stood to where it is delivered now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.style import ink

Array = np.ndarray
WIDTH_PX: Final = 1.5
HEAD_PX: Final = 7.0
HEAD_ANGLE: Final = np.deg2rad(26.0)
MOST_DRAWN: Final = 4_000  # of those in view, the farthest moved first


@dataclass(frozen=True, eq=False)
class MovedLayer(LayerBase):
    """n arrows in metres on the plane, the longest first."""

    x_before: Array
    y_before: Array
    x: Array
    y: Array
    key: str = "moved"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.MARKS,)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Arrows of those in view; one shorter than its head is a dot at its end."""
        from_x, from_y = frame.view.to_pixels(self.x_before, self.y_before)
        to_x, to_y = frame.view.to_pixels(self.x, self.y)
        width, height = frame.view.size_px
        seen = (np.maximum(from_x, to_x) >= 0) & (np.minimum(from_x, to_x) <= width)
        seen &= (np.maximum(from_y, to_y) >= 0) & (np.minimum(from_y, to_y) <= height)
        painter, unit = frame.painter, frame.unit
        colour = ink(frame.style.palette.late)
        painter.setPen(QPen(colour, WIDTH_PX * unit, c=Qt.PenCapStyle.RoundCap))
        painter.setBrush(colour)
        for row in np.flatnonzero(seen)[:MOST_DRAWN].tolist():
            _arrow(frame, (from_x[row], from_y[row]), (to_x[row], to_y[row]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _arrow(frame: Frame, start: tuple[float, float], end: tuple[float, float]) -> None:
    painter, unit = frame.painter, frame.unit
    tip = QPointF(*end)
    if np.hypot(end[0] - start[0], end[1] - start[1]) < 2 * HEAD_PX * unit:
        painter.drawEllipse(tip, 2.4 * unit, 2.4 * unit)
        return
    painter.drawLine(QPointF(*start), tip)
    back = np.arctan2(start[1] - end[1], start[0] - end[0])
    for side in (-HEAD_ANGLE, HEAD_ANGLE):
        along = HEAD_PX * unit
        painter.drawLine(
            tip, QPointF(end[0] + along * np.cos(back + side), end[1] + along * np.sin(back + side))
        )
