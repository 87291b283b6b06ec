"""Components that are lines or areas: railings, walls, car parks, green. Their signs are those of the components layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.paths import fills, strokes
from desktop.map.scales import MIDDLE
from desktop.map.shapes import Shapes
from desktop.map.style import ink
from desktop.map.view import Extent, View

Array = np.ndarray

FILL_OPACITY: Final = 0.16
EDGE_PX: Final = 1.0
LINE_PX: Final = 2.2


class OutlineMap:
    """Lines and areas apart, with their class; made once."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.frame = frame
        self.geometry = np.asarray(frame.geometry.values, dtype=object)
        self.ids = frame["component_id"].to_numpy(np.int64)
        self.classes = frame["class_code"].astype(str).to_numpy(dtype=object)
        areal = np.isin(shapely.get_type_id(self.geometry), (3, 6))
        self.areas = Shapes.of(np.where(areal, self.geometry, None))
        self.lines = Shapes.of(np.where(areal, None, self.geometry))
        self.tree = shapely.STRtree(self.geometry)


@dataclass(frozen=True, eq=False)
class OutlinesLayer(LayerBase):
    """Rows of a components frame that have a geometry, on the city's plane; `hidden` class codes are not drawn."""

    frame: gpd.GeoDataFrame
    hidden: frozenset[str] = frozenset()
    key: str = "outlines"
    visible: bool = True
    map: OutlineMap = field(default=None, repr=False)  # type: ignore[assignment]
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.SELECTION,)
    pick_rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if self.map is None or self.map.frame is not self.frame:
            object.__setattr__(self, "map", OutlineMap(self.frame))

    def hiding(self, class_codes: Iterable[str]) -> OutlinesLayer:
        """The same with exactly these classes hidden."""
        return replace(self, hidden=frozenset(class_codes))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all of them."""
        return extent_of_bounds(shapely.bounds(self.map.geometry).reshape(-1, 4))

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Areas as a tint with an edge, lines of 2.2, in the hue of their major class; from 1 : 8,000."""
        if frame.view.scale_denominator > MIDDLE:
            return
        for shapes in (self.map.areas, self.map.lines):
            seen = shapes.seen(frame.view.m_per_pixel, frame.extent(4.0))
            majors = np.array([self._major(row) for row in seen.rows.tolist()], dtype=object)
            for major in sorted(set(majors) - {""}):
                self._paint(frame, seen.take(np.flatnonzero(majors == major)), major)
                frame.check()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The line within reach, or the smallest area that contains the place."""
        if view.scale_denominator > MIDDLE:
            return None
        place = shapely.Point(x, y)
        rows = self.map.tree.query(place, predicate="dwithin", distance=tolerance_m / 2.0)
        rows = np.array([row for row in rows.tolist() if self._major(row)], np.int64)
        if not len(rows):
            return None
        row = int(rows[np.argmin(shapely.area(self.map.geometry[rows]))])
        return Pick("component", str(self.map.ids[row]), x, y)

    def locate(self, kind: str, key: str) -> Located | None:
        """The line or area of that component."""
        rows = np.flatnonzero(self.map.ids == int(key)) if kind == "component" and key.isdigit() else ()
        if not len(rows):
            return None
        geometry = self.map.geometry[rows[0]]
        inner = shapely.point_on_surface(geometry)
        areal = shapely.get_type_id(geometry) in (3, 6)
        return Located(kind, key, inner.x, inner.y, area=geometry if areal else None)

    def _major(self, row: int) -> str:
        code = self.map.classes[row]
        return "" if code in self.hidden else str(code[:2])

    def _paint(self, frame: Frame, shapes: Shapes, major: str) -> None:
        painter, hue = frame.painter, frame.style.palette.major(major)
        if shapes.areal:
            painter.setBrush(ink(hue, FILL_OPACITY))
            for path in fills(shapes, frame.view):
                painter.drawPath(path)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        width = (EDGE_PX if shapes.areal else LINE_PX) * frame.unit
        painter.setPen(QPen(ink(hue, 0.85), width, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin))
        for path in strokes(shapes, frame.view):
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
