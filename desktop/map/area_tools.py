"""Tools of responsibility areas: point at one, give it cells or take them away, draw its outline or its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from desktop.map.edit_tools import Corners, Place, SplitTool, Verdict
from desktop.map.style import Style, ink
from desktop.map.tools import Band, Tool
from desktop.map.view import View

BOX_FROM_PX: Final = 6.0  # a smaller box is a click
REACH_PX: Final = 8.0


@dataclass(frozen=True, eq=False)
class Marked:
    """What is in hand: its shape, its cells, and those of them that another area holds too."""

    shape: shapely.Geometry | None = None
    cells: tuple[shapely.Polygon, ...] = ()
    disputed: tuple[shapely.Polygon, ...] = ()


class PointTool(Tool):
    """A click says where; what is in hand is marked."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, pointed: Callable[[Place, float], object], shown: Callable[[], Marked]) -> None:
        self._pointed, self._shown = pointed, shown

    def click(self, place: QPointF, view: View) -> bool:
        self._pointed(view.to_plane(place.x(), place.y()), REACH_PX * view.m_per_px)
        return True

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        draw_marked(painter, self._shown(), view, style)


class CellsTool(PointTool):
    """A click gives a cell or takes it away; a box, drawn with Shift, all cells in it."""

    uses_shift = True

    def __init__(
        self,
        pointed: Callable[[Place, float], object],
        boxed: Callable[[shapely.Polygon], object],
        shown: Callable[[], Marked],
    ) -> None:
        super().__init__(pointed, shown)
        self._boxed = boxed
        self._band = Band()

    def press(self, place: QPointF, view: View) -> bool:
        if self.with_shift:
            self._band.begin(place)
        return self.with_shift

    def move(self, place: QPointF, view: View) -> bool:
        return self._band.reach(place)

    def release(self, place: QPointF, view: View) -> bool:
        box = self._band.end(place)
        if box is None:
            return False
        if max(box.width(), box.height()) < BOX_FROM_PX:
            return self.click(place, view)
        west, north = view.to_plane(box.left(), box.top())
        east, south = view.to_plane(box.right(), box.bottom())
        self._boxed(shapely.box(west, south, east, north))
        return True

    def back(self) -> bool:
        return self._band.drop()

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        super().paint(painter, view, style)
        self._band.paint(painter, style)


class OutlineTool(SplitTool):
    """Corners by click; double click or Enter ends the polygon or the line, Esc takes it back."""

    def __init__(
        self,
        least: int,
        judge: Callable[[Corners, float], tuple[Corners, Verdict]],
        drawn: Callable[[Corners], object],
        shown: Callable[[], Marked],
    ) -> None:
        super().__init__(judge, drawn)
        self._least, self._shown = least, shown
        self._m_per_px = 0.0  # of the latest look: corners are judged at the end as they were shown

    def finish(self) -> bool:
        """End it; one that is refused or has too few corners goes on."""
        corners, verdict = self._judge(tuple(dict.fromkeys(self._fixed)), self._m_per_px)
        if len(corners) < self._least or verdict.refused:
            return bool(self._fixed)
        self.back()
        self._drawn(corners)
        return True

    def _look(self, corners: Corners, view: View) -> None:
        self._m_per_px = view.m_per_px
        super()._look(corners, view)

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        if not self._fixed:
            draw_marked(painter, self._shown(), view, style)
        super().paint(painter, view, style)


def draw_marked(painter: QPainter, marked: Marked, view: View, style: Style) -> None:
    """The area's cells tinted, disputed ones in the colour of an alarm, its outline or line strong."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    palette = style.palette
    for shapes, colour, share in (
        (marked.cells, palette.focus, 0.16),
        (marked.disputed, palette.alarm, 0.30),
    ):
        painter.setPen(QPen(ink(colour, 0.6), 1.0))
        painter.setBrush(ink(colour, share))
        painter.drawPath(_areas(shapes, view))
    if marked.shape is None:
        return
    painter.setBrush(ink(palette.focus, 0.0 if marked.cells else 0.12))
    painter.setPen(QPen(ink(palette.focus), 3.0, j=Qt.PenJoinStyle.RoundJoin, c=Qt.PenCapStyle.RoundCap))
    _draw_shape(painter, marked.shape, view)


def _draw_shape(painter: QPainter, shape: shapely.Geometry, view: View) -> None:
    """Polygons with the brush and pen that are set, lines with the pen."""
    parts = shapely.get_parts(shape)
    painter.drawPath(_areas([part for part in parts if part.geom_type == "Polygon"], view))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in (part for part in parts if part.geom_type == "LineString"):
        painter.drawPolyline(_on_screen(shapely.get_coordinates(line), view))


def _areas(polygons: Sequence[shapely.Polygon], view: View) -> QPainterPath:
    """Polygons with their holes as one path."""
    path = QPainterPath()
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            path.addPolygon(_on_screen(shapely.get_coordinates(ring), view))
            path.closeSubpath()
    return path


def _on_screen(xy: np.ndarray, view: View) -> QPolygonF:
    px, py = view.to_screen(*xy.T)
    return QPolygonF([QPointF(x, y) for x, y in zip(px.tolist(), py.tolist(), strict=True)])
