"""Two lanes of work: the store's is serial, computation is parallel. The UI thread never waits.

Work leaves as a function that has captured all its inputs and takes a `Progress`; the answer comes back on the UI
thread by one signal. A newer job of the same kind supersedes the older one: that is cancelled, and its late answer
dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from desktop.apart import Apart, Deed
from desktop.defects import as_defect
from desktop.words import Text, Wording
from kernel.errors import Cancelled, WanGridError
from kernel.progress import Progress, Watched

STORE, COMPUTE = "store", "compute"
SHOWN_AFTER_S = 2.0  # work shorter than this needs no words

Task = Callable[[Progress], Any]
OnDone = Callable[[Any], None]
OnFailed = Callable[[WanGridError], None]


@dataclass
class Job:
    """One piece of work on its way: what it is called, how far it is, and how to stop it."""

    number: int
    kind: str
    title: Wording
    lane: str
    owner: QObject | None = None
    on_done: OnDone | None = None
    on_failed: OnFailed | None = None
    quiet: bool = False
    share: float = 0.0
    words: Wording = ""
    superseded: bool = False
    begun_s: float = field(default_factory=monotonic)
    progress: Watched = field(init=False)
    future: Future[None] | None = None

    def cancel(self) -> None:
        """Ask the work to stop; a job that has not begun never will."""
        self.progress.cancel()

    def age_s(self) -> float:
        """Seconds since it was asked for."""
        return monotonic() - self.begun_s

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self.superseded and (self.owner is None or isValid(self.owner))


@dataclass(frozen=True)
class _Answer:
    job: Job
    result: Any = None
    error: WanGridError | None = None


class Jobs(QObject):
    """The two lanes. All signals are emitted on the UI thread."""

    started = Signal(object)  # Job
    moved = Signal(object)  # Job
    ended = Signal(object)  # Job
    failed = Signal(object)  # WanGridError of a job that has no handler of its own
    idle = Signal()
    _answered = Signal(object)
    _reported = Signal(object, float, object)

    def __init__(self, apart: Apart | None = None) -> None:
        super().__init__()
        threads = max(2, (os.cpu_count() or 2) - 1)
        self._lanes = {
            STORE: ThreadPoolExecutor(1, thread_name_prefix="wangrid-store"),
            COMPUTE: ThreadPoolExecutor(threads, thread_name_prefix="wangrid-compute"),
        }
        self.apart = apart or Apart()
        self._own_apart = apart is None
        self._numbers = count(1)
        self._active: dict[int, Job] = {}
        self._closed = False
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._move, Qt.ConnectionType.QueuedConnection)

    @property
    def active(self) -> list[Job]:
        """Jobs begun or waiting, oldest first."""
        return list(self._active.values())

    def start(
        self,
        kind: str,
        title: Wording,
        task: Task,
        *,
        lane: str = STORE,
        owner: QObject | None = None,
        on_done: OnDone | None = None,
        on_failed: OnFailed | None = None,
        quiet: bool = False,
    ) -> Job:
        """Put `task` on a lane; any job of the same kind still under way is superseded.

        `on_done(result)` or `on_failed(error)` is called on the UI thread unless the owner is gone or the job was
        superseded. `quiet` jobs (a page reading what it shows) are not listed in the corner.
        """
        for older in self._active.values():
            if older.kind == kind:
                older.superseded = True
                older.cancel()
        job = Job(next(self._numbers), kind, title, lane, owner, on_done, on_failed, quiet)
        job.progress = Watched(lambda share, words, places: self._report(job, share, words, places))
        if self._closed:  # a picture that was on its way may still ask for something
            job.superseded = True
            return job
        self._active[job.number] = job
        self.started.emit(job)
        job.future = self._lanes[lane].submit(self._run, job, task)
        return job

    def start_apart(
        self,
        kind: str,
        title: Wording,
        deed: Deed,
        *,
        owner: QObject | None = None,
        on_done: OnDone | None = None,
        on_failed: OnFailed | None = None,
    ) -> Job:
        """As `start`, for a heavy action: it runs in a process of its own, a compute thread waits for it."""
        return self.start(kind, title, lambda progress: self.apart.run(deed, progress), lane=COMPUTE, owner=owner,
                          on_done=on_done, on_failed=on_failed)  # fmt: skip

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for job in self.active:
            job.cancel()

    def wait_until_idle(self, timeout_ms: int = 30_000) -> bool:
        """Serve events until nothing is under way; False when the time ran out."""
        until = monotonic() + timeout_ms / 1000.0
        while self._active:  # what ends may begin something else
            left_ms = round((until - monotonic()) * 1000)
            if left_ms <= 0:
                return False
            loop, timer = QEventLoop(), QTimer()
            timer.setSingleShot(True)
            timer.timeout.connect(loop.quit)
            self.idle.connect(loop.quit)
            timer.start(left_ms)
            loop.exec()
            self.idle.disconnect(loop.quit)
            timer.stop()
        return True

    def close(self) -> None:
        """Stop everything and wait for the threads; answers that come now are dropped, and nothing more begins."""
        self._closed = True
        for job in self.active:
            job.superseded = True
            job.cancel()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        if self._own_apart:
            self.apart.close()
        self._active.clear()

    def _run(self, job: Job, task: Task) -> None:
        """On the lane's thread."""
        try:
            job.progress.check()
            answer = _Answer(job, result=task(job.progress))
        except Exception as error:  # every end of a task becomes an answer, or its page would wait for ever
            answer = _Answer(job, error=as_defect(error))
        self._send(self._answered, answer)

    def _report(self, job: Job, share: float, words: str, places: dict[str, object]) -> None:
        self._send(self._reported, job, share, Text(words, **places) if words else "")

    def _send(self, signal: Any, *values: object) -> None:
        if isValid(self):  # the window may be gone before its last thread
            signal.emit(*values)

    @Slot(object, float, object)
    def _move(self, job: Job, share: float, words: Wording) -> None:
        if job.number in self._active:
            job.share, job.words = share, words
            self.moved.emit(job)

    @Slot(object)
    def _take(self, answer: _Answer) -> None:
        job = answer.job
        if self._active.pop(job.number, None) is None:
            return
        self.ended.emit(job)
        try:
            if job.wanted:
                self._hand_over(answer)
        finally:
            if not self._active:
                self.idle.emit()

    def _hand_over(self, answer: _Answer) -> None:
        job = answer.job
        if answer.error is None:
            if job.on_done is not None:
                job.on_done(answer.result)
        elif job.on_failed is not None:
            job.on_failed(answer.error)
        elif not isinstance(answer.error, Cancelled):
            self.failed.emit(answer.error)
