"""Unit grid cells: the whole grid at once, and the components that stand in them."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.dictionary import narrowed
from data.engine import Column, Engine
from data.journal import Work
from data.layers import refuse_repeated, replace_areas
from data.shapes import from_wkb, geo_frame, plane, require_plane, texts, to_wkb
from data.tables import cell, component, component_history
from gis.assignment import assign
from gis.frames import CELL_COLUMNS, as_cells
from kernel.progress import Part, Progress

OUTSIDE: Final = 0  # `cell_id` of a component that no cell contains


def load_cells(engine: Engine, db: sa.Connection) -> gpd.GeoDataFrame:
    """All cells, ordered by code."""
    names = CELL_COLUMNS[:-1]
    query = sa.select(*(cell.c[name] for name in names), cell.c.shape).order_by(cell.c.code)
    found = engine.rows(db, query)
    columns: dict[str, Any] = {
        name: pd.array(found[name], dtype="str") for name in names if name != "area_m2"
    }
    columns["area_m2"] = np.array(found["area_m2"], "f8")
    frame = geo_frame(columns, found["shape"], plane(db))
    return frame[list(CELL_COLUMNS)]


def replace(
    work: Work, cells: gpd.GeoDataFrame, areas: dict[str, gpd.GeoDataFrame | None], progress: Progress
) -> dict[str, int]:
    """Put a whole grid (and the areas given) in the place of the old one and re-key every component.

    Returns counts: `cells`, `rekeyed` components whose cell changed, `outside` components without a cell.
    """
    require_plane(work.db, cells)
    cells = as_cells(cells)
    refuse_repeated(texts(cells, "code"))
    for level, frame in areas.items():
        if frame is not None:
            replace_areas(work, level, frame)
    progress.report(0.1, "Writing the cells")
    _write_cells(work, cells)
    rekeyed = _rekey(work, component, Part(progress, 0.3, 0.9))
    _rekey(work, component_history, Part(progress, 0.9, 1.0))
    outside = sa.select(sa.func.count()).select_from(component).where(component.c.cell_id == OUTSIDE)
    progress.check()
    return {"cells": len(cells), "rekeyed": rekeyed, "outside": work.db.execute(outside).scalar_one()}


def codes_by_id(db: sa.Connection, *ids: np.ndarray) -> dict[int, str]:
    """Cell codes by key, of the keys given or all of them; `OUTSIDE` has the code ""."""
    query = narrowed(sa.select(cell.c.cell_id, cell.c.code), cell.c.cell_id, ids)
    return {OUTSIDE: ""} | {row.cell_id: row.code for row in db.execute(query)}


def cells_for_assignment(engine: Engine, db: sa.Connection) -> tuple[np.ndarray, np.ndarray]:
    """`(shapes, ids)` of all cells in the order that decides who owns a shared edge: by code."""
    found = engine.rows(db, sa.select(cell.c.cell_id, cell.c.shape).order_by(cell.c.code))
    return from_wkb(found["shape"]), np.array(found["cell_id"], "i8")


def cell_of(x: np.ndarray, y: np.ndarray, shapes: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """`cell_id` of each point, `OUTSIDE` where no cell contains it."""
    if not len(ids):
        return np.full(len(x), OUTSIDE, "i8")
    return np.append(ids, OUTSIDE)[assign(x, y, shapes)]  # -1 picks the last


def _write_cells(work: Work, cells: gpd.GeoDataFrame) -> None:
    """Write all cells; a code that was there keeps its id."""
    old = {row.code: row.cell_id for row in work.db.execute(sa.select(cell.c.code, cell.c.cell_id))}
    codes = texts(cells, "code")
    fresh = [code for code in codes if code not in old]
    first = work.next_ids("cell", len(fresh)) if fresh else 0
    old |= {code: first + i for i, code in enumerate(fresh)}
    work.db.execute(sa.delete(cell))
    columns: dict[str, Column] = {name: texts(cells, name) for name in CELL_COLUMNS[:-1] if name != "area_m2"}
    columns["cell_id"] = np.array([old[code] for code in codes], "i8")
    columns["area_m2"] = cells["area_m2"].to_numpy()
    columns["shape"] = to_wkb(cells.geometry.to_numpy())
    work.engine.insert(work.db, cell, columns, len(cells))


def _rekey(work: Work, table: sa.Table, progress: Progress) -> int:
    """Give each row of `table` the cell that contains its point now; how many rows changed."""
    key = list(table.primary_key.columns)
    stored = work.engine.numbers(work.db, sa.select(*key, table.c.cell_id, table.c.x, table.c.y))
    now = cell_of(stored["x"], stored["y"], *cells_for_assignment(work.engine, work.db))
    moved = np.flatnonzero(now != stored["cell_id"])
    progress.report(0.5, "Giving the components their cells")
    keys = {column.name: stored[column.name][moved] for column in key}
    work.engine.update(work.db, table, keys, {"cell_id": now[moved]}, len(moved))
    progress.report(1.0)
    return len(moved)
