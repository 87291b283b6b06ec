"""Reference systems: the city's plane, the way onto it, and the planes Chinese surveys come in.

A city's plane is a CGCS2000 3-degree Gauss-Krüger plane named by its central meridian (EPSG 4534 … 4554, 75° … 135° E,
false easting 500 km); outside China WGS84 UTM. x is always east, y north (`always_xy`). CGCS2000 and WGS84 are taken as
one datum: they differ by centimetres, less than any survey of components.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError

from gis.shifted_datums import (
    bd09_to_bd09mc,
    bd09_to_gcj02,
    bd09_to_wgs84,
    bd09mc_to_bd09,
    bd09mc_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    is_shifted,
    wgs84_to_bd09,
    wgs84_to_bd09mc,
    wgs84_to_gcj02,
)
from kernel.errors import Refused

__all__ = [
    "CGCS2000_3_DEGREE",
    "WGS84",
    "bd09_to_bd09mc",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "bd09mc_to_bd09",
    "bd09mc_to_wgs84",
    "fitting_plane",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "in_province",
    "is_metric",
    "is_shifted",
    "local_plane",
    "plane_of_prefixed_eastings",
    "system",
    "to_degrees",
    "to_plane",
    "wgs84_to_bd09",
    "wgs84_to_bd09mc",
    "wgs84_to_gcj02",
]

WGS84: Final = 4326
CGCS2000_3_DEGREE: Final = range(4534, 4555)  # central meridians 75, 78 … 135

Floats = NDArray[np.float64]
Xy = tuple[Floats, Floats]
System = int | str | pyproj.CRS
Frame = TypeVar("Frame", gpd.GeoDataFrame, gpd.GeoSeries)

# Rectangles (west, south, east, north) that together cover the country, the southern islands included.
_CHINA: Final = (
    (73.4, 29.5, 96.4, 49.3),
    (96.4, 37.4, 126.0, 43.2),
    (109.6, 39.3, 135.2, 53.7),
    (78.3, 26.7, 124.4, 42.9),
    (97.0, 20.4, 124.4, 29.6),
    (107.9, 17.8, 112.8, 20.5),
    (110.6, 3.4, 117.6, 18.0),
    (119.0, 21.6, 122.6, 26.5),
)

# Rough bounds of provinces (first two digits of a division code) in degrees, rounded outwards.
_PROVINCES: Final = {
    "11": (115.3, 39.3, 117.7, 41.2), "12": (116.6, 38.4, 118.3, 40.4), "13": (113.3, 35.9, 120.0, 42.8),
    "14": (110.1, 34.4, 114.7, 40.9), "15": (97.0, 37.2, 126.3, 53.5), "21": (118.6, 38.3, 126.0, 43.7),
    "22": (121.5, 40.7, 131.5, 46.5), "23": (121.0, 43.2, 135.3, 53.8), "31": (120.7, 30.5, 122.4, 32.0),
    "32": (116.2, 30.6, 122.2, 35.3), "33": (117.9, 26.9, 123.6, 31.4), "34": (114.7, 29.2, 119.8, 34.8),
    "35": (115.7, 23.3, 120.9, 28.5), "36": (113.4, 24.3, 118.6, 30.3), "37": (114.6, 34.2, 123.0, 38.6),
    "41": (110.2, 31.2, 116.8, 36.5), "42": (108.2, 28.9, 116.3, 33.4), "43": (108.6, 24.5, 114.4, 30.3),
    "44": (109.5, 20.0, 117.5, 25.7), "45": (104.3, 20.7, 112.2, 26.6), "46": (107.9, 3.2, 118.0, 20.3),
    "50": (105.1, 28.0, 110.4, 32.4), "51": (97.2, 25.9, 108.7, 34.5), "52": (103.4, 24.5, 109.8, 29.4),
    "53": (97.4, 21.0, 106.4, 29.4), "54": (78.2, 26.7, 99.3, 36.6), "61": (105.3, 31.5, 111.4, 39.8),
    "62": (92.1, 32.4, 109.0, 43.0), "63": (89.2, 31.4, 103.3, 39.4), "64": (104.1, 35.1, 107.9, 39.6),
    "65": (73.3, 34.2, 96.6, 49.4), "71": (118.0, 21.6, 123.7, 26.6), "81": (113.7, 22.0, 114.6, 22.7),
    "82": (113.4, 22.0, 113.8, 22.4),
}  # fmt: skip


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points in degrees lie in China, roughly (rectangles; near the border either answer may come)."""
    return _in_boxes(_CHINA, np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))


def in_province(lon: ArrayLike, lat: ArrayLike, division_code: str) -> NDArray[np.bool_]:
    """Whether points in degrees lie in the rough bounds of the province of `division_code` (its first two digits).

    A check against wrong zones, swapped axes and lost digits, not against a border. A code of no known province
    checks against the whole country.
    """
    box = _PROVINCES.get(division_code[:2])
    return (
        in_china(lon, lat)
        if box is None
        else _in_boxes((box,), np.asarray(lon, float), np.asarray(lat, float))
    )


def fitting_plane(lon: float, lat: float) -> int:
    """EPSG number of the plane for a city around (`lon`, `lat`) in degrees.

    In China the CGCS2000 3-degree plane with the nearest central meridian (4534 … 4554), elsewhere the WGS84 UTM zone
    (326zz north, 327zz south). Raises `ValueError` when the point is not on the earth.
    """
    if not (np.isfinite(lon) and np.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"({lon}, {lat}) is not a longitude and latitude in degrees")
    if bool(in_china(lon, lat)):
        return CGCS2000_3_DEGREE.start + min(max(round(lon / 3) - 25, 0), 20)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def local_plane(lon: float, lat: float) -> pyproj.CRS:
    """A transverse Mercator plane of its own around (`lon`, `lat`), in metres, true at the centre."""
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +x_0=500000 +y_0=500000 +datum=WGS84 +units=m"
    )


def plane_of_prefixed_eastings(x: ArrayLike) -> int | None:
    """EPSG number of the CGCS2000 plane whose zone number stands before the eastings `x`, None when there is none.

    Eastings of eight digits before the point, 39 500 123 m, carry the zone: 25 … 45 are 3-degree zones (EPSG 4513 …
    4533), 13 … 23 are 6-degree zones (EPSG 4491 … 4501). All finite eastings must carry the same zone and lie within
    400 km of its meridian.
    """
    eastings = np.asarray(x, dtype=float).ravel()
    eastings = eastings[np.isfinite(eastings)]
    if eastings.size == 0:
        return None
    zone = int(eastings[0] // 1_000_000)
    if not bool(np.all(np.abs(eastings - zone * 1_000_000 - 500_000) <= 400_000)):
        return None
    if 25 <= zone <= 45:
        return 4513 + zone - 25
    return 4491 + zone - 13 if 13 <= zone <= 23 else None


@lru_cache(maxsize=64)
def _system(source: int | str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(int(source) if str(source).isdigit() else source)
    except CRSError as error:
        raise Refused(
            "{crs} is not a reference system that PROJ knows.",
            remedy="Give an EPSG number, for example 4548 (CGCS2000, 117° E) or 4326 (longitude and latitude).",
            crs=source,
            detail=str(error),
        ) from error


def system(source: System) -> pyproj.CRS:
    """The reference system named by an EPSG number, an authority text or WKT; `Refused` when PROJ does not know it."""
    return source if isinstance(source, pyproj.CRS) else _system(source)


def is_metric(source: System) -> bool:
    """Whether `source` is a plane whose unit is the metre."""
    known = system(source)
    return known.is_projected and all(
        abs(axis.unit_conversion_factor - 1.0) < 1e-9 for axis in known.axis_info[:2]
    )


@lru_cache(maxsize=64)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Every thread opens a transformer anew. PROJ searches its operations for 80 ms; the one it found opens at once."""
    found = pyproj.Transformer.from_crs(source, target, always_xy=True)
    only_one = found.definition.startswith("proj=")  # of several, PROJ chooses for each point
    return pyproj.Transformer.from_pipeline(found.definition) if only_one else found


def to_plane(place: Frame | tuple[ArrayLike, ArrayLike], source: System | None, target: System) -> Frame | Xy:
    """`place` in the system `target`: a frame or series of geometries, or a pair of arrays (x or lon, y or lat).

    `source` may be None for a frame that says its own. Points outside the projection's reach come back as `inf` in
    arrays. Raises `Refused` for a system PROJ does not know and `ValueError` where no source is known.
    """
    if isinstance(place, (gpd.GeoDataFrame, gpd.GeoSeries)):
        return _frame_to_plane(place, source, target)
    if source is None:
        raise ValueError("a pair of arrays needs its source system")
    x, y = (np.asarray(axis, dtype=float) for axis in place)
    start, end = system(source), system(target)
    if start == end:
        return x.copy(), y.copy()
    moved_x, moved_y = _transformer(start, end).transform(x, y)
    return np.asarray(moved_x, dtype=float), np.asarray(moved_y, dtype=float)


def to_degrees(x: ArrayLike, y: ArrayLike, source: System) -> Xy:
    """Longitude and latitude (WGS84 = CGCS2000) in degrees of points in `source`."""
    lon, lat = to_plane((x, y), source, WGS84)
    return lon, lat


def _frame_to_plane(frame: Frame, source: System | None, target: System) -> Frame:
    known = frame.crs if source is None else system(source)
    if known is None:
        raise ValueError("the frame names no system and none was given")
    if frame.crs is None or frame.crs != known:
        frame = frame.set_crs(known, allow_override=True)
    return frame.to_crs(system(target))


def _in_boxes(
    boxes: tuple[tuple[float, float, float, float], ...], lon: Floats, lat: Floats
) -> NDArray[np.bool_]:
    hit = np.zeros(np.broadcast_shapes(lon.shape, lat.shape), dtype=bool)
    for west, south, east, north in boxes:
        hit |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return hit
