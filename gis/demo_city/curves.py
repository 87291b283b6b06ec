"""Many polylines as one set of arrays, and points along them at given distances and offsets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.plan import Array


@dataclass(frozen=True)
class Curves:
    """Polylines laid end to end: vertices, distance of every vertex along its own line, first vertex of each line."""

    xy: Array
    along_m: Array
    first: Array  # n + 1
    length_m: Array

    @classmethod
    def of(cls, lines: Array) -> Curves:
        """From an array of LineStrings."""
        xy, of = shapely.get_coordinates(lines, return_index=True)
        first = np.searchsorted(of, np.arange(len(lines) + 1))
        step = np.r_[0.0, np.hypot(*np.diff(xy, axis=0).T)]
        step[first[:-1]] = 0.0
        total = np.cumsum(step)
        along = total - total[first[of]]
        return cls(xy, along, first, along[first[1:] - 1])

    def at(self, line: Array, s_m: Array, left_m: Array | float = 0.0) -> tuple[Array, Array, Array, Array]:
        """Points `s_m` along each given line and `left_m` to its left: x, y and the unit direction there."""
        base = np.r_[0.0, np.cumsum(self.length_m + 1.0)]
        key = self.along_m + np.repeat(base[:-1], np.diff(self.first))
        s_m = np.clip(s_m, 0.0, self.length_m[line])
        k = np.searchsorted(key, base[line] + s_m, side="right") - 1
        k = np.clip(k, self.first[line], self.first[line + 1] - 2)
        way = self.xy[k + 1] - self.xy[k]
        step = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
        tx, ty = way[:, 0] / step, way[:, 1] / step
        rest = s_m - self.along_m[k]
        x = self.xy[k, 0] + tx * rest - ty * left_m
        y = self.xy[k, 1] + ty * rest + tx * left_m
        return x, y, tx, ty
