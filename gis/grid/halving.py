"""Straight lines that halve a polygon through open ground, square to the sides of its bounding rectangle."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

SHARES: Final = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65)  # of the area on one side, best first
STEPS: Final = 24  # of bisection: the way across a cell of 1 km to a tenth of a millimetre

Array = np.ndarray


def halving_lines(polygon: shapely.Polygon, solids: Array) -> list[shapely.LineString]:
    """Lines that touch none of `solids` within `polygon`: across its longer side before along it, halves before
    unequal parts. They reach beyond the polygon on both sides.
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))[:3]
    sides = np.diff(corners, axis=0)[np.argsort(-np.hypot(*np.diff(corners, axis=0).T), kind="stable")]
    lines = [_line_at(polygon, side / np.hypot(*side), share) for side in sides for share in SHARES]
    return [
        line for line in lines if not shapely.intersects(solids, shapely.intersection(line, polygon)).any()
    ]


def _line_at(polygon: shapely.Polygon, along: Array, share: float) -> shapely.LineString:
    """The line square to `along` (a unit vector) with `share` of the polygon behind it."""
    reach = shapely.get_coordinates(polygon) @ along
    low, high = float(reach.min()), float(reach.max())
    begin, across = low - 1.0, np.array([-along[1], along[0]])
    middle = shapely.get_coordinates(polygon.centroid)[0]
    half = 2.0 * polygon.length * across
    foot = middle - (middle @ along) * along
    for _ in range(STEPS):
        offset = (low + high) / 2
        behind = shapely.Polygon(
            [foot + begin * along - half, foot + begin * along + half, foot + offset * along + half,
             foot + offset * along - half]
        )  # fmt: skip
        if shapely.intersection(polygon, behind).area < share * polygon.area:
            low = offset
        else:
            high = offset
    return shapely.LineString([foot + offset * along - half, foot + offset * along + half])
