"""The register of facilities: what is saved reads back, every change is kept, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from census.facilities.frames import (
    FACILITY_COLUMNS,
    HISTORY_COLUMNS,
    LOG_COLUMNS,
    facilities_frame,
    log_frame,
)
from data import store as stores
from data.store import Store
from kernel.changes import FACILITIES
from kernel.errors import Conflict, Refused
from tests.data.small_city import CRS, SOUTH, WEST


def register(count: int = 3, **given: object) -> pd.DataFrame:
    columns: dict[str, object] = {
        "code": [f"SC-{i + 1}" for i in range(count)], "kind": ["water_toilet"] * count,
        "name": [f"第{i + 1}公厕" for i in range(count)], "state": ["运行"] * count, "operator": ["环卫一队"] * count,
        "x": WEST + 50.0 + 100 * np.arange(count), "y": np.full(count, SOUTH + 50.0),
        "capacity": [12.0] + [np.nan] * (count - 1), "registered": ["2026-11-21"] * count,
    }  # fmt: skip
    return facilities_frame(columns | given, count)


def entry(code: str = "SC-1", **given: object) -> pd.DataFrame:
    columns: dict[str, object] = {
        "facility_code": [code], "day": ["2026-11-20"], "work": ["maintenance"], "what": ["更换阀门"],
        "worker": ["李工"], "cost": [120.5],
    }  # fmt: skip
    return log_frame(columns | {name: [value] for name, value in given.items()}, 1)


def test_that_facilities_read_back_as_they_were_saved(store: Store) -> None:
    changes = store.save_facilities(register())
    assert changes.touches(FACILITIES) and changes.counts == {"new": 3, "changed": 0, "unchanged": 0}
    back = store.load_facilities()
    assert tuple(back.columns) == FACILITY_COLUMNS
    pd.testing.assert_frame_equal(back, register())
    assert store.save_facilities(register()).counts == {"new": 0, "changed": 0, "unchanged": 3}


def test_that_a_facility_without_a_number_gets_one_that_was_never_used(store: Store) -> None:
    first = store.save_facilities(register(2, code=["", ""])).keys
    assert first == ("SC-00001", "SC-00002")
    store.delete_facilities(["SC-00002"])
    assert store.save_facilities(register(1, code=[""])).keys == ("SC-00003",)


def test_that_a_given_number_is_stepped_over(store: Store) -> None:
    store.save_facilities(register(1, code=["SC-00001"]))
    assert store.save_facilities(register(1, code=[""])).keys == ("SC-00002",)


def test_that_every_change_is_kept_field_by_field(store: Store) -> None:
    store.save_facilities(register())
    store.save_facilities(register(1, operator=["环卫二队"], capacity=[16.0]))
    assert len(store.load_facilities()) == 3
    history = store.facility_history("SC-1")
    assert tuple(history.columns) == HISTORY_COLUMNS and set(history["actor"]) == {"王工"}
    told = history[["deed", "field", "before", "after"]].to_numpy().tolist()
    assert told == [["registered", "", "", ""], ["changed", "operator", "环卫一队", "环卫二队"],
                    ["changed", "capacity", "12", "16"]]  # fmt: skip


def test_that_a_deleted_facility_keeps_its_past(store: Store) -> None:
    store.save_facilities(register())
    store.append_facility_log(entry())
    store.delete_facilities(["SC-1"])
    assert store.load_facilities()["code"].tolist() == ["SC-2", "SC-3"]
    last = store.facility_history("SC-1")
    kept = last[last["deed"] == "deleted"].set_index("field")["before"].to_dict()
    assert kept["name"] == "第1公厕" and kept["x"] == "500050" and kept["capacity"] == "12"
    assert len(store.load_facility_log(["SC-1"])) == 1
    with pytest.raises(Refused, match="SC-1"):
        store.delete_facilities(["SC-2", "SC-1"])
    assert len(store.load_facilities()) == 2


def test_that_an_entry_reads_back_and_brings_its_state(store: Store) -> None:
    store.save_facilities(register())
    done = store.append_facility_log(
        pd.concat([entry(), entry("SC-2", work="state", new_state="检修", cost=np.nan)])
    )
    assert done.counts == {"entries": 2, "first_entry": 1} and done.keys == ("SC-1", "SC-2")
    log = store.load_facility_log()
    assert tuple(log.columns) == LOG_COLUMNS and log["entry_id"].tolist() == [1, 2]
    assert log["cost"].iloc[0] == 120.5 and np.isnan(log["cost"].iloc[1])
    assert log["recorded_by"].tolist() == ["王工"] * 2 and set(log["withdrawn_by"]) == {""}
    assert store.load_facilities()["state"].tolist() == ["运行", "检修", "运行"]
    assert store.facility_history("SC-2")["after"].tolist()[-1] == "检修"


def test_that_entries_are_written_all_or_none(store: Store) -> None:
    store.save_facilities(register())
    with pytest.raises(Refused, match="nowhere"):
        store.append_facility_log(pd.concat([entry(), entry("nowhere")]))
    assert len(store.load_facility_log()) == 0


def test_that_an_entry_is_withdrawn_once_and_stays_visible(store: Store) -> None:
    store.save_facilities(register())
    store.append_facility_log(entry())
    store.withdraw_facility_log([1])
    log = store.load_facility_log()
    assert log["withdrawn_by"].tolist() == ["王工"] and log["withdrawn_at"].iloc[0]
    assert store.facility_history("SC-1")["deed"].tolist() == ["registered", "logged", "withdrawn"]
    for number in (1, 7):
        with pytest.raises(Refused, match=str(number)):
            store.withdraw_facility_log([number])


def test_that_an_edit_of_what_another_has_changed_conflicts(open_store: Callable[..., Store]) -> None:
    mine, other = open_store(), open_store(actor="李工")
    mine.save_facilities(register())
    seen = mine.load_facilities()
    other.save_facilities(register(1, name=["东口公厕"]))
    with pytest.raises(Conflict, match="SC-1"):
        mine.save_facilities(seen.assign(hours="6:00–22:00"), seen=seen)
    assert mine.load_facilities()["hours"].tolist() == ["", "", ""]
    mine.save_facilities(seen.iloc[1:].assign(hours="6:00–22:00"), seen=seen.iloc[1:])


def test_that_repeated_codes_change_nothing(store: Store) -> None:
    with pytest.raises(Refused, match="SC-1"):
        store.save_facilities(register(2, code=["SC-1", "SC-1"]))
    assert len(store.load_facilities()) == 0


def test_that_a_backup_takes_register_log_and_history_along(store: Store, tmp_path: Path) -> None:
    store.save_facilities(register())
    store.append_facility_log(entry())
    store.backup(tmp_path / "backup.wangrid")
    with stores.open(tmp_path / "backup.wangrid") as copy:
        pd.testing.assert_frame_equal(copy.load_facilities(), store.load_facilities())
        pd.testing.assert_frame_equal(copy.load_facility_log(), store.load_facility_log())
        assert len(copy.facility_history("SC-1")) == 2


def test_that_a_store_with_facilities_keeps_its_plane(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.save_facilities(register())
    with pytest.raises(Refused):
        store.adopt_crs(CRS + 1)
