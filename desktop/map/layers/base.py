"""The vector base map: water, green, buildings, roads, railways, and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np

from desktop.map.base_kinds import BaseKind
from desktop.map.frame import Frame
from desktop.map.ground import draw_green, draw_water
from desktop.map.labels.base_names import BaseNames
from desktop.map.labels.candidates import Candidate
from desktop.map.layer import LayerBase, Sheet
from desktop.map.layers.cells import extent_of_bounds
from desktop.map.shapes import Shapes
from desktop.map.streets import Streets, draw_buildings, draw_railways
from desktop.map.style import Style
from desktop.map.view import Extent, View

Array = np.ndarray

NOTHING: Final = Shapes.of(np.empty(0, object))
GREEN_ORDER: Final = ("park", "grass", "square")  # parks first: what lies in a park stays visible


class BaseMap:
    """The kinds of the base map that have features."""

    def __init__(self, kinds: Mapping[str, BaseKind]) -> None:
        self.kinds = kinds
        self.names = BaseNames(self.kinds)

    def shapes(self, kind: str) -> Shapes:
        """The geometry of one kind."""
        return self.kinds[kind].shapes if kind in self.kinds else NOTHING

    @cached_property
    def streets(self) -> Streets:
        """Roads with rank and width."""
        roads = self.kinds.get("roads")
        if roads is None:
            return Streets(NOTHING, *(np.empty(0) for _ in range(3)))
        return Streets(roads.shapes, roads.rank, roads.width_m, roads.subtype == "path")

    @cached_property
    def green_kinds(self) -> Array:
        """Number into `GREEN_ORDER` of every row of the green layer; what is not known there is a park."""
        subtypes = self.kinds["green"].subtype.tolist()
        return np.array(
            [GREEN_ORDER.index(word) if word in GREEN_ORDER else 0 for word in subtypes], np.int64
        )


@dataclass(frozen=True, eq=False)
class BaseLayer(LayerBase):
    """Frames of `gis.frames.BASE_COLUMNS` by kind, on the city's plane, or columns made of them. Without any it is
    bare land."""

    frames: Mapping[str, gpd.GeoDataFrame | BaseKind]
    key: str = "base"
    visible: bool = True
    base: BaseMap = field(default=None, repr=False)  # type: ignore[assignment]
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.GROUND, Sheet.STRUCTURE, Sheet.NAMES)

    def __post_init__(self) -> None:
        if self.base is None:
            kinds = {
                kind: frame if isinstance(frame, BaseKind) else BaseKind.of(kind, frame)
                for kind, frame in self.frames.items()
                if len(frame)
            }
            object.__setattr__(self, "base", BaseMap(kinds))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all kinds together."""
        bounds = [kind.shapes.bounds for kind in self.base.kinds.values()]
        return extent_of_bounds(np.concatenate(bounds)) if bounds else None

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Green and water on the ground; buildings, roads and railways above the thematic fill."""
        if sheet is Sheet.GROUND:
            if "green" in self.base.kinds:
                palette = frame.style.palette
                colours = (palette.park, palette.grass, palette.square)
                draw_green(frame, self.base.shapes("green"), self.base.green_kinds, colours)
            draw_water(frame, self.base.shapes("water"))
        else:
            draw_buildings(frame, self.base.shapes("buildings"))
            draw_railways(frame, self.base.shapes("railways"))
            self.base.streets.draw(frame)

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """Streets, water, parks, compounds, buildings."""
        return list(self.base.names.candidates(view, style))
