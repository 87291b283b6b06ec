"""Every contract test runs on both engines; a test does not know which one it runs on.

Where the engines differ, a test says `@differs("reason", on="postgis")`, and the reason stands in `DIFFERENCES`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from data import store as stores
from data.store import Store
from data.tables import metadata
from tests.data.small_city import CRS, cells

# Named reasons why a test does not apply to an engine. Keep it near empty.
DIFFERENCES = {
    "file": "only an embedded store is a file with a folder, a mount and a backup beside it",
    "one clock": "who writes to a file writes on one machine; the clients of a server each have a clock of their own",
    "one writer": "SQLite has one write lock for the whole file; on PostGIS fixes do not wait for a census",
}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder of this test."""
    monkeypatch.setenv("WANGRID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WANGRID_BUSY_S", "0.3")
    return tmp_path / "cache"


def pytest_configure(config: pytest.Config) -> None:
    """The mark that names a difference."""
    config.addinivalue_line("markers", "differs(reason, on): this test does not apply to the engine `on`")


ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))
WORDS = {"create": True, "standard": "2013", "crs": CRS, "actor": "王工"}


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine this test runs on; only the fixtures below ask."""
    for mark in request.node.iter_markers("differs"):
        reason = DIFFERENCES[mark.args[0]]
        if mark.kwargs["on"] == request.param:
            pytest.skip(reason)
    return str(request.param)


@pytest.fixture
def address(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where there is no store yet."""
    if engine_name == "sqlite":
        return str(tmp_path / "new.wangrid")
    return str(request.getfixturevalue("fresh_postgis"))


@pytest.fixture
def made(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place with a store as `create` makes it."""
    if engine_name == "sqlite":
        return str(shutil.copy(request.getfixturevalue("made_file"), tmp_path / "city.wangrid"))
    place = request.getfixturevalue("made_schema")
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("SELECT reset_store()")
    return str(place)


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made store that each test gets a copy of."""
    file = tmp_path_factory.mktemp("made") / "made.wangrid"
    stores.open(file, **WORDS).close()
    return file


@pytest.fixture(scope="session")
def made_schema(postgis_url: str) -> str:
    """A made store that is emptied for each test: making one anew takes ten times as long."""
    made = f"made_{uuid4().hex[:8]}"  # another room's tests may have taken this fixture over as well
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {made}")
    place = f"{postgis_url}?options=-csearch_path%3D{made}%2Cpublic"
    stores.open(place, **WORDS).close()
    names = [table.name for table in metadata.sorted_tables]
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {made}_kept")
        kept = [name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]
        for name in kept:
            connection.execute(f"CREATE TABLE {made}_kept.{name} AS TABLE {name}")
        reset = [
            f"TRUNCATE {', '.join(names)}",
            *(f"INSERT INTO {name} TABLE {made}_kept.{name}" for name in kept),
        ]
        body = "; ".join(reset)
        connection.execute(f"CREATE FUNCTION reset_store() RETURNS void LANGUAGE sql AS $$ {body} $$")
    return place


@pytest.fixture
def open_store(made: str) -> Iterator[Callable[..., Store]]:
    """Opens the store of this test as often as wished, and closes all at the end."""
    opened: list[Store] = []

    def again(**words: object) -> Store:
        opened.append(stores.open(made, **(WORDS | words)))
        return opened[-1]

    yield again
    for each in opened:
        each.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A store with twelve cells in which one person may import and commit."""
    made = open_store()
    made.set_setting("self_approval", "1")
    made.replace_grid(cells())
    return made
