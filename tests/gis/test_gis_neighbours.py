"""Neighbours by shared borders and by distance: hand-made answers, shuffled cells, islands, holes, split edges."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.neighbours import Weights, by_rule, distance, knn, queen, rook
from kernel.errors import Refused


def squares(columns, rows, side=10.0):
    """A lattice of squares, row by row from the south-west."""
    i, j = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = i.ravel() * side, j.ravel() * side
    return shapely.box(x, y, x + side, y + side)


def neighbours_of(weights, k):
    return weights.tails[weights.heads == k].tolist()


def links(weights):
    return set(zip(weights.heads.tolist(), weights.tails.tolist(), strict=True))


def test_that_queen_counts_corners_and_rook_does_not():
    cells = squares(3, 3)
    assert neighbours_of(queen(cells), 4) == [0, 1, 2, 3, 5, 6, 7, 8]
    assert neighbours_of(rook(cells), 4) == [1, 3, 5, 7]
    assert neighbours_of(queen(cells), 0) == [1, 3, 4]


def test_that_the_order_of_the_cells_does_not_matter():
    cells = squares(7, 5)
    shuffle = np.random.default_rng(1).permutation(len(cells))
    for build in (queen, rook):
        straight, mixed = build(cells), build(cells[shuffle])
        assert links(straight) == {(int(shuffle[a]), int(shuffle[b])) for a, b in links(mixed)}


def test_that_an_island_has_no_neighbour():
    cells = np.append(squares(2, 2), shapely.box(100, 100, 110, 110))
    weights = queen(cells)
    assert weights.islands.tolist() == [4]
    assert weights.cardinalities.tolist() == [3, 3, 3, 3, 0]
    assert weights.with_self().cardinalities.tolist() == [4, 4, 4, 4, 1]
    assert weights.with_self().islands.tolist() == [4]


def test_that_a_cell_in_the_hole_of_another_is_its_neighbour():
    outer = shapely.box(0, 0, 30, 30) - shapely.box(10, 10, 20, 20)
    cells = np.array([outer, shapely.box(10, 10, 20, 20)], dtype=object)
    assert links(queen(cells)) == links(rook(cells)) == {(0, 1), (1, 0)}


def test_that_a_border_split_on_one_side_only_is_not_lost():
    left = shapely.box(0, 0, 10, 30)
    right = shapely.box([10, 10, 10], [0, 10, 20], [20, 20, 20], [10, 20, 30])
    cells = np.array([left, *right], dtype=object)
    assert neighbours_of(queen(cells), 0) == [1, 2, 3]
    assert neighbours_of(rook(cells), 0) == [1, 2, 3]
    assert neighbours_of(rook(cells), 1) == [0, 2]


def test_that_a_corner_on_the_middle_of_an_edge_is_a_queen_but_no_rook():
    wedge = shapely.Polygon([(10, 15), (20, 10), (20, 20)])
    cells = np.array([shapely.box(0, 0, 10, 30), wedge], dtype=object)
    assert links(queen(cells)) == {(0, 1), (1, 0)}
    assert len(rook(cells)) == 0


def test_that_rounding_below_a_millimetre_does_not_part_neighbours():
    cells = np.array([shapely.box(0, 0, 10, 10), shapely.box(10.0004, 3, 20, 7)], dtype=object)
    assert links(queen(cells)) == links(rook(cells)) == {(0, 1), (1, 0)}
    apart = np.array([shapely.box(0, 0, 10, 10), shapely.box(10.01, 3, 20, 7)], dtype=object)
    assert len(queen(apart)) == 0


def test_that_missing_and_empty_cells_have_no_neighbours():
    cells = np.array([*squares(2, 1), None, shapely.Polygon()], dtype=object)
    weights = queen(gpd.GeoSeries(cells))
    assert weights.n == 4
    assert links(weights) == {(0, 1), (1, 0)}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(3, 7))
def test_that_queen_is_what_touches_say_on_any_tiling(seed, n):
    rng = np.random.default_rng(seed)
    sites = shapely.MultiPoint(np.round(rng.random((n * n, 2)) * 1000, 3))
    box = shapely.box(0, 0, 1000, 1000)
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=box)), box)
    i, j = shapely.STRtree(cells).query(cells, predicate="dwithin", distance=0.001)
    assert links(queen(cells)) == {(int(a), int(b)) for a, b in zip(i, j, strict=True) if a != b}
    shared = shapely.length(shapely.intersection(shapely.boundary(cells)[i], shapely.boundary(cells)[j]))
    long = {(int(a), int(b)) for a, b, m in zip(i, j, shared, strict=True) if a != b and m > 0.02}
    assert long <= links(rook(cells)) <= links(queen(cells))


def test_that_the_nearest_are_found_and_ties_go_to_the_lower_index():
    x, y = np.meshgrid(np.arange(5.0), np.arange(5.0))
    weights = knn(x.ravel(), y.ravel(), 2)
    assert neighbours_of(weights, 12) == [7, 11]
    assert weights.cardinalities.tolist() == [2] * 25


def test_that_points_on_one_place_do_not_run_away():
    x = np.r_[np.zeros(5000), 1.0, 2.0]
    assert len(knn(x, np.zeros(len(x)), 8)) == 8 * len(x)


def test_that_a_distance_counts_the_threshold_in():
    x, y = np.meshgrid(np.arange(4) * 30.0, np.arange(4) * 30.0)
    weights = distance(x.ravel(), y.ravel(), 30)
    assert neighbours_of(weights, 5) == [1, 4, 6, 9]
    assert weights.rule == "distance:30"


def test_that_weights_guard_what_they_hold():
    good = Weights(3, np.array([0, 1]), np.array([1, 0]), np.ones(2))
    with pytest.raises(ValueError, match="read-only"):
        good.heads[0] = 2
    with pytest.raises(ValueError, match="beyond the 2 areas"):
        Weights(2, np.array([0]), np.array([2]), np.ones(1))
    with pytest.raises(ValueError, match="not sorted"):
        Weights(3, np.array([1, 0]), np.array([0, 1]), np.ones(2))
    with pytest.raises(ValueError, match="above zero"):
        Weights(3, np.array([0]), np.array([1]), np.array([np.nan]))
    with pytest.raises(ValueError, match="2 heads"):
        Weights(3, np.array([0, 1]), np.array([1]), np.ones(1))
    with pytest.raises(ValueError, match="their own neighbour"):
        Weights(3, np.array([0]), np.array([0]), np.ones(1))


def test_that_links_in_any_order_make_weights():
    weights = Weights.of_links(3, [2, 0, 0, 1, 0], [0, 1, 1, 1, 2], [3.0, 1.0, 1.0, 9.0, 2.0])
    assert weights.heads.tolist() == [0, 0, 2]
    assert weights.weights.tolist() == [1.0, 2.0, 3.0]


def test_that_standardised_rows_sum_to_one():
    weights = queen(squares(4, 4)).standardised()
    assert np.allclose(weights.sums, 1)
    assert weights.standardised() is weights
    with pytest.raises(ValueError, match="before standardising"):
        weights.with_self()


def test_that_wishes_without_sense_are_refused():
    with pytest.raises(ValueError, match="nearest"):
        knn([0.0, 1.0], [0.0, 1.0], 2)
    with pytest.raises(ValueError, match="distance"):
        distance([0.0, 1.0], [0.0, 1.0], 0)
    with pytest.raises(ValueError, match="coordinates"):
        distance([0.0, np.nan], [0.0, 1.0], 5)


@pytest.mark.parametrize(
    "rule, count", [("queen", 8), ("rook", 4), ("knn:3", 3), ("distance:10", 4), (" Queen ", 8)]
)
def test_that_a_rule_in_words_makes_its_weights(rule, count):
    assert by_rule(rule, squares(5, 5)).cardinalities[12] == count


@pytest.mark.parametrize(
    "rule", ["", "king", "queen:2", "knn", "knn:0", "knn:25", "distance:-1", "distance:far"]
)
def test_that_a_rule_without_sense_is_refused_with_examples(rule):
    with pytest.raises(Refused) as refusal:
        by_rule(rule, squares(5, 5))
    assert "knn:" in refusal.value.remedy


def test_that_points_have_no_borders_to_share():
    with pytest.raises(Refused, match="need areas"):
        by_rule("rook", shapely.points([0, 1, 2], [0, 1, 2]))
    assert len(by_rule("knn:1", shapely.points([0, 1, 3], [0, 0, 0]))) == 3
