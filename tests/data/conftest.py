"""Every contract test runs on both engines; a test does not know which one it runs on.

Where the engines differ, a test says `@differs("reason", on="postgis")`, and the reason stands in `DIFFERENCES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import store as stores
from data.store import Store
from tests.data.small_city import CRS, cells

# Named reasons why a test does not apply to an engine. Keep it near empty.
DIFFERENCES = {
    "file": "only an embedded store is a file with a folder, a mount and a backup beside it",
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


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made, on either engine."""
    for mark in request.node.iter_markers("differs"):
        reason = DIFFERENCES[mark.args[0]]
        if mark.kwargs["on"] == request.param:
            pytest.skip(reason)
    if request.param == "sqlite":
        return str(tmp_path / "city.wangrid")
    return str(request.getfixturevalue("fresh_postgis"))


@pytest.fixture
def open_store(address: str) -> Iterator[Callable[..., Store]]:
    """Opens the store of this test as often as wished, and closes all at the end."""
    opened: list[Store] = []

    def make(**words: object) -> Store:
        given = {"create": True, "standard": "2013", "crs": CRS, "actor": "王工"} | words
        opened.append(stores.open(address, **given))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A store with twelve cells in which one person may import and commit."""
    made = open_store()
    made.set_setting("self_approval", "1")
    made.replace_grid(cells())
    return made
