"""Tools that edit cells: choose several, draw the line of a split, drag a corner or a border that cells share.

A tool knows places, not rules: a page's `judge` says after every movement what would become of the cells, and the
tool shows it, in the colour of an alarm where a rule would break.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from desktop.map.style import Style, ink
from desktop.map.tools import Tool
from desktop.map.view import View
from resources import fonts
from resources.styles import SIZES

HANDLE_PX: Final = 4.0
CATCH_PX: Final = 9.0  # how far from a corner or border the pointer may be
WORDS_BELOW_PX: Final = 26.0

Place: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[Place, ...]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What an edit would make: the cells' areas, a word for each, and, where it is refused, why."""

    shapes: tuple[shapely.Polygon, ...] = ()
    words: tuple[str, ...] = ()
    refused: str = ""


class ChooseTool(Tool):
    """A click chooses a cell; with Shift one more, or one less."""

    cursor = Qt.CursorShape.ArrowCursor
    uses_shift = True

    def __init__(self, chosen: Callable[[Place, bool], object], shown: Callable[[], Verdict]) -> None:
        self._chosen, self._shown = chosen, shown

    def click(self, place: QPointF, view: View) -> bool:
        self._chosen(view.to_plane(place.x(), place.y()), self.with_shift)
        return True

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        draw_verdict(painter, self._shown(), view, style)


class SplitTool(Tool):
    """Corners by click; double click or Enter ends the line, Esc takes it back."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, judge: Callable[[Corners, float], tuple[Corners, Verdict]], drawn: Callable[[Corners], object]
    ) -> None:
        self._judge, self._drawn = judge, drawn
        self._fixed: Corners = ()
        self._line: Corners = ()
        self._verdict = Verdict()

    def click(self, place: QPointF, view: View) -> bool:
        self._fixed = (*self._fixed, view.to_plane(place.x(), place.y()))
        self._look(self._fixed, view)
        return True

    def move(self, place: QPointF, view: View) -> bool:
        if self._fixed:
            self._look((*self._fixed, view.to_plane(place.x(), place.y())), view)
        return bool(self._fixed)

    def finish(self) -> bool:
        corners = tuple(dict.fromkeys(self._fixed))  # a double click sets its corner twice
        if len(corners) < 2:
            return False
        self.back()
        self._drawn(corners)
        return True

    def back(self) -> bool:
        had, self._fixed, self._line, self._verdict = bool(self._fixed), (), (), Verdict()
        return had

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        draw_verdict(painter, self._verdict, view, style)
        draw_line(painter, self._line, view, style, alarmed=bool(self._verdict.refused))

    def _look(self, corners: Corners, view: View) -> None:
        self._line, self._verdict = self._judge(tuple(dict.fromkeys(corners)), view.m_per_px)


class ShapeTool(Tool):
    """A corner or a border is dragged; all cells that share it follow. What is refused springs back."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(
        self,
        catch: Callable[[Place, float], bool],
        judge: Callable[[Place], Verdict],
        dropped: Callable[[Place], object],
    ) -> None:
        self._catch, self._judge, self._dropped = catch, judge, dropped
        self._held = False
        self._at: Place = (0.0, 0.0)
        self._verdict = Verdict()

    def press(self, place: QPointF, view: View) -> bool:
        self._held = self._catch(view.to_plane(place.x(), place.y()), CATCH_PX * view.m_per_px)
        return self._held

    def move(self, place: QPointF, view: View) -> bool:
        if self._held:
            self._at = view.to_plane(place.x(), place.y())
            self._verdict = self._judge(self._at)
        return self._held

    def release(self, place: QPointF, view: View) -> bool:
        held, verdict = self._held, self._verdict
        self.back()
        if held and verdict.shapes and not verdict.refused:
            self._dropped(self._at)
        return held

    def back(self) -> bool:
        held, self._held, self._verdict = self._held, False, Verdict()
        return held

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        draw_verdict(painter, self._verdict, view, style)
        if self._held and self._verdict.shapes:
            draw_line(painter, (self._at,), view, style, alarmed=bool(self._verdict.refused))


def draw_verdict(painter: QPainter, verdict: Verdict, view: View, style: Style) -> None:
    """Areas with a word in each; the reason of a refusal under the first of them."""
    colour = style.palette.alarm if verdict.refused else style.palette.focus
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in verdict.shapes:
        painter.setPen(QPen(ink(colour), 2.0, j=Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(ink(colour, 0.12))
        painter.drawPolygon(_on_screen(shapely.get_coordinates(shape.exterior), view))
    for shape, words in zip(verdict.shapes, verdict.words, strict=False):
        middle = shape.representative_point()
        draw_words(painter, QPointF(*view.to_screen(middle.x, middle.y)), words, style, colour)
    if verdict.refused and verdict.shapes:
        _draw_reason(painter, verdict, view, style)


def _draw_reason(painter: QPainter, verdict: Verdict, view: View, style: Style) -> None:
    """Why not, under the cells or as low as there is room."""
    west, south, east, _ = shapely.total_bounds(np.array(verdict.shapes, dtype=object)).tolist()
    x, y = view.to_screen((west + east) / 2.0, south)
    middle = QPointF(x, min(max(y + WORDS_BELOW_PX, WORDS_BELOW_PX), view.height - WORDS_BELOW_PX))
    draw_words(painter, middle, verdict.refused, style, style.palette.alarm)


def draw_line(painter: QPainter, corners: Corners, view: View, style: Style, *, alarmed: bool) -> None:
    """The line that is drawn, with its corners."""
    if not corners:
        return
    colour = style.palette.alarm if alarmed else style.palette.focus
    places = _on_screen(np.array(corners), view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ground, width in ((style.palette.land, 4.5), (colour, 2.0)):
        painter.setPen(QPen(ink(ground), width, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(places)
    painter.setPen(QPen(ink(colour), 1.5))
    painter.setBrush(ink(style.palette.card))
    for place in places:
        painter.drawEllipse(place, HANDLE_PX, HANDLE_PX)


def draw_words(painter: QPainter, middle: QPointF, words: str, style: Style, colour: str) -> QRectF:
    """A chip with `words`, centred on `middle`, in `colour`; returns its box."""
    font = QFont(fonts.FAMILY)
    font.setPixelSize(round(SIZES.desk["body"]))
    size = SIZES.desk["body"]
    width = QFontMetricsF(font).horizontalAdvance(words) + size
    box = QRectF(middle.x() - width / 2.0, middle.y() - 0.8 * size, width, 1.6 * size)
    painter.setPen(QPen(ink(colour), 1.0))
    painter.setBrush(ink(style.palette.card, 0.94))
    painter.drawRoundedRect(box, 3.0, 3.0)
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.setPen(Qt.PenStyle.NoPen)
    return box


def _on_screen(xy: np.ndarray | Sequence[Place], view: View) -> QPolygonF:
    px, py = view.to_screen(*np.asarray(xy, float).reshape(-1, 2).T)
    return QPolygonF([QPointF(x, y) for x, y in zip(px.tolist(), py.tolist(), strict=True)])
