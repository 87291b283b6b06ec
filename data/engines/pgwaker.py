"""Wakes a watch when the server says that someone committed: LISTEN on a connection of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg

from data.engines.engine import Waker

log = logging.getLogger(__name__)

AGAIN_AFTER_S: Final = 1.0  # pause before connecting again to a server that was gone
CHANNEL: Final = "wangrid_commits"  # commits of all stores of a database are announced here
STOP_WITHIN_S: Final = 0.2  # how long a stop may go unnoticed


class ServerWaker(Waker):
    """Waits for the server's word; it comes for this process's own commits too."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._stopped = threading.Event()
        self._connection: psycopg.Connection[Any] | None = self._listen()

    def wait(self) -> bool:
        """See the base class. A lost connection is made again; what was missed meanwhile stands in the log."""
        while not self._stopped.is_set():
            if self._connection is None:
                self._connection = self._listen_again()
                return not self._stopped.is_set()
            try:
                for _ in self._connection.notifies(timeout=STOP_WITHIN_S, stop_after=1):
                    return not self._stopped.is_set()
            except psycopg.Error as error:
                log.warning("store watch: the server is gone: %s", error)
                self._connection.close()
                self._connection = None
        return False

    def poke(self) -> None:
        """Nothing to do: the server tells us what we have done, too."""

    def stop(self) -> None:
        """See the base class."""
        self._stopped.set()

    def close(self) -> None:
        """See the base class."""
        if self._connection is not None:
            self._connection.close()

    def _listen(self) -> psycopg.Connection[Any]:
        connection = self._connect()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def _listen_again(self) -> psycopg.Connection[Any] | None:
        while not self._stopped.wait(AGAIN_AFTER_S):
            try:
                return self._listen()
            except psycopg.Error as error:
                log.info("store watch: still no server: %s", error)
        return None
