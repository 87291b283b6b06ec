"""The window as a person meets it: keys, languages, themes, search, errors, other writers."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.app import settle
from desktop.defects import UncaughtErrors
from desktop.settings import Settings, WindowSettings
from desktop.state import Selection
from desktop.window import Window
from kernel.errors import Cancelled, Conflict, Refused
from kernel.progress import Progress

Opener = Callable[..., Window]
ROOT = Path(__file__).resolve().parents[2]
ASLEEP_MS = 500  # work on the UI thread would take longer; how awake it is belongs in the benchmarks


def press(window: Window, action_id: str) -> None:
    """Do an action as its key does."""
    window.actions_by_id[action_id].trigger()


def test_that_the_store_is_shown_with_its_city_plane_and_synthetic_mark(window: Window) -> None:
    status = window.status
    assert status.text("city") == "示例区"
    assert "EPSG:4548" in status.text("crs")
    assert status.text("data").startswith("Synthetic data")
    assert window.city.complete


def test_that_a_place_is_told_in_degrees_without_moving_the_pointer(window: Window) -> None:
    window.page.map.cursor_moved.emit(500_000.0, 4_418_000.0)
    assert settle(window)
    assert window.status.text("degrees").startswith("117.0000")


def test_that_the_language_changes_at_run_time_everywhere(window: Window, settings: Settings) -> None:
    press(window, "language")
    assert window.desk.words.lang == "zh_CN"
    assert window.windowTitle() == "示例区 - 万格 WanGrid"
    assert window.status.text("data").startswith("合成数据")
    assert window.page.search.field.placeholderText() == "搜部件、网格、地名"
    assert Settings(settings.file.parent).load(WindowSettings).lang == "zh_CN"


def test_that_the_theme_changes_at_run_time_and_is_remembered(window: Window, settings: Settings) -> None:
    before = window.grab().toImage().pixelColor(window.width() - 200, window.height() - 8)
    press(window, "theme")
    assert settle(window)
    after = window.grab().toImage().pixelColor(window.width() - 200, window.height() - 8)
    assert before.lightness() > 200 > 60 > after.lightness()
    assert settings.load(WindowSettings).theme == "dark"
    press(window, "theme")


def test_that_the_palette_lists_actions_with_keys_and_does_them(window: Window, qtbot: QtBot) -> None:
    press(window, "palette")
    panel = window.palette_panel
    assert "Switch between light and dark" in panel.titles()
    qtbot.keyClicks(QApplication.focusWidget(), "settings")
    assert panel.titles() == ["Settings"]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert panel.isHidden()
    assert window.settings_panel.isVisible()


def test_that_search_flies_to_a_cell_and_opens_its_card(window: Window, qtbot: QtBot) -> None:
    page = window.page
    press(window, "search")
    assert QApplication.focusWidget() is page.search.field
    with qtbot.waitSignal(page.search.asked):
        qtbot.keyClicks(page.search.field, "110101001001001")
    assert settle(window)
    assert list(page.search.results["key"])[:1] == ["110101001001001"]
    qtbot.keyClick(page.search.field, Qt.Key.Key_Return)
    assert settle(window)
    assert window.desk.state.selection.kind == "cell"
    assert page.card.isVisible()
    xmin, ymin, xmax, ymax = page.map.view.extent
    x, y = window.desk.state.selection.x, window.desk.state.selection.y
    assert xmin < x < xmax and ymin < y < ymax
    assert page.map.view.scale_denominator < 5_000


def test_that_escape_backs_out_one_level_at_a_time(window: Window, qtbot: QtBot) -> None:
    window.desk.state.select(Selection("cell", "110101001001001", 0.0, 0.0))
    assert settle(window)
    press(window, "palette")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.palette_panel.isHidden() and window.page.card.isVisible()
    press(window, "back")
    assert window.page.card.isHidden()
    assert window.desk.state.selection == Selection()


def test_that_f6_reaches_every_pane(window: Window) -> None:
    seen = set()
    for _ in range(len(window.page.panes()) + 2):
        press(window, "pane.next")
        seen.add(next(i for i, pane in enumerate([window.rail, *window.page.panes()])
                      if pane is QApplication.focusWidget() or pane.isAncestorOf(QApplication.focusWidget())))  # fmt: skip
    visible = {i for i, pane in enumerate([window.rail, *window.page.panes()]) if pane.isVisible()}
    assert seen == visible


def test_that_a_component_has_a_card_with_code_owner_state_and_history(window: Window) -> None:
    window.desk.state.select(Selection("component", "1", 0.0, 0.0))
    assert settle(window)
    words = " ".join(
        label.text() for label in window.page.card.findChildren(type(window.status._labels["city"]))
    )
    for part in ("示例区路灯管理中心", "110101 0", "Class A", "entered by the census"):
        assert part in words


def test_that_another_process_commits_and_the_page_follows(
    window: Window, city_file: Path, qtbot: QtBot
) -> None:
    before = len(window.city.working_set.x)
    program = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]\n"
        "from conftest import small_components\n"
        "from data import store\n"
        "from dataclasses import replace\n"
        "draft = small_components(40, seed=11)\n"
        "frame = draft.components.assign(code=['110101' + c + '9%05d' % i for i, c in enumerate(draft.components['class_code'])])\n"
        "with store.open(sys.argv[3]) as s: s.commit_census(replace(draft, components=frame))\n"
    )
    with qtbot.waitSignal(window.city.components_changed, timeout=30_000):
        subprocess.run(
            [sys.executable, "-c", program, str(ROOT), str(ROOT / "tests/desktop"), str(city_file)],
            check=True,
        )
    assert len(window.city.working_set.x) == before + 40


def test_that_work_is_shown_in_the_corner_and_can_be_cancelled(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.window.SHOWN_AFTER_S", 0.0)
    ended: list[object] = []

    def endless(progress: Progress) -> None:
        while True:
            progress.report(0.25, "Reading the layers")

    with qtbot.waitSignal(window.desk.jobs.moved):
        window.desk.jobs.start("long", "Long work", endless, on_failed=ended.append)
    qtbot.waitUntil(window.status.corner.isVisible)
    with qtbot.waitSignal(window.desk.jobs.idle):
        window.status.cancelled.emit()
    assert isinstance(ended[0], Cancelled)
    assert window.status.corner.isHidden()


@pytest.mark.qt_no_exception_capture
def test_that_an_exception_in_a_slot_is_logged_with_an_id_and_the_window_lives_on(
    window: Window, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def slot() -> None:
        raise RuntimeError("a slot went wrong")

    caught = UncaughtErrors(window.fail)
    caught.install()
    try:
        with caplog.at_level(logging.ERROR):
            QTimer.singleShot(0, slot)
            qtbot.waitUntil(lambda: bool(window.page.bar.sentence))
    finally:
        caught.remove()
    report = caplog.records[0].getMessage().split()[1].rstrip(":")
    assert report in window.page.bar.sentence
    assert "a slot went wrong" in caplog.text
    press(window, "palette")
    assert window.palette_panel.isVisible()


@pytest.mark.parametrize(
    ("error", "mark"),
    [(Refused("{file} has no .dbf beside it.", file="a.shp", remedy="Ask for it."), "octagon"),
     (Conflict("Someone else was faster."), "hollow-triangle")],
)  # fmt: skip
def test_that_each_family_of_error_has_its_notice(window: Window, error: Refused, mark: str) -> None:
    window.fail(error)
    assert error.places["file"] is None or "a.shp" in window.page.bar.sentence
    assert window.page.bar._mark._shape == mark


def test_that_a_store_that_cannot_be_opened_says_so(open_window: Opener, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wangrid"
    bad.write_bytes(b"this is no database" * 100)
    window = open_window(bad, settled=False)
    window.desk.jobs.wait_until_idle()
    assert window.page.is_empty
    assert "bad.wangrid" in window.page.bar.sentence


def test_that_an_empty_store_offers_the_demo_city_and_an_import(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(tmp_path / "new" / "empty.wangrid")
    assert window.page.is_empty
    steps = [button.text() for button in window.page.empty.findChildren(QPushButton)]
    assert steps == ["Open the demo city", "Import…"]


def test_that_the_window_stays_awake_while_components_are_read(window: Window, qtbot: QtBot) -> None:
    assert longest_gap_ms(window, lambda: window.city.load_components()) < ASLEEP_MS


def longest_gap_ms(window: Window, begin) -> float:  # type: ignore[no-untyped-def]
    """The longest time between two beats of a timer on the UI thread until the jobs are idle."""
    beats = [perf_counter()]
    timer = QTimer()
    timer.setInterval(2)
    timer.timeout.connect(lambda: beats.append(perf_counter()))
    timer.start()
    begin()
    settle(window)
    timer.stop()
    return max((b - a) * 1000 for a, b in pairwise(beats))
