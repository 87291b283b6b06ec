"""Overlaps and gaps of tilings, against the pairwise way."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import topology
from tests.gis.grid_builders import box, drawn_grid


def jittered(random: np.random.Generator, columns: int, rows: int) -> np.ndarray:
    """A tiling of crooked quadrangles that share their corners."""
    x, y = np.meshgrid(np.arange(columns + 1) * 100.0, np.arange(rows + 1) * 100.0)
    x[1:-1, 1:-1] += random.uniform(-30, 30, x[1:-1, 1:-1].shape)
    y[1:-1, 1:-1] += random.uniform(-30, 30, y[1:-1, 1:-1].shape)
    corners = [
        (x[:-1, :-1], y[:-1, :-1]),
        (x[:-1, 1:], y[:-1, 1:]),
        (x[1:, 1:], y[1:, 1:]),
        (x[1:, :-1], y[1:, :-1]),
    ]
    rings = np.stack([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in corners], axis=1)
    return shapely.polygons(rings)


def pairwise(polygons: np.ndarray, tolerance_m2: float) -> dict[tuple[int, int], float]:
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    area = shapely.area(shapely.intersection(polygons[first], polygons[second]))
    return {(int(a), int(b)): s for a, b, s in zip(first, second, area, strict=True) if s > tolerance_m2}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), faults=st.integers(0, 6))
def test_that_overlaps_and_gaps_are_those_of_the_pairwise_way(seed: int, faults: int) -> None:
    random = np.random.default_rng(seed)
    polygons = jittered(random, 8, 6)
    for number in random.choice(len(polygons), faults, replace=False):
        kind = random.integers(4)
        if kind == 0:
            polygons[number] = shapely.transform(polygons[number], lambda xy: xy + random.uniform(-8, 8, 2))
        elif kind == 1:
            polygons[number] = polygons[number].buffer(float(random.uniform(-10, 10)), join_style="mitre")
        elif kind == 2:
            polygons[number] = shapely.Point(0, 0).buffer(0)
        else:
            polygons = np.append(polygons, polygons[number])
    frame = shapely.box(0, 0, 800, 600)
    found = topology.check(polygons, frame)
    pairs = found.overlaps
    areas = {(a, b): s for a, b, s in zip(pairs["first"], pairs["second"], pairs["area_m2"], strict=True)}
    wanted = pairwise(polygons, topology.TOLERANCE_M2)
    assert areas.keys() == wanted.keys()
    assert all(abs(areas[key] - wanted[key]) < 1e-6 for key in wanted)
    union = shapely.union_all(polygons)
    bare = shapely.get_parts(shapely.difference(frame, union))
    assert abs(found.gap_m2 - shapely.area(bare).sum()) < 1e-2
    assert len(found.gaps) == (shapely.area(bare) > topology.TOLERANCE_M2).sum()
    inside = (
        shapely.area(shapely.intersection(polygons, frame)).sum() - shapely.intersection(union, frame).area
    )
    if abs(inside - (shapely.area(polygons).sum() - union.area)) < 1e-6:
        assert abs(found.overlap_m2 - inside) < 1e-2


def test_that_a_sound_tiling_has_nothing_to_report() -> None:
    found = topology.check(jittered(np.random.default_rng(1), 20, 20), shapely.box(0, 0, 2_000, 2_000))
    assert (len(found.invalid), len(found.overlaps), len(found.gaps)) == (0, 0, 0)
    assert found.gap_m2 == found.overlap_m2 == 0.0


def test_that_a_tiling_laid_over_another_overlaps_it_although_all_inner_edges_match() -> None:
    twice = np.concatenate([drawn_grid(3, 3).geometry.values, drawn_grid(3, 3).geometry.values])
    found = topology.check(twice)
    assert found.overlaps[["first", "second"]].values.tolist() == [[k, k + 9] for k in range(9)]
    assert found.overlap_m2 == 90_000.0


def test_that_a_border_split_on_one_side_only_is_no_fault() -> None:
    tall = box(0, 0, 100, 200)
    found = topology.check(np.array([tall, box(100, 0, 50, 80), box(100, 80, 50, 120)]))
    assert (len(found.overlaps), len(found.gaps)) == (0, 0)


def test_that_an_invalid_ring_is_told_and_covers_what_it_can() -> None:
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    found = topology.check(np.array([bow, shapely.box(100, 0, 200, 100)]), shapely.box(0, 0, 200, 100))
    assert found.invalid.tolist() == [0]
    assert np.isclose(found.gap_m2, 5_000.0)


def test_that_a_hole_that_no_cell_fills_is_a_gap_without_any_frame() -> None:
    ring = shapely.difference(box(0, 0, 300, 300), box(100, 100, 100, 100))
    assert np.isclose(shapely.area(topology.check(np.array([ring])).gaps), [10_000.0]).all()


def test_that_groups_are_tilings_of_their_own() -> None:
    same = np.array([box(0, 0, 100, 100), box(0, 0, 100, 100)])
    assert (topology.faces(same, np.array([0, 1])).cover == 1).all()
    assert (topology.faces(same, np.array([0, 0])).cover == 2).all()


def test_that_a_tiling_is_sound_although_its_middle_is_a_corner_of_four_cells() -> None:
    """A bug's story: the sample point of the one large face lay on the corner and was counted for all four cells."""
    for columns, rows in [(6, 4), (6, 5), (5, 4), (2, 2)]:
        polygons = drawn_grid(columns, rows).geometry.values
        found = topology.check(polygons, box(0, 0, 100 * columns, 100 * rows))
        assert found.overlap_m2 == found.gap_m2 == 0.0
        assert topology.check(polygons, box(-50, -50, 100 * columns + 90, 100 * rows + 90)).overlap_m2 == 0.0
