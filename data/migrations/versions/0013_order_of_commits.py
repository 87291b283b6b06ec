"""The order in which sessions were stored, so that a commit knows what was stored since its draft was kept.

Revision ID: 0013
"""

from __future__ import annotations

from bisect import bisect_left

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Sessions that are there are put in order by their stamps; what was stored in the second of a draft counts as
    stored after it, so that nobody's work is replaced unseen."""
    for name in ("stored_as", "drafted_after"):
        op.add_column("session", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    _put_in_order(op.get_bind())
    op.execute(
        "INSERT INTO counter (name, value) SELECT 'stored_session', coalesce(max(stored_as), 0) FROM session"
    )
    _count_records()


def _put_in_order(db: sa.Connection) -> None:
    query = "SELECT session_id, status, drafted_at, decided_at FROM session ORDER BY session_id"
    rows = db.execute(sa.text(query)).all()
    stored = sorted(
        (row for row in rows if row.status in ("committed", "undone")), key=lambda row: row.decided_at
    )
    place = {row.session_id: number for number, row in enumerate(stored, start=1)}
    moments = [row.decided_at for row in stored]
    values = [
        {
            "number": row.session_id,
            "place": place.get(row.session_id, 0),
            "after": bisect_left(moments, row.drafted_at),
        }
        for row in rows
    ]
    if values:
        update = "UPDATE session SET stored_as = :place, drafted_after = :after WHERE session_id = :number"
        db.execute(sa.text(update), values)


def _count_records() -> None:
    """A restore did not bring this counter along."""
    db = op.get_bind()
    known = db.execute(sa.text("SELECT 1 FROM counter WHERE name = 'record'")).scalar()
    last = db.execute(sa.text("SELECT max(record_id) FROM field_record")).scalar()
    if last and not known:
        db.execute(sa.text("INSERT INTO counter (name, value) VALUES ('record', :last)"), {"last": last})
