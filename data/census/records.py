"""Field records in the store: entered, edited, returned, approved into the register, deleted; every step is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.draft import COMMITTED, Draft
from census.records.record import (
    APPROVED,
    DELETED,
    EVENT_COLUMNS,
    RECORD_COLUMNS,
    REPORTED,
    RETURNED,
    UNDONE,
    Record,
)
from data.census import commit as census
from data.census import sessions
from data.engines.engine import Engine
from data.journal import Work
from data.tables import component, given_code, session
from data.tables_records import field_record, field_record_event
from kernel.errors import Conflict, NotAllowed, Refused
from kernel.progress import Silent

WAITING: Final = (REPORTED, RETURNED)


def enter(work: Work, records: Sequence[Record]) -> tuple[list[int], int]:
    """Put records into the queue; their numbers, and how many were there already by the gateway's own number."""
    known = set(
        work.db.execute(sa.select(field_record.c.foreign_id).where(field_record.c.foreign_id != "")).scalars()
    )
    fresh = []
    for record in records:
        if record.foreign_id not in known:
            fresh.append(record)
            known |= {record.foreign_id} - {""}
    first = work.next_ids("record", len(fresh))
    for number, record in enumerate(fresh, start=first):
        row = _columns(record) | {
            "record_id": number, "status": REPORTED, "component_id": component_of(work.db, record.code),
            "entered_by": work.actor, "entered_at": work.at, "decided_by": "", "decided_at": "", "reason": "",
            "session_id": 0,
        }  # fmt: skip
        work.db.execute(sa.insert(field_record).values(**row))
        _note(work, number, "entered")
    return list(range(first, first + len(fresh))), len(records) - len(fresh)


def component_of(db: sa.Connection, code: str) -> int:
    """The component with this code, now or formerly; 0 when there is none."""
    if not code:
        return 0
    found = db.execute(sa.select(component.c.component_id).where(component.c.code == code)).scalar()
    if found is None:
        had = sa.select(given_code.c.component_id).where(
            given_code.c.former == code, given_code.c.undone == 0
        )
        found = db.execute(had).scalar()
    return int(found or 0)


def load(engine: Engine, db: sa.Connection, record_id: int | None = None) -> pd.DataFrame:
    """All records, the latest first, or one: `RECORD_COLUMNS`; `fields` is a dict, `photos` a tuple. One whose session
    was undone has the status `undone`."""
    undone = sa.and_(session.c.session_id == field_record.c.session_id, session.c.status == "undone")
    joined = field_record.outerjoin(session, undone)
    query = sa.select(
        *(field_record.c[name] for name in RECORD_COLUMNS), session.c.session_id.label("undone")
    )
    query = query.select_from(joined).order_by(field_record.c.record_id.desc())
    if record_id is not None:
        query = query.where(field_record.c.record_id == record_id)
    found = engine.rows(db, query)
    frame = pd.DataFrame(found, columns=[*RECORD_COLUMNS, "undone"])
    frame["status"] = np.where(
        frame["undone"].notna() & (frame["status"] == APPROVED), UNDONE, frame["status"]
    )
    frame["fields"] = [json.loads(text) for text in frame["fields"]]
    frame["photos"] = [tuple(json.loads(text)) for text in frame["photos"]]
    frame[["x", "y"]] = frame[["x", "y"]].astype(float)
    return frame[list(RECORD_COLUMNS)]


def events(engine: Engine, db: sa.Connection, record_id: int) -> pd.DataFrame:
    """What happened to one record, oldest first: `EVENT_COLUMNS`."""
    mine = sa.select(*(field_record_event.c[name] for name in EVENT_COLUMNS))
    query = mine.where(field_record_event.c.record_id == record_id).order_by(field_record_event.c.number)
    return pd.DataFrame(engine.rows(db, query), columns=list(EVENT_COLUMNS))


def edit(work: Work, record_id: int, record: Record) -> int:
    """Put other words in the place of a waiting record's; how many fields changed. A returned one waits again."""
    row = _waiting(work, record_id)
    before, after = _flat(_record_of(row)), _flat(record)
    changed = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    for name in changed:
        _note(work, record_id, "edited", name, before.get(name, ""), after.get(name, ""))
    values = _columns(record) | {
        "status": REPORTED,
        "component_id": component_of(work.db, record.code),
        "reason": "",
    }
    if changed or row.status == RETURNED:
        _set(work, record_id, **values)
    return len(changed)


def give_back(work: Work, record_id: int, reason: str) -> None:
    """Return a record to the person who reported it."""
    _waiting(work, record_id)
    if not reason.strip():
        raise Refused("A record is returned with a reason.", remedy="Say what is wrong with it.")
    _note(work, record_id, "returned", after=reason)
    _set(work, record_id, status=RETURNED, reason=reason, decided_by=work.actor, decided_at=work.at)


def delete(work: Work, record_id: int) -> None:
    """Take a waiting record out of the queue; it stays in the history."""
    _waiting(work, record_id)
    _note(work, record_id, "deleted")
    _set(work, record_id, status=DELETED, decided_by=work.actor, decided_at=work.at)


def approve(work: Work, record_id: int, draft: Draft, seen_session: int) -> int:
    """Commit what the record says as a session of one component; the session's number.

    `draft` has the component as it shall be; `component_id` 0 makes a new one. `seen_session` wrote the stored version
    that the person saw.

    Raises:
        NotAllowed: the person entered it and another one must approve.
        Conflict: it is decided already, or the stored component was changed meanwhile.
    """
    row = _waiting(work, record_id)
    if work.actor == row.entered_by and not sessions.approves_itself(work.db):
        raise NotAllowed(
            "{actor} entered record {record} and may not approve it too.",
            remedy="Ask another person to look at the record and approve it.",
            actor=work.actor,
            record=record_id,
        )
    sessions.require_same_city(work, draft)
    draft = sessions.on_todays_cells(work, draft)
    component_id = int(draft.components["component_id"].iloc[0])
    if component_id:
        _require_unchanged(work, component_id, seen_session)
    session_id = sessions.open_session(work, draft, COMMITTED)
    if component_id:
        census.rewrite(work, draft.components, session_id, Silent())
        counts = {"new": 0, "changed": 1, "unchanged": 0, "missing": 0}
    else:
        written = census.write(work, draft.components, session_id, Silent(), census.Numbering(draft.standard))
        counts, component_id = written.counts, int(written.ids[0])
    sessions.mark_committed(work, session_id, counts)
    _note(work, record_id, "approved", after=str(session_id))
    _set(work, record_id, status=APPROVED, decided_by=work.actor, decided_at=work.at, session_id=session_id,
         component_id=component_id, reason="")  # fmt: skip
    return session_id


def require_seen(db: sa.Connection, record_id: int, events: int) -> None:
    """Raise `Conflict` where more happened to a record than the first `events`; 0 asks nothing."""
    mine = sa.select(sa.func.count()).where(field_record_event.c.record_id == record_id)
    if events and db.execute(mine).scalar_one() != events:
        raise Conflict(
            "Record {record} was changed since it was looked at.",
            remedy="Look at the record again, then decide.",
            record=record_id,
        )


def _require_unchanged(work: Work, component_id: int, seen_session: int) -> None:
    mine = sa.select(component.c.session_id).where(component.c.component_id == component_id)
    if work.db.execute(mine).scalar() != seen_session:
        raise Conflict(
            "Component {component} was changed since it was looked at.",
            remedy="Look at the record again: the stored values beside it are new.",
            component=component_id,
        )


def _waiting(work: Work, record_id: int) -> Any:
    row = row_of(work.db, record_id)
    if row.status not in WAITING:
        raise Conflict(
            "Record {record} is decided already: {status}.",
            remedy="Look at its history; someone may have decided about it meanwhile.",
            record=record_id,
            status=row.status,
        )
    return row


def row_of(db: sa.Connection, record_id: int) -> Any:
    """One record's row; `Refused` if there is none."""
    row = db.execute(sa.select(field_record).where(field_record.c.record_id == record_id)).first()
    if row is None:
        raise Refused(
            "There is no record {record} in this store.",
            remedy="`census record list` lists those that are there.",
            record=record_id,
        )
    return row


def _columns(record: Record) -> dict[str, Any]:
    return {
        "foreign_id": record.foreign_id,
        "kind": record.kind,
        "code": record.code,
        "fields": json.dumps(record.fields, ensure_ascii=False),
        "x": record.x if record.placed else None,
        "y": record.y if record.placed else None,
        "photos": json.dumps(record.photos, ensure_ascii=False),
        "reported_by": record.reported_by,
        "reported_at": record.reported_at,
    }


def _record_of(row: Any) -> Record:
    x, y = (math.nan if value is None else float(value) for value in (row.x, row.y))
    return Record(row.kind, json.loads(row.fields), row.code, x, y, tuple(json.loads(row.photos)), row.reported_by,
                  row.reported_at, row.foreign_id)  # fmt: skip


def _flat(record: Record) -> dict[str, str]:
    """A record as texts by field, for its history."""
    place = {"x": f"{record.x:.3f}", "y": f"{record.y:.3f}"} if record.placed else {}
    own = {"kind": record.kind, "code": record.code, "photos": "; ".join(record.photos),
           "reported_by": record.reported_by, "reported_at": record.reported_at}  # fmt: skip
    return own | place | record.fields


def _set(work: Work, record_id: int, **values: Any) -> None:
    work.db.execute(sa.update(field_record).where(field_record.c.record_id == record_id).values(**values))


def _note(work: Work, record_id: int, deed: str, field: str = "", before: str = "", after: str = "") -> None:
    mine = field_record_event.c.record_id == record_id
    last = work.db.execute(sa.select(sa.func.max(field_record_event.c.number)).where(mine)).scalar() or 0
    row = {"record_id": record_id, "number": last + 1, "at": work.at, "actor": work.actor, "deed": deed, "field": field,
           "before": before, "after": after}  # fmt: skip
    work.db.execute(sa.insert(field_record_event).values(**row))
