"""Corrections of a draft: the log, its rows, and what became of the rows they touch; one transaction each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.draft import DRAFT
from census.review.corrections import ROW, Correction, Rebuilt
from data.census import codes, drafts, parts
from data.engines.engine import Engine
from data.journal import Work
from data.tables import session, session_correction, session_correction_row, session_finding
from gis.frames import empty_findings
from kernel.errors import Conflict, Refused

Made = tuple[Correction, pd.DataFrame]  # a correction and its rows: `ROW_COLUMNS` without number
ROW_COLUMNS: Final = ("number", "file", "layer", "row", "record", "before", "after")


@dataclass(frozen=True)
class DraftRows:
    """What a correction starts from; all as read. `step` tells whether somebody corrected the draft meanwhile."""

    quarantined: pd.DataFrame
    findings: pd.DataFrame
    origins: pd.DataFrame
    codes: pd.Series
    touched: pd.DataFrame
    log: pd.DataFrame
    log_rows: pd.DataFrame
    step: int
    without_codes: bool  # rows without a code get one at the commit


def rows_to_correct(engine: Engine, db: sa.Connection, session_id: int) -> DraftRows:
    """Everything of one moment but the accepted rows themselves, of which only the codes are read."""
    given, origins = drafts.as_read(db, session_id, ["code"])
    found = parts.load(db, session_id, parts.FINDINGS)
    return DraftRows(
        drafts.quarantine_as_read(db, session_id),
        empty_findings() if found is None else found,
        origins,
        given["code"].astype("str"),
        drafts.touched(db, session_id),
        load(engine, db, session_id),
        load_rows(engine, db, session_id),
        step(db, session_id),
        codes.wants_codes(db, session_id),
    )


def load(engine: Engine, db: sa.Connection, session_id: int) -> pd.DataFrame:
    """The log of a session, oldest first."""
    mine = sa.select(session_correction).where(session_correction.c.session_id == session_id)
    return pd.DataFrame(engine.rows(db, mine.order_by(session_correction.c.number)))


def load_rows(engine: Engine, db: sa.Connection, session_id: int, number: int | None = None) -> pd.DataFrame:
    """Rows of all corrections of a session, or of one: `ROW_COLUMNS`."""
    columns = [session_correction_row.c[name] for name in ROW_COLUMNS]
    mine = session_correction_row.c.session_id == session_id
    if number is not None:
        mine = sa.and_(mine, session_correction_row.c.number == number)
    query = sa.select(*columns).where(mine)
    found = engine.rows(db, query.order_by(session_correction_row.c.number, session_correction_row.c.place))
    return pd.DataFrame(found, columns=list(ROW_COLUMNS))


def record(work: Work, session_id: int, made: Sequence[Made], rebuilt: Rebuilt, seen: int) -> list[int]:
    """Add corrections and what they make of the draft together; their numbers."""
    _require_draft(work.db, session_id)
    _require_seen(work.db, session_id, seen)
    last = work.db.execute(
        sa.select(sa.func.coalesce(sa.func.max(session_correction.c.number), 0))
        .where(session_correction.c.session_id == session_id)
    ).scalar_one()  # fmt: skip
    numbers = [int(last) + nth for nth in range(1, len(made) + 1)]
    for number, (correction, rows) in zip(numbers, made, strict=True):
        _add(work, session_id, number, correction, rows)
    _keep(work, session_id, rebuilt)
    return numbers


def _add(work: Work, session_id: int, number: int, correction: Correction, rows: pd.DataFrame) -> None:
    work.db.execute(sa.insert(session_correction).values(
        session_id=session_id, number=number, at=work.at, actor=work.actor, kind=correction.kind, field=correction.field,
        value=correction.value, rows=len(rows), undone_by="", undone_at="",
    ))  # fmt: skip
    count = len(rows)
    columns: dict[str, Any] = {name: rows[name].tolist() for name in ("file", "layer", "before", "after")}
    columns |= {name: rows[name].to_numpy("i8") for name in ("row", "record")}
    columns |= {"session_id": np.full(count, session_id), "number": np.full(count, number), "place": np.arange(count),
                "component_id": np.zeros(count, "i8")}  # fmt: skip
    work.engine.insert(work.db, session_correction_row, columns, count)


def take_back(work: Work, session_id: int, numbers: Collection[int], rebuilt: Rebuilt, seen: int) -> None:
    """Mark corrections as taken back; they stay in the log."""
    _require_draft(work.db, session_id)
    _require_seen(work.db, session_id, seen)
    mine = sa.and_(
        session_correction.c.session_id == session_id, session_correction.c.number.in_(sorted(numbers))
    )
    stamps = {"undone_by": work.actor, "undone_at": work.at}
    work.db.execute(sa.update(session_correction).where(mine).values(**stamps))
    _keep(work, session_id, rebuilt)


def step(db: sa.Connection, session_id: int) -> int:
    """How often the log was written: raised by every correction and every one taken back."""
    undone = sa.func.count().filter(session_correction.c.undone_at != "")
    query = sa.select(sa.func.count() + undone).where(session_correction.c.session_id == session_id)
    return int(db.execute(query.select_from(session_correction)).scalar_one())


def give_components(work: Work, session_id: int, origins: pd.DataFrame, ids: np.ndarray) -> None:
    """At the commit: tell each corrected row which component it became, for that component's history."""
    rows = load_rows(work.engine, work.db, session_id)
    if not len(rows):
        return
    wanted = origins["record"].isin(rows["record"]).to_numpy()
    some = origins[wanted]
    id_of = dict(zip(zip(*(some[name] for name in ROW), strict=True), ids[wanted].tolist(), strict=True))
    found = np.array([id_of.get(key, 0) for key in zip(*(rows[name] for name in ROW), strict=True)], "i8")
    number = rows["number"].to_numpy("i8")
    place = rows.groupby("number").cumcount().to_numpy("i8")
    keys = {"session_id": np.full(len(rows), session_id), "number": number, "place": place}
    work.engine.update(work.db, session_correction_row, keys, {"component_id": found}, len(rows))


def of_component(db: sa.Connection, component_id: int) -> list[tuple[Any, ...]]:
    """`(at, session, actor, field, before, after)` of every correction that stands, oldest first."""
    log, rows = session_correction, session_correction_row
    same = sa.and_(log.c.session_id == rows.c.session_id, log.c.number == rows.c.number)
    query = sa.select(
        log.c.at, log.c.session_id, log.c.actor, log.c.kind, log.c.field, rows.c.before, rows.c.after
    )
    mine = sa.and_(rows.c.component_id == component_id, log.c.undone_at == "")
    found = db.execute(query.join_from(rows, log, same).where(mine).order_by(log.c.at, log.c.number)).all()
    return [
        (at, number, actor, field or "position", before, after)
        for at, number, actor, _, field, before, after in found
    ]


def _require_draft(db: sa.Connection, session_id: int) -> None:
    status = db.execute(sa.select(session.c.status).where(session.c.session_id == session_id)).scalar()
    if status != DRAFT:
        raise Refused(
            "Session {session} is no draft, so its rows cannot be corrected.",
            remedy="Where it was submitted, let it be returned, and import it again.",
            session=session_id,
        )


def _require_seen(db: sa.Connection, session_id: int, seen: int) -> None:
    if step(db, session_id) == seen:
        return
    mine = sa.select(session_correction).where(session_correction.c.session_id == session_id)
    last = db.execute(mine.order_by(session_correction.c.number.desc()).limit(1)).one()
    raise Conflict(
        "{who} has corrected session {session} meanwhile.",
        remedy="Look at the session again, then repeat your correction where it is still needed.",
        who=last.undone_by or last.actor,
        session=session_id,
    )


def _keep(work: Work, session_id: int, rebuilt: Rebuilt) -> None:
    """Put the touched rows in the place of those of the last correction, and count anew."""
    frames = {parts.TOUCHED: rebuilt.touched, parts.TOUCHED_COMPONENTS: rebuilt.components,
              parts.TOUCHED_FINDINGS: rebuilt.findings}  # fmt: skip
    for name, frame in frames.items():
        parts.forget(work, session_id, name)
        parts.save(work, session_id, name, frame)
    findings = drafts.findings(work.db, session_id)
    work.db.execute(sa.delete(session_finding).where(session_finding.c.session_id == session_id))
    parts.count_findings(work, session_id, findings)
    mine = session.c.session_id == session_id
    read = int(work.db.execute(sa.select(session.c.read).where(mine)).scalar_one())
    accepted = _accepted(work.db, session_id, rebuilt)
    warnings = int((findings["severity"] == "warning").sum())
    values = {"accepted": accepted, "quarantined": read - accepted, "warnings": warnings}
    work.db.execute(sa.update(session).where(mine).values(**values))


def _accepted(db: sa.Connection, session_id: int, rebuilt: Rebuilt) -> int:
    base = parts.rows(db, session_id, parts.COMPONENTS)
    return base - int((rebuilt.touched["place"] >= 0).sum()) + len(rebuilt.components)
