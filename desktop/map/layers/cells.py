"""Unit grid cells: their lines, their numbers, and which one lies under a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPen

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Pick, Sheet
from desktop.map.style import ink
from desktop.map.view import Extent, View


@dataclass(frozen=True, eq=False)
class CellsLayer(LayerBase):
    """Cells of `gis.frames.CELL_COLUMNS` on the city's plane."""

    cells: gpd.GeoDataFrame
    key: str = "cells"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.LINES,)
    pick_rank: ClassVar[int] = 5

    @property
    def extent(self) -> Extent | None:
        """Bounds of all cells."""
        return tuple(self.cells.total_bounds) if len(self.cells) else None

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Lines of 0.9."""
        painter = frame.painter
        painter.setPen(QPen(ink(frame.style.palette.cell_line), 0.9 * frame.unit))
        for polygon in self.cells.geometry[self._rows(frame.view)]:
            for part in shapely.get_parts(shapely.boundary(polygon)):
                px, py = frame.view.to_pixels(*shapely.get_coordinates(part).T)
                painter.drawLines(
                    [QLineF(*ends) for ends in zip(px[:-1], py[:-1], px[1:], py[1:], strict=True)]
                )

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The cell that contains the place."""
        rows = self.cells.sindex.query(shapely.Point(x, y), predicate="intersects")
        return Pick("cell", str(self.cells["code"].iloc[min(rows)]), x, y) if len(rows) else None

    def counts(self, view: View) -> Mapping[str, int]:
        """Cells in view."""
        return {"cells": len(self._rows(view))}

    def _rows(self, view: View) -> np.ndarray:
        return np.sort(self.cells.sindex.query(shapely.box(*view.extent)))
