"""Ways that end inside a block, led on to the other side so that a border may follow them."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.division.solids import GRID_M, Solids
from gis.division.ways import FAINT, Ways

REACH_M: Final = 60.0
FAINT_REACH_M: Final = 20.0  # lot lines end where the pavement begins
THROUGH_M: Final = 1.0  # a lengthening that enters a building by more is given up
TOUCHING_M: Final = 2 * GRID_M
BEYOND: Final = 1.0 + 1e-4

Array = np.ndarray


def lengthened(ways: Ways, community: shapely.Geometry, solids: Solids) -> Array:
    """Straight pieces from the dead ends of `ways` to the next line or outline within `REACH_M`.

    From those of other features within `FAINT_REACH_M`.
    """
    lines = ways.lines
    if not len(lines):
        return lines
    place, heading, line = _dead_ends(lines)
    reach = np.where(ways.strength[line] == FAINT, FAINT_REACH_M, REACH_M)[:, None]
    rays = shapely.linestrings(np.stack([place, place + reach * heading], axis=1))
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


def _dead_ends(lines: Array) -> tuple[Array, Array, Array]:
    """Ends that touch no other line: places, unit vectors that point onward, and whose end each is."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(np.r_[True, np.diff(line) != 0])
    last = np.r_[first[1:], len(line)] - 1
    place = np.concatenate([xy[first], xy[last]])
    inner = np.concatenate([xy[first + 1], xy[last - 1]])
    touched = shapely.STRtree(lines).query(shapely.points(place), predicate="dwithin", distance=TOUCHING_M)[0]
    away = place - inner
    length = np.hypot(*away.T)
    lone = (np.bincount(touched, minlength=len(place)) == 1) & (length > 0.0)
    owner = np.tile(np.arange(len(lines)), 2)
    return place[lone], away[lone] / length[lone][:, None], owner[lone]


def _through(made: Array, solids: Solids) -> Array:
    piece, solid = shapely.STRtree(solids.polygons).query(made, predicate="intersects")
    inside = shapely.length(shapely.intersection(made[piece], solids.polygons[solid]))
    return np.bincount(piece, weights=inside, minlength=len(made))
