"""One worker thread that always takes the newest order: one that waits is forgotten, one under way may be stopped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from kernel.errors import Cancelled

Order = TypeVar("Order")

# How long a thread that wants the interpreter waits before the other is asked for it. A painting of the window wants it
# a dozen times: at a millisecond it took twice as long beside a busy worker as at a tenth of one; shorter costs more.
SWITCH_S: Final = 0.0001


class Lane(Generic[Order]):
    """Calls `work(order, check)` on its thread. `check()` raises `Cancelled` once the lane closes, or once a waiting
    order `replaces(newer, older)` the one under way."""

    def __init__(
        self,
        name: str,
        work: Callable[[Order, Callable[[], None]], None],
        replaces: Callable[[Order, Order], bool] = lambda newer, older: True,
    ) -> None:
        self._work = work
        self._replaces = replaces
        self._waiting: Order | None = None
        self._running: Order | None = None
        self._closed = False
        self._turn = threading.Condition()
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether an order waits or is under way."""
        with self._turn:
            return self._waiting is not None or self._running is not None

    @property
    def open(self) -> bool:
        """Whether orders are taken."""
        return not self._closed

    def submit(self, order: Order) -> None:
        """Do this next."""
        with self._turn:
            if not self._closed:
                self._waiting = order
                self._turn.notify()

    def close(self) -> None:
        """Stop and wait for the thread to end."""
        with self._turn:
            self._closed = True
            self._waiting = None
            self._turn.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _check(self) -> None:
        running, waiting = self._running, self._waiting
        if self._closed or (running is not None and waiting is not None and self._replaces(waiting, running)):
            raise Cancelled

    def _serve(self) -> None:
        while (order := self._next()) is not None:
            try:
                self._work(order, self._check)
            except Cancelled:
                pass
            finally:
                with self._turn:
                    self._running = None

    def _next(self) -> Order | None:
        with self._turn:
            while self._waiting is None and not self._closed:
                self._turn.wait()
            self._running, self._waiting = self._waiting, None
            return None if self._closed else self._running
