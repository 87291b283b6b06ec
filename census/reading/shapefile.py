"""Shapefiles: points and attributes by our own reader, lines and areas with GDAL's help, broken ones as far as they go.

What a layer lost on the way is said, not guessed: without .dbf every feature is bare, without .shx the records are
read one after the other, a truncated .shp gives its whole records and leaves the rest unreadable. `rows` are record
number + 1, as every desktop program counts them; records marked as deleted in the .dbf are no features.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from census.options import ReadOptions
from census.reading import dbf, encodings
from census.reading.tables import SHAPEFILE, Encoding, Flags, Floats, Ints, Note, Objects, SourceTable
from census.reading.vector import Geometries, read_gdal_attributes, read_geometries
from kernel.errors import Refused

_HEAD_BYTES: Final = 100
_POINT_TYPES: Final = frozenset((1, 11, 21))
_POINT_RECORD: Final = np.dtype(
    [("number", ">i4"), ("words", ">i4"), ("type", "<i4"), ("x", "<f8"), ("y", "<f8")]
)  # fmt: skip
_NO_DATA: Final = -1e38  # the format's way to say that a measure is missing


@dataclass(frozen=True)
class Parts:
    """The files of one shapefile; None for what is not there."""

    shp: Path
    shx: Path | None
    dbf: Path | None
    prj: Path | None
    cpg: Path | None


def find_parts(shp: Path) -> Parts:
    """The files beside `shp` with its name, whatever the case of their endings."""
    beside = {path.suffix.lower(): path for path in shp.parent.iterdir() if path.stem == shp.stem}
    return Parts(shp, beside.get(".shx"), beside.get(".dbf"), beside.get(".prj"), beside.get(".cpg"))


def read_shapefile(path: Path, shown: str, options: ReadOptions) -> SourceTable:
    """The layer of the shapefile at `path`; `shown` is where the user sees it.

    Raises `Refused` when `path` is no shapefile or has no feature at all.
    """
    parts = find_parts(path)
    shapes = read_shapes(parts)
    attributes = _read_attributes(parts, options)
    count = max(len(shapes.x), attributes.rows)
    notes = [*shapes.notes, *attributes.notes]
    if parts.dbf is not None and attributes.rows < len(shapes.x):
        notes.append(Note("dbf_shorter", f"{attributes.rows} < {len(shapes.x)}"))
    kept = np.flatnonzero(~_padded(attributes.deleted, count, False))
    bare = np.arange(count) >= attributes.rows
    missing = np.arange(count) >= len(shapes.x)
    return SourceTable(
        file=path.name,
        path=shown,
        layer=path.stem,
        family=SHAPEFILE,
        columns={name: _padded_column(column, count, kept) for name, column in attributes.columns.items()},
        records=kept,
        rows=kept + 1,
        x=_padded(shapes.x, count, np.nan)[kept],
        y=_padded(shapes.y, count, np.nan)[kept],
        shapes=None if shapes.shapes is None else _padded(shapes.shapes, count, None)[kept],
        unreadable=(_padded(shapes.unreadable, count, False) | missing)[kept],
        bare=bare[kept],
        declared_crs="" if parts.prj is None else parts.prj.read_text("utf-8", errors="replace").strip(),
        encoding=attributes.encoding,
        notes=tuple(notes),
    )


def _padded(values: np.ndarray, count: int, fill: object) -> np.ndarray:
    if len(values) == count:
        return values
    out = np.full(count, fill, dtype=values.dtype)
    out[: len(values)] = values
    return out


def _padded_column(column: pa.Array, count: int, kept: Ints) -> pa.Array:
    if len(column) == count == len(kept):
        return column
    index = pa.array(np.where(kept < len(column), kept, -1), mask=kept >= len(column))
    values = column.take(index)
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    return values.fill_null("").dictionary_encode()


# ---------------------------------------------------------------- attributes


@dataclass(frozen=True)
class Attributes:
    """The decoded .dbf, all records, and what was said about it."""

    rows: int
    columns: dict[str, pa.Array]
    deleted: Flags
    encoding: Encoding
    notes: tuple[Note, ...] = ()


def _read_attributes(parts: Parts, options: ReadOptions) -> Attributes:
    nothing = np.empty(0, dtype=bool)
    if parts.dbf is None:
        return Attributes(0, {}, nothing, Encoding("", 1.0, "no .dbf"), (Note("missing_dbf"),))
    header = dbf.read_header(parts.dbf)
    notes = []
    if header.stored < header.declared:
        notes.append(Note("truncated_file", f"{parts.dbf.name}: {header.stored} < {header.declared}"))
    table = dbf.read_table(parts.dbf, header)
    encoding = _encoding(parts, header, table, options)
    notes += _encoding_notes(encoding, header, parts, options)
    if header.is_plain:
        columns = table.columns(encoding.name)
    else:
        columns = read_gdal_attributes(parts.dbf, encoding.name, header.stored)
    return Attributes(header.stored, columns, table.deleted, encoding, tuple(notes))


def _encoding(parts: Parts, header: dbf.DbfHeader, table: dbf.DbfTable, options: ReadOptions) -> Encoding:
    declared = _declared(parts, header)
    if options.encoding:
        given = encodings.known_encoding(options.encoding, parts.shp.name)
        return Encoding(given, 1.0, "given by the user", "")
    return encodings.detect(table.samples(), declared, options.known_words)


def _declared(parts: Parts, header: dbf.DbfHeader) -> str:
    named = "" if parts.cpg is None else encodings.declared_by_cpg(parts.cpg.read_text("latin-1"))
    return named or encodings.LANGUAGE_BYTES.get(header.language_byte, "")


def _encoding_notes(
    encoding: Encoding, header: dbf.DbfHeader, parts: Parts, options: ReadOptions
) -> list[Note]:
    if options.encoding or encoding.evidence == "plain ASCII":
        return []
    if encoding.contradicted:
        return [Note("misdeclared_encoding", f"{encoding.declared} → {encoding.name}")]
    if not encoding.declared and encoding.name != encodings.UTF8:
        return [Note("undeclared_encoding", encoding.name)]
    return []


# ---------------------------------------------------------------- geometry


@dataclass(frozen=True)
class Shapes:
    """Coordinates and geometries in the order of the .shp."""

    x: Floats
    y: Floats
    shapes: Objects | None
    unreadable: Flags
    notes: tuple[Note, ...]


def read_shapes(parts: Parts) -> Shapes:
    """Every whole record of the .shp. Raises `Refused` when the file is no shapefile."""
    type_ = _shape_type(parts.shp)
    if type_ in _POINT_TYPES:
        data = np.fromfile(parts.shp, np.uint8)
        simple = _uniform_points(data)
        if simple is not None:
            notes = () if parts.shx is not None else (Note("missing_shx"),)
            return Shapes(*simple, None, np.zeros(len(simple[0]), bool), notes)
        index = _record_index(parts, data)
        return _points(data, index)
    data = np.fromfile(parts.shp, np.uint8)
    index = _record_index(parts, data)
    return _other_shapes(parts, data, index)


def _shape_type(shp: Path) -> int:
    with shp.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) == 0:
        raise Refused("{file} is empty.", remedy="Ask for the file again.", file=shp.name)
    if len(head) < _HEAD_BYTES or struct.unpack(">i", head[:4])[0] != 9994:
        raise Refused(
            "{file} is not a shapefile, though its name says so.",
            remedy="Ask for the complete shapefile: .shp, .shx and .dbf together.",
            file=shp.name,
        )
    return int(struct.unpack("<i", head[32:36])[0])


def _uniform_points(data: np.ndarray) -> tuple[Floats, Floats] | None:
    """x and y when the file is nothing but plain point records, else None."""
    body = data[_HEAD_BYTES:]
    if len(body) % _POINT_RECORD.itemsize:
        return None
    records = body.view(_POINT_RECORD)
    if not ((records["words"] == 10).all() and (records["type"] == 1).all()):
        return None
    return records["x"].astype(float), records["y"].astype(float)


@dataclass(frozen=True)
class RecordIndex:
    """Where the whole records lie: byte offset of each record's head, content length in bytes."""

    offsets: Ints
    lengths: Ints
    notes: tuple[Note, ...]


def _record_index(parts: Parts, data: np.ndarray) -> RecordIndex:
    indexed = None if parts.shx is None else _index_of_shx(parts.shx, len(data))
    notes = [] if parts.shx is not None else [Note("missing_shx")]
    if indexed is not None:
        return RecordIndex(*indexed, tuple(notes))
    offsets, lengths, truncated = _scan(data)
    if truncated:
        notes.append(Note("truncated_file", parts.shp.name))
    elif parts.shx is not None:
        notes.append(Note("broken_shx", parts.shx.name))
    return RecordIndex(offsets, lengths, tuple(notes))


def _index_of_shx(shx: Path, size: int) -> tuple[Ints, Ints] | None:
    """Offsets and lengths that the .shx gives, None when they do not fit a .shp of `size` bytes."""
    raw = np.fromfile(shx, np.uint8)[_HEAD_BYTES:]
    pairs = raw[: len(raw) // 8 * 8].view(">i4").reshape(-1, 2).astype(np.int64) * 2
    offsets, lengths = pairs[:, 0].copy(), pairs[:, 1].copy()
    ends = offsets + 8 + lengths
    if len(raw) % 8 or (len(pairs) == 0) != (size <= _HEAD_BYTES):
        return None
    if len(pairs) and ((offsets < _HEAD_BYTES).any() or (lengths < 4).any() or ends.max() != size):
        return None
    return offsets, lengths


def _scan(data: np.ndarray) -> tuple[Ints, Ints, bool]:
    """Records found one after the other, and whether the last one is cut off."""
    raw = data.tobytes()
    offsets: list[int] = []
    lengths: list[int] = []
    at = _HEAD_BYTES
    while at + 8 <= len(raw):
        length = 2 * struct.unpack_from(">i", raw, at + 4)[0]
        if length < 4 or at + 8 + length > len(raw):
            return np.array(offsets, np.int64), np.array(lengths, np.int64), True
        offsets.append(at)
        lengths.append(length)
        at += 8 + length
    return np.array(offsets, np.int64), np.array(lengths, np.int64), at != len(raw)


def _gathered(data: np.ndarray, starts: Ints, width: int) -> np.ndarray:
    return data[starts[:, None] + np.arange(width)]


def _points(data: np.ndarray, index: RecordIndex) -> Shapes:
    count = len(index.offsets)
    types = _gathered(data, index.offsets + 8, 4).view("<i4").ravel() if count else np.empty(0, "<i4")
    x, y = np.full(count, np.nan), np.full(count, np.nan)
    placed = np.flatnonzero(np.isin(types, tuple(_POINT_TYPES)) & (index.lengths >= 20))
    if len(placed):
        xy = _gathered(data, index.offsets[placed] + 12, 16).view("<f8")
        x[placed], y[placed] = xy[:, 0], xy[:, 1]
    missing = (x < _NO_DATA) | (y < _NO_DATA)
    x[missing] = y[missing] = np.nan
    unreadable = (types != 0) & np.isnan(x) & ~missing & ~np.isin(types, tuple(_POINT_TYPES))
    return Shapes(x, y, None, unreadable, index.notes)


def _other_shapes(parts: Parts, data: np.ndarray, index: RecordIndex) -> Shapes:
    """Lines, areas and multipoints through GDAL, from a copy of the geometry files alone.

    Alone, because GDAL would leave out deleted records and stop at a broken .dbf; a copy with an index of our own
    where the delivered one is missing or does not fit, so that nothing is ever written beside the surveyor's files.
    """
    with tempfile.TemporaryDirectory(prefix="wangrid-") as folder:
        shp = Path(folder) / "layer.shp"
        if parts.shx is not None and not index.notes:
            _link(parts.shp, shp)
            _link(parts.shx, shp.with_suffix(".shx"))
        else:
            _write_repaired(data, index, shp)
        found: Geometries = read_geometries(shp)
    return Shapes(found.x, found.y, found.shapes, found.unreadable, index.notes)


def _link(source: Path, target: Path) -> None:
    with contextlib.suppress(OSError):
        target.symlink_to(source.resolve())
        return
    shutil.copyfile(source, target)


def _write_repaired(data: np.ndarray, index: RecordIndex, shp: Path) -> None:
    end = int(index.offsets[-1] + 8 + index.lengths[-1]) if len(index.offsets) else _HEAD_BYTES
    head = bytearray(data[:_HEAD_BYTES].tobytes())
    head[24:28] = struct.pack(">i", end // 2)
    shp.write_bytes(bytes(head) + data[_HEAD_BYTES:end].tobytes())
    pairs = np.stack([index.offsets // 2, index.lengths // 2], axis=1).astype(">i4")
    head[24:28] = struct.pack(">i", (_HEAD_BYTES + pairs.nbytes) // 2)
    shp.with_suffix(".shx").write_bytes(bytes(head) + pairs.tobytes())
