"""The private PostGIS of the benchmarks: the test suite's, with databases of its own."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
from functools import cache

from benchmarks.task import NotHere
from tests.postgis_server import NoServer, PostgisServer, shared_server

_numbers = itertools.count()


class Server:
    """Databases to time in, on one running cluster."""

    def __init__(self, cluster: PostgisServer) -> None:
        self._cluster = cluster

    def new_database(self, name: str) -> str:
        """Address of an empty database with PostGIS."""
        return self._cluster.create_database(f"bench_{name}_{os.getpid()}_{next(_numbers)}")

    def run(self, url: str, statement: str) -> None:
        """Run one statement and commit it."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def fetch(self, url: str, statement: str) -> list[tuple]:
        """All rows of a query."""
        import psycopg

        with psycopg.connect(url) as connection:
            return connection.execute(statement).fetchall()


@cache
def postgis() -> Server:
    """The cluster of this process, stopped at its end. Raises `NotHere` when PostGIS is not installed."""
    stack = contextlib.ExitStack()
    try:
        cluster = stack.enter_context(shared_server())
    except NoServer as error:
        raise NotHere(str(error)) from error
    atexit.register(stack.close)
    return Server(cluster)
