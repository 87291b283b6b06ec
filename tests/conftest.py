"""What every test may ask for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Speed is measured in benchmarks/, never in a test: a busy machine must not fail one.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data pack beside the checkout; absent on a user's machine, required in CI."""
    if SHARED.is_dir():
        return SHARED
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, but there is no data pack at {SHARED}")
    pytest.skip(f"no data pack at {SHARED}")


@pytest.fixture(scope="session")
def postgis_url() -> Iterator[str]:
    """A PostGIS database of this worker's own, on a private server that ends with the run."""
    if os.name != "posix":
        pytest.skip("the suite starts its own PostGIS on Linux and macOS only")
    from tests.postgis_server import NoServer, shared_server

    try:
        with shared_server() as server:
            yield server.create_database(f"worker_{os.getpid()}")
    except NoServer as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI is set, but {missing}")
        pytest.skip(str(missing))


@pytest.fixture
def fresh_postgis(postgis_url: str) -> Iterator[str]:
    """Address of an empty place for one store on the worker's PostGIS."""
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    yield f"{postgis_url}?options=-csearch_path%3D{name}%2Cpublic"
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")
