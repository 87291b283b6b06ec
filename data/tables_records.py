"""The tables of field records: what was reported, and what became of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from data.tables import Code, Real, metadata


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _code(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, Code, nullable=False) for name in names]


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, primary_key=True, nullable=False, autoincrement=False)


# `component_id`, `session_id`: 0 until it is known which. A deleted record stays with its status.
field_record = sa.Table(
    "field_record",
    metadata,
    _key("record_id"),
    *_code("foreign_id", "kind", "status", "code"),
    sa.Column("component_id", sa.Integer, nullable=False),
    *_text("fields"),
    sa.Column("x", Real, nullable=True),
    sa.Column("y", Real, nullable=True),
    *_text(
        "photos",
        "reported_by",
        "reported_at",
        "entered_by",
        "entered_at",
        "decided_by",
        "decided_at",
        "reason",
    ),
    sa.Column("session_id", sa.Integer, nullable=False),
    sa.Index("field_record_foreign", "foreign_id"),
    sa.Index("field_record_component", "component_id"),
)
field_record_event = sa.Table(
    "field_record_event",
    metadata,
    _key("record_id"),
    _key("number"),
    *_text("at", "actor"),
    *_code("deed", "field"),
    *_text("before", "after"),
)
