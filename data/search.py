"""Find things by what people type: the head of a code, part of a name, pinyin initials."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from data.engines.engine import Engine
from data.shapes import from_wkb
from data.tables import area, base_feature, cell, component, given_code, term

SEARCH_COLUMNS: Final = ("kind", "key", "code", "name", "x", "y")
LAST_CHARACTER: Final = "\U0010ffff"


def find(engine: Engine, db: sa.Connection, text: str, limit: int) -> pd.DataFrame:
    """Things that `text` may mean, at most `limit`: named areas and base features, cells, components.

    Codes are matched from their head, names anywhere, pinyin initials (`zsl` for 中山路) from the head. `key` is what
    the thing is asked for by: component id, cell or area code, base feature id.
    """
    text = text.replace("\0", "").strip()
    if not text or limit < 1:
        return pd.DataFrame([], columns=list(SEARCH_COLUMNS))
    finders = (_components_exactly, _formerly, _areas, _base, _cells, _components)
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for number, finder in enumerate(finders):
        # Half of the room that is left for each but the last, so that no kind hides the next one.
        room = limit - len(found) if number == len(finders) - 1 else -(-(limit - len(found)) // 2)
        for row in finder(engine, db, text, max(room, 1)):
            found.setdefault((row[0], row[1]), row)
    return pd.DataFrame(list(found.values())[:limit], columns=list(SEARCH_COLUMNS))


def _starts(column: Any, text: str) -> Any:
    """Begins with `text`, in the form that an index answers on both engines."""
    return sa.and_(column >= text, column < text + LAST_CHARACTER)


def _named(table: sa.Table, text: str) -> Any:
    named = table.c.name.icontains(text, autoescape=True)
    if text.isascii() and text.isalpha():
        return sa.or_(named, _starts(table.c.initials, text.lower()))
    return named


def _components_exactly(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    return _component_rows(db, component.c.code == text, limit)


def _components(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    return _component_rows(db, _starts(component.c.code, text), limit)


def _formerly(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    """Components that had a code before the present one: an old code goes on finding its component."""
    had = sa.select(given_code.c.component_id).where(
        given_code.c.former != "", _starts(given_code.c.former, text)
    )
    ids = had.where(given_code.c.undone == 0).limit(limit)
    return _component_rows(db, component.c.component_id.in_(ids), limit) if text.isdigit() else []


def _component_rows(db: sa.Connection, condition: Any, limit: int) -> list[tuple[Any, ...]]:
    columns = (component.c.component_id, component.c.code, term.c.text, component.c.x, component.c.y)
    named = component.join(term, term.c.term_id == component.c.name_term)
    query = sa.select(*columns).select_from(named).where(condition).order_by(component.c.code).limit(limit)
    return [("component", str(key), code, name, x, y) for key, code, name, x, y in db.execute(query)]


def _cells(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    query = sa.select(cell.c.code, cell.c.name, cell.c.shape).where(_starts(cell.c.code, text))
    found = engine.rows(db, query.order_by(cell.c.code).limit(limit))
    rows = zip(found["code"], found["name"], found["shape"], strict=True)
    return [("cell", code, code, name, *_middle(wkb)) for code, name, wkb in rows]


def _areas(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    mine = sa.or_(_starts(area.c.code, text), _named(area, text))
    query = sa.select(area.c.level, area.c.code, area.c.name, area.c.shape).where(mine)
    found = engine.rows(db, query.order_by(area.c.code).limit(limit))
    rows = zip(found["level"], found["code"], found["name"], found["shape"], strict=True)
    return [(level, code, code, name, *_middle(wkb)) for level, code, name, wkb in rows]


def _base(engine: Engine, db: sa.Connection, text: str, limit: int) -> list[tuple[Any, ...]]:
    """One feature for each name: a road of forty pieces is one road."""
    if text.isdigit():
        return []
    first = sa.func.min(base_feature.c.feature_id)
    named = sa.select(first).where(base_feature.c.name != "", _named(base_feature, text))
    chosen = named.group_by(base_feature.c.kind, base_feature.c.name)
    columns = (base_feature.c.feature_id, base_feature.c.kind, base_feature.c.name, base_feature.c.shape)
    query = sa.select(*columns).where(base_feature.c.feature_id.in_(chosen))
    found = engine.rows(
        db, query.order_by(sa.func.length(base_feature.c.name), base_feature.c.feature_id).limit(limit)
    )
    rows = zip(found["feature_id"], found["kind"], found["name"], found["shape"], strict=True)
    return [(kind, str(key), "", name, *_middle(wkb)) for key, kind, name, wkb in rows]


def _middle(wkb: bytes) -> tuple[float, float]:
    point = from_wkb([wkb])[0].representative_point()
    return point.x, point.y
