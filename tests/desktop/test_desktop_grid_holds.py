"""A community is held while a tool works in it, and no longer: the real window on both engines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data import store as stores
from desktop.app import settle
from desktop.pages.grid.grid_page import GridPage
from desktop.window import Window
from tests.desktop.conftest import ACROSS, CRS, DOWN, SIDE_M, SOUTH, WEST, Opener, small_grid
from tests.desktop.test_desktop_grid_editing import LEFT, NONE, at, drag, take


@pytest.fixture(params=["embedded", "postgis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store with the grid of the small city."""
    if request.param == "embedded":
        return str(shutil.copy(request.getfixturevalue("small_city"), tmp_path / "city.wangrid"))
    url = str(request.getfixturevalue("fresh_postgis"))
    with stores.create(url, "2026", CRS, actor="surveyor") as store:
        store.replace_grid(small_grid())
    return url


def holding(qtbot: QtBot, open_window: Opener, place: str) -> Window:
    """A window in which a corner was touched, so that its communities are held."""
    window = open_window(place, page="grid", size=(1600, 1000))
    assert isinstance(window.page, GridPage)
    window.page.map.fly_to(WEST, SOUTH, WEST + ACROSS * SIDE_M, SOUTH + DOWN * SIDE_M)
    assert settle(window, 30_000)
    take(qtbot, window.page, "shape")
    drag(window.page, (100, 100), (104, 104), drop=False)
    window.page.map.tool.back()
    QTest.mouseRelease(window.page.map, LEFT, NONE, at(window.page, 104, 104))
    qtbot.waitUntil(lambda: held(place) == ["tester"], timeout=20_000)
    return window


def held(place: str) -> list[str]:
    with stores.open(place, actor="李工") as other:
        return other.load_holds()["holder"].tolist()


def test_that_a_hold_ends_with_the_page(qtbot: QtBot, place: str, open_window: Opener) -> None:
    window = holding(qtbot, open_window, place)
    window.go("map")
    qtbot.waitUntil(lambda: held(place) == [], timeout=20_000)


def test_that_a_hold_ends_with_the_tool(qtbot: QtBot, place: str, open_window: Opener) -> None:
    window = holding(qtbot, open_window, place)
    assert isinstance(window.page, GridPage)
    window.page.editing.put_down()
    qtbot.waitUntil(lambda: held(place) == [], timeout=20_000)


def test_that_a_hold_ends_with_the_window(qtbot: QtBot, place: str, open_window: Opener) -> None:
    holding(qtbot, open_window, place)
    open_window.close_all()
    assert held(place) == []


def test_that_a_hold_ends_when_another_store_is_opened(
    qtbot: QtBot, place: str, open_window: Opener, tmp_path: Path
) -> None:
    window = holding(qtbot, open_window, place)
    with qtbot.waitSignal(window.desk.state.opened, timeout=20_000):
        window.desk.state.open(str(tmp_path / "other.wangrid"))
    assert held(place) == []
    assert settle(window, 30_000)
