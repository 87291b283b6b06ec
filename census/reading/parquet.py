"""GeoParquet, and plain Parquet with coordinate columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from census.options import ReadOptions
from census.reading.places import placed_by_columns
from census.reading.tables import SourceTable
from census.reading.vector import parse_wkb, table_of
from kernel.errors import Refused


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
    geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    name = geo.get("primary_column", "")
    if name not in table.column_names:
        return placed_by_columns(
            table_of(table, None, file=path.name, shown=shown, layer=path.stem, crs="", by_format=False),
            options.fields,
        )
    return table_of(
        table.drop_columns([name]),
        parse_wkb(table[name].combine_chunks()),
        file=path.name,
        shown=shown,
        layer=path.stem,
        crs=_crs(geo["columns"][name]),
        by_format=False,
    )


def _crs(column: dict[str, Any]) -> str:
    """WKT of the geometry column's system; the format's default is longitude and latitude on WGS84."""
    if "crs" not in column:
        return "OGC:CRS84"
    return "" if column["crs"] is None else str(pyproj.CRS.from_json_dict(column["crs"]).to_wkt())
