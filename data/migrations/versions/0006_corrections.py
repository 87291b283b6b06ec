"""Corrections in drafts, the reason of a return, second deliveries.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Sessions that are there were returned without a reason and answer none."""
    for name in ("reason", "redelivery_of"):
        op.add_column("session", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_table(
        "session_correction",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True,
                  autoincrement=False, nullable=False),
        _key("number"),
        *(_text(name) for name in ("at", "actor")),
        *(sa.Column(name, CODE, nullable=False) for name in ("kind", "field")),
        _text("value"),
        _whole("rows"),
        *(_text(name) for name in ("undone_by", "undone_at")),
    )  # fmt: skip
    op.create_table(
        "session_correction_row",
        *(_key(name) for name in ("session_id", "number", "place")),
        *(_text(name) for name in ("file", "layer")),
        *(_whole(name) for name in ("row", "record")),
        *(_text(name) for name in ("before", "after")),
        _whole("component_id"),
    )
    op.create_index("session_correction_component", "session_correction_row", ["component_id"])


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)
