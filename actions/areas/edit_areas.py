"""Responsibility areas as a person has selected and drawn them into the store, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from actions.areas.kinds_of_areas import kind_of
from gis.grid.grid_rules_findings import ERROR, counts, joined
from gis.grid.responsibility import altered, check, completed, uncovered
from kernel.errors import Refused
from kernel.progress import Progress
from resources.responsibility import Kind

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True, eq=False)
class EditAreas:
    """`areas`: the whole list of a kind after the edit; `seen`: the list as it was loaded before.

    Both have the columns `gis.grid.responsibility.RESPONSIBILITY_COLUMNS` and lie in the store's plane.
    """

    kind: str
    areas: gpd.GeoDataFrame
    seen: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class AreasEdited:
    """Codes `added`, `changed` and `deleted`; `findings` by code; the list `before` and `after`, as it is stored."""

    kind: str
    rows: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    findings: dict[str, int]
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame


def edit_areas(store: Store, request: EditAreas, progress: Progress | None = None) -> AreasEdited:
    """Store an edited list in one transaction: what was changed is measured anew, the rest stays as it is.

    Raises `Refused` where the edit brings an error of the rules R1 … R4 that the list did not have before, and
    `Conflict` where another person changed the list since it was loaded.
    """
    kind, cells = kind_of(request.kind), store.load_cells()
    areas = _completed(request, kind, cells)
    fresh = _fresh_errors(request.seen, areas, kind, cells)
    if len(fresh):
        first = fresh.iloc[0]
        raise Refused(
            first["message"],
            remedy=first["remedy"],
            value=first["value"],
            field=first["field"],
            area=areas["code"].iloc[int(first["record"])],
        )
    store.replace_responsibility_areas(request.kind, areas, seen=request.seen)
    return _told(store, request.kind, request.seen, cells)


def take_back_areas(store: Store, request: EditAreas, progress: Progress | None = None) -> AreasEdited:
    """Put a list back exactly as it was, where nobody changed it since. Raises `Conflict` otherwise."""
    kind_of(request.kind)
    store.replace_responsibility_areas(request.kind, request.areas, seen=request.seen)
    return _told(store, request.kind, request.seen, store.load_cells())


def _completed(request: EditAreas, kind: Kind, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    areas = request.areas.reset_index(drop=True)
    edited = altered(request.seen, areas)
    if not edited.any():
        return areas
    parts = [areas[~edited], completed(areas[edited], kind, cells)]
    return gpd.GeoDataFrame(pd.concat([part for part in parts if len(part)]).sort_index(), crs=areas.crs)


def _fresh_errors(
    seen: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, kind: Kind, cells: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Errors of `areas` that `seen` did not have: a redivision may have left some in other areas."""
    known = set(_named(seen, check(seen, kind, cells)))
    found = check(areas, kind, cells)
    new = np.array([name not in known for name in _named(areas, found)], bool)
    return found[new & (found["severity"] == ERROR).to_numpy()]


def _named(areas: gpd.GeoDataFrame, findings: pd.DataFrame) -> list[tuple[str, str, str]]:
    codes = areas["code"].to_numpy(object)[findings["record"].to_numpy(int)]
    return list(zip(codes, findings["code"], findings["value"], strict=True))


def _told(store: Store, key: str, before: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> AreasEdited:
    kind, after = kind_of(key), store.load_responsibility_areas(key)
    was, now = set(before["code"]), set(after["code"])
    changed = set(after["code"].to_numpy(object)[altered(before, after)])
    found = counts(joined([check(after, kind, cells), uncovered(after, kind, cells)]))
    names = (sorted(now - was), sorted(changed & was), sorted(was - now))
    return AreasEdited(key, len(after), *(tuple(each) for each in names), found, before, after)
