"""Who edits the cells of a community at the moment. A hold ends by itself, so that nobody is locked out for long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from data.engines.engine import Engine
from data.journal import Work, put
from data.tables import community_hold
from kernel.clock import stamp
from kernel.errors import Conflict


def hold(work: Work, community_code: str, minutes: float) -> None:
    """Take the community for `minutes` from now, or keep it that long; `Conflict` where another person has it."""
    require_free(work, [community_code])
    mine = sa.and_(
        community_hold.c.community_code == community_code,
        community_hold.c.holder == work.actor,
        community_hold.c.until > work.at,
    )
    since = work.db.execute(sa.select(community_hold.c.since).where(mine)).scalar()
    until = stamp(datetime.fromisoformat(work.at) + timedelta(minutes=minutes))
    row = {"holder": work.actor, "since": since or work.at, "until": until}
    put(work.db, community_hold, {"community_code": community_code}, row)


def release(work: Work, community_code: str) -> None:
    """Give the community up; that of another person stays."""
    mine = sa.and_(community_hold.c.community_code == community_code, community_hold.c.holder == work.actor)
    work.db.execute(sa.delete(community_hold).where(mine))


def load(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """`community_code`, `holder`, `since`, `until` of the holds that bind now, ordered by community."""
    query = sa.select(community_hold).where(community_hold.c.until > stamp(engine.now(db)))
    return pd.DataFrame(engine.rows(db, query.order_by(community_hold.c.community_code))).astype("str")


def require_free(work: Work, community_codes: Iterable[str]) -> None:
    """Raise `Conflict` naming who holds the first of the communities that another person holds."""
    wanted = set(community_codes)
    others = sa.and_(community_hold.c.holder != work.actor, community_hold.c.until > work.at)
    query = sa.select(community_hold).where(others).order_by(community_hold.c.community_code)
    held = next((row for row in work.db.execute(query) if row.community_code in wanted), None)
    if held is not None:
        raise Conflict(
            "{holder} has been editing community {community} since {since}.",
            remedy="Ask {holder} to finish, or wait until {until} at the latest.",
            holder=held.holder,
            community=held.community_code,
            since=held.since,
            until=held.until,
        )
