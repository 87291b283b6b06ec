"""Dash-dot lines cut by arithmetic: Qt's own dashing of long lines takes longer than everything else together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtGui import QPainterPath

from desktop.map.paths import pixel_segments
from desktop.map.shapes import Shapes
from desktop.map.view import View

Array = np.ndarray


def dashes(
    lines: Shapes, view: View, pattern_px: Sequence[float], shorter_px: float = 0.0
) -> Iterator[QPainterPath]:
    """Paths of the dashes of `lines`; `pattern_px` alternates dash and gap in pixels of the device.

    Counted from the start of each line, so that dashes stay where they are when the map is dragged. With square pen
    ends every dash is made `shorter_px` shorter, half at either end.
    """
    if not len(lines):
        return iter(())
    px, py = view.to_pixels(lines.xy[:, 0], lines.xy[:, 1])
    step = np.hypot(np.diff(px), np.diff(py))
    step[lines.ring_start[1:-1] - 1] = 1.0  # lines lie apart, so that no place belongs to two
    along = np.concatenate([[0.0], np.cumsum(step)])
    first = along[lines.ring_start[:-1]]
    length = along[lines.ring_start[1:] - 1] - first
    start, stop, line = _marks(length, np.asarray(pattern_px, float), shorter_px / 2.0)
    return pixel_segments(*_pieces(along, px, py, start + first[line], stop + first[line]), view)


def _marks(length: Array, pattern: Array, half: float) -> tuple[Array, Array, Array]:
    """Start, stop (from the start of the line) and line number of every dash."""
    period = pattern.sum()
    edges = np.concatenate([[0.0], np.cumsum(pattern)])
    repeats = np.ceil(length / period).astype(np.int64)
    line = np.repeat(np.arange(len(length)), repeats)
    turn = np.arange(len(line)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    start = (turn[:, None] * period + edges[None, :-1:2] + half).ravel()
    stop = (turn[:, None] * period + edges[None, 1::2] - half).ravel()
    line = np.repeat(line, len(pattern) // 2)
    stop = np.minimum(stop, length[line])
    kept = stop > start
    return start[kept], stop[kept], line[kept]


def _pieces(
    along: Array, px: Array, py: Array, start: Array, stop: Array
) -> tuple[Array, Array, Array, Array]:
    """The straight pieces of every dash, broken where its line bends: x0, y0, x1, y1."""
    low = np.searchsorted(along, start, side="right")
    high = np.searchsorted(along, stop, side="left")
    bends = np.maximum(high - low, 0)
    dash = np.repeat(np.arange(len(start)), bends + 1)
    place = np.arange(len(dash)) - np.repeat(np.cumsum(bends + 1) - (bends + 1), bends + 1)
    corner = low[dash] + place
    begin = np.where(place == 0, start[dash], along[np.minimum(corner - 1, len(along) - 1)])
    end = np.where(place == bends[dash], stop[dash], along[np.minimum(corner, len(along) - 1)])
    return (
        np.interp(begin, along, px),
        np.interp(begin, along, py),
        np.interp(end, along, px),
        np.interp(end, along, py),
    )
