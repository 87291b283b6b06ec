"""From cells to the ground one may build on: every street takes its width, its pavement and a set-back."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.demo_city.cells import Grid
from gis.demo_city.lines import ROAD_WIDTH_M
from gis.demo_city.plan import Array

# Pavement, cycle path and verge between the kerb and the plots, by what runs there, in metres.
PAVEMENT_M: Final = {
    "expressway": 10.0, "main": 6.0, "secondary": 4.5, "tertiary": 3.5, "minor": 2.2, "service": 1.6, "path": 1.5,
    "cut": 1.0, "bank": 5.0, "rail": 16.0,
}  # fmt: skip
KINDS: Final = tuple(PAVEMENT_M)


def kind_of_pieces(grid: Grid) -> Array:
    """For each border piece of the grid the index of its kind in `KINDS`; unknown pieces count as cuts."""
    of_line = np.array([KINDS.index(line.kind) for line in grid.lines] + [KINDS.index("cut")])
    return of_line[np.where(grid.tiling.line < 0, -1, grid.tiling.line)]


def half_width_m(kind: str) -> float:
    """From a line's middle to its kerb."""
    return ROAD_WIDTH_M.get(kind, 0.0) / 2


def parcels(grid: Grid, beyond_kerb: float = 1.0) -> Array:
    """Per cell the polygon left when every street took its half width and `beyond_kerb` × its pavement.

    Empty polygons where nothing is left; of several parts the largest.
    """
    t = grid.tiling
    kind = kind_of_pieces(grid)
    out = t.faces.copy()
    for k, name in enumerate(KINDS):
        on = kind == k
        cell = np.concatenate([t.left[on], t.right[on]])
        start, end = np.tile(t.start[on], (2, 1)), np.tile(t.end[on], (2, 1))
        real = cell >= 0
        width = half_width_m(name) + beyond_kerb * PAVEMENT_M[name]
        if real.any() and width > 0:
            which, strips = _strips(cell[real], start[real], end[real], width)
            out[which] = shapely.difference(out[which], strips)
    return largest_part(out)


def _strips(cell: Array, start: Array, end: Array, width_m: float) -> tuple[Array, Array]:
    """Buffers around each cell's pieces; pieces that meet are one line, so that corners are round only outside."""
    order = np.argsort(cell, kind="stable")
    which, index = np.unique(cell[order], return_inverse=True)
    lines = shapely.linestrings(np.stack([start[order], end[order]], axis=1))
    merged = shapely.line_merge(shapely.multilinestrings(lines, indices=index))
    return which, shapely.buffer(merged, width_m, quad_segs=3)


def largest_part(geometry: Array) -> Array:
    """Of each geometry its largest polygon; an empty polygon where there is none."""
    parts, of = shapely.get_parts(geometry, return_index=True)
    area = shapely.area(parts)
    order = np.lexsort((-area, of))
    out = np.full(len(geometry), shapely.Polygon(), dtype=object)
    first = np.unique(of[order], return_index=True)[1]
    out[of[order][first]] = parts[order][first]
    return out
