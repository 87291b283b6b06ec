"""What the left button does: drag the map, draw a box to look into, measure a length or an area.

A tool is told what happens at places of the screen and answers whether it used it; what it did not use pans or picks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.map.furniture import draw_box, draw_measurement
from desktop.map.measuring import AREA, LENGTH, Measurement
from desktop.map.style import Style
from desktop.map.view import View

PAN, BOX, MEASURE_LENGTH, MEASURE_AREA = "pan", "box", "measure_length", "measure_area"
TOOLS = (PAN, BOX, MEASURE_LENGTH, MEASURE_AREA)


class Tool:
    """The hand: uses nothing, so that everything pans and picks."""

    cursor = Qt.CursorShape.OpenHandCursor
    uses_shift = False  # else Shift lends the box for one press
    with_shift = False  # whether Shift was held at the last press

    def press(self, place: QPointF, view: View) -> bool:
        """The left button went down."""
        return False

    def move(self, place: QPointF, view: View) -> bool:
        """The pointer moved, with or without a button."""
        return False

    def click(self, place: QPointF, view: View) -> bool:
        """The button came up where it went down."""
        return False

    def release(self, place: QPointF, view: View) -> bool:
        """The button came up after a drag."""
        return False

    def finish(self) -> bool:
        """Double click or Enter."""
        return False

    def back(self) -> bool:
        """Esc, or Backspace: one step back."""
        return False

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        """Draw on the glass, in logical pixels."""


class Band:
    """A box that is drawn out from where the button went down."""

    def __init__(self) -> None:
        self._start: QPointF | None = None
        self._end = QPointF()

    def begin(self, place: QPointF) -> None:
        """The button went down."""
        self._start = self._end = place

    def reach(self, place: QPointF) -> bool:
        """The pointer moved; whether a box is being drawn."""
        self._end = place
        return self._start is not None

    def end(self, place: QPointF) -> QRectF | None:
        """The button came up: the box, None where none was drawn."""
        start, self._start = self._start, None
        return None if start is None else QRectF(start, place).normalized()

    def drop(self) -> bool:
        """Esc; whether a box was being drawn."""
        drawing, self._start = self._start is not None, None
        return drawing

    def paint(self, painter: QPainter, style: Style) -> None:
        """Draw it as far as it is."""
        if self._start is not None:
            draw_box(painter, QRectF(self._start, self._end).normalized(), style)


class BoxTool(Tool):
    """A rectangle to look into."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, chosen: Callable[[QRectF], object]) -> None:
        self._chosen = chosen
        self._band = Band()

    def press(self, place: QPointF, view: View) -> bool:
        self._band.begin(place)
        return True

    def move(self, place: QPointF, view: View) -> bool:
        return self._band.reach(place)

    def release(self, place: QPointF, view: View) -> bool:
        box = self._band.end(place)
        if box is not None and box.width() > 6.0 and box.height() > 6.0:
            self._chosen(box)
        return box is not None

    def back(self) -> bool:
        return self._band.drop()

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        self._band.paint(painter, style)


class PlaceTool(Tool):
    """A click names a place of the plane, dragging moves the map; Esc tells `on_back`, where there is one."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, on_place: Callable[[float, float], object], on_back: Callable[[], object] | None = None
    ) -> None:
        self._on_place, self._on_back = on_place, on_back

    def click(self, place: QPointF, view: View) -> bool:
        x, y = view.to_plane(place.x(), place.y())
        self._on_place(float(x), float(y))
        return True

    def back(self) -> bool:
        if self._on_back is not None:
            self._on_back()
        return self._on_back is not None


class MeasureTool(Tool):
    """Corners by click; the figure follows the pointer; double click or Enter ends, Esc takes everything back."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, kind: str, measured: Callable[[Measurement], object]) -> None:
        self._measured = measured
        self._kind = AREA if kind == MEASURE_AREA else LENGTH
        self._fixed: tuple[tuple[float, float], ...] = ()
        self._pointer: tuple[float, float] | None = None
        self._finished = False

    @property
    def measurement(self) -> Measurement:
        """What is measured now, the pointer included."""
        loose = () if self._finished or self._pointer is None or not self._fixed else (self._pointer,)
        return Measurement(self._kind, self._fixed + loose, self._finished)

    def click(self, place: QPointF, view: View) -> bool:
        if self._finished:
            self._fixed, self._finished = (), False
        self._fixed = (*self._fixed, view.to_plane(place.x(), place.y()))
        self._tell()
        return True

    def move(self, place: QPointF, view: View) -> bool:
        self._pointer = view.to_plane(place.x(), place.y())
        if self._fixed and not self._finished:
            self._tell()
        return bool(self._fixed)

    def finish(self) -> bool:
        least = 3 if self._kind == AREA else 2
        corners = tuple(dict.fromkeys(self._fixed))  # a double click sets its corner twice
        if len(corners) >= least and not self._finished:
            self._fixed, self._finished = corners, True
            self._tell()
            return True
        return False

    def back(self) -> bool:
        had, self._fixed, self._finished = bool(self._fixed), (), False
        if had:
            self._tell()
        return had

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        if self._fixed:
            draw_measurement(painter, self.measurement, view, style)

    def _tell(self) -> None:
        self._measured(replace(self.measurement))


def make_tool(
    name: str, chosen: Callable[[QRectF], object], measured: Callable[[Measurement], object]
) -> Tool:
    """The tool of that name. Raises `ValueError` for another word."""
    if name == PAN:
        return Tool()
    if name == BOX:
        return BoxTool(chosen)
    if name in (MEASURE_LENGTH, MEASURE_AREA):
        return MeasureTool(name, measured)
    raise ValueError(f"tool {name!r} is none of {TOOLS}")
