"""The vector base map: water, green, buildings, roads, railways, and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np

from desktop.map.frame import Check, Frame
from desktop.map.ground import draw_green, draw_water
from desktop.map.labels.base_names import BaseNames
from desktop.map.labels.candidates import Candidate
from desktop.map.layer import LayerBase, Sheet
from desktop.map.scales import FAR
from desktop.map.shapes import Shapes
from desktop.map.streets import Streets, draw_buildings, draw_railways
from desktop.map.style import Style
from desktop.map.view import METRES_PER_LOGICAL_PIXEL, Extent, View

Array = np.ndarray

SMALLEST_PX: Final = {"green": 10.0, "buildings": 2.0}  # smaller things vanish from small scales
GREEN_ORDER: Final = ("park", "grass", "square")  # parks first: what lies in a park stays visible


class BaseMap:
    """Frames of `gis.frames.BASE_COLUMNS` by kind, as columns for drawing; each is made when first drawn."""

    def __init__(self, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
        self.frames = {kind: frame for kind, frame in frames.items() if len(frame)}
        self.names = BaseNames(self.frames)

    def shapes(self, kind: str) -> Shapes:
        """The geometry of one kind."""
        if kind not in self._made:
            frame = self.frames.get(kind)
            geometry = np.empty(0, object) if frame is None else frame.geometry.values
            self._made[kind] = Shapes.of(geometry, SMALLEST_PX.get(kind, 0.8))
        return self._made[kind]

    @cached_property
    def _made(self) -> dict[str, Shapes]:
        return {}

    @cached_property
    def streets(self) -> Streets:
        """Roads with rank and width."""
        frame = self.frames.get("roads")
        if frame is None:
            return Streets(self.shapes("roads"), *(np.empty(0) for _ in range(3)))
        dashed = (frame["subtype"] == "path").to_numpy()
        return Streets(
            self.shapes("roads"), frame["rank"].to_numpy(int), frame["width_m"].to_numpy(float), dashed
        )

    @cached_property
    def green_kinds(self) -> Array:
        """Number into `GREEN_ORDER` of every row of the green layer; what is not known there is a park."""
        subtypes = self.frames["green"]["subtype"].to_list()
        return np.array(
            [GREEN_ORDER.index(word) if word in GREEN_ORDER else 0 for word in subtypes], np.int64
        )


@dataclass(frozen=True, eq=False)
class BaseLayer(LayerBase):
    """Frames of `gis.frames.BASE_COLUMNS` by kind, on the city's plane. Without frames it is bare land."""

    frames: Mapping[str, gpd.GeoDataFrame]
    key: str = "base"
    visible: bool = True
    base: BaseMap = field(default=None, repr=False)  # type: ignore[assignment]
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND, Sheet.STRUCTURE, Sheet.NAMES)

    def __post_init__(self) -> None:
        if self.base is None:
            object.__setattr__(self, "base", BaseMap(self.frames))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all kinds together."""
        bounds = [frame.total_bounds for frame in self.base.frames.values()]
        if not bounds:
            return None
        low, high = np.min(bounds, axis=0), np.max(bounds, axis=0)
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Green and water on the ground; buildings, roads and railways above the thematic fill."""
        if sheet is Sheet.GROUND:
            if "green" in self.base.frames:
                palette = frame.style.palette
                colours = (palette.park, palette.grass, palette.square)
                draw_green(frame, self.base.shapes("green"), self.base.green_kinds, colours)
            draw_water(frame, self.base.shapes("water"))
        else:
            draw_buildings(frame, self.base.shapes("buildings"))
            draw_railways(frame, self.base.shapes("railways"))
            self.base.streets.draw(frame)

    def make_ready(self, m_per_pixel: float, check: Check) -> None:
        """The coarser levels of every kind."""
        denominator = m_per_pixel / METRES_PER_LOGICAL_PIXEL
        for kind in self.base.frames:
            check()
            if kind != "compounds" and (kind != "buildings" or denominator <= FAR):
                self.base.shapes(kind).level(m_per_pixel)

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """Streets, water, parks, compounds, buildings."""
        return list(self.base.names.candidates(view, style))
