"""Names of the base map: streets along their lines, water along its flow, parks, places and buildings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from desktop.map.base_kinds import BaseKind
from desktop.map.flow import middle_line
from desktop.map.labels.along import Line
from desktop.map.labels.candidates import Candidate, LineName, PointName, at_point
from desktop.map.scales import MIDDLE, NEAR, road_width_px
from desktop.map.style import Style
from desktop.map.view import View, overlaps
from resources.styles import SIZES

# The largest denominator at which streets of a rank are named.
STREETS_TO: Final = {1: 40_000.0, 2: 30_000.0, 3: 14_000.0, 4: 9_000.0, 5: 6_000.0, 6: 3_000.0}
ELONGATED: Final = 2.2  # a middle line this many times longer than the water is wide carries the name
PLACE_ROOM_PX: Final = 44.0
PLACES_TO: Final = {"green": 12_000.0, "compounds": NEAR * 1.4, "buildings": 2_400.0}
PLACE_RANK: Final = {"green": 36, "compounds": 40, "buildings": 44}


@dataclass(frozen=True, eq=False)
class Street:
    """A named line of the plane with its rank and least width."""

    name: str
    rank: int
    width_m: float
    geometry: shapely.LineString
    bounds: tuple[float, float, float, float]

    @cached_property
    def line(self) -> Line:
        """Measured when it is first named."""
        return Line(shapely.get_coordinates(self.geometry))


@dataclass(frozen=True, eq=False)
class Water:
    """A named piece of water; the line its name flows along is found when it is first needed."""

    name: str
    geometry: shapely.Polygon
    bounds: tuple[float, float, float, float]

    @property
    def breadth_m(self) -> float:
        """The side of a square of its area: its width along a name is never more."""
        return float(np.sqrt(self.geometry.area))

    @cached_property
    def _middle(self) -> Line | None:
        xy = middle_line(self.geometry)
        return None if xy is None else Line(xy)

    @cached_property
    def width_m(self) -> float:
        """Mean width across the middle line; of a round pond, its breadth."""
        return self.breadth_m if self.line is None else float(self.geometry.area / self.line.length_m)

    @property
    def line(self) -> Line | None:
        """The middle line, None where the water is about as wide as long."""
        middle = self._middle
        if middle is None or middle.length_m**2 < ELONGATED * self.geometry.area:
            return None
        return middle


class BaseNames:
    """What the base map calls its things."""

    def __init__(self, kinds: Mapping[str, BaseKind]) -> None:
        self._kinds = kinds

    def candidates(self, view: View, style: Style) -> Iterator[Candidate]:
        """Names worth trying in this view."""
        yield from self._water_names(view, style)
        yield from self._street_names(view, style)
        for kind in PLACE_RANK:
            yield from self._place_names(kind, view, style)

    def _street_names(self, view: View, style: Style) -> Iterator[Candidate]:
        size = SIZES.map["street"]
        for street in self._streets:
            needed_m = 1.5 * size * len(street.name) * view.m_per_px
            if (
                view.scale_denominator <= STREETS_TO[street.rank]
                and street.geometry.length >= needed_m
                and overlaps(street.bounds, view.extent)
            ):
                width = road_width_px(
                    street.rank, np.array([street.width_m]), view.scale_denominator, view.m_per_px
                )
                colour = style.palette.map_text
                yield LineName(
                    street.name, 24 + street.rank, size, colour, street.line, lane_px=float(width[0])
                )

    def _water_names(self, view: View, style: Style) -> Iterator[Candidate]:
        low, high = SIZES.map["water_smallest"], SIZES.map["water_largest"]
        for water in self._waters:
            if water.breadth_m < 1.1 * low * view.m_per_px or not overlaps(water.bounds, view.extent):
                continue
            width_px = water.width_m / view.m_per_px
            if water.line is not None and width_px >= 1.1 * low:
                room = 0.9 if view.scale_denominator < MIDDLE else 2.4
                size = float(np.clip(width_px * 0.3, low, high))
                palette = style.palette
                yield LineName(
                    water.name, 15, size, palette.water_text, water.line, None, room, 700.0, palette.water
                )
            elif water.line is None and width_px >= 60.0:
                x, y = shapely.get_coordinates(shapely.point_on_surface(water.geometry))[0].tolist()
                yield PointName(water.name, 15, low, style.palette.water_text, x, y)

    def _place_names(self, kind: str, view: View, style: Style) -> Iterator[Candidate]:
        if view.scale_denominator > PLACES_TO[kind] or kind not in self._kinds:
            return
        places = self._kinds[kind].places
        names, inner, bounds = places.names, places.inner, places.bounds
        extent = view.extent
        wide = (bounds[:, 2] - bounds[:, 0]) / view.m_per_px >= PLACE_ROOM_PX
        seen = (
            (inner[:, 0] > extent[0])
            & (inner[:, 0] < extent[2])
            & (inner[:, 1] > extent[1])
            & (inner[:, 1] < extent[3])
        )
        colour = style.palette.park_text if kind == "green" else style.palette.map_text
        for row in np.flatnonzero(wide & seen).tolist():
            x, y = inner[row].tolist()
            yield at_point(names[row], x, y, PLACE_RANK[kind], SIZES.map["place"], colour)

    @cached_property
    def _streets(self) -> list[Street]:
        """Pieces of one name joined where they touch, the longest first."""
        roads = self._kinds.get("roads")
        if roads is None:
            return []
        lines = roads.streets
        geometry = lines.geometry
        columns = (lines.names.tolist(), lines.rank.tolist(), lines.width_m.tolist(), geometry.tolist())
        bounds = map(tuple, shapely.bounds(geometry).reshape(-1, 4).tolist())
        return [Street(*columns_of) for columns_of in zip(*columns, bounds, strict=True)]

    @cached_property
    def _waters(self) -> list[Water]:
        """Every named piece of water."""
        kind = self._kinds.get("water")
        if kind is None:
            return []
        parts, of = shapely.get_parts(kind.named.geometry, return_index=True)
        names = kind.name[kind.named.rows]
        return [Water(names[at], part, tuple(part.bounds)) for part, at in zip(parts, of, strict=True)]
