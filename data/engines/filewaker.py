"""Wakes a watch when the file of an embedded store has changed, by whatever process."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Final

from data.engines.engine import Waker

LOOK_EVERY_S: Final = 0.05  # how often a watch looks at the file's stamps


class FileWaker(Waker):
    """Looks at the file's stamps; asks SQLite's own change counter when they moved, and once a second anyway."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self._names = [f"{file}-wal", str(file)]
        self._connection = connection
        self._news = threading.Event()
        self._stopped = False
        self._stamps: list[tuple[int, int]] = []
        self._counter = self._read_counter()

    def wait(self) -> bool:
        """See the base class."""
        since_asked_s = 0.0
        while not self._stopped:
            if self._news.wait(LOOK_EVERY_S):
                self._news.clear()
                return not self._stopped
            since_asked_s += LOOK_EVERY_S
            stamps = [_stamp(name) for name in self._names]
            if stamps != self._stamps or since_asked_s >= 1.0:
                self._stamps, since_asked_s = stamps, 0.0
                if self._moved():
                    return True
        return False

    def poke(self) -> None:
        """See the base class."""
        self._news.set()

    def stop(self) -> None:
        """See the base class."""
        self._stopped = True
        self._news.set()

    def close(self) -> None:
        """See the base class."""
        self._connection.close()

    def _moved(self) -> bool:
        counter = self._read_counter()
        moved, self._counter = counter != self._counter, counter
        return moved

    def _read_counter(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


def _stamp(name: str) -> tuple[int, int]:
    try:
        found = Path(name).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
