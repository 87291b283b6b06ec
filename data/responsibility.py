"""Responsibility areas: whole lists of one kind, and the cells each area holds."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import sqlalchemy as sa

from data.engines.engine import Column, Engine
from data.journal import Work
from data.layers import refuse_repeated
from data.shapes import from_wkb, numbers, plane, require_plane, texts, to_wkb
from data.tables import responsibility_area as area
from data.tables import responsibility_area_cell as held
from gis.frames import require_columns
from gis.grid.responsibility import NUMBER_COLUMNS, TEXT_COLUMNS, altered, areas_frame, membership
from kernel.errors import Conflict
from resources.responsibility import kinds


def load(engine: Engine, db: sa.Connection, kind: str) -> gpd.GeoDataFrame:
    """Areas of one kind, by code; cells of each by code."""
    _known(kind)
    names = (*TEXT_COLUMNS, *NUMBER_COLUMNS)
    query = sa.select(*(area.c[name] for name in names), area.c.shape).where(area.c.kind == kind)
    found: dict[str, Any] = engine.rows(db, query.order_by(area.c.code))
    cells: dict[str, list[str]] = {code: [] for code in found["code"]}
    of = sa.select(held.c.area_code, held.c.cell_code).where(held.c.kind == kind)
    for row in db.execute(of.order_by(held.c.area_code, held.c.cell_code)):
        cells[row.area_code].append(row.cell_code)
    columns: dict[str, Any] = {name: found[name] for name in TEXT_COLUMNS}
    columns |= {name: np.array(found[name], dtype=float) for name in NUMBER_COLUMNS}
    columns |= {"cell_codes": list(cells.values()), "geometry": from_wkb(found["shape"])}
    return areas_frame(columns, len(found["code"]), plane(db) or None)


def replace(work: Work, kind: str, frame: gpd.GeoDataFrame) -> None:
    """Put all areas of one kind in the place of what was there."""
    _known(kind)
    require_columns(frame, ("code", "cell_codes", "geometry"), kind)
    require_plane(work.db, frame)
    codes = texts(frame, "code")
    refuse_repeated(codes)
    for table in (held, area):
        work.db.execute(sa.delete(table).where(table.c.kind == kind))
    columns: dict[str, Column] = {name: texts(frame, name) for name in TEXT_COLUMNS}
    columns |= {name: numbers(frame, name) for name in NUMBER_COLUMNS}
    columns |= {"kind": [kind] * len(frame), "shape": to_wkb(frame.geometry.to_numpy())}
    work.engine.insert(work.db, area, columns, len(frame))
    of = membership(frame).drop_duplicates(["area_code", "cell_code"])
    columns = {name: texts(of, name) for name in ("area_code", "cell_code")} | {"kind": [kind] * len(of)}
    work.engine.insert(work.db, held, columns, len(of))


def require_unchanged(work: Work, kind: str, seen: gpd.GeoDataFrame) -> None:
    """Raise `Conflict` when the areas of one kind are no longer those that were loaded as `seen`."""
    now = load(work.engine, work.db, kind)
    if len(now) != len(seen) or altered(seen, now).any():
        raise Conflict("Another person has changed these areas in the meantime.",
                       remedy="Look at them as they are now, and edit again.")  # fmt: skip


def problems(db: sa.Connection) -> list[str]:
    """Cells that are held by an area which is not there."""
    there = sa.exists().where(area.c.kind == held.c.kind, area.c.code == held.c.area_code)
    lost = db.execute(sa.select(sa.func.count()).select_from(held).where(~there)).scalar()
    return [f"responsibility_area_cell: {lost} rows belong to no area"] if lost else []


def _known(kind: str) -> None:
    if kind not in kinds():
        raise ValueError(f"kind {kind!r} is not one of {', '.join(kinds())}")
