"""Buildings, roads and railways of the base map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from desktop.map.frame import Frame
from desktop.map.paths import fills, pieces, strokes
from desktop.map.ribbons import ribbon
from desktop.map.scales import FAR, MAIN_RANK, MIDDLE, NEAR, PATH_RANK, road_width_px
from desktop.map.shapes import Shapes
from desktop.map.style import ink, veil
from resources.styles import mix

Array = np.ndarray

CASING_PX: Final = 0.8
LOOSE_TO: Final = 8.0  # narrower lines are drawn piece by piece with square ends; pixels of the device
HAIR_PX: Final = 3.0  # a narrower street is one thin line without casing
MOST_BUILDINGS: Final = 9_000  # of more in view the smallest are left out
STROKE_VERTICES: Final = 48  # thick lines with bends are drawn fastest in small batches
SUBPIXELS: Final = 4
EDGE_PX: Final = 0.7
# Houses are a veil: on land they have their own colour, on a thematic fill they are a shade of it.
BUILDING_OPACITY: Final = {"light": 0.10, "dark": 0.10}
EDGE_OPACITY: Final = 0.34
FINE_BUILDINGS: Final = (
    3_000  # more houses than this are small and faint: they gain nothing from antialiasing
)


def draw_buildings(frame: Frame, shapes: Shapes) -> None:
    """Building mass; from 1 : 3,000 on with an edge."""
    denominator = frame.view.scale_denominator
    if denominator > FAR:
        return
    painter, palette = frame.painter, frame.style.palette
    seen = shapes.seen(frame.view.m_per_pixel, frame.extent(2.0)).largest(MOST_BUILDINGS)
    fine = len(seen) < FINE_BUILDINGS
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, fine)
    painter.setBrush(veil(palette.land, palette.building, BUILDING_OPACITY[palette.theme]))
    for path in fills(seen, frame.view, fine):
        painter.drawPath(path)
        frame.check()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if denominator <= NEAR:
        edge = veil(palette.building, palette.building_edge, EDGE_OPACITY)
        painter.setPen(QPen(edge, EDGE_PX * frame.unit))
        for path in strokes(seen, frame.view):
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)


class Streets:
    """Roads sorted by rank, each rank with its widths; made once from the frame's columns."""

    def __init__(self, shapes: Shapes, rank: Array, width_m: Array, dashed: Array) -> None:
        self._shapes = shapes
        self._rank = np.clip(rank, 1, PATH_RANK)
        self._width_m = width_m
        self._dashed = np.asarray(dashed, dtype=bool)  # an empty frame has no type of its own

    def draw(self, frame: Frame) -> None:
        """Paths, then all casings, then all carriageways, the less important first: junctions flow together."""
        seen = self._shapes.seen(frame.view.m_per_pixel, frame.extent(40.0))
        if frame.view.scale_denominator <= NEAR * 1.5:
            self._draw_paths(frame, seen)
        strips = list(self._strips(frame, seen))
        self._draw_casings(frame, strips)
        painter, palette = frame.painter, frame.style.palette
        for rank, width_px, part in strips:
            if width_px < HAIR_PX:
                continue
            colour = palette.main_road if rank <= MAIN_RANK else palette.road
            _lay(frame, part, colour, width_px * frame.unit)
            frame.check()
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_casings(self, frame: Frame, strips: list[tuple[int, float, Shapes]]) -> None:
        palette = frame.style.palette
        for rank, width_px, part in strips:
            casing = palette.main_road_casing if rank <= MAIN_RANK else palette.road_casing
            if width_px < HAIR_PX:
                _stroke(frame, part, _pen(palette.road if frame.style.dark else casing, 1.0))
                continue
            thin = CASING_PX if width_px > 2.4 else 0.5
            _lay(frame, part, casing, (width_px + 2.0 * thin) * frame.unit)
            frame.check()

    def _strips(self, frame: Frame, seen: Shapes) -> Iterator[tuple[int, float, Shapes]]:
        """(rank, width, shapes) from the least to the most important."""
        rank, width_m = self._rank[seen.rows], self._width_m[seen.rows]
        solid = ~self._dashed[seen.rows]
        denominator, m_per_px = frame.view.scale_denominator, frame.view.m_per_px
        for value in np.unique(rank)[::-1].tolist():
            at = np.flatnonzero((rank == value) & solid)
            width_px = np.round(road_width_px(value, width_m[at], denominator, m_per_px) * 4.0) / 4.0
            for width in np.unique(width_px[width_px > 0.0]).tolist():
                yield value, width, seen.take(at[width_px == width])

    def _draw_paths(self, frame: Frame, seen: Shapes) -> None:
        pen = QPen(
            ink(mix(frame.style.palette.land, frame.style.palette.main_road_casing, 0.75)), 0.9 * frame.unit
        )
        pen.setDashPattern([4.0, 3.5])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        _stroke(frame, seen.take(np.flatnonzero(self._dashed[seen.rows])), pen)
        frame.painter.setPen(Qt.PenStyle.NoPen)


def draw_railways(frame: Frame, shapes: Shapes) -> None:
    """A thin line with sleepers from 1 : 20,000 on."""
    palette, unit = frame.style.palette, frame.unit
    seen = shapes.seen(frame.view.m_per_pixel, frame.extent(8.0))
    line = mix(palette.land, palette.map_text, 0.5)
    near = frame.view.scale_denominator < MIDDLE
    width = 3.2 if near else 2.4
    _stroke(frame, seen, _pen(line, width * unit))
    if frame.view.scale_denominator < FAR:
        pen = _pen(palette.land, (width - 1.6) * unit)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([5.0, 5.0] if near else [6.0, 6.0])
        _stroke(frame, seen, pen)
    frame.painter.setPen(Qt.PenStyle.NoPen)


def _lay(frame: Frame, shapes: Shapes, colour: str, width: float) -> None:
    """Lines with round ends."""
    if width <= 1.0:
        _stroke(frame, shapes, _pen(colour, width))
        return
    made = ribbon(shapes, frame.view, width, square=width <= LOOSE_TO)
    frame.painter.setPen(_pen(colour, width))
    for path in made.paths:
        frame.painter.drawPath(path)
    if width > LOOSE_TO:
        _round(frame, made.ends, colour, width)


def _pen(colour: str, width: float) -> QPen:
    """With flat ends, which Qt draws twenty times faster than round ones; `_round` rounds them."""
    return QPen(ink(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def _stroke(frame: Frame, shapes: Shapes, pen: QPen) -> None:
    frame.painter.setPen(pen)
    loose = pen.style() == Qt.PenStyle.SolidLine and 1.0 < pen.widthF() <= LOOSE_TO
    for path in pieces(shapes, frame.view) if loose else strokes(shapes, frame.view, STROKE_VERTICES):
        frame.painter.drawPath(path)


def _round(frame: Frame, places: Array, colour: str, width: float) -> None:
    """Discs on the ends and sharp bends of lines: they close corners and round off dead ends."""
    steps = np.round(places * SUBPIXELS).astype(np.int64)
    for x, y in np.unique(steps, axis=0).tolist():
        image = _disc(colour, width, x % SUBPIXELS, y % SUBPIXELS)
        half = image.width() // 2
        frame.painter.drawImage(x // SUBPIXELS - half, y // SUBPIXELS - half, image)


@lru_cache(maxsize=2048)
def _disc(colour: str, width: float, x: int, y: int) -> QImage:
    """A disc whose middle lies `x`, `y` fourths of a pixel off the middle of the picture."""
    half = math.ceil(width / 2.0) + 2
    image = QImage(2 * half, 2 * half, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(colour))
    painter.drawEllipse(QPointF(half + x / SUBPIXELS, half + y / SUBPIXELS), width / 2.0, width / 2.0)
    painter.end()
    return image
