"""Grid rules: a clean grid is silent, each planted fault is found with its code and row."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.frames import FINDING_COLUMNS, components_frame
from gis.grid import grid_rules
from gis.grid.grid_rules_findings import Saying, counts
from resources import texts
from tests.gis.grid_builders import COUNTY, PLANE, STREET, X0, Y0, areas, box, drawn_grid, whole


def checked(cells: gpd.GeoDataFrame, **known: object) -> pd.DataFrame:
    return grid_rules.check(cells, **({"communities": whole(drawn_grid())} | known))


def told(cells: gpd.GeoDataFrame, **known: object) -> set[tuple[str, int]]:
    found = checked(cells, **known)
    return set(zip(found["code"], found["row"], strict=True))


def redrawn(row: int, shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """The drawn grid with another shape in one row (counted from 1)."""
    grid = drawn_grid()
    shapes = np.asarray(grid.geometry.values, dtype=object).copy()
    shapes[row - 1] = shape
    return grid.drop(columns="area_m2").set_geometry(shapes, crs=PLANE)


def recoded(**codes: str) -> gpd.GeoDataFrame:
    """The drawn grid with other codes: row_8="…"."""
    grid = drawn_grid()
    for name, code in codes.items():
        grid.loc[int(name.removeprefix("row_")) - 1, "code"] = code
    return grid


def cell(row: int) -> shapely.Polygon:
    return drawn_grid().geometry.iloc[row - 1]


def test_that_a_clean_grid_is_silent() -> None:
    grid = drawn_grid()
    streets = areas([STREET], [box(0, 0, 600, 400)])
    counties = areas([COUNTY], [box(-10, -10, 700, 500)])
    found = grid_rules.check(grid, communities=whole(grid), streets=streets, counties=counties)
    assert found.empty
    assert tuple(found.columns) == FINDING_COLUMNS


def test_that_a_clean_grid_is_silent_without_anything_to_compare_with() -> None:
    assert grid_rules.check(drawn_grid()).empty


def test_that_a_shuffled_grid_is_as_clean() -> None:
    shuffled = drawn_grid(8, 8).sample(frac=1.0, random_state=7).reset_index(drop=True)
    assert grid_rules.check(shuffled, communities=whole(shuffled)).empty


# -- G1, G8, G10: each cell alone

BOW = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(100, 200), (200, 300), (200, 200), (100, 300)]])


@pytest.mark.parametrize(
    "shape", [None, shapely.Polygon(), shapely.Point(X0, Y0), shapely.LineString([(X0, Y0), (X0, Y0 + 9)])]
)
def test_that_a_row_without_polygon_is_found(shape: shapely.Geometry | None) -> None:
    assert ("G1", 8) in told(redrawn(8, shape))


def test_that_a_ring_that_crosses_itself_is_found() -> None:
    assert ("G1", 8) in told(redrawn(8, BOW))


@pytest.mark.parametrize(
    ("distance_m", "severity"), [(0.0, "error"), (0.0005, "error"), (0.006, "warning"), (0.02, "")]
)
def test_that_vertices_that_nearly_coincide_are_found(distance_m: float, severity: str) -> None:
    ring = shapely.get_coordinates(cell(8))
    middle = (ring[0] + ring[1]) / 2
    along = (ring[1] - ring[0]) / np.hypot(*(ring[1] - ring[0]))
    found = checked(
        redrawn(8, shapely.Polygon(np.insert(ring, 1, [middle, middle + along * distance_m], axis=0)))
    )
    assert found["severity"].tolist() == ([severity] if severity else [])
    assert (found["code"] == "G1").all()


def test_that_a_spike_is_found_at_its_tip() -> None:
    spiked = shapely.Polygon(
        [
            *cell(8).exterior.coords[:2],
            (X0 + 150, Y0 + 300),
            (X0 + 150, Y0 + 380),
            (X0 + 149.9, Y0 + 300),
            *cell(8).exterior.coords[2:4],
        ]
    )
    found = checked(redrawn(8, spiked))
    spikes = found[found["message"].str.contains("point and back")]
    assert spikes["row"].tolist() == [8]
    assert (round(spikes["x"].iloc[0] - X0), round(spikes["y"].iloc[0] - Y0)) == (150, 380)


def test_that_holes_are_listed_as_warnings() -> None:
    found = checked(redrawn(8, shapely.difference(cell(8), cell(8).centroid.buffer(20))))
    holes = found[found["message"].str.contains("holes")]
    assert holes[["code", "severity", "value"]].values.tolist() == [["G1", "warning", "1"]]


def test_that_sizes_out_of_range_are_found_unless_a_note_says_why() -> None:
    tiny = redrawn(8, box(100, 200, 40, 40))
    assert ("G8", 8) in told(tiny)
    assert ("G8", 8) not in told(tiny.assign(note="独立院落"))
    large = gpd.GeoDataFrame({"code": [f"{STREET}001001"]}, geometry=[box(0, 0, 300, 200)], crs=PLANE)
    assert ("G8", 1) in told(large, communities=areas([f"{STREET}001"], [box(0, 0, 300, 200)]))


def test_that_a_community_of_too_small_cells_on_average_is_found() -> None:
    shapes = [box(60 * k, 0, 60, 60) for k in range(5)]
    cells = gpd.GeoDataFrame(
        {"code": [f"{STREET}001{k:03d}" for k in range(1, 6)]}, geometry=shapes, crs=PLANE
    )
    assert counts(grid_rules.check(cells)) == {"G8": 1}


def test_that_a_stored_area_off_by_more_than_a_hundredth_is_found() -> None:
    grid = drawn_grid()
    grid.loc[7, "area_m2"] = 10_150.0
    grid.loc[8, "area_m2"] = 10_050.0
    assert told(grid) == {("G8", 8)}


def test_that_a_cell_of_two_parts_is_found() -> None:
    parts = shapely.union_all([box(100, 200, 45, 100), box(155, 200, 45, 100)])
    assert {("G10", 8)} <= told(redrawn(8, parts))
    assert ("G10", 8) not in told(redrawn(8, parts).assign(note="河道两侧同一院落"))


def test_that_a_long_and_thin_cell_is_found() -> None:
    strip = gpd.GeoDataFrame({"code": [f"{STREET}001001"]}, geometry=[box(0, 0, 1_000, 10)], crs=PLANE)
    assert counts(grid_rules.check(strip)) == {"G10": 1}


# -- G2, G3, G7: cells together


def test_that_an_overlap_names_both_cells_and_its_size() -> None:
    found = checked(redrawn(8, box(100, 200, 103, 100)))
    overlap = found[found["code"] == "G2"]
    assert overlap["row"].tolist() == [8]
    assert overlap["value"].iloc[0] == f"{STREET}001008, {STREET}001009: 300.00 m²"


def test_that_a_long_hairline_overlap_below_the_limits_is_tolerated() -> None:
    assert "G2" not in counts(checked(redrawn(8, box(100, 200, 100.004, 100))))


def test_that_a_short_overlap_wider_than_a_decimetre_is_found_although_it_is_small() -> None:
    nick = shapely.union(cell(8), box(199, 250, 1.4, 1.0))
    assert ("G2", 8) in told(redrawn(8, nick))


def test_that_a_gap_is_found_where_it_is() -> None:
    found = checked(redrawn(8, box(100, 200, 97, 100)))
    gap = found[found["code"] == "G3"]
    assert gap["value"].tolist() == ["300.00 m²"]
    assert X0 + 197 < gap["x"].iloc[0] < X0 + 200


def test_that_borders_of_neighbours_more_than_five_centimetres_apart_are_found() -> None:
    nick = shapely.difference(cell(8), box(199.8, 250, 0.4, 1.0))
    found = checked(redrawn(8, nick))
    assert found["message"].tolist() == ["Borders of neighbours lie more than 0.05 m apart: {value}."]


def test_that_a_missing_cell_is_a_gap_of_its_size() -> None:
    grid = drawn_grid().drop(index=7).reset_index(drop=True)
    found = checked(grid)
    assert found.loc[found["code"] == "G3", "value"].tolist() == ["10,000.00 m²"]
    assert counts(grid_rules.check(grid)) == {"G3": 1, "G6": 1}


def test_that_a_cell_across_a_community_border_is_found() -> None:
    east = drawn_grid(6, 4, f"{STREET}002")
    east = east.set_geometry(east.translate(600, 0))
    both = pd.concat([redrawn(12, box(500, 200, 120, 100)), east], ignore_index=True)
    known = areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 600, 400), box(600, 0, 600, 400)])
    assert {("G7", 12), ("G2", 12)} <= told(both, communities=known)


def test_that_a_community_of_several_features_is_one() -> None:
    halves = areas([f"{STREET}001"] * 2, [box(0, 0, 300, 400), box(300, 0, 300, 400)])
    assert grid_rules.check(drawn_grid(), communities=halves).empty


def test_that_a_cell_beyond_all_communities_is_found() -> None:
    assert told(redrawn(12, box(500, 200, 110, 100))) == {("G7", 12)}


def test_that_a_community_beyond_its_street_is_found() -> None:
    streets = areas([STREET], [box(0, 0, 600, 390)])
    assert counts(checked(drawn_grid(), streets=streets)) == {"G7": 1}


# -- G4, G5, G6: codes


@pytest.mark.parametrize("code", ["11010100100100", "11010100100100A", "", "1101010010010080"])
def test_that_a_code_of_another_form_is_found(code: str) -> None:
    assert {each for each in told(recoded(row_8=code)) if each[0] == "G4"} == {("G4", 8)}


def test_that_a_sequence_of_zeros_is_found() -> None:
    assert ("G4", 8) in told(recoded(row_8=f"{STREET}001000"))


def test_that_codes_of_areas_nobody_knows_are_found() -> None:
    counties, streets = areas([COUNTY], [box(0, 0, 600, 400)]), areas([STREET], [box(0, 0, 600, 400)])
    found = checked(recoded(row_8="120101001001008"), counties=counties, streets=streets)
    assert (found["code"] == "G4").sum() == 3
    assert set(found.loc[found["code"] == "G4", "row"]) == {8}


def test_that_a_cell_with_the_code_of_another_community_is_found() -> None:
    known = areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 600, 400), box(600, 0, 100, 400)])
    assert ("G4", 8) in told(recoded(row_8=f"{STREET}002001"), communities=known)


def test_that_every_row_of_a_repeated_code_is_found() -> None:
    assert {("G5", 3), ("G5", 8)} <= told(recoded(row_8=f"{STREET}001003"))


def test_that_the_code_of_a_retired_cell_is_not_given_again() -> None:
    grid = drawn_grid().assign(end_date="")
    retired = grid.iloc[[7]].assign(end_date="2025-06-30")
    assert ("G5", 8) in told(pd.concat([grid, retired], ignore_index=True))


def test_that_swapped_codes_are_out_of_order() -> None:
    found = checked(recoded(row_2=f"{STREET}001005", row_5=f"{STREET}001002"))
    assert set(found["code"]) == {"G6"}
    assert set(found["row"]) <= {2, 3, 4, 5, 6}


def test_that_numbers_left_out_are_told_once_for_their_community() -> None:
    found = checked(recoded(row_24=f"{STREET}001030"))
    assert found["value"].tolist() == [f"{STREET}001: 024-029"]


# -- G9, G13: what stands in the cells


def objects(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=PLANE)


def test_that_a_building_with_large_parts_in_two_cells_is_cut() -> None:
    cut = objects(box(180, 220, 40, 20), box(199, 220, 40, 20), box(120, 220, 30, 20))
    found = checked(drawn_grid(), buildings=cut)
    assert found["value"].tolist() == [f"{STREET}001008, {STREET}001009"]


def test_that_houses_of_one_building_in_two_cells_are_not_cut_and_a_cut_one_of_them_is() -> None:
    apart = shapely.MultiPolygon([box(140, 220, 40, 20), box(220, 220, 40, 20)])
    assert not len(checked(drawn_grid(), buildings=objects(apart)))
    across = shapely.MultiPolygon([box(120, 220, 20, 20), box(180, 220, 40, 20)])
    found = checked(drawn_grid(), buildings=objects(across))
    assert found["value"].tolist() == [f"{STREET}001008, {STREET}001009"]


def test_that_a_cut_compound_is_found() -> None:
    assert counts(checked(drawn_grid(), compounds=objects(box(120, 120, 200, 60)))) == {"G9": 1}


def components(**columns: object) -> pd.DataFrame:
    rows = len(columns["x"])
    return components_frame({"code": [f"部件{k}" for k in range(rows)]} | columns, rows)


def test_that_a_component_whose_stored_cell_is_not_its_own_is_found() -> None:
    placed = components(x=[X0 + 50, X0 + 50, X0 + 900], y=[Y0 + 50, Y0 + 150, Y0 + 50],
                        cell_code=[f"{STREET}001019", f"{STREET}001019", ""])  # fmt: skip
    found = checked(drawn_grid(), components=placed)
    assert found[["code", "value"]].values.tolist() == [["G13", f"部件1: {STREET}001019 / {STREET}001013"]]


def test_that_a_component_close_to_a_border_is_a_warning() -> None:
    near = components(x=[X0 + 100.2, X0 + 100.4], y=[Y0 + 50, Y0 + 50], cell_code=[f"{STREET}001020"] * 2)
    found = checked(drawn_grid(), components=near)
    assert found[["code", "severity", "value"]].values.tolist() == [["G9", "warning", "部件0"]]


# -- G11: the system


def test_that_a_layer_without_system_is_found_and_still_checked() -> None:
    bare = redrawn(8, box(100, 200, 97, 100)).set_crs(None, allow_override=True)
    assert set(counts(grid_rules.check(bare, communities=whole(drawn_grid())))) == {"G3", "G11"}


def test_that_a_layer_in_degrees_is_found_and_checked_on_a_plane() -> None:
    degrees = redrawn(8, box(100, 200, 103, 100)).to_crs(4490)
    assert counts(grid_rules.check(degrees)) == {"G2": 1, "G11": 1}


def test_that_a_plane_that_is_not_chinese_is_a_warning() -> None:
    abroad = drawn_grid().to_crs(32650)
    found = grid_rules.check(abroad)
    assert found[["code", "severity"]].values.tolist() == [["G11", "warning"]]


def test_that_swapped_axes_are_found() -> None:
    swapped = drawn_grid()
    swapped = swapped.set_geometry(
        shapely.transform(swapped.geometry.values, lambda xy: xy[:, ::-1]), crs=PLANE
    )
    assert "G11" in counts(grid_rules.check(swapped))


def test_that_cells_outside_the_county_are_found() -> None:
    assert told(drawn_grid(), communities=None, counties=areas([COUNTY], [box(50_000, 0, 100, 100)])) >= {
        ("G11", 1)
    }


def test_that_another_layer_in_another_system_is_found_and_projected() -> None:
    known = whole(drawn_grid()).to_crs(4549)
    assert counts(checked(drawn_grid(), communities=known)) == {"G11": 1}


# -- together


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_that_many_faults_at_once_are_all_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    grid = drawn_grid(12, 12)
    known = whole(grid)
    spots = [j * 12 + i for i in range(1, 11, 3) for j in range(1, 11, 3)]
    a, b, c, d = random.choice(spots, 4, replace=False)
    shapes = np.asarray(grid.geometry.values, dtype=object).copy()
    left, bottom, right, top = shapes[a].bounds
    shapes[a] = shapely.box(left, bottom, right + random.uniform(0.5, 20), top)
    left, bottom, right, top = shapes[b].bounds
    shapes[b] = shapely.box(left, bottom, right - random.uniform(2, 20), top)
    grid = grid.set_geometry(shapes, crs=PLANE)
    grid.loc[c, "code"] = grid.loc[0, "code"]
    grid.loc[d, "code"] = "x"
    found = set(
        zip(*(grid_rules.check(grid, communities=known)[name] for name in ("code", "record")), strict=True)
    )
    assert {("G2", a), ("G3", -1), ("G5", c), ("G5", 0), ("G4", d)} <= found
    assert ("G8", b) in found


@pytest.mark.shared
def test_that_the_clean_copy_has_no_errors(shared: Path) -> None:
    source = f"/vsizip/{shared / 'data/dongcheng_like/clean/admin_and_cells.gpkg.zip'}"
    layers = {
        name: gpd.read_file(source, layer=name) for name in ("county", "streets", "communities", "cells")
    }
    cells = layers["cells"].rename(columns={"BGID": "code", "area": "area_m2"})
    found = grid_rules.check(
        cells, communities=layers["communities"], streets=layers["streets"], counties=layers["county"]
    )
    assert not (found["severity"] == "error").any()
    assert set(found["code"]) <= {"G1", "G8"}
    assert len(found) <= 6


def sayings() -> list[Saying]:
    from gis.division import sayings as of_division
    from gis.grid import (
        grid_rules_codes,
        grid_rules_objects,
        grid_rules_shape,
        grid_rules_system,
        grid_rules_tiling,
    )

    rooms = (
        grid_rules_codes,
        grid_rules_objects,
        grid_rules_shape,
        grid_rules_system,
        grid_rules_tiling,
        of_division,
    )
    found = [value for room in rooms for value in vars(room).values() if isinstance(value, Saying)]
    return [*found, *grid_rules_codes.UNKNOWN.values()]


@pytest.mark.parametrize("saying", sayings(), ids=lambda saying: f"{saying.code} {saying.message[:40]}")
def test_that_every_saying_is_said_in_chinese(saying: Saying) -> None:
    for words in (saying.message, saying.remedy):
        assert texts.translated("zh_CN", words) != words


def test_that_numbers_of_retired_cells_are_not_missing() -> None:
    grid = drawn_grid()
    code, last = grid["code"].iloc[-1], f"{grid['code'].iloc[-1][:12]}030"
    grid.loc[len(grid) - 1, "code"] = last
    retired = [code, *(f"{code[:12]}{number:03d}" for number in range(25, 29))]

    def holes(*gone: str) -> list[str]:
        found = grid_rules.check(grid, retired_codes=gone)
        return found[found["code"] == "G6"]["value"].tolist()

    assert holes() == [f"{code[:12]}: 024-029"]
    assert holes(*retired) == [f"{code[:12]}: 029"]
    assert holes(*retired, f"{code[:12]}029", "old") == []
