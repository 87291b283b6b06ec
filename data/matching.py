"""Which stored component does each delivered row speak of, and does it say anything new?

A row with a code speaks of the component with that code. A row without one speaks of a stored component without code
that has the same class and name and stands on the same millimetre; several such twins are paired in order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.components import FEW_IDS, KEY_COLUMNS, Rows, read
from data.dictionary import ASK_AT_ONCE
from data.engine import Engine
from data.tables import TEXT_FIELDS, cell, component
from kernel.errors import Refused

IDENTITY = ("class_code_term", "name_term", "x_mm", "y_mm")


@dataclass(frozen=True)
class Match:
    """`stored_ids[n]` is 0 for a new row; `changed[n]` holds where a stored component would get other values.

    `missing` counts stored components with a code that the delivery should have named: those of its classes, in the
    communities it reaches (a delivery with rows outside every cell also reaches what is stored outside), whose code
    it does not contain. They are counted only, never removed.
    """

    stored_ids: np.ndarray
    changed: np.ndarray
    missing: int

    @property
    def counts(self) -> dict[str, int]:
        """`new`, `changed`, `unchanged` rows of the delivery, and stored components `missing` from it."""
        new, changed = int((self.stored_ids == 0).sum()), int(self.changed.sum())
        unchanged = len(self.stored_ids) - new - changed
        return {"new": new, "changed": changed, "unchanged": unchanged, "missing": self.missing}


def match(engine: Engine, db: sa.Connection, rows: Rows) -> Match:
    """Compare encoded rows with the store.

    Raises:
        Refused: a code stands twice in the delivery.
    """
    codes = rows["code"]
    _refuse_repeated(codes)
    count = len(codes)
    if db.execute(sa.select(component.c.component_id).limit(1)).first() is None:
        return Match(np.zeros(count, "i8"), np.zeros(count, bool), 0)
    stored = _candidates(engine, db, codes)
    place = _places(rows, stored)
    known = np.flatnonzero(place >= 0)
    ids, changed = np.zeros(count, "i8"), np.zeros(count, bool)
    ids[known] = stored["component_id"][place[known]]
    changed[known] = _differs(rows, known, stored, place[known])
    return Match(ids, changed, _missing(engine, db, rows, ids))


def _refuse_repeated(codes: list[str | None]) -> None:
    if len(set(codes) - {None}) == len(codes) - codes.count(None):
        return
    repeated = [code for code, times in Counter(codes).items() if code and times > 1]
    raise Refused(
        "{count} component codes stand more than once in the delivery, the first is {code}.",
        remedy="Keep one row of each code, or leave the code empty where it is not known.",
        count=len(repeated),
        code=repeated[0],
    )


def _candidates(engine: Engine, db: sa.Connection, codes: list[str | None]) -> Rows:
    """Stored rows that the delivery may speak of."""
    given = [code for code in codes if code]
    conditions: list[Any] = [component.c.code.is_(None)] if len(given) < len(codes) else []
    if len(given) > FEW_IDS:
        conditions.append(component.c.code.is_not(None))
    else:
        ids: list[int] = []
        for start in range(0, len(given), ASK_AT_ONCE):
            part = component.c.code.in_(given[start : start + ASK_AT_ONCE])
            ids += db.execute(sa.select(component.c.component_id).where(part)).scalars()
        conditions.append(component.c.component_id.in_(ids))
    return read(engine, db, sa.or_(*conditions))


def _places(rows: Rows, stored: Rows) -> np.ndarray:
    """Place in `stored` of what each row speaks of, -1 where nothing is."""
    codes = pd.array([code or "" for code in rows["code"]], dtype="str")
    stored_codes: Any = pd.array(stored["code"], dtype="str")
    place = np.full(len(codes), -1, "i8")
    has, had = np.asarray(codes != ""), np.flatnonzero(stored_codes != "")
    found = pd.Index(stored_codes[had]).get_indexer(pd.Index(codes[has]))
    place[has] = np.where(found >= 0, np.append(had, -1)[found], -1)
    bare, stood = np.flatnonzero(~has), np.flatnonzero(stored_codes == "")
    if len(bare) and len(stood):
        found = pd.MultiIndex.from_frame(_identity(stored, stood)).get_indexer(
            pd.MultiIndex.from_frame(_identity(rows, bare))
        )
        place[bare] = np.where(found >= 0, np.append(stood, -1)[found], -1)
    return place


def _identity(rows: Rows, places: np.ndarray) -> pd.DataFrame:
    """What tells rows without code apart, and the number of each among its twins."""
    frame = pd.DataFrame({name: rows[name][places] for name in IDENTITY[:2]})
    for axis in ("x", "y"):
        frame[f"{axis}_mm"] = _millimetres(rows[axis][places])
    frame["twin"] = frame.groupby(list(IDENTITY)).cumcount()
    return frame


def _millimetres(metres: np.ndarray) -> np.ndarray:
    return np.rint(metres * 1000.0).astype("i8")


def _differs(rows: Rows, known: np.ndarray, stored: Rows, place: np.ndarray) -> np.ndarray:
    """Whether each known row has another value than the stored one in any column; positions count to the mm."""
    out = np.zeros(len(known), bool)
    for name in KEY_COLUMNS:
        out |= rows[name][known] != stored[name][place]
    for axis in ("x", "y"):
        out |= _millimetres(rows[axis][known]) != _millimetres(stored[axis][place])
    for name in (*TEXT_FIELDS, "shape"):
        if rows[name] is None:
            rows_column: Any = np.full(len(known), None, dtype=object)
        else:
            rows_column = _objects(rows[name])[known]
        out |= np.asarray(rows_column != _objects(stored[name])[place], bool)
    return out


def _objects(values: list[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _missing(engine: Engine, db: sa.Connection, rows: Rows, ids: np.ndarray) -> int:
    """See `Match.missing`."""
    community = {
        row.cell_id: row.community_code
        for row in db.execute(sa.select(cell.c.cell_id, cell.c.community_code))
    }
    reached = {community.get(key, "") for key in np.unique(rows["cell_id"]).tolist()}
    cells = [key for key, code in community.items() if code in reached and key]
    columns = (component.c.component_id, component.c.class_code_term, component.c.cell_id)
    stored = engine.numbers(db, sa.select(*columns).where(component.c.code.is_not(None)))
    mine = np.isin(stored["class_code_term"], np.unique(rows["class_code_term"]))
    mine &= np.isin(stored["cell_id"], [*cells, 0] if "" in reached else cells)
    return int((mine & ~np.isin(stored["component_id"], ids)).sum())
