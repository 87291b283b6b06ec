"""The working set answers as a look at every component would: windows, picks, counts, cells, and its cache."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.strip_index import StripIndex
from gis.working_set import WindowBuffer, WorkingSet

CLASSES = ["0101", "0205", "0306"]
STATES = ["完好", "破损", "别的"]
CELLS = ["", "110101001001001", "110101001001002"]


def working_set(n=5000, seed=1, span=3000.0, ids=None):
    rng = np.random.default_rng(seed)
    return WorkingSet.build(
        np.arange(n) + 1 if ids is None else ids,
        np.round(rng.normal(448_000, span, n), 3),
        np.round(rng.uniform(4_418_000, 4_418_000 + span, n), 3),
        pd.Categorical.from_codes(rng.integers(0, 3, n), CLASSES),
        np.array(STATES)[rng.integers(0, 3, n)],
        pd.Series(np.array(CELLS)[rng.integers(0, 3, n)]),
        version=7,
    )


def looked_up(held, box):
    """Rows in the box, by looking at every row."""
    xmin, ymin, xmax, ymax = box
    return np.flatnonzero((held.x >= xmin) & (held.x <= xmax) & (held.y >= ymin) & (held.y <= ymax))


def boxes_over(held, n, seed=2):
    rng = np.random.default_rng(seed)
    k = rng.integers(0, len(held), n)
    half = np.exp(rng.uniform(0, 9, n))
    x, y = held.x[k], held.y[k]
    return np.column_stack((x - half, y - half / 2, x + half, y + half / 2))


def test_that_windows_hold_exactly_what_lies_inside():
    held = working_set()
    boxes = boxes_over(held, 100)
    for box, window in zip(boxes, held.windows(boxes), strict=True):
        expected = looked_up(held, box)
        assert np.array_equal(np.sort(window.rows), expected)
        assert np.array_equal(np.sort(held.window(*box).rows), expected)
        assert np.array_equal(np.sort(held.window(*box).component_id), np.sort(window.component_id))
        assert len(window) == len(expected)
        assert np.array_equal(held.component_id[window.rows], window.component_id)
        assert np.array_equal(held.class_index[window.rows], window.class_index)
        assert np.array_equal(held.state[window.rows], window.state)
        assert np.array_equal(held.x[window.rows], window.x)
        assert np.allclose(window.x - held.origin[0], window.east_m, atol=1e-3, rtol=0)
        assert np.allclose(window.y - held.origin[1], window.north_m, atol=1e-3, rtol=0)


def test_that_a_buffer_changes_nothing_until_it_is_used_again():
    held, buffer = working_set(), WindowBuffer()
    boxes = boxes_over(held, 40)
    for some in (boxes[:5], boxes, boxes[5:9]):
        for fresh, reused in zip(held.windows(some), held.windows(some, buffer), strict=True):
            assert np.array_equal(fresh.component_id, reused.component_id)
            assert np.array_equal(fresh.north_m, reused.north_m)
            assert np.array_equal(fresh.rows, reused.rows)


def test_that_slices_hold_the_window_and_little_else():
    held = working_set(20_000)
    for box in boxes_over(held, 50):
        rows = np.concatenate([np.arange(s.start, s.stop) for s in held.slices(*box)] or [np.empty(0, int)])
        assert set(looked_up(held, box)) <= set(rows.tolist())
        assert ((held.x[rows] >= box[0]) & (held.x[rows] <= box[2])).all()
        assert (held.y[rows] >= box[1] - 2 * held.index.height_m).all()


def test_that_sides_count_as_inside_and_empty_windows_are_empty():
    held = WorkingSet.build([1, 2, 3], [0.0, 1.0, 2.0], [0.0, 0.0, 5.0], CLASSES, STATES, CELLS)
    assert sorted(held.window(0, 0, 1, 0).component_id.tolist()) == [1, 2]
    assert sorted(held.window(0, 0, 2, 5).component_id.tolist()) == [1, 2, 3]
    assert len(held.window(3, 0, 9, 9)) == 0
    assert len(held.window(1, 1, 0, 0)) == 0
    assert len(held.window(-5, -5, -1, -1)) == 0
    assert len(held.window(-np.inf, -np.inf, np.inf, np.inf)) == 3


coordinate = st.one_of(st.integers(0, 5).map(float), st.floats(-1e6, 1e6), st.just(float("nan")))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), max_size=60), st.lists(coordinate, min_size=4, max_size=4))
def test_that_any_points_and_any_window_agree(points, sides):
    if any(np.isnan(sides)):
        return
    xy = np.array(points).reshape(-1, 2)
    n = len(xy)
    held = WorkingSet.build(np.arange(n), xy[:, 0], xy[:, 1], ["a"] * n, ["完好"] * n, [""] * n)
    assert len(held) == n
    assert np.array_equal(np.sort(held.window(*sides).rows), looked_up(held, sides))
    assert np.array_equal(np.sort(held.windows(sides)[0].rows), looked_up(held, sides))


def test_that_no_component_at_all_is_a_working_set_too():
    held = WorkingSet.build([], [], [], [], [], [])
    assert len(held.window(0, 0, 1, 1)) == 0
    assert held.nearest(0, 0, 10) == -1
    assert held.bounds == (0.0, 0.0, 0.0, 0.0)
    assert held.counts_by_class().tolist() == []
    assert len(WorkingSet.from_arrays(held.to_arrays())) == 0


def test_that_components_without_coordinates_are_kept_but_lie_nowhere():
    held = WorkingSet.build([1, 2, 3], [np.nan, 5.0, 6.0], [1.0, np.nan, 6.0], CLASSES, STATES, CELLS)
    assert len(held) == 3
    assert held.window(-1e9, -1e9, 1e9, 1e9).component_id.tolist() == [3]
    assert held.bounds == (6.0, 6.0, 6.0, 6.0)


def test_that_the_nearest_is_the_nearest_of_the_classes_asked_for():
    held = working_set()
    rng = np.random.default_rng(4)
    only = np.array([False, True, False])
    for _ in range(50):
        x, y = rng.uniform(440_000, 456_000), rng.uniform(4_418_000, 4_421_000)
        away = np.hypot(held.x - x, held.y - y)
        best = int(np.argmin(away))
        assert held.nearest(x, y, 100) == (best if away[best] <= 100 else -1)
        away[held.class_index != 1] = np.inf
        best = int(np.argmin(away))
        assert held.nearest(x, y, 100, only) == (best if away[best] <= 100 else -1)


def test_that_counts_by_class_add_up():
    held = working_set()
    counts = held.counts_by_class()
    assert counts.sum() == len(held)
    assert counts.tolist() == [int((held.class_index == k).sum()) for k in range(3)]
    window = held.window(447_000, 4_418_500, 449_000, 4_420_000)
    assert held.counts_by_class(window).sum() == len(window)


def test_that_cells_and_ids_lead_to_their_rows():
    held = working_set()
    rows = np.concatenate([held.rows_of_cell(k) for k in range(-1, len(held.cell_codes))])
    assert np.array_equal(np.sort(rows), np.arange(len(held)))
    assert (held.cell_index[held.rows_of_cell(1)] == 1).all()
    assert held.component_id[held.row_of(17)] == 17
    assert held.row_of(999_999) == -1


def test_that_codes_and_states_are_told_by_number():
    held = WorkingSet.build([1, 2, 3], [0, 1, 2], [0, 0, 0], ["0306", "0101", "0306"], STATES, CELLS)
    assert held.class_codes == ("0101", "0306")
    assert held.class_index.tolist() == [1, 0, 1]
    assert held.state.tolist() == [0, 1, 255]
    assert held.cell_codes == tuple(CELLS[1:])
    assert held.cell_index.tolist() == [-1, 0, 1]


def test_that_the_kept_arrays_give_back_the_same_set():
    held = working_set()
    again = WorkingSet.from_arrays(held.to_arrays())
    assert again.version == 7
    for field in dataclasses.fields(WorkingSet):
        ours, theirs = getattr(held, field.name), getattr(again, field.name)
        if isinstance(ours, np.ndarray):
            assert np.array_equal(ours, theirs), field.name
            assert ours.dtype == theirs.dtype
        elif not isinstance(ours, StripIndex):
            assert ours == theirs
    box = (447_000, 4_418_500, 449_000, 4_420_000)
    assert np.array_equal(held.window(*box).rows, again.window(*box).rows)
    assert np.array_equal(held.windows(box)[0].rows, again.windows(box)[0].rows)


def test_that_arrays_of_something_else_are_not_taken():
    named = working_set(10).to_arrays()
    with pytest.raises(KeyError):
        WorkingSet.from_arrays({name: column for name, column in named.items() if name != "lattice"})
    with pytest.raises(ValueError, match="not a working set"):
        WorkingSet.from_arrays(named | {"state": named["state"][1:]})


def test_that_ids_beyond_32_bits_are_kept():
    held = working_set(100, ids=np.arange(100) + 2**40)
    assert held.window(*held.bounds).component_id.min() == 2**40
