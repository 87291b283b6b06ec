"""Lines and what they are: kinds, ranks and widths, and the smoothing of paths in plan space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from gis.demo_city.plan import Array, Plan

STEP_M = 12.0  # spacing of the vertices of long lines before they are simplified
OVERSHOOT_M = 45.0

# What a street is: its rank and its width from kerb to kerb in metres, by subtype.
ROAD_RANK: Final = {
    "expressway": 1, "main": 2, "secondary": 3, "tertiary": 4, "minor": 5, "ramp": 5, "service": 6, "path": 6,
}  # fmt: skip
ROAD_WIDTH_M: Final = {
    "expressway": 46.0, "main": 36.0, "secondary": 24.0, "tertiary": 15.0, "minor": 9.0, "ramp": 7.0, "service": 5.0,
    "path": 2.5,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line on the ground. `kind` is a street's subtype, or bank, cut, rail."""

    kind: str
    geometry: shapely.LineString
    role: str  # what it is named by: ring:2:north, radial:0.125, axis:0:0.5, hutong:17:3, …


def on_ground(plan: Plan, path: Array) -> shapely.LineString:
    """A path of plan points on the ground."""
    return shapely.LineString(plan.place(path))


def dense(path: Array) -> Array:
    """The same path with vertices every `STEP_M` metres."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, math.ceil(along[-1] / STEP_M) + 1))
    return np.column_stack([np.interp(at, along, path[:, k]) for k in (0, 1)])


def overshot(path: Array) -> Array:
    """The path led on straight beyond both ends, so that it surely meets the road it ends at; noding trims it."""
    first, last = path[0] - path[1], path[-1] - path[-2]
    before = path[0] + first / np.hypot(*first) * OVERSHOOT_M
    after = path[-1] + last / np.hypot(*last) * OVERSHOOT_M
    return np.vstack([before, path, after])


def smooth(path: Array, closed: bool = False, sigma: float = 5.0) -> Array:
    """Rounds the kinks of a dense path; its ends stay where they are."""
    if closed:
        body = gaussian_filter1d(path[:-1], sigma, axis=0, mode="wrap")
        return np.vstack([body, body[:1]])
    pad = min(len(path) - 1, int(4 * sigma))
    before = 2 * path[0] - path[pad:0:-1]
    after = 2 * path[-1] - path[-2 : -pad - 2 : -1]
    whole = gaussian_filter1d(np.vstack([before, path, after]), sigma, axis=0, mode="nearest")
    return np.vstack([path[:1], whole[pad + 1 : pad + len(path) - 1], path[-1:]])
