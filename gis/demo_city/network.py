"""The city's long lines: rings, radials, core axes, secondary streets, embankments, railway, river banks.

All lines are designed in plan space and placed on the ground here; what crosses what is found later by noding
(`gis.demo_city.faces`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from gis.demo_city.plan import NORTH_STRETCH, Plan, ring_point, side_s, stage_rng

Array = np.ndarray

STEP_M = 12.0  # spacing of the vertices of long lines before they are simplified
OVERSHOOT_M = 45.0

# What a line is: its subtype on the map, its rank and its width from kerb to kerb in metres.
ROAD_RANK = {"expressway": 1, "main": 2, "secondary": 3, "tertiary": 4, "minor": 5, "service": 6, "path": 6}
ROAD_WIDTH_M = {
    "expressway": 46.0, "main": 36.0, "secondary": 24.0, "tertiary": 15.0, "minor": 9.0, "service": 5.0, "path": 2.5,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One long line on the ground. `kind` is a road's subtype, or bank, cut, rail."""

    kind: str
    geometry: shapely.LineString
    role: str  # what it is named by: ring:2:north, radial:5, axis:north, embankment:left, …


@dataclass(frozen=True)
class Network:
    """Long lines and the polygons that rule them."""

    lines: tuple[Line, ...]
    river: shapely.Polygon
    corridor: shapely.Polygon  # river with both promenades, up to the embankment roads
    river_axis: shapely.LineString
    railway: shapely.LineString


def draw_network(plan: Plan) -> Network:
    """All long lines of the city; they reach beyond its border."""
    rng = stage_rng(plan.seed, "network")
    river, corridor, axis = _river(plan)
    railway = _on_ground(plan, *_rail_plan(plan))
    lines = [*_banks(plan), Line("rail", railway, "railway")]
    lines += [*_rings(plan), *_axes_and_radials(plan)]
    lines += _between(plan, rng)
    kept = [part for line in lines for part in _keep_off_the_river(line, river, corridor)]
    return Network(tuple(kept), river, corridor, axis, railway)


# ---- river and railway -------------------------------------------------------------------------------------------


def _reach(plan: Plan) -> Array:
    far = plan.rings_m[-1] * 1.35
    return np.arange(-far, far + 40.0, 40.0)


def _band(plan: Plan, offset_m: float) -> Array:
    x = _reach(plan)
    swell = 1 + 0.13 * np.sin(x / (5.1 * plan.river_width_m) + plan.seed) + 0.05 * np.sin(x / 217.0)
    side = math.copysign(1.0, offset_m)
    y = plan.river_y_m + side * plan.river_width_m / 2 * swell + (offset_m - side * plan.river_width_m / 2)
    return plan.place(np.column_stack([x, y]))


def _river(plan: Plan) -> tuple[shapely.Polygon, shapely.Polygon, shapely.LineString]:
    half = plan.river_width_m / 2
    outer = half + plan.promenade_m
    river = shapely.Polygon(np.vstack([_band(plan, half), _band(plan, -half)[::-1]]))
    corridor = shapely.Polygon(np.vstack([_band(plan, outer), _band(plan, -outer)[::-1]]))
    x = _reach(plan)
    axis = shapely.LineString(plan.place(np.column_stack([x, np.full(len(x), plan.river_y_m)])))
    return river, corridor, axis


def _banks(plan: Plan) -> Iterator[Line]:
    half = plan.river_width_m / 2
    for sign, side in ((1, "north"), (-1, "south")):
        yield Line("bank", shapely.LineString(_band(plan, sign * half)), f"bank:{side}")
        road = shapely.LineString(_band(plan, sign * (half + plan.promenade_m)))
        yield Line("tertiary", road, f"embankment:{side}")


def _rail_plan(plan: Plan) -> tuple[Array, Array]:
    x = _reach(plan)
    lean = 0.16 * plan.radius_m * np.tanh(x / plan.radius_m)
    return x, plan.rail_y_m - lean - 0.10 * plan.radius_m * (x / plan.radius_m / 2) ** 2


# ---- rings, axes, radials ----------------------------------------------------------------------------------------


def _rings(plan: Plan) -> Iterator[Line]:
    s = np.linspace(0, 1, 721)
    for level, radius in enumerate(plan.rings_m[:-1]):
        ring = _smooth(ring_point(s, np.full(len(s), radius)), closed=True)
        placed = plan.place(ring)
        kind = "expressway" if level == 1 or (level > 2 and level % 3 == 1) else "main"
        for side, name in enumerate(("east", "north", "west", "south")):
            first = (side * 180 - 90) % 720
            rows = np.arange(first, first + 181) % 720
            yield Line(kind, shapely.LineString(placed[rows]), f"ring:{level}:{name}")


def core_shares(plan: Plan) -> tuple[float, ...]:
    """Where the core's straight streets meet its ring, as shares of a side's half length."""
    return (-0.5, 0.0, 0.5) if plan.rings_m[0] > 600 else (0.0,)


def radial_s(plan: Plan) -> list[tuple[float, int, str]]:
    """Radials as (s, first ring, subtype); further out more of them begin, so that they never lie far apart."""
    core = plan.rings_m[0]
    out = [(k / 8, 0, "main") for k in range(8)]
    out += [
        (side_s(k, share, core) % 1, 0, "secondary") for k in range(4) for share in core_shares(plan) if share
    ]
    for level in range(1, len(plan.rings_m) - 1):
        known = sorted(s for s, _, _ in out)
        for a, b in zip(known, [*known[1:], known[0] + 1], strict=True):
            ends = ring_point(np.array([a, b]), np.full(2, plan.rings_m[level]))
            if np.hypot(*(ends[1] - ends[0])) > 1320:
                out.append(((a + b) / 2 % 1, level, "secondary" if level % 2 else "main"))
    return sorted(out)


def _axes_and_radials(plan: Plan) -> Iterator[Line]:
    core = plan.rings_m[0]
    through: set[float] = set()
    for share in core_shares(plan):
        kind = "secondary" if share else "main"
        for side in (0, 1):
            near, far = side_s(side, share, core) % 1, side_s(side + 2, -share, core) % 1
            through |= {round(near, 9), round(far, 9)}
            whole = np.vstack([_radial(plan, near, 0)[::-1], _radial(plan, far, 0)])
            yield Line(kind, _on_ground(plan, *_smooth(_dense(whole)).T), f"axis:{side}:{share}")
    for s, level, kind in radial_s(plan):
        if round(s, 9) not in through:
            path = _overshot(_smooth(_dense(_radial(plan, s, level))))
            yield Line(kind, _on_ground(plan, *path.T), f"radial:{s:.4f}")


def _radial(plan: Plan, s: float, first: int) -> Array:
    radii = np.array(plan.rings_m[first:])
    return ring_point(np.full(len(radii), s), radii)


# ---- secondary streets between rings and radials -------------------------------------------------------------------


def _between(plan: Plan, rng: np.random.Generator) -> Iterator[Line]:
    for level in range(len(plan.rings_m) - 2):
        spokes = [s for s, first, _ in radial_s(plan) if first <= level]
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
        shift, run = 0.0, []
        for k, (a, b) in enumerate(sectors):
            if rng.random() < 0.30 or _in_river_band(plan, level, a, b):
                if run:
                    yield _arc(plan, level, run, row / rows + shift, f"along:{level}:{row}:{k}")
                shift, run = rng.uniform(-0.11, 0.11), []
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
    return Line("secondary", _on_ground(plan, *_overshot(_smooth(path)).T), role)


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
                path = _overshot(_dense(ring_point(np.full(2, a + share * (b - a)), radii)))
                yield Line("secondary", _on_ground(plan, *path.T), f"across:{level}:{k}:{column}")


# ---- tools ---------------------------------------------------------------------------------------------------------


def _keep_off_the_river(line: Line, river: shapely.Polygon, corridor: shapely.Polygon) -> Iterator[Line]:
    """Only main roads and the axes' streets cross the river, and not slantwise; others end at the embankment."""
    crosses = line.kind in ("expressway", "main", "bank", "rail") or line.role.startswith(
        ("embankment", "axis")
    )
    wet = shapely.get_parts(shapely.intersection(line.geometry, river))
    straight = 2.2 * shapely.area(river) / (shapely.length(river) / 2)
    if not len(wet) or (crosses and (line.kind in ("bank", "rail") or shapely.length(wet).max() < straight)):
        yield line
        return
    # A hair is left inside the corridor, so that noding finds the junction with the embankment.
    rest = shapely.difference(line.geometry, corridor.buffer(-0.4, quad_segs=1))
    for part in shapely.get_parts(rest):
        if part.length > 40:
            yield Line(line.kind, part, line.role)


def _on_ground(plan: Plan, x: Array, y: Array) -> shapely.LineString:
    return shapely.LineString(plan.place(np.column_stack([x, y])))


def _dense(path: Array) -> Array:
    """The same path with vertices every `STEP_M` metres."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, math.ceil(along[-1] / STEP_M) + 1))
    return np.column_stack([np.interp(at, along, path[:, k]) for k in (0, 1)])


def _overshot(path: Array) -> Array:
    """The path led on straight beyond both ends, so that it surely meets the road it ends at; noding trims it."""
    first, last = path[0] - path[1], path[-1] - path[-2]
    before = path[0] + first / np.hypot(*first) * OVERSHOOT_M
    after = path[-1] + last / np.hypot(*last) * OVERSHOOT_M
    return np.vstack([before, path, after])


def _smooth(path: Array, closed: bool = False, sigma: float = 5.0) -> Array:
    """Rounds the kinks of a dense path; its ends stay where they are."""
    if closed:
        body = gaussian_filter1d(path[:-1], sigma, axis=0, mode="wrap")
        return np.vstack([body, body[:1]])
    pad = min(len(path) - 1, int(4 * sigma))
    before = 2 * path[0] - path[pad:0:-1]
    after = 2 * path[-1] - path[-2 : -pad - 2 : -1]
    whole = gaussian_filter1d(np.vstack([before, path, after]), sigma, axis=0, mode="nearest")
    return np.vstack([path[:1], whole[pad + 1 : pad + len(path) - 1], path[-1:]])
