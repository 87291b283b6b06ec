"""Ways that end inside a block, led on to the other side so that a border may follow them."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.division.solids import GRID_M, Solids

REACH_M: Final = 60.0
THROUGH_M: Final = 1.0  # a lengthening that enters a building by more is given up
TOUCHING_M: Final = 2 * GRID_M
BEYOND: Final = 1.0 + 1e-4

Array = np.ndarray


def lengthened(lines: Array, community: shapely.Geometry, solids: Solids) -> Array:
    """Straight pieces from the dead ends of `lines` to the next line or outline within `REACH_M`."""
    if not len(lines):
        return lines
    place, heading = _dead_ends(lines)
    rays = shapely.linestrings(np.stack([place, place + REACH_M * heading], axis=1))
    targets = np.concatenate([lines, shapely.get_parts(shapely.boundary(community))])
    ray, target = shapely.STRtree(targets).query(rays, predicate="intersects")
    meeting = shapely.intersection(rays[ray], targets[target])
    xy, which = shapely.get_coordinates(meeting, return_index=True)
    ray = ray[which]
    far = np.hypot(*(xy - place[ray]).T)
    ahead = far > TOUCHING_M
    nearest = np.full(len(place), np.inf)
    np.minimum.at(nearest, ray[ahead], far[ahead])
    reached = np.flatnonzero(np.isfinite(nearest))
    ends = place[reached] + heading[reached] * (nearest[reached] * BEYOND)[:, None]
    made = np.asarray(shapely.linestrings(np.stack([place[reached], ends], axis=1)), dtype=object)
    return made[_through(made, solids) <= THROUGH_M]


def _dead_ends(lines: Array) -> tuple[Array, Array]:
    """Ends that touch no other line: places and unit vectors that point onward."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(np.r_[True, np.diff(line) != 0])
    last = np.r_[first[1:], len(line)] - 1
    place = np.concatenate([xy[first], xy[last]])
    inner = np.concatenate([xy[first + 1], xy[last - 1]])
    touched = shapely.STRtree(lines).query(shapely.points(place), predicate="dwithin", distance=TOUCHING_M)[0]
    away = place - inner
    length = np.hypot(*away.T)
    lone = (np.bincount(touched, minlength=len(place)) == 1) & (length > 0.0)
    return place[lone], away[lone] / length[lone][:, None]


def _through(made: Array, solids: Solids) -> Array:
    piece, solid = shapely.STRtree(solids.polygons).query(made, predicate="intersects")
    inside = shapely.length(shapely.intersection(made[piece], solids.polygons[solid]))
    return np.bincount(piece, weights=inside, minlength=len(made))
