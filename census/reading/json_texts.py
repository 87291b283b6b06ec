"""Rows of text columns as JSON object texts, column by column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from census.reading.tables import Ints, constant

_ESCAPED: Final = r'["\\\x00-\x1f]'  # what JSON does not take as it is
_NOTHING: Final = pa.scalar("", pa.large_string())


class JsonRows:
    """Makes JSON of any rows of `columns` (field name → text array of one length); distinct texts are written once."""

    def __init__(self, columns: Mapping[str, pa.Array]) -> None:
        self._columns = [
            (name, column, _members(name, column.dictionary) if pa.types.is_dictionary(column.type) else None)
            for name, column in columns.items()
        ]

    def of(self, rows: Ints | slice) -> pa.Array:
        """One JSON object text per row from its non-empty texts; `""` for a row that has none."""
        parts = [_part(name, _some(column, rows), members) for name, column, members in self._columns]
        if not parts:
            raise ValueError("rows without columns have no JSON")
        joined = pc.utf8_rtrim(pc.binary_join_element_wise(*parts, _NOTHING), ", ")
        braced = pc.binary_join_element_wise(
            pa.scalar("{", pa.large_string()), joined, pa.scalar("}", pa.large_string()), _NOTHING
        )
        return pc.if_else(pc.equal(braced, "{}"), _NOTHING, braced)


def as_json(columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """One JSON object text for each of all `rows`; see `JsonRows.of`."""
    return JsonRows(columns).of(slice(0, rows)) if columns else constant("", rows)


def _some(column: pa.Array, rows: Ints | slice) -> pa.Array:
    return column[rows] if isinstance(rows, slice) else column.take(pa.array(rows))


def _part(name: str, column: pa.Array, members: pa.Array | None) -> pa.Array:
    return _members(name, column) if members is None else members.take(column.indices)


def _members(name: str, texts: pa.Array) -> pa.Array:
    """`"name": "text", ` for each text, `""` where it is empty."""
    texts = texts.cast(pa.large_string()).fill_null("")
    written = texts
    if pc.any(pc.match_substring_regex(texts, _ESCAPED)).as_py():
        escaped = [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts.to_pylist()]
        written = pa.array(escaped, pa.large_string())
    key = pa.scalar(f'{json.dumps(name, ensure_ascii=False)}: "', pa.large_string())
    end = pa.scalar('", ', pa.large_string())
    whole = pc.binary_join_element_wise(key, written, end, _NOTHING)
    return pc.if_else(pc.equal(texts, ""), _NOTHING, whole)
