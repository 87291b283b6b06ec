"""Assignment gives the answer of a spatial join: for any polygons, and for points in the worst places."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.assignment import assign
from gis.assignment_lattice import CellLattice
from gis.edges import polygon_edges


def joined(x, y, polygons):
    """The lowest index of the polygons that cover each point, by GEOS alone."""
    points = shapely.points(x, y)
    known = np.isfinite(x) & np.isfinite(y)
    out = np.full(len(points), -1)
    for k in range(len(polygons) - 1, -1, -1):
        if polygons[k] is not None:
            hit = known & shapely.intersects(polygons[k], points)
            out[hit] = k
    return out


def by_lattice(x, y, polygons, size):
    """`assign`, forced onto the lattice with pixels of a given size; undecided points by GEOS."""
    polygons = np.asarray(polygons, dtype=object)
    cell, undecided = CellLattice.build(polygon_edges(polygons), size).locate(np.asarray(x), np.asarray(y))
    cell[undecided] = joined(np.asarray(x)[undecided], np.asarray(y)[undecided], polygons)
    return cell, undecided


def jittered_cells(rng, n, side=100.0, origin=(500_000.0, 4_400_000.0)):
    """n × n quadrilaterals that tile a square, inner corners moved about; shared corners are equal."""
    gx, gy = np.meshgrid(np.arange(n + 1) * side, np.arange(n + 1) * side)
    move = rng.uniform(-0.3 * side, 0.3 * side, (2, n + 1, n + 1))
    move[:, [0, -1], :] = move[:, :, [0, -1]] = 0
    gx, gy = np.round(origin[0] + gx + move[0], 3), np.round(origin[1] + gy + move[1], 3)
    corner = np.stack((gx, gy), axis=-1)
    rings = np.stack((corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]), axis=2).reshape(
        -1, 4, 2
    )
    return shapely.polygons(rings)


def hard_points(rng, polygons, n):
    """Points anywhere, on vertices, on edges, a hair beside edges, beyond the extent, and without coordinates."""
    west, south, east, north = shapely.total_bounds(polygons)
    wide, high = east - west, north - south
    xy = shapely.get_coordinates(polygons)
    ends = rng.integers(0, len(xy) - 1, n)
    share = rng.choice([0.5, 0.25, *rng.random(3)], n)[:, None]
    on_edge = xy[ends] + share * (xy[ends + 1] - xy[ends])
    anywhere = rng.uniform(
        (west - 0.1 * wide, south - 0.1 * high), (east + 0.1 * wide, north + 0.1 * high), (n, 2)
    )
    beside = on_edge + rng.normal(0, 1e-9 * max(wide, high), (n, 2))
    odd = np.array([[np.nan, south], [west, np.nan], [np.inf, south], [west, south], [east, north]])
    return np.concatenate((anywhere, xy[rng.integers(0, len(xy), n)], on_edge, beside, odd)).T


@pytest.mark.parametrize("seed", range(3))
def test_that_a_city_of_cells_is_assigned_as_a_spatial_join_does(seed):
    rng = np.random.default_rng(seed)
    cells = rng.permutation(jittered_cells(rng, 30))
    x, y = hard_points(rng, cells, 10_000)
    assert np.array_equal(assign(x, y, cells), joined(x, y, cells))


@pytest.mark.parametrize("size", [1.7, 8.0, 40.0, 1000.0])
def test_that_the_pixel_size_does_not_change_the_answer(size):
    rng = np.random.default_rng(7)
    cells = jittered_cells(rng, 12)
    x, y = hard_points(rng, cells, 2_000)
    cell, _ = by_lattice(x, y, cells, size)
    assert np.array_equal(cell, joined(x, y, cells))


def test_that_few_points_of_a_tiling_stay_undecided():
    rng = np.random.default_rng(1)
    cells = jittered_cells(rng, 40)
    x, y = rng.uniform(500_000, 504_000, 200_000), rng.uniform(4_400_000, 4_404_000, 200_000)
    _, undecided = by_lattice(x, y, cells, 8.0)
    assert len(undecided) < 20


def test_that_a_point_on_a_shared_edge_belongs_to_the_lowest_cell():
    squares = shapely.box([10, 0, 0, 10], [0, 0, 10, 10], [20, 10, 10, 20], [10, 10, 20, 20])
    x, y = np.array([10.0, 10.0, 5.0, 15.0, 0.0, 20.0]), np.array([5.0, 10.0, 10.0, 10.0, 0.0, 20.0])
    assert assign(x, y, squares).tolist() == [0, 0, 1, 0, 1, 3]
    assert by_lattice(x, y, squares, 0.7)[0].tolist() == [0, 0, 1, 0, 1, 3]


def test_that_holes_islands_in_holes_and_separate_parts_are_told_apart():
    ring = shapely.box(0, 0, 100, 100) - shapely.box(30, 30, 70, 70)
    parts = shapely.MultiPolygon([shapely.box(40, 40, 60, 60), shapely.box(110, 0, 150, 100)])
    cells = np.array([ring, None, parts, shapely.Polygon()], dtype=object)
    x, y = np.array([10.0, 35.0, 50.0, 130.0, 105.0, 30.0]), np.array([10.0, 35.0, 50.0, 50.0, 50.0, 50.0])
    for size in (0.9, 5.0, 60.0):
        assert by_lattice(x, y, cells, size)[0].tolist() == [0, -1, 2, 2, -1, 0]
    assert assign(x, y, cells).tolist() == [0, -1, 2, 2, -1, 0]


def test_that_the_direction_of_rings_does_not_matter():
    rng = np.random.default_rng(5)
    cells = jittered_cells(rng, 10)
    turned = np.where(rng.random(len(cells)) < 0.5, cells, shapely.reverse(cells))
    x, y = hard_points(rng, cells, 1_000)
    assert np.array_equal(by_lattice(x, y, turned, 6.0)[0], joined(x, y, cells))


def test_that_edges_split_differently_on_both_sides_are_no_gap():
    rng = np.random.default_rng(6)
    cells = jittered_cells(rng, 10)
    split = np.array([shapely.segmentize(c, 30.0) if k % 2 else c for k, c in enumerate(cells)], dtype=object)
    x, y = hard_points(rng, split, 2_000)
    assert np.array_equal(by_lattice(x, y, split, 6.0)[0], joined(x, y, split))


def test_that_frames_series_and_arrays_give_the_same_answer():
    cells = gpd.GeoDataFrame(geometry=jittered_cells(np.random.default_rng(2), 5), crs=4548)
    x, y = np.array([500_010.0, 500_260.0, 0.0]), np.array([4_400_010.0, 4_400_260.0, 0.0])
    by_frame = assign(x, y, cells)
    assert by_frame.dtype == np.int32
    assert by_frame[2] == -1 and by_frame[0] >= 0
    assert np.array_equal(by_frame, assign(x, y, cells.geometry))
    assert np.array_equal(by_frame, assign(x, y, cells.geometry.to_numpy()))


def test_that_nothing_to_assign_is_no_error():
    cells = jittered_cells(np.random.default_rng(2), 3)
    assert len(assign([], [], cells)) == 0
    assert assign([1.0], [2.0], np.array([], dtype=object)).tolist() == [-1]
    many = np.zeros(5000)
    assert set(assign(many, many, np.array([None, shapely.Polygon()], dtype=object)).tolist()) == {-1}


def test_that_lines_are_no_cells():
    with pytest.raises(ValueError, match="polygons"):
        assign(
            np.zeros(10_000), np.zeros(10_000), np.array([shapely.LineString([(0, 0), (1, 1)])], dtype=object)
        )


coordinate = st.integers(0, 12).map(float)


@st.composite
def messy_polygons(draw):
    """Valid polygons that overlap, nest, touch and repeat, with corners on a small lattice; some with holes."""
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        corners = draw(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=9))
        shape = shapely.make_valid(shapely.Polygon(corners))
        pieces = [g for g in shapely.get_parts(shape) if g.geom_type == "Polygon" and g.area > 0]
        shapes.append(shapely.MultiPolygon(pieces) if pieces else None)
    if draw(st.booleans()):
        shapes.append(shapes[0])
    return np.array(shapes, dtype=object)


@settings(max_examples=300, deadline=None)
@given(messy_polygons(), st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=40), st.floats(0.2, 5.0),
       st.integers(0, 2**31))  # fmt: skip
def test_that_any_polygons_are_assigned_as_a_spatial_join_does(polygons, lattice_points, size, seed):
    if all(p is None for p in polygons):
        return
    rng = np.random.default_rng(seed)
    xy = np.concatenate((np.array(lattice_points), hard_points(rng, polygons, 20).T))
    x, y = xy[:, 0], xy[:, 1]
    assert np.array_equal(by_lattice(x, y, polygons, size)[0], joined(x, y, polygons))
    assert np.array_equal(assign(x, y, polygons), joined(x, y, polygons))


site = st.integers(0, 10**6).map(lambda n: n / 10**6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(site, site), min_size=6, max_size=40, unique=True), st.integers(0, 2**31))
def test_that_slivers_and_cells_of_every_size_are_assigned_as_a_spatial_join_does(seeds, seed):
    sites = shapely.MultiPoint(seeds)
    pieces = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 1, 1)))
    polygons = np.array([p for p in pieces if p.is_valid and p.area > 0], dtype=object)
    if len(polygons) == 0:
        return
    rng = np.random.default_rng(seed)
    x, y = hard_points(rng, polygons, 60)
    wide = np.ptp(shapely.total_bounds(polygons)[[0, 2]])
    assert np.array_equal(by_lattice(x, y, polygons, wide / 50)[0], joined(x, y, polygons))
