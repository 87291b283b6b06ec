"""River, canals and railway: the long lines that are no streets, and the streets that keep them company."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.lines import ROAD_WIDTH_M, Line, on_ground, overshot, smooth
from gis.demo_city.plan import EAST_STRETCH, Array, Plan, ring_point

CANAL_WIDTH_M, CANAL_GREEN_M = 20.0, 9.0
CANAL_LEVEL: Final = 0.28  # where between two rings a canal runs
NARROWEST_GAP_M: Final = 600.0  # between rings, for canals and interchanges to find room


@dataclass(frozen=True)
class Waters:
    """Polygons on the ground. A corridor reaches to the middle of the streets on both sides."""

    river: shapely.Polygon
    river_corridor: shapely.Polygon
    canals: tuple[shapely.Polygon, ...]
    canal_corridors: tuple[shapely.Polygon, ...]
    lines: tuple[Line, ...]  # banks and the streets along them


def draw_waters(plan: Plan) -> Waters:
    """The river and the canals that leave it, run round the old town, and come back to it."""
    half = plan.river_width_m / 2
    outer = half + plan.promenade_m
    river = shapely.Polygon(np.vstack([_band(plan, half), _band(plan, -half)[::-1]]))
    corridor = shapely.Polygon(np.vstack([_band(plan, outer), _band(plan, -outer)[::-1]]))
    levels = _canal_levels(plan)
    axes = [_canal_axis(plan, level + CANAL_LEVEL) for level in levels]
    street_m = CANAL_WIDTH_M / 2 + CANAL_GREEN_M + ROAD_WIDTH_M["tertiary"] / 2
    corridors = tuple(_ribbon(plan, axis, street_m) for axis in axes)
    lines = [*_banks(plan)]
    for axis, level in zip(axes, levels, strict=True):
        for side, offset in (("inner", street_m), ("outer", -street_m)):
            edge = overshot(_offset(axis, offset))
            lines.append(Line("tertiary", on_ground(plan, edge), f"canal:{level}:{side}"))
    canals = tuple(_ribbon(plan, axis, CANAL_WIDTH_M / 2) for axis in axes)
    return Waters(river, corridor, canals, corridors, tuple(lines))


def _canal_levels(plan: Plan) -> list[int]:
    """After which rings a canal runs: the first, and every fourth that the city has grown around."""
    if plan.gap_m < NARROWEST_GAP_M:
        return []
    return [
        k
        for k in range(0, len(plan.rings_m) - 2, 4)
        if plan.ring_radius(k + CANAL_LEVEL) < 0.9 * plan.radius_m
    ]


def draw_railway(plan: Plan) -> shapely.LineString:
    """North of the second ring and along it, then on beyond both ends."""
    x = _reach(plan)
    y = plan.rail_y_m - 0.05 * plan.radius_m * np.tanh(1.3 * x / plan.radius_m)
    return on_ground(plan, np.column_stack([x, y - 0.02 * plan.radius_m * np.cos(2.2 * x / plan.radius_m)]))


def _reach(plan: Plan) -> Array:
    far = plan.rings_m[-1] * 1.35
    return np.arange(-far, far + 40.0, 40.0)


def _band(plan: Plan, offset_m: float) -> Array:
    """The line `offset_m` north of the river's middle; the river swells and narrows a little."""
    x = _reach(plan)
    width = plan.river_width_m
    swell = 1 + 0.14 * np.sin(x / (5.1 * width) + plan.seed) + 0.06 * np.sin(x / (2.3 * width))
    side = math.copysign(1.0, offset_m)
    y = plan.river_y_m + side * width / 2 * swell + (offset_m - side * width / 2)
    return plan.place(np.column_stack([x, y]))


def _banks(plan: Plan) -> Iterator[Line]:
    half = plan.river_width_m / 2
    for sign, side in ((1, "north"), (-1, "south")):
        yield Line("bank", shapely.LineString(_band(plan, sign * half)), f"bank:{side}")
        road = shapely.LineString(_band(plan, sign * (half + plan.promenade_m)))
        yield Line("tertiary", road, f"embankment:{side}")


def _canal_axis(plan: Plan, level: float) -> Array:
    """From the river up the west side, over the north, down the east side, in plan space."""
    radius = float(plan.ring_radius(level))
    arc = ring_point(np.linspace(0.0, 0.5, 200), np.full(200, radius))
    leg = np.arange(plan.river_y_m, -10.0, 12.0)
    east = np.column_stack([np.full(len(leg), EAST_STRETCH * radius), leg])
    west = np.column_stack([np.full(len(leg), -EAST_STRETCH * radius), leg[::-1]])
    return smooth(np.vstack([east, arc, west]))


def _ribbon(plan: Plan, axis: Array, half_m: float) -> shapely.Polygon:
    edge = np.vstack([_offset(axis, half_m), _offset(axis, -half_m)[::-1]])
    return shapely.make_valid(shapely.Polygon(plan.place(edge)))


def _offset(axis: Array, by_m: float) -> Array:
    way = np.gradient(axis, axis=0)
    way /= np.hypot(*way.T)[:, None]
    return axis + by_m * np.column_stack([-way[:, 1], way[:, 0]])
