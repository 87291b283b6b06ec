"""PostgreSQL's binary COPY format from and to columns, without a Python object per number.

Format: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format". A row is the number of its fields (int16) and
per field a length (int32, -1 for NULL) and that many bytes; numbers are big-endian.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from data.engines.engine import Column, folded

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER: Final = struct.pack(">h", -1)
WITH_SRID: Final = 0x20000000  # EWKB's mark that a plane's number follows the type
DIALECT: Final[sa.Dialect] = postgresql.dialect()  # type: ignore[no-untyped-call]
NUMBER: Final = {"INTEGER": ">i4", "BIGINT": ">i8", "DOUBLE PRECISION": ">f8"}


class Layout:
    """How rows of some columns are written: what has one width in all rows first, in one block."""

    def __init__(
        self, columns: Mapping[str, sa.Column[Any]], values: Mapping[str, Column], srid: int
    ) -> None:
        self._kinds = {name: _kind(column) for name, column in columns.items()}
        self._srid = srid
        self._values = {name: _folded(values[name], self._kinds[name]) for name in columns}
        steady = [name for name in columns if self._is_steady(name)]
        self.names = [*steady, *(name for name in columns if name not in steady)]
        self._steady, self._moving = steady, self.names[len(steady) :]
        self._block = np.dtype(
            [("fields", ">i2")] + [part for name in steady for part in self._block_fields(name)]
        )

    def encode(self, start: int, end: int) -> bytes:
        """Rows start..end."""
        block = np.zeros(end - start, self._block)
        block["fields"] = len(self.names)
        for name in self._steady:
            self._fill(block, name, start, end)
        parts: list[Iterable[bytes]] = [block.view(f"V{self._block.itemsize}").tolist()]
        for name in self._moving:
            parts += self._lengths_and_bytes(name, start, end)
        return b"".join(itertools.chain.from_iterable(zip(*parts, strict=True)))

    def _is_steady(self, name: str) -> bool:
        value = self._values[name]
        if value is None or isinstance(value, int | str):
            return True
        return self._kinds[name] in NUMBER and not _has_gaps(value)

    def _block_fields(self, name: str) -> list[tuple[str, str]]:
        value, kind = self._values[name], self._kinds[name]
        fields = [(f"{name} length", ">i4")]
        if value is None:
            return fields
        if kind in NUMBER:
            return [*fields, (name, NUMBER[kind])]
        return [*fields, (name, f"V{len(str(value).encode())}")] if value else fields

    def _fill(self, block: np.ndarray, name: str, start: int, end: int) -> None:
        value, kind = self._values[name], self._kinds[name]
        if value is None:
            block[f"{name} length"] = -1
        elif kind in NUMBER:
            block[f"{name} length"] = block.dtype[name].itemsize
            block[name] = value if isinstance(value, int) else _checked(value[start:end], kind)
        elif value:
            data = str(value).encode()
            block[f"{name} length"] = len(data)
            block[name] = np.void(data)

    def _lengths_and_bytes(self, name: str, start: int, end: int) -> tuple[list[bytes], list[bytes]]:
        values = self._values[name]
        assert not isinstance(values, int | str | None)
        data = _encoded(values[start:end], self._kinds[name], self._srid)
        lengths = np.fromiter((-1 if each is None else len(each) for each in data), ">i4", len(data))
        return lengths.view("V4").tolist(), [b"" if each is None else each for each in data]


def numbers(data: bytes, labels: Sequence[str], floats: Sequence[bool]) -> dict[str, np.ndarray]:
    """Columns of a binary COPY of numbers without NULL, whose rows therefore have one width."""
    header = len(SIGNATURE)
    if len(data) <= header + len(TRAILER):
        return {label: np.empty(0, "f8" if f else "i8") for label, f in zip(labels, floats, strict=True)}
    fields, at = [("fields", ">i2")], header + 2
    for label, is_float in zip(labels, floats, strict=True):
        (width,) = struct.unpack_from(">i", data, at)
        fields += [(f"{label} length", ">i4"), (label, f">{'f' if is_float else 'i'}{width}")]
        at += 4 + width
    row = np.dtype(fields)
    table = np.frombuffer(data, row, (len(data) - header - len(TRAILER)) // row.itemsize, header)
    return {label: table[label].astype("f8" if f else "i8") for label, f in zip(labels, floats, strict=True)}


@cache
def _kind(column: sa.Column[Any]) -> str:
    words = str(column.type.compile(dialect=DIALECT))
    return words.split(" COLLATE")[0]


def _folded(column: Column, kind: str) -> Column:
    """As `folded`; numbers that may be missing become an array in which NaN is missing."""
    if kind == "DOUBLE PRECISION" and not isinstance(column, int | str | None):
        column = np.asarray(column, "f8")  # None becomes NaN
    return folded(column)


def _has_gaps(column: Any) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f" and bool(np.isnan(column).any())


def _checked(values: Any, kind: str) -> np.ndarray:
    array = np.asarray(values)
    if kind == "INTEGER" and array.size and (array.max() > 2**31 - 1 or array.min() < -(2**31)):
        raise ValueError(f"{array.max()} does not fit a 32-bit column")
    return array


def _encoded(values: Any, kind: str, srid: int) -> list[bytes | None]:
    if kind == "DOUBLE PRECISION":
        data = values.astype(">f8").view("V8").tolist()
        return [None if gap else each for gap, each in zip(np.isnan(values).tolist(), data, strict=True)]
    if kind == "geometry":
        return [None if each is None else _with_srid(each, srid) for each in values]
    if kind == "BYTEA":
        return list(values)
    return [None if each is None else each.encode() for each in values]


def _with_srid(wkb: bytes, srid: int) -> bytes:
    (kind,) = struct.unpack_from("<I", wkb, 1)
    return struct.pack("<BII", 1, kind | WITH_SRID, srid) + wkb[5:]
