"""Lists of responsibility areas as people hand them over: a workbook with Chinese headings, or a layer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.read_layers import Layer, named, read_layers
from census.lists import read_rows
from census.reading.delimited import Line
from census.reading.workbooks import read_workbook
from gis.grid.responsibility import NO_NUMBER, NO_SHAPE, areas_frame, as_findings
from kernel.errors import Refused
from resources.list_fields import Field, plain
from resources.responsibility import Kind, fields

_HEAD_ROWS: Final = 10  # a title and notes may stand above the headings
_BETWEEN_CODES: Final = re.compile(r"[\s,，;；、|]+")
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls")  # the last is refused with the remedy of a workbook
_LISTS: Final = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class ReadList:
    """Rows of a list as an areas frame, their numbers in the file, and what could not be read in them."""

    areas: gpd.GeoDataFrame
    rows: list[int]
    findings: pd.DataFrame


@dataclass(frozen=True)
class _Table:
    """Columns by field key, a row number each, and shapes where the file is a layer."""

    columns: dict[str, list[str]]
    rows: list[int]
    shapes: np.ndarray | None = None


def read_list(file: Path, kind: Kind, crs: int) -> ReadList:
    """The areas of `file`, in the plane EPSG `crs`.

    Raises `Refused` for a file that cannot be read, has no column for the code, or no plain layer.
    """
    table = _sheet(file) if file.suffix.lower() in (*_WORKBOOKS, *_LISTS) else _layer(file, kind, crs)
    if "code" not in table.columns:
        raise Refused("{file} has no column {column}.", remedy="Take the columns of `area export`: {columns}.",
                      file=file, field="code", column=fields()["code"].zh,
                      columns=", ".join(fields()[name].zh for name in kind.fields))  # fmt: skip
    if not table.rows:
        raise Refused("{file} has headings, but no rows.", remedy="Ask for the file again.", file=file)
    return _as_areas(table, crs)


def _as_areas(table: _Table, crs: int) -> ReadList:
    columns: dict[str, Any] = {}
    found: list[tuple[Any, ...]] = []
    for name, texts in table.columns.items():
        if fields()[name].form == "number":
            columns[name] = [_number(text) for text in texts]
            bad = [
                k
                for k, (text, value) in enumerate(zip(texts, columns[name], strict=True))
                if text and math.isnan(value)
            ]
            found += [(NO_NUMBER, k, fields()[name].zh, texts[k]) for k in bad]
        elif fields()[name].form == "text":
            columns[name] = texts
    if "cell_codes" in table.columns:
        columns["cell_codes"] = [_codes(text) for text in table.columns["cell_codes"]]
    shapes = table.shapes
    if shapes is None and "wkt" in table.columns:
        shapes = shapely.from_wkt(
            np.array([text or None for text in table.columns["wkt"]], object), on_invalid="ignore"
        )
        unread = [k for k, text in enumerate(table.columns["wkt"]) if text and shapes[k] is None]
        found += [(NO_SHAPE, k, fields()["wkt"].zh, table.columns["wkt"][k][:40]) for k in unread]
    if shapes is not None:
        columns["geometry"] = shapely.force_2d(shapes)
    return ReadList(areas_frame(columns, len(table.rows), crs), table.rows, as_findings(found))


def _number(text: str) -> float:
    """A number of zero or more; NaN for nothing and for anything else."""
    try:
        value = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return math.nan
    return value if value >= 0 and math.isfinite(value) else math.nan


def _codes(text: str) -> tuple[str, ...]:
    """The codes of a field, each once, in their order."""
    return tuple(dict.fromkeys(code for code in _BETWEEN_CODES.split(text) if code))


def _known(headings: Sequence[str]) -> dict[str, int]:
    """Place of each field that the headings name; the first of two wins."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        field = next((known for known in fields().values() if plain(heading) in known.known_as), None)
        if field is not None:
            found.setdefault(field.field, place)
    return found


def _sheet(file: Path) -> _Table:
    """The first sheet whose head names a code and something else."""
    if not file.is_file():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=file)
    for lines in _sheets(file):
        for head in range(min(_HEAD_ROWS, len(lines))):
            places = _known(lines[head][1])
            if "code" in places and len(places) > 1:
                return _table(places, [line for line in lines[head + 1 :] if any(line[1])])
    return _Table({}, [])


def _sheets(file: Path) -> list[list[Line]]:
    if file.suffix.lower() in _WORKBOOKS:
        return [sheet.lines for sheet in read_workbook(file, str(file)).sheets]
    return [[(number, [cell.strip() for cell in line]) for number, line in read_rows(file)]]


def _table(places: dict[str, int], lines: Sequence[tuple[int, list[str]]]) -> _Table:
    columns = {
        name: [line[place] if place < len(line) else "" for _, line in lines]
        for name, place in places.items()
    }
    return _Table(columns, [number for number, _ in lines])


def _text(value: object) -> str:
    """A cell as text; a spreadsheet keeps codes of 15 digits as numbers, which are exact up to 2⁵³."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _layer(file: Path, kind: Kind, crs: int) -> _Table:
    layers = read_layers(str(file))
    chosen = [layer for layer in layers if layer.name == kind.kind] or layers
    if len(chosen) != 1:
        raise Refused("Which layer of {file} holds the areas is not plain; it has: {layers}.",
                      remedy="Call the layer {kind}, or give a file with one layer.",
                      file=file, layers=named(layers), kind=kind.kind)  # fmt: skip
    frame = _in_plane(chosen[0], crs)
    places = _known([str(name) for name in frame.columns])
    columns = {
        name: [_text(value) for value in frame.iloc[:, place]]
        for name, place in places.items()
        if name != "wkt"
    }
    return _Table(columns, list(range(1, len(frame) + 1)), frame.geometry.to_numpy())


def _in_plane(layer: Layer, crs: int) -> gpd.GeoDataFrame:
    """The layer in the store's plane; shapes of a layer without a reference system are taken to lie in it."""
    return layer.frame.to_crs(crs) if layer.frame.crs is not None else layer.frame.set_crs(crs)


def headings(kind: Kind) -> Iterator[Field]:
    """The fields of a list of this kind, in order."""
    return (fields()[name] for name in kind.fields)
