"""The shifted coordinates of Chinese map services: GCJ-02 (Amap, Tencent), BD-09 and BD-09 Mercator (Baidu).

Arrays in, arrays out, degrees (BD-09 Mercator: its own metres). WGS84 and CGCS2000 differ by centimetres and are
treated as the same datum. The formulas are the openly known ones; every inverse is solved on the forward formula, so
that forward(inverse(p)) returns p within 0.01 m. Where a map service does not shift (see `is_shifted`), GCJ-02
equals WGS84 in both directions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
LonLat = tuple[Floats, Floats]

# Rectangles (west, south, east, north) that approximate where services shift, and those inside that they leave out.
_SHIFTED: Final = (
    (79.446200, 42.889900, 96.330000, 49.220400),
    (109.687200, 39.374200, 135.000200, 54.141500),
    (73.124600, 29.529700, 124.143255, 42.889900),
    (82.968400, 26.718600, 97.035200, 29.529700),
    (97.025300, 20.414096, 124.367395, 29.529700),
    (107.975793, 17.871542, 111.744104, 20.414096),
)
_NOT_SHIFTED: Final = (
    (119.921265, 21.785006, 122.497559, 25.398623),
    (101.865200, 20.098800, 106.665000, 22.284000),
    (106.452500, 20.487800, 108.051000, 21.542200),
    (109.032300, 50.325700, 119.127000, 55.817500),
    (127.456800, 49.557400, 137.022700, 55.817500),
    (131.266200, 42.569200, 137.022700, 44.892200),
)

# Krasovsky 1940, the ellipsoid the GCJ-02 formula is written on.
_AXIS_M: Final = 6378245.0
_ECCENTRICITY2: Final = 0.00669342162296594323

_DEGREES_001_MM: Final = 1e-10  # about 0.01 mm on the ground
_ROUNDS: Final = 20


def is_shifted(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether map services shift the WGS84 points (`lon`, `lat`); an outline of rectangles, good to some kilometres."""
    at_lon, at_lat = _pair(lon, lat)
    return _inside(_SHIFTED, at_lon, at_lat) & ~_inside(_NOT_SHIFTED, at_lon, at_lat)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees of WGS84 (or CGCS2000) degrees; arrays of any one shape."""
    lon, lat = _pair(lon, lat)
    east, north = _gcj02_shift(lon, lat)
    shifted = is_shifted(lon, lat)
    return np.where(shifted, lon + east, lon), np.where(shifted, lat + north, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS84 degrees of GCJ-02 degrees.

    Solved by iteration; `wgs84_to_gcj02` of the answer is the given point within 0.01 mm, but for points within
    a kilometre of the outline of `is_shifted`, where services themselves do not agree.
    """
    lon, lat = _pair(lon, lat)

    def forward(at_lon: Floats, at_lat: Floats) -> LonLat:
        east, north = _gcj02_shift(at_lon, at_lat)
        return at_lon + east, at_lat + north

    back_lon, back_lat = _solve(forward, lon, lat)
    shifted = is_shifted(lon, lat)
    return np.where(shifted, back_lon, lon), np.where(shifted, back_lat, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 degrees of GCJ-02 degrees."""
    lon, lat = _pair(lon, lat)
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees of BD-09 degrees; `gcj02_to_bd09` of the answer is the given point within 0.01 mm."""
    lon, lat = _pair(lon, lat)
    return _solve(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 degrees of WGS84 degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS84 degrees of BD-09 degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def bd09mc_to_bd09(x: ArrayLike, y: ArrayLike) -> LonLat:
    """BD-09 degrees of BD-09 Mercator metres (Baidu's banded polynomials)."""
    x, y = _pair(x, y)
    table = _MC_TO_LL[np.searchsorted(_MC_BANDS, np.abs(y), side="right") - 1]
    lon = np.copysign(table[..., 0] + table[..., 1] * np.abs(x), x)
    share = np.abs(y) / table[..., 9]
    return lon, np.copysign(_polynomial(table[..., 2:9], share), y)


def bd09_to_bd09mc(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 Mercator metres of BD-09 degrees (|lat| ≤ 74); `bd09mc_to_bd09` of the answer is the given point."""
    lon, lat = _pair(lon, lat)
    clipped = np.clip(np.abs(lat), 0.0, 74.0)
    table = _LL_TO_MC[np.searchsorted(_LL_BANDS, clipped, side="right") - 1]
    x = np.copysign(table[..., 0] + table[..., 1] * np.abs(lon), lon)
    y = np.copysign(_polynomial(table[..., 2:9], clipped / table[..., 9]), lat)
    for _ in range(4):  # Baidu's two tables agree to decimetres only; bd09mc_to_bd09 is the one to trust
        lon_there, lat_there = bd09mc_to_bd09(x, y)
        x += (lon - lon_there) * table[..., 1]
        y += (np.copysign(clipped, lat) - lat_there) / _degrees_per_metre(y)
    return x, y


def bd09mc_to_wgs84(x: ArrayLike, y: ArrayLike) -> LonLat:
    """WGS84 degrees of BD-09 Mercator metres."""
    return bd09_to_wgs84(*bd09mc_to_bd09(x, y))


def wgs84_to_bd09mc(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 Mercator metres of WGS84 degrees."""
    return bd09_to_bd09mc(*wgs84_to_bd09(lon, lat))


def _inside(
    boxes: tuple[tuple[float, float, float, float], ...], lon: Floats, lat: Floats
) -> NDArray[np.bool_]:
    hit = np.zeros(lon.shape, dtype=bool)
    for west, south, east, north in boxes:
        hit |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return hit


def _pair(first: ArrayLike, second: ArrayLike) -> LonLat:
    a, b = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
    return a, b


def _solve(forward: Callable[[Floats, Floats], LonLat], lon: Floats, lat: Floats) -> LonLat:
    """Fixed point of `p -> p + (target - forward(p))`; the shifts change by 1e-3 of a step, so it converges fast."""
    at_lon, at_lat = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(at_lon, at_lat)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        at_lon += step_lon
        at_lat += step_lat
        worst = max(np.nanmax(np.abs(step_lon), initial=0.0), np.nanmax(np.abs(step_lat), initial=0.0))
        if not worst > _DEGREES_001_MM:
            break
    return at_lon, at_lat


def _gcj02_shift(lon: Floats, lat: Floats) -> LonLat:
    """Degrees to add to WGS84 to get GCJ-02, wherever the point lies."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(phi)
    return np.degrees(east / parallel_m), np.degrees(north / meridian_m)


def _polynomial(coefficients: Floats, at: Floats) -> Floats:
    """Σ coefficients[..., k] · at**k, by Horner's rule."""
    total = np.zeros_like(at)
    for k in range(coefficients.shape[-1] - 1, -1, -1):
        total = total * at + coefficients[..., k]
    return total


def _degrees_per_metre(y: Floats) -> Floats:
    """Derivative of the latitude by BD-09 Mercator y."""
    table = _MC_TO_LL[np.searchsorted(_MC_BANDS, np.abs(y), side="right") - 1]
    slopes = table[..., 3:9] * np.arange(1.0, 7.0)
    return _polynomial(slopes, np.abs(y) / table[..., 9]) / table[..., 9]


# Baidu's tables, bands from the equator to the pole.
_MC_BANDS: Final = np.array([0.0, 1678043.12, 3481989.83, 5591021.0, 8362377.87, 12890594.86])
_MC_TO_LL: Final = np.array(
    [
        [2.890871144776878e-9, 0.000008983055095805407, -3.068298e-8, 7.47137025468032, -0.00000353937994,
         -0.02145144861037, -0.00001234426596, 0.00010322952773, -0.00000323890364, 826088.5],
        [3.09191371068437e-9, 0.000008983055096812155, 0.00006995724062, 23.10934304144901, -0.00023663490511,
         -0.6321817810242, -0.00663494467273, 0.03430082397953, -0.00466043876332, 2555164.4],
        [-1.981981304930552e-8, 0.000008983055099779535, 0.03278182852591, 40.31678527705744, 0.65659298677277,
         -4.44255534477492, 0.85341911805263, 0.12923347998204, -0.04625736007561, 4482777.06],
        [-3.030883460898826e-8, 0.00000898305509983578, 0.30071316287616, 59.74293618442277, 7.357984074871,
         -25.38371002664745, 13.45380521110908, -3.29883767235584, 0.32710905363475, 6856817.37],
        [-7.435856389565537e-9, 0.000008983055097726239, -0.78625201886289, 96.32687599759846, -1.85204757529826,
         -59.36935905485877, 47.40033549296737, -16.50741931063887, 2.28786674699375, 10260144.86],
        [1.410526172116255e-8, 0.00000898305509648872, -1.9939833816331, 200.9824383106796, -187.2403703815547,
         91.6087516669843, -23.38765649603339, 2.57121317296198, -0.03801003308653, 17337981.2],
    ]
)  # fmt: skip
_LL_BANDS: Final = np.array([0.0, 15.0, 30.0, 45.0, 60.0, 75.0])
_LL_TO_MC: Final = np.array(
    [
        [-0.0003218135878613132, 111320.7020701615, 0.00369383431289, 823725.6402795718, 0.46104986909093,
         2351.343141331292, 1.58060784298199, 8.77738589078284, 0.37238884252424, 7.45],
        [-0.0003441963504368392, 111320.7020576856, 278.2353980772752, 2485758.690035394, 6070.750963243378,
         54821.18345352118, 9540.606633304236, -2710.55326746645, 1405.483844121726, 22.5],
        [0.00220636496208, 111320.7020209128, 51751.86112841131, 3796837.749470245, 992013.7397791013,
         -1221952.21711287, 1340652.697009075, -620943.6990984312, 144416.9293806241, 37.5],
        [0.00337398766765, 111320.7020202162, 4481351.045890365, -23393751.19931662, 79682215.47186455,
         -115964993.2797253, 97236711.15602145, -43661946.33752821, 8477230.501135234, 52.5],
        [0.0008277824516172526, 111320.7020463578, 647795574.6671607, -4082003173.641316, 10774905663.51142,
         -15171875531.51559, 12053065338.62167, -5124939663.577472, 913311935.9512032, 67.5],
        [-0.0015702102444, 111320.7020616939, 1704480524535203.0, -10338987376042340.0, 26112667856603880.0,
         -35149669176653700.0, 26595700718403920.0, -10725012454188240.0, 1800819912950474.0, 82.5],
    ]
)  # fmt: skip
