"""Two lanes, superseding, cancel, errors of the three families."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.jobs import COMPUTE, STORE, Jobs
from kernel.errors import Cancelled, Defect, Refused, WanGridError
from kernel.progress import Progress


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    lanes = Jobs()
    yield lanes
    lanes.close()


def test_that_a_result_arrives_on_the_ui_thread(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[tuple[int, bool]] = []
    with qtbot.waitSignal(jobs.idle):
        jobs.start(
            "add",
            "",
            lambda _: 2 + 3,
            on_done=lambda n: seen.append((n, threading.current_thread() is threading.main_thread())),
        )
    assert seen == [(5, True)]


def test_that_the_store_lane_is_serial_and_the_compute_lane_is_not(jobs: Jobs, qtbot: QtBot) -> None:
    inside, most = [0], {STORE: 0, COMPUTE: 0}
    lock, both = threading.Lock(), threading.Barrier(2)

    def task(lane: str) -> None:
        with lock:
            inside[0] += 1
            most[lane] = max(most[lane], inside[0])
        if lane == COMPUTE:
            both.wait(10)  # passes only when two run at once
        with lock:
            inside[0] -= 1

    for lane in (STORE, COMPUTE):
        with qtbot.waitSignal(jobs.idle):
            for number in range(2):
                jobs.start(f"{lane}{number}", "", lambda _, lane=lane: task(lane), lane=lane)
    assert most[STORE] == 1


def test_that_a_newer_job_of_the_same_kind_supersedes_the_older(jobs: Jobs, qtbot: QtBot) -> None:
    gate, answers = threading.Event(), []

    def slow(progress: Progress) -> str:
        gate.wait(10)
        progress.check()
        return "old"

    with qtbot.waitSignal(jobs.idle):
        old = jobs.start("search", "", slow, on_done=answers.append)
        jobs.start("search", "", lambda _: "new", on_done=answers.append)
        gate.set()
    assert answers == ["new"]
    assert old.superseded


def test_that_cancelled_work_ends_and_says_so(jobs: Jobs, qtbot: QtBot) -> None:
    begun, errors = threading.Event(), []

    def endless(progress: Progress) -> None:
        begun.set()
        stop = threading.Event()
        while not stop.wait(0.001):
            progress.check()

    with qtbot.waitSignal(jobs.idle):
        job = jobs.start("long", "", endless, on_failed=errors.append)
        assert begun.wait(10)
        job.cancel()
    assert [type(error) for error in errors] == [Cancelled]


def test_that_progress_reaches_the_ui_with_words(jobs: Jobs, qtbot: QtBot) -> None:
    moved: list[tuple[float, str]] = []
    jobs.moved.connect(lambda job: moved.append((job.share, job.words and job.words.template)))
    with qtbot.waitSignal(jobs.idle):
        jobs.start("long", "", lambda progress: progress.report(0.5, "Reading the layers"))
    assert moved == [(0.5, "Reading the layers")]


@pytest.mark.parametrize(
    ("error", "family"), [(Refused("No."), Refused), (ValueError("boom"), Defect), (Defect("Ours."), Defect)]
)
def test_that_errors_arrive_as_their_family(
    jobs: Jobs, qtbot: QtBot, caplog: pytest.LogCaptureFixture, error: Exception, family: type[WanGridError]
) -> None:
    seen: list[WanGridError] = []

    def task(_: Progress) -> None:
        raise error

    with caplog.at_level(logging.ERROR), qtbot.waitSignal(jobs.idle):
        jobs.start("task", "", task, on_failed=seen.append)
    assert isinstance(seen[0], family)
    if isinstance(seen[0], Defect):
        assert seen[0].report_id in caplog.text


def test_that_the_answer_of_a_dead_owner_is_dropped(jobs: Jobs, qtbot: QtBot) -> None:
    gate, answers, owner = threading.Event(), [], QObject()
    with qtbot.waitSignal(jobs.idle):
        jobs.start("task", "", lambda _: gate.wait(10), owner=owner, on_done=answers.append)
        with qtbot.waitSignal(owner.destroyed):
            owner.deleteLater()
        gate.set()
    assert answers == []


def test_that_closing_ends_every_thread(qapp: object) -> None:
    before = threading.active_count()
    lanes = Jobs()
    lanes.start("a", "", lambda _: None)
    lanes.start("b", "", lambda _: None, lane=COMPUTE)
    lanes.close()
    assert threading.active_count() == before


def test_that_nothing_begins_once_they_are_closed(qtbot: QtBot) -> None:
    jobs = Jobs()
    told: list[int] = []
    jobs.close()
    job = jobs.start("late", "", lambda _: told.append(1))
    assert job.future is None and not job.wanted and jobs.active == [] and told == []
