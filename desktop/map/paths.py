"""From coordinate columns to painter paths, without a call per vertex.

Qt reads a path from a byte stream; numpy writes that stream. Paths are handed over in small batches: Qt's antialiased
filling grows faster than linearly with the vertices of one path, and a call that takes long would hold the
interpreter and with it the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QIODevice
from PySide6.QtGui import QPainterPath

from desktop.map.shapes import Shapes
from desktop.map.view import View

Array = np.ndarray

FILL_VERTICES: Final = 72  # a batch of small polygons fills fastest at this size
COARSE_VERTICES: Final = 1500  # without antialiasing large batches are faster
STROKE_VERTICES: Final = 1200

_ELEMENT: Final = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1
_WINDING: Final = np.array([0, 1], ">i4").tobytes()  # start of the last subpath (Qt finds it), fill rule


def fills(shapes: Shapes, view: View, fine: bool = True) -> Iterator[QPainterPath]:
    """Paths that fill the polygons of `shapes` together; `fine` ones will be drawn antialiased."""
    return _batches(shapes, view, FILL_VERTICES if fine else COARSE_VERTICES)


def strokes(shapes: Shapes, view: View, vertices: int = STROKE_VERTICES) -> Iterator[QPainterPath]:
    """Paths that draw the lines, or the outlines, of `shapes`; pens with round ends want few `vertices` at a time."""
    return _batches(shapes, view, vertices)


def whole(shapes: Shapes, view: View) -> QPainterPath:
    """All of `shapes` as one path, for clipping."""
    return next(_batches(shapes, view, 1 << 40), QPainterPath())


def polyline(px: Array, py: Array) -> QPainterPath:
    """One open line through pixels."""
    kinds = np.full(len(px), _LINE, np.int32)
    kinds[:1] = _MOVE
    return _path(_elements(kinds, px, py))


def segments(start: Array, end: Array, view: View) -> Iterator[QPainterPath]:
    """Paths of loose straight pieces between (n, 2) plane coordinates."""
    x0, y0 = view.to_pixels(start[:, 0], start[:, 1])
    x1, y1 = view.to_pixels(end[:, 0], end[:, 1])
    return pixel_segments(x0, y0, x1, y1, view)


def pieces(shapes: Shapes, view: View) -> Iterator[QPainterPath]:
    """Paths of all straight pieces of `shapes`, each by itself: thin bent lines are drawn twice as fast that way."""
    first = np.ones(len(shapes.xy), bool)
    first[shapes.ring_start[1:-1] - 1] = False
    first[-1:] = False
    at = np.flatnonzero(first)
    return segments(shapes.xy[at], shapes.xy[at + 1], view)


def pixel_segments(
    x0: Array, y0: Array, x1: Array, y1: Array, view: View, half_width: float = 8.0
) -> Iterator[QPainterPath]:
    """Paths of loose straight pieces between pixels; what lies wholly outside the picture is left out."""
    (width, height), beyond = view.size_px, half_width + 2.0
    seen = (np.maximum(x0, x1) > -beyond) & (np.minimum(x0, x1) < width + beyond)
    seen &= (np.maximum(y0, y1) > -beyond) & (np.minimum(y0, y1) < height + beyond)
    px, py = np.stack([x0, x1], axis=1)[seen].ravel(), np.stack([y0, y1], axis=1)[seen].ravel()
    elements = _elements(np.tile(np.array([_MOVE, _LINE], np.int32), len(px) // 2), px, py)
    for first in range(0, len(elements), STROKE_VERTICES):
        yield _path(elements[first : first + STROKE_VERTICES])


def _batches(shapes: Shapes, view: View, vertices: int) -> Iterator[QPainterPath]:
    if not len(shapes):
        return
    px, py = view.to_pixels(shapes.xy[:, 0], shapes.xy[:, 1])
    kinds = np.full(len(px), _LINE, np.int32)
    kinds[shapes.ring_start[:-1]] = _MOVE
    elements = _elements(kinds, px, py)
    ends = shapes.ring_start[shapes.shape_ring]  # first vertex of every shape, and one past the last
    batch = ends[:-1] // vertices
    cuts = np.concatenate([[0], ends[:-1][1:][np.diff(batch) > 0], ends[-1:]])
    for start, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if stop > start:
            yield _path(elements[start:stop])


def _elements(kinds: Array, px: Array, py: Array) -> Array:
    elements = np.empty(len(px), _ELEMENT)
    elements["kind"], elements["x"], elements["y"] = kinds, px, py
    return elements


def _path(elements: Array) -> QPainterPath:
    data = QByteArray(np.array([len(elements)], ">i4").tobytes() + elements.tobytes() + _WINDING)
    path = QPainterPath()
    stream = QDataStream(data, QIODevice.OpenModeFlag.ReadOnly)
    stream >> path
    return path
