"""Whole small layers: areas, base features, departments, class extensions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.engines.engine import Column, Engine
from data.journal import Work
from data.shapes import geo_frame, plane, require_plane, texts, to_wkb
from data.tables import area, base_feature, class_extension, department
from gis.frames import (
    AREA_COLUMNS,
    AREA_LEVELS,
    BASE_COLUMNS,
    BASE_KINDS,
    DEPARTMENT_COLUMNS,
    require_columns,
)
from kernel.errors import Refused

EXTENSION_COLUMNS = (
    "standard", "kind", "major_code", "minor_code", "code", "name", "geometry", "accuracy",
)  # fmt: skip


def load_areas(engine: Engine, db: sa.Connection, level: str) -> gpd.GeoDataFrame:
    """Areas of one level, ordered by code."""
    _known(level, AREA_LEVELS, "level")
    names = AREA_COLUMNS[:-1]
    query = sa.select(*(area.c[name] for name in names), area.c.shape)
    found = engine.rows(db, query.where(area.c.level == level).order_by(area.c.code))
    return geo_frame(_texts(found, names), found["shape"], plane(db))


def replace_areas(work: Work, level: str, frame: gpd.GeoDataFrame) -> None:
    """Put all areas of one level in the place of what was there."""
    _known(level, AREA_LEVELS, "level")
    require_columns(frame, ("code", "geometry"), level)
    require_plane(work.db, frame)
    codes = texts(frame, "code")
    refuse_repeated(codes)
    work.db.execute(sa.delete(area).where(area.c.level == level))
    names = texts(frame, "name")
    columns: dict[str, Column] = {
        "level": [level] * len(frame),
        "code": codes,
        "name": names,
        "parent_code": texts(frame, "parent_code"),
        "initials": initials(names),
        "shape": to_wkb(frame.geometry.to_numpy()),
    }
    work.engine.insert(work.db, area, columns, len(frame))


def load_base(engine: Engine, db: sa.Connection, kind: str) -> gpd.GeoDataFrame:
    """Base features of one kind, in the order they came."""
    _known(kind, BASE_KINDS, "kind")
    names = BASE_COLUMNS[:-1]
    query = sa.select(*(base_feature.c[name] for name in names), base_feature.c.shape)
    query = query.where(base_feature.c.kind == kind).order_by(base_feature.c.feature_id)
    found = engine.rows(db, query)
    columns = _texts(found, ("name", "subtype"))
    columns["rank"] = np.array(found["rank"], "i4")
    columns["width_m"] = np.array(found["width_m"], "f8")
    return geo_frame(columns, found["shape"], plane(db))


def replace_base(work: Work, kind: str, frame: gpd.GeoDataFrame, *, append: bool) -> None:
    """Put base features of one kind in the place of what was there, or add them."""
    _known(kind, BASE_KINDS, "kind")
    require_columns(frame, ("geometry",), kind)
    require_plane(work.db, frame)
    if not append:
        work.db.execute(sa.delete(base_feature).where(base_feature.c.kind == kind))
    first = work.next_ids("base_feature", len(frame))
    names = texts(frame, "name")
    columns: dict[str, Column] = {
        "feature_id": np.arange(first, first + len(frame)),
        "kind": [kind] * len(frame),
        "name": names,
        "subtype": texts(frame, "subtype"),
        "rank": _numbers(frame, "rank", "i4"),
        "width_m": _numbers(frame, "width_m", "f8"),
        "initials": initials(names),
        "shape": to_wkb(frame.geometry.to_numpy()),
    }
    work.engine.insert(work.db, base_feature, columns, len(frame))


def load_departments(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """The city's own list of departments, ordered by code."""
    found = engine.rows(db, sa.select(department).order_by(department.c.code))
    return pd.DataFrame(_texts(found, DEPARTMENT_COLUMNS))


def replace_departments(work: Work, frame: pd.DataFrame) -> None:
    """Put the city's list in the place of the old one."""
    require_columns(frame, DEPARTMENT_COLUMNS, "departments")
    codes = texts(frame, "code")
    refuse_repeated(codes)
    work.db.execute(sa.delete(department))
    work.engine.insert(work.db, department, {"code": codes, "name": texts(frame, "name")}, len(frame))


def load_extensions(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """The city's own classes of every edition."""
    query = sa.select(*(class_extension.c[name] for name in EXTENSION_COLUMNS))
    key = (class_extension.c.standard, class_extension.c.kind, class_extension.c.code)
    return pd.DataFrame(_texts(engine.rows(db, query.order_by(*key)), EXTENSION_COLUMNS))


def extend_classes(work: Work, frame: pd.DataFrame) -> None:
    """Add the city's own classes; one with the same edition, kind and code is replaced."""
    require_columns(frame, EXTENSION_COLUMNS, "classes")
    columns = {name: texts(frame, name) for name in EXTENSION_COLUMNS}
    keys = list(zip(columns["standard"], columns["kind"], columns["code"], strict=True))
    refuse_repeated([" ".join(key) for key in keys])
    key_columns = sa.tuple_(class_extension.c.standard, class_extension.c.kind, class_extension.c.code)
    work.db.execute(sa.delete(class_extension).where(key_columns.in_(keys)))
    work.engine.insert(work.db, class_extension, columns, len(frame))


def refuse_repeated(codes: Sequence[str]) -> None:
    """Raise `Refused` naming the first code that stands twice."""
    first = next((code for code, times in Counter(codes).items() if times > 1), None)
    if first is None:
        return
    raise Refused(
        "The code {code} stands more than once in this layer.",
        remedy="Give every row a code of its own, then try again.",
        code=first,
    )


def initials(names: Sequence[str]) -> list[str]:
    """Pinyin initials of each name, lower case, for search from a Latin keyboard: 中山路 → zsl."""
    from pypinyin import Style, lazy_pinyin

    known: dict[str, str] = {"": ""}
    for name in set(names) - {""}:
        letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
        known[name] = "".join(itertools.chain.from_iterable(letters)).lower()
    return [known[name] for name in names]


def _texts(found: dict[str, list[Any]], names: Sequence[str]) -> dict[str, Any]:
    return {name: pd.array(found[name], dtype="str") for name in names}


def _numbers(frame: pd.DataFrame, column: str, kind: str) -> np.ndarray:
    if column not in frame.columns:
        return np.zeros(len(frame), kind)
    return frame[column].fillna(0).to_numpy().astype(kind)


def _known(value: str, values: Sequence[str], what: str) -> None:
    if value not in values:
        raise ValueError(f"{what} {value!r} is not one of {', '.join(values)}")
