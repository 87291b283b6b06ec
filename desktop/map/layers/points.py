"""Points of one kind with a severity: findings of a check, rows of a draft, places of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.spacing import spaced
from desktop.map.stamps import stamp_dots
from desktop.map.style import ink, premultiplied
from desktop.map.view import Extent, View
from resources.styles import Palette

Array = np.ndarray

ERROR, WARNING, INFORMATION, PLAIN = "error", "warning", "information", "plain"
ORDER: Final = (ERROR, WARNING, INFORMATION, PLAIN)
MARK_PX: Final = 6.0
SPACING_PX: Final = 16.0
DOT_PX: Final = 2.2


@dataclass(frozen=True, eq=False)
class PointsLayer(LayerBase):
    """n points: plane coordinates, a key each, and a severity each (`ORDER`); `kind` is what a pick is called.

    Errors are outlined circles, warnings hollow triangles, information is a small ring, plain ones are dots; where
    marks would collide, the less severe is a dot.
    """

    x: Array
    y: Array
    keys: Array
    severity: Array
    kind: str = "finding"
    key: str = "findings"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.MARKS,)
    pick_rank: ClassVar[int] = 0

    @property
    def extent(self) -> Extent | None:
        """Bounds of the points that have coordinates."""
        known = np.isfinite(self.x) & np.isfinite(self.y)
        if not known.any():
            return None
        x, y = self.x[known], self.y[known]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Dots for all, marks where there is room."""
        at = self._inside(frame.extent(MARK_PX))
        rank = np.array([ORDER.index(word) for word in self.severity[at].tolist()], np.int64)
        px, py = frame.view.to_pixels(self.x[at], self.y[at])
        colours = np.array([premultiplied(_colour(word, frame.style.palette)) for word in ORDER], np.uint32)
        stamp_dots(frame.pixels, px, py, colours[rank], DOT_PX * frame.unit)
        step = frame.view.m_per_px
        chosen = spaced(self.x[at] / step, self.y[at] / step, rank, SPACING_PX)
        for row in chosen[np.argsort(-rank[chosen], kind="stable")].tolist():
            _draw_mark(frame, QPointF(px[row], py[row]), ORDER[rank[row]])
        frame.check()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The nearest point."""
        at = self._inside((x - tolerance_m, y - tolerance_m, x + tolerance_m, y + tolerance_m))
        if not len(at):
            return None
        row = int(at[np.argmin(np.hypot(self.x[at] - x, self.y[at] - y))])
        return Pick(self.kind, str(self.keys[row]), float(self.x[row]), float(self.y[row]))

    def locate(self, kind: str, key: str) -> Located | None:
        """The point of that key."""
        rows = np.flatnonzero(self.keys.astype(str) == key) if kind == self.kind else ()
        return Located(kind, key, float(self.x[rows[0]]), float(self.y[rows[0]])) if len(rows) else None

    def counts(self, view: View) -> Mapping[str, int]:
        """Points in view."""
        return {self.key: len(self._inside(view.extent))}

    def _inside(self, extent: Extent) -> Array:
        x, y = self.x, self.y
        return np.flatnonzero((x >= extent[0]) & (x <= extent[2]) & (y >= extent[1]) & (y <= extent[3]))


def _colour(severity: str, palette: Palette) -> str:
    return {ERROR: palette.alarm, WARNING: palette.warning, INFORMATION: palette.focus}.get(
        severity, palette.secondary
    )


def _draw_mark(frame: Frame, middle: QPointF, severity: str) -> None:
    if severity == PLAIN:
        return
    palette, unit = frame.style.palette, frame.unit
    for colour, width in ((palette.land, 4.4), (_colour(severity, palette), 1.8)):
        frame.painter.setPen(QPen(ink(colour), width * unit, j=Qt.PenJoinStyle.RoundJoin))
        frame.painter.setBrush(ink(palette.land))
        _outline(frame.painter, middle, severity, MARK_PX * unit)
    frame.painter.setPen(Qt.PenStyle.NoPen)
    frame.painter.setBrush(Qt.BrushStyle.NoBrush)


def _outline(painter: QPainter, middle: QPointF, severity: str, radius: float) -> None:
    if severity == WARNING:
        corners = ((0.0, -1.05), (1.0, 0.75), (-1.0, 0.75))
        painter.drawPolygon(QPolygonF([middle + QPointF(dx * radius, dy * radius) for dx, dy in corners]))
    else:
        size = radius if severity == ERROR else 0.62 * radius
        painter.drawEllipse(middle, size, size)
