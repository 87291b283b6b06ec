"""Where is this survey? The reference system by evidence, and every feature on the city's plane.

The file's own word is the first witness. It is believed unless the coordinates speak against it: points that miss the
city altogether, or that miss the cells which the surveyor wrote beside them, while another reading hits them. Such a
correction is a finding with both systems in it, never silent. Without a city to look at, ranges decide (degrees,
zone numbers before the eastings), and what stays open is refused with `--crs` as the remedy. How sure the answer is,
and what it rests on, is part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj
import shapely

from census import systems
from census.reading.tables import Codes, Flags, Floats, Ints, Note, Objects, SourceTable
from census.systems import SHIFTED, Around, System, declared_system, given_system, shifted_name
from gis import crs as planes
from kernel.errors import Refused

_SAMPLE: Final = 4_000
_SURE: Final = 0.5  # share of points that must lie in the city for a reading to be believed
_BETTER: Final = 3  # so many fewer points must miss their cells, and half as many at most, to believe another
_APART_M: Final = 5.0  # readings that put the points closer together than this are no rivals
_EVEN: Final = 0.02  # and those whose share of points on the city's ground is this much lower are beaten
_DOUBT: Final = 0.03
_NEARLY_ALL: Final = 0.9  # points that look like degrees: then the layer is in no metres
_ENOUGH: Final = 200
_FEW: Final = 50  # rows with a cell beside them, that they say something

Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class City:
    """What is known of the place: its plane (0: none yet), bounds in it, and which cell a point lies in.

    `bounds`: xmin, ymin, xmax, ymax in metres or None. `cell_at(x, y)`: number of the cell that each point lies in, -1
    for none; None where the ground is not known better than by its bounds. `written`: for each row of the layer the
    number of the cell written beside it, -1 for none; None where nothing is written.
    """

    plane: int
    bounds: tuple[float, float, float, float] | None = None
    cell_at: Callable[[Floats, Floats], Codes] | None = None
    written: Codes | None = None

    @property
    def around(self) -> Around:
        """The middle of the city in degrees, and its reach."""
        assert self.bounds is not None
        xmin, ymin, xmax, ymax = self.bounds
        lon, lat = planes.to_degrees(np.array([(xmin + xmax) / 2]), np.array([(ymin + ymax) / 2]), self.plane)
        return Around(float(lon[0]), float(lat[0]), max(xmax - xmin, ymax - ymin) / 2, self.plane)


@dataclass(frozen=True)
class Belief:
    """The system that is believed, how surely (0 … 1), what that rests on (English), and what there is to say."""

    system: System
    certainty: float
    evidence: str
    notes: tuple[Note, ...] = ()


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
    certainty: float = 1.0
    evidence: str = "no coordinates"


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
    belief = _believed(table, city, given, sample)
    plane = city.plane or _fitting_plane(table, belief.system, sample)
    return _moved(table, belief, plane)


def _moved(table: SourceTable, belief: Belief, plane: int) -> Placed:
    system = belief.system
    notes = (*belief.notes, *([Note("old_datum", system.name)] if system.on_old_datum else []))
    if table.shapes is None:
        x, y = system.to(plane, table.x, table.y)
        return Placed(x, y, None, plane, system, notes, belief.certainty, belief.evidence)

    def move(points: Floats) -> Floats:
        return np.column_stack(system.to(plane, points[:, 0], points[:, 1]))

    shapes = shapely.transform(table.shapes, move)
    valid = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    inside = np.full(len(shapes), None, dtype=object)
    inside[valid] = shapely.point_on_surface(shapes[valid])
    x, y = shapely.get_x(inside), shapely.get_y(inside)
    return Placed(x, y, shapes, plane, system, notes, belief.certainty, belief.evidence)


def _believed(table: SourceTable, city: City, given: str, sample: Ints) -> Belief:
    if given:
        name = shifted_name(given)
        said = (Note("shifted_datum", f"{name}: ±{SHIFTED[name][1]} m"),) if name else ()
        return Belief(given_system(given), 1.0, "given by the user", said)
    declared = declared_system(table)
    if city.bounds is None or not city.plane:
        return _by_ranges(table, city, declared, sample)
    return _by_city(table, city, declared, sample)


# ---------------------------------------------------------------- against the city


@dataclass(frozen=True)
class _Witness:
    """How well a reading fits: share of points in the city, number of points that miss the cells beside them, the
    sampled points on the city's plane, and their share on the city's ground."""

    system: System
    inside: float
    missed: int | None
    at: Pair
    covered: float = 0.0

    def beats(self, other: _Witness) -> bool:
        """Whether this reading hits the written cells clearly better than `other`."""
        if self.missed is None or other.missed is None:
            return False
        return self.missed + _BETTER <= other.missed and 2 * self.missed <= other.missed

    def apart_from(self, other: _Witness) -> bool:
        """Whether the two readings put the points in different places."""
        distance = np.hypot(self.at[0] - other.at[0], self.at[1] - other.at[1])
        return bool(np.nanmedian(distance) > _APART_M)


def _by_city(table: SourceTable, city: City, declared: System | None, sample: Ints) -> Belief:
    first = None if declared is None else _testify(table, city, declared, sample)
    believable = first is not None and first.inside >= _SURE
    if first is not None and believable and first.missed is not None and first.missed < _BETTER:
        return Belief(first.system, 0.99, "declared, and the points lie in the cells written beside them")
    x, y = table.x[sample], table.y[sample]
    others = _fitting(table, city, _others(x, y, city, declared), sample)
    if others and others[0].missed:
        old = systems.on_old_datums(others[0].system, x, y, city.around)
        better = [each for each in _fitting(table, city, old, sample) if each.beats(others[0])]
        others = better + others
    best = others[0] if others else None
    if first is not None and believable and (best is None or not best.beats(first)):
        return _kept(first, others, city)
    if best is not None:
        return _corrected(declared, best, others)
    if declared is None or first is None:
        raise _no_system(table)
    away = (Note("outside_city", declared.name),) if first.inside == 0 else ()
    return Belief(declared, 0.3, "declared, but the points lie outside the city", away)


def _others(x: Floats, y: Floats, city: City, declared: System | None) -> Iterable[System]:
    """Other ways to read the coordinates, the likeliest first."""
    if systems.are_degrees(x, y) or systems.are_degrees(y, x):
        yield from systems.in_degrees()
        return
    yield from systems.in_metres(x, y, city.around)
    if declared is not None:
        yield System(f"{declared.name} (x, y swapped)", declared.source, swapped=True)


def _fitting(table: SourceTable, city: City, readings: Iterable[System], sample: Ints) -> list[_Witness]:
    """Those of `readings` that put most points in the city, the best first; of equal ones the first."""
    found = [_testify(table, city, system, sample) for system in readings]
    found = [witness for witness in found if witness.inside >= _SURE]
    return sorted(found, key=lambda witness: (witness.missed or 0, -round(witness.covered / _EVEN)))


def _testify(table: SourceTable, city: City, system: System, sample: Ints) -> _Witness:
    x, y = system.to(city.plane, table.x[sample], table.y[sample])
    inside = float(_within(city, x, y).mean())
    if inside < _SURE or city.cell_at is None:
        return _Witness(system, inside, None, (x, y), inside)
    cell = city.cell_at(x, y)
    missed = None if city.written is None else _missed(city.written[sample], cell, x, y)
    return _Witness(system, inside, missed, (x, y), float((cell >= 0).mean()))


def _missed(written: Codes, cell: Codes, x: Floats, y: Floats) -> int | None:
    """How many points do not lie in the cell written beside them; None where too little is written to tell."""
    known = (written >= 0) & np.isfinite(x) & np.isfinite(y)
    if known.sum() < min(_FEW, len(written) / 2):
        return None
    return int((known & (cell != written)).sum())


def _within(city: City, x: Floats, y: Floats) -> Flags:
    if city.bounds is None:
        return np.zeros(len(x), dtype=bool)
    xmin, ymin, xmax, ymax = city.bounds
    margin = max(1_000.0, 0.1 * max(xmax - xmin, ymax - ymin))
    with np.errstate(invalid="ignore"):
        return (x > xmin - margin) & (x < xmax + margin) & (y > ymin - margin) & (y < ymax + margin)


def _kept(first: _Witness, others: list[_Witness], city: City) -> Belief:
    """The declared system stays; where nothing is written beside the points, one that fits much better is named."""
    if first.missed is not None:
        share = 1 - first.missed / max(1, len(first.at[0]))
        return Belief(
            first.system, round(0.5 + share / 2, 2), "declared, and most points lie in the cells beside them"
        )
    rival = max(others, key=lambda each: each.covered, default=None)
    doubted = rival is not None and rival.covered >= first.covered + _DOUBT and rival.apart_from(first)
    if rival is not None and doubted and len(first.at[0]) >= _ENOUGH:
        note = Note(
            "doubtful_crs",
            f"{first.system.name} {first.covered:.0%}, {rival.system.name} {rival.covered:.0%}",
        )
        return Belief(
            first.system, 0.5, "declared, but another system puts more points on the city's ground", (note,)
        )
    return Belief(first.system, 0.9, "declared, and the points lie in the city")


def _corrected(declared: System | None, best: _Witness, others: list[_Witness]) -> Belief:
    notes = [_correction(declared, best.system)]
    if best.missed is not None:
        share = 1 - best.missed / max(1, len(best.at[0]))
        return Belief(
            best.system,
            round(0.98 * share, 2),
            "the points lie in the cells written beside them",
            tuple(notes),
        )
    rivals = [
        each.system.name for each in others if best.covered - each.covered < _EVEN and each.apart_from(best)
    ]
    if not rivals and not isinstance(best.system.source, str):
        words = "only so the points lie in the city; whether the datum is an older one cannot be told"
        return Belief(best.system, 0.7, words, tuple(notes))
    if not rivals:
        return Belief(best.system, 0.8, "only so the points lie in the city", tuple(notes))
    notes.append(Note("ambiguous_crs", f"{best.system.name}; {', '.join(dict.fromkeys(rivals))}"))
    return Belief(best.system, 0.5, "the points lie in the city, but also otherwise", tuple(notes))


def _correction(declared: System | None, believed: System) -> Note:
    name = "–" if declared is None else declared.name
    if isinstance(believed.source, str):
        return Note("wrong_datum", f"{name} → {believed.name} (±{SHIFTED[believed.source][1]} m)")
    if declared is None:
        return Note("missing_crs_file", believed.name)
    return Note("swapped_axes" if believed.swapped else "wrong_crs_file", f"{name} → {believed.name}")


# ---------------------------------------------------------------- without a city to look at


def _by_ranges(table: SourceTable, city: City, declared: System | None, sample: Ints) -> Belief:
    x, y = table.x[sample], table.y[sample]
    if declared is not None and _plausible(declared, x, y):
        return Belief(declared, 0.7, "declared; there is no city to compare with")
    turned = declared and System(f"{declared.name} (x, y swapped)", declared.source, swapped=True)
    if turned and _plausible(turned, x, y):
        return Belief(turned, 0.6, "turned round, the points lie where the declared system is used",
                      (_correction(declared, turned),))  # fmt: skip
    guess = _guess(x, y, city)
    if guess is not None:
        return Belief(guess, 0.4, "by the range of the coordinates alone", (_correction(declared, guess),))
    if declared is None or isinstance(declared.source, str) or declared.source.is_geographic:
        raise _no_system(table)
    return Belief(declared, 0.3, "declared, but the points lie far from where it is used",
                  (Note("outside_use", declared.name),))  # fmt: skip


def _plausible(system: System, x: Floats, y: Floats) -> bool:
    """Whether most points lie on the earth, and about where the system is meant to be used."""
    if system.swapped:
        x, y = y, x
    if isinstance(system.source, pyproj.CRS):
        geographic = system.source.is_geographic
        if systems.are_degrees(x, y, _SURE if geographic else _NEARLY_ALL) != geographic:
            return False
    lon, lat = System(system.name, system.source).to(planes.WGS84, x, y)
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    area = None if isinstance(system.source, str) else system.source.area_of_use
    if good.mean() < _SURE or area is None or area.west > area.east:
        return bool(good.mean() >= _SURE)
    margin = max(3.0, area.east - area.west)
    near = (
        (lon > area.west - margin)
        & (lon < area.east + margin)
        & (lat > area.south - 5)
        & (lat < area.north + 5)
    )
    return bool(near[good].mean() >= _SURE)


def _guess(x: Floats, y: Floats, city: City) -> System | None:
    if systems.are_degrees(x, y):
        spread = max(np.ptp(x), np.ptp(y))
        tiny = max(np.abs(np.median(x)), np.abs(np.median(y))) < 1
        return None if spread > 20 or tiny else systems.by_number(planes.WGS84)
    if systems.are_degrees(y, x):
        return System("EPSG:4326 (lat, lon)", planes.system(planes.WGS84), swapped=True)
    for swapped, eastings in ((False, x), (True, y)):
        number = planes.plane_of_prefixed_eastings(eastings)
        if number is not None and _plausible(systems.by_number(number, swapped=swapped), x, y):
            return systems.by_number(number, swapped=swapped)
    if not city.plane:
        return None
    if systems.fits_plane(x, y):
        return systems.by_number(city.plane)
    return systems.by_number(city.plane, swapped=True) if systems.fits_plane(y, x) else None


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
