"""The city's long streets: rings, radials, core axes and what connects them.

All lines are designed in plan space and placed on the ground here; what crosses what is found later by noding
(`gis.demo_city.faces`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely

from gis.demo_city.lines import Line, dense, on_ground, overshot, smooth
from gis.demo_city.plan import NORTH_STRETCH, Array, Plan, ring_point, side_s, stage_rng
from gis.demo_city.waters import Waters, draw_railway, draw_waters

FARTHEST_APART_M: Final = 1320.0  # two radials, before another begins between them


@dataclass(frozen=True)
class Network:
    """Long lines of all kinds, the waters among them, and the railway."""

    lines: tuple[Line, ...]
    waters: Waters
    railway: shapely.LineString


def draw_network(plan: Plan) -> Network:
    """All long lines of the city; they reach beyond its border."""
    rng = stage_rng(plan.seed, "network")
    waters, railway = draw_waters(plan), draw_railway(plan)
    radials = _radials(plan)
    lines = [*waters.lines, Line("rail", railway, "railway")]
    lines += [*_rings(plan), *_axes_and_radials(plan, radials), *_between(plan, radials, rng)]
    shapely.prepare(waters.river)
    kept = [part for line in lines for part in _keep_off_the_river(line, waters)]
    return Network(tuple(kept), waters, railway)


# ---- rings, axes, radials ----------------------------------------------------------------------------------------


def _rings(plan: Plan) -> Iterator[Line]:
    s = np.linspace(0, 1, 721)
    for level, radius in enumerate(plan.rings_m[:-1]):
        ring = smooth(ring_point(s, np.full(len(s), radius)), closed=True)
        placed = plan.place(ring)
        kind = "expressway" if level == 1 or (level > 2 and level % 3 == 1) else "main"
        for side, name in enumerate(("east", "north", "west", "south")):
            first = (side * 180 - 90) % 720
            rows = np.arange(first, first + 181) % 720
            yield Line(kind, shapely.LineString(placed[rows]), f"ring:{level}:{name}")


def core_shares(plan: Plan) -> tuple[float, ...]:
    """Where the core's straight streets meet its ring, as shares of a side's half length."""
    return (-0.5, 0.0, 0.5) if plan.rings_m[0] > 600 else (0.0,)


class Radial(NamedTuple):
    """A street that leads outward at `s` (see `plan.ring_point`) from the ring number `first` on."""

    s: float
    first: int
    kind: str


def _radials(plan: Plan) -> list[Radial]:
    """All radials by `s`; further out more of them begin, so that they never lie far apart."""
    core = plan.rings_m[0]
    out = [Radial(k / 8, 0, "main") for k in range(8)]
    aside = [share for share in core_shares(plan) if share]
    out += [Radial(side_s(k, share, core) % 1, 0, "secondary") for k in range(4) for share in aside]
    for level in range(1, len(plan.rings_m) - 1):
        known = sorted(radial.s for radial in out)
        for a, b in zip(known, [*known[1:], known[0] + 1], strict=True):
            ends = ring_point(np.array([a, b]), np.full(2, plan.rings_m[level]))
            if np.hypot(*(ends[1] - ends[0])) > FARTHEST_APART_M:
                out.append(Radial((a + b) / 2 % 1, level, "secondary" if level % 2 else "main"))
    return sorted(out)


def _axes_and_radials(plan: Plan, radials: list[Radial]) -> Iterator[Line]:
    core = plan.rings_m[0]
    through: set[float] = set()
    for share in core_shares(plan):
        kind = "secondary" if share else "main"
        for side in (0, 1):
            near, far = side_s(side, share, core) % 1, side_s(side + 2, -share, core) % 1
            through |= {round(near, 9), round(far, 9)}
            whole = np.vstack([_radial(plan, near, 0)[::-1], _radial(plan, far, 0)])
            yield Line(kind, on_ground(plan, smooth(dense(whole))), f"axis:{side}:{share}")
    for s, level, kind in radials:
        if round(s, 9) not in through:
            path = overshot(smooth(dense(_radial(plan, s, level))))
            yield Line(kind, on_ground(plan, path), f"radial:{s:.4f}")


def _radial(plan: Plan, s: float, first: int) -> Array:
    radii = np.array(plan.rings_m[first:])
    return ring_point(np.full(len(radii), s), radii)


# ---- secondary streets between rings and radials -------------------------------------------------------------------


def _between(plan: Plan, radials: list[Radial], rng: np.random.Generator) -> Iterator[Line]:
    for level in range(len(plan.rings_m) - 2):
        spokes = [radial.s for radial in radials if radial.first <= level]
        sectors = list(zip(spokes, [*spokes[1:], spokes[0] + 1], strict=True))
        yield from _along(plan, rng, level, sectors)
        yield from _across(plan, rng, level, sectors)


def _along(
    plan: Plan, rng: np.random.Generator, level: int, sectors: list[tuple[float, float]]
) -> Iterator[Line]:
    """Streets along the ring at about half way, which step aside or end at some of the radials."""
    gap = plan.rings_m[level + 1] - plan.rings_m[level]
    rows = max(1, round(NORTH_STRETCH * gap / 520))
    for row in range(1, rows):
        shift = 0.0
        run: list[tuple[float, float]] = []
        for k, (a, b) in enumerate(sectors):
            if rng.random() < 0.30 or _in_river_band(plan, level, a, b):
                if run:
                    yield _arc(plan, level, run, row / rows + shift, f"along:{level}:{row}:{k}")
                shift, run = rng.uniform(-0.09, 0.09), []
            if rng.random() > 0.10 and not _in_river_band(plan, level, a, b):
                run.append((a, b))
            elif run:
                yield _arc(plan, level, run, row / rows + shift, f"along:{level}:{row}:{k}")
                run = []
        if run:
            yield _arc(plan, level, run, row / rows + shift, f"along:{level}:{row}:end")


def _in_river_band(plan: Plan, level: int, a: float, b: float) -> bool:
    """Whether the river runs between this ring and the next in this sector: there the embankments are the streets."""
    middle = ring_point(np.array([(a + b) / 2] * 2), np.array(plan.rings_m[level : level + 2]))
    return bool(middle[1, 1] - 60 < plan.river_y_m < middle[0, 1] + 60)


def _arc(plan: Plan, level: int, run: list[tuple[float, float]], share: float, role: str) -> Line:
    s = np.linspace(run[0][0], run[-1][1], 40 * len(run) + 1)
    inner = ring_point(s, np.full(len(s), plan.rings_m[level]))
    outer = ring_point(s, np.full(len(s), plan.rings_m[level + 1]))
    path = inner + share * (outer - inner)
    return Line("secondary", on_ground(plan, overshot(smooth(path))), role)


def _across(
    plan: Plan, rng: np.random.Generator, level: int, sectors: list[tuple[float, float]]
) -> Iterator[Line]:
    """Streets from ring to ring between two radials that lie far apart."""
    radii = np.array(plan.rings_m[level : level + 2])
    for k, (a, b) in enumerate(sectors):
        ends = ring_point(np.array([a, b]), np.full(2, radii.mean()))
        columns = max(1, round(float(np.hypot(*(ends[1] - ends[0]))) / 540))
        for column in range(1, columns):
            if rng.random() > 0.12:
                share = (column + rng.uniform(-0.10, 0.10)) / columns
                path = overshot(dense(ring_point(np.full(2, a + share * (b - a)), radii)))
                yield Line("secondary", on_ground(plan, path), f"across:{level}:{k}:{column}")


def _keep_off_the_river(line: Line, waters: Waters) -> Iterator[Line]:
    """Only main roads and the axes' streets cross the river, and not slantwise; others end at the embankment."""
    river = waters.river
    if not shapely.intersects(river, line.geometry):
        yield line
        return
    crosses = line.kind in ("expressway", "main", "bank", "rail") or line.role.startswith(
        ("embankment", "axis")
    )
    wet = shapely.get_parts(shapely.intersection(line.geometry, river))
    straight = 2.2 * shapely.area(river) / (shapely.length(river) / 2)
    if crosses and (line.kind in ("bank", "rail") or shapely.length(wet).max() < straight):
        yield line
        return
    # A hair is left inside the corridor, so that noding finds the junction with the embankment.
    rest = shapely.difference(line.geometry, waters.river_corridor.buffer(-0.4, quad_segs=1))
    for part in shapely.get_parts(rest):
        if part.length > 40:
            yield Line(line.kind, part, line.role)
