"""Responsibility areas on top of the grid, and the cells that each holds.

Revision ID: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0005"
down_revision = "0004"

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TEXTS = ("name", "company", "team", "person", "department", "layer", "start", "end", "note")
NUMBERS = ("population", "length_m", "width_m", "area_m2", "swept_m2")


class _Geometry(UserDefinedType[bytes]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry"


SHAPE = sa.LargeBinary().with_variant(_Geometry(), "postgresql")


def upgrade() -> None:
    """Cells are kept by code: a redivision that retires one leaves the list as it was, and says so."""
    op.create_table(
        "responsibility_area",
        _key("kind"),
        _key("code"),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.Double, nullable=True) for name in NUMBERS),
        sa.Column("shape", SHAPE, nullable=True),
    )
    op.create_table(
        "responsibility_area_cell",
        _key("kind"),
        _key("area_code"),
        _key("cell_code"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _shape_in_the_stores_plane()


def _shape_in_the_stores_plane() -> None:
    """A store that has its plane already gets the new column in it; a new one is given its plane later."""
    found = op.get_bind().execute(sa.text("SELECT value FROM setting WHERE key = 'crs'")).scalar()
    epsg = int(found or 0)
    if epsg:
        op.execute(f"ALTER TABLE responsibility_area ALTER COLUMN shape TYPE geometry(Geometry, {epsg})")


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, CODE, primary_key=True, autoincrement=False, nullable=False)
