"""Between the canvas and the renderer: what to ask for, which answer is the newest, whether more is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from desktop.map.composition import Composition
from desktop.map.furniture import Margins
from desktop.map.layer import Layer
from desktop.map.layers.selection import SelectionLayer, located_together
from desktop.map.renderer import Rendered, Renderer, RenderRequest
from desktop.map.style import Style
from desktop.map.tiles.feed import Feed
from desktop.map.view import View

OVERSCAN_PX: Final = 120  # drawn beyond each edge, so that a drag shows no blank
SPARE_PX: Final = 48  # with less than this left of it the next picture is asked for while the drag goes on


class Asking(QObject):
    """Asks for pictures and keeps the newest answer in `composition`."""

    shown = Signal()  # a newer picture
    failed = Signal(object)  # the exception a drawing ended with

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.composition = Composition()
        self._asked: RenderRequest | None = None
        self._answered = 0
        self._numbers = count(1)
        self._renderer = Renderer()
        self._renderer.rendered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._renderer.close)

    @property
    def waiting(self) -> bool:
        """Whether the last request has no answer yet."""
        return self._asked is not None and self._answered < self._asked.id

    def covers(self, view: View) -> bool:
        """Whether what was asked for last reaches well beyond the edges of `view`."""
        return self._asked is not None and self._asked.view.covers(view.widened(SPARE_PX))

    def ask(
        self,
        view: View,
        layers: Sequence[Layer],
        style: Style,
        covered: Margins,
        selected: Sequence[tuple[str, str]],
    ) -> None:
        """Ask for the picture of `view` and its surroundings, unless that was just asked for."""
        if view.width < 2 or view.height < 2 or not self._renderer.open:
            return
        left, top, right, bottom = covered
        edges = (left + OVERSCAN_PX, top + OVERSCAN_PX, right + OVERSCAN_PX, bottom + OVERSCAN_PX)
        whole = (*layers, *self._selection(layers, selected, edges))
        if self._asked is None and not whole:
            return  # the bare ground needs no picture
        request = RenderRequest(next(self._numbers), view.widened(OVERSCAN_PX), whole, style, edges)
        if self._asked is None or replace(request, id=self._asked.id) != self._asked:
            self._asked = request
            self._renderer.submit(request)

    def close(self) -> None:
        """End the worker; the last picture stays."""
        self._renderer.close()

    def _selection(
        self, layers: Sequence[Layer], selected: Sequence[tuple[str, str]], covered: Margins
    ) -> tuple[Layer, ...]:
        located = located_together(layers, selected)
        last = self._asked.layers[-1] if self._asked is not None and self._asked.layers else None
        if isinstance(last, SelectionLayer) and last.shows(located, covered):
            return (last,)
        return (SelectionLayer(located, covered),) if located else ()

    def _take(self, rendered: Rendered) -> None:
        self._answered = max(self._answered, rendered.id)
        if rendered.failure is not None:
            self.failed.emit(rendered.failure)
        free = self.composition.take(rendered)
        for picture in free:
            self._renderer.recycle(picture)
        if rendered not in free:
            self.shown.emit()


class Feeds(QObject):
    """Listens to the feeds of the layers now shown."""

    arrived = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._heard: set[Feed] = set()

    @property
    def busy(self) -> bool:
        """Whether a feed still fetches."""
        return any(feed.busy for feed in self._heard)

    def listen(self, layers: Sequence[Layer]) -> None:
        """Hear the feeds of `layers`, and no others."""
        feeds = {layer.feed for layer in layers if layer.feed is not None}
        for feed in self._heard - feeds:
            feed.arrived.disconnect(self.arrived)
        for feed in feeds - self._heard:
            feed.arrived.connect(self.arrived, Qt.ConnectionType.QueuedConnection)
        self._heard = feeds
