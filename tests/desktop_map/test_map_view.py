"""The window on the plane."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.map.motion import between
from desktop.map.view import COARSEST, FINEST, View, overlaps

views = st.builds(
    View,
    x=st.floats(300_000, 700_000),
    y=st.floats(2_000_000, 5_500_000),
    m_per_px=st.floats(0.03, 400.0),
    width=st.integers(200, 4000),
    height=st.integers(200, 2400),
    dpr=st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)


@given(views, st.floats(-50, 4000), st.floats(-50, 2400))
def test_that_screen_and_plane_are_inverse(view: View, px: float, py: float) -> None:
    back = view.to_screen(*view.to_plane(px, py))
    assert back == pytest.approx((px, py), abs=1e-3)


@given(views, st.floats(0.2, 5.0), st.floats(0, 1), st.floats(0, 1))
def test_that_a_zoom_keeps_the_place_under_the_cursor(
    view: View, factor: float, across: float, down: float
) -> None:
    px, py = across * view.width, down * view.height
    place = view.to_plane(px, py)
    assert view.zoomed(factor, px, py).to_screen(*place) == pytest.approx((px, py), abs=1e-3)


@given(views, st.floats(0.2, 5.0), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_that_a_gliding_zoom_keeps_the_place_under_the_cursor_all_the_way(
    view: View, factor: float, across: float, down: float, share: float
) -> None:
    px, py = across * view.width, down * view.height
    place = view.to_plane(px, py)
    end = view.zoomed(factor, px, py)
    assert between(view, end, share).to_screen(*place) == pytest.approx((px, py), abs=2e-2)


@given(views)
def test_that_snapping_moves_by_less_than_a_pixel_onto_whole_pixels(view: View) -> None:
    snapped = view.snapped()
    dx, dy = view.to_pixels(snapped.left, snapped.top)
    assert abs(dx) <= 0.51 and abs(dy) <= 0.51
    assert snapped.left / snapped.m_per_pixel == pytest.approx(
        round(snapped.left / snapped.m_per_pixel), abs=1e-3
    )


def test_that_the_scale_counts_on_96_dots_an_inch() -> None:
    view = View(0, 0, 1.0, 800, 600).at_scale(2_000)
    assert view.m_per_px == pytest.approx(0.52917, abs=1e-5)
    assert view.scale_denominator == pytest.approx(2_000)


def test_that_the_zoom_stops_at_both_ends() -> None:
    view = View(0, 0, 1.0, 800, 600)
    assert view.zoomed(1e9, 0, 0).scale_denominator == pytest.approx(FINEST)
    assert view.zoomed(1e-9, 0, 0).scale_denominator == pytest.approx(COARSEST)


def test_that_a_fitted_extent_lies_in_what_panels_leave_free() -> None:
    view = View(0, 0, 1.0, 1000, 600).fitted((100, 100, 300, 200), (300, 50, 100, 20))
    left, top = view.to_screen(100, 200)
    right, bottom = view.to_screen(300, 100)
    assert left >= 300 - 1e-6 and right <= 900 + 1e-6 and top >= 50 - 1e-6 and bottom <= 580 + 1e-6
    assert (left + right) / 2 == pytest.approx(600) and (top + bottom) / 2 == pytest.approx(315)


def test_that_a_view_covers_only_what_lies_inside_at_its_scale() -> None:
    view = View(0, 0, 1.0, 800, 600)
    assert view.widened(100).covers(view.moved(99, -99))
    assert not view.widened(100).covers(view.moved(102, 0))
    assert not view.widened(100).covers(replace(view, m_per_px=0.5))


def test_that_extents_that_share_an_edge_do_not_overlap() -> None:
    assert overlaps((0, 0, 2, 2), (1, 1, 3, 3))
    assert not overlaps((0, 0, 2, 2), (2, 0, 3, 2))
