"""Beyond the border: roads that lead on, woods, a reservoir and villages, so that the city does not float in nothing."""

from __future__ import annotations

import numpy as np
import shapely

from gis.demo_city.footprints import NAMES, build
from gis.demo_city.ground import Ground
from gis.demo_city.lines import ROAD_WIDTH_M, Line
from gis.demo_city.network import Network
from gis.demo_city.plan import Array, Plan, stage_rng

SCREEN_RATIO = 16 / 9
MARGIN = 0.10  # of the city's height, on every side


def window(ground: Ground) -> shapely.Polygon:
    """The rectangle of a wide screen around the city."""
    x0, y0, x1, y1 = ground.border.bounds
    height = max(y1 - y0, (x1 - x0) / SCREEN_RATIO) * (1 + 2 * MARGIN)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    half = height * SCREEN_RATIO / 2
    return shapely.box(x - half, y - height / 2, x + half, y + height / 2)


def roads_beyond(plan: Plan, network: Network, ground: Ground) -> list[Line]:
    """Main roads to the window's edge, other radials some way out."""
    view = window(ground)
    near = ground.border.buffer(0.35 * plan.gap_m)
    inside = ground.border.buffer(-0.4, quad_segs=1)
    out = []
    for line in network.lines:
        if line.kind not in ("expressway", "main") and not line.role.startswith(("radial", "axis")):
            continue
        reach = view if line.kind in ("expressway", "main") else near
        beyond = shapely.difference(shapely.intersection(line.geometry, reach), inside)
        out += [
            Line(line.kind, shapely.simplify(part, 0.15), line.role)
            for part in shapely.get_parts(beyond)
            if part.geom_type == "LineString" and part.length > 60
        ]
    return out


def woods(plan: Plan, ground: Ground, lines: list[Line], water: Array) -> Array:
    """A few woods with soft edges between the roads."""
    rng = stage_rng(plan.seed, "woods")
    view = window(ground)
    size = plan.gap_m
    kept_free = shapely.union_all(
        [ground.border.buffer(0.12 * size), *(line.geometry.buffer(ROAD_WIDTH_M[line.kind] / 2 + 14) for line in lines),
         *(shape.buffer(25) for shape in water)]
    )  # fmt: skip
    x0, y0, x1, y1 = view.bounds
    patches = []
    for _ in range(5):
        centre = np.array([rng.uniform(x0, x1), rng.uniform(y0, y1)])
        for _ in range(9):
            at = centre + rng.normal(0, 0.22 * size, 2)
            patches.append(shapely.Point(at).buffer(rng.uniform(0.10, 0.26) * size, quad_segs=8))
    soft = shapely.union_all(patches).buffer(0.05 * size).buffer(-0.08 * size).buffer(0.03 * size)
    parts = shapely.get_parts(shapely.intersection(shapely.difference(soft, kept_free), view))
    parts = shapely.get_parts(shapely.buffer(shapely.buffer(parts, -18), 18))
    return shapely.simplify(parts[shapely.area(parts) > 0.01 * size**2], 1.5)


def reservoir(plan: Plan, ground: Ground, lines: list[Line]) -> Array:
    """A long lake up in the country, where no road runs."""
    rng = stage_rng(plan.seed, "reservoir")
    view = window(ground).buffer(-0.12 * plan.gap_m)
    roads = shapely.union_all([line.geometry for line in lines])
    tabu = ground.border.buffer(0.2 * plan.gap_m)
    best, room = None, 0.0
    x0, y0, x1, y1 = view.bounds
    for x, y in rng.uniform((x0, y0), (x1, y1), (60, 2)):
        at = shapely.Point(x, y)
        free = min(at.distance(roads), at.distance(tabu), view.exterior.distance(at) + 50)
        if free > room:
            best, room = at, float(free)
    if best is None or room < 60:
        return np.empty(0, dtype=object)
    t = np.linspace(0, 2 * np.pi, 73)[:-1]
    r = (
        0.8
        * min(room, 0.55 * plan.gap_m)
        * (0.72 + 0.2 * np.sin(2 * t + 1) + 0.10 * np.sin(5 * t) + 0.05 * np.sin(9 * t + 2))
    )
    return np.array(
        [shapely.Polygon(np.column_stack([best.x + r * np.cos(t), best.y + r * np.sin(t)]))], dtype=object
    )


def villages(plan: Plan, ground: Ground, lines: list[Line], obstacles: Array) -> tuple[Array, list[Line]]:
    """Small houses along lanes that branch off the roads out of town."""
    rng = stage_rng(plan.seed, "villages")
    view, border = window(ground), ground.border.buffer(60)
    lanes: list[Line] = []
    houses = []
    radials = [line for line in lines if line.geometry.length > 300]
    for k in rng.permutation(len(radials))[:26]:
        road = radials[k]
        s = rng.uniform(80, road.geometry.length - 80)
        a, b = (shapely.get_coordinates(road.geometry.interpolate(s + d))[0] for d in (-4, 4))
        along = (b - a) / np.hypot(*(b - a))
        side = np.array([-along[1], along[0]]) * rng.choice([-1, 1])
        start = (a + b) / 2
        lane = shapely.LineString([start, start + side * rng.uniform(120, 260)])
        if not view.covers(lane) or border.intersects(lane):
            continue
        lanes.append(Line("minor", lane, f"village:{k}"))
        houses.append(_rows_along(lane, ROAD_WIDTH_M[road.kind] / 2 + 8, rng))
    if not houses:
        return np.empty(0, dtype=object), []
    polygons = np.concatenate(houses)
    blocked = [
        border,
        *obstacles,
        *(line.geometry.buffer(ROAD_WIDTH_M[line.kind] / 2 + 2) for line in [*lines, *lanes]),
    ]
    clear = np.ones(len(polygons), dtype=bool)
    clear[shapely.STRtree(polygons).query(np.array(blocked, dtype=object), predicate="intersects")[1]] = False
    return _apart(polygons[clear]), lanes


def _rows_along(lane: shapely.LineString, first_m: float, rng: np.random.Generator) -> Array:
    (x0, y0), (x1, y1) = shapely.get_coordinates(lane)
    length, angle = float(np.hypot(x1 - x0, y1 - y0)), float(np.arctan2(y1 - y0, x1 - x0))
    u = np.arange(first_m, length - 10, 19.0)
    at_u, at_v = np.meshgrid(u, [-42.0, -20.0, 8.0, 30.0])
    at_u, at_v = at_u.ravel() + rng.uniform(-1, 1, at_u.size), at_v.ravel()
    kept = rng.random(at_u.size) < 0.75
    at_u, at_v = at_u[kept], at_v[kept]
    base_u = x0 * np.cos(angle) + y0 * np.sin(angle)
    base_v = -x0 * np.sin(angle) + y0 * np.cos(angle)
    shape = rng.choice([NAMES.index(name) for name in ("bar", "l_west", "l_east", "half")], len(at_u))
    size = rng.uniform(10, 14, len(at_u))
    return build(shape, base_u + at_u, base_v + at_v, size, 0.85 * size, np.full(len(at_u), angle))


def _apart(houses: Array) -> Array:
    a, b = shapely.STRtree(houses).query(houses, predicate="intersects")
    drop = np.zeros(len(houses), dtype=bool)
    for i, j in zip(a, b, strict=True):
        if i < j and not drop[i]:
            drop[j] = True
    return houses[~drop]
