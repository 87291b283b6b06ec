"""Requests and answers: the newest wins, what is unchanged is not drawn again, every thread ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import ClassVar

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from desktop.map.canvas import MapCanvas
from desktop.map.composition import Composition
from desktop.map.frame import Frame
from desktop.map.lane import Lane
from desktop.map.layer import LayerBase, Sheet
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from desktop.map.renderer import Rendered, Renderer, RenderRequest
from desktop.map.stack import SheetStack
from desktop.map.style import Style, premultiplied
from desktop.map.view import View
from kernel.errors import Cancelled

VIEW = View(0.0, 0.0, 1.0, 200, 150)


@dataclass(frozen=True, eq=False)
class Gate(LayerBase):
    """A layer whose drawing waits until the test lets it go, and counts itself."""

    colour: str = "#ff0000"
    opened: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    drawn: list[View] = field(default_factory=list)
    stopped: list[View] = field(default_factory=list)
    key: str = "gate"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.POINTS,)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        self.begun.set()
        while not self.opened.wait(0.002):
            try:
                frame.check()
            except Cancelled:
                self.stopped.append(frame.view)
                raise
        self.drawn.append(frame.view)
        frame.pixels.fill(premultiplied(self.colour))


def opened(**words: object) -> Gate:
    gate = Gate(**words)
    gate.opened.set()
    return gate


@pytest.fixture
def answers(fonts: object):
    renderer, found = Renderer(), []
    renderer.rendered.connect(found.append)
    yield renderer, found
    renderer.close()


def wait_for(ready: Callable[[], bool], timeout_ms: int = 5_000) -> None:
    loop, tick, end = QEventLoop(), QTimer(interval=2), QTimer(singleShot=True, interval=timeout_ms)
    tick.timeout.connect(lambda: loop.quit() if ready() else None)
    end.timeout.connect(loop.quit)
    tick.start()
    end.start()
    loop.exec()
    assert ready()


def request(number: int, view: View, *layers: LayerBase) -> RenderRequest:
    return RenderRequest(number, view, tuple(layers), Style())


def test_that_of_ten_requests_before_the_first_answer_the_newest_wins(answers: tuple) -> None:
    renderer, found = answers
    gate = Gate()
    renderer.submit(request(1, VIEW, gate))
    assert gate.begun.wait(5)
    for number in range(2, 11):
        renderer.submit(request(number, VIEW.moved(20.0 * number, 0.0), gate))
    gate.opened.set()
    wait_for(lambda: bool(found) and found[-1].id == 10)
    assert {answer.id for answer in found} <= {
        1,
        10,
    }  # the first may just have been ready; of the rest only the last
    assert gate.drawn[-1] == VIEW.moved(200.0, 0.0) and len(gate.drawn) <= 2


def test_that_a_drawing_of_no_use_any_more_is_released(answers: tuple) -> None:
    renderer, found = answers
    gate = Gate()
    renderer.submit(request(1, VIEW, gate))
    assert gate.begun.wait(5)
    renderer.submit(request(2, VIEW.zoomed(2.0, 0, 0), opened()))
    wait_for(lambda: len(found) == 2)
    assert gate.stopped == [VIEW] and found[0].picture is None and found[1].id == 2


def test_that_a_drawing_that_still_serves_is_finished_first(answers: tuple) -> None:
    renderer, found = answers
    gate = Gate()
    renderer.submit(request(1, VIEW, gate))
    assert gate.begun.wait(5)
    renderer.submit(request(2, VIEW.moved(10.0, 0.0), gate))
    gate.opened.set()
    wait_for(lambda: len(found) == 2)
    assert [answer.picture is not None for answer in found] == [True, True]


def test_that_closing_stops_a_drawing_and_ends_the_thread(fonts: object) -> None:
    renderer, gate = Renderer(), Gate()
    renderer.submit(request(1, VIEW, gate))
    assert gate.begun.wait(5)
    renderer.close()
    assert gate.stopped == [VIEW]
    assert not [thread for thread in threading.enumerate() if thread.name == "wangrid-map"]
    renderer.submit(request(2, VIEW, gate))
    assert not renderer.open


def test_that_only_the_sheet_of_a_changed_layer_is_drawn_again(fonts: object) -> None:
    stack = SheetStack()
    still, before, after = opened(), opened(colour="#00ff00"), opened(colour="#0000ff")
    ground = _OnGround(drawn=[])
    for number, points in enumerate((before, before, after), start=1):
        picture = stack.render(request(number, VIEW, ground, points))
    assert len(ground.drawn) == 1 and len(before.drawn) == 1 and len(after.drawn) == 1
    assert picture.image.pixelColor(5, 5).name() == "#0000ff"
    stack.render(replace(request(4, VIEW, ground, after), style=Style("dark")))
    assert len(ground.drawn) == 2 and not still.drawn


@dataclass(frozen=True, eq=False)
class _OnGround(LayerBase):
    drawn: list[View]
    key: str = "ground"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND,)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        self.drawn.append(frame.view)


def test_that_a_failing_layer_is_an_answer_too(answers: tuple, caplog: pytest.LogCaptureFixture) -> None:
    renderer, found = answers

    class Broken(Gate):
        def draw(self, sheet: Sheet, frame: Frame) -> None:
            raise ZeroDivisionError("in the drawing")

    renderer.submit(request(1, VIEW, Broken()))
    wait_for(lambda: bool(found))
    assert isinstance(found[0].failure, ZeroDivisionError)
    renderer.submit(request(2, VIEW, opened()))
    wait_for(lambda: len(found) == 2)
    assert found[1].picture is not None


def picture(number: int, view: View, theme: str = "light") -> Rendered:
    asked = replace(request(number, view, opened()), style=Style(theme))
    return Rendered(number, view, SheetStack().render(asked))


def test_that_a_late_picture_is_dropped(fonts: object) -> None:
    shown, first, second = Composition(), picture(1, VIEW), picture(2, VIEW)
    assert shown.take(second) == []
    assert shown.take(first) == [first]


def test_that_a_coarser_picture_stays_behind_until_the_theme_changes(fonts: object) -> None:
    shown = Composition()
    coarse, fine, finer = picture(1, VIEW), picture(2, VIEW.zoomed(2, 0, 0)), picture(3, VIEW.zoomed(4, 0, 0))
    assert shown.take(coarse) == [] and shown.take(fine) == []
    assert shown.take(finer) == [fine]
    dark = picture(4, VIEW.zoomed(4, 0, 0), "dark")
    assert set(shown.take(dark)) == {finer, coarse}


def test_that_a_hidden_layer_is_neither_drawn_nor_picked(canvas: MapCanvas, city: SimpleNamespace) -> None:
    cells = replace(CellsLayer(city.cells), visible=False)
    canvas.set_layers([cells, ComponentsLayer(city.components, city.catalogue)])
    canvas.fly_to(448_000, 4_418_000, 449_000, 4_418_800)
    assert canvas.wait_until_idle()
    assert "cells" not in canvas.visible_counts()
    assert canvas.pick_at(*canvas.view.to_screen(448_055.0, 4_418_055.0)) is None


def test_that_the_window_is_never_blocked_while_a_picture_is_made(canvas: MapCanvas) -> None:
    gate = Gate()
    canvas.set_layers([gate])
    assert gate.begun.wait(5)
    assert not canvas.wait_until_idle(50)
    ticks: list[int] = []
    timer = QTimer(interval=1)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start()
    wait_for(lambda: len(ticks) > 20)
    gate.opened.set()
    assert canvas.wait_until_idle()


def test_that_a_lane_takes_the_newest_order_and_ends() -> None:
    done, first, go = [], threading.Event(), threading.Event()

    def work(order: int, check: Callable[[], None]) -> None:
        first.set()
        go.wait(5)
        done.append(order)

    lane: Lane[int] = Lane("wangrid-test", work, lambda newer, older: False)
    lane.submit(1)
    assert first.wait(5)
    for order in (2, 3, 4):
        lane.submit(order)
    go.set()
    for _ in range(1000):
        if not lane.busy:
            break
        threading.Event().wait(0.002)
    lane.close()
    assert done == [1, 4]
