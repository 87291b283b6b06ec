"""Mouse, wheel, touch and keys: what a person does to the map, told to the canvas as movements, picks and clicks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from desktop.map.tools import BOX

if TYPE_CHECKING:
    from desktop.map.canvas import MapCanvas

WHEEL_FACTOR: Final = 1.35  # one notch
STEP_PX: Final = 96.0  # one arrow key
CLICK_PX: Final = 4.0  # a press that moves less is a click
HOVER_MS: Final = 40

_ARROWS: Final = {
    Qt.Key.Key_Left: (1.0, 0.0),
    Qt.Key.Key_Right: (-1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_CLOSER: Final = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_PageUp)
_FARTHER: Final = (Qt.Key.Key_Minus, Qt.Key.Key_PageDown)


class Navigation(QObject):
    """An event filter on the canvas. What a tool uses, neither pans nor picks."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._used = False
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(HOVER_MS)
        self._hover.timeout.connect(self._look_under_pointer)
        canvas.grabGesture(Qt.GestureType.PinchGesture)
        canvas.installEventFilter(self)
        self._handlers = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.MouseButtonDblClick: self._double_click,
            QEvent.Type.Wheel: self._wheel,
            QEvent.Type.KeyPress: self._key,
            QEvent.Type.Gesture: self._gesture,
            QEvent.Type.NativeGesture: self._native_gesture,
        }

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle what concerns the map; True ends the event."""
        handler = self._handlers.get(event.type())
        return handler is not None and bool(handler(event))

    # -- mouse ---------------------------------------------------------------------------------------------------
    def _press(self, event: QMouseEvent) -> bool:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return False
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        place = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if left and shift and not self._canvas.tool.uses_shift:
            self._canvas.borrow_tool(BOX)
        self._canvas.tool.with_shift = shift
        self._pressed = self._last = place
        self._dragging = False
        self._used = left and self._canvas.tool.press(place, self._canvas.view)
        self._canvas.update()
        return True

    def _move(self, event: QMouseEvent) -> bool:
        place = event.position()
        self._canvas.tell_cursor(place)
        if self._pressed is None:
            if self._canvas.tool.move(place, self._canvas.view):
                self._canvas.update()
            else:
                self._last = place
                self._hover.start()
            return True
        travelled = place - self._pressed
        self._dragging = self._dragging or math.hypot(travelled.x(), travelled.y()) >= CLICK_PX
        if self._used:
            self._canvas.tool.move(place, self._canvas.view)
            self._canvas.update()
        elif self._dragging:
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._canvas.set_view(
                self._canvas.view.moved(place.x() - self._last.x(), place.y() - self._last.y())
            )
            self._last = place
        return True

    def _release(self, event: QMouseEvent) -> bool:
        if self._pressed is None:
            return False
        place, canvas = event.position(), self._canvas
        self._pressed = None
        if self._dragging or self._used:
            canvas.tool.release(place, canvas.view)
        elif event.button() == Qt.MouseButton.LeftButton and not canvas.tool.click(place, canvas.view):
            canvas.picked.emit(canvas.pick_at(place.x(), place.y()))
        canvas.return_tool()
        canvas.setCursor(canvas.tool.cursor)
        canvas.update()
        return True

    def _double_click(self, event: QMouseEvent) -> bool:
        place = event.position()
        if not self._canvas.tool.finish():
            self._canvas.glide(self._canvas.target.zoomed(2.0, place.x(), place.y()))
        self._canvas.update()
        return True

    def _look_under_pointer(self) -> None:
        under = self._canvas.pick_at(self._last.x(), self._last.y())
        mark = under is not None and under.kind != "cell"
        self._canvas.setCursor(Qt.CursorShape.PointingHandCursor if mark else self._canvas.tool.cursor)
        self._canvas.hovered.emit(under)

    # -- wheel and touch -----------------------------------------------------------------------------------------
    def _wheel(self, event: QWheelEvent) -> bool:
        place, canvas = event.position(), self._canvas
        notches = event.angleDelta().y() / 120.0
        if notches:
            canvas.glide(canvas.target.zoomed(WHEEL_FACTOR**notches, place.x(), place.y()))
        return True

    def _gesture(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        canvas, middle = self._canvas, pinch.centerPoint()
        shift = middle - pinch.lastCenterPoint()
        place = canvas.mapFromGlobal(middle)
        moved = canvas.view.moved(shift.x(), shift.y())
        canvas.set_view(moved.zoomed(pinch.scaleFactor(), place.x(), place.y()))
        return True

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        place = event.position()
        self._canvas.set_view(self._canvas.view.zoomed(1.0 + event.value(), place.x(), place.y()))
        return True

    # -- keys ----------------------------------------------------------------------------------------------------
    def _key(self, event: QKeyEvent) -> bool:
        key, canvas = Qt.Key(event.key()), self._canvas
        if key in _ARROWS:
            step = STEP_PX * (4.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
            dx, dy = _ARROWS[key]
            canvas.glide(canvas.target.moved(dx * step, dy * step))
        elif key in _CLOSER or key in _FARTHER:
            factor = WHEEL_FACTOR if key in _CLOSER else 1.0 / WHEEL_FACTOR
            canvas.glide(canvas.target.zoomed(factor, canvas.width() / 2.0, canvas.height() / 2.0))
        elif key == Qt.Key.Key_Home:
            canvas.home()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not canvas.tool.finish():
                canvas.picked.emit(canvas.pick_at(canvas.width() / 2.0, canvas.height() / 2.0))
        elif key not in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace) or not canvas.tool.back():
            return False
        canvas.update()
        return True
