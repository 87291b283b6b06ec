"""The register: settings, areas, cells, base layers, components with their history, import sessions.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None

CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BIG = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
COUNTERS = ("sequence", "version", "session", "component", "cell", "base_feature", "term", "unit")


class _Geometry(UserDefinedType[bytes]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry"


SHAPE = sa.LargeBinary().with_variant(_Geometry(), "postgresql")


def upgrade() -> None:
    """From nothing."""
    _bookkeeping()
    _city()
    _components()
    _sessions()
    if op.get_bind().dialect.name == "postgresql":
        _spatial_indexes()
    op.bulk_insert(
        sa.table("counter", sa.column("name"), sa.column("value")),
        [{"name": name, "value": 0} for name in COUNTERS],
    )
    op.bulk_insert(
        sa.table("term", sa.column("term_id"), sa.column("text")),
        [{"term_id": 0, "text": ""}],
    )
    op.bulk_insert(
        sa.table("unit", sa.column("unit_id"), sa.column("code"), sa.column("name")),
        [{"unit_id": 0, "code": "", "name": ""}],
    )


def _bookkeeping() -> None:
    _table("setting", _key("key", CODE), _text("value"))
    _table("counter", _key("name", CODE), _big("value"))
    _table("kind_version", _key("kind", CODE), _big("version"), _text("mark"))
    _table(
        "change_log",
        _key("sequence", BIG),
        _big("version"),
        *(_text(name) for name in ("at", "actor", "source", "kinds", "keys", "counts")),
    )


def _city() -> None:
    _table("department", _key("code", CODE), _text("name"))
    _table(
        "class_extension",
        *(_key(name, CODE) for name in ("standard", "kind", "code")),
        *(_code(name) for name in ("major_code", "minor_code")),
        *(_text(name) for name in ("name", "geometry", "accuracy")),
    )
    _table(
        "area",
        _key("level", CODE),
        _key("code", CODE),
        _text("name"),
        _code("parent_code"),
        _code("initials"),
        _shape(),
    )
    _table(
        "cell",
        _key("cell_id", sa.Integer),
        _code("code"),
        _code("community_code"),
        _text("name"),
        _real("area_m2"),
        _text("initial_date"),
        _text("note"),
        _shape(),
    )
    op.create_index("cell_code", "cell", ["code"], unique=True)
    _table(
        "base_feature",
        _key("feature_id", sa.Integer),
        _code("kind"),
        _text("name"),
        _text("subtype"),
        _int("rank"),
        _real("width_m"),
        _code("initials"),
        _shape(),
    )
    op.create_index("base_feature_kind", "base_feature", ["kind"])


def _components() -> None:
    _table("term", _key("term_id", sa.Integer), _code("text"))
    op.create_index("term_text", "term", ["text"], unique=True)
    _table("unit", _key("unit_id", sa.Integer), _code("code"), _code("name"))
    op.create_index("unit_code_name", "unit", ["code", "name"], unique=True)
    _table("component", _key("component_id", sa.Integer), *_component_columns())
    op.create_index("component_code", "component", ["code"], unique=True)
    _table(
        "component_history",
        _key("component_id", sa.Integer),
        _key("replaced_by", sa.Integer),
        *_component_columns(),
    )


def _component_columns() -> list[sa.Column[Any]]:
    terms = ("class_code", "name", "state", "initial_date", "change_date", "source", "accuracy")
    return [
        sa.Column("code", CODE, nullable=True),
        *(_int(f"{name}_term") for name in terms),
        *(_int(f"{name}_unit") for name in ("authority", "owner", "maintainer")),
        _int("cell_id"),
        *(_text(name) for name in ("location", "note", "extra")),
        _real("x"),
        _real("y"),
        _shape(null=True),
        _int("session_id"),
    ]


def _sessions() -> None:
    _table(
        "session",
        _key("session_id", sa.Integer),
        _code("status"),
        *(_text(name) for name in ("label", "files", "layer", "standard")),
        _int("crs"),
        *(_text(name) for name in ("source_crs", "encoding", "notes")),
        *(_int(name) for name in ("read", "accepted", "quarantined", "warnings")),
        *(_int(name) for name in ("new", "changed", "unchanged", "missing")),
        _big("cells_version"),
        *(
            _text(f"{step}_{what}")
            for step in ("drafted", "submitted", "decided", "undone")
            for what in ("by", "at")
        ),
    )
    _table(
        "session_part",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True),
        _key("part", CODE),
        _key("chunk", sa.Integer),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    _table(
        "session_finding",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True),
        _key("code", CODE),
        _key("severity", CODE),
        _int("rows"),
    )


def _spatial_indexes() -> None:
    """Every component has a `geometry` for spatial SQL and QGIS: its shape, or the point that x and y are."""
    for table in ("area", "cell", "base_feature"):
        op.execute(f"CREATE INDEX {table}_shape ON {table} USING gist (shape)")
    op.execute(
        "ALTER TABLE component ADD COLUMN geometry geometry"
        " GENERATED ALWAYS AS (coalesce(shape, ST_MakePoint(x, y))) STORED"
    )
    op.execute("CREATE INDEX component_geometry ON component USING gist (geometry)")


def _table(name: str, *columns: Any) -> None:
    op.create_table(name, *columns)


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def _code(name: str) -> sa.Column[Any]:
    return sa.Column(name, CODE, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _int(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _big(name: str) -> sa.Column[Any]:
    return sa.Column(name, BIG, nullable=False)


def _real(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False)


def _shape(*, null: bool = False) -> sa.Column[Any]:
    return sa.Column("shape", SHAPE, nullable=null)
