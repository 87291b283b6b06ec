"""Responsibility areas: membership, measures and contradictions follow from the cells and shapes alone."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.grid.responsibility import areas_frame, check, completed, differing, membership, uncovered
from resources.responsibility import fields, kinds

CRS = 4548
SIDE = 6
GRID = kinds()["responsibility_grid"]
ROAD = kinds()["cleaning_road"]
PATROL = kinds()["patrol_area"]


def cells() -> gpd.GeoDataFrame:
    """36 cells of 100 m."""
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    codes = [f"110101001001{k + 1:03d}" for k in range(len(i))]
    return gpd.GeoDataFrame(
        {"code": codes}, geometry=shapely.box(i * 100, j * 100, i * 100 + 100, j * 100 + 100), crs=CRS
    )


CELLS = cells()


def areas(**columns: object) -> gpd.GeoDataFrame:
    rows = len(next(iter(columns.values())))  # type: ignore[call-overload]
    given_ = {"code": [f"Z{k + 1}" for k in range(rows)]} | columns
    return areas_frame(given_, rows, CRS)


def codes_of(frame: pd.DataFrame) -> list[str]:
    return frame["code"].tolist()


def test_that_every_kind_has_only_known_fields() -> None:
    assert len(kinds()) >= 6
    for kind in kinds().values():
        assert set(kind.fields) <= set(fields()) and kind.made_of in ("cells", "area", "line")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1, 4), min_size=SIDE * SIDE, max_size=SIDE * SIDE))
def test_that_a_division_of_the_cells_has_their_area_and_no_contradiction(owner: list[int]) -> None:
    held = [[code for code, own in zip(CELLS["code"], owner, strict=True) if own == k] for k in range(5)]
    done = completed(
        areas(cell_codes=[own for own in held if own]) if any(held) else areas(code=[]), GRID, CELLS
    )
    assert len(check(done, GRID, CELLS)) == 0
    assert done["area_m2"].sum() == pytest.approx(10_000 * sum(own >= 0 for own in owner))
    assert len(membership(done)) == sum(own >= 0 for own in owner)
    lost = uncovered(done, GRID, CELLS)
    assert sorted(lost["value"]) == [code for code, own in zip(CELLS["code"], owner, strict=True) if own < 0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(CELLS["code"].tolist()), min_size=1, max_size=6, unique=True),
        min_size=1,
        max_size=6,
    )
)
def test_that_each_cell_held_again_is_found_once_in_the_later_area(held: list[list[str]]) -> None:
    done = completed(areas(cell_codes=held), GRID, CELLS)
    found = check(done, GRID, CELLS)
    total = sum(len(own) for own in held)
    assert len(found) == total - len({code for own in held for code in own})
    assert set(codes_of(found)) <= {"R3"}
    shared = replace(GRID, exclusive=False)
    assert len(check(done, shared, CELLS)) == 0 and len(uncovered(done, shared, CELLS)) == 0


def test_that_unknown_cells_repeated_codes_and_empty_areas_are_errors() -> None:
    frame = areas(
        code=["A", "A", "", "B"],
        cell_codes=[[CELLS["code"][0], "999"], [CELLS["code"][1]], [CELLS["code"][2]], []],
    )
    found = check(completed(frame, GRID, CELLS), GRID, CELLS)
    assert sorted(zip(found["code"], found["record"], found["value"], strict=True)) == [
        ("R1", 1, "A"), ("R1", 2, ""), ("R2", 0, "999"), ("R4", 3, ""),
    ]  # fmt: skip


def test_that_a_drawn_area_holds_the_cells_whose_middle_lies_in_it() -> None:
    drawn = [shapely.box(-10, -10, 210, 190), None]
    done = completed(
        areas(geometry=np.array(drawn, object), cell_codes=[[], [CELLS["code"][35]]]), PATROL, CELLS
    )
    assert [len(own) for own in done["cell_codes"]] == [4, 1]
    assert done["area_m2"].tolist() == [44_000.0, 10_000.0]


def test_that_an_area_of_cells_has_their_outline_whatever_was_drawn() -> None:
    done = completed(areas(geometry=np.array([shapely.box(-10, -10, 210, 190)], object)), GRID, CELLS)
    assert done.geometry[0].equals(shapely.box(0, 0, 200, 200))


def test_that_roads_are_measured_and_a_road_without_a_line_keeps_its_figures() -> None:
    lines = np.array([shapely.LineString([(0, 0), (300, 400)]), None, None], object)
    frame = areas(
        geometry=lines,
        width_m=[12.0, 8.0, np.nan],
        length_m=[510.0, 250.0, 90.0],
        swept_m2=[np.nan, np.nan, 700.0],
    )
    done = completed(frame, ROAD, CELLS)
    assert done["length_m"].tolist() == [500.0, 250.0, 90.0]
    assert done["swept_m2"].tolist() == [6_000.0, 2_000.0, 700.0]
    assert len(check(done, ROAD, CELLS)) == 0 and len(differing(frame, done)) == 0


def test_that_a_given_figure_far_from_the_measured_one_is_a_warning() -> None:
    frame = areas(cell_codes=[[CELLS["code"][0]], [CELLS["code"][1]]], area_m2=[10_400.0, 12_000.0])
    found = differing(frame, completed(frame, GRID, CELLS))
    assert found[["code", "severity", "record", "field"]].values.tolist() == [
        ["R7", "warning", 1, "面积(m²)"]
    ]


def test_that_a_line_is_no_area_and_an_area_no_road() -> None:
    line, box = shapely.LineString([(0, 0), (9, 9)]), shapely.box(0, 0, 9, 9)
    for kind, shape in ((PATROL, line), (ROAD, box)):
        found = check(completed(areas(geometry=np.array([shape], object)), kind, CELLS), kind, CELLS)
        assert codes_of(found) == ["R4"]
