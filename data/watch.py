"""Tells what was committed, by this process or another: each commit once, in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from data.engines.engine import Engine, Waker
from data.journal import commits_after, last_sequence
from kernel.changes import Changes
from kernel.errors import UserError

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 1.0  # pause before asking a store again that could not be reached


class Watch:
    """Calls `callback(Changes)` from a thread of its own until `close`; commits before its making are not told.

    An exception in the callback is logged and does not end the watch.
    """

    def __init__(self, engine: Engine, callback: Callable[[Changes], None]) -> None:
        self._engine = engine
        self._callback = callback
        self._waker: Waker = engine.waker()
        try:
            with engine.reading() as db:
                self._told = last_sequence(db)
        except BaseException:
            self._waker.close()
            raise
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-watch", daemon=True)
        self._thread.start()

    def poke(self) -> None:
        """This process has just committed: look now."""
        self._waker.poke()

    def close(self) -> None:
        """Stop telling; returns when the thread has ended (from inside the callback: at once)."""
        self._closing.set()
        self._waker.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing.is_set() and self._waker.wait():
                self._tell()
        finally:
            self._waker.close()

    def _tell(self) -> None:
        try:
            with self._engine.reading() as db:
                news = commits_after(db, self._told)
        except UserError as error:
            log.warning("store watch: %s", error)
            if not self._closing.wait(AGAIN_AFTER_S):
                self._waker.poke()
            return
        for commit in news:
            if self._closing.is_set():
                return
            self._told = commit.sequence
            self._call(commit.changes)

    def _call(self, changes: Changes) -> None:
        try:
            self._callback(changes)
        except Exception:
            log.exception("store watch: the callback failed on %s", changes)
