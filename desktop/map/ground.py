"""The ground of the base map: green and squares, water with its thinning lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from desktop.map.frame import Frame
from desktop.map.paths import fills, strokes
from desktop.map.scales import FAR, MIDDLE
from desktop.map.shapes import Shapes
from desktop.map.style import ink
from resources.styles import mix

Array = np.ndarray

# Distance from the shore in logical pixels, and opacity: as on an engraved chart the lines thin out.
WATER_LINES: Final = ((4.0, 0.60), (9.0, 0.42), (15.5, 0.28), (24.0, 0.17))
MOST_GREEN: Final = 2_500  # of more in view the smallest are left out
WATER_LINES_FROM: Final = 30_000.0


def draw_green(frame: Frame, shapes: Shapes, kinds: Array, colours: Sequence[str]) -> None:
    """Parks, grass and squares: `kinds` are numbers into `colours` by row of the source, drawn in their order."""
    painter = frame.painter
    seen = shapes.seen(frame.view.m_per_pixel, frame.extent()).largest(MOST_GREEN)
    fine = frame.view.scale_denominator < MIDDLE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, fine)
    for kind, colour in enumerate(colours):
        painter.setBrush(ink(colour))
        for path in fills(seen.take(np.flatnonzero(kinds[seen.rows] == kind)), frame.view, fine):
            painter.drawPath(path)
        frame.check()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_water(frame: Frame, shapes: Shapes) -> None:
    """Water, three to four thinning lines inside the shore, and the shore itself."""
    painter, palette, unit = frame.painter, frame.style.palette, frame.unit
    reach_px = WATER_LINES[-1][0] + 12.0
    seen = shapes.seen(frame.view.m_per_pixel, frame.extent(reach_px))
    painter.setBrush(ink(palette.water))
    for path in fills(seen, frame.view):
        painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    frame.check()
    if frame.view.scale_denominator < WATER_LINES_FROM:
        _draw_water_lines(frame, seen, reach_px)
    wide = 1.0 if frame.view.scale_denominator < MIDDLE else 0.8
    painter.setPen(QPen(ink(palette.shore), wide * unit, j=Qt.PenJoinStyle.RoundJoin))
    for path in strokes(seen, frame.view):
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)


def _draw_water_lines(frame: Frame, water: Shapes, reach_px: float) -> None:
    painter, palette, unit = frame.painter, frame.style.palette, frame.unit
    m_per_px = frame.view.m_per_px
    near = shapely.clip_by_rect(water.geometry, *frame.extent(reach_px))
    near = shapely.make_valid(near[~shapely.is_empty(near)])
    lines = WATER_LINES if frame.view.scale_denominator < FAR else WATER_LINES[:2]
    for distance_px, opacity in lines:
        inner = shapely.buffer(near, -distance_px * m_per_px, quad_segs=3)
        inner = inner[~shapely.is_empty(inner)]
        painter.setPen(QPen(ink(mix(palette.water, palette.shore, opacity)), 0.8 * unit))
        for path in strokes(Shapes.of(inner), frame.view):
            painter.drawPath(path)
        frame.check()
    painter.setPen(Qt.PenStyle.NoPen)
