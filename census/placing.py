"""Where is this survey? The reference system by evidence, and every feature on the city's plane.

The file's own word is the first witness. It is believed unless the coordinates speak against it: points that miss the
city altogether, or that miss the cells which the surveyor wrote beside them, while another reading hits them. Such a
correction is a finding with both systems in it, never silent. Without a city to look at, ranges decide (degrees,
zone numbers before the eastings), and what stays open is refused with `--crs` as the remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from census.tables import Flags, Floats, Ints, Note, Objects, SourceTable
from gis import crs as planes
from kernel.errors import Refused

Xy = tuple[Floats, Floats]
_SAMPLE: Final = 4_000
_SURE: Final = 0.5  # share of points that must lie in the city for a reading to be believed
_BETTER: Final = (
    3  # this many fewer points must miss their cells, and half as many at most, to believe another
)
_OLD_DATUMS: Final = ("Beijing 1954", "Xian 1980", "New Beijing")

# Coordinates of map services: the way back to WGS84, and the error of it in metres, as services round.
_SHIFTED: Final[dict[str, tuple[Callable[[Floats, Floats], Xy], float]]] = {
    "GCJ-02": (planes.gcj02_to_wgs84, 0.5),
    "BD-09": (planes.bd09_to_wgs84, 1.0),
    "BD-09MC": (planes.bd09mc_to_wgs84, 1.0),
}
_IN_DEGREES: Final = ("GCJ-02", "BD-09")


@dataclass(frozen=True)
class City:
    """What is known of the place: its plane (0: none yet), bounds in it, and which cell a point lies in.

    `bounds`: xmin, ymin, xmax, ymax in metres or None. `missed(x, y, rows)` counts the sampled rows of the layer that
    do not lie in the cell written beside them; None where too little is written to tell.
    """

    plane: int
    bounds: tuple[float, float, float, float] | None = None
    missed: Callable[[Floats, Floats, Ints], int | None] = field(default=lambda x, y, rows: None)


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
            x, y = _SHIFTED[self.source][0](x, y)
            return planes.to_plane((x, y), planes.WGS84, plane)
        return planes.to_plane((x, y), self.source, plane)


@dataclass(frozen=True)
class Placed:
    """A layer on the plane: representative points, geometries of lines and areas, the system that was believed.

    `system` is None for a layer without a single coordinate.
    """

    x: Floats
    y: Floats
    shapes: Objects | None
    plane: int
    system: System | None
    notes: tuple[Note, ...]


def place(table: SourceTable, city: City, given: str = "") -> Placed:
    """`table` on the city's plane, or on a fitting one where the city has none.

    `given`: what the user says (`EPSG` number, authority text, WKT, `GCJ-02`, `BD-09`), believed without asking.
    Raises `Refused` when no system can be found, naming the file and `--crs`.
    """
    usable = np.isfinite(table.x) & np.isfinite(table.y) & ~((table.x == 0) & (table.y == 0))
    rows = np.flatnonzero(usable)
    if not len(rows):
        nothing = np.full(len(table), np.nan)
        return Placed(nothing, nothing.copy(), table.shapes, city.plane, None, ())
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    system, notes = _believed(table, city, given, sample)
    notes += _old_datum(system)
    plane = city.plane or _fitting_plane(table, system, sample)
    return _moved(table, system, plane, notes)


def _moved(table: SourceTable, system: System, plane: int, notes: list[Note]) -> Placed:
    if table.shapes is None:
        x, y = system.to(plane, table.x, table.y)
        return Placed(x, y, None, plane, system, tuple(notes))

    def move(points: Floats) -> Floats:
        return np.column_stack(system.to(plane, points[:, 0], points[:, 1]))

    shapes = shapely.transform(table.shapes, move)
    valid = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    inside = np.full(len(shapes), None, dtype=object)
    inside[valid] = shapely.point_on_surface(shapes[valid])
    return Placed(shapely.get_x(inside), shapely.get_y(inside), shapes, plane, system, tuple(notes))


def _believed(table: SourceTable, city: City, given: str, sample: Ints) -> tuple[System, list[Note]]:
    if given:
        return _given_system(given), _shift_notes(given)
    declared = _declared(table)
    if city.bounds is None or not city.plane:
        return _by_ranges(table, city, declared, sample)
    return _by_city(table, city, declared, sample)


def _given_system(given: str) -> System:
    name = _shifted_name(given)
    if name:
        return System(name, name)
    known = planes.system(int(given) if given.isdigit() else given)
    return System(_named(known), known)


def _shifted_name(given: str) -> str:
    """`GCJ-02` and its like, however it is spelled; `""` for anything else."""
    plain = given.upper().replace("-", "").replace("_", "").replace(" ", "")
    return next((name for name in _SHIFTED if name.replace("-", "") == plain), "")


def _old_datum(system: System) -> list[Note]:
    """Planes of Beijing 54 and Xi'an 80 need the city's own parameters to be carried over exactly."""
    datum = "" if isinstance(system.source, str) or system.source.datum is None else system.source.datum.name
    return [Note("old_datum", system.name)] if any(word in datum for word in _OLD_DATUMS) else []


def _shift_notes(name: str) -> list[Note]:
    known = _shifted_name(name)
    return [Note("shifted_datum", f"{known}: ±{_SHIFTED[known][1]} m")] if known else []


def _declared(table: SourceTable) -> System | None:
    if table.lonlat_fields or not table.declared_crs:
        return System("EPSG:4326", planes.system(planes.WGS84)) if table.lonlat_fields else None
    try:
        known = pyproj.CRS.from_user_input(table.declared_crs)
    except CRSError:
        return None
    number = _number(known)
    return System(f"EPSG:{number}", planes.system(number)) if number else System(str(known.name), known)


def _number(known: pyproj.CRS) -> int | None:
    """The EPSG number of `known`, so that ESRI's spelling of a plane is the plane itself."""
    return known.to_epsg(min_confidence=70)


def _named(known: pyproj.CRS) -> str:
    """`EPSG:4548` where the system is one, else its own name."""
    number = _number(known)
    return f"EPSG:{number}" if number else str(known.name)


# ---------------------------------------------------------------- against the city


@dataclass(frozen=True)
class _Witness:
    """How well a reading fits: share of points in the city, number of points that miss the cells beside them."""

    system: System
    inside: float
    missed: int | None

    def beats(self, other: _Witness) -> bool:
        """Whether this reading hits the written cells clearly better than `other`."""
        if self.missed is None or other.missed is None:
            return False
        return self.missed + _BETTER <= other.missed and 2 * self.missed <= other.missed


def _by_city(
    table: SourceTable, city: City, declared: System | None, sample: Ints
) -> tuple[System, list[Note]]:
    first = None if declared is None else _testify(table, city, declared, sample)
    believable = first is not None and first.inside >= _SURE
    if first is not None and believable and (first.missed or 0) < _BETTER:
        return first.system, []
    others = [_testify(table, city, system, sample) for system in _candidates(table, city, declared, sample)]
    others = [witness for witness in others if witness.inside >= _SURE]
    best = min(others, key=lambda witness: (witness.missed or 0, -witness.inside), default=None)
    if first is not None and believable and (best is None or not best.beats(first)):
        return first.system, []
    if best is not None:
        return best.system, [_correction(declared, best.system)]
    if declared is None or first is None:
        raise _no_system(table)
    return declared, [Note("outside_city", declared.name)] if first.inside == 0 else []


def _testify(table: SourceTable, city: City, system: System, sample: Ints) -> _Witness:
    x, y = system.to(city.plane, table.x[sample], table.y[sample])
    inside = float(_within(city, x, y).mean())
    return _Witness(system, inside, city.missed(x, y, sample) if inside >= _SURE else None)


def _within(city: City, x: Floats, y: Floats) -> Flags:
    if city.bounds is None:
        return np.zeros(len(x), dtype=bool)
    xmin, ymin, xmax, ymax = city.bounds
    margin = max(1_000.0, 0.1 * max(xmax - xmin, ymax - ymin))
    with np.errstate(invalid="ignore"):
        return (x > xmin - margin) & (x < xmax + margin) & (y > ymin - margin) & (y < ymax + margin)


def _candidates(table: SourceTable, city: City, declared: System | None, sample: Ints) -> Iterator[System]:
    """Other ways to read the coordinates, the likeliest first."""
    x, y = table.x[sample], table.y[sample]
    if _are_degrees(x, y) or _are_degrees(y, x):
        lonlat = planes.system(planes.WGS84)
        yield System("EPSG:4326", lonlat)
        yield System("EPSG:4326 (lat, lon)", lonlat, swapped=True)
        for name in _IN_DEGREES:
            yield System(name, name)
        return
    plane = planes.system(city.plane)
    own = f"EPSG:{city.plane}"
    zone = np.floor(np.median(x) / 1e6)
    zone_swapped = np.floor(np.median(y) / 1e6)
    yield System(own, plane)
    yield System(f"{own} (x, y swapped)", plane, swapped=True)
    if zone >= 1:
        yield System(f"{own} (zone {zone:.0f} before the eastings)", plane, shift_x=-zone * 1e6)
    if zone_swapped >= 1:
        yield System(f"{own} (x, y swapped, zone before the eastings)", plane, True, -zone_swapped * 1e6)
    if declared is not None:
        yield System(f"{declared.name} (x, y swapped)", declared.source, swapped=True)
    for number in _neighbour_planes(city.plane):
        yield System(f"EPSG:{number}", planes.system(number))


def _neighbour_planes(plane: int) -> tuple[int, ...]:
    numbers = planes.CGCS2000_3_DEGREE
    return tuple(number for number in (plane - 1, plane + 1) if plane in numbers and number in numbers)


def _are_degrees(lon: Floats, lat: Floats) -> bool:
    return bool(np.mean((np.abs(lon) <= 180) & (np.abs(lat) <= 90)) >= _SURE)


def _correction(declared: System | None, believed: System) -> Note:
    if believed.name in _SHIFTED:
        return Note("wrong_datum", f"{_name(declared)} → {believed.name} (±{_SHIFTED[believed.name][1]} m)")
    if declared is None:
        return Note("missing_crs_file", believed.name)
    return Note(
        "swapped_axes" if believed.swapped else "wrong_crs_file", f"{declared.name} → {believed.name}"
    )


def _name(system: System | None) -> str:
    return "–" if system is None else system.name


# ---------------------------------------------------------------- without a city to look at


def _by_ranges(
    table: SourceTable, city: City, declared: System | None, sample: Ints
) -> tuple[System, list[Note]]:
    x, y = table.x[sample], table.y[sample]
    degrees = _are_degrees(x, y)
    if (
        declared is not None
        and isinstance(declared.source, pyproj.CRS)
        and declared.source.is_geographic == degrees
    ):
        return declared, []
    guess = _guess(x, y, city, degrees)
    if guess is None:
        raise _no_system(table)
    return guess, [_correction(declared, guess)]


def _guess(x: Floats, y: Floats, city: City, degrees: bool) -> System | None:
    if degrees:
        spread = max(np.ptp(x), np.ptp(y))
        tiny = max(np.abs(np.median(x)), np.abs(np.median(y))) < 1
        return None if spread > 20 or tiny else System("EPSG:4326", planes.system(planes.WGS84))
    if _are_degrees(y, x):
        return System("EPSG:4326 (lat, lon)", planes.system(planes.WGS84), swapped=True)
    number = planes.plane_of_prefixed_eastings(x)
    if number is not None:
        return System(f"EPSG:{number}", planes.system(number))
    if not city.plane:
        return None
    own = f"EPSG:{city.plane}"
    if _fits_plane(x, y):
        return System(own, planes.system(city.plane))
    if _fits_plane(y, x):
        return System(f"{own} (x, y swapped)", planes.system(city.plane), swapped=True)
    return None


def _fits_plane(x: Floats, y: Floats) -> bool:
    """Whether eastings and northings are those of a 3-degree plane somewhere in China."""
    return bool(np.mean((x > 150_000) & (x < 850_000) & (y > 300_000) & (y < 6_000_000)) >= 0.9)


def _no_system(table: SourceTable) -> Refused:
    return Refused(
        "{file} does not say its reference system, and its coordinates fit none that is likely here.",
        remedy="Ask the surveyor, and give it with --crs EPSG, for example --crs 4548.",
        file=table.path,
    )


def _fitting_plane(table: SourceTable, system: System, sample: Ints) -> int:
    lon, lat = system.to(planes.WGS84, table.x[sample], table.y[sample])
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not good.any():
        raise _no_system(table)
    return planes.fitting_plane(float(np.median(lon[good])), float(np.median(lat[good])))
