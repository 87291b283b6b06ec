"""One figure for what a store holds: equal content gives an equal hash, on either engine and in any row order.

Covered are cells and components (and cases, once there are any): every field of the frames, exact coordinates,
geometry. Not covered is bookkeeping: row ids, sessions, history, the grid's lineage, settings, areas, base layers,
fixes. So an edit of the grid that is taken back leaves the hash as it was. Responsibility areas with their cells have a
hash of their own: docs/decisions/0031-two-hashes.md.

Each row is reduced to 64 bits, column by column (the finaliser of splitmix64 over the running value plus the value's
own hash), the row hashes are sorted, and SHA-256 is taken over them: the digest of a multiset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.census.components import Rows, read
from data.census.dictionary import term_texts, unit_names
from data.engines.engine import Engine
from data.grid.cells import codes_by_id
from data.tables import (
    TERM_FIELDS,
    TEXT_FIELDS,
    UNIT_FIELDS,
    cell,
    component,
    component_history,
    responsibility_area,
    responsibility_area_cell,
)
from gis.grid.responsibility import NUMBER_COLUMNS

Hashes = np.ndarray[tuple[int, ...], np.dtype[np.uint64]]


def digest(engine: Engine, db: sa.Connection) -> str:
    """64 hexadecimal digits for cells and components."""
    return _of_multisets({"cells": _cells(engine, db), "components": _components(engine, db)})


def areas_digest(engine: Engine, db: sa.Connection) -> str:
    """64 hexadecimal digits for responsibility areas with their cells, "" where there are none."""
    areas = _responsibility(engine, db)
    return _of_multisets({"areas": areas, "cells of areas": _held_cells(engine, db)}) if len(areas) else ""


def _of_multisets(parts: Mapping[str, np.ndarray]) -> str:
    whole = hashlib.sha256()
    for name, hashes in parts.items():
        hashes.sort()
        whole.update(f"{name} {len(hashes)}\n".encode())
        whole.update(hashes.astype("<u8").tobytes())
    return whole.hexdigest()


def digest_of_session(engine: Engine, db: sa.Connection, session_id: int) -> tuple[int, str]:
    """`(rows, 64 hexadecimal digits)` of every version of a component that the session wrote.

    A version that a later session replaced lies in the history and still counts. The cell does not: it follows from the
    place, and a new grid does not change what was surveyed.
    """
    hashes = [
        _versions(db, read(engine, db, table.c.session_id == session_id, table=table))
        for table in (component, component_history)
    ]
    whole = np.sort(np.concatenate(hashes))
    head = f"session components {len(whole)}\n".encode()
    return len(whole), hashlib.sha256(head + whole.astype("<u8").tobytes()).hexdigest()


def _cells(engine: Engine, db: sa.Connection) -> np.ndarray:
    names = ("code", "community_code", "name", "initial_date", "note")
    found = engine.rows(db, sa.select(*(cell.c[name] for name in names), cell.c.shape))
    return _mixed([*(_texts(found[name]) for name in names), _shapes(found["shape"])])


def _components(engine: Engine, db: sa.Connection) -> np.ndarray:
    rows = read(engine, db)
    cells = _by_key({key: (code,) for key, code in codes_by_id(db).items()})
    return _versions(db, rows, cells[rows["cell_id"]])


def _versions(db: sa.Connection, rows: Rows, *cells: np.ndarray) -> np.ndarray:
    """One hash per stored version of a component."""
    terms = _by_key({key: (text,) for key, text in term_texts(db).items()})
    units = _by_key(unit_names(db))
    columns = [_texts(rows["code"])]
    columns += [terms[rows[f"{name}_term"]] for name in TERM_FIELDS]
    columns += [units[rows[f"{name}_unit"]] for name in UNIT_FIELDS]
    columns += cells
    columns += [_texts(rows[name]) for name in TEXT_FIELDS]
    columns += [rows[axis].view("u8") for axis in ("x", "y")]
    return _mixed([*columns, _shapes(rows["shape"])])


def _responsibility(engine: Engine, db: sa.Connection) -> np.ndarray:
    found: dict[str, Any] = engine.rows(db, sa.select(*responsibility_area.c))
    shapes = found.pop("shape")
    numbers = {
        name: ["" if v is None or v != v else repr(float(v)) for v in found[name]] for name in NUMBER_COLUMNS
    }
    return _mixed([*(_texts(numbers.get(name, found[name])) for name in found), _shapes(shapes)])


def _held_cells(engine: Engine, db: sa.Connection) -> np.ndarray:
    found = engine.rows(db, sa.select(*responsibility_area_cell.c))
    return _mixed([_texts(values) for values in found.values()])


def _by_key(texts: Mapping[int, Sequence[str]]) -> np.ndarray:
    """Hash of each key's text or texts, by key; an absent key (0, outside every cell) counts as ""."""
    out = np.full(max(texts, default=0) + 1, _text_hash(("",)), "u8")
    for key, words in texts.items():
        out[key] = _text_hash(words)
    return out


def _text_hash(words: Sequence[str]) -> int:
    data = "\x1f".join(words).encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _texts(values: list[str]) -> np.ndarray:
    """SipHash of each text, by pandas, whose key is fixed."""
    if not values or values.count("") == len(values):
        return np.zeros(len(values), "u8")
    hashes = pd.util.hash_array(np.array(values, dtype=object), categorize=False)
    return np.where(np.array([value == "" for value in values]), np.uint64(0), hashes)


def _shapes(values: list[bytes | None]) -> np.ndarray:
    out = np.zeros(len(values), "u8")
    for place, wkb in enumerate(values):
        if wkb is not None:
            out[place] = int.from_bytes(hashlib.blake2b(wkb, digest_size=8).digest(), "little")
    return out


def _mixed(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One hash per row; the order of the columns counts."""
    running: Hashes = np.zeros(len(columns[0]), "u8")
    for column in columns:
        running = _splitmix(running + column + np.uint64(0x9E3779B97F4A7C15))
    return running


def _splitmix(value: Hashes) -> Hashes:
    """Finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = value ^ (value >> np.uint64(31))
    return mixed
