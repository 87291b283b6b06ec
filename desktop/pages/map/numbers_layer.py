"""Numbers on the map that lead from a list to its places: a dark disc with a light figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from desktop.look import body_font
from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Pick, Sheet
from desktop.map.style import ink
from desktop.map.view import View

RADIUS_PX = 12.0


@dataclass(frozen=True, eq=False)
class NumbersLayer(LayerBase):
    """Places numbered from 1; a pick gives the number."""

    x: np.ndarray
    y: np.ndarray
    kind: str = "cluster"
    key: str = "numbers"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.MARKS,)
    pick_rank: ClassVar[int] = 0

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Discs with a ring of ground, so that they part from what lies under them."""
        palette, unit, painter = frame.style.palette, frame.unit, frame.painter
        font = body_font("body")
        painter.save()
        painter.scale(unit, unit)
        painter.setFont(font)
        xs, ys = frame.view.to_screen(self.x, self.y)
        for number, (x, y) in enumerate(zip(xs.tolist(), ys.tolist(), strict=True), start=1):
            painter.setPen(QPen(ink(palette.card), 1.5))
            painter.setBrush(ink(palette.text))
            painter.drawEllipse(QPointF(x, y), RADIUS_PX, RADIUS_PX)
            painter.setPen(ink(palette.card if palette.theme == "light" else palette.ground))
            box = QRectF(x - RADIUS_PX, y - RADIUS_PX, 2 * RADIUS_PX, 2 * RADIUS_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
        painter.restore()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The disc under the pointer."""
        if not len(self.x):
            return None
        distance = np.hypot(self.x - x, self.y - y)
        row = int(distance.argmin())
        if distance[row] > RADIUS_PX * view.m_per_px:
            return None
        return Pick(self.kind, str(row + 1), float(self.x[row]), float(self.y[row]))

    def counts(self, view: View) -> Mapping[str, int]:
        """Nothing to count."""
        return {}
