"""Responsibility areas go with the grid: in the transaction that changes cells their lists of cells follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from data.engines.engine import Engine
from data.journal import Work
from data.shapes import from_wkb, to_wkb
from data.tables import cell, grid_step_area
from data.tables import responsibility_area as area
from data.tables import responsibility_area_cell as held
from gis.grid.responsibility import NUMBER_COLUMNS, TEXT_COLUMNS, outline
from gis.grid.responsibility_lineage import HANDOVER_COLUMNS, MEMBER_COLUMNS, carried_members, handed_over
from resources.responsibility import AREA, CELLS, kinds

LOST, GAINED = "lost", "gained"
MANY: Final = 500  # codes from which on the whole list is read instead
SAME_M2: Final = 1.0  # an outline that differs less from its cells was made of them

Member: TypeAlias = tuple[str, str, str]  # kind, area, cell


def carry(
    work: Work,
    step_id: int,
    succession: pd.DataFrame,
    stood: Sequence[str],
    shapes: dict[str, Any],
    undone: int = 0,
) -> int:
    """Let the areas' lists follow a step that is written already; how many memberships changed.

    `stood`: codes of the cells that the step found, also of those that only got a vertex; `shapes`: their ground. `undone`: the step that this one takes back:
    what that did to the lists is taken back exactly where nobody has changed it since.
    """
    codes = sorted({*succession["predecessor"], *succession["successor"], *stood} - {""})
    before = _members(work.db, codes)
    after = _restored(work, before, undone, succession) if undone else None
    if after is None:
        after = _carried(before, succession, stood)
    lost, gained = before - after, after - before
    _write(work, step_id, lost, gained)
    _redraw(work, {(kind, code) for kind, code, _ in before | after}, lost, gained, shapes)
    return len(lost) + len(gained)


def load_handed_over(
    engine: Engine, db: sa.Connection, step_id: int, succession: pd.DataFrame
) -> pd.DataFrame:
    """`kind` and `HANDOVER_COLUMNS`: cells of exclusive kinds that a step gave to another area."""
    rows = db.execute(sa.select(grid_step_area).where(grid_step_area.c.step_id == step_id)).all()
    found = [pd.DataFrame(columns=["kind", *HANDOVER_COLUMNS], dtype="str")]
    for kind in sorted({row.kind for row in rows}):
        if kinds()[kind].exclusive:
            sides = [_frame({(r.kind, r.area_code, r.cell_code) for r in rows if r.side == side}, kind) for side in (LOST, GAINED)]  # fmt: skip
            standing = _frame(_members(db, sorted(set(succession["successor"]) - {""})), kind)
            after = pd.concat([sides[1], standing]).drop_duplicates("cell_code")
            found.append(handed_over(sides[0], after, succession).assign(kind=kind))
    return pd.concat(found, ignore_index=True)


def _members(db: sa.Connection, codes: Sequence[str]) -> set[Member]:
    query = sa.select(held.c.kind, held.c.area_code, held.c.cell_code)
    if len(codes) <= MANY:
        query = query.where(held.c.cell_code.in_(codes))
    return {(row.kind, row.area_code, row.cell_code) for row in db.execute(query)}


def _frame(members: set[Member], kind: str) -> pd.DataFrame:
    rows = sorted(member[1:] for member in members if member[0] == kind)
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype="str")


def _carried(before: set[Member], succession: pd.DataFrame, stood: Sequence[str]) -> set[Member]:
    after: set[Member] = set()
    for kind in {member[0] for member in before}:
        now = carried_members(_frame(before, kind), succession, set(stood), exclusive=kinds()[kind].exclusive)
        after |= {(kind, *row) for row in now.itertuples(index=False, name=None)}
    return after


def _restored(work: Work, now: set[Member], undone: int, succession: pd.DataFrame) -> set[Member] | None:
    """The lists as they were before step `undone`; None where what it gave has been changed since."""
    rows = work.db.execute(sa.select(grid_step_area).where(grid_step_area.c.step_id == undone)).all()
    lost, gained = (
        {(r.kind, r.area_code, r.cell_code) for r in rows if r.side == side} for side in (LOST, GAINED)
    )
    there = {(row.kind, row.code) for row in work.db.execute(sa.select(area.c.kind, area.c.code))}
    ending = set(succession["predecessor"]) - set(succession["successor"])
    after = (now - gained) | lost
    places = [(kind, code) for kind, _, code in after if kinds()[kind].exclusive]
    untouched = (
        gained <= now
        and {member for member in now if member[2] in ending} <= gained
        and {member[:2] for member in lost} <= there
        and len(places) == len(set(places))
    )
    return after if untouched else None


def _write(work: Work, step_id: int, lost: set[Member], gained: set[Member]) -> None:
    key = sa.tuple_(held.c.kind, held.c.area_code, held.c.cell_code)
    gone = sorted(lost)
    for start in range(0, len(gone), MANY):
        work.db.execute(sa.delete(held).where(key.in_(gone[start : start + MANY])))
    _insert(work, held, sorted(gained), {})
    for side, members in ((LOST, lost), (GAINED, gained)):
        _insert(work, grid_step_area, sorted(members), {"step_id": np.full(len(members), step_id), "side": [side] * len(members)})  # fmt: skip


def _insert(work: Work, table: sa.Table, members: Sequence[Member], given: dict[str, Any]) -> None:
    names = ("kind", "area_code", "cell_code")
    columns = given | {name: [member[at] for member in members] for at, name in enumerate(names)}
    if members:
        work.engine.insert(work.db, table, columns, len(members))


def _redraw(work: Work, areas: set[tuple[str, str]], lost: set[Member], gained: set[Member], shapes: dict[str, Any]) -> None:  # fmt: skip
    """New outlines and areas for the areas whose outline is that of their cells."""
    for kind, code in sorted(areas):
        if kinds()[kind].made_of not in (CELLS, AREA):
            continue
        mine = sa.and_(held.c.kind == kind, held.c.area_code == code)
        now = set(work.db.execute(sa.select(held.c.cell_code).where(mine)).scalars())
        was = (now - {c for k, a, c in gained if (k, a) == (kind, code)}) | {c for k, a, c in lost if (k, a) == (kind, code)}  # fmt: skip
        standing = _polygons(work, now | was)
        this = sa.and_(area.c.kind == kind, area.c.code == code)
        if kinds()[kind].made_of == CELLS or _is_outline(work, this, was, standing | shapes):
            _put_outline(work, this, outline([standing[each] for each in sorted(now) if each in standing]))


def _put_outline(work: Work, this: sa.ColumnElement[bool], drawn: Any) -> None:
    names = ("kind", *TEXT_COLUMNS, *NUMBER_COLUMNS)
    row: dict[str, Any] = work.engine.rows(work.db, sa.select(*(area.c[name] for name in names)).where(this))
    row |= {
        "area_m2": [None if drawn is None else float(drawn.area)],
        "shape": to_wkb(np.array([drawn], object)),
    }
    work.db.execute(sa.delete(area).where(this))
    work.engine.insert(work.db, area, row, 1)


def _is_outline(work: Work, this: sa.ColumnElement[bool], codes: set[str], polygons: dict[str, Any]) -> bool:
    stored = from_wkb(work.engine.rows(work.db, sa.select(area.c.code, area.c.shape).where(this))["shape"])[0]
    made = outline([polygons[code] for code in sorted(codes) if code in polygons])
    if stored is None or made is None:
        return stored is None
    return bool(shapely.symmetric_difference(stored, made).area <= SAME_M2)


def _polygons(work: Work, codes: set[str]) -> dict[str, Any]:
    found = work.engine.rows(
        work.db, sa.select(cell.c.code, cell.c.shape).where(cell.c.code.in_(sorted(codes)))
    )
    return dict(zip(found["code"], from_wkb(found["shape"]), strict=True))
