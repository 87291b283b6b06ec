"""Field records on the desktop: the queue, one beside what is stored, decided, edited, written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.app import settle
from desktop.pages.census.records_page import RecordsPage
from desktop.window import Window
from tests.desktop.conftest import SOUTH, WEST

Opener = Callable[..., Window]


@pytest.fixture
def page(open_window: Opener, city_file: Path) -> RecordsPage:
    """The page in front, with nothing in the queue."""
    window = open_window(city_file, page="records")
    assert isinstance(window.page, RecordsPage)
    return window.page


def window_of(page: RecordsPage) -> Window:
    """The window around the page."""
    window = page.window()
    assert isinstance(window, Window)
    return window


def code_of(page: RecordsPage, component_id: int) -> str:
    """A stored component's code."""
    store = page.desk.state.store
    assert store is not None
    return str(store.component(component_id)["code"])


@pytest.fixture
def filled(page: RecordsPage, tmp_path: Path) -> RecordsPage:
    """Two good records and a bad one, dropped on the page."""
    rows = [
        {"id": "A", "kind": "damaged", "code": code_of(page, 3), "note": "井圈开裂", "reported_by": "张三"},
        {"id": "B", "kind": "new", "class": "01037", "x": WEST + 50, "y": SOUTH + 50, "reported_by": "李四"},
        {"id": "C", "kind": "gone"},
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    page.take_files([tmp_path / "a.json"])
    assert settle(window_of(page))
    return page


def words_on(page: RecordsPage) -> str:
    """Everything that can be read at the right."""
    return "\n".join(label.text() for label in page.detail.findChildren(QLabel))


def test_that_an_empty_queue_says_what_next(page: RecordsPage) -> None:
    assert page.is_empty


def test_that_dropped_records_stand_in_the_queue_and_bad_rows_are_named(filled: RecordsPage) -> None:
    assert filled.list.model.rowCount() == 2
    assert "a.json" in filled.bar.sentence and "gone" in filled.bar.sentence


def test_that_a_record_is_shown_beside_the_stored_component(filled: RecordsPage) -> None:
    filled.list.choose(1)
    assert settle(window_of(filled))
    said = words_on(filled)
    assert "破损" in said and "完好" in said and "井圈开裂" in said and "entered" in said
    assert filled.detail.approve.isEnabled() and not filled.detail.send_back.isEnabled()


def test_that_approving_puts_it_into_the_store_and_its_history(filled: RecordsPage) -> None:
    filled.list.choose(1)
    assert settle(window_of(filled))
    window_of(filled).actions_by_id["records.approve"].trigger()
    assert settle(window_of(filled))
    store = filled.desk.state.store
    assert store is not None and store.component(3)["state"] == "破损"
    assert "state" in set(store.component_history(3)["field"])
    assert filled.list.record(1)["status"] == "approved" and not filled.detail.approve.isEnabled()


def test_that_a_return_wants_a_reason(filled: RecordsPage) -> None:
    filled.list.choose(1)
    assert settle(window_of(filled))
    filled.detail.reason.setText("照片不清")
    assert filled.detail.send_back.isEnabled()
    filled.detail.send_back.click()
    assert settle(window_of(filled))
    assert filled.list.record(1)["status"] == "returned" and "照片不清" in words_on(filled)


def test_that_typing_asks_once_and_keeps_the_reason_of_the_record_that_stays(
    filled: RecordsPage, qtbot: QtBot
) -> None:
    filled.list.choose(1)
    assert settle(window_of(filled))
    filled.detail.reason.setText("照片不清")
    told: list[int] = []
    filled.list.chosen.connect(told.append)
    for text in ("井", "井圈", "井圈开"):
        filled.list.text.setText(text)
    qtbot.waitUntil(lambda: filled.list.model.rowCount() == 1)
    assert told == [] and filled.detail.reason.text() == "照片不清"
    filled.list.choose(2)
    assert told == [2] and filled.detail.reason.text() == ""


def test_that_filters_narrow_the_queue(filled: RecordsPage, qtbot: QtBot) -> None:
    filled.list.kind.choose("new")
    assert filled.list.model.frame["record_id"].tolist() == [2]
    filled.list.kind.choose("")
    filled.list.text.setText("井圈")
    qtbot.waitUntil(lambda: filled.list.model.rowCount() == 1)
    assert filled.list.model.frame["record_id"].tolist() == [1]
    filled.list.text.setText("nothing like it")
    qtbot.waitUntil(lambda: filled.list.model.rowCount() == 0)
    filled.list.choose(2)
    assert filled.list.number() == 2


def test_that_a_record_is_written_by_hand_with_its_place_from_the_map(page: RecordsPage) -> None:
    page.open_form()
    assert settle(window_of(page))
    page.form.lines["class_code"].setText("01037")
    page.form.map.centre_on(WEST + 150, SOUTH + 150, 2_000)
    assert settle(window_of(page))
    middle = QPoint(page.form.map.width() // 2, page.form.map.height() // 2)
    QTest.mouseClick(page.form.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert abs(float(page.form.lines["x"].text()) - (WEST + 150)) < 2
    page.form.wished.emit(page.form.values(), 0)
    assert settle(window_of(page))
    assert page.list.record(1)["kind"] == "new" and page.side.currentWidget() is page.detail


def test_that_a_record_written_by_hand_is_the_one_that_is_shown(filled: RecordsPage) -> None:
    filled.list.choose(1)
    filled.open_form()
    values = filled.form.values() | {"class_code": "01037", "x": f"{WEST + 20}", "y": f"{SOUTH + 20}"}
    filled.form.wished.emit(values, 0)
    assert settle(window_of(filled))
    assert filled.list.number() == 3 and filled.detail.title.text().startswith("Record 3")


def test_that_states_are_offered_in_the_readers_language(page: RecordsPage) -> None:
    offered = page.form.state
    assert [offered.itemText(at) for at in range(1, 3)] == ["sound", "damaged"] and offered.itemData(
        1
    ) == "完好"


def test_that_a_wrong_form_stays_open_and_says_what_is_wrong(page: RecordsPage) -> None:
    page.open_form()
    page.form.wished.emit(page.form.values(), 0)
    assert settle(window_of(page))
    assert page.side.currentWidget() is page.form and "class" in page.bar.sentence


def test_that_an_edited_record_keeps_what_stood_there(filled: RecordsPage) -> None:
    filled.list.choose(1)
    assert settle(window_of(filled))
    filled.detail.edit_wished.emit()
    filled.form.lines["note"].setText("井圈破碎")
    filled.form.wished.emit(filled.form.values(), 1)
    assert settle(window_of(filled))
    assert "井圈开裂 → 井圈破碎" in words_on(filled)
