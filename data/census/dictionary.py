"""Few texts, many rows: texts and responsible units by number, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.journal import Work
from data.tables import term, unit

ASK_AT_ONCE = 4_000  # values in one IN list


def distinct(column: Any) -> tuple[np.ndarray, list[str]]:
    """`(index[n], texts)` of a text column: a categorical, an array or a series of str; missing is "".

    U+0000 is left out, as in `data.shapes.texts`; two of the texts may then be equal.
    """
    series = pd.Series(column, copy=False)
    if isinstance(series.dtype, pd.CategoricalDtype):
        categories = [str(text).replace("\0", "") for text in series.cat.categories]
        index, present = pd.factorize(series.cat.codes.to_numpy())  # leaves out categories no row has
        return index, ["" if code < 0 else categories[code] for code in present.tolist()]
    index, texts = pd.factorize(series.astype("str").fillna(""))
    return index, [str(text).replace("\0", "") for text in texts]


def term_ids(db: sa.Connection, texts: Iterable[str], work: Work | None = None) -> dict[str, int]:
    """Keys of `texts`. New ones are added when `work` is given, else they get negative keys that match nothing."""
    wanted = list(dict.fromkeys(texts))
    known: dict[str, int] = {}
    for start in range(0, len(wanted), ASK_AT_ONCE):
        part = wanted[start : start + ASK_AT_ONCE]
        query = sa.select(term.c.text, term.c.term_id).where(term.c.text.in_(part))
        known.update((row.text, row.term_id) for row in db.execute(query))
    fresh = [text for text in wanted if text not in known]
    ids = _new_keys("term", len(fresh), work)
    if work and fresh:
        work.engine.insert(db, term, {"term_id": ids, "text": fresh}, len(fresh))
    return known | dict(zip(fresh, ids.tolist(), strict=True))


def unit_ids(
    db: sa.Connection, pairs: Iterable[tuple[str, str]], work: Work | None = None
) -> dict[tuple[str, str], int]:
    """Keys of (code, name) pairs; new ones as in `term_ids`."""
    known = {(row.code, row.name): row.unit_id for row in db.execute(sa.select(unit))}
    fresh = [pair for pair in dict.fromkeys(pairs) if pair not in known]
    ids = _new_keys("unit", len(fresh), work)
    if work and fresh:
        codes, names = map(list, zip(*fresh, strict=True))
        work.engine.insert(db, unit, {"unit_id": ids, "code": codes, "name": names}, len(fresh))
    return known | dict(zip(fresh, ids.tolist(), strict=True))


def _new_keys(kind: str, count: int, work: Work | None) -> np.ndarray:
    if work is None or not count:
        return -1 - np.arange(count)
    first = work.next_ids(kind, count)
    return np.arange(first, first + count)


def term_texts(db: sa.Connection, *ids: np.ndarray) -> dict[int, str]:
    """Texts by key: of the keys given, or all of them."""
    query = narrowed(sa.select(term.c.term_id, term.c.text), term.c.term_id, ids)
    return {row.term_id: row.text for row in db.execute(query)}


def unit_names(db: sa.Connection, *ids: np.ndarray) -> dict[int, tuple[str, str]]:
    """(code, name) by key: of the keys given, or all of them."""
    query = narrowed(sa.select(unit), unit.c.unit_id, ids)
    return {row.unit_id: (row.code, row.name) for row in db.execute(query)}


def narrowed(query: sa.Select[Any], key: Any, ids: Sequence[np.ndarray]) -> sa.Select[Any]:
    """The query for the rows of the keys in `ids`, where there are few enough to ask for them one by one."""
    if not ids or sum(map(len, ids)) > ASK_AT_ONCE:
        return query
    return query.where(key.in_(np.unique(np.concatenate(ids)).tolist()))


def categorical(ids: np.ndarray, texts: dict[int, str]) -> pd.Categorical[Any]:
    """A text column from keys; keys may share a text."""
    index, present = pd.factorize(ids)
    categories: dict[str, int] = {}
    codes = np.array([categories.setdefault(texts[key], len(categories)) for key in present.tolist()], "i4")
    column: pd.Categorical[Any] = pd.Categorical.from_codes(
        codes[index], pd.Index(list(categories), dtype="str")
    )
    return column
