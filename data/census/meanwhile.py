"""What others committed between a draft and its commit: a second surveyor is told before one's own word is replaced."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from data.tables import change_log, component, session
from kernel.changes import COMPONENTS, SESSIONS
from kernel.errors import Conflict

_AT_ONCE = 4_000


def sessions_since(db: sa.Connection, session_id: int) -> tuple[int, ...]:
    """Sessions that changed components after the draft `session_id` was kept; by the order of the commits."""
    own = sa.and_(change_log.c.kinds == SESSIONS, change_log.c["keys"] == json.dumps([str(session_id)]))
    kept = db.execute(sa.select(sa.func.min(change_log.c.sequence)).where(own)).scalar()
    later = sa.select(change_log.c["keys"], change_log.c.kinds).where(change_log.c.sequence > (kept or 0))
    found = [json.loads(keys) for keys, kinds in db.execute(later) if COMPONENTS in kinds.split(",")]
    return tuple(int(keys[0]) for keys in found if keys and keys[0].isdigit())


def require_nobody_else(
    db: sa.Connection, session_id: int, changed_ids: np.ndarray, later: Sequence[int]
) -> None:
    """Raise `Conflict` where one of the sessions `later` wrote a version that this commit would replace."""
    others: dict[int, int] = {}
    ids = changed_ids.tolist() if later else []
    for start in range(0, len(ids), _AT_ONCE):
        mine = component.c.component_id.in_(ids[start : start + _AT_ONCE]) & component.c.session_id.in_(later)
        counted = (
            sa.select(component.c.session_id, sa.func.count()).where(mine).group_by(component.c.session_id)
        )
        for number, count in db.execute(counted):
            others[number] = others.get(number, 0) + count
    if not others:
        return
    number = max(others, key=lambda each: others[each])
    who, label = db.execute(
        sa.select(session.c.decided_by, session.c.label).where(session.c.session_id == number)
    ).one()
    raise Conflict(
        "{who} has stored session {later} ({label}) meanwhile: {count} of its components would be replaced by session {session}.",
        remedy="Compare the session again; if yours is right, store it with --anyway. The other version stays in the history.",
        who=who,
        later=number,
        label=label,
        count=sum(others.values()),
        session=session_id,
    )
