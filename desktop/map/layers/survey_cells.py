"""Cells of a special survey by how far they are, with a line around those of the chosen collector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Pick, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.paths import fills, strokes
from desktop.map.shapes import Shapes
from desktop.map.style import ink
from desktop.map.view import Extent, View

Array = np.ndarray

OPEN, BEGUN, DONE = 0, 1, 2
FILLS: Final = {OPEN: ("stale", 0.16), BEGUN: ("warning", 0.34), DONE: ("done", 0.38)}
EDGE_PX: Final = 2.0
KIND: Final = "survey_cell"


class CellShapes:
    """The cells of a plan as columns; what is drawn around a collector's cells is kept."""

    def __init__(self, codes: Array, polygons: Array) -> None:
        self.codes, self.polygons = codes, polygons
        self._around: dict[bytes, Shapes] = {}

    @cached_property
    def shapes(self) -> Shapes:
        """The cells' areas."""
        return Shapes.of(self.polygons)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Which cell lies where."""
        return shapely.STRtree(self.polygons)

    def around(self, chosen: Array) -> Shapes:
        """The outline of the chosen cells together."""
        key = chosen.tobytes()
        if key not in self._around:
            whole = shapely.union_all(self.polygons[chosen], grid_size=0.001)
            self._around[key] = Shapes.of(shapely.get_parts(whole))
        return self._around[key]


@dataclass(frozen=True, eq=False)
class SurveyCellsLayer(LayerBase):
    """n cells with a stage each (`OPEN`, `BEGUN`, `DONE`); `chosen`: which have a line around them."""

    cells: CellShapes = field(repr=False)
    stages: Array
    chosen: Array
    key: str = "survey"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.THEMATIC, Sheet.SELECTION)
    pick_rank: ClassVar[int] = 1

    @property
    def extent(self) -> Extent | None:
        """Bounds of the cells."""
        return extent_of_bounds(self.cells.shapes.bounds)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Fills under buildings and roads, the line above them."""
        painter, palette = frame.painter, frame.style.palette
        if sheet is Sheet.THEMATIC:
            seen = self.cells.shapes.seen(frame.view.m_per_pixel, frame.extent())
            stages = self.stages[seen.rows]
            for stage, (role, opacity) in FILLS.items():
                painter.setBrush(ink(getattr(palette, role), opacity))
                for path in fills(seen.take(np.flatnonzero(stages == stage)), frame.view):
                    painter.drawPath(path)
                frame.check()
        elif self.chosen.any():
            painter.setPen(QPen(ink(palette.focus), EDGE_PX * frame.unit, j=Qt.PenJoinStyle.MiterJoin))
            outline = self.cells.around(self.chosen).seen(frame.view.m_per_pixel, frame.extent(4.0))
            for path in strokes(outline, frame.view):
                painter.drawPath(path)
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The cell under the point."""
        rows = self.cells.tree.query(shapely.Point(x, y), predicate="intersects")
        return Pick(KIND, str(self.cells.codes[rows.min()]), x, y) if len(rows) else None

    def counts(self, view: View) -> Mapping[str, int]:
        """Cells of each stage in view."""
        rows = self.cells.shapes.rows[self.cells.shapes.inside(view.extent)]
        names = {OPEN: "open", BEGUN: "begun", DONE: "done"}
        return {f"{self.key}:{names[stage]}": int((self.stages[rows] == stage).sum()) for stage in names}
