"""Another store is opened in the window: nothing that was chosen or read in the last one stays on a page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from actions.surveys.plan_survey import PlanSurvey, plan_survey
from census.facilities.frames import facilities_frame
from data import store as stores
from desktop.app import settle
from desktop.pages.census.census_page import CensusPage
from desktop.pages.facilities.facilities_page import FacilitiesPage
from desktop.pages.surveys.surveys_page import SurveysPage
from desktop.widgets.notices import Notice
from desktop.window import Window
from tests.desktop.conftest import SOUTH, WEST, small_components

Opener = Callable[..., Window]


@pytest.fixture
def other(small_city: Path, tmp_path: Path) -> Path:
    """A second city."""
    return Path(shutil.copy(small_city, tmp_path / "other.wangrid"))


def open_other(window: Window, file: Path) -> None:
    window.desk.state.open(str(file))
    assert settle(window, 30_000)


def add_survey(file: Path, name: str, survey_class: str) -> None:
    with stores.open(file) as store:
        plan_survey(store, PlanSurvey(name, (survey_class,), ("甲", "乙")))


def add_draft(file: Path, count: int) -> int:
    with stores.open(file, actor="surveyor") as store:
        return store.save_draft(small_components(count, seed=3))


def test_that_the_latest_survey_of_the_other_store_is_shown_with_its_own_result(
    open_window: Opener, city_file: Path, other: Path
) -> None:
    add_survey(city_file, "路灯普查", "01037")
    add_survey(other, "上水井盖普查", "01001")
    window = open_window(city_file, page="surveys")
    page = window.page
    assert isinstance(page, SurveysPage)
    page.tables.table.selectRow(0)
    first = page.result
    assert page.picked and first is not None
    open_other(window, other)
    assert page.picked == () and page.model.frame["name"].tolist() == ["上水井盖普查"]
    assert page.result is not first and set(page.result.rows["class_code"]) == {"01001"}


def test_that_the_sheet_of_a_facility_closes(open_window: Opener, city_file: Path, other: Path) -> None:
    columns = {"code": ["GP-1"], "kind": ["bin"], "name": ["南门桶"], "state": ["运行"], "x": [WEST + 50], "y": [SOUTH + 50]}  # fmt: skip
    with stores.open(city_file) as store:
        store.save_facilities(facilities_frame(columns, 1))
    window = open_window(city_file, page="facilities")
    page = window.page
    assert isinstance(page, FacilitiesPage)
    page.choose("GP-1")
    assert page.sheet.isVisible()
    open_other(window, other)
    assert page.is_empty and page.code == "" and not page.sheet.isVisible()


def test_that_an_undo_of_the_last_store_does_nothing_in_the_next(
    open_window: Opener, city_file: Path, other: Path
) -> None:
    window, undone = open_window(city_file), []
    window.tell(Notice("done", "changed", "Undo", lambda: undone.append(1), "Ctrl Z"))
    open_other(window, other)
    window.do("undo")
    assert undone == []


def test_that_an_open_review_gives_way_and_the_same_number_is_compared_anew(
    open_window: Opener, city_file: Path, other: Path
) -> None:
    number = add_draft(city_file, 20)
    assert add_draft(other, 40) == number
    window = open_window(city_file, page="census")
    page = window.page
    assert isinstance(page, CensusPage)
    show_difference(window, page, number)
    first = page.review.difference._found
    open_other(window, other)
    assert page.views.currentWidget() is page.sessions
    show_difference(window, page, number)
    assert page.review.difference._found is not first


def test_that_a_comparison_that_was_cancelled_is_made_when_asked_again(
    open_window: Opener, city_file: Path
) -> None:
    number = add_draft(city_file, 20)
    window = open_window(city_file, page="census")
    page = window.page
    assert isinstance(page, CensusPage)
    page.open_session(number)
    assert settle(window)
    gate = Event()
    window.desk.jobs.start("gate", "", lambda _: gate.wait(30), quiet=True)
    page.review.show_tab("difference")
    window.desk.jobs.cancel_all()
    gate.set()
    assert settle(window)
    assert page.review.difference._found is None
    page.review.show_tab("difference")
    assert settle(window)
    assert page.review.difference._found is not None


def show_difference(window: Window, page: CensusPage, number: int) -> None:
    page.open_session(number)
    assert settle(window)
    page.review.show_tab("difference")
    assert settle(window)
