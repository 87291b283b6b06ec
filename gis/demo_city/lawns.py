"""Lawns between houses, and the smoothing that makes them look mown."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.demo_city.plan import Array
from gis.demo_city.site import Site

LAWN_USES: Final = ("new", "campus", "hospital", "civic", "school", "stadium")
SMALLEST_LAWN_M2 = 260.0


def lawns(site: Site) -> Array:
    """Open ground of plots with lawns, off the houses and sports fields."""
    things = np.concatenate([site.houses.polygons, site.fields])
    cell = np.concatenate([site.houses.cell, np.array([k for _, _, k in site.landmarks.fields], dtype=int)])
    rows = np.flatnonzero(np.isin(site.grid.use, LAWN_USES) & ~shapely.is_empty(site.plots))
    ground = shapely.buffer(site.plots[rows], -6.0)
    place = np.full(len(site.plots), -1)
    place[rows] = np.arange(len(rows))
    on = np.flatnonzero(place[cell] >= 0)
    order = on[np.argsort(place[cell[on]], kind="stable")]
    which, index = np.unique(place[cell[order]], return_inverse=True)
    around = shapely.buffer(shapely.multipolygons(things[order], indices=index), 6.0, quad_segs=2)
    ground[which] = shapely.difference(ground[which], around)
    parts = shapely.get_parts(shapely.buffer(shapely.buffer(ground, -3.5), 3.5, quad_segs=3))
    return np.asarray(shapely.simplify(parts[shapely.area(parts) > SMALLEST_LAWN_M2], 0.3))
