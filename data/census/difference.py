"""The difference of a session against the store: by code and by place, decoded only where something differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.review.difference import (
    CHANGE_COLUMNS,
    MOVED_COLUMNS,
    RECODED_COLUMNS,
    SUBJECT,
    Difference,
    same_place,
)
from data.census.components import Rows, decode, encode, load, read, take
from data.census.matching import compare_fields, find, missing_ids
from data.engines.engine import Engine
from data.tables import component, component_history
from kernel.progress import Part, Progress, Silent

COMPARED = (
    "class_code", "name", "authority_code", "authority_name", "owner_code", "owner_name", "maintainer_code",
    "maintainer_name", "cell_code", "state", "initial_date", "change_date", "source", "accuracy", "location", "note",
    "extra",
)  # fmt: skip


@dataclass(frozen=True)
class _Sides:
    """Both sides as stored rows: the delivery's, the store's, and which stored row each delivered one speaks of."""

    rows: Rows
    stored: Rows
    place: np.ndarray
    decoded: Callable[[np.ndarray, Iterable[str]], pd.DataFrame]
    whole: bool = False  # `stored` are all components there are


def of_draft(
    engine: Engine, db: sa.Connection, frame: pd.DataFrame, within_m: float, progress: Progress
) -> Difference:
    """What a commit of the components frame `frame` would change."""
    progress.report(0.0, "Comparing with the store")
    rows = encode(db, frame)
    progress.report(0.3, "Comparing with the store")
    found = find(engine, db, rows, prefer_whole=True, progress=progress)
    sides = _Sides(rows, found.stored, found.place, lambda at, names: _taken(frame, at, names), found.whole)
    lost = missing_ids(engine, db, rows, found.ids, found.stored if found.whole else None)
    return _difference(engine, db, sides, lost, within_m, Part(progress, 0.5, 1.0))


def of_committed(
    engine: Engine, db: sa.Connection, session_id: int, within_m: float, progress: Progress
) -> Difference:
    """What a committed session changed, against what it found. Its missing components are not known any more."""
    progress.report(0.0, "Comparing with the store")
    before = read(engine, db, component_history.c.replaced_by == session_id, table=component_history)
    parts = [
        read(engine, db, table.c.session_id == session_id, table=table)
        for table in (component, component_history)
    ]
    rows = {name: _joined(parts[0][name], parts[1][name]) for name in parts[0]}
    place = pd.Index(before["component_id"]).get_indexer(pd.Index(rows["component_id"]))

    def decoded(at: np.ndarray, names: Iterable[str]) -> pd.DataFrame:
        return decode(db, take(rows, at), list(names), Silent())

    sides = _Sides(rows, before, place, decoded)
    return _difference(engine, db, sides, np.empty(0, "i8"), within_m, Part(progress, 0.5, 1.0))


def _joined(first: Any, second: Any) -> Any:
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    return [*first, *second]


def _taken(frame: pd.DataFrame, at: np.ndarray, names: Iterable[str]) -> pd.DataFrame:
    return frame[list(names)].take(at).reset_index(drop=True)


def _difference(
    engine: Engine, db: sa.Connection, sides: _Sides, lost: np.ndarray, within_m: float, progress: Progress
) -> Difference:
    known = np.flatnonzero(sides.place >= 0)
    fresh = np.flatnonzero(sides.place < 0)
    differs = compare_fields(sides.rows, known, sides.stored, sides.place[known], progress)
    any_field = np.logical_or.reduce(list(differs.values())) if differs else np.zeros(len(known), bool)
    progress.report(0.2, "Comparing with the store")
    changed = known[any_field]
    after = sides.decoded(changed, ("code", "x", "y", *COMPARED))
    before = decode(db, take(sides.stored, sides.place[changed]), ["code", "x", "y", *COMPARED], Silent())
    after["code"] = after["code"].where(after["code"] != "", before["code"])
    progress.report(0.5, "Comparing with the store")
    changes = _changes(before, after, differs.get("shape", np.zeros(len(known), bool))[any_field])
    moved = _moved(before, after)
    missing = _stored(engine, db, sides, lost, SUBJECT)
    new = sides.decoded(fresh, SUBJECT)
    progress.report(0.8, "Looking for the same objects by their place")
    recoded = _recoded(engine, db, sides, new, within_m)
    counts = {"new": len(new), "changed": len(changed), "unchanged": len(known) - len(changed),
              "missing": len(missing), "moved": len(moved), "recoded": len(recoded)}  # fmt: skip
    fields = changes["field"].value_counts().rename_axis("field").rename("rows").reset_index()
    return Difference(counts, fields, new, missing, changes, moved, recoded)


def _changes(before: pd.DataFrame, after: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
    """One row per component and field that differs; a moved point is one change of the field `position`."""
    parts = []
    for name in COMPARED:
        old, new = before[name].astype("str").to_numpy(), after[name].astype("str").to_numpy()
        rows = np.flatnonzero(old != new)
        if len(rows):
            parts.append(_change(after, rows, name, old[rows], new[rows]))
    rows = np.flatnonzero(_steps(before, after) >= 0.0005)
    if len(rows):
        parts.append(_change(after, rows, "position", _spots(before, rows), _spots(after, rows)))
    if drawn.any():
        rows = np.flatnonzero(drawn)
        parts.append(_change(after, rows, "geometry", [""] * len(rows), [""] * len(rows)))
    if not parts:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _change(after: pd.DataFrame, rows: np.ndarray, field: str, old: Any, new: Any) -> pd.DataFrame:
    subject = after[["code", "class_code", "name", "x", "y"]].take(rows).reset_index(drop=True)
    out = subject.assign(field=field, before=old, after=new)
    return out[list(CHANGE_COLUMNS)].astype({"class_code": "str", "name": "str"})


def _steps(before: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    return np.hypot(*(after[axis].to_numpy("f8") - before[axis].to_numpy("f8") for axis in ("x", "y")))


def _spots(frame: pd.DataFrame, rows: np.ndarray) -> list[str]:
    x, y = frame["x"].to_numpy("f8")[rows], frame["y"].to_numpy("f8")[rows]
    return [f"{east:.3f}, {north:.3f}" for east, north in zip(x, y, strict=True)]


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    distance_m = _steps(before, after)
    rows = np.flatnonzero(distance_m >= 0.0005)
    out = after[["code", "class_code", "name", "x", "y"]].take(rows).reset_index(drop=True)
    out = out.assign(distance_m=np.round(distance_m[rows], 3), x_before=before["x"].to_numpy()[rows],
                     y_before=before["y"].to_numpy()[rows])  # fmt: skip
    return out.sort_values("distance_m", ascending=False, ignore_index=True)[list(MOVED_COLUMNS)]


def _stored(
    engine: Engine, db: sa.Connection, sides: _Sides, ids: np.ndarray, names: Iterable[str]
) -> pd.DataFrame:
    """What is stored under `ids`, in their order: from what was read already where that is everything."""
    columns = list(names)
    if not len(ids):
        return pd.DataFrame(columns=columns)
    if sides.whole:
        at = pd.Index(sides.stored["component_id"]).get_indexer(pd.Index(ids))
        return decode(db, take(sides.stored, at), columns, Silent())
    found = load(engine, db, ["component_id", *columns], Silent(), ids=ids.tolist())
    at = pd.Index(found["component_id"]).get_indexer(pd.Index(ids))
    return found[columns].take(at).reset_index(drop=True)


def _recoded(
    engine: Engine, db: sa.Connection, sides: _Sides, new: pd.DataFrame, within_m: float
) -> pd.DataFrame:
    """New rows beside a stored component of their class that no row of the delivery speaks of."""
    fresh = np.flatnonzero(sides.place < 0)
    if not len(fresh):
        return pd.DataFrame(columns=list(RECODED_COLUMNS))
    spoken = sides.stored["component_id"][sides.place[sides.place >= 0]]
    own = sides.rows.get("component_id", np.empty(0, "i8"))
    columns = (component.c.component_id, component.c.class_code_term, component.c.x, component.c.y)
    stored = sides.stored if sides.whole else engine.numbers(db, sa.select(*columns))
    free = ~np.isin(stored["component_id"], np.concatenate([spoken, own]))
    stored = {column.name: stored[column.name][free] for column in columns}
    left = tuple(sides.rows[name][fresh] for name in ("x", "y", "class_code_term"))
    pairs = same_place(left, (stored["x"], stored["y"], stored["class_code_term"]), within_m)
    out = new.take(pairs.left).reset_index(drop=True)
    code_of = _stored(engine, db, sides, stored["component_id"][pairs.right], ["code"])["code"].tolist()
    out = out.assign(code_before=code_of, distance_m=np.round(pairs.distance_m, 3),
                     x_before=stored["x"][pairs.right], y_before=stored["y"][pairs.right])  # fmt: skip
    return out.sort_values("distance_m", ignore_index=True)[list(RECODED_COLUMNS)]
