"""Kills the writer at a random moment of a session's life, and looks at what is left.

The child drafts, submits, commits, and undoes every other session, and says each step once it is
acknowledged, with the hash of what is stored. After the kill the store must open, `verify` must find nothing, and the
hash must be that of the last acknowledged step or that of the step under way, whole: a step that went through without
its word having been heard is undone, and then the hash must be the old one again.

`python -m tests.data.kills --kills 200 --store sqlite|postgis` runs it at length.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg

from data import store as stores
from data.store import Store
from kernel.errors import UserError
from tests.data.children import CONTEXT
from tests.data.small_city import CRS, components, draft
from tests.postgis_server import PREFIX, PostgisServer

ROWS = 1_500
STEPS = {
    "draft": 0.15,
    "submit": 0.03,
    "commit": 0.4,
    "undo": 0.1,
}  # step → until when after its begin it is cut, s

Cut = Callable[[BaseProcess], None]


@dataclass
class Report:
    """What the kills met: step under way → how often, and how many of those had gone through."""

    kills: int = 0
    met: Counter[str] = field(default_factory=Counter)
    went_through: Counter[str] = field(default_factory=Counter)


def live_for_ever(address: str, connection: Connection) -> None:
    """A surveyor's day, without end; what breaks the store's connection ends it."""
    try:
        with stores.open(address, actor="child") as store:
            _live(store, connection)
    except UserError:
        connection.close()


def _live(store: Store, connection: Connection) -> None:
    connection.send(("ready", 0, store.info().data_hash))
    first, turn = 1 + ROWS * 10 * len(store.load_sessions()), 0
    while True:
        frame = components(ROWS, first=first, note="" if turn % 2 else "改", seed=turn // 2)
        connection.send(("draft", 0, ""))
        session = store.save_draft(draft(frame))
        for step, act in (
            ("submit", store.submit_session),
            ("commit", store.commit_census),
            ("undo", store.undo_session),
        ):
            if step == "undo" and turn % 2 == 0:
                continue
            connection.send((step, session, ""))
            act(session)
            connection.send(("done", session, store.info().data_hash))
        first, turn = first + (ROWS if turn % 2 else 0), turn + 1


def kill_once(address: str, chance: random.Random, cut: Cut, report: Report) -> None:
    """One life, one kill, one look."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=live_for_ever, args=(address, there), daemon=True)
    process.start()
    there.close()
    heard = [("", 0, "")]
    step = chance.choice(list(STEPS))
    while heard[-1][0] != step:
        assert here.poll(120), "the child says nothing"
        heard.append(here.recv())
    time.sleep(chance.uniform(0.0, STEPS[step]))  # the moment itself is what is drawn, nothing is waited for
    cut(process)
    process.kill()
    process.join()
    try:
        while here.poll(0):
            heard.append(here.recv())
    except EOFError:
        pass
    here.close()
    with stores.open(address, actor="parent") as store:
        _look(store, heard, report)


def _look(store: Store, heard: list[tuple[str, int, str]], report: Report) -> None:
    assert store.verify() == []
    hashes = [hash_ for step, _, hash_ in heard if step in ("ready", "done")]
    acknowledged = hashes[-1]
    step, session, _ = heard[-1]
    report.kills += 1
    report.met[step] += 1
    found = store.info().data_hash
    if step in ("ready", "draft", "submit", "done"):
        assert found == acknowledged, step
        return
    status = store.session(session)["status"]
    done = status == ("committed" if step == "commit" else "undone")
    report.went_through[step] += done
    if not done:
        assert found == acknowledged and status == ("submitted" if step == "commit" else "committed")
    elif step == "commit":
        store.undo_session(session)
        assert store.info().data_hash == acknowledged
    else:
        assert found == hashes[-2]  # what stood there before the session was committed


def sigkill(process: BaseProcess) -> None:
    """The process alone."""
    process.kill()


def terminate_backend(address: str) -> Cut:
    """The server's side of every connection but ours, as an administrator would."""

    def cut(process: BaseProcess) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        process.join(5)

    return cut


def power_cut(server: PostgisServer) -> Cut:
    """The whole server, as if its power were cut; it comes back before anybody looks."""

    def cut(process: BaseProcess) -> None:
        server.stop("immediate")
        process.join(5)
        server.resume()

    return cut


def prepare(address: str) -> None:
    """A store in which one person may commit."""
    with stores.open(address, create=True, standard="2013", crs=CRS) as store:
        store.set_setting("self_approval", "1")


def run(address: str, kills: int, cuts: list[Cut], seed: int) -> Report:
    """`kills` lives, the ways to cut them in turn."""
    chance, report = random.Random(seed), Report()
    for number in range(kills):
        kill_once(address, chance, cuts[number % len(cuts)], report)
    return report


def main() -> None:
    """The long run, on a store of its own."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--store", choices=("sqlite", "postgis"), default="sqlite")
    words.add_argument("--seed", type=int, default=11)
    given = words.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if given.store == "sqlite":
            report = _prepared(str(Path(folder) / "kills.wangrid"), given.kills, [sigkill], given.seed)
        else:
            server = PostgisServer.start(Path(tempfile.gettempdir()) / f"{PREFIX}kills-{os.getpid()}")
            try:
                address = server.create_database("kills")
                cuts = [sigkill, terminate_backend(address), sigkill, power_cut(server)]
                report = _prepared(address, given.kills, cuts, given.seed)
            finally:
                server.remove()
    print(f"{report.kills} kills in {time.monotonic() - begun:.0f} s: met {dict(report.met)}, "
          f"gone through {dict(report.went_through)}; every store whole")  # fmt: skip


def _prepared(address: str, kills: int, cuts: list[Cut], seed: int) -> Report:
    prepare(address)
    return run(address, kills, cuts, seed)


if __name__ == "__main__":
    main()
