"""Codes that the store gives itself, and the last number of each county and class.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BIG = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """No code was given before; numbers that components hold are found when the next one is given."""
    op.create_table(
        "code_counter",
        sa.Column("prefix", CODE, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("value", BIG, nullable=False),
    )
    op.create_table(
        "given_code",
        *(_key(name) for name in ("session_id", "component_id")),
        *(sa.Column(name, CODE, nullable=False) for name in ("code", "former")),
        sa.Column("undone", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
    )
    op.create_index("given_code_former", "given_code", ["former"])
    op.create_index("given_code_code", "given_code", ["code"])
    op.create_table(
        "session_codes",
        _key("session_id"),
        *(sa.Column(name, CODE, nullable=False) for name in ("wish", "former_standard", "standard")),
        sa.Column("moves", sa.Text, nullable=False),
    )


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False, nullable=False)
