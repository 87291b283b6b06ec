"""How a store comes to be open, and what is not one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from data import address as addresses
from data import schema
from data import store as stores
from kernel.errors import Conflict, Refused, StoreUnavailable
from tests.data.small_city import CRS, cells, components, draft


def test_that_a_store_is_made_once_and_opened_after(address: str) -> None:
    with pytest.raises(Refused, match="no store"):
        stores.open(address)
    with stores.create(address, "2013", CRS) as store:
        told = store.info()
        assert (told.standard, told.crs, told.schema, told.cells) == ("2013", CRS, schema.newest(), 0)
    with pytest.raises(Conflict, match="already"):
        stores.create(address)
    with stores.open(address, create=True, standard="2026", crs=4549) as again:
        assert again.info() == told  # what is there is left as it is


def test_that_a_new_store_is_of_the_standard_in_force(address: str) -> None:
    with stores.open(address, create=True) as store:
        assert store.info().standard == "2026" and store.info().crs == 0


def test_that_an_unknown_edition_makes_no_store(address: str) -> None:
    with pytest.raises(Refused, match="2005"):
        stores.create(address, "2005")
    with pytest.raises(Refused, match="no store"):
        stores.open(address)


def test_that_one_person_may_approve_only_in_an_embedded_store(tmp_path: Path, fresh_postgis: str) -> None:
    with stores.create(tmp_path / "a.wangrid") as alone, stores.create(fresh_postgis) as shared:
        assert (alone.setting("self_approval"), shared.setting("self_approval")) == ("1", "0")


def test_that_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with stores.open(":memory:", standard="2013", crs=CRS) as store:
        store.replace_grid(cells())
        assert store.commit_census(draft(components(4))).counts["new"] == 4
        assert len(store.working_set()) == 4
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_that_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    stores.create(tmp_path / "新的" / "文件夹" / "城 市.wangrid").close()
    assert [path.name for path in (tmp_path / "新的" / "文件夹").iterdir()] == ["城 市.wangrid"]


NOT_STORES = {
    "noise": lambda path: path.write_bytes(os.urandom(5000)),
    "text": lambda path: path.write_text("hello"),
    "long text": lambda path: path.write_text("城市管理\n" * 1000),
    "empty": lambda path: path.touch(),
    "another database": lambda path: sqlite3.connect(path).executescript("CREATE TABLE a (b); PRAGMA user_version = 3").close(),
    "a geopackage": lambda path: gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=CRS).to_file(path, driver="GPKG"),
    "a folder": lambda path: path.mkdir(),
    "half a head": lambda path: path.write_bytes(b"SQLite format 3\0" + b"\0" * 30),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_STORES)
def test_that_what_is_not_a_store_is_refused_and_left_alone(what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    NOT_STORES[what](path)
    before = None if path.is_dir() else path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(Refused, match="not a WanGrid store"):
            stores.open(path, read_only=read_only)
    if what != "empty":  # nobody's file may become a store where one is to be made
        with pytest.raises(Refused, match="not a WanGrid store"):
            stores.open(path, create=True)
        with pytest.raises(Refused, match="not a WanGrid store"):
            stores.restore(path, tmp_path / "new.wangrid")
        assert not (tmp_path / "new.wangrid").exists()
    if before is not None and what != "empty":
        assert path.read_bytes() == before


def test_that_a_creation_killed_at_its_beginning_can_be_done_again(tmp_path: Path) -> None:
    (tmp_path / "a.wangrid").touch()
    with stores.create(tmp_path / "a.wangrid") as store:
        assert store.verify() == []


@pytest.mark.differs("file", on="postgis")
def test_that_a_damaged_store_is_told_apart_from_another_file(made: str) -> None:
    with stores.open(made) as store:
        store.commit_census(draft(components(5000)))
    with Path(made).open("r+b") as file:
        file.seek(-20 * 4096, os.SEEK_END)
        file.write(b"\xff" * 15 * 4096)
    with pytest.raises(Refused, match="damaged"), stores.open(made) as store:
        store.load_components()
    with stores.open(made) as store:
        assert store.verify() != []


def test_that_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        stores.create(tmp_path / "file" / "a.wangrid")


@pytest.mark.parametrize(
    "address",
    ["mysql://root:secret@host/db", "http://x/y.wangrid", "postgresql://user:secret@host/db?nonsense=1"],
)
def test_that_what_is_no_address_is_refused_without_showing_a_password(address: str) -> None:
    with pytest.raises(Refused, match="not the address") as told:
        stores.open(address)
    assert "secret" not in str(told.value)


MOUNTS = """/dev/vda / ext4 rw 0 0
server:/home {folder}/far nfs4 rw 0 0
//nas/share {folder}/with\\040space cifs rw 0 0
tmpfs {folder}/far/near tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "system"), [("far", "nfs4"), ("with space", "cifs"), ("far/near", ""), ("", "")]
)
def test_that_a_network_drive_is_known_by_the_mount_table(
    place: str, system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mounts"
    table.write_text(MOUNTS.format(folder=tmp_path))
    monkeypatch.setattr(addresses, "MOUNT_TABLE", table)
    file = tmp_path / place / "deep" / "a.wangrid"
    assert addresses.network_file_system(file) == system
    if system:
        with pytest.raises(Refused, match=system) as told:
            stores.create(file)
        assert "PostgreSQL" in told.value.remedy and not file.exists()


def test_that_a_windows_share_is_a_network_drive() -> None:
    with pytest.raises(Refused, match="network drive"):
        stores.open(r"\\nas\share\city.wangrid", create=True)
