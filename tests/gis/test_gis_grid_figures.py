"""Figures of a grid: each is what can be counted by hand on a small one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.division.ground import Ground
from gis.grid.grid_figures import figures, gini
from tests.gis.grid_builders import PLANE, X0, Y0, box, drawn_grid


def layer(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=PLANE)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X0 + x, Y0 + y) for x, y in places])


def test_that_sizes_and_shapes_need_no_ground() -> None:
    told = figures(drawn_grid())
    assert told is not None
    assert told.area.mean_m2 == told.area.median_m2 == 10_000.0
    assert told.area.counts == {
        "under_2000": 0, "2000_5000": 0, "5000_20000": 24, "20000_50000": 0, "over_50000": 0}  # fmt: skip
    assert told.shape.compactness_median == pytest.approx(np.pi / 4, abs=1e-4)
    assert told.boundary_on_features_share is None and told.buildings_cut is None and told.stock is None


def test_that_classes_of_size_count_every_cell_once() -> None:
    strips = [box(1000 * k, 0, width, 100) for k, width in enumerate((10, 30, 100, 300, 600))]
    told = figures(gpd.GeoDataFrame({"code": list("abcde")}, geometry=strips, crs=PLANE))
    assert told is not None
    assert list(told.area.counts.values()) == [1, 1, 1, 1, 1]
    assert (told.area.least_m2, told.area.most_m2) == (1_000.0, 60_000.0)
    assert told.shape.not_compact == 0


def test_that_borders_on_roads_and_cut_buildings_are_measured() -> None:
    # inner borders: 5 of 400 m and 3 of 600 m
    ground = Ground(
        roads=layer(line((0, 200), (600, 200))), buildings=layer(box(90, 90, 20, 20), box(40, 40, 20, 20))
    )
    told = figures(drawn_grid(), ground)
    assert told is not None
    assert told.boundary_on_features_share == pytest.approx(600 / 3_800, abs=0.01)
    assert (told.buildings, told.buildings_cut) == (2, 1)


def test_that_compounds_cut_are_counted() -> None:
    told = figures(
        drawn_grid(), Ground(compounds=layer(box(50, 50, 100, 20), box(310, 310, 50, 50), box(9000, 0, 9, 9)))
    )
    assert told is not None
    assert (told.compounds, told.compounds_cut) == (2, 1)


def test_that_components_are_counted_by_cell() -> None:
    points = [shapely.Point(X0 + 50, Y0 + 50)] * 5 + [
        shapely.Point(X0 + 150.1, Y0 + 99.9),
        shapely.Point(X0 - 9, Y0),
    ]
    told = figures(drawn_grid(), components=layer(*points, box(90, 290, 20, 10)))
    assert told is not None and told.stock is not None
    stock = told.stock
    assert (stock.components, stock.outside, stock.cut, stock.near_border) == (8, 1, 1, 1)
    assert (stock.most_per_cell, stock.cells_without) == (5, 21)
    assert stock.mean_per_cell == pytest.approx(7 / 24, abs=1e-3)


def test_that_a_layer_without_areas_has_no_figures() -> None:
    assert figures(layer(shapely.Point(X0, Y0), shapely.Polygon())) is None


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_that_gini_is_of_shares_not_of_amounts(counts: list[int], times: int) -> None:
    value = gini(np.array(counts))
    assert -1e-12 <= value < 1.0
    assert gini(np.array(counts) * times) == pytest.approx(value)
    assert gini(np.full(len(counts), times)) == pytest.approx(0.0, abs=1e-12)
