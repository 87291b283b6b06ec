"""Unit grid cells: their lines, their numbers, and which one lies under a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from desktop.map.frame import Frame
from desktop.map.labels.candidates import ASIDE, Candidate, PointName
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.paths import strokes
from desktop.map.scales import FAR, MIDDLE
from desktop.map.seams import seams
from desktop.map.shapes import Shapes
from desktop.map.style import Style, ink
from desktop.map.view import Extent, View
from resources.styles import SIZES

LINE_PX: Final = 0.9
FAR_LINE_PX: Final = 0.55
FINE_LINES: Final = 24_000  # more lines than this are drawn without antialiasing, which would take too long
NUMBER_ROOM_PX: Final = 34.0  # a cell narrower than this on the screen gets no number

Array = np.ndarray


class CellMap:
    """Cells as columns; lines and inner points are made when first asked for, or given as `line_arrays` kept them."""

    def __init__(self, cells: gpd.GeoDataFrame, kept: Mapping[str, Array] | None = None) -> None:
        self.cells = cells
        if kept:
            self.seams, self.inner = Shapes.from_columns(kept), kept["inner"].reshape(-1, 2)
        self.codes = cells["code"].to_numpy(dtype=object)
        self.polygons = np.asarray(cells.geometry.values, dtype=object)

    @cached_property
    def shapes(self) -> Shapes:
        """The cells' areas."""
        return Shapes.of(self.polygons)

    @cached_property
    def seams(self) -> Shapes:
        """The cells' lines, shared ones once."""
        return Shapes.of(seams(self.polygons))

    @cached_property
    def bounds(self) -> Array:
        """Bounds of every cell, (n, 4)."""
        return shapely.bounds(self.polygons)

    @cached_property
    def inner(self) -> Array:
        """A point well inside each cell, (n, 2): the centroid where it is inside."""
        points = shapely.centroid(self.polygons)
        outside = ~shapely.contains(self.polygons, points)
        points[outside] = shapely.point_on_surface(self.polygons[outside])
        return shapely.get_coordinates(points)

    def line_arrays(self) -> dict[str, Array]:
        """What is dear to make, as flat arrays."""
        return {**self.seams.columns(), "inner": self.inner.ravel()}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row by code."""
        return {code: row for row, code in enumerate(self.codes.tolist())}

    def inside(self, extent: Extent) -> Array:
        """Rows of cells whose bounds touch `extent`."""
        b = self.bounds
        return np.flatnonzero(
            (b[:, 0] <= extent[2]) & (b[:, 2] >= extent[0]) & (b[:, 1] <= extent[3]) & (b[:, 3] >= extent[1])
        )

    def at(self, x: float, y: float) -> int:
        """Row of the cell that contains the place, -1 outside; on a shared edge the first."""
        rows = self.inside((x, y, x, y))
        hits = rows[shapely.intersects_xy(self.polygons[rows], x, y)]
        return int(hits[0]) if len(hits) else -1


@dataclass(frozen=True, eq=False)
class CellsLayer(LayerBase):
    """Cells of `gis.frames.CELL_COLUMNS` on the city's plane. Beyond 1 : `farthest` their lines are left out."""

    cells: gpd.GeoDataFrame
    key: str = "cells"
    visible: bool = True
    map: CellMap = field(default=None, repr=False)  # type: ignore[assignment]
    kept: Mapping[str, Array] | None = field(default=None, repr=False)
    farthest: float = FAR
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.LINES, Sheet.NAMES)
    pick_rank: ClassVar[int] = 5

    def __post_init__(self) -> None:
        if self.map is None or self.map.cells is not self.cells:
            object.__setattr__(self, "map", CellMap(self.cells, self.kept))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all cells."""
        return extent_of_bounds(self.map.bounds)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Lines of 0.9, thinner beyond 1 : 8,000, none beyond `farthest`."""
        denominator = frame.view.scale_denominator
        if denominator > self.farthest:
            return
        width = (LINE_PX if denominator <= MIDDLE else FAR_LINE_PX) * frame.unit
        painter = frame.painter
        painter.setPen(QPen(ink(frame.style.palette.cell_line), width, c=Qt.PenCapStyle.FlatCap))
        seen = self.map.seams.seen(frame.view.m_per_pixel, frame.extent(2.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(seen) < FINE_LINES)
        for path in strokes(seen, frame.view):
            painter.drawPath(path)
            frame.check()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """The last three digits in every cell that has room for them."""
        if view.scale_denominator > MIDDLE:
            return ()
        rows = self.map.inside(view.extent)
        b = self.map.bounds[rows]
        room = np.minimum(b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]) / view.m_per_px
        palette = style.palette
        return [
            PointName(
                self.map.codes[row][-3:],
                60,
                SIZES.map["cell"],
                palette.secondary,
                x,
                y,
                shifts=ASIDE,
                crowd=0.3,
            )
            for row, (x, y) in zip(rows.tolist(), self.map.inner[rows].tolist(), strict=True)
            if room[np.searchsorted(rows, row)] >= NUMBER_ROOM_PX
        ]

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The cell that contains the place."""
        code = self.code_at(x, y)
        return Pick("cell", code, x, y) if code else None

    def code_at(self, x: float, y: float) -> str:
        """The code of the cell that contains the place, `""` outside every cell."""
        row = self.map.at(x, y)
        return "" if row < 0 else str(self.map.codes[row])

    def locate(self, kind: str, key: str) -> Located | None:
        """The cell of that code."""
        row = self.map.row_of.get(key) if kind == "cell" else None
        if row is None:
            return None
        x, y = self.map.inner[row].tolist()
        return Located(kind, key, x, y, area=self.map.polygons[row])

    def counts(self, view: View) -> Mapping[str, int]:
        """Cells in view."""
        return {"cells": len(self.map.inside(view.extent))}


def extent_of_bounds(bounds: Array) -> Extent | None:
    """The extent around (n, 4) bounds, None without any."""
    if not len(bounds):
        return None
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
