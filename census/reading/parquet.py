"""GeoParquet, and plain Parquet with coordinate columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
from pyproj.exceptions import CRSError

from census.options import ReadOptions
from census.reading.places import placed_by_columns
from census.reading.tables import SourceTable
from census.reading.vector import parse_wkb, table_of
from kernel.errors import Refused

_USUAL: Final = frozenset(("geometry", "geom", "wkb_geometry", "wkb", "the_geom", "shape"))


def read_parquet(path: Path, shown: str, options: ReadOptions) -> SourceTable:
    """The table at `path`; geometry from the file's `geo` metadata, else from coordinate columns.

    Raises `Refused` when it is no Parquet file.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise Refused(
            "{file} cannot be read: it is damaged or not what its name says.",
            remedy="Ask for the file again, or open it in the program that made it and save it as GeoPackage or shapefile.",
            file=shown,
            detail=str(error),
        ) from error
    name, said = _geometry_column(table)
    if not name:
        return placed_by_columns(
            table_of(table, None, file=path.name, shown=shown, layer=path.stem, crs="", by_format=False),
            options.fields,
        )
    return table_of(
        table.drop_columns([name]),
        parse_wkb(_wkb(table[name].combine_chunks(), path, name)),
        file=path.name,
        shown=shown,
        layer=path.stem,
        crs=_crs(said),
        by_format=False,
    )


def _geometry_column(table: pa.Table) -> tuple[str, dict[str, Any] | None]:
    """The geometry column, `""` for none, and what the metadata say of it; without such words one of a usual name."""
    try:
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        name, said = str(geo["primary_column"]), dict(geo["columns"][geo["primary_column"]])
    except (ValueError, TypeError, KeyError):  # none, or broken
        name, said = "", None
    if name in table.column_names:
        return name, said
    return next(
        (each for each in table.column_names if each.lower() in _USUAL and _is_bytes(table[each])), ""
    ), None


def _is_bytes(column: pa.ChunkedArray | pa.Array) -> bool:
    return bool(pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type))


def _wkb(column: pa.Array, path: Path, name: str) -> pa.Array:
    """The geometry as WKB, also where the file keeps coordinates in columns of their own (GeoArrow)."""
    column = getattr(column, "storage", column)
    if _is_bytes(column):
        return column
    return pa.array(gpd.read_parquet(path, columns=[name]).geometry.to_wkb(), pa.binary())


def _crs(said: dict[str, Any] | None) -> str:
    """WKT of the geometry column's system, `""` for an unknown one; the format's default is degrees on WGS84."""
    if said is None:
        return ""
    if "crs" not in said:
        return "OGC:CRS84"
    try:
        return "" if said["crs"] is None else str(pyproj.CRS.from_json_dict(said["crs"]).to_wkt())
    except (CRSError, AttributeError, TypeError):
        return ""
