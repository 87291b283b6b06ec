"""A list of responsibility areas while a person edits it: every step gives a new draft, the store is not touched.

No Qt here. A row is an area's place in the list; rows keep their places until one is deleted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid.grid_rules_findings import ERROR
from gis.grid.responsibility import (
    NO_NUMBER,
    NUMBER_COLUMNS,
    TEXT_COLUMNS,
    altered,
    areas_frame,
    check,
    completed,
    measured,
)
from kernel.errors import Refused
from resources.responsibility import LINE, Kind, fields

SAME_M2: Final = 1.0  # an outline this close to that of its cells was made from them
MEASURED: Final = frozenset({"area_m2", "length_m"})  # never typed where there is a shape


@dataclass(frozen=True)
class Totals:
    """What an area comes to; `parts` is the number of pieces that do not touch."""

    cells: int
    area_m2: float
    length_m: float
    parts: int


class Grid:
    """The cells that areas are made of, found by code, by place and by box."""

    def __init__(self, cells: gpd.GeoDataFrame) -> None:
        self.cells = cells.reset_index(drop=True)
        self.codes: np.ndarray = self.cells["code"].to_numpy(object)
        self.shapes: np.ndarray = self.cells.geometry.to_numpy()
        self.place = {code: row for row, code in enumerate(self.codes.tolist())}
        self._tree = shapely.STRtree(self.shapes)

    @cached_property
    def _inside(self) -> np.ndarray:
        return shapely.point_on_surface(self.shapes)

    def code_at(self, x: float, y: float) -> str:
        """The cell at a place, "" where there is none."""
        found = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return str(self.codes[found.min()]) if len(found) else ""

    def codes_in(self, shape: shapely.Geometry) -> tuple[str, ...]:
        """Cells of which a point well inside lies in `shape`."""
        near = np.sort(self._tree.query(shape))
        return tuple(self.codes[near[shapely.intersects(shape, self._inside[near])]].tolist())

    def near(self, line: shapely.Geometry, within_m: float) -> np.ndarray:
        """The polygons of the cells that come within so many metres of a line."""
        return np.asarray(self.shapes[self._tree.query(line, "dwithin", distance=within_m)])

    def shapes_of(self, codes: tuple[str, ...]) -> dict[str, shapely.Polygon]:
        """The polygons of those codes that the grid has."""
        return {code: self.shapes[self.place[code]] for code in codes if code in self.place}

    def part(self, codes: tuple[str, ...], shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
        """The cells that matter to one area: its own, and those at its shape."""
        rows = {self.place[code] for code in codes if code in self.place}
        if shape is not None:
            rows |= set(self._tree.query(shape).tolist())
        return self.cells.iloc[sorted(rows)]


@dataclass(frozen=True, eq=False)
class AreasDraft:
    """`areas` as edited, from the list `seen` in the store; both have `RESPONSIBILITY_COLUMNS`."""

    kind: Kind
    grid: Grid
    seen: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame

    @classmethod
    def of(cls, kind: Kind, grid: Grid, seen: gpd.GeoDataFrame) -> AreasDraft:
        """The draft in which nothing is edited yet."""
        return cls(kind, grid, seen, seen)

    # -- what it says --------------------------------------------------------------------------------------------
    @cached_property
    def dirty(self) -> bool:
        """Whether anything differs from what is stored."""
        return len(self.seen) != len(self.areas) or bool(altered(self.seen, self.areas).any())

    def listed(self, find: str = "") -> pd.DataFrame:
        """`row, code, name, cells, area_m2, length_m` of the areas with `find` in one of their texts, in any case."""
        texts = self.areas[list(TEXT_COLUMNS)].apply(lambda column: column.str.casefold())
        hit = texts.apply(lambda column: column.str.contains(find.strip().casefold(), regex=False)).any(
            axis=1
        )
        rows = np.flatnonzero(hit.to_numpy(bool)) if find.strip() else np.arange(len(self.areas))
        chosen = self.areas.iloc[rows]
        out = pd.DataFrame(chosen[["code", "name", "area_m2", "length_m"]]).reset_index(drop=True)
        return out.assign(row=rows, cells=[len(codes) for codes in chosen["cell_codes"]])

    def codes_of(self, row: int) -> tuple[str, ...]:
        """The cells of an area."""
        return tuple(self.areas["cell_codes"].iloc[row])

    def shape_of(self, row: int) -> shapely.Geometry | None:
        """Its outline or line."""
        shape = self.areas.geometry.iloc[row]
        return None if shape is None or shape.is_empty else shape

    def others(self, row: int) -> gpd.GeoDataFrame:
        """`code, name, geometry` of all areas with a shape but one."""
        wanted = self.areas.geometry.notna().to_numpy(bool) & (np.arange(len(self.areas)) != row)
        return self.areas.loc[wanted, ["code", "name", "geometry"]].reset_index(drop=True)

    def row_of(self, code: str) -> int:
        """The first area with that code, -1 where there is none."""
        found = np.flatnonzero((self.areas["code"] == code).to_numpy(bool))
        return int(found[0]) if len(found) else -1

    def row_at(self, x: float, y: float, reach_m: float) -> int:
        """The area at a place, of several the smallest; a line within `reach_m`; -1 for none."""
        shapes = self.areas.geometry.to_numpy()
        if self.kind.made_of != LINE:
            reach_m = 0.0
        hit = np.flatnonzero(shapely.dwithin(shapes, shapely.Point(x, y), reach_m))
        return int(hit[shapely.area(shapes[hit]).argmin()]) if len(hit) else -1

    def totals(self, row: int) -> Totals:
        """What the area comes to now."""
        shape, record = self.shape_of(row), self.areas.iloc[row]
        parts = 0 if shape is None else int(shapely.get_num_geometries(shape))
        numbers = (float(np.nan_to_num(record[name])) for name in ("area_m2", "length_m"))
        return Totals(len(self.codes_of(row)), *numbers, parts)

    @cached_property
    def holders(self) -> dict[str, tuple[int, ...]]:
        """The rows that hold each cell."""
        out: dict[str, tuple[int, ...]] = {}
        for row, codes in enumerate(self.areas["cell_codes"]):
            for code in codes:
                out[code] = (*out.get(code, ()), row)
        return out

    def shared(self, row: int) -> dict[int, tuple[str, ...]]:
        """Cells of an area that others of an exclusive kind hold too, by the other's row."""
        out: dict[int, tuple[str, ...]] = {}
        for code in self.codes_of(row) if self.kind.exclusive else ():
            for other in self.holders[code]:
                if other != row:
                    out[other] = (*out.get(other, ()), code)
        return out

    @cached_property
    def errors(self) -> pd.DataFrame:
        """Errors of the rules R1 … R4 in the whole list."""
        found = check(self.areas, self.kind, self.grid.cells)
        return found[found["severity"] == ERROR]

    @property
    def free(self) -> int:
        """How many cells no area of an exclusive kind holds; 0 for other kinds."""
        return len(self.grid.place.keys() - self.holders.keys()) if self.kind.exclusive else 0

    # -- steps ---------------------------------------------------------------------------------------------------
    def added(self) -> AreasDraft:
        """One more area at the end, with a code that none has."""
        number, codes = len(self.areas) + 1, set(self.areas["code"])
        while f"{number:03d}" in codes:
            number += 1
        fresh = areas_frame({"code": [f"{number:03d}"]}, 1, self.areas.crs)
        both = pd.concat([self.areas, fresh], ignore_index=True) if len(self.areas) else fresh
        return self._with(gpd.GeoDataFrame(both, crs=self.areas.crs))

    def deleted(self, row: int) -> AreasDraft:
        """Without an area; the rows behind it move up."""
        return self._with(self.areas.drop(index=self.areas.index[row]).reset_index(drop=True))

    def told(self, row: int, name: str, text: str) -> AreasDraft:
        """With a field of an area as typed. Raises `Refused` for a figure that is no number of zero or more."""
        value: Any = text.strip()
        if name in NUMBER_COLUMNS:
            value = number(fields()[name].zh, value)
        areas = self.areas.copy()
        areas[name] = [value if k == row else old for k, old in enumerate(areas[name])]
        return self._with(areas if name not in NUMBER_COLUMNS else measured(areas, self.kind))

    def toggled(self, row: int, codes: tuple[str, ...]) -> AreasDraft:
        """With these cells too; without them when the area holds them all."""
        had = self.codes_of(row)
        if set(codes) <= set(had):
            return self.holding(row, tuple(code for code in had if code not in set(codes)))
        return self.holding(row, tuple(dict.fromkeys((*had, *codes))))

    def holding(self, row: int, codes: tuple[str, ...]) -> AreasDraft:
        """With exactly these cells, and their outline."""
        return self._shaped(row, tuple(sorted(codes)), None)

    def drawn(self, row: int, shape: shapely.Geometry) -> AreasDraft:
        """With a drawn polygon, and the cells whose middle lies in it, or with a drawn line."""
        return self._shaped(row, (), shape)

    def moved(self, row: int, other: int) -> AreasDraft:
        """With the cells that both hold taken from the other; a drawn one loses their ground."""
        shared = self.shared(row).get(other, ())
        left = tuple(code for code in self.codes_of(other) if code not in set(shared))
        shape, own = self.shape_of(other), self.grid.shapes_of(self.codes_of(other))
        outline = shapely.union_all(list(own.values()), grid_size=0.001)
        if shape is None or shape.symmetric_difference(outline).area <= SAME_M2:
            return self.holding(other, left)
        rest = shape.difference(shapely.union_all(list(self.grid.shapes_of(shared).values())))
        return self._shaped(other, left, None if rest.is_empty else rest)

    def saved(self, seen: gpd.GeoDataFrame) -> AreasDraft:
        """The draft after the store has taken it, or of another person's list: nothing edited."""
        return AreasDraft.of(self.kind, self.grid, seen)

    def _shaped(self, row: int, codes: tuple[str, ...], shape: shapely.Geometry | None) -> AreasDraft:
        one = self.areas.iloc[[row]].copy()
        held = np.empty(1, object)
        held[0] = codes
        one["cell_codes"] = held
        one = one.set_geometry(gpd.GeoSeries([shape], index=one.index, crs=self.areas.crs))
        if shape is None:
            one[list(MEASURED)] = math.nan
        done = completed(one, self.kind, self.grid.part(codes, shape))
        parts = [self.areas.iloc[:row], done, self.areas.iloc[row + 1 :]]
        whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
        return self._with(gpd.GeoDataFrame(whole, crs=self.areas.crs))

    def _with(self, areas: gpd.GeoDataFrame) -> AreasDraft:
        return replace(self, areas=areas)


def number(field: str, text: str) -> float:
    """A figure as typed; NaN for nothing. Raises `Refused` for what is no number of zero or more."""
    if not text:
        return math.nan
    try:
        value = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        value = -1.0
    if not (math.isfinite(value) and value >= 0):
        raise Refused(NO_NUMBER.message, remedy=NO_NUMBER.remedy, field=field, value=text)
    return value


def same_picture(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    """Whether two frames of `AreasDraft.others` have the same names on the very same shapes."""
    if len(one) != len(other) or not (one[["code", "name"]] == other[["code", "name"]]).all(axis=None):
        return False
    pairs = zip(one.geometry.to_numpy(), other.geometry.to_numpy(), strict=True)
    return all(a is b for a, b in pairs)
