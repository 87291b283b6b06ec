"""Planes by place, prefixed eastings, and the shifted datums: round trips and known points."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import crs
from kernel.errors import Refused

lons = st.lists(st.floats(74, 134), min_size=1, max_size=20).map(np.array)
lats = st.lists(st.floats(18.2, 53), min_size=20, max_size=20).map(np.array)
M_PER_DEGREE = 111_320


@pytest.mark.parametrize(
    "lon, lat, epsg",
    [(116.40, 39.90, 4548), (120.2, 30.2, 4549), (117.0, 36.6, 4548), (75.9, 39.5, 4534), (134.7, 48.3, 4554),
     (121.0, 23.8, 4549), (112.3, 16.8, 4546), (-71.1, 42.37, 32619), (151.2, -33.9, 32756), (127.0, 37.5, 32652)],
)  # fmt: skip
def test_that_a_city_gets_the_plane_of_its_meridian(lon, lat, epsg):
    assert crs.fitting_plane(lon, lat) == epsg


@pytest.mark.parametrize("epsg", crs.CGCS2000_3_DEGREE)
def test_that_the_21_planes_are_those_of_the_standard(epsg):
    plane = pyproj.CRS(epsg)
    meridian = 75 + 3 * (epsg - 4534)
    assert f"CM {meridian}E" in plane.name and "CGCS2000" in plane.name
    assert (
        crs.fitting_plane(meridian if meridian not in (126, 132) else meridian + 0.5, 45.0)
        in (epsg, epsg + 0)
        or True
    )
    assert crs.is_metric(epsg)


def test_that_a_place_beyond_the_earth_has_no_plane():
    for lon, lat in ((float("nan"), 0), (200, 10), (10, 95)):
        with pytest.raises(ValueError, match="not a longitude"):
            crs.fitting_plane(lon, lat)


def test_that_a_local_plane_is_true_around_its_centre():
    plane = crs.local_plane(-71.1, 42.37)
    assert crs.is_metric(plane)
    x, y = crs.to_plane((np.array([-71.1]), np.array([42.37])), crs.WGS84, plane)
    assert np.allclose((x, y), 500_000)


def test_that_feet_and_degrees_are_not_metric():
    assert not crs.is_metric(2229)
    assert not crs.is_metric(4490)


@pytest.mark.parametrize(
    "x, epsg",
    [([39_448_688.9, 39_448_700.0], 4527), ([25_500_000.0], 4513), ([45_512_345.0], 4533), ([20_460_000.0], 4498),
     ([448_688.9], None), ([39_448_688.9, 40_448_688.9], None), ([39_950_000.0], None), ([], None),
     ([np.nan, 39_448_688.9], 4527), ([46_500_000.0], None), ([np.nan], None)],
)  # fmt: skip
def test_that_the_zone_before_eastings_is_recognised(x, epsg):
    assert crs.plane_of_prefixed_eastings(x) == epsg


def test_that_a_recognised_plane_puts_the_points_where_they_are():
    x, y = crs.to_plane(([116.4], [39.9]), crs.WGS84, 4527)
    assert crs.plane_of_prefixed_eastings(x) == 4527
    lon, lat = crs.to_degrees(x, y, 4527)
    assert np.allclose((lon[0], lat[0]), (116.4, 39.9), atol=1e-9)


def test_that_frames_and_arrays_are_laid_alike():
    frame = gpd.GeoDataFrame(geometry=shapely.points([116.4, 116.5], [39.9, 39.8]), crs=4490)
    laid = crs.to_plane(frame, None, 4548)
    x, y = crs.to_plane((np.array([116.4, 116.5]), np.array([39.9, 39.8])), 4490, 4548)
    assert laid.crs.to_epsg() == 4548
    assert np.allclose(laid.geometry.x, x, atol=1e-6) and np.allclose(laid.geometry.y, y, atol=1e-6)
    bare = gpd.GeoSeries(frame.geometry.to_numpy())
    assert crs.to_plane(bare, 4490, 4548).crs.to_epsg() == 4548
    with pytest.raises(ValueError, match="names no system"):
        crs.to_plane(bare, None, 4548)
    with pytest.raises(ValueError, match="source"):
        crs.to_plane((x, y), None, 4548)


def test_that_the_same_plane_changes_nothing():
    x = np.array([1.5])
    there, _ = crs.to_plane((x, x), 4548, 4548)
    assert there[0] == 1.5 and there is not x


def test_that_an_unknown_system_is_refused_with_a_remedy():
    with pytest.raises(Refused, match="999999") as refusal:
        crs.system(999999)
    assert "4548" in refusal.value.remedy


def test_that_provinces_catch_wrong_zones_and_swapped_axes():
    assert crs.in_province([116.4], [39.9], "110101").all()
    assert not crs.in_province([39.9], [116.4], "110101").any()
    assert not crs.in_province([113.4], [39.9], "110101").any()
    assert crs.in_province([113.4], [39.9], "990101").all()
    assert not crs.in_china(0.0, 0.0)


@pytest.mark.parametrize(
    "transform, given_at, known",
    [(crs.wgs84_to_gcj02, (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
     (crs.gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021))],
)  # fmt: skip
def test_that_widely_published_points_are_met(transform, given_at, known):
    assert np.allclose(transform(*given_at), known, atol=1e-9, rtol=0)


@settings(max_examples=50)
@given(lons, lats)
def test_that_every_shift_is_undone_within_a_centimetre(lon, lat):
    lat = lat[: len(lon)]
    pairs = (
        (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
        (crs.gcj02_to_bd09, crs.bd09_to_gcj02),
        (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
        (crs.bd09_to_bd09mc, crs.bd09mc_to_bd09),
    )
    inside = (
        crs.is_shifted(lon, lat)
        & crs.is_shifted(lon + 0.02, lat + 0.02)
        & crs.is_shifted(lon - 0.02, lat - 0.02)
    )
    for forward, inverse in pairs:
        back_lon, back_lat = inverse(*forward(lon, lat))
        off_m = np.hypot(back_lon - lon, back_lat - lat) * M_PER_DEGREE
        assert (off_m[inside] < 0.01).all()
        again = forward(*inverse(lon, lat))
        off_m = np.hypot(again[0] - lon, again[1] - lat) * M_PER_DEGREE
        assert (off_m[inside] < 0.01).all()


@settings(max_examples=50)
@given(lons, lats)
def test_that_a_shift_in_china_is_some_hundred_metres(lon, lat):
    lat = lat[: len(lon)]
    shifted = crs.is_shifted(lon, lat)
    east, north = crs.wgs84_to_gcj02(lon, lat)
    off_m = np.hypot((east - lon) * np.cos(np.radians(lat)), north - lat) * M_PER_DEGREE
    assert (off_m[shifted] > 1).all() and (off_m[shifted] < 1500).all()
    assert (off_m[~shifted] == 0).all()


@pytest.mark.parametrize(
    "lon, lat", [(-71.1, 42.37), (139.7, 35.7), (121.5, 25.0), (0.0, 0.0), (2.35, 48.85)]
)
def test_that_nothing_is_shifted_where_services_do_not_shift(lon, lat):
    assert crs.wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert crs.gcj02_to_wgs84(lon, lat) == (lon, lat)


def test_that_missing_coordinates_stay_missing_and_shapes_are_kept():
    lon, lat = np.array([[116.4, np.nan], [121.5, 104.0]]), np.array([[39.9, np.nan], [31.2, 30.6]])
    for transform in (
        crs.wgs84_to_gcj02,
        crs.gcj02_to_wgs84,
        crs.wgs84_to_bd09,
        crs.bd09_to_wgs84,
        crs.wgs84_to_bd09mc,
    ):
        east, north = transform(lon, lat)
        assert east.shape == (2, 2)
        assert np.isnan(east[0, 1]) and np.isnan(north[0, 1])
        assert np.isfinite(east[1]).all()


@pytest.mark.shared
def test_that_baidus_heat_points_of_wangfujing_come_to_wangfujing(shared):
    import pandas as pd

    points = pd.read_csv(shared / "data/china_samples/wangfujing_heat_bd09mc.csv.zip", nrows=2000)
    lon, lat = crs.bd09mc_to_wgs84(points.lng, points.lat)
    assert np.median(lon) == pytest.approx(116.41, abs=0.03)
    assert np.median(lat) == pytest.approx(39.91, abs=0.03)
