"""The tables of sanitation facilities: the register, what was done, who changed what."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from data.tables import Code, Real, metadata


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


# Cell, community and street follow from the place and are not kept.
facility = sa.Table(
    "facility",
    metadata,
    _key("code", Code),
    *_text(
        "kind", "name", "component_code", "location", "operator", "department", "hours", "state", "opened"
    ),
    *_text("registered", "note"),
    sa.Column("capacity", Real, nullable=True),
    sa.Column("interval_days", Real, nullable=True),
    sa.Column("x", Real, nullable=False),
    sa.Column("y", Real, nullable=False),
)
# An entry is withdrawn, never changed; those of a deleted facility stay.
facility_log = sa.Table(
    "facility_log",
    metadata,
    _key("entry_id", sa.Integer),
    sa.Column("facility_code", Code, nullable=False),
    *_text("day", "work", "what", "worker", "next_due", "new_state"),
    sa.Column("cost", Real, nullable=True),
    *_text("recorded_by", "recorded_at", "withdrawn_by", "withdrawn_at"),
    sa.Index("facility_log_code", "facility_code"),
)
# Field by field; a deleted facility's last values are all here.
facility_history = sa.Table(
    "facility_history",
    metadata,
    _key("change_id", sa.Integer),
    sa.Column("facility_code", Code, nullable=False),
    *_text("at", "actor", "deed", "field", "before", "after"),
    sa.Index("facility_history_code", "facility_code"),
)
