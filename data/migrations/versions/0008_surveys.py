"""Special surveys: plan by cells, collected points, frozen results.

Revision ID: 0008
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEEN = (
    "code",
    "class_code",
    "state",
    "authority_name",
    "owner_name",
    "maintainer_name",
    "cell_code",
    "collector",
)


def upgrade() -> None:
    """Four tables and the counters that give their ids."""
    op.create_table(
        "survey",
        _key("survey_id"),
        *_texts("name", "classes", "area", "due"),
        *_reals("tolerance_m", "radius_m"),
        *_texts("status", "planned_by", "planned_at", "closed_by", "closed_at"),
    )
    op.create_table(
        "survey_cell",
        _key("survey_id"),
        _key("cell_code", CODE),
        *_texts("collector"),
        sa.Column("known", sa.Integer, nullable=False),
        *_texts("done_on", "done_by"),
    )
    op.create_table(
        "survey_found",
        _key("found_id"),
        sa.Column("survey_id", sa.Integer, nullable=False),
        *_texts(*SEEN, "day", "note"),
        *_reals("x", "y"),
    )
    op.create_index("survey_found_survey", "survey_found", ["survey_id"])
    op.create_table(
        "survey_outcome",
        _key("survey_id"),
        _key("place"),
        sa.Column("component_id", sa.Integer, nullable=False),
        sa.Column("found_id", sa.Integer, nullable=False),
        *_texts("outcome", *SEEN, "changes", "note"),
        *_reals("moved_m", "x", "y"),
    )
    for name in ("survey", "survey_found"):
        op.execute(f"INSERT INTO counter (name, value) VALUES ('{name}', 0)")


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _reals(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double, nullable=True) for name in names]


def _key(name: str, kind: Any = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)
