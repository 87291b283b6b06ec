"""The order in which sessions were stored, so that a commit knows what was stored since its draft was kept.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Sessions that are there are put in order by their stamps; what was stored in the second of a draft counts as
    stored after it, so that nobody's work is replaced unseen."""
    for name in ("stored_as", "drafted_after"):
        op.add_column("session", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE session SET stored_as = (SELECT count(*) FROM session AS other"
        " WHERE other.status IN ('committed', 'undone') AND (other.decided_at < session.decided_at"
        " OR (other.decided_at = session.decided_at AND other.session_id <= session.session_id)))"
        " WHERE status IN ('committed', 'undone')"
    )
    op.execute(
        "UPDATE session SET drafted_after = (SELECT count(*) FROM session AS other"
        " WHERE other.status IN ('committed', 'undone') AND other.decided_at < session.drafted_at)"
    )
    op.execute(
        "INSERT INTO counter (name, value) SELECT 'stored_session', coalesce(max(stored_as), 0) FROM session"
    )
    _count_records()


def _count_records() -> None:
    """A restore did not bring this counter along."""
    db = op.get_bind()
    known = db.execute(sa.text("SELECT 1 FROM counter WHERE name = 'record'")).scalar()
    last = db.execute(sa.text("SELECT max(record_id) FROM field_record")).scalar()
    if last and not known:
        db.execute(sa.text("INSERT INTO counter (name, value) VALUES ('record', :last)"), {"last": last})
