"""Neighbours by sorting are the neighbours that a tree finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from census.rules.duplicates import close_points


@settings(deadline=None, max_examples=200)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 400),
    width_m=st.sampled_from([1.0, 10.0, 100.0]),
    decimals=st.sampled_from([0, 1, 3]),
    limit_m=st.sampled_from([0.3, 0.5, 2.0]),
)
def test_that_the_same_points_are_found_as_by_a_tree(
    seed: int, count: int, width_m: float, decimals: int, limit_m: float
) -> None:
    draw = np.random.default_rng(seed)
    x, y = np.round(draw.uniform(-width_m, width_m, (2, count)), decimals)
    group = draw.integers(0, 3, count).astype(np.int32)
    found = close_points(x, y, group, limit_m)
    near = {
        point for group_ in range(3) for point in neighbours(x, y, np.flatnonzero(group == group_), limit_m)
    }
    assert set(found.points.tolist()) == near
    assert (group[found.points] == group[found.others]).all()
    distance = np.hypot(x[found.points] - x[found.others], y[found.points] - y[found.others])
    assert np.allclose(distance, found.distance_m)
    assert (found.points != found.others).all()


def neighbours(x: np.ndarray, y: np.ndarray, rows: np.ndarray, limit_m: float) -> set[int]:
    if len(rows) < 2:
        return set()
    xy = np.column_stack([x[rows], y[rows]])
    pairs = cKDTree(xy).query_pairs(limit_m, output_type="ndarray")
    distance = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    return set(rows[pairs[distance < limit_m]].ravel().tolist())


@pytest.mark.parametrize("count", [200_000])
def test_that_a_crowd_on_one_spot_is_found_at_once(count: int) -> None:
    found = close_points(np.full(count, 5e5), np.full(count, 4e6), np.zeros(count, np.int32), 0.5)
    assert len(found.points) == count
    assert (found.distance_m == 0).all()
