"""Names of the base map: streets along their lines, water along its flow, parks, places and buildings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from desktop.map.flow import middle_line
from desktop.map.labels.along import Line
from desktop.map.labels.candidates import Candidate, LineName, PointName, at_point
from desktop.map.scales import MIDDLE, NEAR, road_width_px
from desktop.map.style import Style
from desktop.map.view import View, overlaps
from resources.styles import SIZES

Array = np.ndarray

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
    line: Line
    bounds: tuple[float, float, float, float]


class BaseNames:
    """What the base frames call their things; lines are joined by name once."""

    def __init__(self, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
        self._frames = frames

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
                and street.line.length_m >= needed_m
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
        for text, water, line, width_m in self._waters:
            if not overlaps(tuple(shapely.bounds(water)), view.extent):
                continue
            width_px = width_m / view.m_per_px
            size = float(np.clip(width_px * 0.3, low, high))
            if line is not None and width_px >= 1.1 * low:
                room = 0.9 if view.scale_denominator < MIDDLE else 2.4
                yield LineName(text, 15, size, style.palette.water_text, Line(line), None, room, 700.0)
            elif line is None and width_px >= 60.0:
                x, y = shapely.get_coordinates(shapely.point_on_surface(water))[0].tolist()
                yield PointName(text, 15, low, style.palette.water_text, x, y)

    def _place_names(self, kind: str, view: View, style: Style) -> Iterator[Candidate]:
        if view.scale_denominator > PLACES_TO[kind] or kind not in self._frames:
            return
        names, inner, bounds = self._places(kind)
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
        frame = self._frames.get("roads")
        if frame is None:
            return []
        named = frame[(frame["name"] != "").to_numpy()]
        out = []
        for text, group in named.groupby("name", sort=True):
            whole = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(group.geometry.values)))
            rank, width_m = int(np.clip(group["rank"].min(), 1, 6)), float(group["width_m"].min())
            for line in shapely.get_parts(whole):
                smooth = Line(shapely.get_coordinates(shapely.simplify(line, 0.5)))
                out.append(Street(str(text), rank, width_m, smooth, tuple(line.bounds)))
        return sorted(out, key=lambda street: -street.line.length_m)

    @cached_property
    def _waters(self) -> list[tuple[str, shapely.Polygon, Array | None, float]]:
        """(name, water, middle line or None where it is round, width in metres)."""
        frame = self._frames.get("water")
        if frame is None:
            return []
        out = []
        for text, geometry in zip(frame["name"], frame.geometry, strict=True):
            for water in shapely.get_parts(geometry) if text else ():
                line = middle_line(water)
                length = 0.0 if line is None else float(np.hypot(*np.diff(line, axis=0).T).sum())
                width = water.area / length if length else np.sqrt(water.area)
                out.append((text, water, line if length > ELONGATED * width else None, float(width)))
        return out

    def _places(self, kind: str) -> tuple[list[str], Array, Array]:
        if kind not in self._made:
            frame = self._frames[kind]
            named = frame[(frame["name"] != "").to_numpy()]
            areas = np.asarray(named.geometry.values, dtype=object)
            inner = shapely.get_coordinates(shapely.point_on_surface(areas)).reshape(-1, 2)
            self._made[kind] = named["name"].to_list(), inner, shapely.bounds(areas).reshape(-1, 4)
        return self._made[kind]

    @cached_property
    def _made(self) -> dict[str, tuple[list[str], Array, Array]]:
        return {}
