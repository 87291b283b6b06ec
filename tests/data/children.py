"""What other processes do in the tests of the store. They come from a fork server that has the program loaded, so
that one starts in milliseconds; no connection is ever carried across a fork."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from census.draft import Draft
from data import store as stores
from data.fixes import append
from kernel.changes import FIXES
from kernel.errors import UserError
from tests.data.small_city import CRS, components, draft, fixes

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["tests.data.children", "data.engines.postgis", "alembic.command"])
ROWS = 50


@contextmanager
def child(work: Callable[..., None], *words: object) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that runs `work(*words, connection)`; killed at the end if it still lives."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=work, args=(*words, there), daemon=True)
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


def heard(connection: Connection) -> object:
    """The next word of a child; fails when it says nothing for long."""
    assert connection.poll(60), "the child says nothing"
    return connection.recv()


def all_heard(connection: Connection) -> list[tuple[str, int]]:
    """Everything a dead child said before it died."""
    words = []
    try:
        while connection.poll(0):
            words.append(connection.recv())
    except EOFError:
        pass
    return words


def commit_for_ever(address: str, connection: Connection) -> None:
    """New components, then changes to them, then an undo of the changes; each acknowledged once it is committed."""
    with stores.open(address, actor="child") as store:
        first = 1 + ROWS * int(store.load_sessions()["session_id"].max() if len(store.load_sessions()) else 0)
        while True:
            new = store.commit_census(draft(components(ROWS, first=first)))
            connection.send(("committed", int(new.keys[0])))
            changed = store.commit_census(draft(components(ROWS, first=first, note="改")))
            connection.send(("committed", int(changed.keys[0])))
            store.undo_session(int(changed.keys[0]))
            connection.send(("undone", int(changed.keys[0])))
            first += ROWS * 3


def create_store(address: str, connection: Connection) -> None:
    """Make a store, or find it made."""
    stores.open(address, create=True, standard="2013", crs=CRS).close()
    connection.send("made")


def hold_the_write_lock(address: str, connection: Connection) -> None:
    """Hold a writing transaction open until told."""
    with stores.open(address, actor="child") as store, store._writing():
        connection.send("holding")
        connection.recv()
    connection.send("done")


def hold_an_append(address: str, connection: Connection) -> None:
    """Append five fixes, and commit them when told."""
    with stores.open(address, actor="child") as store, store._writing(appends=True) as work:
        appended = append(work, fixes(5))
        connection.send("holding")
        connection.recv()
        work.changed(FIXES, counts=appended, fixes=appended["added"])
    connection.send("done")


def write_setting(address: str, key: str, value: str, connection: Connection) -> None:
    """Try one write and say how it went."""
    try:
        with stores.open(address, actor="child") as store:
            store.set_setting(key, value)
        connection.send("written")
    except UserError as error:
        connection.send(error.kind)


def write_settings(address: str, values: list[str], connection: Connection) -> None:
    """Several commits in a row."""
    with stores.open(address, actor="child") as store:
        for value in values:
            store.set_setting("city", value)
        connection.send(store.source)
        connection.recv()


def commit_when_told(address: str, actor: str, wish: Draft | int, connection: Connection) -> None:
    """Commit a reading or a kept session when told, waiting for who is faster; say how it went."""
    os.environ["WANGRID_BUSY_S"] = "60"  # a fork server does not hand on what the test set
    with stores.open(address, actor=actor) as store:
        connection.send("ready")
        connection.recv()
        try:
            done = store.commit_census(wish)
            connection.send(("committed", done.counts["changed"]))
        except UserError as error:
            connection.send((error.kind, str(error)))


def commit_with_little_room(address: str, file_bytes: int, connection: Connection) -> None:
    """Commit until no file may grow further; say what that was called and what was committed."""
    import resource  # there is none on Windows

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with stores.open(address, actor="child") as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        committed, first = 0, 1
        try:
            while True:
                store.commit_census(draft(components(500, first=first)))
                committed, first = committed + 1, first + 500
        except UserError as error:
            connection.send((error.kind, str(error), committed))
        connection.send(store.info().components)
