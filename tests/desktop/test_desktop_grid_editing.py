"""Editing cells on the grid page with the mouse: the real window, the real store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data import store as stores
from desktop.app import settle
from desktop.pages.grid.grid_editing import SAID
from desktop.pages.grid.grid_page import GridPage
from desktop.window import Window
from gis.grid.responsibility import areas_frame, completed
from kernel.changes import CELLS
from resources.responsibility import kinds
from tests.desktop.conftest import ACROSS, DOWN, SIDE_M, SOUTH, WEST, cell_code

Opener = Callable[..., Window]
GRIDS = "responsibility_grid"
LEFT, SHIFT, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def page(open_window: Opener, city_file: Path) -> GridPage:
    """The grid page of the small city, close enough to catch corners."""
    window = open_window(city_file, page="grid", size=(1600, 1000))
    assert isinstance(window.page, GridPage)
    window.page.map.fly_to(WEST, SOUTH, WEST + ACROSS * SIDE_M, SOUTH + DOWN * SIDE_M)
    assert settle(window, 30_000)
    return window.page


def at(page: GridPage, x: float, y: float) -> QPoint:
    """Where a place, in metres from the south-west corner of the grid, is on the screen."""
    px, py = page.map.view.to_screen(WEST + x, SOUTH + y)
    return QPoint(round(px), round(py))


def click(page: GridPage, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(page.map, LEFT, keys, at(page, x, y))


def take(qtbot: QtBot, page: GridPage, mode: str) -> None:
    page.editing.buttons[mode].click()
    qtbot.waitUntil(lambda: page.editing.drawn is not None, timeout=20_000)


def codes(page: GridPage) -> set[str]:
    store = page.desk.state.store
    assert store is not None
    return set(store.load_cells()["code"])


def wait_for_edit(qtbot: QtBot, page: GridPage, do: Callable[[], object]) -> None:
    """Do something that edits, and wait until the page has the new grid."""
    before = page.editing.drawn
    with qtbot.waitSignal(page.editing.done, timeout=30_000):
        do()
    qtbot.waitUntil(lambda: page.editing.drawn is not before and not page.editing._busy, timeout=20_000)


def draw_split(page: GridPage, *corners: tuple[float, float]) -> None:
    for x, y in corners:
        click(page, x, y)
        QTest.mouseMove(page.map, at(page, x, y))
    QTest.keyClick(page.map, Qt.Key.Key_Return)


FIRST = cell_code(0, DOWN - 1)  # the south-west corner of the grid


def test_that_a_drawn_line_splits_a_cell_and_undo_and_redo_go_both_ways(qtbot: QtBot, page: GridPage) -> None:
    take(qtbot, page, "split")
    page.editing.snap_button.setChecked(False)
    wait_for_edit(qtbot, page, lambda: draw_split(page, (-15, 40), (115, 60)))
    assert FIRST not in codes(page) and len(codes(page)) == ACROSS * DOWN + 1
    window = page.window()
    assert isinstance(window, Window)
    wait_for_edit(qtbot, page, lambda: window.do("undo"))
    assert FIRST in codes(page) and len(codes(page)) == ACROSS * DOWN
    wait_for_edit(qtbot, page, lambda: window.do("grid.redo"))
    assert FIRST not in codes(page)
    qtbot.waitUntil(lambda: FIRST not in set(page.city.ground.cells["code"]), timeout=20_000)


def test_that_a_line_shows_both_areas_while_it_is_drawn_and_why_it_is_refused(
    qtbot: QtBot, page: GridPage
) -> None:
    take(qtbot, page, "split")
    page.editing.snap_button.setChecked(False)
    click(page, -15, 50)
    QTest.mouseMove(page.map, at(page, 115, 50))
    good = page.map.tool._verdict
    assert len(good.shapes) == 2 and not good.refused
    assert sum(int(words.split()[0].replace(",", "")) for words in good.words) == pytest.approx(10_000, abs=2)
    QTest.mouseMove(page.map, at(page, 60, 50))
    assert "exactly once" in page.map.tool._verdict.refused
    QTest.keyClick(page.map, Qt.Key.Key_Escape)
    assert page.editing.back() is True and page.editing.mode in ("", "split")


def test_that_lines_are_laid_onto_roads_when_wished(qtbot: QtBot, page: GridPage) -> None:
    take(qtbot, page, "split")
    corners = ((WEST - 15, SOUTH + 203.0), (WEST + 115, SOUTH + 203.0))
    laid, _ = page.editing._judge_line(corners, 1.0)
    assert [y for _, y in laid] == [SOUTH + 203.0, SOUTH + 200.0]  # the road begins at the grid's edge
    page.editing.snap_button.setChecked(False)
    assert page.editing._judge_line(corners, 1.0)[0] == corners


def test_that_a_merge_tells_which_cells_left_their_responsibility_area(qtbot: QtBot, page: GridPage) -> None:
    store = page.desk.state.store
    assert store is not None
    bottom = [cell_code(column, DOWN - 1) for column in range(3)]
    whole, kind = store.load_cells(), kinds()[GRIDS]
    columns = {"code": ["A", "B"], "name": ["East", "West"], "cell_codes": [bottom[:2], bottom[2:]]}
    store.replace_responsibility_areas(GRIDS, completed(areas_frame(columns, 2, whole.crs), kind, whole))
    take(qtbot, page, "choose")
    for column in range(3):
        click(page, 100 * column + 50, 50, SHIFT if column else NONE)
    wait_for_edit(qtbot, page, page.editing.merge)
    window = page.window()
    assert isinstance(window, Window)
    merged = "The cells are merged. Cells that left their responsibility area: 1; areas concerned: 2."
    assert window.notification.sentence == merged
    page.desk.words.set_language("zh_CN")
    wait_for_edit(qtbot, page, lambda: window.do("undo"))
    assert window.notification.sentence == page.desk.words(SAID["undo"])  # the lists are what they were


def test_that_several_cells_are_chosen_with_shift_and_merged(qtbot: QtBot, page: GridPage) -> None:
    take(qtbot, page, "choose")
    assert not page.editing.merge_button.isEnabled()
    click(page, 50, 50)
    click(page, 150, 50, SHIFT)
    click(page, 250, 50, SHIFT)
    click(page, 250, 50, SHIFT)
    assert page.editing.chosen == (FIRST, cell_code(1, DOWN - 1))
    wait_for_edit(qtbot, page, page.editing.merge_button.click)
    assert len(codes(page)) == ACROSS * DOWN - 1 and len(page.editing.chosen) == 1
    wait_for_edit(qtbot, page, page.editing.renumber_button.click)
    assert len(codes(page)) == ACROSS * DOWN - 1


def drag(page: GridPage, start: tuple[float, float], end: tuple[float, float], *, drop: bool = True) -> None:
    QTest.mousePress(page.map, LEFT, NONE, at(page, *start))
    for share in (0.3, 0.7, 1.0):
        x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
        QTest.mouseMove(page.map, at(page, x, y))
    if drop:
        QTest.mouseRelease(page.map, LEFT, NONE, at(page, *end))


def test_that_a_dragged_corner_moves_all_its_cells_and_is_red_where_a_rule_breaks(
    qtbot: QtBot, page: GridPage
) -> None:
    take(qtbot, page, "shape")
    drag(page, (100, 100), (330, 100), drop=False)
    assert page.map.tool._verdict.refused
    QTest.mouseRelease(page.map, LEFT, NONE, at(page, 330, 100))
    assert not page.editing._busy
    drag(page, (100, 100), (120, 115), drop=False)
    verdict = page.map.tool._verdict
    assert len(verdict.shapes) == 4 and not verdict.refused and all(verdict.words)
    wait_for_edit(qtbot, page, lambda: QTest.mouseRelease(page.map, LEFT, NONE, at(page, 120, 115)))
    store = page.desk.state.store
    assert store is not None
    areas = store.load_cells().set_index("code")["area_m2"]
    assert areas[FIRST] > 11_000 and areas.sum() == pytest.approx(ACROSS * DOWN * 1e4)


def test_that_a_border_is_dragged_with_both_its_ends(qtbot: QtBot, page: GridPage) -> None:
    take(qtbot, page, "shape")
    wait_for_edit(qtbot, page, lambda: drag(page, (100, 150), (115, 150)))
    assert page.editing.drawn is not None
    moved = page.editing.drawn.cells.set_index("code")["area_m2"][cell_code(0, DOWN - 2)]
    assert moved == pytest.approx(11_500, rel=0.02)


def test_that_who_comes_second_is_told_who_holds_the_community(
    qtbot: QtBot, page: GridPage, city_file: Path
) -> None:
    with stores.open(city_file, actor="李工") as other:
        other.hold_community(FIRST[:12])
    take(qtbot, page, "shape")
    with qtbot.waitSignal(page.editing.failed, timeout=20_000):
        drag(page, (100, 100), (120, 115))
    qtbot.waitUntil(lambda: "李工" in page.bar.sentence, timeout=20_000)
    qtbot.waitUntil(lambda: not page.editing._busy, timeout=20_000)
    assert FIRST in codes(page)


def test_that_another_surveyors_edit_is_seen_before_the_next_one(
    qtbot: QtBot, page: GridPage, city_file: Path
) -> None:
    take(qtbot, page, "split")
    before = page.editing.drawn
    with stores.open(city_file, actor="李工") as other:
        from actions.grid.edit_grid import MergeCells, merge_cells

        assert merge_cells(other, MergeCells((FIRST, cell_code(1, DOWN - 1)))).kind == "merge"
    qtbot.waitUntil(lambda: page.editing.drawn is not before, timeout=20_000)
    assert page.editing.drawn is not None and FIRST not in set(page.editing.drawn.cells["code"])
    assert page.kinds & {CELLS}
    page.editing.put_down()


def test_that_cells_have_lines_at_every_scale_on_the_grid_page(page: GridPage) -> None:
    layer = page.map.layer("cells")
    assert layer is not None and layer.farthest == float("inf")
