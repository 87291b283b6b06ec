"""Many rows as the pages of a small SQLite database in memory, from which SQLite itself copies them into a store.

Binding a row costs more than everything SQLite then does with it. So the rows are encoded column by column into the
documented file format (https://www.sqlite.org/fileformat2.html: record format, b-tree pages), and the image is attached
and read by `INSERT INTO … SELECT *`, which moves whole records from tree to tree inside our transaction. The store's own
pages are written by SQLite alone. What does not fit the simple case gives no image, and the caller inserts row by row:
keys not ascending, a row that does not fit on a page, a text that is no text, hardly any rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

PAGE: Final = 4096
LONGEST_ROW: Final = (
    4061 - 7
)  # bytes of a row that stay on one leaf page of a table, less the cell's own head
MOST_BYTES: Final = 2**29  # SQLite's locks lie on the page at 1 GiB, which an image would have to leave out
_LEAF_HEAD: Final = 8
_INNER_HEAD: Final = 12
_INNER_CELLS: Final = 240
_LEAF, _INNER = 13, 5
_NULL, _REAL, _BLOB, _TEXT = 0, 7, 12, 13
_WHOLE: Final = ((1, 1), (2, 2), (3, 3), (4, 4), (6, 5), (8, 6))  # bytes of a whole number, its serial type
_AUTO_VACUUM: Final = slice(52, 56)
_PAGES: Final = slice(28, 32)
_BLOCK_ROWS: Final = 65_536

Bytes = Any  # np.ndarray of uint8


@dataclass(frozen=True)
class _Field:
    """One column of n rows: serial types as bytes (uint8[n or 1, w]) and bodies, either `fixed` (uint8[n or 1, b]) or
    the `data` between `starts` and `starts + lengths`.
    """

    types: Bytes
    fixed: Bytes
    data: Bytes | None = None
    starts: np.ndarray | None = None
    lengths: np.ndarray | None = None


def image(create: str, keys: np.ndarray, columns: Sequence[Any]) -> memoryview | None:
    """A database with one table made by `create`, filled with rows; None where they do not fit the simple case.

    `keys`: the table's INTEGER PRIMARY KEY, its first column, ascending; `columns`: the others in order, each an array of
    whole or real numbers, a list of texts, of bytes or None, or one value for all rows.
    """
    if not len(keys) or (np.diff(keys) <= 0).any() or keys[0] < 0 or keys[-1] >= 2**28:
        return None
    empty = _empty(create)
    if any(empty[_AUTO_VACUUM]) or len(empty) != 2 * PAGE:
        return None
    fields = [_field(column) for column in columns]
    if any(field is None for field in fields):
        return None
    rows = _Rows(keys, [_field(None), *fields])  # type: ignore[list-item]
    if rows.longest > LONGEST_ROW or not 2 * PAGE <= int(rows.sizes.sum()) <= MOST_BYTES:
        return None
    return _database(empty, keys, rows)


def _empty(create: str) -> bytes:
    """The empty database: its first page holds the schema, its second is the table's empty root."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(create)
        return connection.serialize()
    finally:
        connection.close()


# ---------------------------------------------------------------- columns


def _field(column: Any) -> _Field | None:
    """A column's serial types and bodies; None where there is none for it."""
    if column is None:
        return _Field(_varint([_NULL]), np.empty((1, 0), "u1"))
    if isinstance(column, bool | int):
        column = np.array([column], "i8")
    if isinstance(column, str | bytes):
        column = [column]
    if isinstance(column, np.ndarray):
        return _numbers(column)
    return _texts(column)


def _numbers(column: np.ndarray) -> _Field | None:
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        if missing.any():
            return None
        return _Field(_varint([_REAL]), column.astype(">f8").view("u1").reshape(-1, 8))
    if column.dtype.kind not in "iu":
        return None
    low, high = int(column.min()), int(column.max())
    size, kind = next((s, k) for s, k in _WHOLE if -(1 << (8 * s - 1)) <= low and high < 1 << (8 * s - 1))
    wide = np.ascontiguousarray(column.astype(">i8")).view("u1").reshape(-1, 8)
    return _Field(_varint([kind]), wide[:, 8 - size :])


def _texts(column: Sequence[Any]) -> _Field | None:
    """Texts or bytes with their lengths; None may stand among them."""
    try:
        whole = pa.array(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowCapacityError, UnicodeEncodeError):
        return None
    if pa.types.is_null(whole.type):
        return _field(None)
    if not (pa.types.is_string(whole.type) or pa.types.is_binary(whole.type)):
        return None
    if isinstance(whole, pa.ChunkedArray):  # more than 2 GiB of them
        return None
    base = _TEXT if pa.types.is_string(whole.type) else _BLOB
    offsets = np.frombuffer(whole.buffers()[1], "i4", len(whole) + 1)
    data = whole.buffers()[2]
    lengths = np.diff(offsets).astype("i8")
    if lengths.max(initial=0) > LONGEST_ROW:
        return None
    there = np.asarray(whole.is_valid())
    types = _varint(np.where(there, base + 2 * lengths, _NULL))
    text = np.frombuffer(data, "u1") if data is not None else np.empty(0, "u1")
    if len(lengths) and lengths[0] == lengths[-1] and (lengths == lengths[0]).all():
        return _Field(types, text[offsets[0] : offsets[-1]].reshape(len(lengths), -1))
    return _Field(types, np.empty((1, 0), "u1"), text, offsets[:-1].astype("i8"), lengths)


def _varint(values: Any) -> Bytes:
    """Numbers below 2^28 in the fewest bytes (1 to 4) that hold all of them: uint8[n, bytes]."""
    numbers = np.asarray(values, "i8")
    width = next(w for w in (1, 2, 3, 4) if numbers.max(initial=0) < 1 << (7 * w))
    out = np.empty((*numbers.shape, width), "u1")
    for k in range(width):
        more = 0x80 if k < width - 1 else 0
        out[..., k] = (numbers >> (7 * (width - 1 - k))) & 0x7F | more
    return out


# ---------------------------------------------------------------- rows


class _Rows:
    """The cells of all rows: each a head (size, key, serial types) and the bodies."""

    def __init__(self, keys: np.ndarray, fields: Sequence[_Field]) -> None:
        count = len(keys)
        heads = 1 + sum(field.types.shape[1] for field in fields)
        fixed = sum(field.fixed.shape[1] for field in fields)
        ragged = [field for field in fields if field.lengths is not None]
        self.sizes = np.full(count, heads + fixed, "i8")
        for field in ragged:
            self.sizes += field.lengths
        self.longest = int(self.sizes.max())
        self._before = [_varint(self.sizes), _varint(keys), np.array([[heads]], "u1")]
        self._before += [field.types for field in fields]
        self._fields = fields
        self.uniform = not ragged
        self.sizes += self._before[0].shape[1] + self._before[1].shape[1]

    def matrix(self, first: int, last: int) -> Bytes:
        """The cells of some rows, one below the other, where all are of one size."""
        parts = [*self._before, *(field.fixed for field in self._fields)]
        return _beside([_some(part, first, last) for part in parts], last - first)

    def scatter(self, out: Bytes, at: np.ndarray, first: int, last: int) -> None:
        """Write the cells of some rows into `out`, each at its place `at`."""
        at, run = at[first:last], list(self._before)
        for field in self._fields:
            run.append(field.fixed)
            if field.lengths is not None:
                at = _put(out, at, [_some(part, first, last) for part in run])
                at, run = _put_texts(out, at, field, first, last), []
        _put(out, at, [_some(part, first, last) for part in run])


def _some(part: Bytes, first: int, last: int) -> Bytes:
    return part if len(part) == 1 else part[first:last]


def _put(out: Bytes, at: np.ndarray, parts: Sequence[Bytes]) -> np.ndarray:
    """Write the parts of each row, one behind the other, at its place; where the next byte of each row belongs."""
    block = _beside(parts, len(at))
    if block.shape[1]:
        _windows(out, block.shape[1])[at] = block
    return at + block.shape[1]


def _put_texts(out: Bytes, at: np.ndarray, field: _Field, first: int, last: int) -> np.ndarray:
    """Write the texts of some rows, all of one length at a time; where the next byte of each row belongs."""
    assert field.data is not None and field.starts is not None and field.lengths is not None
    starts, lengths = field.starts[first:last], field.lengths[first:last]
    order = np.argsort(lengths, kind="stable")
    bounds = np.flatnonzero(np.diff(lengths[order])) + 1
    for rows in np.split(order, bounds):
        length = int(lengths[rows[0]])
        if length:
            _windows(out, length)[at[rows]] = _windows(field.data, length)[starts[rows]]
    return at + lengths


def _windows(data: Bytes, length: int) -> Bytes:
    """Every stretch of `length` bytes, by where it begins: one row is then moved as a whole."""
    windows: Bytes = np.lib.stride_tricks.as_strided(data, (len(data) - length + 1, length), (1, 1))
    return windows


def _beside(parts: Sequence[Bytes], count: int) -> Bytes:
    """Parts of equally many rows side by side; a part of one row stands in every row."""
    out = np.empty((count, sum(part.shape[1] for part in parts)), "u1")
    left = 0
    for part in parts:
        out[:, left : left + part.shape[1]] = part
        left += part.shape[1]
    return out


# ---------------------------------------------------------------- pages


def _database(empty: bytes, keys: np.ndarray, rows: _Rows) -> memoryview:
    """Leaf pages behind the empty database's two, inner pages behind them; the root takes the second page's place."""
    firsts = _first_rows(rows)
    inner = _inner_levels(len(firsts))
    pages = np.zeros((2 + len(firsts) + sum(inner), PAGE), "u1")
    pages[0] = np.frombuffer(empty, "u1", PAGE)
    pages[0, _PAGES] = np.frombuffer(len(pages).to_bytes(4, "big"), "u1")
    fill = _even_leaves if rows.uniform else _leaves
    fill(pages[2 : 2 + len(firsts)], firsts, rows)
    children, last_keys = np.arange(3, 3 + len(firsts)), keys[np.r_[firsts[1:], len(keys)] - 1]
    at = 2 + len(firsts)
    for count in inner:
        bounds = np.arange(count + 1) * len(children) // count  # evenly, so that no page has a single child
        for page, (begin, end) in enumerate(pairwise(bounds.tolist()), start=at):
            _inner(pages[page], children[begin:end], last_keys[begin:end])
        last_keys = last_keys[bounds[1:] - 1]
        children = np.arange(at + 1, at + 1 + count)
        at += count
    _inner(pages[1], children, last_keys)
    return pages.reshape(-1).data


def _inner_levels(leaves: int) -> list[int]:
    """How many pages each level between leaves and root has."""
    levels, count = [], leaves
    while count > _INNER_CELLS:
        count = -(-count // _INNER_CELLS)
        levels.append(count)
    return levels


def _first_rows(rows: _Rows) -> np.ndarray:
    """The first row of each leaf page: as many cells, each with its pointer, as fit."""
    room = PAGE - _LEAF_HEAD
    if rows.uniform:
        return np.arange(0, len(rows.sizes), room // (int(rows.sizes[0]) + 2))
    ends = np.cumsum(rows.sizes + 2)
    firsts, row, before = [], 0, 0
    while row < len(ends):
        firsts.append(row)
        row = int(np.searchsorted(ends, before + room, side="right"))
        before = int(ends[row - 1])
    return np.array(firsts)


def _even_leaves(out: Bytes, firsts: np.ndarray, rows: _Rows) -> None:
    """Fill the pages with cells of one size: all pages but the last are alike."""
    count, size = len(rows.sizes), int(rows.sizes[0])
    per_page = int(firsts[1]) if len(firsts) > 1 else count
    step = max(_BLOCK_ROWS // per_page, 1)
    for begin in range(0, len(firsts), step):
        pages = out[begin : begin + step]
        first, last = begin * per_page, min((begin + step) * per_page, count)
        whole = (last - first) // per_page
        cells = rows.matrix(first, last).ravel()
        split = whole * per_page * size
        _fill(pages[:whole], cells[:split].reshape(whole, -1), per_page, size)
        if split < len(cells):
            _fill(pages[whole:], cells[split:].reshape(1, -1), (len(cells) - split) // size, size)


def _fill(pages: Bytes, cells: Bytes, count: int, size: int) -> None:
    """Head, pointers and `count` cells of `size` bytes of pages that are alike."""
    start = PAGE - count * size
    pages[:, 0] = _LEAF
    _big_endian(pages, 3, count)
    _big_endian(pages, 5, start)
    pointers = (start + size * np.arange(count)).astype(">u2").view("u1")
    pages[:, _LEAF_HEAD : _LEAF_HEAD + 2 * count] = pointers
    pages[:, start:] = cells


def _leaves(pages: Bytes, firsts: np.ndarray, rows: _Rows) -> None:
    """Fill the pages: head, cell pointers, and the cells at the end of each page in ascending order."""
    count = len(rows.sizes)
    per_page = np.diff(np.r_[firsts, count])
    ends = np.cumsum(rows.sizes)
    last_end = ends[firsts + per_page - 1]
    pages[:, 0] = _LEAF
    _big_endian(pages, 3, per_page)
    _big_endian(pages, 5, PAGE - np.diff(last_end, prepend=0))
    # The last cell of a page ends where the page does, so every cell lies as far before that as in the row of all.
    at = ends - rows.sizes + np.repeat(PAGE * np.arange(1, len(firsts) + 1) - last_end, per_page)
    out = pages.reshape(-1)
    nth = np.arange(count) + np.repeat(
        PAGE // 2 * np.arange(len(firsts)) + _LEAF_HEAD // 2 - firsts, per_page
    )
    out.view(">u2")[nth] = at % PAGE
    for first in range(0, count, _BLOCK_ROWS):
        rows.scatter(out, at, first, min(first + _BLOCK_ROWS, count))


def _inner(page: Bytes, children: np.ndarray, last_keys: np.ndarray) -> None:
    """Fill an inner page: a cell (child, its largest key) for all children but the last, which the head names."""
    pointers = children[:-1].astype(">u4").view("u1").reshape(-1, 4)
    cells = np.concatenate([pointers, _varint(last_keys[:-1])], axis=1)
    start = PAGE - cells.size
    page[0] = _INNER
    _big_endian(page, 3, len(cells))
    _big_endian(page, 5, start)
    page[8:_INNER_HEAD] = np.frombuffer(int(children[-1]).to_bytes(4, "big"), "u1")
    places = start + np.arange(len(cells)) * cells.shape[1]
    page[_INNER_HEAD : _INNER_HEAD + 2 * len(cells)] = places.astype(">u2").view("u1")
    page[start:] = cells.ravel()


def _big_endian(pages: Bytes, at: int, values: Any) -> None:
    pages[..., at], pages[..., at + 1] = values >> 8, values & 0xFF
