"""Records from the field about single components, and their history.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TEXTS = (
    "photos",
    "reported_by",
    "reported_at",
    "entered_by",
    "entered_at",
    "decided_by",
    "decided_at",
    "reason",
)


def upgrade() -> None:
    """Nothing was reported before."""
    op.create_table(
        "field_record",
        _key("record_id"),
        *(sa.Column(name, CODE, nullable=False) for name in ("foreign_id", "kind", "status", "code")),
        sa.Column("component_id", sa.Integer, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double, nullable=True) for name in ("x", "y")),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        sa.Column("session_id", sa.Integer, nullable=False),
    )
    op.create_index("field_record_foreign", "field_record", ["foreign_id"])
    op.create_index("field_record_component", "field_record", ["component_id"])
    op.create_table(
        "field_record_event",
        _key("record_id"),
        _key("number"),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "actor")),
        *(sa.Column(name, CODE, nullable=False) for name in ("deed", "field")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("before", "after")),
    )


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False, nullable=False)
