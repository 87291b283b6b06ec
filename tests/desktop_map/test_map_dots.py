"""Dots in pixels, and which points may carry a symbol."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.map.spacing import spaced
from desktop.map.stamps import dot_mask, faded, stamp_dots
from desktop.map.style import premultiplied

points = st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.integers(0, 5)), max_size=200)


@given(st.floats(0.5, 6.0))
def test_that_a_dot_covers_the_area_of_its_disc(radius: float) -> None:
    covered = sum(coverage for _, _, coverage in dot_mask(radius))
    assert covered == pytest.approx(np.pi * radius**2, rel=0.12)


def test_that_a_dot_stands_on_the_pixel_of_its_place() -> None:
    pixels = np.zeros((40, 60), np.uint32)
    stamp_dots(
        pixels, np.array([20.3]), np.array([10.8]), np.array([premultiplied("#2f628c")], np.uint32), 2.0
    )
    assert pixels[10, 20] == 0xFF2F628C
    rows, columns = np.nonzero(pixels)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 12, 18, 22)


def test_that_dots_over_the_edge_write_nothing_elsewhere() -> None:
    pixels = np.zeros((20, 20), np.uint32)
    edge = np.array([-3.0, 0.0, 19.9, 25.0])
    stamp_dots(pixels, edge, edge, np.full(4, 0xFFFFFFFF, np.uint32), 2.0)
    assert not pixels.any()


def test_that_fading_keeps_colours_premultiplied() -> None:
    colour = np.array([0xFF804020], np.uint32)
    assert faded(colour, 0.5)[0] == 0x7F402010


@settings(max_examples=60)
@given(points)
def test_that_kept_points_keep_their_distance_and_no_other_would_fit(
    places: list[tuple[float, float, int]],
) -> None:
    x = np.array([p[0] for p in places])
    y = np.array([p[1] for p in places])
    kept = spaced(x, y, np.array([p[2] for p in places], int), 25.0)
    apart = np.maximum(np.abs(x[kept][:, None] - x[kept]), np.abs(y[kept][:, None] - y[kept]))
    assert (apart[~np.eye(len(kept), dtype=bool)] >= 25.0).all()
    rest = np.setdiff1d(np.arange(len(x)), kept)
    near = np.maximum(np.abs(x[rest][:, None] - x[kept]), np.abs(y[rest][:, None] - y[kept])).min(
        axis=1, initial=np.inf
    )
    assert (near < 25.0).mean() > 0.9 if len(rest) else True


def test_that_the_important_one_of_two_neighbours_is_kept() -> None:
    assert spaced(np.array([0.0, 5.0]), np.array([0.0, 5.0]), np.array([3, 1]), 20.0).tolist() == [1]


def test_that_dragging_the_map_does_not_change_which_symbols_stand() -> None:
    rng = np.random.default_rng(3)
    x, y, rank = rng.uniform(0, 2000, 3000), rng.uniform(0, 2000, 3000), rng.integers(0, 9, 3000)
    whole = set(spaced(x, y, rank, 20.0).tolist())
    window = np.flatnonzero((x > 300) & (x < 1700) & (y > 300) & (y < 1700))
    part = set(window[spaced(x[window], y[window], rank[window], 20.0)].tolist())
    inner = set(np.flatnonzero((x > 500) & (x < 1500) & (y > 500) & (y < 1500)).tolist())
    assert len((whole ^ part) & inner) <= 0.01 * len(whole & inner)
