"""The reference systems that Chinese surveys come in: what a file declares, what its coordinates could be.

Gauss-Krüger planes are told by datum, central meridian and whether the zone stands before the eastings, so that any
spelling of a plane, ESRI's or MapInfo's, with an EPSG number or without, is the plane itself. CGCS2000 and WGS84 are
one datum here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from census.reading.tables import Floats, SourceTable
from gis import crs as planes

Xy = tuple[Floats, Floats]

# Coordinates of map services: the way back to WGS84, and the error of it in metres, as services round.
SHIFTED: Final[dict[str, tuple[Callable[[Floats, Floats], Xy], float]]] = {
    "GCJ-02": (planes.gcj02_to_wgs84, 0.5),
    "BD-09": (planes.bd09_to_wgs84, 1.0),
    "BD-09MC": (planes.bd09mc_to_wgs84, 1.0),
}
_IN_DEGREES: Final = ("GCJ-02", "BD-09")
OLD_DATUMS: Final = ("Beijing 1954", "Xian 1980", "New Beijing")

# EPSG numbers of the first plane of each family: 3-degree and 6-degree zones, with and without zone number.
_CGCS2000, _XIAN_80, _BEIJING_54 = "CGCS2000", "Xi'an 80", "Beijing 54"
_FIRST: Final = {
    (_CGCS2000, 3, True): 4513, (_CGCS2000, 3, False): 4534, (_CGCS2000, 6, True): 4491, (_CGCS2000, 6, False): 4502,
    (_XIAN_80, 3, True): 2349, (_XIAN_80, 3, False): 2370, (_XIAN_80, 6, True): 2327, (_XIAN_80, 6, False): 2338,
    (_BEIJING_54, 3, True): 2401, (_BEIJING_54, 3, False): 2422, (_BEIJING_54, 6, True): 21413,
    (_BEIJING_54, 6, False): 21453,
}  # fmt: skip
_WEST: Final = 75  # central meridian of the first zone
_EAST: Final = 135
_OLD_DEGREES: Final = {_XIAN_80: 4610, _BEIJING_54: 4214}
_M_PER_DEGREE: Final = 111_320.0
_NEAR_M: Final = (
    60_000.0  # how far a median may lie from where a plane would put the city, beside the city's own size
)
_UTM_SCALE: Final = 0.9996


@dataclass(frozen=True)
class System:
    """One way to read coordinates: what it is called, and how it gets to the plane."""

    name: str
    source: pyproj.CRS | str
    swapped: bool = False
    shift_x: float = 0.0

    def to(self, plane: int, x: Floats, y: Floats) -> Xy:
        """Coordinates on the plane with the EPSG number `plane`; infinite where they cannot be."""
        if self.swapped:
            x, y = y, x
        x = x + self.shift_x
        if isinstance(self.source, str):
            x, y = SHIFTED[self.source][0](x, y)
            return planes.to_plane((x, y), planes.WGS84, plane)
        return planes.to_plane((x, y), self.source, plane)

    @property
    def on_old_datum(self) -> bool:
        """Whether it rests on Beijing 54 or Xi'an 80, which need the city's own parameters to be carried over."""
        datum = "" if isinstance(self.source, str) or self.source.datum is None else self.source.datum.name
        return any(word in datum for word in OLD_DATUMS)


def by_number(number: int, name: str = "", *, swapped: bool = False) -> System:
    """The system with an EPSG number."""
    plain = name or f"EPSG:{number}"
    return System(f"{plain} (x, y swapped)" if swapped else plain, planes.system(number), swapped)


def given_system(given: str) -> System:
    """What the user says: an EPSG number, authority text, WKT, `GCJ-02`, `BD-09`, `BD-09MC`. Raises `Refused`."""
    name = shifted_name(given)
    if name:
        return System(name, name)
    known = planes.system(int(given) if given.isdigit() else given)
    return System(named(known), known)


def shifted_name(given: str) -> str:
    """`GCJ-02` and its like, however it is spelled; `""` for anything else."""
    plain = given.upper().replace("-", "").replace("_", "").replace(" ", "")
    return next((name for name in SHIFTED if name.replace("-", "") == plain), "")


def declared_system(table: SourceTable) -> System | None:
    """What the file says of itself, None when that is nothing that leads to the earth."""
    if table.lonlat_fields:
        return by_number(planes.WGS84)
    try:
        known = pyproj.CRS.from_user_input(table.declared_crs) if table.declared_crs else None
    except CRSError:
        return None
    if known is None or not (known.is_projected or known.is_geographic):
        return None  # a drawing's own sheet, an engineering grid
    number = epsg_of(known)
    return by_number(number) if number else System(named(known), known)


def epsg_of(known: pyproj.CRS) -> int | None:
    """The EPSG number of `known`: by its definition, or by the parameters of a Gauss-Krüger plane."""
    return known.to_epsg(min_confidence=70) or _gauss_krueger_number(known)


def named(known: pyproj.CRS) -> str:
    """`EPSG:4548` where the system is one, else its own name, else what it is made of."""
    number = epsg_of(known)
    if number:
        return f"EPSG:{number}"
    name = str(known.name)
    meridian = _parameters(known).get("Longitude of natural origin")
    if name.lower() in ("unnamed", "unknown", "") and meridian is not None:
        return f"{_datum(known) or 'unknown datum'}, {meridian:g}° E"
    return name


def _parameters(known: pyproj.CRS) -> dict[str, float]:
    operation = known.coordinate_operation
    found = [] if operation is None else operation.params
    return {each.name: float(each.value) for each in found if not isinstance(each.value, str)}


def _datum(known: pyproj.CRS) -> str:
    ellipsoid = "" if known.ellipsoid is None else known.ellipsoid.name.lower()
    datum = "" if known.datum is None else known.datum.name.lower()
    if "krass" in ellipsoid or "beijing" in datum:
        return _BEIJING_54
    if "xian" in datum or "1975" in ellipsoid or "iag" in ellipsoid:
        return _XIAN_80
    modern = ("cgcs", "china geodetic", "wgs 84", "wgs_1984", "world geodetic")
    return _CGCS2000 if any(word in datum + ellipsoid for word in modern) else ""


def _gauss_krueger_number(known: pyproj.CRS) -> int | None:
    operation, found = known.coordinate_operation, _parameters(known)
    if operation is None or "Transverse Mercator" not in operation.method_name or not planes.is_metric(known):
        return None
    if (
        found.get("Scale factor at natural origin") != 1
        or found.get("Latitude of natural origin")
        or not _datum(known)
    ):
        return None
    meridian, false_easting = found["Longitude of natural origin"], found["False easting"]
    zone, rest = divmod(false_easting, 1_000_000)
    if rest != 500_000 or found.get("False northing"):
        return None
    for width, of_zone in ((3, meridian / 3), (6, (meridian + 3) / 6)):
        if zone in (0, of_zone) and of_zone == int(of_zone):
            number = _number(_datum(known), width, int(meridian), prefixed=zone > 0)
            if number:
                return number
    return None


def _number(datum: str, width: int, meridian: int, *, prefixed: bool) -> int | None:
    place, rest = divmod(meridian - _WEST, width)
    inside = rest == 0 and _WEST <= meridian <= _EAST
    return _FIRST[datum, width, prefixed] + place if inside else None


# ---------------------------------------------------------------- what coordinates could be


@dataclass(frozen=True)
class Around:
    """Where the city is: degrees of its middle, half its width in metres, its plane."""

    lon: float
    lat: float
    reach_m: float
    plane: int


def are_degrees(lon: Floats, lat: Floats, share: float = 0.5) -> bool:
    """Whether at least `share` of the points could be longitude and latitude."""
    return bool(np.mean((np.abs(lon) <= 180) & (np.abs(lat) <= 90)) >= share)


def in_degrees() -> Iterator[System]:
    """Ways to read degrees, the likeliest first."""
    yield by_number(planes.WGS84)
    yield System("EPSG:4326 (lat, lon)", planes.system(planes.WGS84), swapped=True)
    for name in _IN_DEGREES:
        yield System(name, name)
        yield System(f"{name} (lat, lon)", name, swapped=True)


def in_metres(x: Floats, y: Floats, around: Around) -> Iterator[System]:
    """Ways to read metres that put the median near the city, the likeliest first."""
    east, north = float(np.median(x)), float(np.median(y))
    own = planes.system(around.plane)
    for swapped, (e, n) in ((False, (east, north)), (True, (north, east))):
        zone = np.floor(e / 1e6)
        word = "x, y swapped" if swapped else ""
        yield System(f"EPSG:{around.plane} ({word})" if word else f"EPSG:{around.plane}", own, swapped)
        if zone >= 1:
            words = f"{word + ', ' if word else ''}zone {zone:.0f} before the eastings"
            yield System(f"EPSG:{around.plane} ({words})", own, swapped, -zone * 1e6)
        for number in _planes_near(e, n, around, _CGCS2000):
            yield by_number(number, swapped=swapped)
        for name, number in _world_planes(e, n, around):
            system = System(name, name) if not number else by_number(number)
            yield System(f"{name} (x, y swapped)", system.source, True) if swapped else system


def on_old_datums(found: System, x: Floats, y: Floats, around: Around) -> Iterator[System]:
    """The same kind of coordinates on Xi'an 80 and Beijing 54; only cells written beside the points can tell them."""
    if isinstance(found.source, str):
        return
    for datum, degrees in _OLD_DEGREES.items():
        if found.source.is_geographic:
            yield by_number(degrees, swapped=found.swapped)
            continue
        e, n = (y, x) if found.swapped else (x, y)
        for number in _planes_near(float(np.median(e)), float(np.median(n)), around, datum):
            yield by_number(number, swapped=found.swapped)


def _planes_near(east: float, north: float, around: Around, datum: str) -> Iterator[int]:
    """Gauss-Krüger planes of `datum` in which the city lies about where (`east`, `north`) is."""
    reach = around.reach_m + _NEAR_M
    if abs(north - around.lat * _M_PER_DEGREE) > reach:
        return
    for width in (3, 6):
        for meridian in range(_WEST, _EAST + 1, width):
            zone = meridian // 3 if width == 3 else (meridian + 3) // 6
            expected = 500_000 + (around.lon - meridian) * _M_PER_DEGREE * np.cos(np.radians(around.lat))
            for prefixed in (False, True):
                number = _number(datum, width, meridian, prefixed=prefixed)
                if number and abs(east - expected - zone * 1e6 * prefixed) <= reach:
                    yield number


def _world_planes(east: float, north: float, around: Around) -> Iterator[tuple[str, int]]:
    """UTM, web Mercator and Baidu's Mercator, where the city would lie about there."""
    reach = around.reach_m + _NEAR_M
    zone = int((around.lon + 180) // 6) + 1
    meridian = 6 * zone - 183
    expected = 500_000 + (around.lon - meridian) * _M_PER_DEGREE * np.cos(np.radians(around.lat)) * _UTM_SCALE
    if abs(north - around.lat * _M_PER_DEGREE) <= reach and abs(east - expected) <= reach:
        yield f"EPSG:{32600 + zone}", 32600 + zone
    mercator_x, mercator_y = planes.to_plane(
        (np.array([around.lon]), np.array([around.lat])), planes.WGS84, 3857
    )
    stretched = reach / np.cos(np.radians(around.lat))
    if abs(east - mercator_x[0]) <= stretched and abs(north - mercator_y[0]) <= stretched:
        yield "EPSG:3857", 3857
        yield "BD-09MC", 0


def fits_plane(x: Floats, y: Floats) -> bool:
    """Whether eastings and northings are those of a 3-degree plane somewhere in China."""
    return bool(np.mean((x > 150_000) & (x < 850_000) & (y > 300_000) & (y < 6_000_000)) >= 0.9)
