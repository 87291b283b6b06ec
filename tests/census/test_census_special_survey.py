"""Special surveys: every cell is somebody's, every component has one outcome."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from census.special_survey.frames import NEW, OUTCOME_COLUMNS, OUTCOMES, cells_frame, found_frame
from census.special_survey.matching import GONE, matches, outcomes
from census.special_survey.plan import WALK, planned
from census.special_survey.progress import by_class, by_collector, by_day, by_outcome, faults
from tests.data.small_city import CRS

RULES: dict[str, float] = {"tolerance_m": 2.0, "radius_m": 10.0}


def lattice(count: int) -> gpd.GeoDataFrame:
    side = max(1, int(np.ceil(count**0.5)))
    shapes = [
        shapely.box(c * 100, r * 100, c * 100 + 100, r * 100 + 100) for r in range(side) for c in range(side)
    ]
    return gpd.GeoDataFrame({"code": [f"{n:015d}" for n in range(count)]}, geometry=shapes[:count], crs=CRS)


@settings(deadline=None)
@given(known=st.lists(st.integers(0, 500), min_size=1, max_size=120), collectors=st.integers(1, 9))
def test_that_every_cell_is_planned_once_and_the_loads_are_balanced(
    known: list[int], collectors: int
) -> None:
    names = [f"队{n}" for n in range(collectors)]
    plan = planned(lattice(len(known)), np.array(known), names)
    assert plan["cell_code"].tolist() == lattice(len(known))["code"].tolist()
    assert set(plan["collector"]) <= set(names) and plan["known"].sum() == sum(known)
    work = plan["known"] + WALK
    loads = work.groupby(plan["collector"]).sum()
    room = 1.25 * work.max()  # half the heaviest cell at each cut: 1 + 1/2 + 1/3 + 1/5 + … shares it out
    assert loads.max() <= work.sum() / collectors + room
    assert loads.reindex(names, fill_value=0).min() >= work.sum() / collectors - room


def test_that_a_collectors_cells_lie_beside_one_another() -> None:
    cells = lattice(256)
    plan = planned(cells, np.full(256, 3), [f"队{n}" for n in range(5)])
    for _, own in cells.groupby(plan["collector"].to_numpy()):
        assert len(shapely.get_parts(shapely.union_all(own.geometry.to_numpy()))) == 1


def test_that_a_plan_without_cells_is_empty_and_one_without_collectors_a_mistake() -> None:
    assert len(planned(lattice(1).iloc[:0], np.zeros(0, "i8"), ["甲"])) == 0
    with pytest.raises(ValueError, match="collector"):
        planned(lattice(1), np.zeros(1, "i8"), [])


def known(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """(code, x, y[, further fields])."""
    base = {
        "class_code": "0101",
        "state": "完好",
        "authority_name": "",
        "owner_name": "水司",
        "maintainer_name": "",
        "cell_code": "A",
    }
    listed = [
        {"component_id": n + 1, "code": row[0], "x": float(row[1]), "y": float(row[2])}
        | base
        | (row[3] if len(row) > 3 else {})
        for n, row in enumerate(rows)
    ]
    columns = (
        "component_id",
        "code",
        "class_code",
        "state",
        "authority_name",
        "owner_name",
        "maintainer_name",
        "cell_code",
        "x",
        "y",
    )
    return pd.DataFrame(listed, columns=list(columns))


def found(*rows: tuple[Any, ...]) -> pd.DataFrame:
    listed = [{"found_id": n + 1, "code": row[0], "x": row[1], "y": row[2], "class_code": "0101", "collector": "甲", "day": "2026-11-20"}
              | (row[3] if len(row) > 3 else {}) for n, row in enumerate(rows)]  # fmt: skip
    frame = pd.DataFrame(listed)
    texts = {name: frame[name].fillna("") for name in frame if name not in ("found_id", "x", "y")}
    return found_frame({name: frame[name] for name in ("found_id", "x", "y")} | texts, len(rows))


def test_that_each_outcome_is_told_as_it_was_found() -> None:
    stored = known(
        ("a", 0, 0),
        ("b", 20, 0),
        ("c", 40, 0),
        ("", 60, 0),
        ("e", 80, 0),
        ("f", 100, 0, {"cell_code": "B"}),
        ("g", 120, 0),
    )
    points = found(("a", 1, 0), ("b", 28, 0), ("c", 40, 1, {"state": "破损"}), ("", 63, 0), ("new", 500, 0),
                   ("g", 120, 0, {"state": "丢失"}), ("never", 900, 0, {"state": "丢失"}))  # fmt: skip
    out = outcomes(stored, points, {"A"}, **RULES)
    assert tuple(out.columns) == OUTCOME_COLUMNS
    told = dict(
        zip(out["component_id"].where(out["component_id"] > 0, -out["found_id"]), out["outcome"], strict=True)
    )
    assert told == {
        1: "confirmed",
        2: "moved",
        3: "changed",
        4: "moved",
        5: "not_found",
        6: "pending",
        7: "not_found",
        -5: "new",
    }
    assert out["moved_m"].round(1).tolist()[:4] == [1.0, 8.0, 1.0, 3.0]
    assert out["changes"].tolist()[2] == "state: 完好 → 破损" and out["state"].tolist()[2] == "破损"


def test_that_a_code_wins_over_a_nearer_place_and_other_classes_never_match() -> None:
    stored = known(("a", 0, 0), ("b", 3, 0), ("", 9, 0, {"class_code": "0201"}))
    match = matches(stored, found(("a", 3, 0), ("", 0, 0), ("", 9, 0)), 10.0)
    assert match.tolist() == [0, 1, -1]


def test_that_the_later_of_two_points_with_one_code_counts() -> None:
    out = outcomes(known(("a", 0, 0)), found(("a", 50, 0), ("a", 0, 0)), set(), **RULES)
    assert out["outcome"].tolist() == ["confirmed"] and out["found_id"].tolist() == [2]


place = st.integers(0, 30)
point = st.tuples(st.sampled_from(["", "", "a", "b", "c", "d", "z"]), place, place,
                  st.fixed_dictionaries({"class_code": st.sampled_from(["0101", "0102"]),
                                         "state": st.sampled_from(["", "完好", "破损", "丢失"])}))  # fmt: skip


@settings(deadline=None)
@given(
    stored=st.lists(point, max_size=14, unique_by=lambda row: row[0] or object()),
    points=st.lists(point, max_size=14),
)
def test_that_each_component_has_exactly_one_outcome(stored: list[Any], points: list[Any]) -> None:
    frame, seen = known(*stored), found(*points) if points else found_frame({}, 0)
    out = outcomes(frame, seen, {"A"}, **RULES)
    ours = out[out["component_id"] > 0]
    assert sorted(ours["component_id"]) == frame["component_id"].tolist() and set(out["outcome"]) <= set(
        OUTCOMES
    )
    used = out.loc[out["found_id"] > 0, "found_id"]
    assert used.is_unique, "no point is used twice"
    lost = set(seen["found_id"]) - set(used)
    repeated = set(seen.loc[(seen["code"] != "") & seen["code"].duplicated(keep="last"), "found_id"])
    assert all(row in repeated or seen.loc[seen["found_id"] == row, "state"].item() in GONE for row in lost)
    assert (out.loc[out["outcome"] == NEW, "component_id"] == 0).all()
    assert (
        sum(by_outcome(out).values()) == len(out) == by_class(out)[list(OUTCOMES)].sum().sum()
        if len(out)
        else True
    )
    coded = dict(zip(frame["code"], frame["component_id"], strict=True))
    by_id = out.set_index("component_id")["found_id"]
    last = {code: row for row, code in zip(seen["found_id"], seen["code"], strict=True) if code}
    assert all(by_id[coded[code]] == row for code, row in last.items() if code in coded), (
        "a code finds its component"
    )


def test_that_progress_counts_cells_and_points_by_collector_and_day() -> None:
    cells = cells_frame({"cell_code": ["1", "2", "3"], "collector": ["甲", "甲", "乙"], "known": [5, 7, 2],
                         "done_on": ["2026-11-19", "", ""], "done_by": ["甲", "", ""]}, 3)  # fmt: skip
    points = found(("a", 0, 0), ("b", 0, 0), ("c", 0, 0, {"collector": "丙", "day": "2026-11-21"}))
    table = by_collector(cells, points)
    assert table.to_numpy().tolist() == [
        ["丙", 0, 0, 0, 0, 1, "2026-11-21"],
        ["乙", 1, 0, 2, 0, 0, ""],
        ["甲", 2, 1, 12, 5, 2, "2026-11-20"],
    ]
    assert by_day(cells, points).to_numpy().tolist() == [
        ["2026-11-19", 1, 0],
        ["2026-11-20", 0, 2],
        ["2026-11-21", 0, 1],
    ]
    assert by_collector(cells, found_frame({}, 0))["found"].tolist() == [0, 0]


def test_that_faults_go_to_the_department_that_answers_for_them() -> None:
    stored = known(("a", 0, 0), ("b", 20, 0, {"owner_name": "", "authority_name": "城管局"}), ("c", 40, 0), ("d", 60, 0, {"cell_code": "B"}),
                   ("e", 80, 0, {"owner_name": ""}))  # fmt: skip
    points = found(
        ("c", 40, 0, {"state": "破损"}), ("x", 200, 0, {"state": "废弃"}), ("e", 80, 0, {"state": "移除"})
    )
    told = faults(outcomes(stored, points, {"A"}, **RULES))
    assert set(zip(told["department"], told["fault"], told["code"], strict=True)) == {
        ("水司", "missing", "a"), ("城管局", "missing", "b"), ("水司", "damaged", "c"), ("", "missing", "e"), ("", "abandoned", "x")}  # fmt: skip
    with pytest.raises(ValueError, match="mayor"):
        faults(outcomes(stored, points, {"A"}, **RULES), "mayor")
