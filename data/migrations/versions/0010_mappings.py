"""What is remembered of each supplier: which of its fields is which column, and what its words mean.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing was remembered before."""
    op.create_table(
        "mapping_profile",
        *(
            sa.Column(name, CODE, primary_key=True, autoincrement=False, nullable=False)
            for name in ("supplier", "signature")
        ),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("names", "fields", "value_words", "learned_by", "learned_at")
        ),
    )
