"""Cloverleaves where the expressway meets main roads: four green quarters, each with a loop and an outer ramp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.lines import ROAD_WIDTH_M, Line
from gis.demo_city.plan import Array

REACH_M = 116.0  # from the crossing to the edges of its four quarters
LOOP_RADIUS_M = 22.0
OFF_WATER_M = 190.0
CLEAR_OF_KERB_M = 4.0


@dataclass(frozen=True)
class Interchange:
    """A crossing with the directions (unit vectors) of its four arms in counter-clockwise order, expressway first."""

    x: float
    y: float
    arms: Array  # 4 × 2


def find_interchanges(lines: list[Line], water: shapely.Geometry) -> list[Interchange]:
    """Where expressways cross the main radials and axes at a good angle and away from the river."""
    fast = [line.geometry for line in lines if line.kind == "expressway"]
    main = [
        line.geometry for line in lines if line.kind == "main" and line.role.startswith(("radial", "axis"))
    ]
    if not fast or not main:
        return []
    at = shapely.get_parts(shapely.intersection(shapely.union_all(main), shapely.union_all(fast)))
    at = at[(shapely.get_type_id(at) == 0) & (shapely.distance(at, water) > OFF_WATER_M)]
    found = [_interchange(crossing, fast, main) for crossing in at]
    return [one for one in found if one is not None]


def _interchange(crossing: shapely.Point, fast: list, main: list) -> Interchange | None:
    arms = np.vstack([_arms(crossing, fast), _arms(crossing, main)])
    if len(arms) != 4:
        return None
    order = np.argsort(np.arctan2(arms[:, 1], arms[:, 0]), kind="stable")
    first = int(np.flatnonzero(order < 2)[0])
    arms = arms[np.roll(order, -first)]
    following = np.roll(arms, -1, axis=0)
    sine = arms[:, 0] * following[:, 1] - arms[:, 1] * following[:, 0]
    return Interchange(crossing.x, crossing.y, arms) if (sine > 0.86).all() else None


def _arms(crossing: shapely.Point, lines: list[shapely.LineString]) -> Array:
    """Directions in which the lines leave a circle around the crossing."""
    circle = crossing.buffer(0.7 * REACH_M, quad_segs=24).exterior
    hits = shapely.get_coordinates(shapely.intersection(np.array(lines, dtype=object), circle))
    way = hits - (crossing.x, crossing.y)
    return way / np.hypot(*way.T)[:, None]


def quarter_edges(one: Interchange) -> Iterator[Line]:
    """Cuts around the crossing that make each quarter a face of its own."""
    here = np.array([one.x, one.y])
    for k in range(4):
        a, b = one.arms[k], one.arms[(k + 1) % 4]
        corner = here + REACH_M * (a + b)
        for arm in (a, b):
            start, way = here + REACH_M * arm, corner - (here + REACH_M * arm)
            yield Line("cut", shapely.LineString([start - 0.06 * way, corner + 0.01 * way]), "interchange")


def ramps(one: Interchange) -> Iterator[shapely.LineString]:
    """Per quarter a loop near the crossing and a ramp beyond it, both ending on the carriageways."""
    here = np.array([one.x, one.y])
    halves = [ROAD_WIDTH_M["expressway"] / 2, ROAD_WIDTH_M["main"] / 2]
    for k in range(4):
        a, b = one.arms[k], one.arms[(k + 1) % 4]
        beside_a, beside_b = halves[k % 2], halves[(k + 1) % 2]
        yield _loop(here, a, b, beside_a, beside_b)
        start = here + (REACH_M - 2) * a + 0.7 * beside_a * b
        end = here + (REACH_M - 2) * b + 0.7 * beside_b * a
        yield _bow(start, here + 77.0 * (a + b), end)


def _loop(here: Array, a: Array, b: Array, beside_a: float, beside_b: float) -> shapely.LineString:
    centre_a = beside_b + CLEAR_OF_KERB_M + LOOP_RADIUS_M
    centre_b = beside_a + CLEAR_OF_KERB_M + LOOP_RADIUS_M
    centre = here + centre_a * a + centre_b * b
    turn = np.radians(np.linspace(-112, 202, 33))
    circle = centre + LOOP_RADIUS_M * (np.cos(turn)[:, None] * a + np.sin(turn)[:, None] * b)
    start = here + (centre_a - 1.9 * LOOP_RADIUS_M) * a + 0.72 * beside_a * b
    end = here + 0.72 * beside_b * a + (centre_b - 1.9 * LOOP_RADIUS_M) * b
    return shapely.LineString(np.vstack([start, circle, end]))


def _bow(start: Array, over: Array, end: Array) -> shapely.LineString:
    t = np.linspace(0, 1, 15)[:, None]
    return shapely.LineString((1 - t) ** 2 * start + 2 * t * (1 - t) * over + t**2 * end)
