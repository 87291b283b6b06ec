"""Responsibility areas made on the map with mouse and keyboard: the real window, the real store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from data import store as stores
from desktop.app import settle
from desktop.models.areas import AreasDraft
from desktop.pages.map.map_page import MapPage
from desktop.window import Window
from gis.grid.responsibility import areas_frame, completed
from resources.responsibility import kinds
from tests.desktop.conftest import ACROSS, DOWN, SIDE_M, SOUTH, WEST, cell_code

Opener = Callable[..., Window]
GRIDS, CLEANING, ROADS = "responsibility_grid", "cleaning_area", "cleaning_road"
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
BOTTOM = [cell_code(column, DOWN - 1) for column in range(ACROSS)]


@pytest.fixture
def page(open_window: Opener, city_file: Path) -> MapPage:
    """The map of the small city, its whole grid in sight, the areas open on two grids of two cells each."""
    with stores.open(city_file) as store:
        cells = store.load_cells()
        columns = {"code": ["A", "B"], "name": ["East", "West"], "cell_codes": [BOTTOM[:2], BOTTOM[2:4]]}
        frame = completed(areas_frame(columns, 2, cells.crs), kinds()[GRIDS], cells)
        store.replace_responsibility_areas(GRIDS, frame)
    window = open_window(city_file, size=(1800, 1000))
    assert isinstance(window.page, MapPage)
    window.do("map.areas")
    window.page.map.fly_to(WEST, SOUTH, WEST + ACROSS * SIDE_M, SOUTH + DOWN * SIDE_M)
    assert settle(window, 30_000) and window.page.areas.editing.draft is not None
    return window.page


def at(page: MapPage, x: float, y: float) -> QPoint:
    """Where a place, in metres from the south-west corner of the grid, is on the screen."""
    px, py = page.map.view.to_screen(WEST + x, SOUTH + y)
    return QPoint(round(px), round(py))


def click(page: MapPage, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(page.map, LEFT, keys, at(page, x, y))


def box(page: MapPage, start: tuple[float, float], end: tuple[float, float]) -> None:
    QTest.mousePress(page.map, LEFT, SHIFT, at(page, *start))
    QTest.mouseMove(page.map, at(page, *end))
    QTest.mouseRelease(page.map, LEFT, SHIFT, at(page, *end))


def draft(page: MapPage) -> AreasDraft:
    found = page.areas.editing.draft
    assert found is not None
    return found


def choose_kind(page: MapPage, qtbot: QtBot, kind: str) -> None:
    page.areas.kinds.choose(kind)
    qtbot.waitUntil(lambda: page.areas.editing.draft is not None, timeout=20_000)
    assert page.areas.editing.kind == kind


def press(page: MapPage, words: str) -> None:
    """Press the button of the panel with these words."""
    buttons = [b for b in page.areas.findChildren(QPushButton) if b.text() == words and not b.isHidden()]
    assert len(buttons) == 1 and buttons[0].isEnabled(), words
    QTest.mouseClick(buttons[0], LEFT)


def save(page: MapPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.areas.editing.done, timeout=30_000):
        press(page, "Save")


def stored(page: MapPage, kind: str) -> dict[str, tuple[str, ...]]:
    store = page.desk.state.store
    assert store is not None
    frame = store.load_responsibility_areas(kind)
    return dict(zip(frame["code"], frame["cell_codes"], strict=True))


def test_that_a_new_area_gets_its_cells_by_click_and_box_and_is_saved_and_undone(
    page: MapPage, qtbot: QtBot
) -> None:
    press(page, "New…")
    click(page, 50, 250)
    click(page, 150, 250, SHIFT)
    box(page, (205, 205), (395, 395))
    click(page, 50, 250)
    assert page.areas.totals.text() == "5 cells, 50,000 m², parts: 1"
    assert page.areas.model.rowCount() == 3 and page.areas.free.text().startswith("39 cells")
    edit = page.areas.edits["name"]
    QTest.keyClicks(edit, "North")
    save(page, qtbot)
    assert len(stored(page, GRIDS)["003"]) == 5 and not draft(page).dirty and not page.areas.save.isEnabled()
    window = page.window()
    assert isinstance(window, Window) and "1 added" in window.notification.sentence
    with qtbot.waitSignal(page.areas.editing.done, timeout=30_000):
        window.do("undo")
    assert set(stored(page, GRIDS)) == {"A", "B"}
    qtbot.waitUntil(lambda: page.areas.model.rowCount() == 2, timeout=20_000)


def test_that_a_cell_of_another_area_is_named_and_can_be_taken_from_it(page: MapPage, qtbot: QtBot) -> None:
    click(page, 50, 50)  # nothing in hand: the area under the pointer is taken
    assert page.areas.editing.row == draft(page).row_of("A")
    click(page, 250, 50)
    with qtbot.waitSignal(page.areas.editing.failed, timeout=30_000):
        press(page, "Save")
    assert len(stored(page, GRIDS)["A"]) == 2 and BOTTOM[2] in page.bar.sentence
    press(page, "Take from West")
    assert draft(page).codes_of(1) == (BOTTOM[3],)
    save(page, qtbot)
    assert stored(page, GRIDS) == {"A": tuple(BOTTOM[:3]), "B": (BOTTOM[3],)}


def test_that_an_outline_and_a_line_are_drawn_and_measured(page: MapPage, qtbot: QtBot) -> None:
    choose_kind(page, qtbot, CLEANING)
    press(page, "New…")
    press(page, "Draw…")
    for x, y in ((0, 0), (200, 0), (200, 120), (0, 120)):
        click(page, x, y)
    QTest.keyClick(page.map, Qt.Key.Key_Return)
    assert draft(page).codes_of(0) == tuple(BOTTOM[:2])
    assert draft(page).totals(0).area_m2 == pytest.approx(24_000, rel=0.02)
    save(page, qtbot)
    choose_kind(page, qtbot, ROADS)
    press(page, "New…")
    for x, y in ((0, 200), (300, 200), (300, 600)):
        click(page, x, y)
    QTest.mouseDClick(page.map, LEFT, NONE, at(page, 300, 600))
    assert draft(page).totals(0).length_m == pytest.approx(700, rel=0.02)
    QTest.keyClicks(page.areas.edits["width_m"], "10x")
    assert "not a number" in page.areas.wrong.text()
    QTest.keyClick(page.areas.edits["width_m"], Qt.Key.Key_Backspace)
    assert draft(page).areas["swept_m2"].iloc[0] == pytest.approx(7_000, rel=0.02)
    save(page, qtbot)
    assert set(stored(page, ROADS)) == {"001"} and set(stored(page, CLEANING)) == {"001"}


def test_that_a_drawn_outline_is_laid_onto_cell_borders_and_buildings_unless_the_magnet_is_off(
    page: MapPage, qtbot: QtBot
) -> None:
    store = page.desk.state.store
    assert store is not None
    house = shapely.box(WEST + 230, SOUTH + 125, WEST + 330, SOUTH + 175)
    columns = {"name": ["一号楼"], "subtype": "", "rank": 0, "width_m": 0.0}
    store.replace_base("buildings", gpd.GeoDataFrame(columns, geometry=[house], crs=store.load_cells().crs))
    choose_kind(page, qtbot, CLEANING)
    press(page, "New…")
    near_m = 4 * page.map.view.m_per_px
    sketch = ((near_m, near_m), (230 - near_m, near_m), (230 - near_m, 125 + near_m), (near_m, 125 + near_m))
    for snaps in (True, False):
        page.areas.magnet.setChecked(snaps)
        press(page, "Draw…")
        qtbot.waitUntil(lambda: page.areas.editing._features is not None, timeout=20_000)
        for x, y in sketch:
            click(page, x, y)
        QTest.keyClick(page.map, Qt.Key.Key_Return)
        shape = draft(page).shape_of(0)
        corners = shapely.get_coordinates(shape) - (WEST, SOUTH)
        on_house = shapely.distance(
            shapely.Point(WEST + 230, SOUTH + 125), shapely.points(shapely.get_coordinates(shape))
        )
        assert (np.hypot(*corners.T).min() < 1e-6) == snaps  # a corner of a cell
        assert (on_house.min() < 1e-6) == snaps  # a corner of the building


def test_that_an_outline_that_crosses_itself_is_told_and_goes_on(page: MapPage, qtbot: QtBot) -> None:
    choose_kind(page, qtbot, CLEANING)
    press(page, "New…")
    press(page, "Draw…")
    for x, y in ((0, 0), (200, 200), (200, 0), (0, 200)):
        click(page, x, y)
    QTest.keyClick(page.map, Qt.Key.Key_Return)
    assert page.areas.editing.drawing and draft(page).shape_of(0) is None
    QTest.keyClick(page.map, Qt.Key.Key_Escape)
    assert page.back() and not page.areas.editing.drawing


def test_that_the_list_is_filtered_and_an_area_deleted_and_discarded(page: MapPage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.areas.find, "wes")
    assert page.areas.model.frame["code"].tolist() == ["B"]
    page.areas.table.choose(0)
    press(page, "Delete")
    assert draft(page).areas["code"].tolist() == ["A"] and draft(page).dirty
    press(page, "Discard")
    qtbot.waitUntil(lambda: page.areas.editing.draft is not None, timeout=20_000)
    assert draft(page).areas["code"].tolist() == ["A", "B"] and not draft(page).dirty
    assert page.back() or page.areas.isHidden()
    assert page.areas.isHidden() and not page.areas.editing.active


def test_that_another_persons_list_is_shown_and_never_overwritten(
    page: MapPage, qtbot: QtBot, city_file: Path
) -> None:
    with stores.open(city_file) as store:
        frame = store.load_responsibility_areas(GRIDS)
        frame["name"] = ["Ost", "West"]
        store.replace_responsibility_areas(GRIDS, frame)
    qtbot.waitUntil(lambda: draft(page).areas["name"].tolist() == ["Ost", "West"], timeout=20_000)
    page.areas.editing.choose(0)
    click(page, 50, 250)
    with stores.open(city_file) as store:
        store.replace_responsibility_areas(GRIDS, frame.iloc[:1])
    with qtbot.waitSignal(page.areas.editing.failed, timeout=30_000):
        press(page, "Save")
    assert set(stored(page, GRIDS)) == {"A"} and "Another person" in page.bar.sentence
    assert draft(page).dirty and isinstance(draft(page).shape_of(0), shapely.Geometry)


def test_that_a_double_click_on_a_kind_among_the_layers_opens_it(page: MapPage, qtbot: QtBot) -> None:
    page.window().do("map.areas")
    assert page.areas.isHidden() and GRIDS in page.map.over
    node = next(node for node in page.layers.tree.root.walk() if node.key == GRIDS)
    page.layers.view.doubleClicked.emit(page.layers.tree.index_of(node))
    assert page.areas.isVisible() and page.areas.editing.kind == GRIDS
    page.areas.table.choose(1)
    drawn = page.map.over[GRIDS]
    assert drawn.areas["code"].tolist() == ["A"]  # the area in hand is marked by the tool
    page.areas.table.opened.emit(1)
    assert page.map.target.m_per_px < page.map.view.m_per_px or page.map.view.scale_denominator < 5_000


def test_that_a_measurement_gives_the_tool_back_and_words_change_language(
    page: MapPage, qtbot: QtBot
) -> None:
    page.areas.editing.choose(0)
    tool = type(page.map.tool)
    page.window().do("map.measure_length")
    assert type(page.map.tool) is not tool
    assert page.back() and type(page.map.tool) is tool and not page.tools.measuring
    page.desk.words.set_language("zh_CN")
    assert page.areas.totals.text() == "2 个网格，20,000 m²，1 个部分"
    assert (
        page.areas.edits["company"].accessibleName() == "作业单位"
        and page.areas.kinds.currentText() == "责任网格"
    )
