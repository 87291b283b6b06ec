"""Components between a frame and normalised rows, and the reading of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from data.census.dictionary import categorical, distinct, term_ids, term_texts, unit_ids, unit_names
from data.engines.engine import Column, Engine
from data.grid.cells import OUTSIDE, codes_by_id
from data.journal import Work
from data.shapes import from_wkb, texts, to_wkb
from data.tables import TERM_FIELDS, TEXT_FIELDS, UNIT_FIELDS, cell, component, term
from gis.frames import COMPONENT_COLUMNS
from kernel.progress import Part, Progress, Silent

KEY_COLUMNS: Final = (
    *(f"{name}_term" for name in TERM_FIELDS),
    *(f"{name}_unit" for name in UNIT_FIELDS),
    "cell_id",
)
NUMBER_COLUMNS: Final = (*KEY_COLUMNS, "x", "y")
FEW_IDS: Final = 20_000  # up to here ids are asked for; for more, all rows are read and sifted

SILENT: Final = Silent()

Rows = dict[str, Any]  # columns of the table by name, all of one length (or one value for all rows)


def encode(db: sa.Connection, frame: pd.DataFrame, work: Work | None = None) -> Rows:
    """Rows of `component` without `component_id` and `session_id`.

    Texts and units the store does not know are added when `work` is given, else they get keys that match nothing.
    """
    if not np.isfinite(frame[["x", "y"]].to_numpy("f8")).all():
        raise ValueError("components: x and y must be finite numbers")
    rows: Rows = {"code": [code or None for code in texts(frame, "code")]}
    rows |= _encode_terms(db, frame, work) | _encode_units(db, frame, work)
    rows["cell_id"] = _encode_cells(db, frame)
    rows |= {name: texts(frame, name) for name in TEXT_FIELDS}
    rows |= {name: frame[name].to_numpy("f8") + 0.0 for name in ("x", "y")}  # no negative zero
    rows["shape"] = _encode_shapes(frame)
    return rows


def _encode_terms(db: sa.Connection, frame: pd.DataFrame, work: Work | None) -> Rows:
    columns = {name: distinct(frame[name]) for name in TERM_FIELDS}
    keys = term_ids(db, (text for _, words in columns.values() for text in words), work)
    return {
        f"{name}_term": _picked([keys[t] for t in words], index) for name, (index, words) in columns.items()
    }


def _encode_units(db: sa.Connection, frame: pd.DataFrame, work: Work | None) -> Rows:
    columns = {name: _pairs(frame, name) for name in UNIT_FIELDS}
    keys = unit_ids(db, (pair for _, pairs in columns.values() for pair in pairs), work)
    return {
        f"{name}_unit": _picked([keys[p] for p in pairs], index) for name, (index, pairs) in columns.items()
    }


def _encode_cells(db: sa.Connection, frame: pd.DataFrame) -> np.ndarray:
    """A cell the store does not have counts as none."""
    known = {row.code: row.cell_id for row in db.execute(sa.select(cell.c.code, cell.c.cell_id))}
    index, codes = distinct(frame["cell_code"])
    return _picked([known.get(code, OUTSIDE) for code in codes], index)


def _picked(keys: list[int], index: np.ndarray) -> np.ndarray:
    return np.array(keys, "i8")[index] if len(index) else np.empty(0, "i8")


def _pairs(frame: pd.DataFrame, field: str) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """`(index[n], pairs)` of the two columns that name one unit."""
    code_index, codes = distinct(frame[f"{field}_code"])
    name_index, names = distinct(frame[f"{field}_name"])
    both = code_index.astype("i8") * len(names) + name_index
    index, present = pd.factorize(both)
    return index, [(codes[pair // len(names)], names[pair % len(names)]) for pair in present.tolist()]


def _encode_shapes(frame: pd.DataFrame) -> Column:
    """WKB of lines and areas; points have none, x and y say it all."""
    shapes = np.array(frame["geometry"], dtype=object)
    kept = ~(shapely.is_missing(shapes) | (shapely.get_type_id(shapes) == 0))
    if not kept.any():
        return None
    shapes[~kept] = None
    return to_wkb(shapes)


def read(
    engine: Engine, db: sa.Connection, where: Any = None, *, numbers: Sequence[str] = NUMBER_COLUMNS,
    text: Sequence[str] = ("code", *TEXT_FIELDS), shapes: bool = True, table: sa.Table = component,
    progress: Progress = SILENT,
) -> Rows:  # fmt: skip
    """Rows as they are stored, ordered by the table's key; a code that is NULL comes as "". Cancel is heard between columns."""
    condition = sa.true() if where is None else where
    order = tuple(table.primary_key)
    columns = (table.c.component_id, *(table.c[name] for name in numbers))
    rows: Rows = engine.numbers(db, sa.select(*columns).where(condition).order_by(*order))
    count = len(rows["component_id"])
    filled = [name for name in text if count and _is_used(db, table, name, condition)]
    rows |= {name: [""] * count for name in text if name not in filled}
    for name in filled:  # one at a time: a list of texts is made faster than a list of rows
        progress.check()
        column = sa.func.coalesce(table.c[name], "").label(name)
        rows |= engine.rows(db, sa.select(column).where(condition).order_by(*order))
    progress.check()
    if shapes:
        rows["shape"] = _read_shapes(engine, db, table, condition, rows["component_id"])
    return rows


def _is_used(db: sa.Connection, table: sa.Table, name: str, condition: Any) -> bool:
    query = sa.select(sa.literal(1)).where(condition, table.c[name] != "").select_from(table).limit(1)
    return db.execute(query).first() is not None


def _read_shapes(
    engine: Engine, db: sa.Connection, table: sa.Table, condition: Any, ids: np.ndarray
) -> list[bytes | None]:
    there = sa.and_(condition, table.c.shape.is_not(None))
    shapes: list[bytes | None] = [None] * len(ids)
    if db.execute(sa.select(sa.literal(1)).select_from(table).where(there).limit(1)).first() is None:
        return shapes
    if len(table.primary_key) > 1:  # a component may stand there in several versions
        query = sa.select(table.c.shape).where(condition).order_by(*table.primary_key)
        return engine.rows(db, query)["shape"]
    found = engine.rows(
        db, sa.select(table.c.component_id, table.c.shape).where(there).order_by(table.c.component_id)
    )
    places = np.searchsorted(ids, np.array(found["component_id"], "i8")).tolist()
    for place, wkb in zip(places, found["shape"], strict=True):
        shapes[place] = wkb
    return shapes


def load(
    engine: Engine,
    db: sa.Connection,
    columns: Sequence[str] | None,
    progress: Progress,
    *,
    cell_codes: Iterable[str] | None = None,
    class_codes: Iterable[str] | None = None,
    ids: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Components frame (or only `columns` of it), ordered by `component_id`. Filters narrow one another."""
    wanted = list(COMPONENT_COLUMNS if columns is None else columns)
    progress.report(0.05, "Reading components")
    chosen = _chosen(engine, db, cell_codes, class_codes, ids)
    few = None if chosen is None or len(chosen) > FEW_IDS else component.c.component_id.in_(chosen.tolist())
    rows = read(
        engine, db, few, numbers=_numbers_for(wanted),
        text=[name for name in ("code", *TEXT_FIELDS) if name in wanted], shapes="geometry" in wanted,
        progress=progress,
    )  # fmt: skip
    progress.report(0.7, "Reading components")
    frame = decode(db, rows, wanted, Part(progress, 0.7, 1.0))
    if chosen is not None and few is None:
        frame = frame[np.isin(rows["component_id"], chosen)].reset_index(drop=True)
    progress.report(1.0)
    return frame


def load_written(
    engine: Engine,
    db: sa.Connection,
    table: sa.Table,
    session_id: int,
    columns: Sequence[str],
    progress: Progress,
) -> pd.DataFrame:
    """The versions of components in `table` (stored or replaced) that a session wrote."""
    rows = read(
        engine, db, table.c.session_id == session_id, numbers=_numbers_for(columns),
        text=[name for name in ("code", *TEXT_FIELDS) if name in columns], shapes="geometry" in columns, table=table,
    )  # fmt: skip
    return decode(db, rows, columns, progress)


def _chosen(
    engine: Engine,
    db: sa.Connection,
    cell_codes: Iterable[str] | None,
    class_codes: Iterable[str] | None,
    ids: Iterable[int] | None,
) -> np.ndarray | None:
    """Ids of the components that pass every filter given; None when there is none."""
    chosen = None if ids is None else np.unique(np.fromiter(ids, "i8"))
    filters: list[tuple[Any, list[int]]] = []
    if cell_codes is not None:
        wanted = set(cell_codes)
        keys = ids_of(db, cell.c.code, cell.c.cell_id, wanted) + ([OUTSIDE] if "" in wanted else [])
        filters.append((component.c.cell_id, keys))
    if class_codes is not None:
        filters.append((component.c.class_code_term, ids_of(db, term.c.text, term.c.term_id, class_codes)))
    for column, keys in filters:
        query = sa.select(component.c.component_id, column)
        stored = engine.numbers(db, query.where(column.in_(keys)) if len(keys) <= FEW_IDS else query)
        passing = stored["component_id"][np.isin(stored[column.name], keys)]
        chosen = passing if chosen is None else np.intersect1d(chosen, passing)
    return chosen


def ids_of(db: sa.Connection, code: Any, key: Any, codes: Iterable[str]) -> list[int]:
    """Keys of the rows that have one of `codes`."""
    wanted = set(codes)
    return [row[1] for row in db.execute(sa.select(code, key)) if row[0] in wanted]


def _numbers_for(wanted: Sequence[str]) -> list[str]:
    """Stored number columns that the frame's columns are made from."""
    needed = [f"{name}_term" for name in TERM_FIELDS if name in wanted]
    needed += [f"{n}_unit" for n in UNIT_FIELDS if f"{n}_code" in wanted or f"{n}_name" in wanted]
    needed += ["cell_id"] if "cell_code" in wanted else []
    return needed + [name for name in ("x", "y") if name in wanted]


def decode(db: sa.Connection, rows: Rows, wanted: Sequence[str], progress: Progress) -> pd.DataFrame:
    """The frame's columns from stored rows."""
    out: Rows = {name: rows[name] for name in ("component_id", "x", "y") if name in rows}
    out |= _decode_terms(db, rows) | _decode_units(db, rows)
    progress.check()
    if "cell_id" in rows:
        out["cell_code"] = categorical(rows["cell_id"], codes_by_id(db, rows["cell_id"]))
    out |= {name: pd.array(rows[name], dtype="str") for name in ("code", *TEXT_FIELDS) if name in rows}
    if "shape" in rows:
        out["geometry"] = from_wkb(rows["shape"])
    return pd.DataFrame(out)[list(wanted)]


def _decode_terms(db: sa.Connection, rows: Rows) -> Rows:
    keys = {name: rows[f"{name}_term"] for name in TERM_FIELDS if f"{name}_term" in rows}
    words = term_texts(db, *keys.values()) if keys else {}
    return {name: categorical(ids, words) for name, ids in keys.items()}


def _decode_units(db: sa.Connection, rows: Rows) -> Rows:
    keys = {name: rows[f"{name}_unit"] for name in UNIT_FIELDS if f"{name}_unit" in rows}
    units = unit_names(db, *keys.values()) if keys else {}
    codes, names = (
        {key: code for key, (code, _) in units.items()},
        {key: name for key, (_, name) in units.items()},
    )
    out = {f"{name}_code": categorical(ids, codes) for name, ids in keys.items()}
    return out | {f"{name}_name": categorical(ids, names) for name, ids in keys.items()}


def add(work: Work, rows: Rows, count: int, progress: Progress, table: sa.Table = component) -> None:
    """Append rows that have their `component_id` and `session_id`."""
    work.engine.fill(work.db, table, rows, count, progress)


def take(rows: Rows, places: np.ndarray) -> Rows:
    """The rows at `places`."""
    chosen = places.tolist()
    return {
        name: column[places] if isinstance(column, np.ndarray)
        else [column[i] for i in chosen] if isinstance(column, list)
        else column
        for name, column in rows.items()
    }  # fmt: skip
