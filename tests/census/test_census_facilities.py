"""Facilities: where they lie, what is due, how many there are, and which row is which facility."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.facilities.counts import counted
from census.facilities.frames import facilities_frame, log_frame, placed
from census.facilities.matching import matched
from census.facilities.rules import check_log, check_register
from census.facilities.upkeep import with_upkeep
from gis.frames import as_cells
from resources import catalogues
from resources.facilities import (
    FACILITY_FIELDS,
    LOG_FIELDS,
    fields,
    kind_of,
    kinds,
    state_of,
    states,
    work_of,
    works,
)
from tests.data.small_city import SOUTH, WEST, cells, communities

TODAY = date(2026, 11, 21)
NO_COMPONENTS = pd.DataFrame({name: [] for name in ("code", "class_code", "x", "y")})


def toilets(count: int = 2, **given: object) -> pd.DataFrame:
    columns: dict[str, object] = {
        "code": [f"SC-{i + 1}" for i in range(count)], "kind": ["water_toilet"] * count,
        "name": [f"第{i + 1}公厕" for i in range(count)], "state": ["运行"] * count,
        "x": WEST + 50.0 + 250 * np.arange(count), "y": np.full(count, SOUTH + 50.0),
        "registered": ["2026-11-01"] * count,
    }  # fmt: skip
    return facilities_frame(columns | given, count)


def work(day: str, code: str = "SC-1", **given: object) -> pd.DataFrame:
    columns = {
        "entry_id": [1],
        "facility_code": [code],
        "day": [day],
        "work": ["maintenance"],
        "what": ["检修水箱"],
    }
    return log_frame(columns | {name: [value] for name, value in given.items()}, 1)


def test_that_the_tables_hang_together() -> None:
    names = set(catalogues.load("2026").components["name"])
    for key, kind in kinds().items():
        assert kind_of(kind.name_zh) == kind_of(kind.name_en) == key
        assert not kind.class_name or kind.class_name in names, "a class is of the catalogue or none"
        assert kind.symbol.shape and kind.symbol.glyph and kind.interval_days > 0
    assert len({kind.prefix for kind in kinds().values()}) == len(kinds())
    assert [state_of(state) for state in states()] == list(states())
    assert [work_of(each.name_zh) for each in works().values()] == list(works())
    assert set(FACILITY_FIELDS) | set(LOG_FIELDS) <= set(fields())


def test_that_a_facility_counts_for_the_cell_it_stands_in() -> None:
    frame = placed(toilets(3, x=[WEST + 50, WEST + 350, WEST - 9]), as_cells(cells()))
    assert frame["community_code"].tolist() == ["110101001001", "110101001002", ""]
    assert frame["street_code"].tolist() == ["110101001", "110101001", ""]
    assert frame["cell_code"].tolist()[0] == cells()["code"][0]


def test_that_without_cells_nothing_is_placed() -> None:
    assert placed(toilets(), as_cells(cells()).iloc[:0])["cell_code"].tolist() == ["", ""]


@given(interval=st.integers(1, 400), done=st.integers(0, 800), own=st.booleans())
def test_that_what_is_due_follows_from_the_last_work_and_the_interval(
    interval: int, done: int, own: bool
) -> None:
    days = [float(interval) if own else np.nan, np.nan]
    wanted = interval if own else kinds()["water_toilet"].interval_days
    day = TODAY - timedelta(days=done)
    row = with_upkeep(toilets(interval_days=days), work(day.isoformat()), TODAY).iloc[0]
    assert row["due"] == (day + timedelta(days=wanted)).isoformat() and row["last_day"] == day.isoformat()
    assert row["days_late"] == max(0, done - wanted)


def test_that_a_named_next_date_wins_over_the_interval() -> None:
    row = with_upkeep(toilets(), work("2026-11-10", next_due="2026-11-15"), TODAY).iloc[0]
    assert (row["due"], row["days_late"]) == ("2026-11-15", 6)


def test_that_cleaning_and_withdrawn_entries_leave_the_interval_running() -> None:
    log = pd.concat(
        [work("2026-11-02", work="cleaning"), work("2026-11-03", withdrawn_at="2026-11-04T00:00:00Z")]
    )
    assert with_upkeep(toilets(), log, TODAY)["due"].tolist() == ["2026-12-01"] * 2  # since it was registered


def test_that_only_what_runs_falls_due() -> None:
    frame = with_upkeep(
        toilets(4, state=list(states()), opened=["2020-01-01"] * 4), work("2020-02-01"), TODAY
    )
    assert (frame["days_late"] > 0).tolist() == [states()[state].due for state in frame["state"]]


def test_that_an_interval_beyond_the_calendar_is_no_error() -> None:
    assert (
        with_upkeep(toilets(interval_days=[1e9, 1.0]), work("2026-11-02"), TODAY)["days_late"].tolist()[0]
        == 0
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(kinds())), st.sampled_from(sorted(states())), st.integers(0, 4)),
        max_size=30,
    )
)
def test_that_every_way_of_counting_gives_the_same_total(rows: list[tuple[str, str, int]]) -> None:
    x = [WEST + 100.0 * place + 50 for _, _, place in rows]  # the fifth place lies outside
    frame = toilets(len(rows), kind=[kind for kind, _, _ in rows], state=[state for _, state, _ in rows], x=x)
    frame = with_upkeep(placed(frame, as_cells(cells())), log_frame({}, 0), date(2030, 1, 1))
    present = sum(state != "拆除" for _, state, _ in rows)
    areas = communities()
    for by in ("street", "community", "kind", "state"):
        of = areas.assign(code="110101001", name="东华街道").iloc[:1] if by == "street" else areas
        table = counted(frame, of, by)
        assert table["total"].sum() == present == table[list(kinds())].sum().sum()
        assert table["overdue"].sum() == sum(states()[state].due for _, state, _ in rows)
        assert table["key"].is_unique
    assert set(counted(frame, areas, "community")["key"]) >= set(areas["code"]), (
        "an area without any counts 0"
    )


def test_that_a_row_without_number_is_the_facility_it_looks_like() -> None:
    known = toilets(component_code=["1101010301000001", ""], operator=["一队", "二队"])
    listed = toilets(3, code=[""] * 3, component_code=["1101010301000001", "", ""], name=["新名", "第2公厕", "第2公厕"],
                     x=[np.nan, WEST + 302.0, WEST + 400.0])  # fmt: skip
    components = pd.DataFrame(
        {"code": ["1101010301000001"], "class_code": ["0301"], "x": [WEST + 1], "y": [SOUTH + 1]}
    )
    out = matched(listed, known, components, "2026-11-21")
    assert out["code"].tolist() == ["SC-1", "SC-2", ""], "by component, by kind and name nearby, a new one"
    assert out["x"].tolist()[0] == WEST + 1 and out["operator"].tolist() == ["一队", "二队", ""]
    assert out["registered"].tolist() == ["2026-11-01", "2026-11-01", "2026-11-01"]


def test_that_each_fault_of_a_list_is_found_once() -> None:
    components = pd.DataFrame({"code": ["c1", "c2", "c3"], "class_code": ["0301", "0101", "0301"],
                               "x": [WEST + 50, WEST + 300, WEST + 550], "y": [SOUTH + 50] * 3})  # fmt: skip
    listed = toilets(6, code=["a", "b", "b", "d", "e", "f"], name=["1", "", "3", "4", "5", "6"],
                     component_code=["c9", "c2", "c1", "", "c3", "c1"], department=["", "", "", "无此局", "", ""],
                     x=[WEST + 50, WEST + 300, WEST + 50, np.nan, WEST + 399, WEST + 50])  # fmt: skip
    names = {"0301": "公共厕所", "0101": "上水井盖"}
    found = check_register(placed(listed, as_cells(cells())), components, names, {"城管局"}, toilets(0))
    told = sorted(zip(found["code"], found["record"], strict=True))
    assert told == [
        ("F10", 4),
        ("F11", 5),
        ("F12", 3),
        ("F13", 1),
        ("F2", 2),
        ("F3", 3),
        ("F7", 0),
        ("F8", 1),
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [({"facility_code": "X"}, "F14"), ({"day": "2026-11-22"}, "F16"), ({"next_due": "2026-11-02"}, "F17"), ({"what": ""}, "F18")],
)  # fmt: skip
def test_that_an_entry_that_cannot_be_is_told(given: dict[str, str], code: str) -> None:
    entry = work("2026-11-02").assign(**given)
    assert check_log(entry, {"SC-1"}, "2026-11-21")["code"].tolist() == [code]
