"""What would mend a finding of the grid rules: an edit of the cells, offered where it is safe and never made by itself.

Several edits are tried for a finding; one is offered only when the rules, checked again on the communities it changes,
find this fault less often than before and no other more often. Edits that give new numbers are not held to the reading
order (G6). All lengths and areas are metres on the plane of the cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import topology
from gis.frames import as_cells
from gis.grid import grid_rules
from gis.grid.coverage_editing import merge, renumber, split
from gis.grid.coverage_mending import recoded, with_ground, without_common_ground
from gis.grid.grid_codes import CELL, COMMUNITY, LAST_SEQUENCE, has_form
from gis.grid.grid_edit import GridEdit
from gis.grid.grid_rules_codes import DUPLICATE, HOLES, ORDER, RETIRED
from gis.grid.grid_rules_shape import AREA_M2, MEAN_M2, NOT_COMPACT, TOO_LARGE, TOO_SMALL
from gis.grid.grid_rules_tiling import APART, GAP, OVERLAP
from gis.grid.halving import halving_lines
from gis.grid.lineage import next_codes
from gis.grid.rings import WELD_M, near_rows
from kernel.errors import Refused

NARROW_M: Final = 0.5  # whose a broader strip under two cells is, people decide
BESIDE_M: Final = 0.01

GIVE: Final = "Give {area} m² without cell to {cell}, which lies beside it."
CUT: Final = "Let {cell} end where {others} begins: {area} m² lie in both."
MERGE: Final = "Merge {cell} with {other}, its neighbour in the community."
SPLIT: Final = "Split {cell} straight across, into {first} m² and {second} m²."
RENUMBER: Final = "Number community {community} anew in reading order: {count} cells get another code."
RECODE: Final = "Give one of the cells {cell} the free number {number}."
NEWLY_NUMBERED: Final = (
    MERGE,
    SPLIT,
    RECODE,
)  # with the number after the highest, which is in no reading order
FIX_MESSAGES: Final = (GIVE, CUT, MERGE, SPLIT, RENUMBER, RECODE)

Array = np.ndarray
Kind = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Fix:
    """An edit that mends a finding: `message` says in words what it does, an English template with its `places`."""

    edit: GridEdit
    message: str
    places: dict[str, str]

    @property
    def areas(self) -> pd.DataFrame:
        """`code`, `before_m2`, `after_m2` of each cell whose ground or code changes; nan where it is not there."""
        names = {"area_m2": "before_m2"}, {"area_m2": "after_m2"}
        before, after = (
            pd.DataFrame(side)[["code", "area_m2"]].rename(columns=name)
            for side, name in zip((self.edit.before, self.edit.after), names, strict=True)
        )
        both = before.merge(after, on="code", how="outer")
        same = (both["before_m2"] - both["after_m2"]).abs() < topology.TOLERANCE_M2
        return both[~same].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Ground:
    """What stands under the cells, on their plane, and which numbers are gone; None where it is not known."""

    communities: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    compounds: gpd.GeoDataFrame | None = None
    retired_codes: frozenset[str] = frozenset()
    day: str = ""


@dataclass(frozen=True, eq=False)
class _Place:
    """The cells that a fix is judged on: whole communities and what touches them; `row` is the cell at fault, or -1."""

    cells: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame | None
    row: int = -1

    @property
    def polygons(self) -> Array:
        return np.asarray(self.cells.geometry.values, dtype=object)

    @property
    def code(self) -> str:
        return str(self.cells["code"].iloc[self.row])


@dataclass(eq=False)
class Mender:
    """Proposes fixes for findings on `cells`, the frame that was checked, on its metric plane."""

    cells: gpd.GeoDataFrame
    ground: Ground = field(default_factory=Ground)

    def __post_init__(self) -> None:
        self._sound, self._retired = _mendable(self.cells)
        self._retired |= self.ground.retired_codes
        self._polygons = np.asarray(self._sound.geometry.values, dtype=object)
        self._tree = shapely.STRtree(self._polygons)
        self._checked: dict[tuple[str, ...], Counter[Kind]] = {}

    def fix(self, finding: pd.Series) -> Fix | None:
        """The edit that mends a finding best, None where none is safe."""
        way = _WAYS.get(str(finding["message"]))
        place = None if way is None else self._place(finding)
        if way is None or place is None:
            return None
        before = self._faults(place, place.cells)
        fault = (str(finding["code"]), str(finding["message"]))
        best, least = None, np.inf
        for fix in _possible(way(self, place, finding)):
            after = self._faults(place, fix.edit.applied_to(place.cells))
            exempt = "G6" if fix.message in NEWLY_NUMBERED else ""
            worse = any(n > before[kind] for kind, n in after.items() if kind[0] != exempt)
            if not worse and after[fault] < before[fault] and after.total() < least:
                best, least = fix, after.total()
        return best

    def _place(self, finding: pd.Series) -> _Place | None:
        """Where a finding lies, None where the cells are not as the finding saw them."""
        message = str(finding["message"])
        row = -1
        if message in (GAP.message, APART.message, OVERLAP.message):
            name = self._community_at(shapely.Point(finding["x"], finding["y"]))
        elif message == HOLES.message:
            name = str(finding["value"])[:COMMUNITY]
        else:
            row = self._row_of(finding)
            name = str(self._sound["code"].iloc[row])[:COMMUNITY] if row >= 0 else ""
        return self._around(name, row) if name else None

    def _community_at(self, point: shapely.Point) -> str:
        known = self.ground.communities
        if known is not None and len(known):
            holding = np.flatnonzero(shapely.intersects(np.asarray(known.geometry.values), point))
            return str(known["code"].iloc[holding[0]]) if len(holding) else ""
        nearest = self._tree.nearest(point)
        return "" if nearest is None else str(self._sound["code"].iloc[int(nearest)])[:COMMUNITY]

    def _row_of(self, finding: pd.Series) -> int:
        """The cell of a finding: the row it names if it still lies there, else the only one that does."""
        at = self._tree.query(shapely.Point(finding["x"], finding["y"]), "intersects")
        named = at[self._sound["_row"].to_numpy()[at] == finding["record"]]
        found = named if len(named) else at
        if len(found) != 1:
            return -1
        value = str(finding["value"])
        is_code = len(value) == CELL and value.isdigit()
        return -1 if is_code and value != self._sound["code"].iloc[found[0]] else int(found[0])

    def _around(self, name: str, row: int) -> _Place | None:
        mine = np.flatnonzero(self._sound["code"].str[:COMMUNITY] == name)
        if not len(mine):
            return None
        rows = np.unique(
            np.concatenate([mine, self._tree.query(self._polygons[mine], "dwithin", distance=WELD_M)[1]])
        )
        known = self.ground.communities
        communities = None if known is None else known[known["code"] == name].reset_index(drop=True)
        return _Place(
            self._sound.iloc[rows].reset_index(drop=True),
            communities if communities is not None and len(communities) else None,
            int(np.searchsorted(rows, row)) if row >= 0 else -1,
        )

    def _faults(self, place: _Place, cells: gpd.GeoDataFrame) -> Counter[Kind]:
        """How often each fault is found on cells of a place."""
        key = tuple(place.cells["code"]) if cells is place.cells else ()
        if key in self._checked:
            return self._checked[key]
        within = shapely.box(*cells.total_bounds)
        found = grid_rules.check(
            cells,
            communities=place.communities,
            buildings=_within(self.ground.buildings, within),
            compounds=_within(self.ground.compounds, within),
            retired_codes=self._retired,
        )
        again = int(cells["code"].isin(self._retired).sum())
        counted = Counter(zip(found["code"], found["message"], strict=True)) + Counter(
            {(RETIRED.code, RETIRED.message): again}
        )
        if key:
            self._checked[key] = counted
        return counted

    # -- ways to mend --------------------------------------------------------------------------------------------
    def _give(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        """A place without cell to the cells beside it in its community, longest common border first."""
        whole = None if place.communities is None else place.communities.geometry.iloc[0]
        bare = topology.check(place.polygons, whole, tolerance_m2=0.0).gaps
        point = shapely.Point(finding["x"], finding["y"])
        bare = bare[shapely.intersects(bare, point)] if len(bare) else bare
        if len(bare) != 1 or bare[0].area >= AREA_M2[0]:
            return
        rows = near_rows(place.polygons, bare[0])
        communities = place.cells["code"].iloc[rows].str[:COMMUNITY]
        if whole is None and communities.nunique() != 1:
            return  # whose the place is, is not known
        if whole is not None:
            rows = rows[(communities == place.communities["code"].iloc[0]).to_numpy()]  # type: ignore[index]
        border = _common_border_m(bare[0], place.polygons[rows])
        for row in rows[np.argsort(-border, kind="stable")][:3].tolist():
            cell = str(place.cells["code"].iloc[row])
            places = {"area": f"{bare[0].area:,.2f}", "cell": cell}
            yield _fix(GIVE, places, with_ground, place.cells, row, bare[0])

    def _cut(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        """Narrow common ground out of one of two cells; out of one that overlaps more there, from all at once."""
        pairs = topology.check(place.polygons, tolerance_m2=0.0).overlaps
        common = pairs["geometry"].to_numpy(dtype=object)
        narrow = shapely.is_empty(shapely.buffer(common, -NARROW_M / 2, quad_segs=1)) if len(pairs) else []
        pairs, common = pairs[narrow], common[narrow]
        at = np.flatnonzero(shapely.dwithin(common, shapely.Point(finding["x"], finding["y"]), WELD_M))
        if not len(at):
            return
        pair = pairs[["first", "second"]].to_numpy()
        here = shapely.dwithin(common, common[at[0]], BESIDE_M)
        area = shapely.area(place.polygons)
        for row in sorted(pair[at[0]].tolist(), key=lambda each: -area[each]):
            mine = here & (pair == row).any(axis=1)
            others = sorted({*pair[mine].ravel().tolist()} - {row})
            names = ", ".join(place.cells["code"].iloc[others])
            size = f"{float(shapely.area(common[mine]).sum()):,.2f}"
            places = {"cell": str(place.cells["code"].iloc[row]), "others": names, "area": size}
            yield _fix(CUT, places, without_common_ground, place.cells, row, others)

    def _merge(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        """With the neighbour of the longest common border; first those with which the cell has a usual size."""
        polygons = place.polygons
        rows = near_rows(polygons, polygons[place.row])
        mine = place.cells["code"].iloc[rows].str[:COMMUNITY] == place.code[:COMMUNITY]
        rows = rows[mine.to_numpy() & (rows != place.row)]
        border = _common_border_m(polygons[place.row], polygons[rows])
        usual = shapely.area(polygons[rows]) + polygons[place.row].area <= MEAN_M2[1]
        for at in np.lexsort((-border, ~usual))[:3].tolist():
            other = str(place.cells["code"].iloc[rows[at]])
            yield _fix(MERGE, {"cell": place.code, "other": other}, merge, place.cells, [place.code, other],
                       retired_codes=self._retired, day=self.ground.day)  # fmt: skip

    def _split(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        """Straight across through open ground, as near to the middle as buildings and compounds allow."""
        cell = place.polygons[place.row]
        if cell.area > 2 * AREA_M2[1]:
            return  # a half would still be too large
        found = (_within(each, cell) for each in (self.ground.buildings, self.ground.compounds))
        solid = [np.asarray(each.geometry.values, dtype=object) for each in found if each is not None]
        lines = halving_lines(cell, np.concatenate([*solid, np.zeros(0, dtype=object)]))
        for line in lines[:4]:
            fix = _fix(SPLIT, {"cell": place.code}, split, place.cells, place.code, line,
                       retired_codes=self._retired, day=self.ground.day)  # fmt: skip
            if fix is not None:
                fresh = fix.edit.after[~fix.edit.after["code"].isin(fix.edit.before["code"])]
                first, second = (f"{area:,.0f}" for area in fresh["area_m2"])
                fix.places.update(first=first, second=second)
            yield fix

    def _renumber(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        at_fault = finding["value"] if finding["message"] == HOLES.message else place.code
        community = str(at_fault)[:COMMUNITY]
        fix = _fix(RENUMBER, {"community": community}, renumber, place.cells, community,
                   retired_codes=self._retired)  # fmt: skip
        if fix is not None:
            fix.places["count"] = str(len(fix.edit.before))
        yield fix

    def _recode(self, place: _Place, finding: pd.Series) -> Iterator[Fix | None]:
        """A free number for one of the cells with a code: one left free, else the one after the highest."""
        community = place.code[:COMMUNITY]
        used = {*place.cells["code"], *self._retired}
        last = max((int(code[COMMUNITY:]) for code in used if code[:COMMUNITY] == community), default=0)
        below = (f"{community}{number:03d}" for number in range(1, min(last, LAST_SEQUENCE) + 1))
        free = [code for code in below if code not in used][:2]
        rows = np.flatnonzero((place.cells["code"] == place.code).to_numpy())
        for row in rows[::-1].tolist():
            for code in dict.fromkeys([*free, next_codes(community, 1, used)[0]]):
                places = {"cell": place.code, "number": code}
                yield _fix(RECODE, places, recoded, place.cells, row, code)


_WAYS: Final[dict[str, Callable[[Mender, _Place, pd.Series], Iterator[Fix | None]]]] = {
    GAP.message: Mender._give,
    APART.message: Mender._give,
    OVERLAP.message: Mender._cut,
    TOO_SMALL.message: Mender._merge,
    NOT_COMPACT.message: Mender._merge,
    TOO_LARGE.message: Mender._split,
    ORDER.message: Mender._renumber,
    HOLES.message: Mender._renumber,
    DUPLICATE.message: Mender._recode,
    RETIRED.message: Mender._recode,
}


def _fix(
    message: str, places: dict[str, str], make: Callable[..., GridEdit], *given: object, **also: object
) -> Fix | None:
    """None where the edit cannot be done."""
    try:
        return Fix(make(*given, **also), message, places)
    except Refused:
        return None


def _possible(fixes: Iterable[Fix | None]) -> Iterator[Fix]:
    return (fix for fix in fixes if fix is not None)


def _mendable(cells: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, set[str]]:
    """Cells that stand, with a code and a valid polygon, as `CELL_COLUMNS` and `_row`; and the codes of the others."""
    ended = (
        cells["end_date"].fillna("").astype("str")
        if "end_date" in cells.columns
        else pd.Series("", cells.index)
    )
    codes = cells["code"].fillna("").astype("str")
    polygons = shapely.force_2d(np.asarray(cells.geometry.values, dtype=object))
    sound = shapely.is_valid(polygons) & (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON)
    keep = sound & ~shapely.is_empty(polygons) & has_form(codes, CELL).to_numpy() & (ended == "").to_numpy()
    stored = cells["area_m2"].to_numpy() if "area_m2" in cells.columns else shapely.area(polygons)
    text = {
        name: cells[name].fillna("").astype("str")
        for name in ("name", "note", "initial_date")
        if name in cells
    }
    frame = gpd.GeoDataFrame(pd.DataFrame({"code": codes, **text}), geometry=polygons, crs=cells.crs)
    frame = as_cells(frame[keep]).assign(area_m2=stored[keep], _row=np.flatnonzero(keep))
    return frame, set(codes[(ended != "").to_numpy()])


def _common_border_m(shape: shapely.Geometry, polygons: Array) -> Array:
    return np.asarray(
        shapely.length(shapely.intersection(shape.boundary, shapely.buffer(polygons, BESIDE_M)))
    )


def _within(frame: gpd.GeoDataFrame | None, place: shapely.Geometry) -> gpd.GeoDataFrame | None:
    return None if frame is None else frame.iloc[np.sort(frame.sindex.query(place, predicate="intersects"))]
