"""Geometry as columns: levels, cuts, seams, dashes, middle lines."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.map.dashes import dashes
from desktop.map.flow import middle_line
from desktop.map.paths import fills, strokes
from desktop.map.seams import seams
from desktop.map.shapes import Shapes, ranges
from desktop.map.view import View

boxes = st.lists(
    st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(5, 90), st.floats(5, 90)),
    min_size=1,
    max_size=90,
)


def _polygons(places: list[tuple[float, float, float, float]]) -> np.ndarray:
    return np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in places], object)


@given(boxes)
def test_that_every_shape_is_kept_once_with_its_own_vertices(places: list) -> None:
    polygons = _polygons(places)
    shapes = Shapes.of(polygons)
    assert sorted(shapes.rows.tolist()) == list(range(len(polygons)))
    assert len(shapes.xy) == 5 * len(polygons)
    for at, row in enumerate(shapes.rows.tolist()):
        ring = shapes.xy[
            shapes.ring_start[shapes.shape_ring[at]] : shapes.ring_start[shapes.shape_ring[at + 1]]
        ]
        assert shapely.Polygon(ring).equals(polygons[row])


@given(boxes, st.tuples(st.floats(0, 500), st.floats(0, 500), st.floats(510, 990), st.floats(510, 990)))
def test_that_a_cut_has_all_shapes_that_touch_the_extent(places: list, extent: tuple) -> None:
    polygons = _polygons(places)
    touched = np.flatnonzero(shapely.intersects(polygons, shapely.box(*extent)))
    assert set(touched.tolist()) == set(Shapes.of(polygons).cut(extent).rows.tolist())


def test_that_missing_and_empty_geometry_is_left_out() -> None:
    shapes = Shapes.of(np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], object))
    assert shapes.rows.tolist() == [2]
    assert len(Shapes.of(np.empty(0, object)).cut((0, 0, 1, 1))) == 0


def test_that_a_coarser_level_differs_by_less_than_a_pixel() -> None:
    line = shapely.LineString([(x, 30 * np.sin(x / 40)) for x in np.arange(0, 2000, 1.0)])
    coarse = Shapes.of(np.array([line], object)).level(8.0)
    assert len(coarse.xy) < 500
    assert shapely.hausdorff_distance(line, coarse.geometry[0]) < 8.0


def test_that_a_long_line_is_clipped_far_outside_the_picture() -> None:
    river = Shapes.of(np.array([shapely.LineString([(-1e6, 50), (1e6, 50)])], object)).cut((0, 0, 100, 100))
    assert river.bounds[0, 0] <= -150 and river.bounds[0, 2] >= 250 and np.abs(river.xy).max() < 1_000


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=30))
def test_that_ranges_are_the_integers_of_all_pieces(pieces: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in pieces], int)
    stops = starts + np.array([length for _, length in pieces], int)
    expected = [number for start, length in pieces for number in range(start, start + length)]
    assert ranges(starts, stops).tolist() == expected


def test_that_a_shared_border_is_drawn_once() -> None:
    x, y = np.meshgrid(np.arange(4) * 10.0, np.arange(3) * 10.0)
    cells = shapely.box(x.ravel(), y.ravel(), x.ravel() + 10, y.ravel() + 10)
    lines = seams(cells)
    assert shapely.length(lines).sum() == pytest.approx(4 * 3 * 10 + 3 * 4 * 10 + 10 * (4 + 3))
    assert shapely.union_all(lines).length == pytest.approx(shapely.length(lines).sum())


def test_that_paths_hand_over_every_vertex_and_fill_holes_right(qapp: object) -> None:
    view = View(50, 50, 1.0, 100, 100)
    ring = shapely.box(10, 10, 90, 90).difference(shapely.box(40, 40, 60, 60))
    shapes = Shapes.of(np.array([ring, shapely.box(0, 0, 20, 20)], object))
    [path] = list(fills(shapes, view))
    assert path.elementCount() == len(shapes.xy)
    assert path.contains(view_point(view, 15, 15)) and not path.contains(view_point(view, 50, 50))
    assert sum(path.elementCount() for path in strokes(shapes, view)) == len(shapes.xy)


def view_point(view: View, x: float, y: float):
    from PySide6.QtCore import QPointF

    return QPointF(*view.to_pixels(x, y))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=2, max_size=12, unique=True))
def test_that_dashes_have_the_lengths_of_their_pattern(corners: list[tuple[float, float]]) -> None:
    view = View(200, 150, 1.0, 400, 300)
    line = shapely.LineString(corners)
    lines = Shapes.of(np.array([line], object))
    drawn = 0.0
    for path in dashes(lines, view, (10.0, 5.0)):
        points = [path.elementAt(at) for at in range(path.elementCount())]
        for first, second in zip(points[::2], points[1::2], strict=True):
            drawn += np.hypot(second.x - first.x, second.y - first.y)
    whole, rest = divmod(line.length, 15.0)
    assert drawn == pytest.approx(whole * 10.0 + min(rest, 10.0), abs=0.01 * len(corners) + 1e-3)


def test_that_no_dash_leads_from_one_line_to_the_next() -> None:
    view = View(500, 500, 1.0, 1000, 1000)
    apart = [shapely.LineString([(10, y), (47.0, y)]) for y in np.arange(10, 900, 90.0)]
    for path in dashes(Shapes.of(np.array(apart, object)), view, (14.0, 4.0, 3.0, 4.0), 2.0):
        points = [path.elementAt(at) for at in range(path.elementCount())]
        assert all(abs(a.y - b.y) < 1e-6 for a, b in zip(points[::2], points[1::2], strict=True))


def test_that_the_middle_line_of_a_river_runs_in_its_middle() -> None:
    axis = shapely.LineString([(x, 60 * np.sin(x / 300)) for x in np.arange(0, 3000, 20.0)])
    river = axis.buffer(50, cap_style="flat")
    middle = shapely.LineString(middle_line(river))
    assert middle.length > 2_500
    inner = shapely.get_coordinates(middle)[20:-20]
    assert shapely.distance(shapely.points(inner), axis).max() < 12.0


def test_that_a_sliver_has_no_middle_line() -> None:
    assert middle_line(shapely.box(0, 0, 1e-4, 1e-3)) is None
