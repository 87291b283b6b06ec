"""Shapes kept as flat arrays: the same shapes, cuts and levels as those made from geometry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from desktop.map.shapes import Shapes

EXTENT = (200.0, 200.0, 500.0, 400.0)


@pytest.fixture(scope="module")
def discs() -> np.ndarray:
    """500 discs; one is missing, one has a hole, one is two discs."""
    middles = shapely.points(np.random.default_rng(1).uniform(0, 1000, (500, 2)))
    discs = shapely.buffer(middles, 8.0, quad_segs=3)
    discs[3] = shapely.union(discs[3], discs[77])
    discs[5] = shapely.difference(discs[5], shapely.buffer(middles[5], 3.0))
    discs[9] = None
    return discs


def test_that_every_part_of_a_multipolygon_is_drawn(discs: np.ndarray) -> None:
    assert len(Shapes.of(discs[3:4]).ring_start) - 1 == 2


@pytest.mark.parametrize("lines", [False, True])
def test_that_columns_give_the_same_shapes_again(discs: np.ndarray, lines: bool) -> None:
    made = Shapes.of(shapely.boundary(discs) if lines else discs)
    kept = Shapes.from_columns(made.columns())
    assert shapely.equals(made.geometry, kept.geometry).all()
    assert np.array_equal(made.xy, kept.xy) and np.array_equal(made.shape_ring, kept.shape_ring)
    first, second = made.cut(EXTENT), kept.cut(EXTENT)
    assert np.array_equal(first.rows, second.rows)
    assert shapely.equals(first.geometry, second.geometry).all()


def test_that_what_is_seen_before_a_level_is_made_is_that_level(discs: np.ndarray) -> None:
    whole, early = Shapes.of(discs), Shapes.of(discs)
    level, seen = whole.level(2.0).cut(EXTENT), early.seen(2.0, EXTENT)
    assert np.array_equal(level.rows, seen.rows)
    assert shapely.area(shapely.symmetric_difference(level.geometry, seen.geometry)).max() < 8.0
