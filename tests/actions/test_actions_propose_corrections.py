"""What is proposed for wrong rows of a draft: said by a second witness, taken only when a person takes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from actions.census.correct_session import TakeBack, take_correction_back
from actions.census.import_census import ImportCensus, import_census
from actions.census.propose_corrections import (
    ProposeCorrections,
    TakeProposals,
    propose_corrections,
    take_proposals,
    worded,
)
from data import store as stores
from data.store import Store
from kernel.errors import Refused
from tests.census.survey_files import CRS, X0, Y0, city_cells, lamp, places, write_survey

ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))
AUTHORITY = "111101017000000600"


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A little city with one department."""
    embedded = request.param == "sqlite"
    url = str(tmp_path / "city.wangrid") if embedded else request.getfixturevalue("fresh_postgis")
    with stores.open(url, create=True, standard="2013", crs=CRS, actor="王工") as opened:
        opened.set_setting("self_approval", "1")
        opened.replace_grid(city_cells())
        opened.replace_departments(pd.DataFrame({"code": [AUTHORITY], "name": ["示例区路灯管理中心"]}))
        yield opened


@pytest.fixture
def session(store: Store, tmp_path: Path) -> int:
    """Twelve lamps; rows 1 to 6 each wrong in a way of their own, rows 7 and 8 on one place and in a wrong cell."""
    rows, points = [lamp(n) for n in range(1, 13)], places(12)
    for row in rows:
        row["主管代码"], row["主管部门"] = AUTHORITY, "示例区路灯管理中心"
    right = str(rows[0]["所在网格"])
    other = next(code for code in store.load_cells()["code"] if code != right)
    rows[0]["所在网格"] = other
    rows[1]["所在网格"] = right[:-3] + "999"
    points[2] = (points[2][1], points[2][0])
    rows[3]["部件名称"] = "独立树"
    rows[4]["主管部门"] = ""
    rows[5]["标识码"] = "110102" + str(rows[5]["标识码"])[6:]
    points[7] = points[6]
    rows[6]["所在网格"] = rows[7]["所在网格"] = other
    return import_census(store, ImportCensus(files=(str(write_survey(tmp_path, rows, points)),))).session


def proposed(store: Store, session: int, finding: str = "") -> list[tuple[int, str, str]]:
    """Row, field and value of what is proposed."""
    rows = propose_corrections(store, ProposeCorrections(session, finding)).rows.sort_values("row")
    return list(zip(rows["row"], rows["field"], rows["value"], strict=True))


def test_that_each_wrong_row_gets_what_a_second_witness_says(store: Store, session: int) -> None:
    cell = str(lamp(1)["所在网格"])
    x, y = places(12)[2]
    assert proposed(store, session) == [
        (1, "cell_code", cell),
        (2, "cell_code", cell),
        (3, "", f"{x:.3f},{y:.3f}"),
        (4, "name", "路灯"),
        (5, "authority_name", "示例区路灯管理中心"),
        (6, "code", str(lamp(6)["标识码"])),
    ]


def test_that_a_place_in_doubt_proposes_no_cell(store: Store, session: int) -> None:
    findings = store.load_findings(session)
    asked = set(findings[findings["code"] == "point_outside_cell"]["row"])
    assert {1, 7, 8} <= asked
    assert [row for row, _, _ in proposed(store, session, "point_outside_cell")] == [1]


def test_that_nothing_changes_before_a_person_takes_it(store: Store, session: int) -> None:
    before = store.session(session)["accepted"]
    proposed(store, session)
    assert store.session(session)["accepted"] == before and not len(store.load_corrections(session))


def test_that_what_is_taken_is_accepted_logged_and_taken_back(store: Store, session: int) -> None:
    before = int(store.session(session)["accepted"])
    done = take_proposals(store, TakeProposals(session, "point_outside_cell"))
    assert (done.rows, done.accepted) == (1, before + 1)
    log = store.load_corrections(session)
    assert log[["actor", "kind", "field", "value", "rows"]].to_numpy().tolist() == [
        ["王工", "take", "cell_code", "point_outside_cell", 1]
    ]
    assert proposed(store, session, "point_outside_cell") == []
    assert take_correction_back(store, TakeBack(session, done.numbers)).accepted == before
    assert len(proposed(store, session, "point_outside_cell")) == 1


def test_that_a_turned_point_is_moved_and_stored_there(store: Store, session: int) -> None:
    take_proposals(store, TakeProposals(session, "swapped_xy"))
    store.commit_census(session)
    x, y = places(12)[2]
    stored = store.load_components(["code", "x", "y"])
    assert [x, y] in stored[["x", "y"]].round(3).to_numpy().tolist()


def test_that_only_the_rows_meant_are_taken(store: Store, session: int) -> None:
    rows = propose_corrections(store, ProposeCorrections(session)).rows
    key = tuple(rows[rows["row"] == 4][["file", "layer", "record"]].iloc[0])
    assert take_proposals(store, TakeProposals(session, "class_name_mismatch", (key,))).rows == 1
    with pytest.raises(Refused, match="Nothing is proposed"):
        take_proposals(store, TakeProposals(session, "unknown_cell", (key,)))


def test_that_a_later_correction_stands_on_what_was_taken(store: Store, session: int) -> None:
    take_proposals(store, TakeProposals(session, "point_outside_cell"))
    done = take_proposals(store, TakeProposals(session, "unknown_cell"))
    assert "point_outside_cell" in store.session(session)["findings"]  # rows 7 and 8
    assert done.accepted == int(store.session(session)["accepted"])
    assert len(store.load_corrections(session)) == 2


def test_that_proposals_for_two_columns_are_taken_and_taken_back_together(
    store: Store, tmp_path: Path
) -> None:
    rows = [lamp(n) for n in range(1, 7)]
    rows[1]["主管部门"], rows[2]["主管代码"] = "", ""
    request = ImportCensus(files=(str(write_survey(tmp_path, rows, places(6))),))
    session = import_census(store, request).session
    done = take_proposals(store, TakeProposals(session, "missing_owner"))
    assert (done.numbers, done.rows, done.accepted) == ((1, 2), 2, 6)
    assert store.load_corrections(session)["field"].tolist() == ["authority_code", "authority_name"]
    assert take_correction_back(store, TakeBack(session, done.numbers)).accepted == 4
    assert (store.load_corrections(session)["undone_by"] == "王工").all()


def test_that_the_reason_is_said_in_the_readers_language(store: Store, session: int) -> None:
    rows = propose_corrections(store, ProposeCorrections(session, "point_outside_cell")).rows
    assert worded(rows, "zh_CN")["reason"].iloc[0].startswith("点落在该网格，距填报网格 ")
    assert float(rows["distance_m"].iloc[0]) > 0 and X0 and Y0
