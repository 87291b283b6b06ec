"""One component with its past: the card, and what each session changed, field by field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.census import corrections
from data.census.components import decode, read
from data.engines.engine import Engine
from data.tables import component, component_history, given_code, session
from gis.frames import COMPONENT_COLUMNS
from kernel.errors import Refused
from kernel.progress import Silent

HISTORY_COLUMNS = ("at", "session", "actor", "field", "before", "after")
COMPARED = [name for name in COMPONENT_COLUMNS if name != "component_id"]


def card(engine: Engine, db: sa.Connection, component_id: int) -> dict[str, Any]:
    """Every column of the components frame for one component, and `session_id`, the session that wrote it."""
    rows = read(engine, db, component.c.component_id == component_id)
    if not len(rows["component_id"]):
        raise Refused(
            "There is no component {component} in this store.",
            remedy="It may have been taken back by undoing a session; search for its code.",
            component=component_id,
        )
    (found,) = _records(decode(db, rows, COMPONENT_COLUMNS, Silent()))
    query = sa.select(component.c.session_id).where(component.c.component_id == component_id)
    return found | {
        "session_id": int(db.execute(query).scalar_one()),
        "former_codes": _former(db, component_id),
    }


def _former(db: sa.Connection, component_id: int) -> list[str]:
    """Codes it had before, the latest first."""
    query = sa.select(given_code.c.former).where(given_code.c.component_id == component_id)
    mine = query.where(given_code.c.former != "", given_code.c.undone == 0)
    return [str(code) for code in db.execute(mine.order_by(given_code.c.session_id.desc())).scalars()]


def load(engine: Engine, db: sa.Connection, component_id: int) -> pd.DataFrame:
    """What happened to one component, oldest first, one row per field, with the corrections made in drafts.

    The row with an empty `field` says that the component entered the store. Columns: `HISTORY_COLUMNS`, all text but
    `session`. Sessions stand in the order in which they were stored, whatever their clocks said.
    """
    versions, written_by = _versions(engine, db, component_id)
    known = {row.session_id: row for row in db.execute(sa.select(session))}
    events = corrections.of_component(db, component_id)  # what was corrected comes before what was committed
    for number, session_id in enumerate(written_by):
        at, actor = known[session_id].decided_at, known[session_id].decided_by
        if number == 0:
            events.append((at, session_id, actor, "", "", ""))
            continue
        before, after = versions[number - 1], versions[number]
        events += [
            (at, session_id, actor, name, before[name], after[name])
            for name in COMPARED
            if before[name] != after[name]
        ]
    events.sort(key=lambda event: known[event[1]].stored_as)
    return pd.DataFrame(events, columns=list(HISTORY_COLUMNS))


def _versions(engine: Engine, db: sa.Connection, component_id: int) -> tuple[list[dict[str, str]], list[int]]:
    """Every version of the component as texts, oldest first, and the session that wrote each.

    In the order in which they replaced one another: the session with the lower number may be stored later.
    """
    found: dict[int, dict[str, str]] = {}
    for table in (component_history, component):
        mine = table.c.component_id == component_id
        rows = read(engine, db, mine, table=table)
        frame = decode(db, rows, COMPARED, Silent())
        query = sa.select(table.c.session_id).where(mine).order_by(*table.primary_key)
        writers = engine.numbers(db, query)["session_id"]
        words = ({name: _words(value) for name, value in row.items()} for row in _records(frame))
        found |= dict(zip(writers.tolist(), words, strict=True))
    links = sa.select(component_history.c.session_id, component_history.c.replaced_by)
    replaced = links.where(component_history.c.component_id == component_id)
    next_of = {row[0]: row[1] for row in db.execute(replaced)}
    order = [writer for writer in found if writer not in next_of.values()]
    while order and order[-1] in next_of:
        order.append(next_of[order[-1]])
    return [found[writer] for writer in order], order


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        return f"{value:.3f}"
    return str(getattr(value, "wkt", value))
