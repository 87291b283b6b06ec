"""From files dropped on the window to components in the store, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import thread_time

import pandas as pd
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import settle
from desktop.pages.census.census_page import CensusPage
from desktop.pages.census.census_report import write_report
from desktop.widgets.basic import Label
from desktop.window import Window

Opener = Callable[..., Window]
DELIVERY = "data/dongcheng_like/dirty/census_shp_gbk.zip"
ASLEEP_MS = 1_500  # an import on the UI thread would take seconds; how awake it is belongs in the benchmarks
BUTTONS = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
HEADER = "部件标识码,部件名称,主管部门,权属单位,养护单位,部件状态,初始时间,数据来源,定位精度,x,y\n"


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """Four rows for the small city: two good ones, one with a wrong state, one without a place."""
    rows = [
        "11010101037000901,路灯,甲,甲,甲,完好,2024-05-01,实测,A,500050,4418050",
        "11010101037000902,路灯,甲,甲,甲,完好,2024-05-01,实测,A,500150,4418050",
        "11010101037000903,路灯,甲,甲,甲,亮着,2024-05-01,实测,A,500250,4418050",
        "11010101037000904,路灯,甲,甲,甲,完好,2024-05-01,实测,A,,",
    ]
    file = tmp_path / "路灯普查.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def drop(window: Window, *files: Path, x: int = 700) -> None:
    """Drop files on the window, as the desktop does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    enter = QDragEnterEvent(QPoint(x, 400), Qt.DropAction.CopyAction, data, *BUTTONS)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, QDropEvent(QPointF(x, 400), Qt.DropAction.CopyAction, data, *BUTTONS))


def census(window: Window) -> CensusPage:
    """The census page."""
    page = window.pages["census"]
    assert isinstance(page, CensusPage)
    return page


def test_that_dropped_files_are_read_as_a_draft_and_reviewed(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    assert window.page is census(window)
    review = census(window).review
    assert review.status == "draft"
    session = review.review.session
    assert (session["read"], session["accepted"], session["quarantined"]) == (4, 2, 2)
    assert {line.code for line in review.kinds.lines} >= {"wrong_state", "null_geometry"}


def test_that_files_dropped_at_the_right_show_their_fields_first(window: Window, survey: Path) -> None:
    drop(window, survey, x=1200)
    assert settle(window)
    page = census(window)
    assert window.page is page and page.views.currentWidget() is page.mapping and window.zones.isHidden()
    assert page.mapping.layer is not None and page.mapping.layer.rows == 4
    assert not len(window.desk.state.store.load_sessions().query("label.str.contains('路灯普查')"))
    page.mapping._import()
    assert settle(window)
    assert page.review.review.session["accepted"] == 2


def test_that_zones_say_what_becomes_of_the_files_while_they_are_dragged(
    window: Window, survey: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(survey))])
    QApplication.sendEvent(
        window, QDragEnterEvent(QPoint(700, 400), Qt.DropAction.CopyAction, data, *BUTTONS)
    )
    assert window.zones.isVisible()
    for x, title in ((300, "Read as a draft"), (1300, "Fields and words first")):
        move = QDragMoveEvent(QPoint(x, 400), Qt.DropAction.CopyAction, data, *BUTTONS)
        QApplication.sendEvent(window, move)
        hot = [frame for frame in window.zones._frames if frame.property("hot")]
        assert [frame.findChildren(Label)[0].text() for frame in hot] == [title]
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert window.zones.isHidden()


def test_that_submitting_puts_it_into_the_store_and_undo_takes_it_back(
    window: Window, survey: Path, qtbot: QtBot
) -> None:
    before = len(window.city.working_set.x)
    drop(window, survey)
    assert settle(window)
    census(window).decide("submit")
    assert settle(window)
    assert census(window).review.status == "committed"
    qtbot.waitUntil(lambda: len(window.city.working_set.x) == before + 2, timeout=20_000)
    assert "2 new" in window.notification.sentence
    window.actions_by_id["undo"].trigger()
    assert settle(window)
    qtbot.waitUntil(lambda: len(window.city.working_set.x) == before, timeout=20_000)
    assert census(window).review.status == "undone"


def test_that_nothing_refused_and_nothing_waiting_alarms_nobody(window: Window, survey: Path) -> None:
    def tones() -> list[str]:
        figures = [
            part for part in page.sessions.facts.findChildren(Label) if part.property("role") == "figure"
        ]
        return [part.property("tone") for part in figures if part.isVisible()]

    page = census(window)
    window.go("census")
    assert settle(window)
    assert tones() == [""] * 5
    drop(window, survey)
    assert settle(window)
    while page.views.currentWidget() is not page.sessions:
        assert page.back()
    assert settle(window)
    assert tones() == ["", "", "", "alarm", "warning"]


def test_that_a_returned_session_stays_readable(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    census(window).decide("reject")
    assert settle(window)
    assert census(window).review.status == "rejected"
    assert not census(window).review._primary.isEnabled()


def test_that_the_findings_go_into_a_table_in_the_readers_language(
    window: Window, survey: Path, tmp_path: Path
) -> None:
    drop(window, survey)
    assert settle(window)
    window.desk.words.set_language("zh_CN")
    census(window).export(tmp_path / "清单.csv")
    assert settle(window)
    text = (tmp_path / "清单.csv").read_text(encoding="utf-8-sig")
    assert "wrong_state" in text and "部件状态" in text


def test_that_f8_walks_through_all_findings(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    review, seen = census(window).review, set()
    for _ in range(len(review.review.findings)):
        finding = review.rows.frame.iloc[review.table.chosen()]
        seen.add((finding["code"], finding["record"]))
        window.actions_by_id["census.next"].trigger()
    assert len(seen) == len(review.review.findings)


def test_that_a_file_that_cannot_be_read_is_refused_in_words(window: Window, tmp_path: Path) -> None:
    bad = tmp_path / "empty.shp"
    bad.write_bytes(b"")
    drop(window, bad)
    assert settle(window)
    assert "empty.shp" in census(window).bar.sentence
    assert len(window.city.working_set.x) == 300


def test_that_reading_again_with_another_class_keeps_the_files(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    first = page.review.session_id
    page.review.again_wished.emit()
    assert page.options.isVisible()
    page.options.wished.emit(page.options.request())
    assert settle(window)
    assert page.review.session_id == first + 1


def test_that_a_change_of_the_store_keeps_the_session_that_was_asked_for(
    window: Window, survey: Path
) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    first = page.review.session_id
    drop(window, survey)
    assert settle(window)
    page.open_session(first)
    page.refresh()
    assert settle(window)
    assert page.review.session_id == first


def test_that_an_import_can_be_cancelled_and_leaves_nothing(
    window: Window, shared: Path, qtbot: QtBot
) -> None:
    before = len(window.city.working_set.x)
    with qtbot.waitSignal(window.desk.jobs.moved, timeout=60_000):
        drop(window, shared / DELIVERY)
    window.status.cancelled.emit()
    assert settle(window)
    assert census(window).review.review is None
    assert len(window.city.working_set.x) == before


@pytest.mark.shared
def test_that_a_real_gbk_delivery_is_read_while_the_window_stays_awake(
    open_window: Opener, tmp_path: Path, shared: Path
) -> None:
    window = open_window(tmp_path / "new.wangrid")
    beats = Beats()
    drop(window, shared / DELIVERY)
    assert settle(window)
    beats.stop()
    review = census(window).review
    assert review.review.session["read"] == 37_252
    assert "GBK" in review.review.session["encoding"]
    assert review.kinds.row_of("misdeclared_encoding") >= 0
    assert beats.longest_own_ms < ASLEEP_MS


class Beats:
    """Beats of a timer on the UI thread: how long the thread itself was busy between two of them.

    Processor time of the thread, so that other programs on the machine do not count.
    """

    def __init__(self) -> None:
        self._own: list[float] = []
        self._last = thread_time()
        self._timer = QTimer()
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = thread_time()
        self._own.append((now - self._last) * 1000)
        self._last = now

    def stop(self) -> None:
        self._timer.stop()

    @property
    def longest_own_ms(self) -> float:
        return max(self._own)


def test_that_the_button_gives_codes_to_what_is_stored_without_one(
    window: Window, survey: Path, qtbot: QtBot
) -> None:
    survey.write_text(
        survey.read_text("utf-8").replace("11010101037000901", "").replace("11010101037000902", ""), "utf-8"
    )
    page = census(window)
    page.read_files(page.options.request().changed(files=(str(survey),), give_codes=True))
    assert settle(window)
    page.decide("submit")
    assert settle(window)
    numbers = window.desk.state.store.load_components(["code"])["code"]
    assert len(numbers) == 302 and (numbers != "").all()
    page.sessions.codes_wished.emit()
    assert settle(window)
    assert "no component" in page.bar.sentence


def test_that_the_report_is_written_in_the_readers_language(
    window: Window, survey: Path, tmp_path: Path
) -> None:
    drop(window, survey)
    assert settle(window)
    census(window).decide("submit")
    assert settle(window)
    window.desk.words.set_language("zh_CN")
    write_report(census(window), census(window).review.session_id, tmp_path / "报告.pdf")
    assert settle(window)
    assert (tmp_path / "报告.pdf").read_bytes().startswith(b"%PDF-")
    assert "校验值" in window.notification.sentence


def test_that_a_finding_is_corrected_in_place_and_the_correction_taken_back(
    window: Window, survey: Path
) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    page.review.show_kind("wrong_state")
    assert page.review.correct.fields.key() == "state"
    page.review.correct.value.setText("完好")
    page.review.correct.value.returnPressed.emit()
    assert settle(window)
    assert page.review.review.session["accepted"] == 3
    assert page.review.kinds.row_of("wrong_state") == -1
    assert page.review.log.rows.frame["value"].tolist() == ["完好"]
    assert page.review.log.changed.frame[["row", "before", "after"]].to_numpy().tolist() == [
        [4, "亮着", "完好"]
    ]
    page.deeds.take_back(1)
    assert settle(window)
    assert page.review.kinds.row_of("wrong_state") >= 0
    assert page.review.log.rows.frame["undone_at"].tolist() != [""]


def test_that_what_is_proposed_is_shown_beside_the_row_and_taken_with_one_click(
    window: Window, survey: Path
) -> None:
    survey.write_text(survey.read_text("utf-8").replace("11010101037000902", "110101 01037 000902"), "utf-8")
    drop(window, survey)
    assert settle(window)
    page = census(window)
    correct = page.review.correct
    page.review.show_kind("wrong_state")
    assert settle(window)
    assert not correct.take.isVisible()
    page.review.show_kind("bad_code_form")
    assert settle(window)
    assert page.review.rows.frame["proposed"].tolist() == ["11010101037000902"]
    assert (correct.fields.key(), correct.value.text()) == ("code", "11010101037000902")
    assert "look-alike" in " ".join(label.text() for label in page.review.detail.findChildren(Label))
    assert correct.take.text() == "Take 1 proposals"
    finding = page.review.rows.frame.iloc[0]
    said = {name: [finding[name]] for name in ("file", "layer", "record")} | {
        "reason": [""],
        "distance_m": [0.0],
    }
    said |= {"field": ["location"], "value": ["甲,乙"]}
    page.review.findings.show_proposals("bad_code_form", pd.DataFrame(said))
    assert correct.value.text() == "甲,乙"
    correct.take.click()
    assert settle(window)
    assert page.review.review.session["accepted"] == 2
    assert page.review.kinds.row_of("bad_code_form") == -1


def test_that_the_difference_stands_in_a_tab_of_the_review(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    page.review.show_tab("difference")
    assert settle(window)
    page.review.difference.show_part("new")
    assert page.review.difference.rows.rowCount() == 2


def test_that_a_row_without_a_place_is_moved_by_a_click_on_the_map(
    window: Window, survey: Path, qtbot: QtBot
) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    page.review.show_kind("null_geometry")
    page.deeds.correct("move", "", "500350,4418050", False)
    assert settle(window)
    assert page.review.review.session["accepted"] == 3


def test_that_refused_rows_leave_from_the_review(window: Window, survey: Path, tmp_path: Path) -> None:
    drop(window, survey)
    assert settle(window)
    census(window).deeds.send_back(tmp_path / "back.zip")
    assert settle(window)
    assert (tmp_path / "back.zip").stat().st_size > 0


def test_that_a_return_says_why_and_by_whom(window: Window, survey: Path) -> None:
    drop(window, survey)
    assert settle(window)
    page = census(window)
    page.review.why.setText("部门缺失")
    page.decide("reject")
    assert settle(window)
    assert page.review.review.session["reason"] == "部门缺失"
