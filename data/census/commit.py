"""A delivery becomes components: what it changes, the commit, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.census import codes
from data.census.components import Rows, add, encode, take
from data.census.dictionary import categorical
from data.census.matching import match
from data.census.meanwhile import require_nobody_else
from data.engines.engine import CHUNK_ROWS, Engine
from data.grid.cells import cell_of, cells_for_assignment, codes_by_id
from data.journal import Work
from data.tables import component, component_history
from kernel.errors import Conflict
from kernel.progress import Part, Progress

COLUMNS = [column.name for column in component.columns]


@dataclass(frozen=True)
class Written:
    """What a commit did: `counts` of new, changed, unchanged and missing (see `data.census.matching.Match`), and of codes
    `given` where that was wished; `ids`: the component of each delivered row.
    """

    counts: dict[str, int]
    ids: np.ndarray


@dataclass(frozen=True)
class Numbering:
    """Rows without a code, new or stored without one, get one of the edition `standard`; `origins` says which rows of
    the delivery they are."""

    standard: str
    origins: pd.DataFrame | None = None


def write(
    work: Work, frame: pd.DataFrame, session_id: int, progress: Progress, numbering: Numbering | None = None,
    since: int | None = None,
) -> Written:  # fmt: skip
    """Write a components frame: new rows are added, changed ones replaced and the old version kept.

    Raises `Conflict` where a version would be replaced that was stored after place `since` in the order of commits.
    """
    progress.report(0.0, "Preparing {rows} rows", rows=len(frame))
    rows = encode(work.db, frame, work)
    progress.report(0.15, "Comparing with the store")
    found = match(work.engine, work.db, rows, progress)
    rows["code"] = found.codes
    ids = found.stored_ids.copy()
    new = np.flatnonzero(ids == 0)
    first = work.next_ids("component", len(new)) if len(new) else 0
    ids[new] = np.arange(first, first + len(new))
    told = {}
    if numbering:
        numbered = _number(work, frame, rows, ids, session_id, numbering)
        found = found.also_changed(numbered)
        told = {"given": len(numbered)}
    require_nobody_else(work.db, session_id, found.stored_ids[found.changed], since)
    progress.report(0.4, "Writing components")
    _archive(work, ids[found.changed], session_id, Part(progress, 0.4, 0.5))
    written = (found.stored_ids == 0) | found.changed
    rows |= {"component_id": ids}
    rows = rows if written.all() else take(rows, np.flatnonzero(written))
    add(work, rows | {"session_id": session_id}, int(written.sum()), Part(progress, 0.5, 1.0))
    return Written(found.counts | told, ids)


def _number(
    work: Work, frame: pd.DataFrame, rows: Rows, ids: np.ndarray, session_id: int, numbering: Numbering
) -> np.ndarray:
    """Give the rows without a code one, and note which; the rows that got one."""
    places = codes.give(work, frame, rows, numbering.standard)
    if len(places):
        fresh = [rows["code"][place] for place in places.tolist()]
        told = numbering.origins is not None and len(numbering.origins) == len(frame)
        origins = numbering.origins.iloc[places] if told and numbering.origins is not None else None
        codes.register(work, session_id, ids[places], fresh, [""] * len(places), origins)
    return places


def rewrite(work: Work, frame: pd.DataFrame, session_id: int, progress: Progress) -> None:
    """Replace the stored components that `frame` names by `component_id`; the old versions are kept."""
    ids = frame["component_id"].to_numpy("i8")
    rows = encode(work.db, frame, work)
    _archive(work, ids, session_id, Part(progress, 0.0, 0.4))
    add(work, rows | {"component_id": ids, "session_id": session_id}, len(ids), Part(progress, 0.4, 1.0))


def reassigned(engine: Engine, db: sa.Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the cells of today: the grid was replaced since the draft was made."""
    shapes, ids = cells_for_assignment(engine, db)
    keys = cell_of(frame["x"].to_numpy(), frame["y"].to_numpy(), shapes, ids)
    return frame.assign(cell_code=categorical(keys, codes_by_id(db)))


def undo(work: Work, session_id: int, progress: Progress) -> dict[str, int]:
    """Restore what the session found.

    Raises:
        Conflict: a later session replaced versions that this one wrote.
    """
    _refuse_touched(work.db, session_id)
    codes.remember_codes_of(work, session_id)
    progress.report(0.1, "Removing the rows of the session")
    replaced = component_history.c.replaced_by == session_id
    restored = work.db.execute(
        sa.select(sa.func.count()).select_from(component_history).where(replaced)
    ).scalar_one()
    removed = work.db.execute(sa.delete(component).where(component.c.session_id == session_id)).rowcount
    progress.report(0.6, "Putting back what was there")
    before = sa.select(*(component_history.c[name] for name in COLUMNS)).where(replaced)
    work.db.execute(sa.insert(component).from_select(COLUMNS, before))
    work.db.execute(sa.delete(component_history).where(replaced))
    progress.report(1.0)
    return {"removed": removed - restored, "restored": restored}


def _refuse_touched(db: sa.Connection, session_id: int) -> None:
    later = sa.select(component_history.c.replaced_by, sa.func.count().label("components"))
    mine = later.where(component_history.c.session_id == session_id).group_by(component_history.c.replaced_by)
    found = db.execute(mine.order_by(component_history.c.replaced_by.desc())).all()
    if found:
        raise Conflict(
            "Session {session} cannot be undone: {count} of its components were changed again by session {later}.",
            remedy="Undo the later session first, the latest one before the others.",
            session=session_id,
            count=sum(row.components for row in found),
            later=", ".join(str(row.replaced_by) for row in found),
        )


def _archive(work: Work, ids: np.ndarray, session_id: int, progress: Progress) -> None:
    """Move the stored versions of `ids` to the history."""
    names = [*COLUMNS, "replaced_by"]
    for start in range(0, len(ids), CHUNK_ROWS // 10):
        progress.report(start / len(ids))
        mine = component.c.component_id.in_(ids[start : start + CHUNK_ROWS // 10].tolist())
        old = sa.select(component, sa.literal(session_id)).where(mine)
        work.db.execute(sa.insert(component_history).from_select(names, old))
        work.db.execute(sa.delete(component).where(mine))
