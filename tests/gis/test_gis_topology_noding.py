"""A bug's story: an overlap went unseen because its face held a hair-thin sliver and the sample point fell into it."""

from __future__ import annotations

import numpy as np
import shapely

from gis import topology

# Found in the benchmark's city: the strip's corners were computed to lie on the common border and miss it by 1e-10 m.
LEFT = shapely.Polygon([(0, 0), (100.177, 0.391), (92.129, 53.291), (0, 60)])
RIGHT = shapely.Polygon([(100.177, 0.391), (220, 0), (210, 70), (92.129, 53.291)])


def test_that_an_overlap_is_seen_where_new_vertices_miss_the_common_border_by_rounding() -> None:
    for shift in np.linspace(0.0, 40.0, 81):
        strip = shapely.box(50.0, 8.0 + shift, 110.0, 12.345 + shift)
        polygons = np.array([shapely.union(LEFT, strip), RIGHT])
        truth = shapely.intersection(polygons[0], polygons[1]).area
        found = topology.check(polygons)
        assert len(found.overlaps) == 1, f"strip at {shift}"
        assert abs(found.overlaps["area_m2"].iloc[0] - truth) < 1e-6
