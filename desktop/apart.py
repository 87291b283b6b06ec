"""Heavy actions run in a process of their own: one interpreter runs one thread at a time, so a long C call of theirs
would hold up the window. The window names an action and its request, and never imports them: so it also starts without
what they need. Responses come back as plain values; what is committed on the far side comes back by the store's own
watch. This file knows no Qt: the far side imports it.
"""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

from desktop.defects import as_defect, start_logging
from kernel.errors import Cancelled, Defect
from kernel.progress import Progress

HELPERS = 2
LISTEN_S = 0.05  # how long a wish to cancel may go unheard
PATIENCE_S = 5.0  # then the helper is ended: a transaction cut off leaves the store as it was


@dataclass(frozen=True)
class Ask:
    """A request by name: `Ask("census.import_census.ImportCensus", files=…)`, made on the far side from `actions`."""

    name: str
    values: dict[str, Any]

    @classmethod
    def of(cls, name: str, **values: Any) -> Ask:
        """The request of that name with these values; a value may be an `Ask` itself."""
        return cls(name, values)

    def changed(self, **values: Any) -> Ask:
        """The same with other values."""
        return Ask(self.name, {**self.values, **values})


@dataclass(frozen=True)
class Deed:
    """One action by name (`"census.import_census.import_census"`), what it is asked, and on which store; "" for none.

    An action is a function `(store or None, request, progress) → response` of the room `actions`.
    """

    action: str
    request: Any
    url: str = ""
    actor: str = ""


class Apart:
    """A few helper processes, started when needed and kept for the next deed. `run` is called on a lane's thread."""

    def __init__(self, log: Path | None = None) -> None:
        self._log = log
        self._context = multiprocessing.get_context("spawn")
        self._places = threading.BoundedSemaphore(HELPERS)
        self._lock = threading.Lock()
        self._idle: list[_Helper] = []
        self._closed = False

    def warm(self) -> None:
        """Start one helper ahead, so that the first deed need not wait for it."""
        with self._lock:
            if not self._idle and not self._closed:
                self._idle.append(_Helper(self._context, self._log))

    def run(self, deed: Deed, progress: Progress) -> Any:
        """Do `deed` in a helper and give its response; raises what it raised, `Cancelled` when `progress` says so."""
        with self._places:
            helper = self._taken()
            while not helper.begin(
                deed
            ):  # it died while it waited: nothing was done yet, so another may do it
                helper.end()
                helper = self._taken()
            try:
                return helper.finish(progress)
            finally:
                self._give_back(helper)

    def close(self) -> None:
        """End all helpers that wait; those at work end when their deed is cancelled."""
        with self._lock:
            self._closed = True
            helpers, self._idle = self._idle, []
        for helper in helpers:
            helper.end()

    def _taken(self) -> _Helper:
        with self._lock:
            while self._idle:
                helper = self._idle.pop()
                if helper.alive:
                    return helper
                helper.end()
        return _Helper(self._context, self._log)

    def _give_back(self, helper: _Helper) -> None:
        with self._lock:
            if not self._closed and helper.alive:
                self._idle.append(helper)
                return
        helper.end()


class _Helper:
    """One process and the pipe to it."""

    def __init__(self, context: Any, log: Path | None) -> None:
        self._pipe, far = context.Pipe()
        self._stop = context.Event()
        self._process = context.Process(
            target=serve, args=(far, self._stop, log), daemon=True, name="wangrid-apart"
        )
        self._process.start()
        self._ended = False
        far.close()

    @property
    def alive(self) -> bool:
        return not self._ended and self._process.is_alive()

    def begin(self, deed: Deed) -> bool:
        """Hand over the deed; False when nobody is there to take it."""
        self._stop.clear()
        try:
            self._pipe.send(deed)
        except OSError:
            return False
        return True

    def finish(self, progress: Progress) -> Any:
        """Listen until the deed is done: its response, or what it raised."""
        stopped_s = 0.0
        while True:
            if not stopped_s and _is_cancelled(progress):
                self._stop.set()
                stopped_s = monotonic()
            if stopped_s and monotonic() - stopped_s > PATIENCE_S:
                self.end()
                raise Cancelled()
            if not self._pipe.poll(LISTEN_S):
                continue
            try:
                kind, value = self._pipe.recv()
            except (EOFError, OSError):
                raise Defect("The helper process ended before its work was done.") from None
            if kind == "done":
                return value
            if kind == "failed":
                raise value
            if not stopped_s:
                share, words, places = value
                _report(progress, share, words, places)

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._ended:
            return
        self._ended = True
        self._pipe.close()
        self._process.terminate()
        self._process.join()
        self._process.close()


def _is_cancelled(progress: Progress) -> bool:
    try:
        progress.check()
    except Cancelled:
        return True
    return False


def _report(progress: Progress, share: float, words: str, places: dict[str, object]) -> None:
    """Pass a report on; a wish to cancel is heard in the next round."""
    try:
        progress.report(share, words, **places)
    except Cancelled:
        return


class _Piped:
    """Progress on the far side: reports go into the pipe, the stop sign comes out of shared memory."""

    def __init__(self, pipe: Connection, stop: Any) -> None:
        self._pipe, self._stop = pipe, stop
        self._last = (-1.0, "")

    def report(self, share: float, words: str = "", **places: object) -> None:
        self.check()
        if share - self._last[0] >= 0.01 or words != self._last[1]:
            self._last = (share, words)
            self._pipe.send(("moved", (share, words, {name: str(value) for name, value in places.items()})))

    def check(self) -> None:
        if self._stop.is_set():
            raise Cancelled()


def serve(pipe: Connection, stop: Any, log: Path | None) -> None:
    """The far side's whole life: take a deed, do it, answer; end when the near side is gone."""
    if log is not None:
        start_logging(log)
    while True:
        try:
            deed = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            answer = ("done", _done(deed, _Piped(pipe, stop)))
        except Exception as error:  # every end of a deed is an answer, or its page would wait for ever
            answer = ("failed", as_defect(error))
        pipe.send(answer)


def _done(deed: Deed, progress: _Piped) -> Any:
    action, request = named(deed.action), asked(deed.request)
    if not deed.url:
        return plain(action(None, request, progress))
    from data import store as stores

    with stores.open(deed.url, actor=deed.actor) as store:
        return plain(action(store, request, progress))


def named(name: str) -> Any:
    """What `group.module.name` of the room `actions` stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(f"actions.{module}"), attribute)


def asked(request: Any) -> Any:
    """The request itself, made from its name where it came as one."""
    if isinstance(request, Ask):
        return named(request.name)(**{key: asked(value) for key, value in request.values.items()})
    return request


def plain(response: Any) -> Any:
    """A response whose dataclasses are namespaces of the same names, so that the near side need not know them."""
    if is_dataclass(response) and not isinstance(response, type):
        return SimpleNamespace(
            **{item.name: plain(getattr(response, item.name)) for item in fields(response)}
        )
    if isinstance(response, dict):
        return {key: plain(value) for key, value in response.items()}
    if isinstance(response, (list, tuple)):
        return type(response)(plain(value) for value in response)
    return response
