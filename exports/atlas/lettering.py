"""Names on a sheet: cell numbers first, then what they leave room for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from exports.atlas.base_map import road_mm
from exports.atlas.content import Atlas
from exports.atlas.paper import MM_PT, Taken, haloed, width_mm
from exports.atlas.sheets import Sheet

NUMBER_PT: Final = {1_000: 19.0, 2_000: 16.0, 2_500: 15.0, 3_000: 14.0, 4_000: 12.5, 5_000: 11.5}
_STEEP_DEG: Final = 62.0  # steeper names stand upright, character under character
_ROAD_PT: Final = {1: 10.0, 2: 9.5, 3: 9.0, 4: 8.0, 5: 7.5}
_APART_MM: Final = 130.0  # between two settings of one street's name
_STRAIGHT: Final = 0.985  # chord ÷ line of the stretch a name stands on


@dataclass(frozen=True)
class Lettering:
    """Where names of one sheet go: axes, sheet, and the places taken so far."""

    axes: Any
    atlas: Atlas
    sheet: Sheet
    taken: Taken

    def write(self, words: str, x: float, y: float, size_pt: float, colour: str, *, turn_deg: float = 0.0,
              ground: str = "", weight: str = "normal", always: bool = False) -> bool:  # fmt: skip
        """Write `words` centred on a place of the plane if it is free and on the map; whether it was."""
        lines = words.split("\n")
        wide = max(width_mm(line, size_pt) for line in lines) + 1.2
        high = len(lines) * size_pt * 1.18 / MM_PT + (2.2 if always else 0.8)  # a number has air around it
        mm = 1000 / self.sheet.scale
        px, py = (x - self.sheet.window[0]) * mm, (y - self.sheet.window[1]) * mm
        box = affinity.rotate(
            shapely.box(px - wide / 2, py - high / 2, px + wide / 2, py + high / 2), turn_deg
        )
        if not self._on_map(box) or not (self.taken.take(box) or always):
            return False
        haloed(self.axes, x, y, words, size_pt, colour, ground or self.atlas.palette.land, rotation=turn_deg,
               rotation_mode="anchor" if len(lines) == 1 else "default", weight=weight, linespacing=1.05,
               va="center")  # fmt: skip
        return True

    def _on_map(self, box: Any) -> bool:
        mm = 1000 / self.sheet.scale
        xmin, ymin, xmax, ymax = self.sheet.window
        return bool(shapely.box(1, 1, (xmax - xmin) * mm - 1, (ymax - ymin) * mm - 1).contains(box))


def letter(axes: Any, atlas: Atlas, sheet: Sheet, *, numbers: bool = True) -> None:
    """Write all names of a sheet; with `numbers` every cell of the community gets its last three digits."""
    on = Lettering(axes, atlas, sheet, Taken())
    if numbers:
        _cell_numbers(on)
    _neighbours(on)
    _streets(on)
    own = atlas.communities.geometry[atlas.communities["code"] == sheet.community_code].iloc[0]
    for kind, colour, size in (("water", atlas.palette.water_text, 10.0), ("green", atlas.palette.park_text, 8.0),
                               ("compounds", atlas.palette.map_text, 6.5)):  # fmt: skip
        if kind in atlas.base:
            near = atlas.base[kind].within(sheet.window)
            inside = near if kind != "compounds" else near[shapely.intersects(own, near.geometry.to_numpy())]
            _places(on, inside, colour, size)


def _cell_numbers(on: Lettering) -> None:
    """The last three digits, in the middle of the widest place of the cell that the sheet shows.

    Cells that stand in the table of another part of the community are quieter.
    """
    window = shapely.box(*on.sheet.window)
    around = on.atlas.layer.within(on.sheet.window)
    cells = around[around["community_code"] == on.sheet.community_code]
    listed = set(on.atlas.cells_of(on.sheet)["code"])
    for code, shape in zip(cells["code"], cells.geometry, strict=True):
        seen = shapely.intersection(shape, window)
        if seen.area > 0.15 * shape.area:
            x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(seen, 1.0))[0]
            ink = on.atlas.palette.focus if code in listed else on.atlas.palette.secondary
            on.write(code[-3:], x, y, _number_pt(on.sheet, seen), ink, weight="medium",
                     ground=on.atlas.palette.card, always=True)  # fmt: skip


def _number_pt(sheet: Sheet, seen: Any) -> float:
    """The usual size, smaller in a cell that it would overfill."""
    room_mm = shapely.maximum_inscribed_circle(seen, 1.0).length * 2 * 1000 / sheet.scale
    return float(np.clip(room_mm * 1.45, 7.0, NUMBER_PT[sheet.scale]))


def _neighbours(on: Lettering) -> None:
    """Name and sheet number of what lies around, in the middle of what is seen of it."""
    window = shapely.box(*on.sheet.window)
    for index in np.flatnonzero(shapely.intersects(on.atlas.pieces, window)).tolist():
        other = on.atlas.sheets[index]
        if other.number == on.sheet.number:
            continue
        seen = shapely.intersection(on.atlas.pieces[index], window)
        if seen.area * (1000 / on.sheet.scale) ** 2 < 350:
            continue
        words = f"{other.title}\n" + on.atlas.words("Sheet {number}", number=other.number)
        for x, y in _middles(seen):
            if on.write(words, x, y, 8.5, on.atlas.palette.secondary, ground=on.atlas.palette.card):
                break


def _middles(shape: Any) -> Iterator[tuple[float, float]]:
    """Places for a name: the widest place, then the widest of each half."""
    yield tuple(shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, 5.0))[0])
    xmin, ymin, xmax, ymax = shape.bounds
    mid_x, mid_y = (xmin + xmax) / 2, (ymin + ymax) / 2
    for half in ((xmin, ymin, mid_x, ymax), (mid_x, ymin, xmax, ymax), (xmin, ymin, xmax, mid_y), (xmin, mid_y, xmax, ymax)):  # fmt: skip
        part = shapely.intersection(shape, shapely.box(*half))
        if part.area > 0:
            yield tuple(shapely.get_coordinates(shapely.maximum_inscribed_circle(part, 5.0))[0])


def _places(on: Lettering, frame: gpd.GeoDataFrame, colour: str, size_pt: float) -> None:
    """Names of areas, the largest first; each once, and only where the area is larger than its name."""
    window = shapely.box(*on.sheet.window)
    named = frame[(frame["name"] != "") & frame.geom_type.str.contains("Polygon")]
    seen = shapely.intersection(named.geometry.to_numpy(), window)
    area_mm2 = shapely.area(seen) * (1000 / on.sheet.scale) ** 2
    written: set[str] = set()
    for index in np.argsort(-area_mm2).tolist():
        name = named["name"].iloc[index]
        if name in written or area_mm2[index] < 2.2 * width_mm(name, size_pt) * size_pt / MM_PT:
            continue
        for x, y in _middles(seen[index]):
            if on.write(name, x, y, size_pt, colour):
                written.add(name)
                break


def _streets(on: Lettering) -> None:
    """Names of streets along their straightest stretches, wide streets first."""
    if "roads" not in on.atlas.base:
        return
    roads = on.atlas.base["roads"].within(on.sheet.window)
    roads = roads[(roads["name"] != "") & roads.geom_type.str.contains("Line") & (roads["rank"] <= 5)]
    window = shapely.box(*on.sheet.window)
    for (rank, name), parts in roads.groupby(["rank", "name"], sort=True):
        merged = shapely.line_merge(shapely.union_all(parts.geometry.to_numpy()))
        for line in shapely.get_parts(shapely.intersection(merged, window)):
            if line.geom_type == "LineString":
                _along(on, line, str(name), _ROAD_PT[int(rank)], float(road_mm(parts, on.sheet.scale).max()))


def _along(on: Lettering, line: Any, name: str, size_pt: float, road_width_mm: float) -> None:
    """Set a name on `line` about every `_APART_MM`, on stretches that are straight and free."""
    mm = 1000 / on.sheet.scale
    size_pt = float(np.clip(road_width_mm * 0.72 * MM_PT, 6.5, size_pt))
    need_m = width_mm(name, size_pt) / mm * 1.25
    last = -math.inf
    for start in np.arange(0.0, max(line.length - need_m, 0.0), max(need_m / 4, 1.0)):
        if line.length < need_m or (start - last) * mm < _APART_MM:
            continue
        (x0, y0), (x1, y1) = (
            shapely.get_coordinates(line.interpolate(s))[0] for s in (start, start + need_m)
        )
        if math.hypot(x1 - x0, y1 - y0) < _STRAIGHT * need_m:
            continue
        middle = shapely.get_coordinates(line.interpolate(start + need_m / 2))[0]
        if _set(on, name, middle, (x1 - x0, y1 - y0), size_pt):
            last = start


def _set(on: Lettering, name: str, middle: Any, way: tuple[float, float], size_pt: float) -> bool:
    turn = math.degrees(math.atan2(way[1], way[0]))
    turn = (turn + 90) % 180 - 90
    words = name
    if abs(turn) > _STEEP_DEG and not name.isascii():
        words, turn = "\n".join(name), turn - 90 if turn > 0 else turn + 90
    ink = on.atlas.palette.map_text
    return on.write(words, float(middle[0]), float(middle[1]), size_pt, ink, turn_deg=turn,
                    ground=on.atlas.palette.road)  # fmt: skip
