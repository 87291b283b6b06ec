"""Lineage: every change of the grid as a step, what became of each cell, and who holds a community.

Revision ID: 0004
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0004"
down_revision = "0003"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


class _Geometry(UserDefinedType[bytes]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry"


SHAPE = sa.LargeBinary().with_variant(_Geometry(), "postgresql")


def upgrade() -> None:
    """Empty tables: of the grids that stood before nothing is known."""
    op.create_table(
        "grid_step",
        _key("step_id", sa.Integer),
        *(_text(name) for name in ("at", "actor")),
        *(_code(name) for name in ("kind", "state")),
        _int("of_step"),
        _text("communities"),
    )
    op.create_table(
        "grid_step_cell", _key("step_id", sa.Integer), _key("side", CODE), _key("code", CODE), *_version()
    )
    op.create_table(
        "cell_succession",
        _key("step_id", sa.Integer),
        _key("predecessor", CODE),
        _key("successor", CODE),
        *(_real(name) for name in ("area_m2", "share_of_predecessor", "share_of_successor")),
        _int("components"),
    )
    op.create_table(
        "retired_cell", _key("code", CODE), _key("step_id", sa.Integer), *_version(), _text("retired_at")
    )
    op.create_table(
        "community_hold",
        _key("community_code", CODE),
        *(_text(name) for name in ("holder", "since", "until")),
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('grid_step', 0)")
    if op.get_bind().dialect.name == "postgresql":
        _shapes_in_the_stores_plane()


def _shapes_in_the_stores_plane() -> None:
    """A store that has its plane already gets the new columns in it; a new one is given its plane later."""
    found = op.get_bind().execute(sa.text("SELECT value FROM setting WHERE key = 'crs'")).scalar()
    epsg = int(found or 0)
    if epsg:
        for table in ("grid_step_cell", "retired_cell"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN shape TYPE geometry(Geometry, {epsg})")


def _version() -> list[sa.Column[Any]]:
    """A cell as it stood, without its code."""
    return [
        _code("community_code"),
        _text("name"),
        _real("area_m2"),
        _text("initial_date"),
        _text("note"),
        sa.Column("shape", SHAPE, nullable=False),
    ]


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def _code(name: str) -> sa.Column[Any]:
    return sa.Column(name, CODE, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _int(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _real(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False)
