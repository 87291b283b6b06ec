"""Field records in the store: numbers given once, and each approval whole or not at all."""

from __future__ import annotations

import pytest

from census.records.record import Record
from data.store import Store
from kernel.errors import Conflict, Refused
from tests.data.small_city import cells, components, draft


def record(number: str = "", **fields: str) -> Record:
    """A damaged cover, as a gateway with numbers of its own sends it."""
    return Record("damaged", fields, "1101010101000002", foreign_id=number)


def test_that_a_number_that_stands_twice_in_one_delivery_is_taken_once(store: Store) -> None:
    done = store.enter_records(
        [record("GW-1"), record("GW-2"), record("GW-1", note="again"), record(), record()]
    )
    assert done.keys == ("1", "2", "3", "4") and done.counts == {"entered": 4, "repeated": 1}
    assert store.enter_records([record("GW-2")]).counts == {"entered": 0, "repeated": 1}
    assert sorted(store.load_records()["foreign_id"]) == ["", "", "GW-1", "GW-2"]


def test_that_nobody_decides_about_words_that_were_changed_meanwhile(store: Store) -> None:
    store.commit_census(draft(components(3)))
    store.enter_records([record(note="井圈开裂")])
    now, seen = store.load_components(ids=[2]).assign(state="破损"), len(store.record_events(1))
    store.edit_record(1, record(note="井盖丢失"), seen_events=seen)
    before = store.info()
    for late in (
        lambda: store.approve_record(1, draft(now), seen_session=1, seen_events=seen),
        lambda: store.edit_record(1, record(note="无事"), seen_events=seen),
    ):
        with pytest.raises(Conflict, match="Record 1 was changed"):
            late()
    assert store.info() == before and store.load_records()["fields"][0] == {"note": "井盖丢失"}


def test_that_a_record_goes_into_the_cell_of_today(store: Store) -> None:
    store.enter_records([Record("new", {"class_code": "0101"})])
    one = draft(components(1), seen=store.seen())
    store.replace_grid(cells(columns=8, rows=6, size_m=50.0))
    store.approve_record(1, one)
    assert store.component(1)["cell_code"] != ""
    assert store.replace_grid(store.load_cells()).counts["rekeyed"] == 0


def test_that_an_approval_that_fails_leaves_the_record_waiting_and_no_session(store: Store) -> None:
    store.commit_census(draft(components(3)))
    store.enter_records([record(note="井圈开裂")])
    before, sessions = store.info(), len(store.load_sessions())
    now = store.load_components(ids=[2]).assign(state="破损")
    with pytest.raises(Conflict, match="changed since"):
        store.approve_record(1, draft(now), seen_session=0)
    with pytest.raises(Refused, match="edition 2026"):
        store.approve_record(1, draft(now, standard="2026"), seen_session=1)
    broken = now.assign(x=float("nan"))
    with pytest.raises(ValueError, match="finite"):
        store.approve_record(1, draft(broken), seen_session=1)
    assert store.info() == before and len(store.load_sessions()) == sessions
    assert store.load_records()["status"].tolist() == ["reported"] and len(store.record_events(1)) == 1
    store.approve_record(1, draft(now), seen_session=1)
    with pytest.raises(Conflict, match="decided already"):
        store.approve_record(1, draft(now), seen_session=2)
    assert store.component(2)["state"] == "破损" and store.verify() == []
