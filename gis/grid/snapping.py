"""A drawn line laid onto what is there: corners go to features nearby, stretches along a feature follow it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.ops import substring

DETOUR: Final = (
    1.5  # a feature is followed between two corners while the way along it is not longer than this
)

Array = np.ndarray


def snapped(line: shapely.LineString, features: Array, within_m: float) -> shapely.LineString:
    """`line` with every corner moved to the nearest place of `features` (lines, or areas by their borders) that is
    at most `within_m` away; between two corners on the same feature the line follows the feature.

    A corner takes a feature's own corner where one is that near, so that borders meet at corners.
    """
    lines = _as_lines(features)
    lines = lines[shapely.STRtree(lines).query(line, predicate="dwithin", distance=within_m)]
    if not len(lines):
        return line
    corners = [_nearest(corner, lines, within_m) for corner in shapely.get_coordinates(line)]
    out: list[Array] = [corners[0][0][None]]
    for (start, first), (end, second) in pairwise(corners):
        common = sorted(first & second)
        out.append(_along(lines[common], start, end) if common else end[None])
    xy = np.concatenate(out)
    distinct = np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]
    return shapely.LineString(xy[distinct]) if distinct.sum() > 1 else line


def _as_lines(features: Array) -> Array:
    """Lines of lines and of the borders of areas."""
    features = np.asarray(features, dtype=object)
    features = features[~(shapely.is_missing(features) | shapely.is_empty(features))]
    is_area = shapely.get_dimensions(features) == 2
    features = np.concatenate([features[~is_area], shapely.boundary(features[is_area])])
    parts = shapely.get_parts(features)
    return parts[shapely.get_dimensions(parts) == 1]


def _nearest(corner: Array, lines: Array, within_m: float) -> tuple[Array, set[int]]:
    """Where a corner goes, and the numbers of the lines that it then lies on."""
    point = shapely.Point(corner)
    near = np.flatnonzero(shapely.dwithin(lines, point, within_m))
    if not len(near):
        return corner, set()
    vertices = shapely.get_coordinates(lines[near])
    far = np.hypot(*(vertices - corner).T)
    if far.min() <= within_m:
        place = vertices[far.argmin()]
    else:
        closest = near[shapely.distance(lines[near], point).argmin()]
        place = shapely.get_coordinates(
            shapely.line_interpolate_point(lines[closest], shapely.line_locate_point(lines[closest], point))
        )[0]
    on = near[shapely.distance(lines[near], shapely.Point(place)) < 1e-6]
    return place, set(on.tolist())


def _along(lines: Array, start: Array, end: Array) -> Array:
    """Corners after `start` up to `end`, along the line with the shortest way unless that is a detour."""
    straight = float(np.hypot(*(end - start)))
    ways = []
    for line in lines:
        at = [shapely.line_locate_point(line, shapely.Point(xy)) for xy in (start, end)]
        way = substring(line, *at)
        if way.geom_type == "LineString" and way.length <= DETOUR * straight:
            ways.append(way)
    if not ways:
        return end[None]
    inner = shapely.get_coordinates(min(ways, key=lambda way: way.length))[1:-1]
    return np.concatenate([inner, end[None]])
