"""The register in the window: list, map and sheet follow the store; what is entered stands in the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from census.facilities.frames import facilities_frame, log_frame
from data import store as stores
from desktop.map.layers.facilities import FacilitiesLayer
from desktop.pages.facilities.facilities_page import FacilitiesPage
from desktop.window import Window

WEST, SOUTH = 500_000.0, 4_418_000.0
CODES = ("GP-1", "SC-1", "SC-2", "ZY-1")


@pytest.fixture
def register(city_file: Path) -> Path:
    """Four facilities; the bin's maintenance was due long ago."""
    columns = {
        "code": CODES, "kind": ["bin", "water_toilet", "water_toilet", "transfer_station"],
        "name": ["南门桶", "东口公厕", "西口公厕", "北站"], "state": ["运行", "运行", "检修", "停用"],
        "x": [WEST + 50, WEST + 150, WEST + 650, WEST + 651], "y": [SOUTH + 50] * 4, "registered": ["2020-01-01"] * 4,
    }  # fmt: skip
    log = {
        "facility_code": ["SC-1"],
        "day": ["2099-01-01"],
        "work": ["maintenance"],
        "what": ["保养"],
        "cost": [80.0],
    }
    with stores.open(city_file) as store:
        store.save_facilities(facilities_frame(columns, 4))
        store.append_facility_log(log_frame(log, 1))
    return city_file


@pytest.fixture
def page(open_window: Callable[..., Window], register: Path, qtbot: QtBot) -> FacilitiesPage:
    shown = open_window(register, page="facilities").page
    assert isinstance(shown, FacilitiesPage)
    qtbot.waitUntil(lambda: len(shown.list.model.frame) == 4, timeout=20_000)
    return shown


def listed(page: FacilitiesPage) -> list[str]:
    return page.list.model.frame["code"].tolist()


def layer(page: FacilitiesPage) -> FacilitiesLayer:
    found = page.map.over["facilities"]
    assert isinstance(found, FacilitiesLayer)
    return found


def test_that_the_overdue_come_first_and_have_an_alarm_on_the_map(page: FacilitiesPage) -> None:
    assert listed(page)[0] == "GP-1" and layer(page).late.tolist() == [True, False, False, False]
    assert page.map.visible_counts()["facilities:late"] == 1


def test_that_filters_narrow_list_and_map_together(page: FacilitiesPage) -> None:
    page.list.kind.choose("water_toilet")
    assert listed(page) == ["SC-1", "SC-2"] and layer(page).codes.tolist() == ["SC-1", "SC-2"]
    page.list.state.choose("检修")
    assert listed(page) == ["SC-2"]
    page.list.kind.choose("")
    page.list.state.choose("")
    page.list.find.setText("北站")
    assert listed(page) == ["ZY-1"]
    page.list.find.clear()
    page.list.late.setChecked(True)
    assert listed(page) == ["GP-1"]


def test_that_counts_are_by_street_and_community(page: FacilitiesPage) -> None:
    page.list.way.choose("community")
    rows = page.list.model.frame[["name", "total", "overdue"]].to_numpy().tolist()
    assert rows == [["西塘社区", 2, 1], ["东塘社区", 2, 0]]
    page.list.way.choose("street")
    assert page.list.model.frame["total"].tolist() == [4]


def test_that_a_double_click_flies_there_and_shows_the_sheet(page: FacilitiesPage) -> None:
    page.list.table.opened.emit(listed(page).index("SC-1"))
    assert page.sheet.isVisible() and page.sheet.code == "SC-1" and layer(page).chosen == "SC-1"
    assert abs(page.map.view.x - (WEST + 150)) < 1 and abs(page.map.view.y - (SOUTH + 50)) < 1
    assert page.sheet.model.frame["what"].tolist() == ["保养"]
    assert page.back() and not page.sheet.isVisible()


def test_that_a_click_on_empty_ground_leaves_the_sheet_open(page: FacilitiesPage) -> None:
    page.choose("SC-1")
    page.map.picked.emit(None)
    assert page.sheet.isVisible() and page.sheet.code == "SC-1"


def test_that_an_entry_stands_in_the_store_and_can_be_withdrawn(
    page: FacilitiesPage, register: Path, qtbot: QtBot
) -> None:
    page.choose("GP-1")
    page.sheet.edits["what"].setText("换桶")
    page.sheet.edits["cost"].setText("120")
    page.sheet.state.choose("检修")
    page.sheet.save.click()
    page.desk.words.changed.emit()  # the sheet is drawn anew while the entry is on its way
    assert page.sheet.state.key() == "检修"
    qtbot.waitUntil(lambda: len(page.sheet.model.frame) == 1, timeout=30_000)
    assert page.desk.jobs.wait_until_idle() and page.sheet.state.key() == "", "the next entry begins anew"
    qtbot.waitUntil(lambda: not layer(page).late.any(), timeout=20_000)
    entry = page.sheet.model.frame.iloc[0]
    assert (entry["what"], entry["cost"], entry["new_state"], entry["work"]) == (
        "换桶",
        120.0,
        "检修",
        "maintenance",
    )
    page.sheet.table.selectRow(0)
    assert page.sheet.withdraw.isEnabled()
    page.sheet.withdraw.click()
    qtbot.waitUntil(lambda: bool(page.sheet.model.frame["withdrawn_at"].iloc[0]), timeout=30_000)
    with stores.open(register) as store:
        assert store.load_facilities().set_index("code").loc["GP-1", "state"] == "检修"


def test_that_a_wrong_entry_is_told_in_the_message_bar(page: FacilitiesPage, qtbot: QtBot) -> None:
    page.choose("GP-1")
    page.sheet.edits["what"].setText("换桶")
    page.sheet.edits["cost"].setText("很贵")
    page.sheet.save.click()
    qtbot.waitUntil(lambda: not page.bar.isHidden(), timeout=30_000)
    assert page.sheet.edits["what"].text() == "换桶", "what was typed stays"


def test_that_a_list_is_imported_and_the_register_exported(
    page: FacilitiesPage, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "新.csv"
    file.write_text(
        f"类型,名称,x,y\n果皮箱,新桶,{WEST + 10},{SOUTH + 10}\n飞机,不,{WEST},{SOUTH}\n", encoding="gb18030"
    )
    page.read_file(file)
    qtbot.waitUntil(lambda: len(page.list.model.frame) == 5, timeout=30_000)
    qtbot.waitUntil(lambda: not page.bar.isHidden(), timeout=20_000)
    target = tmp_path / "out.xlsx"
    page.export(target)
    qtbot.waitUntil(target.exists, timeout=30_000)
    assert openpyxl.load_workbook(target)["环卫设施"].max_row == 6


def test_that_an_empty_register_says_what_next(
    open_window: Callable[..., Window], city_file: Path, qtbot: QtBot
) -> None:
    page = open_window(city_file, page="facilities").page
    qtbot.waitUntil(lambda: page.is_empty, timeout=20_000)


def test_that_the_language_changes_kinds_and_states(page: FacilitiesPage) -> None:
    page.desk.words.set_language("zh_CN")
    assert "垃圾转运站" in [page.list.kind.itemText(place) for place in range(page.list.kind.count())]
    page.desk.words.set_language("en")
    assert page.list.kind.itemText(1) == "Transfer station"
