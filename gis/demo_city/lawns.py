"""Lawns between houses, and the smoothing that makes them look mown."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.demo_city.plan import Array

LAWN_USES: Final = ("new", "campus", "hospital", "civic", "school", "stadium")
SMALLEST_LAWN_M2 = 260.0


def lawns(plots: Array, use: Array, things: Array, cell: Array) -> tuple[Array, Array]:
    """Open ground of plots with lawns, off the houses and other `things` in their `cell`: polygons and their cell."""
    rows = np.flatnonzero(np.isin(use, LAWN_USES) & ~shapely.is_empty(plots))
    ground = shapely.buffer(plots[rows], -6.0)
    place = np.full(len(plots), -1)
    place[rows] = np.arange(len(rows))
    on = np.flatnonzero(place[cell] >= 0)
    order = on[np.argsort(place[cell[on]], kind="stable")]
    which, index = np.unique(place[cell[order]], return_inverse=True)
    around = shapely.buffer(shapely.multipolygons(things[order], indices=index), 6.0, quad_segs=2)
    ground[which] = shapely.difference(ground[which], around)
    parts, of = shapely.get_parts(
        shapely.buffer(shapely.buffer(ground, -3.5), 3.5, quad_segs=3), return_index=True
    )
    large = shapely.area(parts) > SMALLEST_LAWN_M2
    return shapely.simplify(parts[large], 0.3), rows[of[large]]
