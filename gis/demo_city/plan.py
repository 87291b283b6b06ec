"""The city on the drawing board: its size, its rings, its river, and the warp that makes the plan look grown.

Everything is designed in *plan space*, metres around the centre, where rings are rounded rectangles and the river
is a straight band. `Plan.place` bends plan space into the ground: long waves turn straight streets slightly, the
meander bends the river together with the streets that follow it, and the whole is turned a little off north.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

Array = np.ndarray

EPSG: Final = 4548
COUNTY_CODE: Final = "110101"
# 116.40 E 39.90 N on EPSG:4548 (CGCS2000, central meridian 117 E), rounded to the kilometre grid's tenth.
CENTRE_X_M, CENTRE_Y_M = 448_700.0, 4_418_400.0

EAST_STRETCH, NORTH_STRETCH = 1.24, 0.84  # a city wider than high fills a screen better


def stage_rng(seed: int, stage: str) -> np.random.Generator:
    """A generator of its own for every stage, so that a change in one stage leaves the others as they were."""
    return np.random.default_rng([seed, *stage.encode()])


@dataclass(frozen=True)
class Plan:
    """What the seed and the number of cells decide before anything is drawn. Lengths in metres."""

    cells: int
    seed: int
    radius_m: float
    rings_m: tuple[float, ...]
    gap_m: float  # between rings
    river_y_m: float
    river_width_m: float
    promenade_m: float
    rail_y_m: float
    turn_rad: float
    meander: Array  # rows: amplitude m, wavelength m, phase
    meander_reach_m: float
    waves: Array  # rows: amplitude m, kx, ky, phase, direction

    def place(self, xy: Array) -> Array:
        """Ground coordinates (EPSG:4548, metres, n × 2) of plan coordinates."""
        out = np.array(xy, dtype=float)
        amplitude, kx, ky, phase, direction = self.waves.T
        wave = np.sin(np.outer(out[:, 0], kx) + np.outer(out[:, 1], ky) + phase) * amplitude
        calm = 0.35 + 0.65 * _smoothstep(np.hypot(out[:, 0], out[:, 1]) / (1.2 * self.rings_m[1]))
        out[:, 0] += calm * (wave @ np.cos(direction))
        out[:, 1] += calm * (wave @ np.sin(direction))
        reach = np.exp(-(((out[:, 1] - self.river_y_m) / self.meander_reach_m) ** 2))
        out[:, 1] += self.meander_at(out[:, 0]) * reach
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        turned = np.column_stack([out[:, 0] * cos - out[:, 1] * sin, out[:, 0] * sin + out[:, 1] * cos])
        return turned + (CENTRE_X_M, CENTRE_Y_M)

    def unplace(self, ground: Array) -> Array:
        """Plan coordinates of ground coordinates, to a few centimetres."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        xy = np.asarray(ground, dtype=float) - (CENTRE_X_M, CENTRE_Y_M)
        plan = np.column_stack([xy[:, 0] * cos + xy[:, 1] * sin, xy[:, 1] * cos - xy[:, 0] * sin])
        for _ in range(25):
            off = np.asarray(ground) - self.place(plan)
            plan += np.column_stack([off[:, 0] * cos + off[:, 1] * sin, off[:, 1] * cos - off[:, 0] * sin])
        return plan

    def meander_at(self, x_m: Array) -> Array:
        """How far the river's middle lies off its straight line at plan `x_m`."""
        amplitude, length, phase = self.meander.T
        return np.sin(2 * np.pi * np.asarray(x_m)[:, None] / length + phase) @ amplitude

    def ring_radius(self, level: Array | float) -> Array:
        """Radius of a ring by its (fractional) number; ring 0 is the innermost."""
        return np.asarray(np.interp(level, np.arange(len(self.rings_m)), self.rings_m))

    def ring_level(self, plan_xy: Array) -> Array:
        """Fractional number of the ring through each plan point; -1 is the centre."""
        norm = ((plan_xy[:, 0] / EAST_STRETCH) ** 4 + (plan_xy[:, 1] / NORTH_STRETCH) ** 4) ** 0.25
        return np.asarray(np.interp(norm, [0.0, *self.rings_m], np.arange(-1, len(self.rings_m))))


def make_plan(cells: int, seed: int) -> Plan:
    """The plan of a city of `cells` cells of about a hectare each."""
    rng = stage_rng(seed, "plan")
    radius = math.sqrt(max(cells, 80) * 10_000 / math.pi)
    gap = float(np.clip(0.36 * radius, 290, 1120))
    core = float(np.clip(0.30 * radius, 250, 1000))
    rings = core + gap * np.arange(math.ceil((1.8 * radius + gap) / gap))
    river_width = float(np.clip(0.045 * radius, 44, 260))
    promenade = float(np.clip(0.014 * radius, 30, 48))
    length = float(np.clip(0.95 * radius, 900, 4200))
    meander = np.array(
        [
            [0.070 * length, length * rng.uniform(0.95, 1.1), rng.uniform(0, 2 * np.pi)],
            [0.055 * length, length * rng.uniform(1.7, 2.1), rng.uniform(0, 2 * np.pi)],
        ]
    )
    return Plan(
        cells=cells,
        seed=seed,
        radius_m=radius,
        rings_m=tuple(float(r) for r in rings),
        gap_m=gap,
        river_y_m=-(NORTH_STRETCH * (core + 0.5 * gap)),
        river_width_m=river_width,
        promenade_m=promenade,
        rail_y_m=NORTH_STRETCH * (core + 1.27 * gap),
        turn_rad=math.radians(rng.uniform(-7, 7)),
        meander=meander,
        meander_reach_m=1.0 * gap,
        waves=_long_waves(rng, gap),
    )


def _long_waves(rng: np.random.Generator, gap_m: float) -> Array:
    lengths = gap_m * np.array([2.1, 2.9, 4.3, 6.1])
    heading, phase, direction = rng.uniform(0, 2 * np.pi, (3, len(lengths)))
    k = 2 * np.pi / lengths
    return np.column_stack([0.011 * lengths, k * np.cos(heading), k * np.sin(heading), phase, direction])


def _smoothstep(t: Array) -> Array:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def ring_point(s: Array, radius_m: Array) -> Array:
    """Plan points of the rings: `s` in [0, 1) counter-clockwise from the east, `radius_m` likewise an array.

    A ring is a rounded rectangle; `s` is 1/8 at the middle of its north-east corner, and in between grows with the
    length along it, so that `s` = constant is a radial road.
    """
    s, r = np.broadcast_arrays(np.asarray(s, dtype=float) % 1.0, np.asarray(radius_m, dtype=float))
    a, b = EAST_STRETCH * r, NORTH_STRETCH * r
    corner = r * np.interp(r, [300, 1000, 2500], [0.30, 0.36, 0.52])
    quadrant = np.floor(s * 4).astype(int)
    f = np.where(quadrant % 2 == 0, s * 4 - quadrant, quadrant + 1 - s * 4)
    arc = corner * np.pi / 4
    rising = 2 * f * (b - corner + arc)
    falling = (2 * f - 1) * (a - corner + arc)
    angle = np.where(f < 0.5, (rising - (b - corner)) / corner, np.pi / 4 + falling / corner)
    angle = np.clip(angle, 0, np.pi / 2)
    x = a - corner + corner * np.cos(angle)
    y = b - corner + corner * np.sin(angle)
    y = np.where((f < 0.5) & (rising < b - corner), rising, y)
    x = np.where((f >= 0.5) & (falling > arc), a - corner - (falling - arc), x)
    return np.column_stack(
        [np.where((quadrant == 1) | (quadrant == 2), -x, x), np.where(quadrant >= 2, -y, y)]
    )


def side_s(side: int, share: float, radius_m: float) -> float:
    """`s` of the place on side 0 east, 1 north, 2 west, 3 south at `share` (-1..1, counter-clockwise) of its half."""
    half = EAST_STRETCH if side % 2 else NORTH_STRETCH
    corner = radius_m * float(np.interp(radius_m, [300, 1000, 2500], [0.30, 0.36, 0.52]))
    length = half * radius_m - corner + corner * math.pi / 4
    return side / 4 + share * half * radius_m / length / 8
