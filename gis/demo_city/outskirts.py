"""Beyond the border: roads that lead on, woods, a reservoir and villages, so that the city does not float in nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.footprints import NAMES, build
from gis.demo_city.ground import Ground
from gis.demo_city.lines import ROAD_WIDTH_M, Line
from gis.demo_city.network import Network
from gis.demo_city.plan import Array, Plan, stage_rng

WINDOW_SHARE = (1.60, 1.60)  # of the city's width and height


@dataclass(frozen=True)
class Outskirts:
    """What lies between the city's border and the edge of the `view`."""

    view: shapely.Polygon
    lines: tuple[Line, ...]
    reservoirs: Array
    woods: Array
    houses: Array


def lay_outskirts(plan: Plan, network: Network, ground: Ground) -> Outskirts:
    """The country around the city."""
    view = window(ground)
    roads = roads_beyond(plan, network, ground)
    tabu = [*(line.geometry for line in roads), network.railway, network.waters.river, *network.waters.canals]
    reservoirs = reservoir(plan, ground, shapely.union_all(tabu))
    wet = np.concatenate([np.array([network.waters.river, *network.waters.canals], dtype=object), reservoirs])
    forest = woods(plan, ground, roads, wet)
    houses, lanes = villages(
        plan, ground, roads, np.concatenate([wet, forest, [network.railway.buffer(25.0)]])
    )
    return Outskirts(view, (*roads, *lanes), reservoirs, forest, houses)


def window(ground: Ground) -> shapely.Polygon:
    """A rectangle around the city that fills the screen, wide or nearly square, when the whole city is shown."""
    x0, y0, x1, y1 = ground.border.bounds
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    half_x, half_y = WINDOW_SHARE[0] * (x1 - x0) / 2, WINDOW_SHARE[1] * (y1 - y0) / 2
    return shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)


def roads_beyond(plan: Plan, network: Network, ground: Ground) -> list[Line]:
    """Rings, main roads and radials to the window's edge."""
    view = window(ground)
    inside = ground.border.buffer(-0.4, quad_segs=1)
    out = []
    for line in network.lines:
        if line.kind in ("expressway", "main") or line.role.startswith(("radial", "axis")):
            beyond = shapely.difference(shapely.intersection(line.geometry, view), inside)
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


def reservoir(plan: Plan, ground: Ground, tabu: shapely.Geometry) -> Array:
    """One lake up in the country where there is most room, off roads, rails and rivers; none where there is no room."""
    rng = stage_rng(plan.seed, "reservoir")
    view = window(ground)
    at = shapely.points(rng.uniform(view.bounds[:2], view.bounds[2:], (80, 2)))
    away = np.minimum(shapely.distance(at, tabu), shapely.distance(at, ground.border) - 0.1 * plan.gap_m)
    room = np.minimum(away, shapely.distance(at, view.exterior) + 0.05 * plan.gap_m)
    best = int(np.argmax(room))
    if room[best] < 0.09 * plan.gap_m:
        return np.empty(0, dtype=object)
    t = np.linspace(0, 2 * np.pi, 73)[:-1]
    wave = 0.72 + 0.2 * np.sin(2 * t + 1) + 0.10 * np.sin(5 * t) + 0.05 * np.sin(9 * t + 2)
    r = 0.8 * min(float(room[best]), 0.55 * plan.gap_m) * wave
    x, y = shapely.get_coordinates(at[best])[0]
    return np.array([shapely.Polygon(np.column_stack([x + r * np.cos(t), y + r * np.sin(t)]))], dtype=object)


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
        if not view.covers(lane) or border.intersects(lane) or shapely.intersects(obstacles, lane).any():
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
