"""Attribute tables of shapefiles (.dbf), read column by column: only distinct values are ever decoded.

The records are copied once into one byte matrix per field. A field whose values repeat is dictionary encoded as
fixed-width bytes and its dictionary decoded; a field of texts of their own is decoded in one piece and split. On
layers of a million records this is an order of magnitude faster than decoding row by row, with the same values.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from census.reading.tables import Flags
from kernel.errors import Refused

Block = NDArray[np.uint8]  # n rows × width bytes of one field

PLAIN_TYPES: Final = frozenset("CNFDL")
DELETED: Final = 0x2A
_ROWS_AT_A_TIME: Final = 2_048  # what is read is moved while it lies in the processor's cache
_SAMPLE: Final = 2_048
_WORKERS: Final = 2
_BLANK: Final = 0x20


@dataclass(frozen=True)
class DbfField:
    """One field: its raw name, type letter, offset in the record, width in bytes, digits behind the point."""

    raw_name: bytes
    type: str
    offset: int
    width: int
    decimals: int = 0


@dataclass(frozen=True)
class DbfHeader:
    """The head of a .dbf. `declared` records are announced, `stored` whole ones are in the file."""

    declared: int
    stored: int
    start: int
    record_width: int
    language_byte: int
    fields: tuple[DbfField, ...]

    @property
    def is_plain(self) -> bool:
        """Whether every field is of a type this reader knows."""
        return all(field.type in PLAIN_TYPES for field in self.fields)


def read_header(path: Path) -> DbfHeader:
    """The head of the .dbf at `path`. Raises `Refused` when the bytes are no dBASE head."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            raise _no_dbf(path)
        records, start, width = struct.unpack("<IHH", head[4:12])
        descriptors = file.read(max(0, start - 32))
    fields = _fields(descriptors)
    if start < 33 or start > size or not fields or width < 1 + sum(field.width for field in fields):
        raise _no_dbf(path)
    return DbfHeader(records, min(records, (size - start) // width), start, width, head[29], fields)


def _no_dbf(path: Path) -> Refused:
    return Refused(
        "{file} is not a dBASE table, though its name says so.",
        remedy="Ask for the file again, or open it in the program that made it and save it as a shapefile.",
        file=path.name,
    )


def _fields(descriptors: bytes) -> tuple[DbfField, ...]:
    fields: list[DbfField] = []
    offset = 1
    for at in range(0, len(descriptors) - 31, 32):
        one = descriptors[at : at + 32]
        if one[0] in (0x0D, 0x00):
            break
        type_ = chr(one[11])
        width = (
            one[16] | one[17] << 8 if type_ == "C" else one[16]
        )  # wide text fields keep the high byte here
        decimals = 0 if type_ == "C" else one[17]
        fields.append(DbfField(one[:11].split(b"\x00")[0], type_, offset, width, decimals))
        offset += width
    return tuple(fields)


@dataclass(frozen=True)
class RawColumn:
    """A field's bytes: distinct values with codes, or the whole block where most values differ."""

    field: DbfField
    codes: pa.Array | None
    distinct: tuple[bytes, ...]
    block: Block | None

    def samples(self) -> list[bytes]:
        """Texts that tell the encoding."""
        if self.block is None:
            return [trimmed(value) for value in self.distinct]
        step = max(1, len(self.block) // 20_000)
        return [trimmed(row.tobytes()) for row in self.block[::step]]


@dataclass(frozen=True)
class DbfTable:
    """The undecoded table: one raw column per field, and which records are marked as deleted."""

    header: DbfHeader
    raw: tuple[RawColumn, ...]
    deleted: Flags

    def samples(self) -> list[bytes]:
        """Field names and distinct texts, undecoded."""
        out = [column.field.raw_name for column in self.raw]
        for column in self.raw:
            if column.field.type == "C":
                out.extend(column.samples())
        return out

    def names(self, encoding: str) -> list[str]:
        """Field names as text, made unique."""
        names: list[str] = []
        for column in self.raw:
            name = column.field.raw_name.decode(encoding, errors="replace").rstrip("\ufffd ") or "field"
            while name in names:
                name += "_"
            names.append(name)
        return names

    def columns(self, encoding: str) -> dict[str, pa.Array]:
        """Every field as text (see `decoded`), all records, in the order of the file."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            arrays = list(pool.map(lambda column: decoded(column, encoding), self.raw))
        return dict(zip(self.names(encoding), arrays, strict=True))


def read_table(path: Path, header: DbfHeader | None = None) -> DbfTable:
    """The whole records of the .dbf at `path`, not decoded yet."""
    header = header or read_header(path)
    deleted, blocks = _read_blocks(path, header)
    with ThreadPoolExecutor(_WORKERS) as pool:
        raw = tuple(pool.map(_raw_column, header.fields, blocks))
    return DbfTable(header, raw, deleted)


def _read_blocks(path: Path, header: DbfHeader) -> tuple[Flags, list[Block]]:
    """Which records are marked as deleted, and the bytes of each field; two threads read a stretch each."""
    blocks = [np.empty((header.stored, field.width), np.uint8) for field in header.fields]
    marks = np.empty(header.stored, np.uint8)
    bounds = [header.stored * part // _WORKERS for part in range(_WORKERS + 1)]

    def read(first: int, last: int) -> None:
        for row, records in _records(path, header, first, last):
            rows = slice(row, row + len(records))
            marks[rows] = records["mark"]
            for number, block in enumerate(blocks):
                if block.shape[1]:
                    # As one value of so many bytes a cell is moved at once, not byte by byte.
                    _cells(block)[rows] = records[f"field {number}"]

    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(read, bounds[:-1], bounds[1:]))
    return marks == DELETED, blocks


def _cells(block: Block) -> NDArray[np.void]:
    return block.view(f"V{block.shape[1]}")[:, 0]


def _records(path: Path, header: DbfHeader, first: int, last: int) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Records `first` to `last` as they are in the file, some at a time: the number of the first, and all of them."""
    fields = [
        (f"field {number}", f"V{field.width}", field.offset) for number, field in enumerate(header.fields)
    ]
    names, formats, offsets = zip(("mark", "u1", 0), *fields, strict=True)
    kind = np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": header.record_width})
    buffer = np.empty(min(_ROWS_AT_A_TIME, max(1, last - first)), kind)
    with path.open("rb", buffering=0) as file:
        file.seek(header.start + first * header.record_width)
        for row in range(first, last, len(buffer)):
            records = buffer[: last - row]
            if file.readinto(records.view(np.uint8).data) != records.nbytes:
                raise Refused(
                    "{file} changed while it was read.",
                    remedy="Wait until the program that writes it has finished, then import again.",
                    file=path.name,
                )
            yield row, records


def _raw_column(field: DbfField, block: Block) -> RawColumn:
    rows = len(block)
    if field.width == 0:
        return RawColumn(field, pa.array(np.zeros(rows, np.int32)), (b"",), None)
    sample = block[:: max(1, rows // _SAMPLE)]
    if field.type == "C" and rows > _SAMPLE and 2 * len({row.tobytes() for row in sample}) > len(sample):
        return RawColumn(field, None, (), _blank_after_nul(block))
    cells = pa.FixedSizeBinaryArray.from_buffers(pa.binary(field.width), rows, [None, pa.py_buffer(block)])
    encoded = cells.dictionary_encode()
    return RawColumn(field, encoded.indices, tuple(encoded.dictionary.to_pylist()), None)


def _blank_after_nul(block: Block) -> Block:
    nul = block == 0
    if nul.any():
        block[np.logical_or.accumulate(nul, axis=1)] = _BLANK
    return block


def trimmed(value: bytes) -> bytes:
    """The text of a fixed-width cell: up to the first NUL, without blanks around it (as GDAL reads it)."""
    return value.split(b"\x00", 1)[0].strip(b" ")


def decoded(column: RawColumn, encoding: str) -> pa.Array:
    """A field as text: characters without blanks around them, numbers as written, dates as `2026-11-21`, `T` or `F`.

    Bytes that are no character, as of one cut off at the end of a full field, become U+FFFD.
    """
    if column.block is not None:
        return _decoded_block(column.block, encoding)
    as_text = _AS_TEXT[column.field.type]
    values = [as_text(value, encoding) for value in column.distinct]
    return pa.DictionaryArray.from_arrays(column.codes, pa.array(values, type=pa.string()))


def _characters(value: bytes, encoding: str) -> str:
    return trimmed(value).decode(encoding, errors="replace")


def _number(value: bytes, encoding: str) -> str:
    text = trimmed(value).decode("ascii", errors="replace").strip()
    return "" if text.strip("*") == "" else text  # asterisks: a number that did not fit, which is no number


def _date(value: bytes, encoding: str) -> str:
    text = trimmed(value).decode("ascii", errors="replace").strip()
    if len(text) != 8 or not text.isdigit():
        return text
    return "" if text == "00000000" else f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _logical(value: bytes, encoding: str) -> str:
    letter = value[:1].decode("ascii", errors="replace").upper()
    return "T" if letter in ("T", "Y") else "F" if letter in ("F", "N") else ""


_AS_TEXT: Final[dict[str, Callable[[bytes, str], str]]] = {
    "C": _characters, "N": _number, "F": _number, "D": _date, "L": _logical,
}  # fmt: skip


def _decoded_block(block: Block, encoding: str) -> pa.Array:
    """All rows at once: joined by NUL, decoded, split, trimmed."""
    rows, width = block.shape
    if block.max(initial=0) < 0x80 and not (block[:, [0, -1]] == _BLANK).any():
        offsets = np.arange(0, rows * width + 1, width, dtype=np.int64)
        return pa.LargeStringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(block))
    joined = np.zeros((rows, width + 1), np.uint8)
    joined[:, :width] = block
    raw = joined.tobytes()
    text = raw if block.max() < 0x80 else raw.decode(encoding, errors="replace").encode()
    whole = pa.LargeStringArray.from_buffers(
        1, pa.py_buffer(np.array([0, len(text)], dtype=np.int64)), pa.py_buffer(text)
    )
    cells = pc.split_pattern(whole, "\x00").values.slice(0, rows)
    return pc.utf8_trim(cells, " ")
