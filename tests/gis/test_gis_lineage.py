"""Successions between two grids: shares that sum to one, values that keep their sums, codes that stay."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.grid.lineage import SUCCESSION_COLUMNS, carried, next_codes, successions, ways_of, with_stable_codes
from kernel.errors import Refused

COMMUNITY = "110101001001"
SIDE_M = 300.0

cuts = st.lists(st.integers(1, 299), max_size=4, unique=True).map(sorted)


def strips(columns: list[int], rows: list[list[int]], first: int = 1) -> gpd.GeoDataFrame:
    """A square of 300 m cut into columns, each column cut into rows of its own; codes from `first`."""
    shapes = []
    west = [0, *columns, SIDE_M]
    for number, (x0, x1) in enumerate(pairwise(west)):
        south = [0, *rows[number % len(rows)], SIDE_M]
        shapes += [shapely.box(x0, y0, x1, y1) for y0, y1 in pairwise(south)]
    codes = [f"{COMMUNITY}{first + i:03d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4548)


grids = st.builds(strips, cuts, st.lists(cuts, min_size=1, max_size=3), st.sampled_from([1, 40, 300]))


def points(count: int, seed: int) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    return pd.DataFrame({"x": chance.uniform(-20, 320, count), "y": chance.uniform(-20, 320, count)})


@settings(max_examples=60, deadline=None)
@given(grids, grids, st.integers(0, 40))
def test_that_the_shares_of_each_predecessor_and_covered_successor_sum_to_one(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, seed: int
) -> None:
    found = successions(old, new, ways_of(points(30, seed), old, new))
    assert tuple(found.columns) == SUCCESSION_COLUMNS
    sums = found.groupby("predecessor")["share_of_predecessor"].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=1e-12)
    fresh = found[~found["successor"].isin(_standing(old, new))]
    np.testing.assert_allclose(fresh.groupby("successor")["share_of_successor"].sum(), 1.0, rtol=1e-12)
    assert set(found["predecessor"]) == set(old["code"]) - _standing(old, new)


def _standing(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> set[str]:
    both = old.merge(new, on="code")
    first, second = (np.asarray(both[name], dtype=object) for name in ("geometry_x", "geometry_y"))
    same = shapely.area(shapely.symmetric_difference(first, second)) <= 0.5
    return set(both["code"][same])


@settings(max_examples=60, deadline=None)
@given(grids, grids, grids, st.sampled_from(["area", "components"]), st.integers(0, 40))
def test_that_sums_stay_what_they_were_over_any_steps(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, third: gpd.GeoDataFrame, by: str, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    values = pd.Series(chance.uniform(0, 1e6, len(first)), index=first["code"].to_numpy())
    where = points(50, seed)
    steps = pd.concat(
        [
            successions(first, second, ways_of(where, first, second)).assign(step_id=1),
            successions(second, third, ways_of(where, second, third)).assign(step_id=2),
        ]
    )
    now = carried(values, steps, by)
    assert now.sum() == pytest.approx(values.sum(), rel=1e-12)
    assert set(now.index) <= set(third["code"]) | {""}
    table = carried(pd.DataFrame({"a": values, "b": 2 * values}), steps, by)
    np.testing.assert_allclose(table["b"], 2 * now)


def test_that_values_go_by_area_or_by_where_the_components_are() -> None:
    old, new = strips([], [[]]), strips([100], [[]], first=2)
    where = pd.DataFrame({"x": [10, 20, 30, 200], "y": [5.0, 5.0, 5.0, 5.0]})
    found = successions(old, new, ways_of(where, old, new))
    assert found["share_of_predecessor"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert found["components"].tolist() == [3, 1]
    values = pd.Series([120.0], index=old["code"])
    assert carried(values, found).tolist() == pytest.approx([40.0, 80.0])
    assert carried(values, found, by="components").tolist() == pytest.approx([90.0, 30.0])
    bare = successions(old, new)
    assert carried(values, bare, by="components").tolist() == pytest.approx([40.0, 80.0])
    with pytest.raises(ValueError, match="population"):
        carried(values, found, by="population")  # type: ignore[arg-type]


def test_that_lost_ground_and_the_components_on_it_go_to_no_cell() -> None:
    old, new = strips([100], [[]]), strips([100], [[]]).iloc[[1]]
    where = pd.DataFrame({"x": [50.0, 150.0], "y": [9.0, 9.0]})
    found = successions(old, new, ways_of(where, old, new))
    assert found[["predecessor", "successor", "share_of_predecessor", "components"]].values.tolist() == [
        [old["code"][0], "", 1.0, 1]
    ]
    kept = carried(pd.Series([3.0, 4.0], index=old["code"]), found)
    assert kept.to_dict() == {"": 3.0, old["code"][1]: 4.0}


def test_that_a_border_moved_by_millimetres_is_no_succession_and_by_metres_is() -> None:
    old = strips([100], [[]])
    assert not len(successions(old, strips([100], [[]])))
    nearly, moved = (_two_strips(100 + by) for by in (0.001, 3.0))
    assert not len(successions(old, nearly))
    found = successions(old, moved)
    assert found[["predecessor", "successor"]].values.tolist() == [
        [old["code"][0], old["code"][0]],
        [old["code"][1], old["code"][0]],
        [old["code"][1], old["code"][1]],
    ]
    assert found["area_m2"].tolist() == pytest.approx([30_000.0, 900.0, 59_100.0])


def _two_strips(cut_m: float) -> gpd.GeoDataFrame:
    shapes = [shapely.box(0, 0, cut_m, 300), shapely.box(cut_m, 0, 300, 300)]
    return gpd.GeoDataFrame({"code": [f"{COMMUNITY}001", f"{COMMUNITY}002"]}, geometry=shapes, crs=4548)


def test_that_empty_grids_have_no_successions() -> None:
    empty = strips([100], [[]]).iloc[:0]
    assert not len(successions(empty, strips([], [[]])))
    found = successions(strips([], [[]]), empty)
    assert found["successor"].tolist() == [""] and found["share_of_predecessor"].tolist() == [1.0]
    assert not len(successions(empty, empty, ways_of(points(3, 1), empty, empty)))


@settings(max_examples=40, deadline=None)
@given(grids, grids, st.lists(st.integers(1, 320), max_size=8))
def test_that_codes_stay_with_their_ground_and_old_ones_are_never_given_again(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, retired: list[int]
) -> None:
    gone = [f"{COMMUNITY}{number:03d}" for number in retired]
    out = with_stable_codes(new, old, gone)
    assert out["code"].is_unique and (out.geometry.to_numpy() == new.geometry.to_numpy()).all()
    ground = {old["code"][i]: old.geometry.iloc[i] for i in range(len(old))}
    for code, shape in zip(out["code"], out.geometry, strict=True):
        if code in ground:
            assert shape.symmetric_difference(ground[code]).area <= 0.5
        else:
            assert code not in gone
    again = with_stable_codes(out, out, gone)
    assert again["code"].tolist() == out["code"].tolist()


def test_that_new_numbers_follow_the_highest_and_then_fill_what_was_never_given() -> None:
    used = [f"{COMMUNITY}{n:03d}" for n in (1, 2, 5)] + ["110101001002900"]
    assert [code[-3:] for code in next_codes(COMMUNITY, 2, used)] == ["006", "007"]
    full = [f"{COMMUNITY}{n:03d}" for n in range(3, 1000)]
    assert [code[-3:] for code in next_codes(COMMUNITY, 2, full)] == ["001", "002"]
    with pytest.raises(Refused, match="2 unused numbers"):
        next_codes(COMMUNITY, 3, full)
