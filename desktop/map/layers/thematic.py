"""A value per cell as a fill under buildings and roads: hot and cold spots, or an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.paths import fills, strokes
from desktop.map.shapes import Shapes
from desktop.map.style import ink
from desktop.map.view import Extent, View
from resources.styles import Palette, amount_ramp

Array = np.ndarray

# Gi* classes: the sign says hot or cold, the number the confidence.
COLD_99, COLD_95, COLD_90, NOT_SIGNIFICANT, HOT_90, HOT_95, HOT_99 = range(-3, 4)
EDGE_PX: Final = 1.6
ALIASED_FROM: Final = 15_000.0


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: the class, its fill and edge (`""`: none), how many cells have it."""

    code: int
    fill: str
    edge: str
    cells: int


class Classes:
    """Cells by class as columns; outlines of the strongest are made when first drawn."""

    def __init__(self, polygons: Array, codes: Array) -> None:
        self.codes = np.asarray(codes, np.int64)
        self.shapes = Shapes.of(polygons)
        self._polygons = polygons

    @cached_property
    def outlines(self) -> dict[int, Shapes]:
        """Around the cells of one class together, for 99 % hot and cold."""
        return {
            code: Shapes.of(shapely.get_parts(shapely.union_all(self._polygons[self.codes == code])))
            for code in (HOT_99, COLD_99)
            if (self.codes == code).any()
        }


@dataclass(frozen=True, eq=False)
class ThematicLayer(LayerBase):
    """One class code per row of `cells`; `kind` is hotspot (codes -3 … 3) or amount (0 … n - 1, -1 without value)."""

    cells: gpd.GeoDataFrame
    codes: Array
    kind: str = "hotspot"
    steps: int = 0
    show_hot: bool = True
    show_cold: bool = True
    key: str = "thematic"
    visible: bool = True
    map: Classes = field(default=None, repr=False)  # type: ignore[assignment]
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.THEMATIC, Sheet.SELECTION)

    def __post_init__(self) -> None:
        if len(self.codes) != len(self.cells):
            raise ValueError(f"{len(self.codes)} codes for {len(self.cells)} cells")
        if self.map is None:
            polygons = np.asarray(self.cells.geometry.values, dtype=object)
            object.__setattr__(self, "map", Classes(polygons, self.codes))

    @classmethod
    def hotspots(cls, cells: gpd.GeoDataFrame, codes: Array) -> ThematicLayer:
        """Gi* classes, -3 (cold, 99 %) … 3 (hot, 99 %)."""
        return cls(cells, np.asarray(codes))

    @classmethod
    def amounts(cls, cells: gpd.GeoDataFrame, values: Array, breaks: Sequence[float]) -> ThematicLayer:
        """Values in the classes that the inner `breaks` part; a missing value has no fill."""
        values = np.asarray(values, float)
        codes = np.where(
            np.isnan(values), -1, np.searchsorted(np.asarray(breaks, float), values, side="right")
        )
        return cls(cells, codes, "amount", len(breaks) + 1)

    def showing(self, *, hot: bool, cold: bool) -> ThematicLayer:
        """The same with hot or cold spots switched off."""
        return replace(self, show_hot=hot, show_cold=cold)

    @property
    def extent(self) -> Extent | None:
        """Bounds of the cells."""
        return extent_of_bounds(self.map.shapes.bounds)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Fills on the thematic sheet, the outlines of 99 % above roads and cells."""
        if sheet is Sheet.THEMATIC:
            self._fill(frame)
        elif self.kind == "hotspot":
            self._outline(frame)

    def legend(self, palette: Palette) -> list[LegendEntry]:
        """The classes from the strongest hot to the strongest cold, or from the largest amount to the least."""
        fills_by_code = self._fills(palette)
        edges = {HOT_99: palette.hot_edge, COLD_99: palette.cold_edge} if self.kind == "hotspot" else {}
        codes = sorted(
            {*fills_by_code, NOT_SIGNIFICANT} if self.kind == "hotspot" else fills_by_code, reverse=True
        )
        return [
            LegendEntry(
                code, fills_by_code.get(code, ""), edges.get(code, ""), int((self.codes == code).sum())
            )
            for code in codes
        ]

    def counts(self, view: View) -> Mapping[str, int]:
        """Cells of each class in view."""
        rows = self.map.shapes.rows[self.map.shapes.inside(view.extent)]
        codes, counts = np.unique(self.codes[rows], return_counts=True)
        return {f"{self.key}:{code}": int(count) for code, count in zip(codes.tolist(), counts, strict=True)}

    def _fills(self, palette: Palette) -> dict[int, str]:
        if self.kind == "amount":
            return dict(enumerate(amount_ramp(palette.theme, self.steps)))
        hot = dict(zip((HOT_90, HOT_95, HOT_99), palette.hot, strict=True)) if self.show_hot else {}
        cold = dict(zip((COLD_90, COLD_95, COLD_99), palette.cold, strict=True)) if self.show_cold else {}
        return hot | cold

    def _fill(self, frame: Frame) -> None:
        painter, palette = frame.painter, frame.style.palette
        seen = self.map.shapes.seen(frame.view.m_per_pixel, frame.extent())
        codes = self.map.codes[seen.rows]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, frame.view.scale_denominator < ALIASED_FROM)
        for code, colour in self._fills(palette).items():
            painter.setBrush(ink(colour, palette.hot_opacity))
            for path in fills(seen.take(np.flatnonzero(codes == code)), frame.view):
                painter.drawPath(path)
            frame.check()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _outline(self, frame: Frame) -> None:
        painter, palette = frame.painter, frame.style.palette
        for code, colour, shown in (
            (HOT_99, palette.hot_edge, self.show_hot),
            (COLD_99, palette.cold_edge, self.show_cold),
        ):
            if not shown or code not in self.map.outlines:
                continue
            painter.setPen(QPen(ink(colour), EDGE_PX * frame.unit, j=Qt.PenJoinStyle.MiterJoin))
            seen = self.map.outlines[code].seen(frame.view.m_per_pixel, frame.extent(4.0))
            for path in strokes(seen, frame.view):
                painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
