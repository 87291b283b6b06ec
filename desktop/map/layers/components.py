"""Components: dots in the hue of their major class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Pick, Sheet
from desktop.map.style import premultiplied
from desktop.map.view import Extent, View


@dataclass(frozen=True, eq=False)
class ComponentsLayer(LayerBase):
    """A `gis.working_set.WorkingSet` with the catalogue of its classes; `hidden` class codes are not drawn."""

    working_set: Any
    catalogue: Any
    hidden: frozenset[str] = frozenset()
    key: str = "components"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.POINTS,)
    pick_rank: ClassVar[int] = 1

    def hiding(self, class_codes: Iterable[str]) -> ComponentsLayer:
        """The same components with exactly these classes hidden."""
        return replace(self, hidden=frozenset(class_codes))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all components."""
        x, y = self.working_set.x, self.working_set.y
        return (x.min(), y.min(), x.max(), y.max()) if len(x) else None

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Dots of two by two pixels."""
        window = self.working_set.window(*frame.view.extent)
        palette = frame.style.palette
        table = np.array(
            [premultiplied(palette.major(c[:2])) for c in self.working_set.class_codes], np.uint32
        )
        px, py = frame.view.to_pixels(window.x, window.y)
        height, width = frame.pixels.shape
        column, row = px.astype(int), py.astype(int)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            inside = (column + dx < width) & (row + dy < height) & (column >= 0) & (row >= 0)
            frame.pixels[row[inside] + dy, column[inside] + dx] = table[window.class_index[inside]]

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The nearest component that is shown."""
        row = self.working_set.nearest(x, y, tolerance_m)
        if row < 0:
            return None
        return Pick("component", str(self.working_set.component_id[row]), x, y)

    def counts(self, view: View) -> Mapping[str, int]:
        """Components in view by class code."""
        window = self.working_set.window(*view.extent)
        codes = self.working_set.class_codes
        counts = np.bincount(window.class_index, minlength=len(codes))
        return {code: int(count) for code, count in zip(codes, counts, strict=True) if count}
