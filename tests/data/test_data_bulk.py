"""Bulk rows of either engine: what goes in comes out, whatever the values and however many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.census.components import decode, encode
from data.census.dictionary import categorical, distinct
from data.engines import engine as engines
from data.store import Store
from data.tables import fix, patroller
from gis.frames import COMPONENT_COLUMNS
from kernel.errors import Cancelled
from kernel.progress import Silent, Watched
from tests.data.small_city import components, draft

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
READINGS = st.one_of(st.none(), st.floats(-1e9, 1e9))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=40))
def test_that_any_texts_come_back(store: Store, rows: list[tuple[str, str]]) -> None:
    codes, names = map(list, zip(*rows, strict=True))
    columns = {"patroller_id": np.arange(len(rows)), "code": codes, "name": names}
    columns |= {"company": "it's", "team": "", "role": [""] * len(rows)}
    with store._writing() as work:
        work.db.execute(sa.delete(patroller))
        work.engine.insert(work.db, patroller, columns, len(rows))
        back = work.engine.rows(work.db, sa.select(patroller).order_by(patroller.c.patroller_id))
    assert back["code"] == codes and back["name"] == names
    assert set(back["company"]) == {"it's"} and set(back["team"] + back["role"]) == {""}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=st.lists(st.tuples(READINGS, READINGS, READINGS), min_size=1, max_size=40))
def test_that_any_numbers_come_back_and_missing_ones_stay_missing(
    store: Store, readings: list[tuple[float | None, ...]]
) -> None:
    times = np.arange(len(readings)) + 0.125
    columns = {
        "time_s": times,
        "patroller_id": np.full(len(readings), 2**31 - 1),
        "x": times * 3.3,
        "y": -times,
    }
    for name, column in zip(
        ("speed_m_s", "heading_deg", "accuracy_m"), zip(*readings, strict=True), strict=True
    ):
        columns[name] = np.array(column, "f8")
    with store._writing() as work:
        work.db.execute(sa.delete(fix))
        work.engine.insert(work.db, fix, columns, len(readings))
        numbers = work.engine.numbers(work.db, sa.select(fix.c.patroller_id, fix.c.x).order_by(fix.c.time_s))
        rows = work.engine.rows(work.db, sa.select(fix).order_by(fix.c.time_s))
    assert numbers["x"].tolist() == columns["x"].tolist() and set(numbers["patroller_id"]) == {2**31 - 1}
    assert list(zip(rows["speed_m_s"], rows["heading_deg"], rows["accuracy_m"], strict=True)) == readings


def test_that_rows_of_many_chunks_come_back_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK_ROWS", 7)
    times = np.arange(100.0)
    columns = {"time_s": times, "patroller_id": np.arange(100), "x": times, "y": times}
    columns |= dict.fromkeys(("speed_m_s", "heading_deg", "accuracy_m"))
    with store._writing() as work:
        work.engine.insert(work.db, fix, columns, 100)
        batches = list(work.engine.batches(work.db, sa.select(fix).order_by(fix.c.time_s), 33))
    assert [len(batch["time_s"]) for batch in batches] == [33, 33, 33, 1]
    assert [key for batch in batches for key in batch["patroller_id"]] == list(range(100))


def test_that_large_deliveries_rebuild_the_indexes_they_need(store: Store) -> None:
    store.commit_census(draft(components(10_001)))
    store.commit_census(draft(components(10, first=20_000)))
    assert store.compare(draft(components(10_001)))["unchanged"] == 10_001
    assert store.search("1101010101010001")["kind"].tolist() == ["component"]
    with pytest.raises(Exception, match=r"(?i)unique"), store._writing() as work:
        work.db.exec_driver_sql("UPDATE component SET code = '1' WHERE component_id < 3")
    store.undo_session(1)
    assert store.info().components == 10 and store.verify() == []


def test_that_a_large_undo_of_changes_restores_every_row(store: Store) -> None:
    store.commit_census(draft(components(12_000)))
    before = store.info().data_hash
    changes = store.commit_census(draft(components(12_000, note="改")))
    assert changes.counts["changed"] == 12_000
    assert store.undo_session(2).counts == {"removed": 0, "restored": 12_000}
    assert store.info().data_hash == before
    with pytest.raises(Exception, match=r"(?i)unique"), store._writing() as work:
        work.db.exec_driver_sql("UPDATE component SET code = '1' WHERE component_id < 3")


def test_that_cancelling_leaves_the_store_as_it_was(store: Store) -> None:
    before = store.info()
    progress = Watched(lambda share, words, places: progress.cancel() if share > 0.3 else None)
    with pytest.raises(Cancelled):
        store.commit_census(draft(components(3000)), progress=progress)
    assert store.info() == before


class Stopped(Silent):
    """Work that is cancelled as soon as it compares with the store."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def report(self, share: float, words: str = "", **places: object) -> None:
        """Remember what was said."""
        self.said.append(words)

    def check(self) -> None:
        """Cancelled, once the comparison has begun."""
        if "Comparing with the store" in self.said:
            raise Cancelled


def test_that_cancel_is_heard_while_the_store_is_compared(store: Store) -> None:
    store.commit_census(draft(components(20)))
    before, progress = store.info(), Stopped()
    with pytest.raises(Cancelled):
        store.commit_census(draft(components(20, note="改")), progress=progress)
    assert "Writing components" not in progress.said and store.info() == before


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from(["", "井", "b", "盖\0", None]), max_size=30),
    kind=st.sampled_from(["str", "category"]),
)
def test_that_distinct_texts_and_numbers_are_the_column_again(values: list[str | None], kind: str) -> None:
    index, texts = distinct(pd.Series(values, dtype="str").astype(kind))
    assert [texts[i] for i in index] == [(value or "").replace("\0", "") for value in values]
    keys = dict(enumerate(texts))
    assert categorical(index, keys).tolist() == [texts[i] for i in index]


def test_that_a_delivery_in_plain_python_lists_is_taken_too(store: Store) -> None:
    plain = components(5).astype({"state": object, "name": object, "code": object, "note": object})
    plain.loc[0, "note"] = None
    store.commit_census(draft(plain))
    assert (
        store.compare(draft(components(5).assign(note=[""] + components(5)["note"][1:].tolist())))[
            "unchanged"
        ]
        == 5
    )


def test_that_encoding_for_a_comparison_writes_nothing(store: Store) -> None:
    with store._engine.reading() as db:
        rows = encode(db, components(4))
        assert (rows["name_term"] < 0).all() and (rows["initial_date_term"] < 0).all()
        assert (rows["change_date_term"] == 0).all()  # "" is known to every store
    store.commit_census(draft(components(4)))
    with store._engine.reading() as db:
        rows = encode(db, components(4)) | {"component_id": np.arange(4)}
        back = decode(db, rows | {"code": components(4)["code"].tolist()}, COMPONENT_COLUMNS[1:-1], Silent())
    assert back["name"].tolist() == components(4)["name"].tolist()
