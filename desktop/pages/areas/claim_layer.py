"""Claim and truth of a survey row: the cell that is written beside it, dashed, and the cell it stands in, solid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from desktop.formats import spaced
from desktop.look import body_font
from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.paths import fills, strokes
from desktop.map.shapes import Shapes
from desktop.map.style import ink

WIDTH_PX, DASH = 2.0, (4.0, 2.5)
PLATE_PX = (148.0, 40.0)


@dataclass(frozen=True, eq=False)
class Claimed:
    """One cell with the words that stand in it; `role` is the colour's role in the palette."""

    code: str
    polygon: shapely.Geometry
    words: str
    role: str
    dashed: bool


@dataclass(frozen=True, eq=False)
class ClaimLayer(LayerBase):
    """The two cells and the shortest way from the row's place to the claimed one."""

    cells: tuple[Claimed, ...]
    x: float
    y: float
    key: str = "claim"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.SELECTION, Sheet.MARKS)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Fills and outlines below the symbols, plates above them."""
        for cell in self.cells:
            if sheet is Sheet.SELECTION:
                _outline(frame, cell)
            else:
                _plate(frame, cell)
        claimed = next((cell for cell in self.cells if cell.dashed), None)
        if claimed is not None and sheet is Sheet.SELECTION:
            _way(frame, shapely.shortest_line(shapely.Point(self.x, self.y), claimed.polygon))


def _outline(frame: Frame, cell: Claimed) -> None:
    colour = getattr(frame.style.palette, cell.role)
    shapes = Shapes.of([cell.polygon])
    painter = frame.painter
    painter.setBrush(ink(colour, 0.08))
    for path in fills(shapes, frame.view):
        painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(ink(colour), WIDTH_PX * frame.unit, j=Qt.PenJoinStyle.MiterJoin)
    if cell.dashed:
        pen.setDashPattern(list(DASH))
    painter.setPen(pen)
    for path in strokes(shapes, frame.view):
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)


def _way(frame: Frame, line: shapely.LineString) -> None:
    px, py = frame.view.to_pixels(*np.array(line.coords).T)
    colour = frame.style.palette.late
    frame.painter.setPen(QPen(ink(colour), 1.5 * frame.unit))
    frame.painter.drawLine(QPointF(px[0], py[0]), QPointF(px[1], py[1]))
    frame.painter.setPen(Qt.PenStyle.NoPen)
    frame.painter.setBrush(ink(colour))
    frame.painter.drawEllipse(QPointF(px[1], py[1]), 2.6 * frame.unit, 2.6 * frame.unit)
    frame.painter.setBrush(Qt.BrushStyle.NoBrush)


def _plate(frame: Frame, cell: Claimed) -> None:
    """Words and code on a card in the middle of what is seen of the cell."""
    palette, unit = frame.style.palette, frame.unit
    seen = shapely.intersection(cell.polygon, shapely.box(*frame.view.extent))
    if seen.is_empty:
        return
    middle = shapely.centroid(seen)
    px, py = frame.view.to_screen(middle.x, middle.y)
    painter = frame.painter
    painter.save()
    painter.scale(unit, unit)
    plate = QRectF(px - PLATE_PX[0] / 2, py - PLATE_PX[1] / 2, *PLATE_PX)
    painter.setPen(QPen(ink(getattr(palette, cell.role)), 1.0))
    painter.setBrush(ink(palette.card))
    painter.drawRoundedRect(plate, 4.0, 4.0)
    upper, lower = plate.adjusted(0, 3, 0, -20), plate.adjusted(0, 19, 0, -3)
    for rect, text, colour, role in (
        (upper, cell.words, getattr(palette, cell.role), "note"),
        (lower, spaced(cell.code), palette.text, "body"),
    ):
        painter.setFont(body_font(role))
        painter.setPen(ink(colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
