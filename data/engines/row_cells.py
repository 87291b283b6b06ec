"""Columns encoded as SQLite keeps them: serial types and bodies, put together to the cells of a b-tree.

After the record format of https://www.sqlite.org/fileformat2.html. A cell is a head (its size, and in a table its key),
the record's header of serial types, and the values' bodies. All of a column is encoded at once; cells are then written
to their places many at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

LONGEST_ROW: Final = (
    4061 - 7
)  # bytes of a row that stay on one leaf page of a table, less the cell's own head
NULL, REAL, BLOB, TEXT = 0, 7, 12, 13
_WHOLE: Final = ((1, 1), (2, 2), (3, 3), (4, 4), (6, 5), (8, 6))  # bytes of a whole number, its serial type

Bytes = Any  # np.ndarray of uint8
Some = slice | np.ndarray  # which rows


@dataclass(frozen=True)
class Field:
    """One column of n rows: serial types as bytes (uint8[n or 1, w]) and bodies, either `fixed` (uint8[n or 1, b]) or
    the `data` between `starts` and `starts + lengths`.
    """

    types: Bytes
    fixed: Bytes
    data: Bytes | None = None
    starts: np.ndarray | None = None
    lengths: np.ndarray | None = None


def field(column: Any) -> Field | None:
    """A column's serial types and bodies; None where there is none for it.

    `column`: whole or real numbers, texts or bytes among which None may stand, or one value for all rows.
    """
    if column is None:
        return Field(varint([NULL]), np.empty((1, 0), "u1"))
    if isinstance(column, bool | int):
        column = np.array([column], "i8")
    if isinstance(column, str | bytes):
        column = [column]
    if isinstance(column, np.ndarray):
        return numbers(column)
    return texts(column)


def numbers(column: np.ndarray) -> Field | None:
    """A column of numbers, none missing: all in as many bytes as the largest needs."""
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        if missing.any():
            return None
        return Field(varint([REAL]), column.astype(">f8").view("u1").reshape(-1, 8))
    if column.dtype.kind not in "iu":
        return None
    low, high = int(column.min()), int(column.max())
    size, kind = next((s, k) for s, k in _WHOLE if -(1 << (8 * s - 1)) <= low and high < 1 << (8 * s - 1))
    wide = np.ascontiguousarray(column.astype(">i8")).view("u1").reshape(-1, 8)
    return Field(varint([kind]), wide[:, 8 - size :])


def texts(column: Sequence[Any]) -> Field | None:
    """Texts or bytes with their lengths; None may stand among them."""
    try:
        whole = pa.array(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowCapacityError, UnicodeEncodeError):
        return None
    if pa.types.is_null(whole.type):
        return field(None)
    if not (pa.types.is_string(whole.type) or pa.types.is_binary(whole.type)):
        return None
    if isinstance(whole, pa.ChunkedArray):  # more than 2 GiB of them
        return None
    base = TEXT if pa.types.is_string(whole.type) else BLOB
    offsets = np.frombuffer(whole.buffers()[1], "i4", len(whole) + 1)
    data = whole.buffers()[2]
    lengths = np.diff(offsets).astype("i8")
    if lengths.max(initial=0) > LONGEST_ROW:
        return None
    there = np.asarray(whole.is_valid())
    types = varint(np.where(there, base + 2 * lengths, NULL))
    text = np.frombuffer(data, "u1") if data is not None else np.empty(0, "u1")
    if len(lengths) and lengths[0] == lengths[-1] and (lengths == lengths[0]).all():
        return Field(types, text[offsets[0] : offsets[-1]].reshape(len(lengths), -1))
    return Field(types, np.empty((1, 0), "u1"), text, offsets[:-1].astype("i8"), lengths)


def varint(values: Any) -> Bytes:
    """Numbers below 2^28 in the fewest bytes (1 to 4) that hold all of them: uint8[n, bytes]."""
    whole = np.asarray(values, "i8")
    width = next(w for w in (1, 2, 3, 4) if whole.max(initial=0) < 1 << (7 * w))
    out = np.empty((*whole.shape, width), "u1")
    for k in range(width):
        more = 0x80 if k < width - 1 else 0
        out[..., k] = (whole >> (7 * (width - 1 - k))) & 0x7F | more
    return out


class Cells:
    """The cells of n rows: each a head (size, key where there are `keys`, serial types) and the bodies.

    `sizes`: bytes of each cell; `longest`: of the longest record; `uniform`: whether all are of one size.
    """

    def __init__(self, count: int, fields: Sequence[Field], keys: np.ndarray | None = None) -> None:
        heads = 1 + sum(each.types.shape[1] for each in fields)
        fixed = sum(each.fixed.shape[1] for each in fields)
        ragged = [each for each in fields if each.lengths is not None]
        self.sizes = np.full(count, heads + fixed, "i8")
        for each in ragged:
            self.sizes += each.lengths
        self.longest = int(self.sizes.max())
        self._before = [varint(self.sizes), *([] if keys is None else [varint(keys)])]
        self.sizes += sum(part.shape[1] for part in self._before)
        self._before += [np.array([[heads]], "u1"), *(each.types for each in fields)]
        self._fields = fields
        self.uniform = not ragged

    def matrix(self, first: int, last: int) -> Bytes:
        """The cells of some rows, one below the other, where all are of one size."""
        parts = [*self._before, *(each.fixed for each in self._fields)]
        return _beside([_some(part, slice(first, last)) for part in parts], last - first)

    def scatter(self, out: Bytes, at: np.ndarray, rows: Some) -> None:
        """Write the cells of some rows into `out`, each at its place `at`."""
        run = list(self._before)
        for each in self._fields:
            run.append(each.fixed)
            if each.lengths is not None:
                at = put(out, at, [_some(part, rows) for part in run])
                at, run = _put_texts(out, at, each, rows), []
        put(out, at, [_some(part, rows) for part in run])


def _some(part: Bytes, rows: Some) -> Bytes:
    return part if len(part) == 1 else part[rows]


def put(out: Bytes, at: np.ndarray, parts: Sequence[Bytes]) -> np.ndarray:
    """Write the parts of each row, one behind the other, at its place; where the next byte of each row belongs."""
    block = _beside(parts, len(at))
    if block.shape[1]:
        _windows(out, block.shape[1])[at] = block
    return at + block.shape[1]


def _put_texts(out: Bytes, at: np.ndarray, each: Field, rows: Some) -> np.ndarray:
    """Write the texts of some rows, all of one length at a time; where the next byte of each row belongs."""
    assert each.data is not None and each.starts is not None and each.lengths is not None
    starts, lengths = each.starts[rows], each.lengths[rows]
    order = np.argsort(lengths, kind="stable")
    bounds = np.flatnonzero(np.diff(lengths[order])) + 1
    for alike in np.split(order, bounds):
        length = int(lengths[alike[0]])
        if length:
            _windows(out, length)[at[alike]] = _windows(each.data, length)[starts[alike]]
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
