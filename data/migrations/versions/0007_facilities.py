"""Sanitation facilities, the log of what is done at them, and the history of the register.

Revision ID: 0007
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
REGISTER = ("kind", "name", "component_code", "location", "operator", "department", "hours", "state", "opened",
            "registered", "note")  # fmt: skip
LOG = ("day", "work", "what", "worker", "next_due", "new_state")
STAMPS = ("recorded_by", "recorded_at", "withdrawn_by", "withdrawn_at")
HISTORY = ("at", "actor", "deed", "field", "before", "after")


def upgrade() -> None:
    """Three tables and the counters that give their ids."""
    op.create_table(
        "facility",
        _key("code", CODE),
        *_texts(REGISTER),
        sa.Column("capacity", sa.Double, nullable=True),
        sa.Column("interval_days", sa.Double, nullable=True),
        sa.Column("x", sa.Double, nullable=False),
        sa.Column("y", sa.Double, nullable=False),
    )
    op.create_table(
        "facility_log",
        _key("entry_id", sa.Integer),
        sa.Column("facility_code", CODE, nullable=False),
        *_texts(LOG),
        sa.Column("cost", sa.Double, nullable=True),
        *_texts(STAMPS),
    )
    op.create_index("facility_log_code", "facility_log", ["facility_code"])
    op.create_table(
        "facility_history",
        _key("change_id", sa.Integer),
        sa.Column("facility_code", CODE, nullable=False),
        *_texts(HISTORY),
    )
    op.create_index("facility_history_code", "facility_history", ["facility_code"])
    for name in ("facility", "facility_entry", "facility_change"):
        op.execute(f"INSERT INTO counter (name, value) VALUES ('{name}', 0)")


def _texts(names: tuple[str, ...]) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)
