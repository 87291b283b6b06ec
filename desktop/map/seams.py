"""The lines between polygons, each once: a border that two cells share is one line, not two on one another."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from desktop.map.shapes import Shapes

Array = np.ndarray

PORTION: Final = 4_000  # pieces joined at once: a few milliseconds
GRID_M: Final = 0.01  # vertices nearer than this are one


def seams(polygons: Array) -> Array:
    """The borders of `polygons` as lines, every shared piece once, joined as far as they run on without a fork."""
    shapes = Shapes.of(polygons)
    xy = shapes.xy
    if not len(xy):
        return np.empty(0, object)
    inner = np.ones(len(xy) - 1, bool)
    inner[shapes.ring_start[1:-1] - 1] = False
    ids = _vertex_ids(xy)
    low, high = np.minimum(ids[:-1], ids[1:])[inner], np.maximum(ids[:-1], ids[1:])[inner]
    key = low.astype(np.int64) * (int(ids.max()) + 1) + high
    _, first = np.unique(key[low != high], return_index=True)
    first.sort()  # neighbours stay together, so that a portion can be joined by itself
    start, end = xy[:-1][inner][low != high][first], xy[1:][inner][low != high][first]
    pieces = np.stack([start, end], axis=1)
    joined = [_joined(pieces[at : at + PORTION]) for at in range(0, len(pieces), PORTION)]
    return np.concatenate(joined)


def _joined(pieces: Array) -> Array:
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(pieces))))


def _vertex_ids(xy: Array) -> Array:
    at = np.round(xy / GRID_M).astype(np.int64)
    at -= at.min(axis=0)
    return np.unique(at[:, 0] * (int(at[:, 1].max()) + 1) + at[:, 1], return_inverse=True)[1]
