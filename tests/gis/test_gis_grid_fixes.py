"""Fixes for findings: each planted fault is found, a fix is proposed, and the grid is sound after it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import topology
from gis.grid import grid_rules
from gis.grid.grid_fixes import FIX_MESSAGES, Fix, Ground, Mender
from gis.grid.grid_rules_findings import counts
from gis.grid.halving import halving_lines
from resources import texts
from tests.gis.grid_builders import PLANE, STREET, X0, Y0, areas, box, drawn_grid, whole

COMMUNITIES = whole(drawn_grid())
FIRST = f"{STREET}001"


def named(row: int) -> str:
    return f"{FIRST}{row:03d}"


def cell(row: int) -> shapely.Polygon:
    return drawn_grid().geometry.iloc[row - 1]


def redrawn(shapes: dict[int, shapely.Geometry]) -> gpd.GeoDataFrame:
    """The drawn grid with other shapes in some rows (counted from 1)."""
    grid = drawn_grid()
    polygons = np.asarray(grid.geometry.values, dtype=object).copy()
    for row, shape in shapes.items():
        polygons[row - 1] = shape
    return grid.set_geometry(polygons, crs=PLANE).assign(area_m2=shapely.area(polygons))


def found_on(
    cells: gpd.GeoDataFrame, communities: gpd.GeoDataFrame | None = COMMUNITIES, **also: object
) -> pd.DataFrame:
    return grid_rules.check(cells, communities=communities, **also)


def mended(
    cells: gpd.GeoDataFrame, rule: str, communities: gpd.GeoDataFrame | None = COMMUNITIES, **also: object
) -> tuple[Fix, gpd.GeoDataFrame]:
    """The fix for the first finding of a rule, and the grid after it."""
    findings = found_on(cells, communities, **also)
    first = findings[findings["code"] == rule].iloc[0]
    mender = Mender(cells, Ground(communities=communities, **also))
    fix = mender.fix(first)
    assert fix is not None
    return fix, fix.edit.applied_to(mender._sound)


def tiles(cells: gpd.GeoDataFrame) -> bool:
    tiling = topology.check(np.asarray(cells.geometry.values, dtype=object), COMMUNITIES.geometry.iloc[0])
    return tiling.gap_m2 < 1e-3 and tiling.overlap_m2 < 1e-3 and not len(tiling.invalid)


def pushed(row: int, by: tuple[float, float]) -> gpd.GeoDataFrame:
    """The drawn grid with the north-west corner of one cell moved; its neighbours keep theirs."""
    xy = shapely.get_coordinates(cell(row))
    west, _, _, north = cell(row).bounds
    xy[(xy == (west, north)).all(axis=1)] += by
    return redrawn({row: shapely.Polygon(xy)})


# -- G3 and G2: slivers


@given(
    row=st.integers(8, 11) | st.integers(14, 17),
    dx=st.integers(-40, 40).filter(lambda n: abs(n) > 5),
    dy=st.integers(-40, 40).filter(lambda n: abs(n) > 5),
)
@settings(max_examples=10, deadline=None)
def test_that_a_corner_drawn_beside_its_place_goes_back(row: int, dx: int, dy: int) -> None:
    cells = pushed(row, (dx / 100, dy / 100))
    while len(findings := found_on(cells)):
        rule = findings["code"].iloc[0]
        assert rule in ("G2", "G3")
        before = len(findings)
        fix, cells = mended(cells, rule)
        assert fix.edit.kind == "snap"
        assert len(found_on(cells)) < before
    assert len(cells) == 24
    assert found_on(cells).empty


def test_that_a_gap_goes_to_the_cell_with_the_longest_common_border() -> None:
    fix, cells = mended(redrawn({8: box(100, 200.0, 99.6, 100)}), "G3")
    assert found_on(cells).empty and tiles(cells)
    assert fix.areas["code"].isin([named(8), named(9)]).all() and len(fix.areas) == 1
    assert (fix.areas["after_m2"] - fix.areas["before_m2"]).round(3).tolist() == [40.0]


def test_that_a_gap_is_mended_without_communities_where_all_around_are_of_one() -> None:
    _, cells = mended(redrawn({8: box(100, 200, 99.6, 99)}), "G3", None)
    assert found_on(cells, None).empty


def test_that_a_place_as_large_as_a_cell_is_not_given_away() -> None:
    cells = drawn_grid().drop(index=7).reset_index(drop=True)
    findings = found_on(cells)
    gaps = findings[findings["code"] == "G3"]
    assert len(gaps) == 1
    assert Mender(cells, Ground(communities=COMMUNITIES)).fix(gaps.iloc[0]) is None


def test_that_a_narrow_overlap_is_cut_from_one_of_the_two() -> None:
    fix, cells = mended(redrawn({8: box(100, 200, 100.3, 100)}), "G2")
    assert found_on(cells).empty and tiles(cells)
    assert fix.areas["after_m2"].round(3).tolist() == [10_000.0]
    assert fix.areas["code"].tolist() == [named(8)]


def test_that_a_row_drawn_a_few_millimetres_too_far_is_mended_cell_by_cell() -> None:
    cells = redrawn({row: box(100 * (row - 7), 200, 100, 100.007) for row in range(7, 13)})
    assert counts(found_on(cells)) == {"G2": 6}
    for left in (5, 4, 3, 2, 1, 0):
        _, cells = mended(cells, "G2")
        assert len(found_on(cells)) == left
    assert tiles(cells)


def test_that_whose_a_broad_overlap_is_stays_with_people() -> None:
    cells = redrawn({8: box(100, 200, 105, 100)})
    findings = found_on(cells)
    mender = Mender(cells, Ground(communities=COMMUNITIES))
    assert counts(findings) == {"G2": 1}
    assert mender.fix(findings.iloc[0]) is None


# -- G8 and G10: sizes and shapes


def test_that_a_small_cell_joins_the_neighbour_with_the_longest_border() -> None:
    cells = redrawn({8: box(100, 200, 5, 100), 9: box(105, 200, 195, 100)})
    assert set(counts(found_on(cells))) == {"G8", "G10"}
    fix, after = mended(cells, "G8")
    assert fix.edit.kind == "merge" and named(8) not in set(after["code"])
    assert set(counts(found_on(after))) <= {"G6"} and tiles(after)
    fix, after = mended(cells, "G10")
    assert set(counts(found_on(after))) <= {"G6"} and tiles(after)


def test_that_a_noted_cell_is_left_alone() -> None:
    cells = redrawn({8: box(100, 200, 20, 100), 9: box(120, 200, 180, 100)})
    cells.loc[7, "note"] = "独立院落"
    assert found_on(cells).empty


def large() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Four cells of 1 ha and one of 6 ha."""
    shapes = [
        *(box(100 * k, 200, 100, 100) for k in range(4)),
        box(0, 0, 400, 200).difference(box(0, 0, 100, 200)),
    ]
    cells = gpd.GeoDataFrame({"code": [named(k + 1) for k in range(5)]}, geometry=shapes, crs=PLANE)
    rest = gpd.GeoDataFrame({"code": [named(6)]}, geometry=[box(0, 0, 100, 200)], crs=PLANE)
    cells = pd.concat([cells, rest], ignore_index=True).assign(note="")
    return cells, areas([FIRST], [box(0, 0, 400, 300)])


def test_that_a_large_cell_is_split_across_its_longer_side() -> None:
    cells, communities = large()
    fix, after = mended(cells, "G8", communities)
    assert fix.edit.kind == "split" and fix.places["first"] == fix.places["second"] == "30,000"
    assert "G8" not in counts(found_on(after, communities))


def test_that_a_split_goes_around_buildings_or_is_not_offered() -> None:
    cells, communities = large()
    house = gpd.GeoDataFrame(geometry=[box(240, 80, 40, 40)], crs=PLANE)
    _, after = mended(cells, "G8", communities, buildings=house)
    fresh = after[~after["code"].isin(cells["code"])]
    assert fresh.geometry.contains(house.geometry.iloc[0]).sum() == 1
    hall = gpd.GeoDataFrame(geometry=[box(101, 1, 298, 198)], crs=PLANE)
    findings = found_on(cells, communities, buildings=hall)
    first = findings[findings["code"] == "G8"].iloc[0]
    assert Mender(cells, Ground(communities=communities, buildings=hall)).fix(first) is None


@given(st.floats(0, np.pi), st.floats(30, 400), st.floats(30, 400))
@settings(max_examples=30, deadline=None)
def test_that_the_first_line_halves_a_rectangle_across_its_longer_side(
    turn: float, width: float, height: float
) -> None:
    shape = shapely.affinity.rotate(box(0, 0, width, height), turn, use_radians=True)
    line = halving_lines(shape, np.zeros(0, dtype=object))[0]
    parts = shapely.get_parts(shapely.ops.split(shape, line))
    assert len(parts) == 2
    assert shapely.area(parts) == pytest.approx(shape.area / 2, rel=1e-4)
    assert line.intersection(shape).length == pytest.approx(min(width, height), rel=1e-3)


# -- G5 and G6: numbers


@given(st.permutations(range(1, 25)).filter(lambda numbers: list(numbers) != sorted(numbers)))
@settings(max_examples=5, deadline=None)
def test_that_numbers_out_of_order_are_given_anew(numbers: list[int]) -> None:
    cells = drawn_grid().assign(code=[named(number) for number in numbers])
    fix, after = mended(cells, "G6")
    assert fix.edit.kind == "renumber" and found_on(after).empty
    assert after["code"].tolist() == drawn_grid()["code"].tolist()
    assert shapely.equals(np.asarray(after.geometry.values), np.asarray(drawn_grid().geometry.values)).all()


def test_that_a_hole_in_the_numbers_is_closed() -> None:
    cells = drawn_grid()
    cells.loc[23, "code"] = named(30)
    fix, after = mended(cells, "G6")
    assert fix.places["count"] == "1" and found_on(after).empty


def test_that_numbers_of_retired_cells_stay_free() -> None:
    cells = drawn_grid()
    cells.loc[23, "code"] = named(25)
    findings = found_on(cells)
    mender = Mender(cells, Ground(communities=COMMUNITIES, retired_codes=frozenset({named(24)})))
    assert mender.fix(findings.iloc[0]) is None


@given(st.integers(1, 23))
@settings(max_examples=5, deadline=None)
def test_that_one_of_two_cells_with_a_code_gets_a_free_number(row: int) -> None:
    cells = drawn_grid()
    cells.loc[row, "code"] = cells["code"].iloc[row - 1]
    assert "G5" in counts(found_on(cells))
    _, after = mended(cells, "G5")
    assert found_on(after).empty
    assert after["code"].is_unique and len(after) == 24


def test_that_a_code_given_again_after_its_cell_was_retired_is_replaced() -> None:
    cells = drawn_grid().assign(end_date="")
    old = cells.iloc[[3]].assign(end_date="2024-01-01")
    cells = pd.concat([cells, old], ignore_index=True)
    findings = grid_rules.check(cells.iloc[:24].assign(end_date=""), communities=COMMUNITIES)
    assert findings.empty
    findings = grid_rules.check(cells)
    retired = findings[findings["message"].str.contains("retired")]
    fix = Mender(cells, Ground()).fix(retired.iloc[0])
    assert fix is not None and fix.places["number"] == named(25)


# -- never a fix that does harm


def test_that_a_finding_on_cells_that_have_changed_since_gets_no_fix() -> None:
    cells = redrawn({8: box(100, 200, 5, 100), 9: box(105, 200, 195, 100)})
    finding = found_on(cells).iloc[0]
    assert Mender(drawn_grid(), Ground(communities=COMMUNITIES)).fix(finding) is None


def test_that_findings_without_a_safe_fix_get_none() -> None:
    bow = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(100, 200), (200, 300), (200, 200), (100, 300)]])
    cells = redrawn({8: bow})
    findings = found_on(cells)
    mender = Mender(cells, Ground(communities=COMMUNITIES))
    assert [mender.fix(finding) for _, finding in findings[findings["code"] == "G1"].iterrows()] == [None]


@pytest.mark.parametrize("message", FIX_MESSAGES)
def test_that_every_fix_can_be_said_in_chinese(message: str) -> None:
    places = ("area", "cell", "others", "other", "first", "second", "community", "count", "number")
    said = {lang: texts.words(lang, message, **dict.fromkeys(places, "7")) for lang in texts.LANGUAGES}
    assert said["zh_CN"] != said["en"]
