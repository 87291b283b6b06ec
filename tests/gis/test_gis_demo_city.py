"""The laws of the demo city: its cells tile it, its codes are in order, its things stand where such things stand."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree

from gis.demo_city import DemoCity, build
from gis.frames import (
    AREA_COLUMNS,
    BASE_COLUMNS,
    BASE_KINDS,
    CELL_COLUMNS,
    COMPONENT_CATEGORIES,
    COMPONENT_COLUMNS,
    COMPONENT_STATES,
    PATROLLER_COLUMNS,
)
from gis.grid import grid_codes, grid_rules
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched
from resources import catalogues


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return build(cells=900, components=20_000, seed=1)


def polygons(frame) -> np.ndarray:
    return np.asarray(frame.geometry.values)


def points(components: pd.DataFrame) -> np.ndarray:
    return shapely.points(components["x"], components["y"])


def own_cells(city: DemoCity) -> np.ndarray:
    """Of every component the polygon of the cell it names."""
    row = pd.Index(city.cells["code"]).get_indexer(city.components["cell_code"].astype(str))
    assert (row >= 0).all()
    return polygons(city.cells)[row]


def digest(city: DemoCity) -> str:
    """One number for every byte of a city."""
    sha = hashlib.sha256()
    for frame in (city.cells, city.counties, city.streets, city.communities, *city.base.values()):
        sha.update(b"".join(shapely.to_wkb(polygons(frame))))
        sha.update(frame.drop(columns="geometry").to_csv(index=False).encode())
    shapes = [b"" if g is None else shapely.to_wkb(g) for g in city.components["geometry"]]
    sha.update(b"".join(shapes) + city.components.drop(columns="geometry").to_csv(index=False).encode())
    sha.update(city.departments.to_csv().encode() + city.patrollers.to_csv().encode())
    return sha.hexdigest()


def test_that_the_frames_have_the_columns_of_the_house(city: DemoCity) -> None:
    assert tuple(city.cells.columns) == CELL_COLUMNS
    assert tuple(city.components.columns) == COMPONENT_COLUMNS
    assert tuple(city.patrollers.columns) == PATROLLER_COLUMNS
    for areas in (city.counties, city.streets, city.communities):
        assert tuple(areas.columns) == AREA_COLUMNS
    assert set(city.base) == set(BASE_KINDS)
    for layer in city.base.values():
        assert tuple(layer.columns) == BASE_COLUMNS
        assert layer.crs.to_epsg() == city.crs == 4548
    for name in COMPONENT_CATEGORIES:
        assert isinstance(city.components[name].dtype, pd.CategoricalDtype), name


@pytest.mark.parametrize(("cells", "components"), [(20, 1_000), (200, 2_000), (450, 1_234)])
def test_that_a_city_has_the_size_asked_for(cells: int, components: int) -> None:
    small = build(cells, components, seed=cells)
    assert abs(len(small.cells) - cells) <= max(1, 0.03 * cells)
    assert len(small.components) == components
    assert set(small.components["class_code"]) == catalogues.load("2026").codes


def test_that_the_cells_keep_every_rule_of_the_grid(city: DemoCity) -> None:
    findings = grid_rules.check(
        city.cells,
        counties=city.counties,
        streets=city.streets,
        communities=city.communities,
        buildings=city.base["buildings"],
        compounds=city.base["compounds"],
        components=city.components,
    )
    errors = findings[findings["severity"] == "error"]
    assert errors.empty, errors[["code", "message", "value"]]
    assert len(findings) <= 3, findings[["code", "message", "value"]]


def test_that_cells_tile_their_communities_vertex_by_vertex(city: DemoCity) -> None:
    cells = polygons(city.cells)
    assert shapely.coverage_is_valid(cells)
    assert shapely.is_valid(cells).all()
    xy = shapely.get_coordinates(cells)
    assert np.array_equal(xy, np.round(xy, 3))
    for community in city.communities.itertuples():
        own = cells[city.cells["community_code"] == community.code]
        assert shapely.equals(shapely.coverage_union_all(own), community.geometry)


def test_that_areas_nest_and_are_in_one_piece(city: DemoCity) -> None:
    assert set(shapely.get_type_id(polygons(city.communities))) == {3}
    assert set(shapely.get_type_id(polygons(city.streets))) == {3}
    streets = city.streets.set_index("code").geometry
    for code, own in city.communities.groupby("parent_code"):
        assert shapely.equals(shapely.coverage_union_all(polygons(own)), streets[code])
    county = city.counties.geometry.iloc[0]
    assert county.buffer(0.01).covers(shapely.coverage_union_all(polygons(city.streets)))
    assert (city.streets["parent_code"] == "110101").all()


def test_that_codes_have_form_order_and_no_holes(city: DemoCity) -> None:
    codes = city.cells["code"]
    assert codes.str.fullmatch(r"110101[0-9]{9}").all()
    assert codes.is_unique
    assert set(codes.str[:12]) == set(city.communities["code"])
    assert set(city.communities["code"].str[:9]) == set(city.streets["code"])
    assert len(grid_codes.out_of_order(polygons(city.cells), codes.to_numpy())) == 0
    assert grid_codes.holes_in_sequence(codes.to_numpy()) == []


def test_that_components_stand_in_the_cell_they_name_off_its_border(city: DemoCity) -> None:
    cells, at = own_cells(city), points(city.components)
    assert shapely.contains(cells, at).all()
    assert (shapely.distance(shapely.boundary(cells), at) >= 0.3).all()


def test_that_component_codes_are_unique_and_speak_of_their_class(city: DemoCity) -> None:
    components = city.components
    assert components["code"].is_unique
    assert components["code"].str.fullmatch(r"110101[0-9]{11}").all()
    assert (components["code"].str[6:11] == components["class_code"].astype(str)).all()


def test_that_names_geometry_and_accuracy_are_those_of_the_catalogue(city: DemoCity) -> None:
    classes = catalogues.load("2026").components.set_index("code")
    one = city.components.drop_duplicates("class_code").set_index(
        city.components["class_code"].astype(str).drop_duplicates()
    )
    assert (classes.loc[one.index, "name"] == one["name"].astype(str)).all()
    assert (classes.loc[one.index, "accuracy"] == one["accuracy"].astype(str)).all()
    kind = classes.loc[city.components["class_code"].astype(str), "geometry"].to_numpy()
    shape = city.components["geometry"].map(lambda g: "point" if g is None else g.geom_type).to_numpy()
    assert set(shape[kind == "point"]) == {"point"}
    assert set(shape[kind == "line"]) <= {"LineString", "point"}
    assert set(shape[kind == "area"]) <= {"Polygon", "point"}
    assert np.mean(shape[kind == "line"] == "LineString") > 0.95
    assert np.mean(shape[kind == "area"] == "Polygon") > 0.95


def test_that_points_of_shapes_represent_them(city: DemoCity) -> None:
    shaped = city.components[city.components["geometry"].notna()]
    shapes = np.array(shaped["geometry"].tolist(), dtype=object)
    assert shapely.is_valid(shapes).all()
    assert (shapely.distance(shapes, points(shaped)) < 0.01).all()


def test_that_the_older_edition_has_sixteen_digits() -> None:
    old = build(cells=200, components=2_000, standard="2013")
    assert old.components["code"].str.len().eq(16).all()
    assert set(old.components["class_code"]) == catalogues.load("2013").codes


def test_that_the_same_seed_gives_the_same_bytes_and_another_another() -> None:
    assert digest(build(200, 2_000, seed=5)) == digest(build(200, 2_000, seed=5))
    first, second = build(200, 2_000, seed=5), build(200, 2_000, seed=6)
    assert digest(first) != digest(second)
    assert not shapely.equals(polygons(first.cells)[0], polygons(second.cells)[0])


def test_that_states_have_dates_and_damage_clusters(city: DemoCity) -> None:
    components = city.components
    assert set(components["state"].astype(str)) <= set(COMPONENT_STATES)
    bad = (components["state"] != "完好").to_numpy()
    changed = components["change_date"].astype(str).to_numpy()
    assert (changed[bad] > components["initial_date"].astype(str).to_numpy()[bad]).all()
    assert (changed[~bad] == "").all()
    assert 0.01 < bad.mean() < 0.10
    share = pd.Series(bad).groupby(components["cell_code"].astype(str).to_numpy()).mean()
    assert share.quantile(0.99) > 5 * bad.mean()


def test_that_cancelling_stops_the_building() -> None:
    progress = Watched(lambda *_: None)
    progress.cancel()
    with pytest.raises(Cancelled):
        build(200, 2_000, progress=progress)


def test_that_a_crowded_city_still_has_every_component_asked_for() -> None:
    assert len(build(20, 9_000).components) == 9_000


def test_that_more_components_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(Refused, match="no room"):
        build(20, 3_000_000)


def test_that_no_two_components_of_a_class_stand_in_one_place(city: DemoCity) -> None:
    for name, rows in city.components.groupby("name", observed=True):
        assert not cKDTree(rows[["x", "y"]]).query_pairs(0.5), name


def test_that_a_city_of_nothing_is_a_caller_s_mistake() -> None:
    with pytest.raises(ValueError, match="at least"):
        build(cells=3, components=10)
