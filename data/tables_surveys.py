"""The tables of special surveys: the surveys, their cells, the points collected, the result frozen at the end."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from data.tables import Code, Real, metadata


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _real(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, Real, nullable=True) for name in names]


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


survey = sa.Table(
    "survey",
    metadata,
    _key("survey_id", sa.Integer),
    *_text("name", "classes", "area", "due"),
    *_real("tolerance_m", "radius_m"),
    *_text("status", "planned_by", "planned_at", "closed_by", "closed_at"),
)
survey_cell = sa.Table(
    "survey_cell",
    metadata,
    _key("survey_id", sa.Integer),
    _key("cell_code", Code),
    *_text("collector"),
    _number("known"),
    *_text("done_on", "done_by"),
)
survey_found = sa.Table(
    "survey_found",
    metadata,
    _key("found_id", sa.Integer),
    _number("survey_id"),
    *_text(
        "code",
        "class_code",
        "state",
        "authority_name",
        "owner_name",
        "maintainer_name",
        "cell_code",
        "collector",
    ),
    *_text("day", "note"),
    *_real("x", "y"),
    sa.Index("survey_found_survey", "survey_id"),
)
# Written once, when the survey is closed.
survey_outcome = sa.Table(
    "survey_outcome",
    metadata,
    _key("survey_id", sa.Integer),
    _key("place", sa.Integer),
    _number("component_id"),
    _number("found_id"),
    *_text(
        "outcome",
        "code",
        "class_code",
        "state",
        "authority_name",
        "owner_name",
        "maintainer_name",
        "cell_code",
    ),
    *_text("collector", "changes", "note"),
    *_real("moved_m", "x", "y"),
)
