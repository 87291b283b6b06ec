"""The map on the screen: it shows the newest picture, moves it while the next is made, and speaks to the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.look import load_fonts
from desktop.map.asking import Asking, Feeds
from desktop.map.furniture import Margins, draw_credit, draw_focus, draw_scale_bar
from desktop.map.layer import Layer, Pick
from desktop.map.motion import Glide
from desktop.map.navigation import Navigation
from desktop.map.style import Style
from desktop.map.tools import PAN, Tool, make_tool
from desktop.map.view import Extent, View
from resources.texts import words

SETTLE_MS: Final = 60  # after a movement has stopped for this long the picture is centred again
PICK_RADIUS_PX: Final = 8
KEYBOARD_REASONS: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class MapCanvas(QWidget):
    """One map. Layers are given in drawing order; a layer whose object is unchanged is not drawn again."""

    view_changed = Signal(object)  # View
    cursor_moved = Signal(float, float)  # plane coordinates
    picked = Signal(object)  # Pick, or None for empty ground
    hovered = Signal(object)  # Pick or None under the resting pointer
    frame_ready = Signal()
    measured = Signal(object)  # Measurement
    failed = Signal(object)  # the exception a drawing ended with

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        load_fonts()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._layers: tuple[Layer, ...] = ()
        self._selected: tuple[tuple[str, str], ...] = ()
        self._style = Style()
        self._credit = ""
        self._scale_bar = True
        self._by_keyboard = False
        self._view = View(
            0.0, 0.0, 1.0, max(self.width(), 1), max(self.height(), 1), self.devicePixelRatioF()
        )
        self._covered: Margins = (0, 0, 0, 0)
        self._fitted: Extent | None = (
            None  # shown whole until someone moves: a new size or panel fits it anew
        )
        self._lent: Tool | None = None
        self.tool: Tool = make_tool(PAN, self._look_into, self.measured.emit)
        self._glide = Glide(self._show_step, self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._request)
        self._navigation = Navigation(self)
        self._asking, self._feeds = Asking(self), Feeds(self)
        self._asking.shown.connect(self._show)
        self._asking.failed.connect(self.failed)
        self._feeds.arrived.connect(self._refresh)
        self.setCursor(self.tool.cursor)
        self.set_language(self._style.language)

    # -- what pages say ------------------------------------------------------------------------------------------
    @property
    def view(self) -> View:
        """Where the map looks now."""
        return self._view

    @property
    def target(self) -> View:
        """Where a movement under way leads; at rest, the view."""
        return self._glide.end or self._view

    @property
    def waiting(self) -> bool:
        """Whether the picture of what was last asked for is still to come."""
        return self._asking.waiting

    @property
    def layers(self) -> tuple[Layer, ...]:
        """In drawing order."""
        return self._layers

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Show these, the first lowest."""
        self._feeds.listen(layers)
        self._layers = tuple(layers)
        self._request()

    def put(self, layer: Layer) -> None:
        """Replace the layer of the same key, or lay it on top."""
        if any(old.key == layer.key for old in self._layers):
            self.set_layers([layer if old.key == layer.key else old for old in self._layers])
        else:
            self.set_layers([*self._layers, layer])

    def layer(self, key: str) -> Layer | None:
        """The layer with that key."""
        return next((layer for layer in self._layers if layer.key == key), None)

    def set_theme(self, theme: str) -> None:
        """`light` or `dark`."""
        self._style = replace(self._style, theme=theme)
        self._request()
        self.update()

    def set_language(self, lang: str) -> None:
        """`zh_CN` or `en`."""
        self._style = replace(self._style, language=lang)
        self.setAccessibleName(words(lang, "Map"))
        self.setAccessibleDescription(
            words(lang, "Arrow keys move the map, + and − change the scale, Home shows everything.")
        )
        self._request()

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Edges that floating panels cover, in logical pixels: nothing is named, marked or centred there."""
        self._covered = (left, top, right, bottom)
        self._fit_again()
        self._request()
        self.update()

    def set_credit(self, text: str) -> None:
        """Whose data this is, lower right; the demo city says that it is synthetic."""
        self._credit = text
        self.update()

    def set_scale_bar(self, shown: bool) -> None:
        """A small map inside a page may do without."""
        self._scale_bar = shown
        self.update()

    def set_view(self, view: View) -> None:
        """Look there at once; the window's own size is kept."""
        self._glide.stop()
        self._fitted = None
        self._show_step(view)

    def glide(self, view: View) -> None:
        """Move there smoothly; the picture of the end is asked for at once."""
        self._fitted = None
        end = self._own(view).snapped()
        self._glide.start(self._view, end)
        self._request()

    def fly_to(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        """Show an extent whole, in what the margins leave free."""
        self.set_view(self._view.fitted((xmin, ymin, xmax, ymax), self._covered))
        self._fitted = (xmin, ymin, xmax, ymax)

    def centre_on(self, x: float, y: float, scale_denominator: float | None = None) -> None:
        """Put a place into the middle of what the margins leave free."""
        view = self._view if scale_denominator is None else self._view.at_scale(scale_denominator)
        self.set_view(view.centred_on(x, y, self._covered))

    def zoom(self, factor: float) -> None:
        """Closer (> 1) or farther about the middle."""
        self.set_view(self.target.zoomed(factor, self.width() / 2.0, self.height() / 2.0))

    def home(self) -> None:
        """Show everything."""
        extent = extent_of(self._layers)
        if extent is not None:
            self.fly_to(*extent)

    def select(self, kind: str, key: str) -> None:
        """Mark one thing, and the cell it stands in; an empty key marks nothing."""
        self._selected = ((kind, key),) if key else ()
        self._request()

    def set_tool(self, tool: str) -> None:
        """One of `desktop.map.tools.TOOLS`. Raises `ValueError` for another word."""
        self.take_tool(make_tool(tool, self._look_into, self.measured.emit))

    def take_tool(self, tool: Tool) -> None:
        """Put any tool into the hand, a page's own too."""
        self.tool, self._lent = tool, None
        self.setCursor(self.tool.cursor)
        self.update()

    def borrow_tool(self, tool: str) -> None:
        """Use a tool for one press."""
        lender = self.tool
        self.set_tool(tool)
        self._lent = lender

    def return_tool(self) -> None:
        """Take back the tool that was in hand before `borrow_tool`."""
        if self._lent is not None:
            self.take_tool(self._lent)

    def visible_counts(self) -> dict[str, int]:
        """How many things of the shown layers lie in view, by class code or kind."""
        counts: dict[str, int] = {}
        for layer in self._layers:
            if layer.visible:
                counts.update(layer.counts(self._view))
        return counts

    def pick_at(self, px: float, py: float) -> Pick | None:
        """What lies under a point of the screen: symbol, then line or area, then cell."""
        x, y = self._view.to_plane(px, py)
        for layer in sorted(self._layers, key=lambda layer: layer.pick_rank):
            if layer.visible:
                pick = layer.pick(x, y, PICK_RADIUS_PX * self._view.m_per_px, self._view)
                if pick is not None:
                    return pick
        return None

    def wait_until_idle(self, timeout_ms: int = 10_000) -> bool:
        """Serve events until nothing moves and the picture of the last request is shown; False when time ran out."""
        until = monotonic() + timeout_ms / 1000.0
        while True:
            rested = (
                not self._busy
            )  # asked before the events are served: who rested then has posted its answer
            QCoreApplication.processEvents()
            if rested and not self._busy:
                return True
            if monotonic() >= until:
                return False
            loop = QEventLoop()
            QTimer.singleShot(8, loop.quit)
            loop.exec()

    def picture(self) -> QImage:
        """The map as it is on the screen, once idle."""
        self.wait_until_idle()
        return self.grab().toImage()

    def shut_down(self) -> None:
        """End the worker; the last picture stays. A window calls it before it closes."""
        self._glide.stop()
        self._settle.stop()
        self._asking.close()

    def tell_cursor(self, place: QPointF) -> None:
        """Say where on the plane the pointer is."""
        self.cursor_moved.emit(*self._view.to_plane(place.x(), place.y()))

    # -- asking and showing --------------------------------------------------------------------------------------
    @property
    def _busy(self) -> bool:
        moving = self._settle.isActive() or self._glide.end is not None
        return moving or self._asking.waiting or self._feeds.busy

    def _refresh(self) -> None:
        self.set_layers([layer if layer.feed is None else layer.refreshed() for layer in self._layers])

    def _own(self, view: View) -> View:
        return replace(view, width=self._view.width, height=self._view.height, dpr=self._view.dpr)

    def _show_step(self, view: View) -> None:
        view = self._own(view) if self._glide.end is not None else self._own(view).snapped()
        if view == self._view:
            return
        self._view = view
        self.view_changed.emit(view)
        if self._glide.end is None:
            if self._asking.covers(view):
                self._settle.start()
            else:
                self._request()
        self.update()

    def _request(self) -> None:
        self._settle.stop()
        self._asking.ask(self.target, self._layers, self._style, self._covered, self._selected)

    def _show(self) -> None:
        self.update()
        self.frame_ready.emit()

    def _look_into(self, box: QRectF) -> None:
        x0, y0 = self._view.to_plane(box.left(), box.bottom())
        x1, y1 = self._view.to_plane(box.right(), box.top())
        self.glide(self._view.fitted((x0, y0, x1, y1)))

    # -- Qt ------------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._asking.composition.paint(painter, self._view, self._style)
        self.tool.paint(painter, self._view, self._style)
        if self._scale_bar:
            draw_scale_bar(painter, self._view, self._style, self._covered)
        draw_credit(painter, self._view, self._style, self._covered, self._credit)
        if self._by_keyboard:
            draw_focus(painter, self._view, self._style)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in KEYBOARD_REASONS
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = False
        self.update()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resized()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized()
        return super().event(event)

    def _resized(self) -> None:
        self._glide.stop()
        width, height = max(self.width(), 1), max(self.height(), 1)
        self._view = replace(self._view, width=width, height=height, dpr=self.devicePixelRatioF()).snapped()
        self.view_changed.emit(self._view)
        self._fit_again()
        self._request()

    def _fit_again(self) -> None:
        if self._fitted is not None:
            self.fly_to(*self._fitted)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        super().closeEvent(event)


def extent_of(layers: Sequence[Layer]) -> Extent | None:
    """What the city covers: its cells; where there are none, what all layers cover together."""
    grid = [layer for layer in layers if layer.key == "cells"]
    extents = [layer.extent for layer in grid if layer.extent is not None]
    extents = extents or [layer.extent for layer in layers if layer.extent is not None]
    if not extents:
        return None
    return (
        min(e[0] for e in extents), min(e[1] for e in extents),
        max(e[2] for e in extents), max(e[3] for e in extents),
    )  # fmt: skip
