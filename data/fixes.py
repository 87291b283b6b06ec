"""Patrol fixes: appended, never changed, time first; and the roster they belong to.

A fix of an unknown patroller is kept: a device may report before its holder stands in the roster, and what was
acknowledged must not be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.engines.engine import Engine
from data.journal import Work
from data.layers import refuse_repeated
from data.shapes import texts
from data.tables import fix, patroller
from gis.frames import FIX_COLUMNS, PATROLLER_COLUMNS, require_columns

FIRST_LOOK_S: Final = 900.0  # how far back the search for last positions looks at first


def append(work: Work, fixes: pd.DataFrame) -> dict[str, int]:
    """Append a batch, the first write of its transaction; counts of fixes `added` and `repeated` (the same time and patroller was there)."""
    columns = _once(_columns(fixes))
    added = work.engine.insert_new_fixes(work.db, columns, len(columns["time_s"]))
    return {"added": added, "repeated": len(fixes) - added}


def _once(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The batch in the order of its key, the first of equal ones only."""
    order = np.lexsort((columns["patroller_id"], columns["time_s"]))
    time_s, who = columns["time_s"][order], columns["patroller_id"][order]
    first = np.append(True, (np.diff(time_s) != 0) | (np.diff(who) != 0))[: len(order)]
    return {name: column[order[first]] for name, column in columns.items()}


def _columns(fixes: pd.DataFrame) -> dict[str, np.ndarray]:
    require_columns(fixes, FIX_COLUMNS[:4], "fixes")
    missing = np.full(len(fixes), np.nan)
    columns = {name: fixes[name].to_numpy("f8") if name in fixes.columns else missing for name in FIX_COLUMNS}
    if not all(np.isfinite(columns[name]).all() for name in FIX_COLUMNS[:4]):
        raise ValueError("fixes: time_s, patroller_id, x and y must be finite numbers")
    return columns | {"patroller_id": fixes["patroller_id"].to_numpy("i8")}


def load(
    engine: Engine, db: sa.Connection, since_s: float, until_s: float, patroller_ids: Iterable[int] | None
) -> pd.DataFrame:
    """Fixes with `since_s <= time_s < until_s`, ordered by time, then patroller."""
    when = sa.and_(fix.c.time_s >= float(since_s), fix.c.time_s < float(until_s))
    if patroller_ids is not None:
        when = sa.and_(when, fix.c.patroller_id.in_([int(key) for key in patroller_ids]))
    query = sa.select(*_filled()).where(when).order_by(fix.c.time_s, fix.c.patroller_id)
    return _frame(engine.numbers(db, query))


def last(engine: Engine, db: sa.Connection, until_s: float | None) -> pd.DataFrame:
    """The latest fix of each patroller (at or before `until_s`), ordered by patroller.

    Looks back in growing steps until every known patroller is found, so that it is quick where all report.
    """
    ends = db.execute(sa.select(sa.func.min(fix.c.time_s), sa.func.max(fix.c.time_s))).one()
    if ends[0] is None:
        return _frame({name: np.empty(0) for name in FIX_COLUMNS})
    until = float(ends[1]) if until_s is None else min(float(until_s), float(ends[1]))
    expected = db.execute(sa.select(sa.func.count()).select_from(patroller)).scalar_one()
    back_s = FIRST_LOOK_S
    while True:
        found = _last_between(engine, db, until - back_s, until)
        if until - back_s < ends[0] or (expected and len(found) >= expected):
            return found
        back_s *= 8


def _last_between(engine: Engine, db: sa.Connection, since_s: float, until_s: float) -> pd.DataFrame:
    window = sa.and_(fix.c.time_s >= since_s, fix.c.time_s <= until_s)
    latest = (
        sa.select(fix.c.patroller_id.label("who"), sa.func.max(fix.c.time_s).label("when"))
        .where(window)
        .group_by(fix.c.patroller_id)
        .subquery()
    )
    mine = sa.and_(fix.c.time_s == latest.c.when, fix.c.patroller_id == latest.c.who)
    query = sa.select(*_filled()).select_from(latest.join(fix, mine)).order_by(fix.c.patroller_id)
    return _frame(engine.numbers(db, query))


def load_patrollers(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """The roster, ordered by id."""
    found = engine.rows(db, sa.select(patroller).order_by(patroller.c.patroller_id))
    out: dict[str, Any] = {name: pd.array(found[name], dtype="str") for name in PATROLLER_COLUMNS[1:]}
    return pd.DataFrame({"patroller_id": np.array(found["patroller_id"], "i8")} | out)


def save_patrollers(work: Work, frame: pd.DataFrame) -> None:
    """Write patrollers; one whose id is there is replaced, others stay."""
    require_columns(frame, ("patroller_id", "name"), "patrollers")
    ids = frame["patroller_id"].to_numpy("i8")
    refuse_repeated([str(key) for key in ids])
    work.db.execute(sa.delete(patroller).where(patroller.c.patroller_id.in_(ids.tolist())))
    columns = {name: texts(frame, name) for name in PATROLLER_COLUMNS[1:]}
    work.engine.insert(work.db, patroller, {"patroller_id": ids, **columns}, len(frame))


def _filled() -> list[Any]:
    """All columns; a reading the device did not give is -1 on the way, NaN in the frame."""
    given = [fix.c[name] for name in FIX_COLUMNS[:4]]
    return given + [sa.func.coalesce(fix.c[name], _NONE).label(name) for name in FIX_COLUMNS[4:]]


_NONE = -1.0e300


def _frame(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    readings = {name: np.where(columns[name] == _NONE, np.nan, columns[name]) for name in FIX_COLUMNS[4:]}
    return pd.DataFrame(columns | readings | {"patroller_id": columns["patroller_id"].astype("i8")})
