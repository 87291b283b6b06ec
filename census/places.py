"""Coordinates from columns of text: 经度/纬度, lon/lat, x/y and their like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from census import mapping
from census.tables import Flags, Floats, Note, SourceTable, factor
from kernel.errors import Refused

_PAIRS = (("lon", "lat"), ("x", "y"))


def coordinate_fields(names: list[str]) -> tuple[str, str, bool] | None:
    """The two fields that hold a place and whether they are longitude and latitude; None when there are none."""
    found: dict[str, str] = {}
    for name in names:
        match = mapping.match_name(name)
        if match is not None and match.column in mapping.PLACE_COLUMNS:
            found.setdefault(match.column, name)
    for first, second in _PAIRS:
        if first in found and second in found:
            return found[first], found[second], first == "lon"
    return None


def placed_by_columns(table: SourceTable) -> SourceTable:
    """`table` with x and y from its coordinate columns. Raises `Refused` when it has none."""
    pair = coordinate_fields(list(table.columns))
    if pair is None:
        raise Refused(
            "{file} has no columns with coordinates.",
            remedy="Name two columns 经度 and 纬度, lon and lat, or x and y.",
            file=table.path,
        )
    x, bad_x = numbers(table.columns[pair[0]])
    y, bad_y = numbers(table.columns[pair[1]])
    rows = np.flatnonzero(bad_x | bad_y)
    at_x, at_y = (factor(table.columns[name]).at(rows) for name in pair[:2])
    notes = [
        Note("bad_coordinate", f"{east}, {north}", int(table.records[row]))
        for row, east, north in zip(rows, at_x, at_y, strict=True)
    ]
    return replace(table, x=x, y=y, lonlat_fields=pair[2], notes=(*table.notes, *notes))


def numbers(column: pa.Array) -> tuple[Floats, Flags]:
    """A text column as numbers: NaN where it is empty; flags where a text is no finite number."""
    of = factor(column)
    values = np.array([_number(text) for text in of.values], dtype=float)
    wrong = np.array([bool(text.strip()) for text in of.values], dtype=bool) & ~np.isfinite(values)
    values[~np.isfinite(values)] = np.nan
    return of.take(values), of.take(wrong)


def _number(text: str) -> float:
    try:
        return float(text.strip().rstrip("°").replace(",", "") if text.count(",") != 1 else text.strip())
    except ValueError:
        return float("nan")
