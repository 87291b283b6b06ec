"""What others stored between a draft and its commit: a second surveyor is told before one's own word is replaced.

Neither clocks nor the log of commits are asked: two clients' clocks differ, and the log forgets. Every session that is
stored gets the next place in the order of all commits, and a draft remembers the last place that was taken.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import sqlalchemy as sa

from census.draft import COMMITTED
from data.journal import Work
from data.tables import component, counter, session
from kernel.errors import Conflict

COUNTER: Final = "stored_session"
_AT_ONCE: Final = 4_000

REPLACED: Final = "{who} has stored session {later} ({label}) meanwhile: {count} of its components would be replaced by session {session}."
COMPARE: Final = "Compare the session again; if yours is right, store it with --anyway. The other version stays in the history."
REPLACED_BY_READING: Final = "{who} has stored session {later} ({label}) while the files were read: {count} of its components would be replaced."
IMPORT_AGAIN: Final = (
    "Import the files as a draft and compare; or import them again, then they are stored over it. "
    "The other version stays in the history."
)


def next_stored(work: Work) -> int:
    """The place of the session that is stored now."""
    return work.next_ids(COUNTER, 1)


def last_stored(db: sa.Connection) -> int:
    """The place of the session that was stored last, 0 when none was."""
    return int(db.execute(sa.select(counter.c.value).where(counter.c.name == COUNTER)).scalar() or 0)


def stored_after(place: int) -> sa.Select[tuple[int]]:
    """Numbers of the sessions that were stored after `place`."""
    return sa.select(session.c.session_id).where(session.c.stored_as > place)


def require_nobody_else(
    db: sa.Connection, session_id: int, changed_ids: np.ndarray, since: int | None
) -> None:
    """Raise `Conflict` where a session stored after place `since` wrote a version that this commit would replace."""
    if since is None or db.execute(stored_after(since).limit(1)).first() is None:
        return
    others = _writers(db, changed_ids, since)
    if not others:
        return
    number = max(others, key=lambda each: others[each])
    told = {each.session_id: each for each in db.execute(
        sa.select(session).where(session.c.session_id.in_((number, session_id)))
    )}  # fmt: skip
    was_kept = told[session_id].status != COMMITTED
    raise Conflict(
        REPLACED if was_kept else REPLACED_BY_READING,
        remedy=COMPARE if was_kept else IMPORT_AGAIN,
        who=told[number].decided_by,
        later=number,
        label=told[number].label,
        count=sum(others.values()),
        session=session_id,
    )


def _writers(db: sa.Connection, ids: np.ndarray, since: int) -> dict[int, int]:
    """How many of the components `ids` each session stored after `since` wrote."""
    others: dict[int, int] = {}
    counted = sa.select(component.c.session_id, sa.func.count()).group_by(component.c.session_id)
    for start in range(0, len(ids), _AT_ONCE):
        mine = component.c.component_id.in_(ids[start : start + _AT_ONCE].tolist())
        for number, count in db.execute(counted.where(mine, component.c.session_id.in_(stored_after(since)))):
            others[number] = others.get(number, 0) + count
    return others
