"""Division along features: the laws that hold for any streets, communities and buildings, and plain cases by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.division import Division, Ground, features
from gis.division.dead_ends import lengthened
from gis.division.figures import compactness, share_on_features
from gis.division.solids import solids
from gis.division.spikes import without_spikes
from gis.division.ways import FAINT, MEDIUM, STRONG, WEAK, ways
from gis.grid import grid_codes
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched
from tests.gis.grid_builders import COUNTY, PLANE, STREET, X0, Y0, areas, box, two_communities

WIDTH, HEIGHT = 700.0, 500.0
Point = tuple[float, float]


def lines(*paths: list[Point], **columns: object) -> gpd.GeoDataFrame:
    moved = [shapely.LineString([(X0 + x, Y0 + y) for x, y in path]) for path in paths]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=PLANE)


def houses(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=PLANE)


def land(width: float = WIDTH, height: float = HEIGHT) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(0, 0, width, height)], crs=PLANE)


def divided(ground: Ground, communities: gpd.GeoDataFrame | None = None) -> Division:
    return features(land(), communities=communities, ground=ground, district=COUNTY)


def street_grid(step_m: float) -> gpd.GeoDataFrame:
    across = [[(0.0, y), (WIDTH, y)] for y in np.arange(step_m, HEIGHT, step_m)]
    along = [[(x, 0.0), (x, HEIGHT)] for x in np.arange(step_m, WIDTH, step_m)]
    return lines(*across, *along)


def cut_length(cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> float:
    """Metres of border inside buildings, half a metre from their walls."""
    borders = shapely.union_all(shapely.boundary(cells.geometry.values))
    inner = shapely.intersection(borders, shapely.union_all(land().geometry.values).buffer(-1))
    return float(shapely.length(shapely.intersection(inner, shapely.union_all(buildings.buffer(-0.5)))))


coordinate = st.tuples(st.floats(-50, WIDTH + 50), st.floats(-50, HEIGHT + 50))
paths = st.lists(st.lists(coordinate, min_size=2, max_size=5, unique=True), min_size=1, max_size=9)
plots = st.lists(
    st.tuples(st.floats(5, WIDTH - 60), st.floats(5, HEIGHT - 60), st.floats(6, 55), st.floats(6, 55), st.floats(0, 90)),
    max_size=14,
)  # fmt: skip


@settings(max_examples=12, derandomize=True, deadline=None)
@given(paths, plots, st.floats(200, 500), paths)
def test_that_any_streets_lots_and_buildings_give_a_tiling_that_cuts_none(
    streets: list[list[Point]], plots: list[tuple[float, ...]], border: float, lots: list[list[Point]]
) -> None:
    shapes = [shapely.affinity.rotate(box(x, y, w, h), angle) for x, y, w, h, angle in plots]
    buildings = houses(*shapes) if shapes else None
    communities = areas([f"{STREET}001", f"{STREET}002"],
                        [box(0, 0, border, HEIGHT), box(border, 0, WIDTH - border, HEIGHT)])  # fmt: skip
    ground = Ground(roads=lines(*streets), buildings=buildings, features=lines(*lots))
    made = divided(ground, communities)
    cells = made.cells
    assert (made.figures.gap_m2, made.figures.overlap_m2) == (0.0, 0.0)
    assert (cells.geom_type == "Polygon").all()
    assert cells.is_valid.all()
    own = communities.set_index("code").geometry.loc[cells["community_code"]].values
    assert (shapely.area(shapely.difference(cells.geometry.values, own)) < 1e-6).all()
    assert grid_codes.out_of_order(cells.geometry.values, cells["code"].to_numpy()).size == 0
    if buildings is not None:
        across = shapely.LineString([(X0 + border, Y0), (X0 + border, Y0 + HEIGHT)])
        free = buildings[~buildings.buffer(0.5).intersects(across) & buildings.within(land().geometry[0])]
        assert cut_length(cells, free) < 0.5
    again = divided(ground, communities)
    assert (again.cells.geometry.values == cells.geometry.values).all()
    assert (again.cells["code"] == cells["code"]).all()


def test_that_blocks_of_a_hectare_are_the_cells() -> None:
    made = divided(Ground(roads=street_grid(100.0)))
    assert len(made.cells) == 35
    assert made.cells["area_m2"].round(1).eq(10_000.0).all()
    assert made.figures.boundary_on_features_share == 1.0
    assert made.finding_counts == {"D4": 1}


def test_that_a_building_on_a_street_stays_whole_and_the_border_follows_its_wall() -> None:
    house = houses(box(195, 40, 20, 30), box(290, 190, 24, 18))
    made = divided(Ground(roads=street_grid(100.0), buildings=house))
    assert cut_length(made.cells, house) == 0.0
    assert made.figures.buildings_cut == 0
    assert made.figures.boundary_on_features_share == 1.0


def test_that_a_building_of_two_houses_may_have_them_in_two_cells() -> None:
    pair = shapely.MultiPolygon([box(165, 40, 25, 30), box(210, 40, 25, 30)])
    made = divided(Ground(roads=street_grid(100.0), buildings=houses(pair)))
    assert (made.figures.buildings, made.figures.buildings_cut) == (1, 0)
    assert "G9" not in made.finding_counts
    assert made.cells.intersects(pair).sum() == 2


def test_that_a_strip_between_two_carriageways_is_no_cell() -> None:
    pair = [[(0.0, y), (WIDTH, y)] for y in (240.0, 258.0)]
    crossing = [[(x, 0.0), (x, HEIGHT)] for x in np.arange(100, WIDTH, 100.0)]
    roads = lines(*pair, *crossing, highway=["primary"] * 2 + ["residential"] * len(crossing))
    cells = divided(Ground(roads=roads)).cells
    assert not shapely.is_empty(shapely.buffer(cells.geometry.values, -8)).any()
    south = cells[cells.intersects(box(0, 0, WIDTH, 230))].union_all()
    north = cells[cells.intersects(box(0, 270, WIDTH, 230))].union_all()
    strip = box(0, 240, WIDTH, 18)
    assert max(south.intersection(strip).area, north.intersection(strip).area) == pytest.approx(strip.area)


def test_that_a_large_block_is_cut_between_its_buildings() -> None:
    rows = [box(40 + 120 * i, 30 + 60 * j, 90, 14) for i in range(5) for j in range(8)]
    made = divided(Ground(buildings=houses(*rows)))
    assert cut_length(made.cells, houses(*rows)) == 0.0
    assert made.figures.share_5000_20000 == 1.0
    assert 8_500 < made.figures.mean_m2 < 12_000
    assert np.median(compactness(made.cells.geometry.values)) > 0.6


def test_that_a_compound_is_one_cell_with_a_note() -> None:
    school = gpd.GeoDataFrame(geometry=[box(150, 120, 220, 170)], crs=PLANE)
    cells = divided(Ground(roads=street_grid(100.0), compounds=school)).cells
    own = cells[cells["note"] != ""]
    assert len(own) == 1
    assert own.geometry.iloc[0].symmetric_difference(school.geometry.iloc[0]).area < 1.0


def test_that_mean_and_share_are_those_of_cells_that_are_no_compounds() -> None:
    estate = gpd.GeoDataFrame(geometry=[box(200, 100, 300, 200)], crs=PLANE)
    made = divided(Ground(roads=street_grid(100.0), compounds=estate))
    assert made.figures.cells == 30
    assert (made.figures.mean_m2, made.figures.share_5000_20000) == (10_000.0, 1.0)
    assert made.findings.loc[made.findings["code"] == "D12", "value"].tolist() == ["1, ⌀ 60000 m²"]


def test_that_a_spike_of_the_area_loses_its_point_and_no_cell_has_one() -> None:
    outline = [(0, 0), (400, 0), (400, 200), (600, 199), (400, 203), (400, 400), (0, 400)]
    spiked = gpd.GeoDataFrame(geometry=[shapely.Polygon([(X0 + x, Y0 + y) for x, y in outline])], crs=PLANE)
    made = features(spiked, ground=Ground(roads=street_grid(100.0)), district=COUNTY)
    assert made.finding_counts.keys() >= {"D11"}
    assert "G1" not in made.finding_counts
    assert abs(made.cells.area.sum() - spiked.area.sum()) < 0.5


def test_that_a_change_in_one_community_leaves_the_others_as_they_are() -> None:
    both, roads = (
        two_communities(),
        lines([(0, 200), (1300, 260)], [(300, 0), (330, 600)], [(900, 0), (880, 600)]),
    )
    before = features(both, communities=both, ground=Ground(roads=roads), district=COUNTY).cells
    new = lines(
        [(0, 200), (1300, 260)], [(300, 0), (330, 600)], [(900, 0), (880, 600)], [(1000, 50), (1200, 400)]
    )
    after = features(both, communities=both, ground=Ground(roads=new), district=COUNTY).cells
    west = [frame[frame["community_code"] == f"{STREET}001"] for frame in (before, after)]
    assert len(west[0]) == len(west[1])
    assert shapely.equals_exact(west[0].geometry.values, west[1].geometry.values, 1e-3).all()
    assert west[0]["code"].tolist() == west[1]["code"].tolist()


def test_that_a_lake_left_out_is_in_no_cell() -> None:
    lake = gpd.GeoDataFrame(geometry=[shapely.Point(X0 + 300, Y0 + 250).buffer(90)], crs=PLANE)
    made = features(land(), exclude=lake, ground=Ground(roads=street_grid(100.0)), district=COUNTY)
    assert made.figures.gap_m2 == 0.0
    assert made.figures.divided_m2 == pytest.approx(WIDTH * HEIGHT - lake.area.sum(), abs=0.01)


def test_that_a_small_area_without_communities_is_one_and_a_large_one_is_parted_along_streets() -> None:
    assert len(divided(Ground(roads=street_grid(100.0))).communities) == 1
    far = [[(x, 0.0), (x + 12, 900.0)] for x in np.arange(29, 1200, 37.0)]
    wide = [[(0.0, y), (1200.0, y + 8)] for y in np.arange(22, 900, 31.0)]
    made = features(land(1200, 900), ground=Ground(roads=lines(*far, *wide)), target_m2=1000, district=COUNTY)
    assert len(made.communities) > 1
    assert made.figures.boundary_on_features_share == pytest.approx(1.0, abs=0.02)


def test_that_broken_lines_and_layers_in_other_systems_do_no_harm() -> None:
    good = street_grid(125.0)
    loop = [(50.0, 50.0), (300.0, 300.0), (300.0, 50.0), (50.0, 300.0)]
    more = lines(loop, loop, [(10.0, 10.0), (10.0, 10.0)], [(333.0, 333.0), (340.0, 371.0)])
    empty = gpd.GeoDataFrame(geometry=[None, shapely.LineString(), shapely.Point(X0, Y0)], crs=PLANE)
    roads = gpd.GeoDataFrame(geometry=[*good.geometry, *more.geometry, *empty.geometry], crs=PLANE).to_crs(
        4490
    )
    bow = houses(shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(20, 20), (60, 60), (60, 20), (20, 60)]]))
    made = divided(Ground(roads=roads, buildings=bow, railways=houses()))
    assert (made.figures.gap_m2, made.figures.overlap_m2) == (0.0, 0.0)
    assert made.cells.is_valid.all()


def test_that_an_area_in_degrees_is_divided_on_a_plane() -> None:
    made = features(
        land().to_crs(4490), ground=Ground(roads=street_grid(100.0).to_crs(4326)), district=COUNTY
    )
    assert made.cells.crs.is_projected
    assert made.figures.share_5000_20000 == 1.0


def test_that_a_spike_goes_to_the_neighbour_that_gets_none_by_it() -> None:
    # The triangle between `before`, `tip` and `after` would be a spike of the east cell too, but not of the west one.
    before, tip, after = (-0.3, 17.61), (0.0, 0.0), (-0.04, 6.8)
    spiked = shapely.Polygon([(-8, 30), (-8, 17.61), before, tip, after, (40, 7), (40, 30)])
    east = shapely.Polygon([after, tip, (-2, 0), (-2, -20), (40, -20), (40, 7)])
    west = shapely.Polygon([(-8, 17.61), (-8, -20), (-2, -20), (-2, 0), tip, before])
    cells = np.array([spiked, east, west], dtype=object)
    made = without_spikes(cells)
    assert shapely.coverage_is_valid(made)
    assert shapely.equals(shapely.union_all(made), shapely.union_all(cells))
    assert not checked_angles(made).any()


def test_that_of_nothing_no_spike_is_sought() -> None:
    assert len(without_spikes(np.empty(0, dtype=object))) == 0


def checked_angles(cells: np.ndarray) -> np.ndarray:
    """Whether each cell has a corner under a degree."""
    out = []
    for cell in cells:
        xy = shapely.get_coordinates(cell)[:-1]
        back, on = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
        cosine = (back * on).sum(axis=1) / np.hypot(*back.T) / np.hypot(*on.T)
        out.append((cosine > np.cos(np.radians(1.0))).any())
    return np.array(out)


def test_that_layers_without_system_and_too_small_cells_are_refused() -> None:
    with pytest.raises(Refused, match="reference system"):
        divided(Ground(roads=street_grid(100.0).set_crs(None, allow_override=True)))
    with pytest.raises(Refused, match="not sensible"):
        features(land(), target_m2=5.0)
    with pytest.raises(Refused, match="999"):
        features(
            land(1300, 1300), communities=areas([f"{STREET}001"], [box(0, 0, 1300, 1300)]), target_m2=1000
        )


def test_that_a_division_can_be_stopped() -> None:
    progress = Watched(lambda share, words, places: progress.cancel() if share > 0.05 else None)
    with pytest.raises(Cancelled):
        features(land(), ground=Ground(roads=street_grid(60.0)), district=COUNTY, progress=progress)


def test_that_the_class_or_width_of_a_road_says_how_strongly_it_parts() -> None:
    path = [[(0.0, 10.0 * k), (100.0, 10.0 * k)] for k in range(5)]
    named = lines(*path, highway=["trunk", "residential", "footway", "['primary', 'path']", "主干路"])
    assert ways(Ground(roads=named)).strength.tolist() == [STRONG, MEDIUM, WEAK, STRONG, STRONG]
    wide = lines(*path, width_m=[30.0, 8.0, 0.0, 24.0, 3.0])
    assert ways(Ground(roads=wide)).strength.tolist() == [STRONG, MEDIUM, MEDIUM, STRONG, MEDIUM]
    assert len(ways(Ground(roads=lines(path[0], path[0][::-1], path[1])))) == 2


@pytest.mark.parametrize("side_m", [160.0, 230.0, 350.0])
def test_that_the_mean_stays_within_its_limits_where_nothing_but_streets_is_there(side_m: float) -> None:
    figures = divided(Ground(roads=street_grid(side_m))).figures
    assert 9_000 <= figures.mean_m2 <= 12_000
    assert figures.share_5000_20000 == 1.0
    assert figures.compactness_median >= 0.6


def test_that_two_outlines_that_overlap_a_little_are_one_building() -> None:
    pair = houses(box(180, 40, 30, 30), box(209.97, 40, 30, 30))
    made = divided(Ground(roads=street_grid(100.0), buildings=pair))
    assert cut_length(made.cells, pair) == 0.0


def test_that_a_border_follows_lot_lines_where_there_is_no_street() -> None:
    streets = street_grid(250.0)
    lots = lines(*([(x, 0.0), (x, HEIGHT)] for x in (137.0, 377.0, 603.0)), [(0.0, 111.0), (WIDTH, 111.0)])
    bare, lotted = (divided(Ground(roads=streets, features=each)) for each in (None, lots))
    on_all = [share_on_features(np.asarray(made.cells.geometry.values, dtype=object), land().geometry[0],
                                Ground(roads=streets, features=lots).lines()) for made in (bare, lotted)]  # fmt: skip
    assert on_all[1] > on_all[0] + 0.1
    assert lotted.figures.boundary_on_features_share == on_all[1]


def test_that_a_kerb_is_no_line_of_its_own_and_lot_lines_are_led_to_the_street() -> None:
    street, kerb = [(0.0, 100.0), (WIDTH, 100.0)], [(0.0, 108.0), (300.0, 108.0), (300.0, 200.0)]
    found = ways(Ground(roads=lines(street), features=lines(kerb)))
    assert found.strength.tolist() == [MEDIUM, FAINT]
    assert shapely.length(found.lines).tolist() == [WIDTH, 92.0]
    onward = lengthened(found, land().geometry[0], solids(Ground()))
    assert shapely.length(onward).round(2).tolist() == [8.0]
    assert found.firm().strength.tolist() == [MEDIUM]
