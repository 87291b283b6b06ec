"""Patrol fixes and the roster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.store import Store
from gis.frames import FIX_COLUMNS, PATROLLER_COLUMNS
from kernel.changes import FIXES, PATROLLERS
from kernel.errors import Refused
from tests.data.small_city import cells, components, draft, fixes

START_S = 1_795_000_000.0


def test_that_fixes_read_back_with_the_readings_a_device_did_not_give(store: Store) -> None:
    changes = store.append_fixes(fixes(10))
    assert changes.touches(FIXES) and changes.counts == {"added": 10, "repeated": 0}
    assert changes.keys == (str(START_S), str(START_S + 90))
    back = store.load_fixes(START_S, START_S + 1000)
    assert tuple(back.columns) == FIX_COLUMNS
    pd.testing.assert_frame_equal(back, fixes(10), check_dtype=False)


def test_that_bare_positions_are_fixes_too(store: Store) -> None:
    store.append_fixes(fixes(4)[["time_s", "patroller_id", "x", "y"]])
    assert store.load_fixes(0, 2e9)["speed_m_s"].isna().all()


def test_that_a_repeated_fix_is_kept_once_as_it_came_first(store: Store) -> None:
    store.append_fixes(fixes(10))
    again = fixes(12).assign(x=0.0)
    assert store.append_fixes(again).counts == {"added": 2, "repeated": 10}
    twice = pd.concat([fixes(14).iloc[12:], fixes(14).iloc[12:].assign(x=0.0)])
    assert store.append_fixes(twice).counts == {"added": 2, "repeated": 2}
    back = store.load_fixes(START_S, START_S + 1000)
    assert back["x"].tolist()[:10] == fixes(10)["x"].tolist()
    assert back["x"].tolist()[12:] == fixes(14)["x"].tolist()[12:]


def test_that_a_window_holds_its_beginning_and_not_its_end(store: Store) -> None:
    store.append_fixes(fixes(10))
    assert len(store.load_fixes(START_S + 10, START_S + 30)) == 2
    assert set(store.load_fixes(0, 2e9, patroller_ids=[2])["patroller_id"]) == {2}


def test_that_the_last_fix_of_each_patroller_is_found_however_long_ago(store: Store) -> None:
    store.append_fixes(fixes(9))
    store.append_fixes(fixes(1, start_s=START_S - 90_000).assign(patroller_id=7))
    last = store.last_fixes()
    assert last["patroller_id"].tolist() == [1, 2, 3, 7]
    assert last["time_s"].tolist() == [START_S + 60, START_S + 70, START_S + 80, START_S - 90_000]
    assert store.last_fixes(START_S + 25)["time_s"].tolist()[:3] == [START_S, START_S + 10, START_S + 20]
    assert len(store.last_fixes(START_S - 100_000)) == 0


def test_that_a_store_without_fixes_answers_with_empty_frames(store: Store) -> None:
    assert tuple(store.last_fixes().columns) == FIX_COLUMNS and len(store.last_fixes()) == 0
    assert len(store.load_fixes(0, 2e9)) == 0
    assert store.append_fixes(fixes(0)).counts == {"added": 0, "repeated": 0}


def test_that_fixes_do_not_make_caches_of_the_map_stale(store: Store) -> None:
    version = store.info().data_version
    store.append_fixes(fixes(3))
    assert store.info().data_version == version and store.info().fixes == 3


def test_that_the_roster_is_added_to_and_replaced_by_id(store: Store) -> None:
    roster = pd.DataFrame([(2, "P2", "李巡", "甲公司", "一队", "巡查员"), (1, "P1", "王巡", "", "", "")])
    roster.columns = list(PATROLLER_COLUMNS)
    assert store.save_patrollers(roster).touches(PATROLLERS)
    store.save_patrollers(roster.iloc[:1].assign(team="二队"))
    assert store.load_patrollers()[["patroller_id", "team"]].values.tolist() == [[1, ""], [2, "二队"]]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=12), min_size=1, max_size=4
    )
)
def test_that_every_time_and_patroller_stands_once_whatever_the_batches(
    store: Store, batches: list[list[tuple[int, int]]]
) -> None:
    begin = float(store.info().fixes * 1000)  # each example has a stretch of time of its own
    seen: set[tuple[int, int]] = set()
    for batch in batches:
        times = np.array([time for time, _ in batch], "f8")
        who = np.array([patroller for _, patroller in batch], "i8")
        frame = pd.DataFrame({"time_s": begin + times, "patroller_id": who, "x": 1.0, "y": 2.0})
        added = store.append_fixes(frame).counts["added"]
        assert added == len(set(batch) - seen)
        seen |= set(batch)
    back = store.load_fixes(begin, begin + 31)
    assert list(zip(back["time_s"] - begin, back["patroller_id"], strict=True)) == sorted(seen)


def test_that_components_are_not_counted_again_after_a_commit_of_fixes(store: Store) -> None:
    store.replace_grid(cells())
    store.commit_census(draft())
    known = store.info(with_hash=False)
    asked: list[str] = []
    listen = (store._engine.sa_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    store.append_fixes(fixes(10))
    sa.event.listen(*listen)
    after = store.info(with_hash=False, known=known)
    sa.event.remove(*listen)
    assert (after.cells, after.components, after.fixes) == (known.cells, known.components, 10)
    assert asked and not any(table in words.split() for words in asked for table in ("component", "cell"))
    store.commit_census(draft(components(5, first=900)))
    assert store.info(with_hash=False, known=after).components == known.components + 5


def test_that_a_store_with_fixes_keeps_its_plane(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.append_fixes(fixes(2))
    with pytest.raises(Refused, match="EPSG:4549"):
        store.adopt_crs(4549)
