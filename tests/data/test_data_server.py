"""A server that goes and comes back. It has a cluster of its own: others must not feel it."""

from __future__ import annotations

import os
import queue
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from data import store as stores
from kernel.changes import Changes
from kernel.errors import NotAllowed, Refused, StoreUnavailable
from tests.data.children import all_heard, child, commit_for_ever, heard
from tests.data.small_city import CRS, components, draft
from tests.data.test_data_crash import require_whole
from tests.postgis_server import PREFIX, PostgisServer

pytestmark = pytest.mark.postgis
POWER_CUTS = 3


@pytest.fixture(scope="module")
def server(postgis_url: str) -> Iterator[PostgisServer]:
    """A second cluster; `postgis_url` is asked for so that a machine without PostGIS skips."""
    server = PostgisServer.start(Path(tempfile.gettempdir()) / f"{PREFIX}own-{os.getpid()}")
    yield server
    server.remove()


def test_that_a_store_survives_its_server_being_cut_off(server: PostgisServer) -> None:
    place = server.create_database("cut")
    words: queue.Queue[Changes] = queue.Queue()
    with stores.create(place, "2013", CRS) as store:
        store.set_setting("self_approval", "1")
        store.watch(words.put)
        store.commit_census(draft(components(5)))
        assert words.get(timeout=20).counts["new"] == 5
        before = store.info()
        server.stop("immediate")
        with pytest.raises(StoreUnavailable, match="cannot be reached") as told:
            store.set_setting("city", "北京")
        assert "server runs" in told.value.remedy
        with pytest.raises(StoreUnavailable):
            store.load_cells()
        server.resume()
        assert store.info() == before
        store.set_setting("city", "北京")
        assert words.get(timeout=20).keys == ("city",)


def test_that_a_power_cut_of_the_server_loses_nothing_acknowledged(server: PostgisServer) -> None:
    place, chance = server.create_database("power"), random.Random(5)
    with stores.create(place, "2013", CRS) as store:
        store.set_setting("self_approval", "1")
    acknowledged: dict[int, str] = {}
    for _ in range(POWER_CUTS):
        with child(commit_for_ever, place) as (process, connection):
            status, session_id = heard(connection)
            acknowledged[session_id] = status
            process.join(chance.uniform(0.0, 0.1))
            server.stop("immediate")
            process.join(10)
            acknowledged |= {session_id: status for status, session_id in all_heard(connection)}
        server.resume()
        with stores.open(place) as store:
            require_whole(store, acknowledged)


def test_that_a_server_that_is_not_there_is_named_without_its_password(server: PostgisServer) -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/city") as told:
        stores.open("postgresql://user:secret@127.0.0.1:1/city")
    assert "secret" not in str(told.value) + str(told.value.detail)


def test_that_a_database_that_is_not_there_is_named(server: PostgisServer) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        stores.open(server.url("nowhere"), create=True)


def test_that_a_database_without_a_store_is_not_touched_unless_one_is_to_be_made(
    server: PostgisServer,
) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    with pytest.raises(Refused, match="no store"):
        stores.open(server.url("bare"))
    with psycopg.connect(server.url("bare")) as connection:
        count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert count == (0,)
    stores.open(server.url("bare"), create=True).close()  # brings PostGIS along


def test_that_an_account_that_may_only_read_reads_and_is_told_when_it_writes(server: PostgisServer) -> None:
    place = server.create_database("rights")
    stores.create(place, "2013", CRS).close()
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    with stores.open(place.replace("postgres@", "reader@")) as store:
        assert store.info().cells == 0
        with pytest.raises(NotAllowed, match="account"):
            store.set_setting("city", "北京")
