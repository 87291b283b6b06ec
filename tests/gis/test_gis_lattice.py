"""The lattice: what it must be for any city, and what it says about unusable input."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import division, topology
from gis.division import Ground
from gis.frames import AREA_COLUMNS, CELL_COLUMNS
from gis.grid.grid_codes import out_of_order
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched
from tests.gis.grid_builders import COUNTY, PLANE, STREET, X0, Y0, areas, box, star, two_communities


def frame(*shapes: shapely.Geometry, crs: object = PLANE, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def errors(found: division.Division) -> list[str]:
    return found.findings.loc[found.findings["severity"] == "error", "message"].tolist()


def test_that_the_lattice_of_two_communities_keeps_every_rule() -> None:
    communities = two_communities()
    found = division.lattice(communities)
    assert found.findings.empty
    assert list(found.cells.columns) == list(CELL_COLUMNS)
    assert list(found.communities.columns) == list(AREA_COLUMNS)
    assert (found.figures.gap_m2, found.figures.overlap_m2) == (0.0, 0.0)
    assert np.isclose(found.figures.divided_m2, communities.area.sum())
    assert found.cells["area_m2"].min() >= 2_000.0


def test_that_whole_squares_are_one_hectare_and_lie_on_multiples_of_a_hundred_metres() -> None:
    found = division.lattice(two_communities())
    squares = found.cells[shapely.get_num_coordinates(found.cells.geometry.values) == 5]
    bounds = squares.bounds.to_numpy()
    assert len(squares) > 25
    inner = squares["area_m2"] == 10_000.0
    assert (bounds[inner.to_numpy()] % 100 == 0).all()


def test_that_neighbours_across_a_community_border_share_their_vertices() -> None:
    cells = division.lattice(two_communities()).cells
    assert shapely.coverage_is_valid(cells.geometry.values)


def city(seed: int) -> gpd.GeoDataFrame:
    """Communities as the cells of a crooked tiling, two to six times wider than a square, anywhere to the lattice."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 4))
    step = float(random.uniform(230, 650))
    x, y = np.meshgrid(np.arange(count + 1) * step, np.arange(count + 1) * step)
    x, y = x + random.uniform(-step / 4, step / 4, x.shape), y + random.uniform(-step / 4, step / 4, y.shape)
    shift = random.uniform(0, 100, 2)
    corner = [np.stack([x[j, i] + X0 + shift[0], y[j, i] + Y0 + shift[1]], axis=-1)
              for j, i in ((slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None)),
                           (slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1)))]  # fmt: skip
    rings = np.stack([each.reshape(-1, 2) for each in corner], axis=1).round(3)
    shapes = shapely.polygons(rings)
    return areas([f"{STREET}{k + 1:03d}" for k in range(len(shapes))], list(shapes))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_that_any_tiling_of_communities_is_divided_without_gap_overlap_or_disorder(seed: int) -> None:
    communities = city(seed)
    if not communities.is_valid.all():
        return
    found = division.lattice(communities)
    assert found.figures.gap_m2 <= 1e-3
    assert found.figures.overlap_m2 <= 1e-3
    assert errors(found) == []
    assert "G6" not in found.finding_counts
    assert (found.cells.geom_type == "Polygon").all()
    assert found.cells["code"].is_unique
    assert found.cells["code"].str.fullmatch(r"\d{15}").all()
    small = found.cells[found.cells["area_m2"] < 2_000.0]
    assert (small["note"] != "").all()
    for code, cells in found.cells.groupby("community_code"):
        inside = communities.loc[communities["code"] == code].geometry.iloc[0]
        assert abs(cells.area.sum() - inside.area) < 0.5
        if len(cells) > 1:
            # A small cell that stayed has no neighbour in its community.
            for _, cell in cells[cells["note"] != ""].iterrows():
                others = cells[cells["code"] != cell["code"]].geometry
                assert others.boundary.intersection(cell.geometry.boundary).length.max() == 0


def test_that_every_part_of_a_square_is_a_cell_of_its_own() -> None:
    comb = shapely.union_all(
        [box(0, 0, 100, 30), box(0, 0, 40, 100), box(60, 0, 40, 100), box(0, -100, 100, 100)]
    )
    cells = division.lattice(areas([f"{STREET}001"], [comb])).cells
    assert sorted(cells["area_m2"].round()) == [8_600.0, 10_000.0]
    fork = shapely.union_all([box(0, 0, 45, 100), box(55, 0, 45, 100), box(0, -100, 100, 100)])
    assert sorted(division.lattice(areas([f"{STREET}001"], [fork])).cells["area_m2"]) == [
        4_500.0,
        4_500.0,
        10_000.0,
    ]


def test_that_a_small_part_joins_the_neighbour_with_the_longest_common_border() -> None:
    # A strip 15 m wide: 90 m of it lie against the square below, nothing else touches it that long.
    shape = shapely.union_all([box(0, 0, 200, 100), box(10, 100, 90, 15)])
    cells = division.lattice(areas([f"{STREET}001"], [shape])).cells
    assert sorted(cells["area_m2"]) == [10_000.0, 11_350.0]


def test_that_small_parts_never_join_across_a_community_border() -> None:
    left, right = box(0, 0, 90, 100), box(90, 0, 110, 100)
    cells = division.lattice(areas([f"{STREET}001", f"{STREET}002"], [left, right])).cells
    assert cells.groupby("community_code")["area_m2"].sum().tolist() == [9_000.0, 11_000.0]


def test_that_a_community_smaller_than_the_smallest_cell_stays_one_cell_with_a_note() -> None:
    found = division.lattice(
        areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 300, 100), box(300, 10, 30, 40)])
    )
    small = found.cells[found.cells["community_code"] == f"{STREET}002"]
    assert small["area_m2"].tolist() == [1_200.0]
    assert small["note"].iloc[0] != ""
    assert found.finding_counts == {"D8": 1}


def test_that_codes_run_north_to_south_in_bands_and_west_to_east() -> None:
    cells = division.lattice(areas([f"{STREET}001"], [box(0, 0, 300, 200)])).cells
    middles = [(p.x - X0, p.y - Y0) for p in cells.geometry.representative_point()]
    assert middles == [(50, 150), (150, 150), (250, 150), (50, 50), (150, 50), (250, 50)]
    assert cells["code"].str[-3:].tolist() == ["001", "002", "003", "004", "005", "006"]
    assert len(out_of_order(cells.geometry.values, cells["code"].to_numpy(dtype=str))) == 0


def test_that_an_area_without_communities_gets_provisional_ones_below_999_cells() -> None:
    found = division.lattice(frame(box(0, 0, 6_000, 4_000)), district=COUNTY)
    assert found.figures.cells == 2_400
    assert found.cells.groupby("community_code").size().max() <= 999
    assert found.finding_counts == {"D4": 1}
    assert found.cells["code"].str.startswith(f"{COUNTY}001").all()


def test_that_streets_alone_are_divided_each_for_itself() -> None:
    streets = frame(box(0, 0, 350, 500), box(350, 0, 450, 500), code=[f"{COUNTY}001", f"{COUNTY}002"])
    found = division.lattice(frame(box(0, 0, 800, 500)), streets=streets)
    assert found.cells.groupby(found.cells["code"].str[:9])["area_m2"].sum().tolist() == [
        175_000.0,
        225_000.0,
    ]
    assert errors(found) == []


def test_that_communities_without_codes_are_numbered_in_their_streets() -> None:
    streets = frame(box(0, 0, 400, 400), box(400, 0, 400, 400), code=[f"{COUNTY}007", f"{COUNTY}008"])
    communities = frame(
        box(0, 0, 400, 200), box(0, 200, 400, 200), box(400, 0, 400, 400), name=["南", "北", "东"]
    )
    found = division.lattice(frame(box(0, 0, 800, 400)), streets=streets, communities=communities)
    named = dict(zip(found.communities["name"], found.communities["code"], strict=True))
    assert named == {"北": f"{COUNTY}007001", "南": f"{COUNTY}007002", "东": f"{COUNTY}008001"}
    assert found.finding_counts == {"D3": 1}


def test_that_a_boundary_in_degrees_is_divided_on_its_chinese_plane() -> None:
    degrees = frame(box(0, 0, 2_000, 1_000)).to_crs(4490)
    found = division.lattice(degrees, district=COUNTY)
    assert found.cells.crs.to_epsg() == 4548
    assert np.isclose(found.figures.area_m2, 2e6, rtol=1e-6)
    assert found.figures.gap_m2 == 0.0


def test_that_web_mercator_is_not_taken_for_metres() -> None:
    found = division.lattice(frame(box(0, 0, 1_000, 1_000)).to_crs(3857), district=COUNTY)
    assert found.cells.crs.to_epsg() == 4548
    assert np.isclose(found.figures.area_m2, 1e6, rtol=1e-3)


def test_that_a_metric_plane_outside_china_is_kept_with_a_warning() -> None:
    area = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 5_000_000, 500_800, 5_000_500)], crs=32633)
    found = division.lattice(area)
    assert found.cells.crs.to_epsg() == 32633
    assert found.finding_counts == {"D2": 1, "D4": 1, "G11": 1}
    assert errors(found) == []


def test_that_layers_of_other_systems_are_projected_and_that_is_told() -> None:
    communities = two_communities()
    found = division.lattice(
        frame(shapely.union_all(communities.geometry.values)), communities=communities.to_crs(4326)
    )
    assert found.finding_counts.get("D1") == 1
    assert found.cells.crs.to_epsg() == PLANE
    assert found.figures.gap_m2 < 0.5


def test_that_features_with_one_code_are_one_community() -> None:
    parts = areas(
        [f"{STREET}001", f"{STREET}001", f"{STREET}002"],
        [box(0, 0, 50, 100), box(50, 0, 150, 100), box(200, 0, 200, 100)],
    )
    found = division.lattice(frame(box(0, 0, 400, 100)), communities=parts)
    assert found.communities["code"].tolist() == [f"{STREET}001", f"{STREET}002"]
    assert found.cells["area_m2"].tolist() == [10_000.0] * 4
    assert found.finding_counts == {"D10": 1}


def test_that_islands_and_holes_are_kept() -> None:
    land = shapely.union_all(
        [shapely.difference(box(0, 0, 1_000, 1_000), box(320, 320, 260, 260)), box(1_300, 0, 300, 300)]
    )
    found = division.lattice(frame(land), district=COUNTY)
    assert np.isclose(found.cells.area.sum(), land.area)
    assert found.figures.gap_m2 == 0.0
    assert not found.cells.intersects(box(330, 330, 240, 240)).any()


def test_that_what_is_excluded_is_not_divided() -> None:
    lake = frame(shapely.Point(X0 + 500, Y0 + 500).buffer(150))
    found = division.lattice(frame(box(0, 0, 1_000, 1_000)), exclude=lake, district=COUNTY)
    assert np.isclose(found.figures.area_m2, 1e6 - lake.area.sum())
    assert found.figures.gap_m2 == 0.0


def test_that_overlapping_communities_are_told_and_left_as_they_are() -> None:
    communities = areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 520, 500), box(500, 0, 500, 500)])
    found = division.lattice(frame(box(0, 0, 1_000, 500)), communities=communities)
    assert found.finding_counts["D5"] == 1
    assert found.figures.overlap_m2 == 10_000.0
    assert np.isclose(found.cells.area.sum(), 510_000.0)


def test_that_a_gap_between_communities_is_told_and_left_open() -> None:
    communities = areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 490, 500), box(500, 0, 500, 500)])
    found = division.lattice(frame(box(0, 0, 1_000, 500)), communities=communities)
    assert found.finding_counts["D6"] == 1
    assert found.figures.gap_m2 == 5_000.0


def test_that_communities_are_cut_at_the_area() -> None:
    communities = areas([f"{STREET}001"], [box(-50, -50, 700, 600)])
    found = division.lattice(frame(box(0, 0, 600, 500)), communities=communities)
    assert found.finding_counts == {"D7": 1}
    assert found.figures.divided_m2 == 300_000.0


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ({"area": frame()}, "area is empty"),
        ({"area": frame(box(0, 0, 500, 500), crs=None)}, "does not say its reference system"),
        ({"area": frame(shapely.Point(X0, Y0))}, "must be polygons"),
        ({"area": frame(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))}, "not valid"),
        ({"area": frame(box(0, 0, 500, 500)), "communities": frame()}, "communities is empty"),
        (
            {"area": frame(box(0, 0, 500, 500)), "communities": frame(box(9_000, 0, 90, 90))},
            "No community lies",
        ),
        ({"area": frame(box(0, 0, 500, 500)), "district": "1101"}, "not a district code"),
        ({"area": frame(box(0, 0, 500, 500)), "target_m2": -1.0}, "not sensible"),
    ],
)
def test_that_unusable_input_is_refused_in_words(layers: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        division.lattice(**layers)
    assert refusal.value.remedy


def test_that_a_community_of_more_than_999_cells_is_refused() -> None:
    with pytest.raises(Refused, match="110101001001 would have 1024 parts"):
        division.lattice(areas([f"{STREET}001"], [box(0, 0, 3_200, 3_200)]))


def test_that_vertices_closer_than_a_centimetre_are_joined_and_told() -> None:
    ring = [(0, 0), (500, 0), (500, 0.004), (500, 500), (0, 500)]
    shape = shapely.Polygon([(X0 + x, Y0 + y) for x, y in ring])
    found = division.lattice(areas([f"{STREET}001"], [shape]))
    assert found.finding_counts == {"D9": 1}


def test_that_a_border_that_passes_a_lattice_corner_by_millimetres_makes_no_short_edges() -> None:
    border = [(300.004, 0), (299.997, 200.003), (300.0, 500)]
    west = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(0, 0), *border, (0, 500)]])
    east = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(600, 0), (600, 500), *reversed(border)]])
    found = division.lattice(areas([f"{STREET}001", f"{STREET}002"], [west, east]))
    assert "G1" not in found.finding_counts
    assert found.figures.gap_m2 == found.figures.overlap_m2 == 0.0


def test_that_figures_count_buildings_cut_and_borders_on_features() -> None:
    buildings = frame(box(80, 20, 40, 20), box(20, 20, 30, 20), crs=PLANE)
    roads = frame(shapely.LineString([(X0 + 100, Y0), (X0 + 100, Y0 + 200)]))
    found = division.lattice(
        areas([f"{STREET}001"], [box(0, 0, 200, 200)]), ground=Ground(buildings=buildings, roads=roads)
    )
    assert (found.figures.buildings, found.figures.buildings_cut) == (2, 1)
    assert found.figures.boundary_on_features_share == pytest.approx(0.5, abs=0.03)
    assert found.finding_counts == {"G9": 1}


def test_that_a_division_can_be_cancelled() -> None:
    progress = Watched(lambda *_: None)
    progress.cancel()
    with pytest.raises(Cancelled):
        division.lattice(two_communities(), progress=progress)


@pytest.mark.shared
def test_that_a_district_of_117_communities_is_divided_without_errors(shared: Path) -> None:
    source = f"/vsizip/{shared / 'data/dongcheng_like/clean/admin_and_cells.gpkg.zip'}"
    communities = gpd.read_file(source, layer="communities")
    streets = gpd.read_file(source, layer="streets")
    found = division.lattice(gpd.read_file(source, layer="county"), communities=communities, streets=streets)
    assert errors(found) == []
    assert (found.figures.gap_m2, found.figures.overlap_m2) == (0.0, 0.0)
    assert topology.check(found.cells.geometry.values).gap_m2 == 0.0
    assert set(found.cells["community_code"]) == set(communities["code"])


def test_that_a_crooked_shoreline_of_many_islands_adds_up() -> None:
    random = np.random.default_rng(3)
    islands = [star(random, X0 + 700 * k, Y0 + 300 * (k % 3), 400.0, 30) for k in range(6)]
    land = shapely.union_all(islands)
    found = division.lattice(frame(land), district=COUNTY)
    assert np.isclose(found.cells.area.sum(), land.area, rtol=1e-9)
    assert found.figures.gap_m2 <= 1e-3
