"""The life of an import session: draft → submitted → committed → undone, or rejected; a dry run only reports.

The rule of two persons: where the setting `self_approval` is "0", whoever drafted or submitted a session may not
commit it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from census.draft import (
    ANSWER_COLUMNS,
    COMMITTED,
    DRAFT,
    DRY_RUN,
    REJECTED,
    SUBMITTED,
    UNDONE,
    Draft,
)  # fmt: skip
from census.reading.delivery import empty_delivered
from census.review.difference import Difference
from census.review.redelivery import mark_of
from data.census import codes, corrections, drafts, parts
from data.census import commit as census
from data.census.components import encode, load_written
from data.census.difference import of_committed, of_draft
from data.census.matching import match
from data.census.meanwhile import last_stored, next_stored
from data.engines.engine import Engine
from data.journal import Work, put_edition, put_plane, setting_of, version_of
from data.shapes import plane
from data.tables import component, component_history, session
from gis.frames import COMPONENT_COLUMNS, require_columns
from kernel.changes import CELLS
from kernel.errors import Conflict, NotAllowed, Refused
from kernel.progress import Part, Progress

SELF_APPROVAL: Final = "self_approval"
STAMPS: Final = tuple(
    f"{step}_{what}" for step in ("drafted", "submitted", "decided", "undone") for what in ("by", "at")
)
COUNTS: Final = ("new", "changed", "unchanged", "missing")

# What each wish needs, the states a session may be in, and the words where it is in another one.
MAY: Final = {
    SUBMITTED: ((DRAFT,), "Session {session} is no draft, so it cannot be submitted."),
    REJECTED: (
        (DRAFT, SUBMITTED),
        "Session {session} is not waiting for a decision, so it cannot be rejected.",
    ),
    COMMITTED: (
        (DRAFT, SUBMITTED),
        "Session {session} is not waiting for a decision, so it cannot be committed.",
    ),
    UNDONE: ((COMMITTED,), "Session {session} is not committed, so it cannot be undone."),
}


def save_draft(work: Work, draft: Draft, *, dry_run: bool) -> int:
    """Keep a reading with its rows, refused rows and findings; the number of the session."""
    if len(draft.components) and not dry_run:  # what may never be stored decides nothing about the city
        require_same_city(work, draft)
    draft = on_todays_cells(work, draft)
    counts = compare(work.engine, work.db, draft)
    session_id = _add(work, draft, DRY_RUN if dry_run else DRAFT, counts)
    if not dry_run:
        parts.save(work, session_id, parts.COMPONENTS, draft.components)
        parts.save(work, session_id, parts.ORIGINS, draft.origins)
    return session_id


def compare(engine: Engine, db: sa.Connection, draft: Draft) -> dict[str, int]:
    """What a commit of `draft` would do, in numbers: new, changed, unchanged, missing."""
    return match(engine, db, encode(db, draft.components)).counts


def commit_draft(
    work: Work, draft: Draft, progress: Progress, *, anyway: bool = False
) -> tuple[int, dict[str, int]]:
    """Commit a reading at once; `(session, counts)`. Conflicts as `commit_session`, where the draft tells what it has seen."""
    if not approves_itself(work.db):
        raise NotAllowed(
            "Here a second person commits what one has imported.",
            remedy="Submit the session; another person then approves it.",
        )
    require_same_city(work, draft)
    draft = on_todays_cells(work, draft)
    since = draft.seen.stored if draft.seen and not anyway else None
    session_id = _add(work, draft, COMMITTED, dict.fromkeys(COUNTS, 0))
    counts = _write(work, session_id, draft.components, draft.origins, Part(progress, 0.05, 1.0), since)
    return session_id, counts


def on_todays_cells(work: Work, draft: Draft) -> Draft:
    """The draft with the cells of now, where the grid was changed while the files were read."""
    if draft.seen is None or draft.seen.cells_version == version_of(work.db, CELLS):
        return draft
    return replace(draft, components=census.reassigned(work.engine, work.db, draft.components))


def commit_session(work: Work, session_id: int, progress: Progress, *, anyway: bool) -> dict[str, int]:
    """Commit a kept draft; counts as of now. Not `anyway`: `Conflict` where others stored the same ones meanwhile."""
    row = require_decision(work, session_id)
    frame, origins = drafts.components(work.db, session_id)
    if row.cells_version != version_of(work.db, CELLS):
        frame = census.reassigned(work.engine, work.db, frame)
    _adopt_edition(work, row.standard)
    since = None if anyway else int(row.drafted_after)
    counts = _write(work, session_id, frame, origins, Part(progress, 0.05, 1.0), since)
    for part in (parts.COMPONENTS, parts.ORIGINS, parts.TOUCHED_COMPONENTS):
        parts.forget(work, session_id, part)
    return counts


def _write(
    work: Work, session_id: int, frame: pd.DataFrame, origins: pd.DataFrame | None, progress: Progress,
    since: int | None = None,
) -> dict[str, int]:  # fmt: skip
    """Write the components and mark the session; rows without a code get one where the session or the city wants it."""
    standard = setting_of(work.db, "standard")
    numbering = census.Numbering(standard, origins) if codes.wants_codes(work.db, session_id) else None
    written = census.write(work, frame, session_id, progress, numbering, since)
    if origins is not None and len(origins) == len(frame):
        corrections.give_components(work, session_id, origins, written.ids)
    mark_committed(work, session_id, written.counts)
    return written.counts


def require_decision(work: Work, session_id: int) -> Any:
    """The session's row, where it waits for a decision that this person may take; else `Conflict` or `NotAllowed`."""
    row = _require(work.db, session_id, COMMITTED)
    _require_second_person(work, row)
    return row


def mark_committed(work: Work, session_id: int, counts: dict[str, int]) -> None:
    """Note who committed the session, when in the order of all commits, and what it did."""
    told = {name: counts[name] for name in COUNTS}
    _mark(work, session_id, COMMITTED, "decided", stored_as=next_stored(work), **told)


def open_session(work: Work, draft: Draft, status: str) -> int:
    """A session without rows of its own, in `status`; its number."""
    session_id = _add(work, draft, status, dict.fromkeys(COUNTS, 0))
    if status == SUBMITTED:
        _mark(work, session_id, SUBMITTED, "submitted")
    return session_id


def submit(work: Work, session_id: int) -> None:
    """Hand a draft in for approval."""
    _require(work.db, session_id, SUBMITTED)
    _mark(work, session_id, SUBMITTED, "submitted")


def reject(work: Work, session_id: int, reason: str) -> None:
    """Turn a draft or a submitted session down for `reason`; its rows stay readable."""
    _require(work.db, session_id, REJECTED)
    _mark(work, session_id, REJECTED, "decided", reason=reason)


def undo(work: Work, session_id: int, progress: Progress) -> dict[str, int]:
    """Take a committed session back."""
    _require(work.db, session_id, UNDONE)
    counts = census.undo(work, session_id, progress)
    _mark(work, session_id, UNDONE, "undone")
    return counts


def approves_itself(db: sa.Connection) -> bool:
    """Whether one person may both import and commit."""
    return setting_of(db, SELF_APPROVAL, "0") == "1"


def load_all(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """All sessions, the latest first."""
    found = engine.rows(db, sa.select(session).order_by(session.c.session_id.desc()))
    return pd.DataFrame(found)


def describe(db: sa.Connection, session_id: int) -> dict[str, Any]:
    """One session: its row, its files and notes as Python values, and `findings` counted by code."""
    row = dict(_row(db, session_id)._mapping)
    row["files"], row["notes"] = json.loads(row["files"]), json.loads(row["notes"])
    return row | {"findings": parts.finding_counts(db, session_id)}


def findings(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Findings frame of a session."""
    _row(db, session_id)
    return drafts.findings(db, session_id)


def quarantine(db: sa.Connection, session_id: int, *, as_read: bool) -> pd.DataFrame:
    """Refused rows of a session as they stand, or as they were read."""
    _row(db, session_id)
    return drafts.quarantine_as_read(db, session_id) if as_read else drafts.quarantine(db, session_id)


def difference(
    engine: Engine, db: sa.Connection, session_id: int, within_m: float, progress: Progress
) -> Difference:
    """What a session changes, or changed when it was committed; see `census.review.difference`."""
    row = _row(db, session_id)
    if row.status == COMMITTED:
        return of_committed(engine, db, session_id, within_m, progress)
    if row.status not in (DRAFT, SUBMITTED, REJECTED):
        raise Refused(
            "Session {session} keeps no rows to compare: it is a dry run or was taken back.",
            remedy="Import the files again as a draft.",
            session=session_id,
        )
    frame, _ = drafts.components(db, session_id)
    if row.cells_version != version_of(db, CELLS):
        frame = census.reassigned(engine, db, frame)
    return of_draft(engine, db, frame, within_m, progress)


def answers(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """Rows of a session that answer refused rows of an earlier one: `census.draft.ANSWER_COLUMNS`."""
    _row(db, session_id)
    found = parts.load(db, session_id, parts.ANSWERS)
    return pd.DataFrame(columns=list(ANSWER_COLUMNS)) if found is None else found


def files(db: sa.Connection, session_id: int) -> pd.DataFrame:
    """The files of the delivery as they were read."""
    _row(db, session_id)
    found = parts.load(db, session_id, parts.FILES)
    return empty_delivered() if found is None else found


def rows_of(
    engine: Engine, db: sa.Connection, session_id: int, columns: Sequence[str], progress: Progress
) -> pd.DataFrame:
    """What the session brings: the accepted rows of a draft, the versions that a committed one wrote."""
    _row(db, session_id)
    if parts.has(db, session_id, parts.COMPONENTS):
        return drafts.components(db, session_id)[0][list(columns)]
    written = [
        load_written(engine, db, table, session_id, columns, progress)
        for table in (component, component_history)
    ]
    return pd.concat([frame for frame in written if len(frame)] or written[:1], ignore_index=True)


def require_same_city(work: Work, draft: Draft) -> None:
    """Raise `Refused` when the draft lies in another plane or speaks another edition than what is stored."""
    require_columns(draft.components, COMPONENT_COLUMNS, "components")
    has = plane(work.db)
    if has == 0:
        put_plane(work, draft.crs)
    elif draft.crs != has:
        raise Refused(
            "The delivery is in EPSG:{found}, but the store's plane is EPSG:{has}.",
            remedy="Import the files again; they are projected to the store's plane.",
            found=draft.crs,
            has=has,
        )
    _adopt_edition(work, draft.standard)


def _adopt_edition(work: Work, standard: str) -> None:
    """A store without components takes the edition of its first delivery."""
    has = setting_of(work.db, "standard")
    if standard == has:
        return
    if work.db.execute(sa.select(component.c.component_id).limit(1)).first() is not None:
        raise Refused(
            "The delivery uses the class codes of edition {found}, the store holds components of edition {has}.",
            remedy="Import it with --standard {has}, or into a store of its own.",
            found=standard,
            has=has,
        )
    put_edition(work, standard)


def _add(work: Work, draft: Draft, status: str, counts: dict[str, int]) -> int:
    session_id = work.next_ids("session", 1)
    committed = {"decided_by": work.actor, "decided_at": work.at} if status == COMMITTED else {}
    row = dict.fromkeys(STAMPS, "") | {
        "session_id": session_id,
        "status": status,
        "label": draft.label,
        "files": json.dumps(draft.files, ensure_ascii=False),
        "layer": draft.layer,
        "standard": draft.standard,
        "crs": draft.crs,
        "source_crs": draft.source_crs,
        "encoding": draft.encoding,
        "notes": json.dumps(draft.notes, ensure_ascii=False),
        "read": draft.read,
        "accepted": len(draft.components),
        "quarantined": len(draft.quarantined),
        "warnings": draft.warnings,
        "cells_version": version_of(work.db, CELLS),
        "drafted_by": work.actor,
        "drafted_at": work.at,
        "reason": "",
        "redelivery_of": _answered(work.db, draft),
        "drafted_after": draft.seen.stored if draft.seen else last_stored(work.db),
        "stored_as": 0,
    }
    work.db.execute(sa.insert(session).values(**row | counts | committed))
    if draft.give_codes:
        codes.keep_wish(work, session_id, codes.Wish(codes.GIVE, draft.standard))
    parts.save(work, session_id, parts.QUARANTINE, draft.quarantined)
    parts.save(work, session_id, parts.FINDINGS, draft.findings)
    if len(draft.answers):
        parts.save(work, session_id, parts.ANSWERS, draft.answers)
    parts.save(work, session_id, parts.FILES, draft.delivered)
    parts.count_findings(work, session_id, draft.findings)
    return session_id


def _answered(db: sa.Connection, draft: Draft) -> str:
    """The sessions of this store whose refused rows the draft answers, with commas."""
    if not len(draft.answers):
        return ""
    own = draft.answers["mark"] == mark_of(setting_of(db, "store_id"))
    wanted = draft.answers["session"][own].unique().tolist()
    known = db.execute(sa.select(session.c.session_id).where(session.c.session_id.in_(wanted))).scalars()
    return ",".join(str(number) for number in sorted(known))


def _mark(work: Work, session_id: int, status: str, step: str, **counts: int | str) -> None:
    stamps = {f"{step}_by": work.actor, f"{step}_at": work.at}
    mine = session.c.session_id == session_id
    work.db.execute(sa.update(session).where(mine).values(status=status, **stamps, **counts))


def _row(db: sa.Connection, session_id: int) -> Any:
    row = db.execute(sa.select(session).where(session.c.session_id == session_id)).first()
    if row is None:
        raise Refused(
            "There is no session {session} in this store.",
            remedy="`census sessions` lists those that are there.",
            session=session_id,
        )
    return row


def _require(db: sa.Connection, session_id: int, wish: str) -> Any:
    row = _row(db, session_id)
    states, template = MAY[wish]
    if row.status not in states:
        remedy = "Look at the session's state; someone may have decided about it meanwhile."
        raise Conflict(template, remedy=remedy, session=session_id)
    return row


def _require_second_person(work: Work, row: Any) -> None:
    if approves_itself(work.db):
        return
    if row.status != SUBMITTED:
        raise NotAllowed(
            "Session {session} has not been submitted yet.",
            remedy="Submit it first; another person then approves it.",
            session=row.session_id,
        )
    if work.actor in (row.drafted_by, row.submitted_by):
        raise NotAllowed(
            "{actor} imported or submitted session {session} and may not approve it too.",
            remedy="Ask another person to look at the session and approve it.",
            actor=work.actor,
            session=row.session_id,
        )
