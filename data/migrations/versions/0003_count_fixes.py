"""The number of fixes: counting millions of rows takes longer than a title bar may wait.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Count them once; from here on every batch adds its own."""
    op.execute("INSERT INTO counter (name, value) SELECT 'fix', count(*) FROM fix")
