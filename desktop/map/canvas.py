"""The map on the screen: it shows the newest picture, moves it while the next is made, and speaks to the pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from time import monotonic

from PySide6.QtCore import QEventLoop, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.map.layer import Layer, Pick
from desktop.map.renderer import Margins, Rendered, Renderer, RenderRequest
from desktop.map.style import Style, ink
from desktop.map.view import Extent, View

OVERSCAN_PX = 160  # drawn beyond each edge, so that a drag shows no blank
PICK_RADIUS_PX = 8
TOOLS = ("pan", "box", "measure_length", "measure_area")


class MapCanvas(QWidget):
    """One map. Layers are given in drawing order; a layer whose object is unchanged is not drawn again."""

    view_changed = Signal(object)  # View
    cursor_moved = Signal(float, float)  # plane coordinates
    picked = Signal(object)  # Pick, or None for empty ground
    frame_ready = Signal()
    measured = Signal(object)  # Measurement
    failed = Signal(object)  # the exception a drawing ended with

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Map")
        self._layers: tuple[Layer, ...] = ()
        self._style = Style()
        self._view = View(0.0, 0.0, 1.0, max(self.width(), 1), max(self.height(), 1))
        self._covered: Margins = (0, 0, 0, 0)
        self._tool = "pan"
        self._shown: Rendered | None = None
        self._asked: tuple | None = None
        self._requested = 0
        self._answered = 0
        self._numbers = count(1)
        self._drag: QPointF | None = None
        self._renderer = Renderer(self)
        self._renderer.rendered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._renderer.close)

    # -- what pages say ------------------------------------------------------------------------------------------
    @property
    def view(self) -> View:
        """Where the map looks."""
        return self._view

    @property
    def layers(self) -> tuple[Layer, ...]:
        """In drawing order."""
        return self._layers

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Show these, the first lowest."""
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

    def set_language(self, lang: str) -> None:
        """`zh_CN` or `en`."""
        self._style = replace(self._style, language=lang)
        self._request()

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Edges that floating panels cover, in logical pixels: nothing is named or centred there."""
        self._covered = (left, top, right, bottom)
        self._request()

    def set_credit(self, text: str) -> None:
        """The © line of the data shown."""
        self._credit = text
        self.update()

    def set_view(self, view: View) -> None:
        """Look there; the window's own size is kept."""
        view = replace(view, width=self._view.width, height=self._view.height, dpr=self._view.dpr).snapped()
        if view != self._view:
            self._view = view
            self.view_changed.emit(view)
            self._request()
            self.update()

    def fly_to(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        """Show an extent whole, in what the margins leave free."""
        self.set_view(self._view.fitted((xmin, ymin, xmax, ymax), self._covered))

    def centre_on(self, x: float, y: float, scale_denominator: float | None = None) -> None:
        """Put a place into the middle of what the margins leave free."""
        view = self._view if scale_denominator is None else self._view.at_scale(scale_denominator)
        self.set_view(view.centred_on(x, y, self._covered))

    def zoom(self, factor: float) -> None:
        """Closer (> 1) or farther about the middle."""
        self.set_view(self._view.zoomed(factor, self.width() / 2.0, self.height() / 2.0))

    def home(self) -> None:
        """Show everything."""
        extent = extent_of(self._layers)
        if extent is not None:
            self.fly_to(*extent)

    def select(self, kind: str, key: str) -> None:
        """Mark one thing; an empty key marks nothing."""

    def set_tool(self, tool: str) -> None:
        """One of `TOOLS`."""
        if tool not in TOOLS:
            raise ValueError(f"tool {tool!r} is none of {TOOLS}")
        self._tool = tool

    def visible_counts(self) -> dict[str, int]:
        """How many things of the shown layers lie in view, by class code or kind."""
        counts: dict[str, int] = {}
        for layer in self._layers:
            counts.update(layer.counts(self._view))
        return counts

    def wait_until_idle(self, timeout_ms: int = 10_000) -> bool:
        """Serve events until the picture of the last request is shown; False when the time ran out."""
        until = monotonic() + timeout_ms / 1000.0
        loop = QEventLoop()
        self._renderer.rendered.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        while self._answered < self._requested and monotonic() < until:
            QTimer.singleShot(max(1, int((until - monotonic()) * 1000)), loop.quit)
            loop.exec()
        self._renderer.rendered.disconnect(loop.quit)
        return self._answered >= self._requested

    def picture(self) -> QImage:
        """The map as it is on the screen, once idle."""
        self.wait_until_idle()
        return self.grab().toImage()

    # -- drawing -------------------------------------------------------------------------------------------------
    def _request(self) -> None:
        asked = (self._view, self._layers, self._style, self._covered)
        if self._view.width < 2 or self._view.height < 2 or asked == self._asked:
            return
        self._asked = asked
        self._requested = next(self._numbers)
        covered = tuple(edge + OVERSCAN_PX for edge in self._covered)
        wide = self._view.widened(OVERSCAN_PX)
        self._renderer.submit(RenderRequest(self._requested, wide, self._layers, self._style, covered))

    def _take(self, rendered: Rendered) -> None:
        self._answered = max(self._answered, rendered.id)
        if rendered.failure is not None:
            self.failed.emit(rendered.failure)
        if rendered.image is None or (self._shown is not None and rendered.id < self._shown.id):
            return
        self._shown = rendered
        self.update()
        self.frame_ready.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._shown
        if shown is None or not shown.view.covers(self._view):
            painter.fillRect(self.rect(), ink(self._style.palette.land))
        if shown is not None and shown.image is not None:
            left, top = self._view.to_screen(shown.view.left, shown.view.top)
            ratio = shown.view.m_per_px / self._view.m_per_px
            painter.drawImage(
                QRectF(left, top, shown.view.width * ratio, shown.view.height * ratio), shown.image
            )
        painter.end()

    # -- the person ----------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        size = event.size()
        self._view = replace(
            self._view, width=max(size.width(), 1), height=max(size.height(), 1), dpr=self.devicePixelRatioF()
        ).snapped()
        self.view_changed.emit(self._view)
        self._request()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag = self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._drag is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.set_view(self._view.moved(place.x() - self._drag.x(), place.y() - self._drag.y()))
            self._drag = place
        self.cursor_moved.emit(*self._view.to_plane(place.x(), place.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        moved = event.position() - self._pressed
        if math.hypot(moved.x(), moved.y()) < 4:
            self.picked.emit(self.pick_at(event.position().x(), event.position().y()))
        self._drag = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = event.position()
        self.set_view(self._view.zoomed(1.2 ** (event.angleDelta().y() / 120.0), place.x(), place.y()))

    def pick_at(self, px: float, py: float) -> Pick | None:
        """What lies under a point of the screen: symbol, then line or area, then cell."""
        x, y = self._view.to_plane(px, py)
        for layer in sorted(self._layers, key=lambda layer: layer.pick_rank):
            if layer.visible:
                pick = layer.pick(x, y, PICK_RADIUS_PX * self._view.m_per_px, self._view)
                if pick is not None:
                    return pick
        return None

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End the worker; the last picture stays. A window calls it before it closes."""
        self._renderer.close()


def extent_of(layers: Sequence[Layer]) -> Extent | None:
    """What the layers cover together."""
    extents = [layer.extent for layer in layers if layer.extent is not None]
    if not extents:
        return None
    return (
        min(e[0] for e in extents), min(e[1] for e in extents),
        max(e[2] for e in extents), max(e[3] for e in extents),
    )  # fmt: skip
