"""One facility by hand in the window: written with its place from the map, edited, taken out, each taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from census.facilities.frames import facilities_frame
from data import store as stores
from desktop.app import settle
from desktop.pages.facilities.facilities_page import FacilitiesPage
from desktop.pages.facilities.facility_form import texts_of
from desktop.window import Window
from tests.desktop.conftest import SOUTH, WEST

Opener = Callable[..., Window]


@pytest.fixture
def register(city_file: Path) -> Path:
    """One toilet stands already."""
    columns = {"code": ["SC-1"], "kind": ["water_toilet"], "name": ["东口公厕"], "state": ["运行"], "hours": ["6-22"],
               "capacity": [8.0], "x": [WEST + 150], "y": [SOUTH + 50], "registered": ["2020-01-01"]}  # fmt: skip
    with stores.open(city_file, actor="surveyor") as store:
        store.save_facilities(facilities_frame(columns, 1))
    return city_file


@pytest.fixture
def page(open_window: Opener, register: Path) -> FacilitiesPage:
    shown = open_window(register, page="facilities").page
    assert isinstance(shown, FacilitiesPage)
    return shown


def settled(page: FacilitiesPage) -> None:
    window = page.window()
    assert isinstance(window, Window)
    assert settle(window, 30_000)


def heard(page: FacilitiesPage, qtbot: QtBot, do: Callable[[], object]) -> None:
    """Do what writes to the store, and wait until the page has read it again."""
    before = page.register
    do()
    qtbot.waitUntil(lambda: page.register is not before, timeout=30_000)
    settled(page)


def save(page: FacilitiesPage) -> None:
    """Save what will be refused."""
    page.form.save.click()
    settled(page)


def undo(page: FacilitiesPage) -> None:
    window = page.window()
    assert isinstance(window, Window)
    window.do("undo")


def write_new(page: FacilitiesPage) -> None:
    """A bin with a name, its place clicked on the map."""
    page.open_form()
    page.form.kind.choose("bin")
    page.form.lines["name"].setText("南门桶")
    page.map.centre_on(WEST + 250, SOUTH + 150, 2_000)
    settled(page)
    middle = QPoint(page.map.width() // 2, page.map.height() // 2)
    QTest.mouseClick(page.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)


def test_that_a_facility_is_written_with_its_place_from_the_map_and_taken_back(
    page: FacilitiesPage, qtbot: QtBot
) -> None:
    write_new(page)
    assert abs(float(page.form.lines["x"].text()) - (WEST + 250)) < 2 and "findings" in page.map.over
    heard(page, qtbot, page.form.save.click)
    assert not page.form.isVisible() and "findings" not in page.map.over
    assert page.sheet.isVisible() and page.sheet.code == page.code and page.code.startswith("GP-")
    row = page.register.facilities.set_index("code").loc[page.code]
    assert (row["kind"], row["name"], row["state"]) == ("bin", "南门桶", "运行") and row["cell_code"]
    heard(page, qtbot, lambda: undo(page))
    assert page.register.facilities["code"].tolist() == ["SC-1"] and not page.sheet.isVisible()


@pytest.mark.parametrize(("field", "text", "said"), [
    ("capacity", "很大", "很大 is not a number"), ("opened", "去年", "去年 is not a date"),
    ("component_code", "123", "no component 123"), ("name", "", "neither a name nor a location"), ("x", "", "has no place"),
])  # fmt: skip
def test_that_a_wrong_value_is_told_beneath_its_field_and_all_stays(
    page: FacilitiesPage, field: str, text: str, said: str
) -> None:
    write_new(page)
    page.form.lines[field].setText(text)
    save(page)
    faults = {name: each.fault for name, each in page.form.fields.items() if each.fault}
    assert list(faults) == [field] and said in faults[field]
    assert page.form.fields[field].visibleRegion().boundingRect().height() > 20, "it is scrolled into view"
    assert page.form.isVisible() and page.bar.isHidden() and page.form.lines["y"].text()
    page.form.lines[field].setText("1")
    assert page.form.fields[field].fault == ""


def test_that_an_edit_changes_only_what_was_written_and_is_taken_back(
    page: FacilitiesPage, register: Path, qtbot: QtBot
) -> None:
    page.choose("SC-1")
    page.sheet.edit.click()
    assert page.form.lines["capacity"].text() == "8" and not page.form.lines["code"].isEnabled()
    page.form.lines["hours"].clear()
    page.form.lines["note"].setText("大修")
    page.form.state.choose("检修")
    assert page.form.changed() == {"hours": "", "note": "大修", "state": "检修"}
    heard(page, qtbot, page.form.save.click)
    row = page.register.facilities.iloc[0]
    assert (row["hours"], row["note"], row["state"], row["name"]) == ("", "大修", "检修", "东口公厕")
    heard(page, qtbot, lambda: undo(page))
    row = page.register.facilities.iloc[0]
    assert (row["hours"], row["note"], row["state"]) == ("6-22", "", "运行")
    with stores.open(register) as store:
        assert set(store.facility_history("SC-1")["field"]) >= {"hours", "note", "state"}


def change_operator(register: Path) -> None:
    with stores.open(register, actor="another") as store:
        mine = store.load_facilities()
        mine["operator"] = "另一家"
        store.save_facilities(mine)


def test_that_nobodys_change_in_between_is_lost(page: FacilitiesPage, register: Path, qtbot: QtBot) -> None:
    page.choose("SC-1")
    page.edit()
    page.form.lines["note"].setText("大修")
    heard(page, qtbot, lambda: change_operator(register))
    save(page)
    assert page.form.isVisible() and "Another person" in page.bar.sentence
    assert page.form.lines["note"].text() == "大修"


def test_that_a_facility_leaves_the_register_after_a_question_and_comes_back(
    page: FacilitiesPage, register: Path, qtbot: QtBot
) -> None:
    page.choose("SC-1")
    page.sheet.remove.click()
    assert len(page.register.facilities) == 1 and not page.bar.isHidden()
    heard(page, qtbot, page.bar._link.click)
    assert page.is_empty and page.bar.isHidden() and page.list.model.rowCount() == 0
    heard(page, qtbot, lambda: undo(page))
    assert not page.is_empty and page.sheet.code == "SC-1"
    row = page.register.facilities.iloc[0]
    assert (row["name"], row["hours"], row["capacity"], row["x"]) == ("东口公厕", "6-22", 8.0, WEST + 150)
    assert row["registered"] == "2020-01-01"
    with stores.open(register) as store:
        assert {"deleted", "registered"} <= set(store.facility_history("SC-1")["deed"])


def test_that_what_is_being_written_is_not_lost_by_a_choice_in_the_list(page: FacilitiesPage) -> None:
    write_new(page)
    page.choose("SC-1")
    assert page.form.isVisible() and page.code == "" and not page.bar.isHidden()
    assert page.back() and page.back() and not page.form.isVisible()
    page.choose("SC-1")
    assert page.sheet.isVisible()


def test_that_a_form_in_hand_is_not_emptied_by_the_button_for_another(page: FacilitiesPage) -> None:
    write_new(page)
    written = page.form.lines["name"].text()
    page.open_form()
    assert written and page.form.lines["name"].text() == written and not page.bar.isHidden()


def test_that_the_answer_to_one_save_leaves_the_next_form_alone(page: FacilitiesPage, qtbot: QtBot) -> None:
    write_new(page)
    before = page.register
    page.form.save.click()
    assert page.editing.close()
    page.choose("SC-1")
    page.edit()
    page.form.lines["note"].setText("大修")
    qtbot.waitUntil(lambda: page.register is not before, timeout=30_000)
    settled(page)
    assert page.form.isVisible() and page.form.lines["note"].text() == "大修" and page.code == "SC-1"


def test_that_a_large_number_is_written_whole() -> None:
    columns = {
        "code": ["SC-1"],
        "kind": ["water_toilet"],
        "name": ["甲"],
        "capacity": [1234567.0],
        "state": ["运行"],
    }
    assert texts_of(facilities_frame(columns, 1).iloc[0])["capacity"] == "1234567"


def test_that_the_first_facility_is_written_in_an_empty_register(
    open_window: Opener, city_file: Path, qtbot: QtBot
) -> None:
    window = open_window(city_file, page="facilities")
    page = window.page
    assert isinstance(page, FacilitiesPage) and page.is_empty
    write_new(page)
    assert not page.is_empty
    page.desk.state.facts_changed.emit()
    assert page.form.isVisible(), "news of the store leave the form"
    heard(page, qtbot, page.form.save.click)
    assert len(page.register.facilities) == 1 and page.sheet.isVisible()


def test_that_form_and_sheet_never_need_room_for_both(page: FacilitiesPage) -> None:
    window, width = page.window(), page.window().width()
    page.choose("SC-1")
    page.edit()
    page.desk.words.changed.emit()
    assert page.back() and page.sheet.isVisible() and window.width() == width
    assert window.minimumSizeHint().width() <= width


def test_that_the_form_speaks_both_languages(page: FacilitiesPage) -> None:
    page.open_form()
    page.form.kind.choose("bin")
    page.desk.words.set_language("zh_CN")
    assert (
        page.form.kind.currentText() == "废物箱（果皮箱）"
        and page.form.lines["hours"].accessibleName() == "开放时间"
    )
