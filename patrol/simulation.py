"""A roster that walks: fixes as devices would send them, the same for the same seed.

A patroller walks from cell to cell of the beat, along the ways, at 1.0 to 1.4 m/s on the right-hand side, stops now
and then, and sends a fix every ten seconds. The place in a fix is off by 3 to 5 m, and wanders instead of jumping,
as satellite positions do between houses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.signal import lfilter
from scipy.spatial import cKDTree

from gis.frames import FIX_COLUMNS
from kernel.progress import Progress, Silent
from patrol.roster import beats
from patrol.ways import Routes, Ways, from_cells, from_roads

STEP_S: Final = 10.0
SLOWEST_M_S, FASTEST_M_S = 1.0, 1.4
STOP_CHANCE: Final = 0.012  # per step: a stop every quarter of an hour …
GO_CHANCE: Final = 0.12  # … of about a minute and a half
NOISE_M: Final = (3.0, 5.0)
NOISE_MEMORY: Final = 0.9  # how much of the error is left after one step
KERB_M: Final = (3.0, 6.0)  # how far right of the middle of the road one walks
AROUND_BEAT_M: Final = 150.0
NEXT_STOPS: Final = 8  # one walks on to one of the nearest cells of the beat

Array = np.ndarray


@dataclass(frozen=True)
class Walks:
    """All walks of a shift: [patroller, step] arrays, and one id, clock offset and accuracy per patroller."""

    patroller_id: Array
    offset_s: Array
    accuracy_m: Array
    x: Array
    y: Array
    speed_m_s: Array
    heading_deg: Array


def simulate(
    patrollers: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    start_s: float,
    minutes: float,
    seed: int = 1,
    *,
    roads: gpd.GeoDataFrame | None = None,
    progress: Progress | None = None,
) -> Iterator[pd.DataFrame]:
    """One frame of `FIX_COLUMNS` for every ten seconds of the shift, a row for each patroller, ordered by time.

    `patrollers` needs `patroller_id`; `cells` and `roads` are in the city's plane, and so are the fixes. `start_s` is
    UTC seconds since 1970; a fix of step k is sent within [start + 10 k, start + 10 (k + 1)).
    """
    walks = walk(patrollers, cells, minutes, seed, roads=roads, progress=progress)
    order = np.argsort(walks.offset_s, kind="stable")
    for step in range(walks.x.shape[1]):
        columns = {
            "time_s": start_s + step * STEP_S + walks.offset_s[order],
            "patroller_id": walks.patroller_id[order],
            "x": walks.x[order, step].astype(float),
            "y": walks.y[order, step].astype(float),
            "speed_m_s": walks.speed_m_s[order, step].astype(float),
            "heading_deg": walks.heading_deg[order, step].astype(float),
            "accuracy_m": walks.accuracy_m[order],
        }
        yield pd.DataFrame(columns)[list(FIX_COLUMNS)]


def walk(
    patrollers: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    minutes: float,
    seed: int,
    *,
    roads: gpd.GeoDataFrame | None = None,
    progress: Progress | None = None,
) -> Walks:
    """The walks of the whole roster; see `simulate`."""
    progress = progress or Silent()
    steps = max(round(minutes * 60 / STEP_S), 0)
    areas = beats(patrollers, cells)
    ways = from_roads(roads) if roads is not None and len(roads) else from_cells(cells)
    middles = shapely.point_on_surface(cells.geometry.values)
    anchors = np.stack([shapely.get_x(middles), shapely.get_y(middles)], axis=1)
    legs: dict[int, _Legs] = {}
    shape = (len(areas), steps)
    x, y, speed, heading = (np.empty(shape, dtype=kind) for kind in ("f8", "f8", "f4", "f4"))
    random = [np.random.default_rng([seed, number]) for number in range(len(areas))]
    offset, accuracy = np.empty(len(areas)), np.empty(len(areas))
    for number, rows in enumerate(areas):
        progress.report(number / len(areas), "Walking the roster")
        key = int(rows[0])
        if key not in legs:
            legs[key] = _Legs(ways, anchors[rows])
        one = _one_walk(legs[key], steps, random[number])
        x[number], y[number], speed[number], heading[number] = one
        offset[number] = np.floor(random[number].uniform(0, STEP_S))
        accuracy[number] = np.round(random[number].uniform(*NOISE_M), 1)
    ids = patrollers["patroller_id"].to_numpy(dtype=np.int64)[: len(areas)]
    return Walks(ids, offset, accuracy, x, y, speed, heading)


class _Legs:
    """The ways between the cells of one beat."""

    def __init__(self, ways: Ways, middles: Array) -> None:
        low, high = middles.min(axis=0) - AROUND_BEAT_M, middles.max(axis=0) + AROUND_BEAT_M
        near = ways.within(*low, *high)
        self._routes: Routes | None = None
        self._stops = middles  # where no way leads, one walks straight from middle to middle
        if len(near.xy) > 1:
            nodes = near.nearest(middles)
            self._stops, self._routes = near.xy[nodes], near.routes(nodes)
        count = min(len(middles), NEXT_STOPS + 1)
        self._next = np.atleast_2d(cKDTree(middles).query(middles, k=count)[1])[:, 1:]

    def path(self, length_m: float, random: np.random.Generator) -> Array:
        """A walk [k, 2] through the beat at least `length_m` long."""
        at = last = int(random.integers(len(self._stops)))
        parts, done = [self._stops[at : at + 1]], 0.0
        while done < length_m and self._next.shape[1]:
            onward = self._next[at][self._next[at] != last]
            choice = onward if len(onward) else self._next[at]
            last, at = at, int(choice[random.integers(len(choice))])
            leg = self._leg(last, at)
            # Two cells may share a node: such a leg counts a metre, so that the walk ends.
            done += max(float(np.hypot(*np.diff(leg, axis=0).T).sum()), 1.0)
            parts.append(leg[1:])
        return np.concatenate(parts)

    def _leg(self, start: int, end: int) -> Array:
        return self._stops[[start, end]] if self._routes is None else self._routes.way(start, end)


def _one_walk(legs: _Legs, steps: int, random: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """x, y, speed and heading of one patroller at each step."""
    speed = _speeds(steps, random)
    way_m = np.cumsum(speed) * STEP_S
    path = legs.path(float(way_m[-1]) + FASTEST_M_S * STEP_S if steps else 0.0, random)
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
    x, y = np.interp(way_m, along, path[:, 0]), np.interp(way_m, along, path[:, 1])
    east, north = _direction(path, along, way_m)
    kerb = random.uniform(*KERB_M)
    noise = _wandering(steps, random)
    heading = np.degrees(np.arctan2(east, north)) % 360
    standing = speed == 0
    return (
        np.round(x + kerb * north + noise[0], 2),
        np.round(y - kerb * east + noise[1], 2),
        np.round(speed, 2),
        np.where(standing, np.nan, np.round(heading, 1)),
    )


def _speeds(steps: int, random: np.random.Generator) -> Array:
    """Metres a second at each step; 0 while standing."""
    own = random.uniform(SLOWEST_M_S, FASTEST_M_S)
    pace = np.clip(own + random.normal(0.0, 0.05, steps), SLOWEST_M_S, FASTEST_M_S)
    runs = np.empty(0, dtype=np.int64)
    while runs.sum() < steps:
        turns = np.stack([random.geometric(STOP_CHANCE, 32), random.geometric(GO_CHANCE, 32)], axis=1)
        runs = np.r_[runs, turns.ravel()]
    walking = np.repeat(np.arange(len(runs)) % 2 == 0, runs)[:steps]
    return np.where(walking, pace, 0.0)


def _direction(path: Array, along: Array, way_m: Array) -> tuple[Array, Array]:
    """East and north part of the unit vector of the leg walked on."""
    if len(path) < 2:
        return np.zeros(len(way_m)), np.ones(len(way_m))
    leg = np.clip(np.searchsorted(along, way_m, side="right") - 1, 0, len(path) - 2)
    step = np.diff(path, axis=0)[leg]
    length = np.maximum(np.hypot(*step.T), 1e-9)
    return step[:, 0] / length, step[:, 1] / length


def _wandering(steps: int, random: np.random.Generator) -> Array:
    """Errors [2, steps] in metres that keep most of themselves from step to step, with a fixed spread."""
    spread = random.uniform(*NOISE_M) / np.sqrt(2.0)  # of each axis; both together have the spread named
    push = random.normal(0.0, spread * np.sqrt(1 - NOISE_MEMORY**2), (2, steps))
    if steps:
        push[:, 0] = random.normal(0.0, spread, 2)
    return np.asarray(lfilter([1.0], [1.0, -NOISE_MEMORY], push, axis=1))
