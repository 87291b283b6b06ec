"""Patrol: the roster and the fixes of its devices.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Fixes are keyed by time first; in a file the key is the table itself."""
    op.create_table(
        "patroller",
        sa.Column("patroller_id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("code", CODE, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "company", "team", "role")),
    )
    op.create_table(
        "fix",
        sa.Column("time_s", sa.Double, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("patroller_id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("x", "y")),
        *(sa.Column(name, sa.Double, nullable=True) for name in ("speed_m_s", "heading_deg", "accuracy_m")),
        sqlite_with_rowid=False,
    )
