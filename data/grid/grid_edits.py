"""Edits of the grid by hand: only the changed cells are written, with their lineage; undo and redo without limit.

Every person has a stack of edits of their own, kept in the store: taking back is itself a step that restores the
cells exactly, and fails where somebody has changed them since.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from data.grid import area_lineage, holds, lineage
from data.grid import cells as grid
from data.grid.lineage import DONE, DROPPED, FINAL, REDO, UNDO, UNDONE
from data.journal import Work
from data.shapes import require_plane, texts
from data.tables import cell, grid_step
from gis.frames import CELL_COLUMNS
from gis.grid.grid_edit import GridEdit
from kernel.errors import Conflict, Refused

LOOK_AGAIN: Final = "Look at the cells as they are now, and edit again."


def apply(work: Work, edit: GridEdit, seen_step: int) -> dict[str, int]:
    """Write an edit that was made on the grid as step `seen_step` left it; counts `cells`, `rekeyed`, `step`."""
    for frame in (edit.before, edit.after):
        require_plane(work.db, frame)
    _require_unseen_by_others(work, edit, seen_step)
    _refuse_given_codes(work, edit)
    counts = _write(work, edit, kind=edit.kind, of_step=0, state=DONE)
    dropped = sa.and_(
        grid_step.c.actor == work.actor, grid_step.c.state == UNDONE, grid_step.c.step_id < counts["step"]
    )
    work.db.execute(sa.update(grid_step).where(dropped).values(state=DROPPED))
    return counts


def undo(work: Work) -> tuple[dict[str, int], GridEdit]:
    """Take back the actor's latest edit that stands: counts as `apply`, and what was done."""
    step = _own(work, DONE, grid_step.c.step_id.desc())
    if step is None:
        raise Refused(
            "There is no edit of the grid by {actor} that could be taken back.",
            remedy="Each person takes back their own edits.",
            actor=work.actor,
        )
    edit = lineage.load_edit(work.engine, work.db, step.step_id).inverse()
    counts = _write(work, edit, kind=UNDO, of_step=step.step_id, state=FINAL)
    _mark(work, step.step_id, UNDONE)
    return counts, edit


def redo(work: Work) -> tuple[dict[str, int], GridEdit]:
    """Do the actor's earliest edit again that was taken back and not edited on since; see `undo`."""
    step = _own(work, UNDONE, grid_step.c.step_id)
    if step is None:
        raise Refused(
            "There is no edit of the grid by {actor} that could be done again.",
            remedy="A new edit after taking back leaves nothing to do again.",
            actor=work.actor,
        )
    edit = lineage.load_edit(work.engine, work.db, step.step_id)
    counts = _write(work, edit, kind=REDO, of_step=step.step_id, state=FINAL)
    _mark(work, step.step_id, DONE)
    return counts, edit


def last_step(db: sa.Connection) -> int:
    """Number of the latest step of the grid, 0 before the first."""
    return int(db.execute(sa.select(sa.func.coalesce(sa.func.max(grid_step.c.step_id), 0))).scalar_one())


def _write(work: Work, edit: GridEdit, *, kind: str, of_step: int, state: str) -> dict[str, int]:
    holds.require_free(work, edit.communities)
    _require_as_before(work, edit)
    _refuse_taken_codes(work, edit)
    rekeyed, ways = grid.edit(work, edit)
    step_id, found = lineage.record_edit(work, edit, ways, kind=kind, of_step=of_step, state=state)
    shapes = dict(zip(edit.before["code"], edit.before.geometry.to_numpy(), strict=True))
    undone = of_step if kind == UNDO else 0
    members = area_lineage.carry(work, step_id, found, texts(edit.before, "code"), shapes, undone)
    return {"cells": len(edit.codes), "rekeyed": rekeyed, "step": step_id, "members": members}


def _own(work: Work, state: str, order: Any) -> Any:
    mine = sa.and_(grid_step.c.actor == work.actor, grid_step.c.state == state)
    return work.db.execute(sa.select(grid_step).where(mine).order_by(order).limit(1)).first()


def _mark(work: Work, step_id: int, state: str) -> None:
    work.db.execute(sa.update(grid_step).where(grid_step.c.step_id == step_id).values(state=state))


def _require_unseen_by_others(work: Work, edit: GridEdit, seen_step: int) -> None:
    """Raise `Conflict` where another person changed one of the communities after the editor had looked."""
    others = sa.and_(grid_step.c.step_id > seen_step, grid_step.c.actor != work.actor)
    query = sa.select(grid_step).where(others).order_by(grid_step.c.step_id.desc())
    for row in work.db.execute(query):
        common = set(row.communities.split(",")).intersection(edit.communities)
        if common:
            raise Conflict(
                "Community {community} was changed by {actor} at {at}, after this edit was begun.",
                remedy=LOOK_AGAIN,
                community=min(common),
                actor=row.actor,
                at=row.at,
            )


def _require_as_before(work: Work, edit: GridEdit) -> None:
    """Raise `Conflict` where a cell is not, to the last bit, what the edit found."""
    names = CELL_COLUMNS[:-1]
    codes = texts(edit.before, "code")
    query = sa.select(*(cell.c[name] for name in names), cell.c.shape).where(cell.c.code.in_(codes))
    found = work.engine.rows(work.db, query.order_by(cell.c.code))
    if _rows(found) == _rows(lineage.as_stood(edit.before)):
        return
    change = lineage.last_change_of(work.db, codes)
    if change is None:
        raise Conflict("The cells are not as this edit found them.", remedy=LOOK_AGAIN)
    raise Conflict(
        "The cells of this edit were changed by {actor} at {at}.",
        remedy=LOOK_AGAIN,
        actor=change.actor,
        at=change.at,
    )


def _rows(columns: Any) -> list[tuple[Any, ...]]:
    return list(zip(*(list(columns[name]) for name in (*CELL_COLUMNS[:-1], "shape")), strict=True))


def _refuse_given_codes(work: Work, edit: GridEdit) -> None:
    """Raise `Refused` where a new cell has the code of a retired one."""
    again = set(edit.after["code"]).difference(edit.before["code"]) & lineage.retired_codes(work.db)
    if again:
        raise Refused(
            "The code {code} belonged to a cell that is retired, so it is not given again.",
            remedy="Give the new cell the next number that was never used.",
            code=min(again),
        )


def _refuse_taken_codes(work: Work, edit: GridEdit) -> None:
    """Raise `Conflict` where a new cell has the code of a cell that stands."""
    fresh = sorted(set(edit.after["code"]).difference(edit.before["code"]))
    taken = work.db.execute(sa.select(cell.c.code).where(cell.c.code.in_(fresh)).limit(1)).scalar()
    if taken is not None:
        raise Conflict("The code {code} was given to another cell meanwhile.", remedy=LOOK_AGAIN, code=taken)
