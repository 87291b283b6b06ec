"""Administrative areas: the lines and names of counties, streets or communities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from desktop.map.dashes import dashes
from desktop.map.frame import Frame
from desktop.map.labels.candidates import Candidate, at_point
from desktop.map.layer import LayerBase, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.seams import seams
from desktop.map.shapes import Shapes
from desktop.map.style import Style, ink
from desktop.map.view import Extent, View
from resources.styles import SIZES

Array = np.ndarray


@dataclass(frozen=True)
class Rule:
    """How areas of one level are drawn. Widths, dashes and room are logical pixels."""

    width_px: float
    dash_px: tuple[float, ...]
    lines_to: float  # the largest denominator with lines
    names: tuple[float, float]  # denominators between which names stand
    size: str  # of `SIZES.map`
    rank: int
    room_px: float  # an area smaller than this on the screen is not named


RULES: Final[Mapping[str, Rule]] = {
    "community": Rule(2.4, (14, 4, 3, 4), 13_000, (0, 9_000), "community", 20, 90),
    "street": Rule(2.8, (18, 4, 3, 4, 3, 4), 120_000, (9_000, 120_000), "district", 10, 60),
    "county": Rule(3.4, (24, 5, 5, 5), 4_000_000, (120_000, 4_000_000), "district", 5, 60),
}
THINNED_FROM: Final = 4_000.0  # beyond, lines lose up to half their width


class AreaMap:
    """Areas as columns; lines and inner points are made when first asked for, or given as `line_arrays` kept them."""

    def __init__(self, areas: gpd.GeoDataFrame, kept: Mapping[str, Array] | None = None) -> None:
        self.areas = areas
        if kept:
            self.seams, self.inner = Shapes.from_columns(kept), kept["inner"].reshape(-1, 2)
        self.names = areas["name"].to_list()
        self._polygons = np.asarray(areas.geometry.values, dtype=object)

    @cached_property
    def bounds(self) -> Array:
        """Bounds of every area, (n, 4)."""
        return shapely.bounds(self._polygons).reshape(-1, 4)

    @cached_property
    def seams(self) -> Shapes:
        """The areas' lines, shared ones once."""
        return Shapes.of(seams(self._polygons))

    @cached_property
    def inner(self) -> Array:
        """A point well inside each area, (n, 2)."""
        return shapely.get_coordinates(shapely.point_on_surface(self._polygons)).reshape(-1, 2)

    def line_arrays(self) -> dict[str, Array]:
        """What is dear to make, as flat arrays."""
        return {**self.seams.columns(), "inner": self.inner.ravel()}


@dataclass(frozen=True, eq=False)
class AreasLayer(LayerBase):
    """Areas of `gis.frames.AREA_COLUMNS` of one `level` on the city's plane."""

    areas: gpd.GeoDataFrame
    level: str = "community"
    key: str = ""
    visible: bool = True
    map: AreaMap = field(default=None, repr=False)  # type: ignore[assignment]
    kept: Mapping[str, Array] | None = field(default=None, repr=False)
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.LINES, Sheet.NAMES)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or self.level)
        if self.map is None or self.map.areas is not self.areas:
            object.__setattr__(self, "map", AreaMap(self.areas, self.kept))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all areas."""
        return extent_of_bounds(self.map.bounds)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Dash-dot lines of the level."""
        rule, denominator = RULES[self.level], frame.view.scale_denominator
        if denominator > rule.lines_to:
            return
        thinner = float(np.interp(np.log(denominator), np.log([THINNED_FROM, 20_000.0]), [1.0, 0.42]))
        width = rule.width_px * thinner * frame.unit
        pattern = [length * thinner * frame.unit for length in rule.dash_px]
        painter = frame.painter
        painter.setPen(QPen(ink(frame.style.palette.community_line), width, c=Qt.PenCapStyle.SquareCap))
        seen = self.map.seams.seen(frame.view.m_per_pixel, frame.extent(4.0))
        for path in dashes(seen, frame.view, pattern, width):
            painter.drawPath(path)
            frame.check()
        painter.setPen(Qt.PenStyle.NoPen)

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """Names of the areas that have room."""
        rule, denominator = RULES[self.level], view.scale_denominator
        if not rule.names[0] <= denominator < rule.names[1]:
            return ()
        rows = self._inside(view)
        b = self.map.bounds[rows]
        rows = rows[np.minimum(b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]) / view.m_per_px >= rule.room_px]
        palette = style.palette
        return [
            at_point(self.map.names[row], x, y, rule.rank, SIZES.map[rule.size], palette.community_line)
            for row, (x, y) in zip(rows.tolist(), self.map.inner[rows].tolist(), strict=True)
            if self.map.names[row]
        ]

    def counts(self, view: View) -> Mapping[str, int]:
        """Areas in view."""
        return {self.key: len(self._inside(view))}

    def _inside(self, view: View) -> Array:
        b, e = self.map.bounds, view.extent
        return np.flatnonzero((b[:, 0] <= e[2]) & (b[:, 2] >= e[0]) & (b[:, 1] <= e[3]) & (b[:, 3] >= e[1]))
