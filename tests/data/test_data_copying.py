"""Backup and restore, within an engine and across."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from census.records.record import Record
from data import store as stores
from data.store import Store
from kernel.changes import COMPONENTS, FACILITIES, FIXES, RECORDS, SETTINGS, SURVEYS, Changes
from kernel.errors import Cancelled, Conflict, Refused
from kernel.progress import Silent
from tests.data.children import child, heard, hold_an_append
from tests.data.small_city import CRS, cells, communities, components, draft, findings, fixes


@pytest.fixture
def full(store: Store) -> Store:
    """A store with something of everything."""
    store.replace_grid(cells(), communities=communities())
    shapes = [shapely.LineString([(0, 0), (5, 5)]), shapely.box(0, 0, 3, 3)]
    store.replace_base("roads", gpd.GeoDataFrame({"name": ["中山路", ""]}, geometry=shapes, crs=CRS))
    store.replace_departments(pd.DataFrame({"code": ["A"], "name": ["甲"]}))
    frame = components(20)
    frame["geometry"] = np.array([shapes[0], *[None] * 19], dtype=object)
    store.commit_census(draft(frame, findings=findings()))
    store.commit_census(draft(components(20, note="改")))
    store.save_draft(draft(components(3, first=90)))
    store.append_fixes(fixes(9))
    store.set_setting("city", "宿迁")
    return store


def content(store: Store) -> dict[str, object]:
    told = store.info()
    return {
        "hash": told.data_hash,
        "counts": (told.cells, told.components, told.fixes, told.sessions, told.crs, told.standard),
        "roads": store.load_base("roads").to_wkt().values.tolist(),
        "areas": store.load_areas("community").to_wkt().values.tolist(),
        "departments": store.load_departments().values.tolist(),
        "components": store.load_components().astype(str).values.tolist(),
        "history": store.component_history(1).values.tolist(),
        "sessions": store.load_sessions().values.tolist(),
        "findings": store.load_findings(1).values.tolist(),
        "fixes": store.load_fixes(0, 2e9).astype(str).values.tolist(),
        "city": store.setting("city"),
    }


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def test_that_a_backup_is_restored_whole_on_either_engine(
    full: Store, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    full.backup(tmp_path / "b.wangrid")
    assert sorted(path.name for path in tmp_path.glob("b.wangrid*")) == ["b.wangrid"]
    place = tmp_path / "r.wangrid" if target == "sqlite" else request.getfixturevalue("fresh_postgis")
    stores.restore(tmp_path / "b.wangrid", place)
    with stores.open(place, actor="李工") as restored:
        assert content(restored) == content(full)
        assert restored.verify() == []
        restored.set_setting("self_approval", "1")
        restored.undo_session(2)
        restored.commit_census(3)  # the kept draft came along
        assert restored.load_components(["component_id"])["component_id"].max() > 20


def test_that_a_backup_is_a_store_that_can_be_opened(full: Store, tmp_path: Path) -> None:
    full.backup(tmp_path / "b.wangrid")
    with stores.open(tmp_path / "b.wangrid") as copy:
        assert content(copy) == content(full)


def test_that_restoring_over_a_store_replaces_it_and_tells_those_who_watch(
    full: Store, open_store: Callable[..., Store], made: str, tmp_path: Path
) -> None:
    full.backup(tmp_path / "b.wangrid")
    before = content(full)
    full.undo_session(2)
    full.set_setting("city", "北京")
    words: queue.Queue[Changes] = queue.Queue()
    full.watch(words.put)
    stores.restore(tmp_path / "b.wangrid", made)
    told = words.get(timeout=20)
    assert all(told.touches(kind) for kind in (COMPONENTS, FIXES, RECORDS, FACILITIES, SURVEYS, SETTINGS))
    assert content(full) == before
    store_id = full.info().store_id
    assert open_store().info().store_id == store_id


def test_that_what_comes_after_a_restore_gets_numbers_of_its_own(
    store: Store, address: str, tmp_path: Path
) -> None:
    known = [
        Record("new", {"class_code": "0101"}, reported_by="张三", foreign_id=f"GW-{n}") for n in range(3)
    ]
    assert store.enter_records(known).keys == ("1", "2", "3")
    store.backup(tmp_path / "b.wangrid")
    stores.restore(tmp_path / "b.wangrid", address)
    with stores.open(address, actor="李工") as restored:
        again = restored.enter_records([*known, Record("new", {"class_code": "0101"}, foreign_id="GW-9")])
        assert (again.keys, again.counts) == (("4",), {"entered": 1, "repeated": 3})
        assert restored.load_records()["record_id"].tolist() == [4, 3, 2, 1]


def test_that_a_restore_and_fixes_that_come_meanwhile_do_not_mix(
    store: Store, made: str, tmp_path: Path
) -> None:
    store.append_fixes(fixes(3, start_s=1e9))
    store.backup(tmp_path / "b.wangrid")
    with child(hold_an_append, made) as (_, connection):
        assert heard(connection) == "holding"
        with pytest.raises(Conflict, match="Another program is writing"):
            store.replace_everything(tmp_path / "b.wangrid")
        connection.send("go on")
        assert heard(connection) == "done"
    assert store.info().fixes == 8 and store.verify() == []
    store.replace_everything(tmp_path / "b.wangrid")
    assert store.info().fixes == 3 and store.verify() == []


def test_that_a_restore_that_is_cancelled_leaves_no_store_where_there_was_none(
    full: Store, tmp_path: Path
) -> None:
    class Impatient(Silent):
        def report(self, share: float, words: str = "", **places: object) -> None:
            if share > 0.5:
                raise Cancelled

    full.backup(tmp_path / "b.wangrid")
    with pytest.raises(Cancelled):
        stores.restore(tmp_path / "b.wangrid", tmp_path / "new" / "r.wangrid", Impatient())
    assert not list((tmp_path / "new").glob("*"))


def test_that_a_restore_is_no_way_around_the_second_person(store: Store, made: str, tmp_path: Path) -> None:
    store.backup(tmp_path / "b.wangrid")
    store.set_setting("self_approval", "0")
    stores.restore(tmp_path / "b.wangrid", made)
    assert store.setting("self_approval") == "0"


def test_that_a_restore_that_fails_leaves_the_store_as_it_was(full: Store, made: str, tmp_path: Path) -> None:
    before = content(full)
    full.backup(tmp_path / "b.wangrid")
    whole = (tmp_path / "b.wangrid").read_bytes()
    (tmp_path / "half.wangrid").write_bytes(whole[: len(whole) // 2])
    for bad in ("half.wangrid", "missing.wangrid"):
        with pytest.raises(Refused):
            stores.restore(tmp_path / bad, made)
    assert content(full) == before


@pytest.mark.differs("file", on="postgis")
def test_that_a_backup_onto_the_store_itself_is_refused(full: Store, made: str) -> None:
    with pytest.raises(Conflict, match="itself"):
        full.backup(made)
    assert full.verify() == []
