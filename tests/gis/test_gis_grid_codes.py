"""Cell codes: form, sequence, reading order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.grid import grid_codes
from kernel.errors import Refused
from tests.gis.grid_builders import STREET, box, drawn_grid, star


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60))
def test_that_what_we_number_is_in_order_whatever_the_shapes(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(0, 2_000, (count, 2))
    shapes = np.array([star(random, x, y, float(random.uniform(20, 90)), 6) for x, y in places])
    shapes = shapes[shapely.area(shapes) > 0]
    community = np.array([f"{STREET}00{1 + k % 2}" for k in range(len(shapes))])
    codes = grid_codes.numbered(shapes, community)
    assert len(set(codes)) == len(codes)
    assert (np.char.startswith(codes, community)).all()
    assert len(grid_codes.out_of_order(shapes, codes)) == 0
    assert grid_codes.holes_in_sequence(codes) == []


def test_that_every_swap_of_two_codes_that_lie_apart_is_noticed() -> None:
    grid = drawn_grid(6, 4)
    shapes, codes = grid.geometry.values, grid["code"].to_numpy(dtype=str)
    for a, b in [(0, 1), (5, 6), (3, 20), (2, 8), (22, 23)]:
        swapped = codes.copy()
        swapped[[a, b]] = swapped[[b, a]]
        assert len(grid_codes.out_of_order(shapes, swapped)) >= 1, (a, b)


def test_that_a_quarter_band_of_height_is_tolerated() -> None:
    low, high = box(0, 0, 100, 100), box(100, 20, 100, 100)
    assert (
        len(grid_codes.out_of_order(np.array([low, high]), np.array([f"{STREET}001001", f"{STREET}001002"])))
        == 0
    )
    assert (
        len(grid_codes.out_of_order(np.array([high, low]), np.array([f"{STREET}001001", f"{STREET}001002"])))
        == 1
    )


def test_that_missing_numbers_are_named_as_ranges() -> None:
    codes = np.array([f"{STREET}001{k:03d}" for k in (1, 2, 4, 8, 9)])
    assert grid_codes.holes_in_sequence(codes) == [(f"{STREET}001", "003, 005-007")]


def test_that_a_thousandth_cell_is_refused() -> None:
    shapes = np.array([box(10 * k, 0, 10, 10) for k in range(1_000)])
    with pytest.raises(Refused, match="would have 1000 parts"):
        grid_codes.numbered(shapes, np.full(1_000, f"{STREET}001"))


@pytest.mark.parametrize(
    ("code", "right"),
    [("110101001001001", True), ("11010100100100", False), ("1101010010010011", False), ("11010100100100A", False),
     ("１１０１０１００１００１００１", False), ("", False), (" 110101001001001", False)],
)  # fmt: skip
def test_that_a_code_is_fifteen_plain_digits(code: str, right: bool) -> None:
    assert grid_codes.has_form(pd.Series([code]), 15).tolist() == [right]
