"""Which stored component does each delivered row speak of, and does it say anything new?

A row with a code speaks of the component with that code. A row without one speaks of a stored component that came
without code, has the same class and name and stands on the same millimetre; several such twins are paired in order. A
component that the store gave its code keeps it, however often it is delivered without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data.census.components import FEW_IDS, KEY_COLUMNS, SILENT, Rows, read
from data.census.dictionary import ASK_AT_ONCE
from data.engines.engine import Engine
from data.tables import TEXT_FIELDS, cell, component, given_code
from kernel.errors import Refused
from kernel.progress import Progress

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
    codes: list[str | None]  # of the delivery, or what the store gave

    @property
    def counts(self) -> dict[str, int]:
        """`new`, `changed`, `unchanged` rows of the delivery, and stored components `missing` from it."""
        new, changed = int((self.stored_ids == 0).sum()), int(self.changed.sum())
        unchanged = len(self.stored_ids) - new - changed
        return {"new": new, "changed": changed, "unchanged": unchanged, "missing": self.missing}

    def also_changed(self, rows: np.ndarray) -> Match:
        """The same where the stored ones among `rows` get another value too."""
        changed = self.changed.copy()
        changed[rows] |= self.stored_ids[rows] > 0
        return replace(self, changed=changed)


@dataclass(frozen=True)
class Found:
    """Stored rows that a delivery may speak of, and which of them each delivered row does (-1: none).

    `whole`: `stored` are all components there are.
    """

    stored: Rows
    place: np.ndarray
    whole: bool = False

    @property
    def ids(self) -> np.ndarray:
        """Component of each delivered row, 0 for none."""
        known = self.place >= 0
        ids = np.zeros(len(self.place), "i8")
        ids[known] = self.stored["component_id"][self.place[known]]
        return ids


def match(engine: Engine, db: sa.Connection, rows: Rows, progress: Progress = SILENT) -> Match:
    """Compare encoded rows with the store. Cancel is heard between columns.

    Raises:
        Refused: a code stands twice in the delivery.
    """
    count = len(rows["code"])
    if db.execute(sa.select(component.c.component_id).limit(1)).first() is None:
        _refuse_repeated(rows["code"])
        return Match(np.zeros(count, "i8"), np.zeros(count, bool), 0, rows["code"])
    found = find(engine, db, rows, progress=progress)
    known = np.flatnonzero(found.place >= 0)
    ids, changed = found.ids, np.zeros(count, bool)
    differs = compare_fields(rows, known, found.stored, found.place[known], progress)
    changed[known] = np.logical_or.reduce(list(differs.values()))
    return Match(ids, changed, len(missing_ids(engine, db, rows, ids)), _kept_codes(rows, found))


def _kept_codes(rows: Rows, found: Found) -> list[str | None]:
    """The delivery's codes, and where it has none the code that the component was given here."""
    codes: list[str | None] = rows["code"]
    if None not in codes:
        return codes
    stored = found.stored["code"]
    return [
        code or (stored[at] or None if at >= 0 else None)
        for code, at in zip(codes, found.place.tolist(), strict=True)
    ]


def find(
    engine: Engine,
    db: sa.Connection,
    rows: Rows,
    *,
    prefer_whole: bool = False,
    progress: Progress = SILENT,
) -> Found:
    """Which stored component each encoded row speaks of; `prefer_whole` reads all components for a large delivery.

    Raises `Refused` where a code stands twice.
    """
    _refuse_repeated(rows["code"])
    whole = prefer_whole and len(rows["code"]) > FEW_IDS
    stored = read(engine, db, progress=progress) if whole else _candidates(engine, db, rows["code"], progress)
    progress.check()
    numbered = _numbered(engine, db) if None in rows["code"] else np.zeros(0, "i8")
    return Found(stored, _places(rows, stored, numbered), whole)


def _numbered(engine: Engine, db: sa.Connection) -> np.ndarray:
    """Components that came without a code and were given one by the store."""
    query = sa.select(given_code.c.component_id).where(given_code.c.former == "", given_code.c.undone == 0)
    return np.unique(engine.numbers(db, query)["component_id"])


def _refuse_repeated(codes: list[str | None]) -> None:
    keys = code_numbers(codes)
    given = len(codes) - codes.count(None)
    if given == (len(set(codes) - {None}) if keys is None else _distinct(keys[keys > 0])):
        return
    repeated = [code for code, times in Counter(codes).items() if code and times > 1]
    raise Refused(
        "{count} component codes stand more than once in the delivery, the first is {code}.",
        remedy="Keep one row of each code, or leave the code empty where it is not known.",
        count=len(repeated),
        code=repeated[0],
    )


def _distinct(numbers: np.ndarray) -> int:
    ordered = np.sort(numbers)
    return int((np.diff(ordered) != 0).sum()) + bool(len(ordered))


def _candidates(engine: Engine, db: sa.Connection, codes: list[str | None], progress: Progress) -> Rows:
    """Stored rows that the delivery may speak of."""
    given = [code for code in codes if code]
    conditions: list[Any] = []
    if len(given) < len(codes):
        numbered = sa.select(given_code.c.component_id).where(given_code.c.former == "")
        conditions = [component.c.code.is_(None), component.c.component_id.in_(numbered)]
    if len(given) > FEW_IDS:
        conditions.append(component.c.code.is_not(None))
    else:
        ids: list[int] = []
        for start in range(0, len(given), ASK_AT_ONCE):
            part = component.c.code.in_(given[start : start + ASK_AT_ONCE])
            ids += db.execute(sa.select(component.c.component_id).where(part)).scalars()
        conditions.append(component.c.component_id.in_(ids))
    return read(engine, db, sa.or_(*conditions), progress=progress)


def _places(rows: Rows, stored: Rows, numbered: np.ndarray) -> np.ndarray:
    """Place in `stored` of what each row speaks of, -1 where nothing is."""
    codes, stored_codes = _comparable(rows["code"], stored["code"])
    place = np.full(len(codes), -1, "i8")
    nothing = 0 if isinstance(codes, np.ndarray) else ""
    has, had = np.asarray(codes != nothing), np.flatnonzero(stored_codes != nothing)
    found = pd.Index(stored_codes[had]).get_indexer(pd.Index(codes[has]))
    place[has] = np.where(found >= 0, np.append(had, -1)[found], -1)
    stood = np.flatnonzero(np.asarray(stored_codes == nothing) | np.isin(stored["component_id"], numbered))
    bare = np.flatnonzero(~has)
    if len(bare) and len(stood):
        found = pd.MultiIndex.from_frame(_identity(stored, stood)).get_indexer(
            pd.MultiIndex.from_frame(_identity(rows, bare))
        )
        place[bare] = np.where(found >= 0, np.append(stood, -1)[found], -1)
    return place


def _comparable(first: list[str | None], second: list[str]) -> tuple[Any, Any]:
    """Both lists as whole numbers where all of their codes are digits (0 for none), which is faster, else as texts."""
    numbers = code_numbers(first), code_numbers(second)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers
    return pd.array([code or "" for code in first], dtype="str"), pd.array(second, dtype="str")


def code_numbers(codes: Sequence[str | None]) -> np.ndarray | None:
    """Codes of 16 to 18 digits without a leading 0 as numbers, 0 for none; None where one of them is no such code."""
    texts = pa.array(codes, pa.string()).fill_null("")
    formed = pc.match_substring_regex(texts, "^[1-9][0-9]{15,17}$")
    if not bool(pc.all(pc.or_(formed, pc.equal(texts, ""))).as_py()):
        return None
    filled = pc.if_else(pc.equal(texts, ""), "0", texts)
    return np.asarray(filled.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _identity(rows: Rows, places: np.ndarray) -> pd.DataFrame:
    """What tells rows without code apart, and the number of each among its twins."""
    frame = pd.DataFrame({name: rows[name][places] for name in IDENTITY[:2]})
    for axis in ("x", "y"):
        frame[f"{axis}_mm"] = _millimetres(rows[axis][places])
    frame["twin"] = frame.groupby(list(IDENTITY)).cumcount()
    return frame


def _millimetres(metres: np.ndarray) -> np.ndarray:
    return np.rint(metres * 1000.0).astype("i8")


def compare_fields(
    rows: Rows, known: np.ndarray, stored: Rows, place: np.ndarray, progress: Progress = SILENT
) -> dict[str, np.ndarray]:
    """By column, whether each known row has another value than the stored one; positions count to the mm."""
    out = {name: rows[name][known] != stored[name][place] for name in KEY_COLUMNS}
    for axis in ("x", "y"):
        out[axis] = _millimetres(rows[axis][known]) != _millimetres(stored[axis][place])
    for name in (*TEXT_FIELDS, "shape"):
        progress.check()
        if rows[name] is None:
            rows_column: Any = np.full(len(known), None, dtype=object)
        else:
            rows_column = _objects(rows[name])[known]
        out[name] = np.asarray(rows_column != _objects(stored[name])[place], bool)
    return out


def _objects(values: list[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def missing_ids(
    engine: Engine, db: sa.Connection, rows: Rows, ids: np.ndarray, whole: Rows | None = None
) -> np.ndarray:
    """Ids of the components that `Match.missing` counts; `ids` are those that the delivery speaks of.

    `whole`: all stored rows, where they have been read already.
    """
    community = {
        row.cell_id: row.community_code
        for row in db.execute(sa.select(cell.c.cell_id, cell.c.community_code))
    }
    reached = {community.get(key, "") for key in np.unique(rows["cell_id"]).tolist()}
    cells = [key for key, code in community.items() if code in reached and key]
    columns = (component.c.component_id, component.c.class_code_term, component.c.cell_id)
    if whole is None:
        stored = engine.numbers(db, sa.select(*columns).where(component.c.code.is_not(None)))
    else:
        coded = np.fromiter((code != "" for code in whole["code"]), bool, len(whole["code"]))
        stored = {column.name: whole[column.name][coded] for column in columns}
    mine = np.isin(stored["class_code_term"], np.unique(rows["class_code_term"]))
    mine &= np.isin(stored["cell_id"], [*cells, 0] if "" in reached else cells)
    return np.asarray(stored["component_id"][mine & ~np.isin(stored["component_id"], ids)])
