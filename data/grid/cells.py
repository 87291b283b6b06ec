"""Unit grid cells: the whole grid at once, and the components that stand in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from data.census.dictionary import narrowed
from data.engines.engine import Engine
from data.grid import area_lineage, lineage
from data.grid.cell_places import Box, CellPlaces, box_of, places
from data.journal import Work
from data.layers import refuse_repeated, replace_areas
from data.shapes import from_wkb, require_plane, texts
from data.tables import cell, component, component_history
from gis.assignment import assign
from gis.frames import CELL_COLUMNS, as_cells
from gis.grid.grid_edit import GridEdit
from kernel.progress import Progress

ASK_AT_ONCE: Final = 2_000  # more codes than these are not asked for one by one
OUTSIDE: Final = 0  # `cell_id` of a component that no cell contains
Located: TypeAlias = tuple[np.ndarray, np.ndarray]  # shapes and ids of cells, in the order of their codes


@dataclass(frozen=True)
class Rekeyed:
    """`cell_id` of the rows looked at, before and after, and how many of them `moved`."""

    was: np.ndarray
    now: np.ndarray
    moved: int

    def ways(self, codes: dict[int, str]) -> pd.DataFrame:
        """`predecessor`, `successor`, `components`: see `gis.grid.lineage.ways_of`."""
        inside = self.was != OUTSIDE
        pairs, counts = np.unique(
            np.stack([self.was[inside], self.now[inside]], axis=1), axis=0, return_counts=True
        )
        sides = ([codes[key] for key in side] for side in pairs.T.tolist())
        columns = dict(zip(("predecessor", "successor"), sides, strict=True))
        return pd.DataFrame(columns).astype("str").assign(components=counts)


def load_cells(engine: Engine, db: sa.Connection) -> gpd.GeoDataFrame:
    """All cells, ordered by code."""
    names = CELL_COLUMNS[:-1]
    query = sa.select(*(cell.c[name] for name in names), cell.c.shape).order_by(cell.c.code)
    return lineage.frame_of(db, engine.rows(db, query), CELL_COLUMNS)


def load_cells_around(
    engine: Engine, db: sa.Connection, communities: Collection[str], box: Box | None
) -> gpd.GeoDataFrame:
    """The cells of communities and those in a box, with their neighbours and the neighbours of those, by code."""
    there = places(engine, db)
    seeds = there.of_communities(communities)
    if box is not None:
        seeds |= there.near(box)
    wanted = there.codes[there.with_neighbours(there.with_neighbours(seeds))]
    query = sa.select(*(cell.c[name] for name in CELL_COLUMNS[:-1]), cell.c.shape).order_by(cell.c.code)
    return lineage.frame_of(db, engine.rows(db, _of_codes(query, wanted)), CELL_COLUMNS)


def replace(
    work: Work, cells: gpd.GeoDataFrame, areas: dict[str, gpd.GeoDataFrame | None], progress: Progress
) -> dict[str, int]:
    """Put a whole grid (and the areas given) in the place of the old one and re-key every component.

    Returns counts: `cells`, `rekeyed` components whose cell changed, `outside` components without a cell, `members` of
    responsibility areas that came or went, `step` of the lineage (0 where no cell changed).
    """
    require_plane(work.db, cells)
    cells = as_cells(cells)
    refuse_repeated(texts(cells, "code"))
    for level, frame in areas.items():
        if frame is not None:
            replace_areas(work, level, frame)
    progress.report(0.1, "Writing the cells")
    old, codes = load_cells(work.engine, work.db), codes_by_id(work.db)
    _write_cells(work, cells)
    codes |= codes_by_id(work.db)
    around = cells_for_assignment(work.engine, work.db)
    rekeyed = _rekey(work, component, sa.true(), around)
    progress.report(0.6, "Giving the components their cells")
    _rekey(work, component_history, sa.true(), around)
    progress.report(0.7, "Recording what became of the cells")
    step_id, found = lineage.record_redivision(work, old, cells, rekeyed.ways(codes))
    shapes = dict(zip(old["code"], old.geometry.to_numpy(), strict=True))
    members = area_lineage.carry(work, step_id, found, list(shapes), shapes) if step_id else 0
    outside = sa.select(sa.func.count()).select_from(component).where(component.c.cell_id == OUTSIDE)
    progress.check()
    outside_now = work.db.execute(outside).scalar_one()
    return {
        "cells": len(cells),
        "rekeyed": rekeyed.moved,
        "outside": outside_now,
        "members": members,
        "step": step_id,
    }


def edit(work: Work, change: GridEdit) -> tuple[int, pd.DataFrame]:
    """Write the cells of an edit and re-key what stands in them or at their borders.

    Returns how many components have another cell now, and the ways they went (see `gis.grid.lineage.ways_of`).
    """
    there = places(work.engine, work.db)
    found = work.db.execute(
        sa.select(cell.c.code, cell.c.cell_id).where(cell.c.code.in_(texts(change.before, "code")))
    )
    old: dict[str, int] = {row.code: row.cell_id for row in found}
    work.db.execute(sa.delete(cell).where(cell.c.code.in_(texts(change.before, "code"))))
    _insert_cells(work, change.after, {code: old[code] for code in change.before["code"]})
    around = _touched(work, there, change)
    codes = {key: code for code, key in old.items()} | codes_by_id(work.db, around[1])
    keys = {old[code] for code in change.before["code"]} | {OUTSIDE, *around[1].tolist()}
    rekeyed = _rekey(work, component, component.c.cell_id.in_(sorted(keys)), around)
    _rekey(work, component_history, component_history.c.cell_id.in_(sorted(keys)), around)
    return rekeyed.moved, rekeyed.ways(codes)


def codes_by_id(db: sa.Connection, *ids: np.ndarray) -> dict[int, str]:
    """Cell codes by key, of the keys given or all of them; `OUTSIDE` has the code ""."""
    query = narrowed(sa.select(cell.c.cell_id, cell.c.code), cell.c.cell_id, ids)
    return {OUTSIDE: ""} | {row.cell_id: row.code for row in db.execute(query)}


def cells_for_assignment(engine: Engine, db: sa.Connection, codes: Collection[str] | None = None) -> Located:
    """`(shapes, ids)` of all cells, or those of `codes`, in the order that decides who owns a shared edge: by code."""
    query = sa.select(cell.c.cell_id, cell.c.shape).order_by(cell.c.code)
    found = engine.rows(db, query if codes is None else _of_codes(query, codes))
    return from_wkb(found["shape"]), np.array(found["cell_id"], "i8")


def cell_of(x: np.ndarray, y: np.ndarray, shapes: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """`cell_id` of each point, `OUTSIDE` where no cell contains it."""
    if not len(ids):
        return np.full(len(x), OUTSIDE, "i8")
    return np.append(ids, OUTSIDE)[assign(x, y, shapes)]  # -1 picks the last


def _write_cells(work: Work, cells: gpd.GeoDataFrame) -> None:
    """Write all cells; a code that was there keeps its id."""
    old = {row.code: row.cell_id for row in work.db.execute(sa.select(cell.c.code, cell.c.cell_id))}
    work.db.execute(sa.delete(cell))
    _insert_cells(work, cells, old)


def _insert_cells(work: Work, cells: gpd.GeoDataFrame, ids: dict[str, int]) -> None:
    """Append cells; those whose code is in `ids` with that id, the others with new ones."""
    codes = texts(cells, "code")
    fresh = [code for code in codes if code not in ids]
    first = work.next_ids("cell", len(fresh)) if fresh else 0
    ids = ids | {code: first + i for i, code in enumerate(fresh)}
    columns = {"cell_id": np.array([ids[code] for code in codes], "i8")} | lineage.as_stood(cells)
    work.engine.insert(work.db, cell, columns, len(cells))


def _of_codes(query: sa.Select[Any], codes: Collection[str]) -> sa.Select[Any]:
    """The rows of those codes; where they are many all rows, which is faster and does no harm."""
    return query if len(codes) > ASK_AT_ONCE else query.where(cell.c.code.in_([str(code) for code in codes]))


def _touched(work: Work, there: CellPlaces, change: GridEdit) -> Located:
    """The cells that touch what an edit changes, in the same order; `there`: where cells lay before it.

    A component on a border belongs to the first of its cells by code, so a new code on one side may give it to the
    other.
    """
    changed = np.concatenate([frame.geometry.to_numpy() for frame in (change.before, change.after)])
    candidates = {*change.after["code"], *there.codes[there.near(box_of(shapely.bounds(changed)))].tolist()}
    shapes, ids = cells_for_assignment(work.engine, work.db, candidates)
    touched = np.unique(shapely.STRtree(shapes).query(changed, predicate="intersects")[1])
    return shapes[touched], ids[touched]


def _rekey(work: Work, table: sa.Table, which: sa.ColumnElement[bool], around: Located) -> Rekeyed:
    """Give each row of `table` that `which` chooses the one of the cells `around` that contains its point now."""
    key = list(table.primary_key.columns)
    query = sa.select(*key, table.c.cell_id, table.c.x, table.c.y).where(which)
    stored = work.engine.numbers(work.db, query)
    now = cell_of(stored["x"], stored["y"], *around)
    moved = np.flatnonzero(now != stored["cell_id"])
    keys = {column.name: stored[column.name][moved] for column in key}
    work.engine.update(work.db, table, keys, {"cell_id": now[moved]}, len(moved))
    return Rekeyed(stored["cell_id"], now, len(moved))
