"""Which cells of responsibility areas a step of the grid took away and gave.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Empty: before, memberships stayed with the codes of cells that had ended."""
    op.create_table(
        "grid_step_area",
        sa.Column("step_id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        *(
            sa.Column(name, CODE, primary_key=True, nullable=False)
            for name in ("side", "kind", "area_code", "cell_code")
        ),
    )
