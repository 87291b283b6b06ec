"""Nothing half written, nothing acknowledged lost: killed processes, other writers, full disks."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from data import store as stores
from data.store import Store
from gis.frames import COMPONENT_COLUMNS
from kernel.errors import Conflict, StoreUnavailable
from tests.data.children import (
    ROWS,
    all_heard,
    child,
    commit_for_ever,
    commit_when_told,
    commit_with_little_room,
    create_store,
    heard,
    hold_the_write_lock,
    write_setting,
)
from tests.data.small_city import CRS, components, draft, fixes

KILLS = 20


def require_whole(store: Store, acknowledged: dict[int, str]) -> None:
    """Every acknowledged step is there, and nothing is half there."""
    assert store.verify() == []
    sessions = store.load_sessions().set_index("session_id")
    for session_id, status in acknowledged.items():
        # What was acknowledged as committed may have been undone by a step that was not heard of any more.
        assert sessions.loc[session_id, "status"] in {status, "undone"}, session_id
    committed = sessions[sessions["status"] == "committed"]
    assert store.info(with_hash=False).components == committed["new"].sum()
    notes = store.load_components(["note"])["note"]
    assert (notes == "改").sum() == committed["changed"].sum()
    assert set(committed["new"]) | set(committed["changed"]) <= {0, ROWS}


def test_that_a_process_killed_at_any_moment_leaves_a_whole_store(made: str) -> None:
    chance = random.Random(7)
    with stores.open(made) as store:
        store.set_setting("self_approval", "1")
    acknowledged: dict[int, str] = {}
    for _ in range(KILLS):
        with child(commit_for_ever, made) as (process, connection):
            status, session_id = heard(connection)
            acknowledged[session_id] = status
            process.join(chance.uniform(0.0, 0.08))
            process.kill()
            process.join()
            acknowledged |= {session_id: status for status, session_id in all_heard(connection)}
        with stores.open(made) as store:
            require_whole(store, acknowledged)


def test_that_a_creation_killed_at_any_moment_can_be_done_again(address: str) -> None:
    chance = random.Random(3)
    for _ in range(6):
        with child(create_store, address) as (process, _connection):
            process.join(chance.uniform(0.0, 0.2))
        with stores.open(address, create=True, standard="2013", crs=CRS) as store:
            assert store.verify() == [] and store.info().cells == 0


def test_that_a_second_writer_is_told_and_readers_go_on(store: Store, made: str) -> None:
    store.commit_census(draft(components(5)))
    with child(hold_the_write_lock, made) as (_, connection):
        assert heard(connection) == "holding"
        with pytest.raises(Conflict, match="Another program is writing") as told:
            store.set_setting("city", "北京")
        assert "Wait" in told.value.remedy
        assert store.info().components == 5 and len(store.load_cells()) == 12
        connection.send("go on")
        assert heard(connection) == "done"
    store.set_setting("city", "北京")
    assert store.setting("city") == "北京"


@pytest.mark.parametrize("kept", [True, False])
def test_that_of_two_who_store_the_same_community_at_once_one_wins_and_the_other_is_told(
    store: Store, made: str, kept: bool
) -> None:
    store.commit_census(draft(components(400)))
    seen = store.seen()
    drafts = {who: draft(components(400, note=who), seen=seen) for who in ("王工", "李工")}
    wishes = {who: store.save_draft(each) if kept else each for who, each in drafts.items()}
    with ExitStack() as living:
        lines = [
            living.enter_context(child(commit_when_told, made, who, wish))[1] for who, wish in wishes.items()
        ]
        for line in lines:
            assert heard(line) == "ready"
        for line in lines:
            line.send("now")
        said = sorted(heard(line) for line in lines)
    assert said[0] == ("committed", 400)
    kind, words = said[1]
    assert kind == "conflict" and "400 of its components would be replaced" in words
    notes = set(store.load_components(["note"])["note"])
    assert len(notes) == 1 and notes < set(wishes) and store.verify() == []
    waiting = [status for status in store.load_sessions()["status"] if status != "committed"]
    assert waiting == (
        ["draft"] if kept else []
    )  # what was refused left nothing, what was kept can be compared again


@pytest.mark.differs("one writer", on="sqlite")
def test_that_fixes_are_appended_beside_a_long_write(store: Store, made: str) -> None:
    with child(hold_the_write_lock, made) as (_, connection):
        assert heard(connection) == "holding"
        assert store.append_fixes(fixes(5)).counts["added"] == 5
        connection.send("go on")


def test_that_a_failing_write_leaves_the_store_as_it_was(store: Store) -> None:
    store.commit_census(draft(components(5)))
    before = store.info()
    broken = components(3, first=50)
    broken["x"] = [1.0, float("nan"), 2.0]
    with pytest.raises(ValueError, match="finite"):
        store.commit_census(draft(broken))
    assert store.info() == before and store.verify() == []


@pytest.mark.differs("file", on="postgis")
def test_that_nothing_in_this_process_gives_the_lock_away(store: Store, made: str, tmp_path: Path) -> None:
    """A descriptor of the file closed by anybody but SQLite would drop our POSIX locks, and another program could
    commit beside our transaction. So everything the door offers is used while a write is open."""
    store.commit_census(draft(components(5)))
    with store._writing() as work:
        store.backup(tmp_path / "backup.wangrid")
        store.watch(lambda _: None).close()
        (
            store.working_set(),
            store.info(),
            store.search("11"),
            store.verify(),
            store.load_components(COMPONENT_COLUMNS),
        )
        with stores.open(made, read_only=True) as reader:
            reader.load_cells()
        with pytest.raises(Conflict):
            stores.create(made)
        with child(write_setting, made, "city", "theirs") as (_, connection):
            assert heard(connection) == "conflict"
        work.db.exec_driver_sql("INSERT INTO setting VALUES ('city', 'ours')")
    assert store.setting("city") == "ours"


@pytest.mark.differs("file", on="postgis")
def test_that_a_lock_given_away_would_be_noticed(store: Store, made: str) -> None:
    """The trap itself: it is real on this system, so the test above is worth its time."""
    with store._writing():
        os.close(os.open(made, os.O_RDONLY))
        with child(write_setting, made, "city", "theirs") as (_, connection):
            assert heard(connection) == "written"


def test_that_the_room_never_lets_another_library_near_the_file() -> None:
    room = Path(stores.__file__).parent
    words = {word for file in room.glob("*.py") for word in re.findall(r"\w+", file.read_text("utf-8"))}
    assert not words & {
        "pyogrio",
        "fiona",
        "osgeo",
        "adbc_driver_sqlite",
        "read_file",
        "to_file",
        "read_bytes",
        "copyfile",
    }


@pytest.mark.differs("file", on="postgis")
def test_that_a_file_that_may_not_grow_leaves_the_store_as_it_was(store: Store, made: str) -> None:
    with child(commit_with_little_room, made, 1_500_000) as (_, connection):
        kind, message, committed = heard(connection)
        assert kind == "store_unavailable" and "Nothing was changed" in message
        assert heard(connection) == committed * 500 > 0
    assert store.info().components == committed * 500 and store.verify() == []
    store.commit_census(draft(components(500, first=100_001)))


@pytest.fixture
def cramped(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a store on a disk of a few megabytes."""
    disk = Path(f"/tmp/wangrid-test-disk-{os.getpid()}")
    disk.mkdir(mode=0o755)
    size = "4m" if engine_name == "sqlite" else "12m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True
    )
    try:
        if mounted.returncode:
            pytest.skip("a small disk can only be mounted by root")
        if engine_name == "sqlite":
            yield str(disk / "city.wangrid")
        else:
            yield from _in_tablespace(disk, request.getfixturevalue("fresh_postgis"))
    finally:
        subprocess.run(["umount", disk], capture_output=True)
        disk.rmdir()


def _in_tablespace(disk: Path, place: str) -> Iterator[str]:
    name = f"cramped_{os.getpid()}"
    subprocess.run(["chown", "postgres", disk], check=True)
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
        yield f"{place}%20-cdefault_tablespace%3D{name}"
        schema = connection.execute("SELECT current_schema()").fetchone()[0]
        connection.execute(f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}")
        connection.execute(f"DROP TABLESPACE {name}")


def test_that_a_full_disk_leaves_the_store_as_it_was(cramped: str) -> None:
    with stores.create(cramped, "2013", CRS) as store:
        store.set_setting("self_approval", "1")
        committed = 0
        with pytest.raises(StoreUnavailable, match="Nothing was changed") as told:
            while True:
                store.commit_census(draft(components(3000, first=1 + committed * 3000)))
                committed += 1
        assert told.value.remedy
        assert committed > 0 and store.info().components == committed * 3000
        assert store.verify() == []
    with stores.open(cramped) as again:
        assert again.info().components == committed * 3000


def test_that_a_store_can_be_used_from_several_threads(
    open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGRID_BUSY_S", "60")
    store = open_store()
    store.set_setting("self_approval", "1")
    store.commit_census(draft(components(50)))
    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(store.load_components) for _ in range(16)]
        writes = [pool.submit(store.append_fixes, fixes(5, start_s=1e9 + 1000 * n)) for n in range(16)]
        assert {len(read.result()) for read in reads} == {50}
        assert sum(write.result().counts["added"] for write in writes) == 80
    assert store.info().fixes == 80
