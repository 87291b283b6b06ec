"""What became of each cell: predecessors and successors with their shares, codes that stay, values carried over.

A grid changes by redivision or by hand. A cell that keeps code and ground is no succession; every other old cell has
one row for each new cell that took ground or components from it, and one with the successor "" for ground that lies
in no cell any more. So the shares of a predecessor always sum to 1. All areas are m² on the plane of the cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.assignment import assign
from gis.frames import require_columns
from gis.grid.grid_codes import COMMUNITY, LAST_SEQUENCE
from kernel.errors import Refused

SAME_M2: Final = 0.5  # two polygons that differ by less ground are the same cell (rules G2, G3 and G7)
DUST_M2: Final = 0.01  # what two cells share by rounding only
SUCCESSION_COLUMNS: Final = (
    "predecessor", "successor", "area_m2", "share_of_predecessor", "share_of_successor", "components",
)  # fmt: skip

Array = np.ndarray
By: TypeAlias = Literal["area", "components"]
Values = TypeVar("Values", pd.Series, pd.DataFrame)


def successions(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, ways: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`SUCCESSION_COLUMNS`, ordered by predecessor and successor, of two grids on one plane.

    `old`, `new` have `code` (no code twice) and polygons; `ways` as `ways_of` gives it. Cells without ground or
    components in common do not meet; a cell with the same code whose ground differs by at most `SAME_M2` has no row.
    The shares of a successor sum to less than 1 where it has ground that lay in no cell before.
    """
    for frame in (old, new):
        require_columns(frame, ("code", "geometry"), "cells")
    old, new = (frame.sort_values("code", ignore_index=True) for frame in (old, new))
    was, now = _codes(old), _codes(new)
    before, after = _polygons(old), _polygons(new)
    changed = np.flatnonzero(~_unchanged(was, before, now, after))
    pairs = _common_ground(changed, before, after)
    counts = _counted(ways, was, now, changed)
    pairs = pairs.merge(counts, on=["old", "new"], how="outer").fillna({"area_m2": 0.0, "components": 0})
    pairs = _with_lost_ground(pairs, changed, shapely.area(before))
    return _named(pairs, was, now, shapely.area(after))


def ways_of(components: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """`predecessor`, `successor`, `components`: how many components (`x`, `y`) lay in one and lie in the other.

    The successor is "" outside every cell; cells own points as in `gis.assignment`, in the order of their codes.
    """
    old, new = (frame.sort_values("code", ignore_index=True) for frame in (old, new))
    x, y = (components[axis].to_numpy("f8") for axis in ("x", "y"))
    codes = (
        np.append(_codes(frame), "")[assign(x, y, _polygons(frame))]
        for frame in (old, new)  # -1 picks ""
    )
    found = pd.DataFrame(dict(zip(("predecessor", "successor"), codes, strict=True)))
    return found[found["predecessor"] != ""].value_counts().rename("components").reset_index()


def carried(values: Values, succession: pd.DataFrame, by: By = "area") -> Values:
    """Values of the old cells as values of the new ones: sums stay what they were.

    `values`: a series or frame of numbers with codes as its index. `succession` as `successions` gives it; with a
    column `step_id` the steps are gone through in order. By area, or by the number of components that went each way
    (a predecessor without components: by area). Codes without a row keep their values; the code "" gets what
    belonged to ground that lies in no cell any more.
    """
    if by not in ("area", "components"):
        raise ValueError(f"values are carried by area or components, not by {by!r}")
    steps = [part for _, part in succession.groupby("step_id")] if "step_id" in succession else [succession]
    for step in steps:
        values = _carried_once(values, step, by)
    return values


def with_stable_codes(
    cells: gpd.GeoDataFrame, old: gpd.GeoDataFrame, retired_codes: Iterable[str] = ()
) -> gpd.GeoDataFrame:
    """`cells` of a new division with the codes that the old grid `old` had for the same ground.

    A cell whose ground differs by at most `SAME_M2` from an old cell of its community gets that cell's code; every
    other gets, in the order of its own code, the next number of its community that neither a cell nor a retired one
    has ever had. Raises `Refused` where a community has no number left.
    """
    codes, was = _codes(cells), _codes(old)
    twin = _twins(_polygons(cells), codes, _polygons(old), was)
    kept = twin >= 0
    out = codes.copy()
    out[kept] = was[twin[kept]]
    fresh = np.flatnonzero(~kept)
    fresh = fresh[np.argsort(codes[fresh], kind="stable")]
    used = {*was.tolist(), *retired_codes}
    community = codes[fresh].astype(f"U{COMMUNITY}")
    for name in np.unique(community):
        mine = fresh[community == name]
        out[mine] = next_codes(str(name), len(mine), used)
    return cells.assign(code=pd.array(out.tolist(), dtype="str"))


def next_codes(community_code: str, count: int, used: Iterable[str]) -> list[str]:
    """`count` codes of a community that were never given: after the highest of `used`, then from what was left free.

    `used`: 15-digit codes of standing and retired cells, of this and other communities. Raises `Refused` where
    three digits do not suffice.
    """
    given = {int(code[COMMUNITY:]) for code in used if code[:COMMUNITY] == community_code}
    last = max(given, default=0)
    free = [*range(last + 1, LAST_SEQUENCE + 1), *(n for n in range(1, last) if n not in given)]
    if len(free) < count:
        raise Refused(
            "{community} has {free} unused numbers left, {count} are needed; numbers of retired cells stay theirs.",
            remedy="Divide the community in two.",
            community=community_code,
            free=len(free),
            count=count,
        )
    return [f"{community_code}{number:03d}" for number in free[:count]]


def _codes(cells: gpd.GeoDataFrame) -> Array:
    return cells["code"].astype("str").to_numpy(dtype=str)


def _polygons(cells: gpd.GeoDataFrame) -> Array:
    return np.asarray(cells.geometry.values, dtype=object)


def _unchanged(was: Array, before: Array, now: Array, after: Array) -> Array:
    """Which old cells stand in the new grid with the same code and the same ground; codes are sorted."""
    place = pd.Index(now).get_indexer(pd.Index(was))
    there = np.flatnonzero(place >= 0)
    same = np.zeros(len(was), dtype=bool)
    first, second = before[there], after[place[there]]
    equal = shapely.equals_exact(first, second, tolerance=0.0)
    unlike = np.flatnonzero(~equal)
    equal[unlike] = _difference_m2(first[unlike], second[unlike]) <= SAME_M2
    same[there] = equal
    return same


def _difference_m2(first: Array, second: Array) -> Array:
    return np.asarray(shapely.area(shapely.symmetric_difference(first, second)))


def _common_ground(changed: Array, before: Array, after: Array) -> pd.DataFrame:
    """`old`, `new`, `area_m2` of every changed old cell and every new cell with ground in common."""
    if not len(changed) or not len(after):
        return pd.DataFrame({"old": np.zeros(0, "i8"), "new": np.zeros(0, "i8"), "area_m2": np.zeros(0)})
    old, new = shapely.STRtree(after).query(before[changed], predicate="intersects")
    area = shapely.area(shapely.intersection(before[changed[old]], after[new]))
    large = area > DUST_M2
    return pd.DataFrame({"old": changed[old[large]], "new": new[large].astype("i8"), "area_m2": area[large]})


def _counted(ways: pd.DataFrame | None, was: Array, now: Array, changed: Array) -> pd.DataFrame:
    """`old`, `new`, `components`: how many went from each changed cell to where; `new` is -1 outside every cell."""
    if ways is None or not len(ways) or not len(changed):
        return pd.DataFrame(columns=["old", "new", "components"], dtype="i8")
    old = pd.Index(was).get_indexer(pd.Index(ways["predecessor"].astype("str")))
    new = pd.Index(now).get_indexer(pd.Index(ways["successor"].astype("str")))
    found = pd.DataFrame({"old": old, "new": new, "components": ways["components"].to_numpy()}).astype("i8")
    return found[np.isin(old, changed)].groupby(["old", "new"], as_index=False).sum()


def _with_lost_ground(pairs: pd.DataFrame, changed: Array, old_area: Array) -> pd.DataFrame:
    """Adds `share`, of the predecessor, and a row with `new` = -1 where more than `SAME_M2` is in no cell now.

    A row to -1 may be there already, for components.
    """
    covered = pairs.groupby("old")["area_m2"].sum().reindex(changed, fill_value=0.0)
    lost = old_area[changed] - covered.to_numpy()
    bare = changed[(lost > SAME_M2) | (covered.to_numpy() <= 0.0)]
    if len(bare):
        area = np.maximum(lost[np.isin(changed, bare)], 0.0)
        rows = pd.DataFrame({"old": bare, "new": -1, "area_m2": area, "components": 0})
        pairs = pd.concat([pairs, rows]).groupby(["old", "new"], as_index=False).sum()
    whole = pairs.groupby("old")["area_m2"].transform("sum").to_numpy()
    alone = pairs["new"].to_numpy() == -1
    share = np.where(whole > 0.0, pairs["area_m2"] / np.where(whole > 0.0, whole, 1.0), alone)
    return pairs.assign(share=share)


def _named(pairs: pd.DataFrame, was: Array, now: Array, new_area: Array) -> pd.DataFrame:
    new = pairs["new"].to_numpy("i8")
    inside = new >= 0
    area = pairs["area_m2"].to_numpy("f8")
    taken = np.bincount(new[inside], weights=area[inside], minlength=len(new_area))
    whole = np.where(np.abs(taken - new_area) <= SAME_M2, taken, np.maximum(taken, new_area))
    share = np.zeros(len(pairs))
    share[inside] = area[inside] / np.where(whole > 0.0, whole, 1.0)[new[inside]]
    columns = {
        "predecessor": pd.array(was[pairs["old"].to_numpy("i8")].tolist(), dtype="str"),
        "successor": pd.array(np.append(now, "")[new].tolist(), dtype="str"),  # -1 picks the last
        "area_m2": area,
        "share_of_predecessor": pairs["share"].to_numpy("f8"),
        "share_of_successor": share,
        "components": pairs["components"].to_numpy("i8"),
    }
    return pd.DataFrame(columns).sort_values(["predecessor", "successor"], ignore_index=True)


def _carried_once(values: Values, step: pd.DataFrame, by: By) -> Values:
    step = step[step["predecessor"].isin(values.index)]
    weight = _weights(step, by)
    staying = values[~values.index.isin(step["predecessor"])]
    moving = values.loc[step["predecessor"].to_numpy()]
    moving = moving.mul(weight, axis=0) if isinstance(moving, pd.DataFrame) else moving * weight
    moving.index = pd.Index(step["successor"].to_numpy())
    joined = pd.concat([staying, moving])
    out = joined.groupby(level=0, sort=True).sum()
    out.index.name = values.index.name
    return out


def _weights(step: pd.DataFrame, by: By) -> Array:
    area = step["share_of_predecessor"].to_numpy("f8")
    if by == "area":
        return area
    total = step.groupby("predecessor")["components"].transform("sum").to_numpy("f8")
    return np.where(total > 0, step["components"].to_numpy("f8") / np.where(total > 0, total, 1.0), area)


def _twins(cells: Array, codes: Array, old: Array, was: Array) -> Array:
    """Row in `old` of the cell with the same ground and the same community, -1 without one."""
    twin = np.full(len(cells), -1, dtype="i8")
    if not len(cells) or not len(old):
        return twin
    here, there = shapely.STRtree(old).query(shapely.point_on_surface(cells), predicate="intersects")
    own = codes[here].astype(f"U{COMMUNITY}") == was[there].astype(f"U{COMMUNITY}")
    here, there = here[own], there[own]
    same = _difference_m2(cells[here], old[there]) <= SAME_M2
    here, there = here[same][::-1], there[same][::-1]
    twin[here] = there
    first = np.unique(twin, return_index=True)[1]  # ground that was drawn twice gives its code once
    single = np.zeros(len(cells), dtype=bool)
    single[first] = True
    return np.where(single, twin, -1)
