"""Special surveys in the window: planned, collected, followed, compared, closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from actions.surveys.plan_survey import PlanSurvey, plan_survey
from data import store as stores
from desktop.map.layer import Pick
from desktop.map.layers.survey_cells import BEGUN, DONE, KIND, OPEN, SurveyCellsLayer
from desktop.pages.surveys.survey_tables import CLASSES, DAYS, ROWS
from desktop.pages.surveys.surveys_page import SurveysPage
from desktop.window import Window
from tests.desktop.conftest import small_components


@pytest.fixture
def planned(city_file: Path) -> Path:
    with stores.open(city_file) as store:
        plan_survey(store, PlanSurvey("路灯普查", ("01037",), ("甲", "乙")))
    return city_file


@pytest.fixture
def page(open_window: Callable[..., Window], planned: Path, qtbot: QtBot) -> SurveysPage:
    shown = open_window(planned, page="surveys").page
    assert isinstance(shown, SurveysPage)
    qtbot.waitUntil(lambda: shown.result is not None, timeout=30_000)
    return shown


def layer(page: SurveysPage) -> SurveyCellsLayer:
    found = page.map.under["survey"]
    assert isinstance(found, SurveyCellsLayer)
    return found


def test_that_a_survey_is_shown_with_its_cells_and_collectors(page: SurveysPage) -> None:
    assert page.model.frame["name"].tolist() == ["路灯普查"]
    assert page.tables.model.frame["collector"].tolist() == ["乙", "甲"]
    assert (layer(page).stages == OPEN).all() and len(layer(page).stages) == 48
    assert page.result.outcomes["pending"] == page.surveys.plan["known"].sum() > 0


def test_that_a_collectors_cells_are_outlined_marked_and_given_away(page: SurveysPage, qtbot: QtBot) -> None:
    page.tables.table.selectRow(0)
    assert layer(page).chosen.sum() == len(page.surveys.cells_of("乙")) and page.mark.isEnabled()
    page.mark.click()
    qtbot.waitUntil(lambda: int((layer(page).stages == DONE).sum()) == len(page.picked), timeout=30_000)
    qtbot.waitUntil(lambda: page.result.outcomes["not_found"] > 0, timeout=30_000)
    cell = page.surveys.cells_of("甲")[0]
    page.map.picked.emit(Pick(KIND, cell, 0.0, 0.0))
    assert page.picked == (cell,) and not page.hand.isEnabled()
    page.collector.setText("丙")
    page.hand.click()
    qtbot.waitUntil(lambda: page.surveys.cells_of("丙") == (cell,), timeout=30_000)


def test_that_a_click_on_empty_ground_leaves_the_chosen_cells(page: SurveysPage) -> None:
    page.tables.table.selectRow(0)
    chosen = page.picked
    page.map.picked.emit(None)
    assert chosen and page.picked == chosen


def test_that_collected_points_are_compared_with_the_census(
    page: SurveysPage, planned: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    with stores.open(planned) as store:
        lamps = store.load_components(["code", "x", "y"], class_codes=["01037"])
    file = tmp_path / "点.csv"
    rows = [f"{code},{x:.3f},{y:.3f}" for code, x, y in lamps.iloc[1:].itertuples(index=False)]
    file.write_text("\n".join(["部件编码,x,y", *rows, ",,"]) + "\n,1,1\n", encoding="utf-8")
    page.collect(file)
    qtbot.waitUntil(lambda: page.result.outcomes["confirmed"] == len(lamps) - 1, timeout=30_000)
    assert (layer(page).stages == BEGUN).any() and not page.bar.isHidden()
    for way, count in ((DAYS, 1), (CLASSES, 1), (ROWS, len(lamps))):
        page.tables.way.choose(way)
        assert len(page.tables.model.frame) == count
    page.tables.outcome.choose("pending")
    assert len(page.tables.model.frame) == 1
    page.tables.table.opened.emit(0)
    assert abs(page.map.view.x - float(lamps["x"].iloc[0])) < 1
    target = tmp_path / "反馈.xlsx"
    page.export(target)
    qtbot.waitUntil(target.exists, timeout=30_000)
    assert openpyxl.load_workbook(target).sheetnames[0] == "汇总"


def test_that_a_survey_is_planned_in_the_window(page: SurveysPage, qtbot: QtBot) -> None:
    page.new.click()
    assert page.plan.isVisible()
    page.plan.find.setText("01001")
    shown = [
        page.plan.classes.item(at)
        for at in range(page.plan.classes.count())
        if not page.plan.classes.item(at).isHidden()
    ]
    assert len(shown) == 1
    from PySide6.QtCore import Qt

    shown[0].setCheckState(Qt.CheckState.Checked)
    page.plan.collectors.setPlainText("丙，丁\n戊")
    page.plan.area.choose("110101001002")
    page.plan.save.click()
    qtbot.waitUntil(lambda: page.surveys.chosen == 2, timeout=30_000)
    assert set(page.surveys.plan["collector"]) == {"丙", "丁", "戊"} and len(page.surveys.plan) == 24
    assert not page.plan.isVisible()


def test_that_a_plan_without_classes_is_told_and_keeps_the_form(page: SurveysPage, qtbot: QtBot) -> None:
    page.new.click()
    page.plan.collectors.setPlainText("丙")
    page.plan.save.click()
    qtbot.waitUntil(lambda: not page.bar.isHidden(), timeout=30_000)
    assert page.plan.isVisible() and page.surveys.chosen == 1
    assert page.back() and page.back() and not page.plan.isVisible()


def test_that_closing_is_asked_once_more(page: SurveysPage, qtbot: QtBot) -> None:
    page.end.click()
    assert page.surveys.about["status"] == "running" and not page.bar.isHidden()
    page.bar._link.click()
    qtbot.waitUntil(lambda: page.surveys.about["status"] == "closed", timeout=30_000)
    qtbot.waitUntil(lambda: page.result.frozen, timeout=30_000)
    assert not page.take.isEnabled() and not page.end.isEnabled()


def test_that_a_closed_survey_is_not_compared_again(page: SurveysPage, planned: Path, qtbot: QtBot) -> None:
    page.end.click()
    page.bar._link.click()
    qtbot.waitUntil(lambda: page.result.frozen, timeout=30_000)
    frozen, read = page.result, page.surveys
    with stores.open(planned) as store:
        store.commit_census(small_components(20, seed=3))
    qtbot.waitUntil(lambda: page.surveys is not read, timeout=30_000)
    assert page.desk.jobs.wait_until_idle() and page.result is frozen


def test_that_a_store_without_surveys_says_what_next(
    open_window: Callable[..., Window], city_file: Path, qtbot: QtBot
) -> None:
    page = open_window(city_file, page="surveys").page
    qtbot.waitUntil(lambda: page.is_empty, timeout=20_000)
