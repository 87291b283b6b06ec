"""Densities against the direct sum, and meshes against arithmetic."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import density
from gis.mesh import HexMesh, SquareMesh
from gis.neighbours import queen, rook
from kernel.errors import Refused


def direct(x, y, h, at_x, at_y, weights=None):
    """The kernel sum, point by point."""
    w = np.ones(len(x)) if weights is None else weights
    d2 = (np.asarray(at_x)[:, None] - x) ** 2 + (np.asarray(at_y)[:, None] - y) ** 2
    return (w * np.exp(-d2 / (2 * h * h))).sum(axis=1) / (2 * np.pi * h * h)


@pytest.mark.parametrize("step", [5.0, 12.5, 25.0])
def test_that_density_is_the_direct_sum_within_two_parts_in_ten_thousand(step):
    rng = np.random.default_rng(1)
    x, y = rng.normal(500, 200, 3000), rng.normal(500, 300, 3000)
    weights = rng.uniform(0.5, 3, 3000)
    found = density.kernel(x, y, 80.0, (0, 0, 1000, 1000), step, weights)
    gx = found.west + np.arange(found.values.shape[1]) * found.dx_m
    gy = found.south + np.arange(found.values.shape[0]) * found.dy_m
    ax, ay = (a.ravel() for a in np.meshgrid(gx, gy))
    exact = direct(x, y, 80.0, ax, ay, weights)
    assert np.abs(found.values.ravel() - exact).max() <= 2e-4 * exact.max()


@pytest.mark.shared
def test_that_the_reference_densities_come_out(shared):
    toy = json.loads((shared / "data/spatial_stats_ref/reference.json").read_text())["sets"]["kde_toy"]
    points = np.array(toy["points"])
    found = density.kernel(points[:, 0], points[:, 1], toy["bandwidth_m"], (0, 0, 600, 600), 10.0)
    for place, expected in toy["at"].items():
        x, y = json.loads(place.replace("(", "[").replace(")", "]"))
        assert found.at([x], [y])[0] == pytest.approx(expected["gaussian"], abs=3e-9)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_that_many_points_on_one_spot_are_as_exact(s, t):
    x, y = np.full(50, 50 + s), np.full(50, 50 + t)
    found = density.kernel(x, y, 4.0, (0, 0, 100, 100), 1.0)
    peak = direct(x, y, 4.0, [50.0], [50.0])[0]
    assert found.values[50, 50] == pytest.approx(peak, abs=2e-4 * peak)


def test_that_more_points_than_few_are_as_exact_where_they_are_spread():
    x, y = np.random.default_rng(5).normal(500, 150, (2, 300_000))
    found = density.kernel(x, y, 80.0, (0, 0, 1000, 1000), 5.0)
    exact = direct(x, y, 80.0, [500.0, 300.0, 700.0], [500.0, 450.0, 700.0])
    assert np.abs(found.values[[100, 90, 140], [100, 60, 140]] - exact).max() <= 2e-4 * exact.max()


def test_that_points_beyond_the_bounds_still_reach_in():
    found = density.kernel([-30.0, np.nan], [50.0, 3.0], 50.0, (0, 0, 100, 100))
    assert found.at([0.0], [50.0])[0] == pytest.approx(
        direct([-30.0], [50.0], 50.0, [0.0], [50.0])[0], rel=1e-3
    )


def test_that_density_holds_all_points():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 1000, (2, 500))
    found = density.kernel(x, y, 30.0, (-300, -300, 1300, 1300))
    assert found.values.sum() * found.dx_m * found.dy_m == pytest.approx(500, rel=1e-4)
    assert (found.values >= 0).all()


def test_that_between_nodes_is_interpolated_and_beyond_is_missing():
    found = density.Density(np.array([[0.0, 1.0], [2.0, 3.0]]), 0.0, 0.0, 10.0, 10.0, 5.0)
    assert found.at([0, 5, 10, 5, 10], [0, 0, 0, 5, 10]).tolist() == [0.0, 0.5, 1.0, 1.5, 3.0]
    assert np.isnan(found.at([-1, 5], [0, 11])).all()
    assert found.transform == (10.0, 0.0, -5.0, 0.0, 10.0, -5.0)


def test_that_no_bandwidth_and_too_many_nodes_are_refused():
    with pytest.raises(ValueError, match="bandwidth"):
        density.kernel([0.0], [0.0], 0.0, (0, 0, 1, 1))
    with pytest.raises(Refused, match="nodes"):
        density.kernel([0.0], [0.0], 0.1, (0, 0, 1e6, 1e6))


def test_that_counts_per_square_kilometre_need_an_area():
    assert density.per_km2([5, 1], [10_000, 0])[0] == 500
    assert np.isnan(density.per_km2([5, 1], [10_000, 0])[1])


def test_that_squares_stand_on_multiples_of_their_size():
    mesh = SquareMesh.around((762_123.0, 3_876_501.0, 797_400.0, 3_905_999.0), 500.0)
    assert (mesh.columns, mesh.rows, len(mesh)) == (71, 59, 4189)
    assert mesh.bounds == (762_000.0, 3_876_500.0, 797_500.0, 3_906_000.0)


box = st.tuples(st.floats(-5e5, 5e5), st.floats(-5e5, 5e5), st.floats(0, 2000), st.floats(0, 2000))


@settings(max_examples=60, deadline=None)
@given(box, st.sampled_from([50.0, 100.0, 333.0]), st.integers(0, 2**31))
def test_that_every_point_lies_in_the_square_it_is_told(where, size, seed):
    x0, y0, wide, high = where
    mesh = SquareMesh.around((x0, y0, x0 + wide, y0 + high), size)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(x0, x0 + wide, 50), rng.uniform(y0, y0 + high, 50)
    number = mesh.locate(x, y)
    assert (number >= 0).all()
    assert shapely.dwithin(mesh.polygons()[number], shapely.points(x, y), 1e-6).all()
    assert mesh.locate([np.nan, mesh.bounds[2] + 1], [0.0, y0]).tolist() == [-1, -1]


def test_that_a_square_has_eight_neighbours_and_a_hexagon_six():
    squares = SquareMesh.around((0, 0, 499, 499), 100.0)
    assert queen(squares.polygons()).cardinalities.reshape(5, 5)[2, 2] == 8
    hexagons = HexMesh.around((0, 0, 1000, 1000), 100.0)
    links = queen(hexagons.polygons())
    inner = links.cardinalities.reshape(hexagons.rows, hexagons.columns)[1:-1, 1:-1]
    assert (inner == 6).all()
    assert len(rook(hexagons.polygons())) == len(links)


@settings(max_examples=40, deadline=None)
@given(box, st.sampled_from([50.0, 120.0]))
def test_that_hexagons_cover_the_rectangle_without_overlap(where, size):
    x0, y0, wide, high = where
    bounds = (x0, y0, x0 + wide, y0 + high)
    mesh = HexMesh.around(bounds, size)
    cells = mesh.polygons()
    assert np.allclose(shapely.area(cells), size**2 * 3**0.5 / 2)
    assert shapely.coverage_is_valid(cells)
    assert shapely.union_all(cells).buffer(1e-6).covers(shapely.box(*bounds))
    x, y = mesh.centres()
    assert np.allclose(shapely.get_x(shapely.centroid(cells)), x)
    assert np.allclose(shapely.get_y(shapely.centroid(cells)), y)
    assert np.allclose(mesh.bounds, shapely.total_bounds(cells))


def test_that_a_mesh_beyond_bearing_is_refused():
    with pytest.raises(Refused, match="too many"):
        SquareMesh.around((0, 0, 1e6, 1e6), 10.0)


def test_that_a_default_bandwidth_is_not_drawn_by_outliers():
    x, y = np.random.default_rng(1).normal(0, 100, (2, 2000))
    plain = density.default_bandwidth(x, y)
    far = density.default_bandwidth(np.append(x, 1e6), np.append(y, 1e6))
    assert 15 < plain < 60
    assert far < 3 * plain
    assert density.default_bandwidth([], []) == density.default_bandwidth([5.0], [5.0]) == 1.0
