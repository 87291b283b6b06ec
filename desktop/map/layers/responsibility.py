"""Responsibility areas of one kind: strong lines in the kind's colour, names where there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from desktop.map.frame import Frame
from desktop.map.labels.candidates import Candidate, at_point
from desktop.map.layer import LayerBase, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.paths import strokes
from desktop.map.seams import seams
from desktop.map.shapes import Shapes
from desktop.map.style import Style, ink
from desktop.map.view import Extent, View
from resources.styles import SIZES

LINE_PX: Final = 2.0
NAMES_TO: Final = 15_000.0  # the largest denominator with names
ROOM_PX: Final = 60.0  # an area smaller than this on the screen is not named
RANK: Final = 25  # after communities, before streets


@dataclass(frozen=True, eq=False)
class ResponsibilityLayer(LayerBase):
    """Areas of `gis.grid.responsibility.RESPONSIBILITY_COLUMNS` with a shape; `hue` is the number of a major class."""

    areas: gpd.GeoDataFrame
    key: str
    hue: str
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.LINES, Sheet.NAMES)

    @cached_property
    def bounds(self) -> np.ndarray:
        """Bounds of every area, (n, 4)."""
        return shapely.bounds(self._shapes).reshape(-1, 4)

    @property
    def extent(self) -> Extent | None:
        """Bounds of all areas."""
        return extent_of_bounds(self.bounds)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """The outlines, shared ones once, or the roads."""
        painter = frame.painter
        colour = frame.style.palette.major(self.hue)
        painter.setPen(QPen(ink(colour), LINE_PX * frame.unit, c=Qt.PenCapStyle.RoundCap))
        for path in strokes(self._lines.seen(frame.view.m_per_pixel, frame.extent(4.0)), frame.view):
            painter.drawPath(path)
            frame.check()
        painter.setPen(Qt.PenStyle.NoPen)

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """The name of each area that has room, or its code."""
        if view.scale_denominator > NAMES_TO:
            return ()
        rows = self._inside(view)
        b = self.bounds[rows]
        rows = rows[np.maximum(b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]) / view.m_per_px >= ROOM_PX]
        texts = self.areas["name"].where(self.areas["name"] != "", self.areas["code"]).to_numpy(object)
        colour = style.palette.major(self.hue)
        return [
            at_point(str(texts[row]), x, y, RANK, SIZES.map["community"], colour)
            for row, (x, y) in zip(rows.tolist(), self._inner[rows].tolist(), strict=True)
        ]

    def counts(self, view: View) -> Mapping[str, int]:
        """Areas in view."""
        return {self.key: len(self._inside(view))}

    @cached_property
    def _shapes(self) -> np.ndarray:
        return np.asarray(self.areas.geometry.values, dtype=object)

    @cached_property
    def _lines(self) -> Shapes:
        areal = shapely.get_dimensions(self._shapes) == 2
        return Shapes.of(np.concatenate([seams(self._shapes[areal]), self._shapes[~areal]]))

    @cached_property
    def _inner(self) -> np.ndarray:
        return shapely.get_coordinates(shapely.point_on_surface(self._shapes)).reshape(-1, 2)

    def _inside(self, view: View) -> np.ndarray:
        b, e = self.bounds, view.extent
        return np.flatnonzero((b[:, 0] <= e[2]) & (b[:, 2] >= e[0]) & (b[:, 1] <= e[3]) & (b[:, 3] >= e[1]))
