"""Mending findings on the grid page: the fix is shown, applied when wished, and taken back with Ctrl Z."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from pytestqt.qtbot import QtBot

from data import store as stores
from desktop.app import settle
from desktop.pages.grid.grid_mending import ShownTool
from desktop.pages.grid.grid_page import GridPage
from desktop.pages.grid.grid_panels import ChecksPanel
from desktop.window import Window
from tests.desktop.conftest import SIDE_M, SOUTH, WEST, cell_code, small_grid

Opener = Callable[..., Window]
NARROWED = cell_code(1, 2)
SHORT_M = 0.4


@pytest.fixture
def page(open_window: Opener, city_file: Path) -> GridPage:
    """The grid page of the small city, with one cell drawn 0.4 m short of its neighbour."""
    grid = small_grid()
    at = int((grid["code"] == NARROWED).to_numpy().argmax())
    west, south, east, north = grid.geometry.iloc[at].bounds
    grid.loc[at, "geometry"] = shapely.box(west, south, east - SHORT_M, north)
    grid["area_m2"] = grid.geometry.area
    with stores.open(city_file, actor="surveyor") as store:
        store.replace_grid(grid)
    window = open_window(city_file, page="grid", size=(1600, 1000))
    assert isinstance(window.page, GridPage)
    assert settle(window, 30_000)
    return window.page


def look(qtbot: QtBot, page: GridPage, rule: str) -> None:
    """Choose the first finding of a rule and ask for its fix."""
    qtbot.waitUntil(lambda: page.checks.kinds.row_of(rule) >= 0 and len(page.findings) > 0, timeout=30_000)
    page.checks.kind_list.choose(page.checks.kinds.row_of(rule))
    page.checks.mend_button.click()
    qtbot.waitUntil(page.checks.mend_band.isVisible, timeout=30_000)


def area_of(page: GridPage, code: str) -> float:
    store = page.desk.state.store
    assert store is not None
    cells = store.load_cells()
    return float(cells.loc[cells["code"] == code, "area_m2"].iloc[0])


def test_that_a_fix_is_shown_then_done_and_taken_back(qtbot: QtBot, page: GridPage, tmp_path: Path) -> None:
    short = SIDE_M * (SIDE_M - SHORT_M)
    look(qtbot, page, "G3")
    tool = page.map.tool
    assert isinstance(tool, ShownTool) and len(tool.verdict.shapes) == 1
    assert "40.00" in page.checks.mend_band.said.text() and "9,960" in page.checks.mend_band.areas.text()
    assert area_of(page, NARROWED) == pytest.approx(short)
    if folder := os.environ.get("WANGRID_PICTURES"):
        settle(page.window(), 20_000)
        page.window().grab().save(str(Path(folder) / "grid-mending.png"))
    with qtbot.waitSignal(page.editing.done, timeout=30_000):
        page.checks.mend_band.apply_button.click()
    assert not page.checks.mend_band.isVisible() and not isinstance(page.map.tool, ShownTool)
    assert area_of(page, NARROWED) == pytest.approx(SIDE_M * SIDE_M)
    qtbot.waitUntil(lambda: "G3" not in set(page.findings.get("code", ())), timeout=30_000)
    qtbot.waitUntil(lambda: not page.editing._busy, timeout=20_000)
    window = page.window()
    assert isinstance(window, Window)
    with qtbot.waitSignal(page.editing.done, timeout=30_000):
        window.do("undo")
    assert area_of(page, NARROWED) == pytest.approx(short)


def test_that_nothing_can_be_mended_before_a_finding_and_after_the_last(qtbot: QtBot, page: GridPage) -> None:
    assert not ChecksPanel(page.desk).mend_button.isEnabled()
    qtbot.waitUntil(page.checks.mend_button.isEnabled, timeout=30_000)
    page.checks.show_findings(page.findings.iloc[:0])
    assert not page.checks.mend_button.isEnabled() and page.checks.mend_button.toolTip()


def test_that_a_fix_can_be_left(qtbot: QtBot, page: GridPage) -> None:
    look(qtbot, page, "G3")
    assert page.back()
    assert not page.checks.mend_band.isVisible() and not isinstance(page.map.tool, ShownTool)
    look(qtbot, page, "G3")
    page.checks.mend_band.leave_button.click()
    assert not page.checks.mend_band.isVisible()
    assert area_of(page, NARROWED) == pytest.approx(SIDE_M * (SIDE_M - SHORT_M))


def test_that_a_fix_for_a_finding_that_is_past_is_not_offered(qtbot: QtBot, page: GridPage) -> None:
    qtbot.waitUntil(lambda: len(page.findings) > 0, timeout=30_000)
    gone = page.findings.iloc[0].copy()
    gone["x"], gone["y"] = WEST + SIDE_M / 2, SOUTH + SIDE_M / 2
    page.mending.look(gone)
    qtbot.waitUntil(page.checks.mend_band.isVisible, timeout=30_000)
    assert not page.checks.mend_band.apply_button.isVisible()
