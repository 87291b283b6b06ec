"""The vector base map: water, green, buildings, roads, railways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import geopandas as gpd

from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Sheet
from desktop.map.view import Extent


@dataclass(frozen=True, eq=False)
class BaseLayer(LayerBase):
    """Frames of `gis.frames.BASE_COLUMNS` by kind."""

    frames: Mapping[str, gpd.GeoDataFrame]
    key: str = "base"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND, Sheet.STRUCTURE)

    @property
    def extent(self) -> Extent | None:
        """Bounds of all kinds together."""
        bounds = [frame.total_bounds for frame in self.frames.values() if len(frame)]
        if not bounds:
            return None
        return (
            min(b[0] for b in bounds), min(b[1] for b in bounds),
            max(b[2] for b in bounds), max(b[3] for b in bounds),
        )  # fmt: skip

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Land only, for now the ground is what is painted under all sheets."""
