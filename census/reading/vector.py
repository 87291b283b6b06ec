"""What GDAL reads: GeoPackage, GeoJSON, TopoJSON, file geodatabase, MapInfo, DXF, KML and their like, by pyogrio.

Geometry is taken as WKB and parsed here, so that one feature that no library can read does not stop the others: it is
counted and marked unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from census.reading.in_utf8 import Readable
from census.reading.tables import VECTOR, Encoding, Flags, Floats, Note, Objects, SourceTable
from kernel.errors import Refused

_PLAIN_POINT: Final = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
_UNREADABLE: Final = (DataSourceError, DataLayerError, UnicodeDecodeError, OSError)
_BINARY_DXF: Final = b"AutoCAD Binary DXF"
_TAIL_BYTES: Final = 1_024
_WGS84_BY_FORMAT: Final = frozenset((".geojson", ".json", ".topojson", ".geojsonl", ".kml"))


@dataclass(frozen=True)
class Geometries:
    """n coordinates (bounds' centre of lines and areas, NaN without geometry), n geometries or None for points."""

    x: Floats
    y: Floats
    shapes: Objects | None
    unreadable: Flags


def spatial_layers(path: Path, shown: str) -> list[tuple[str, list[str]]]:
    """Layers of the file that have geometry, each with its field names. Raises `Refused` for an unreadable file."""
    _require_whole(path, shown)
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        return [
            (name, [str(field) for field in pyogrio.read_info(path, layer=name)["fields"]]) for name in layers
        ]
    except _UNREADABLE as error:
        raise _not_readable(shown, error) from error


def _require_whole(path: Path, shown: str) -> None:
    """A drawing that was cut off is read by GDAL as far as it goes, without a word; its end mark tells."""
    if path.suffix.lower() != ".dxf":
        return
    with path.open("rb") as file:
        head = file.read(len(_BINARY_DXF))
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        if head != _BINARY_DXF and b"EOF" not in file.read():
            raise _not_readable(shown, EOFError("no EOF"))


def _not_readable(shown: str, error: Exception) -> Refused:
    return Refused(
        "{file} cannot be read: it is damaged or not what its name says.",
        remedy="Ask for the file again, or open it in the program that made it and save it as GeoPackage or shapefile.",
        file=shown,
        detail=str(error),
    )


def read_layer(source: Readable, shown: str, layer: str, file: str) -> SourceTable:
    """One layer with all its fields. Raises `Refused` when GDAL cannot open it."""
    path = source.path
    try:
        meta, table = pyogrio.read_arrow(path, layer=layer)
    except (*_UNREADABLE, pa.ArrowInvalid, FieldError) as error:
        raise _not_readable(shown, error) from error
    name = meta["geometry_name"] or "wkb_geometry"
    geometries = parse_wkb(table[name].combine_chunks()) if name in table.column_names else None
    found = table_of(
        table.drop_columns([name]) if geometries is not None else table,
        geometries,
        file=file,
        shown=shown,
        layer=layer,
        crs=meta["crs"] or "",
        by_format=path.suffix.lower() in _WGS84_BY_FORMAT,
    )
    return replace(found, encoding=source.encoding, notes=(*source.notes, *found.notes))


def table_of(
    table: pa.Table,
    geometries: Geometries | None,
    *,
    file: str,
    shown: str,
    layer: str,
    crs: str,
    by_format: bool,
) -> SourceTable:
    """A source table from Arrow columns and parsed geometries."""
    rows = table.num_rows
    found = geometries or Geometries(np.full(rows, np.nan), np.full(rows, np.nan), None, np.zeros(rows, bool))
    lonlat = not crs and by_format
    return SourceTable(
        file=file,
        path=shown,
        layer=layer,
        family=VECTOR,
        columns={name: as_text(table[name].combine_chunks()) for name in table.column_names},
        records=np.arange(rows),
        rows=np.arange(1, rows + 1),
        x=found.x,
        y=found.y,
        shapes=found.shapes,
        unreadable=found.unreadable,
        declared_crs=crs,
        encoding=Encoding("UTF-8", 1.0, "the format's own"),
        notes=(Note("missing_crs_file", "EPSG:4326"),) if lonlat else (),
        lonlat_fields=lonlat,
    )


def read_geometries(path: Path) -> Geometries:
    """The geometries alone, in the order of the file; attributes are not touched."""
    try:
        meta, table = pyogrio.read_arrow(path, columns=[])
    except _UNREADABLE as error:
        raise _not_readable(path.name, error) from error
    return parse_wkb(table[meta["geometry_name"] or "wkb_geometry"].combine_chunks())


def read_gdal_attributes(path: Path, encoding: str, rows: int) -> dict[str, pa.Array]:
    """Attributes of a .dbf with field types our own reader does not know, as text, one per stored record."""
    meta, table = pyogrio.read_arrow(path, encoding=encoding, return_fids=True, read_geometry=False)
    at = np.asarray(table["OGC_FID" if "OGC_FID" in table.column_names else "fid"])
    index = np.full(rows, -1)
    index[at] = np.arange(len(at))
    take = pa.array(index, mask=index < 0)
    columns = {str(name): as_text(table[name].combine_chunks()) for name in meta["fields"]}
    return {name: column.take(take).cast(pa.string()).fill_null("") for name, column in columns.items()}


def parse_wkb(column: pa.Array) -> Geometries:
    """Coordinates and geometries of a WKB column; what no parser can read is marked unreadable."""
    column = getattr(column, "storage", column)
    points = _plain_points(column)
    if points is not None:
        return points
    raw = np.array(column.to_pylist(), dtype=object)
    shapes = shapely.force_2d(shapely.from_wkb(raw, on_invalid="ignore"))
    unreadable = shapely.is_missing(shapes) & np.array([value is not None for value in raw], dtype=bool)
    shapes[shapely.is_empty(shapes)] = None
    if np.isin(shapely.get_type_id(shapes), (-1, 0)).all():
        return Geometries(shapely.get_x(shapes), shapely.get_y(shapes), None, unreadable)
    bounds = shapely.bounds(shapes)
    return Geometries(
        (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2, shapes, unreadable
    )


def _plain_points(column: pa.Array) -> Geometries | None:
    """The fast way for a column of nothing but two-dimensional little-endian points."""
    wide = pa.types.is_large_binary(column.type)
    offsets = np.frombuffer(column.buffers()[1], np.int64 if wide else np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    if len(column) == 0 or column.null_count or (np.diff(offsets) != _PLAIN_POINT.itemsize).any():
        return None
    records = np.frombuffer(column.buffers()[2], _PLAIN_POINT, len(column), int(offsets[0]))
    if not ((records["order"] == 1).all() and (records["type"] == 1).all()):
        return None
    return Geometries(
        records["x"].astype(float), records["y"].astype(float), None, np.zeros(len(records), bool)
    )


def as_text(column: pa.Array) -> pa.Array:
    """A column of any type as text without nulls, dictionary encoded where values repeat."""
    column = getattr(column, "storage", column)  # JSON inside of GeoJSON, UUIDs
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _encoded_where_repeated(column.fill_null(""))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind):
        return _encoded_where_repeated(column.cast(pa.string()).fill_null(""))
    convert = _number_text if pa.types.is_floating(kind) else _any_text
    if pa.types.is_nested(kind):
        return pa.array([convert(value) for value in column.to_pylist()], type=pa.string())
    encoded = column.dictionary_encode()
    values = pa.array([convert(value) for value in encoded.dictionary.to_pylist()], type=pa.string())
    return values.take(encoded.indices).fill_null("").dictionary_encode()


def _encoded_where_repeated(column: pa.Array) -> pa.Array:
    sample = (
        column.slice(0, 4096)
        if len(column) <= 8192
        else column.take(np.arange(0, len(column), len(column) // 4096))
    )
    if len(column) > 4096 and pc.count_distinct(sample).as_py() * 2 > len(sample):
        return column
    return column.dictionary_encode()


def _number_text(value: float) -> str:
    return (
        "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    )


def _any_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    formatted: Callable[[], str] | None = getattr(value, "isoformat", None)
    return formatted() if formatted else str(value)
