"""A list as people hand it over, whatever its form: a workbook, CSV or a layer, by the words of its headings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from actions.read_layers import named, read_layers
from census.options import ReadOptions
from census.reading.delimited import Line, read_delimited
from census.reading.workbooks import read_workbook
from kernel.errors import Refused
from resources.list_fields import plain

_HEAD_ROWS: Final = 10  # a title and notes may stand above the headings
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_TABLES: Final = (".csv", ".txt", ".tsv")
_WHOLE_UP_TO: Final = 2**53  # whole numbers beyond have lost their last digits


@dataclass(frozen=True)
class ListFile:
    """Columns by field, the row numbers that the file itself shows, and x and y of a layer's points in the plane."""

    columns: Mapping[str, list[str]]
    rows: list[int]
    xy: tuple[np.ndarray, np.ndarray] | None = None

    def column(self, name: str) -> list[str]:
        """A column, "" in every row where the file has none."""
        return self.columns.get(name) or [""] * len(self.rows)


def read_list_file(
    file: Path, headings: Mapping[str, Collection[str]], needed: Sequence[str], wanted: str, plane: int
) -> ListFile:
    """The rows of `file`. `headings`: field → plain words that name it; `needed`: fields without which it is no such list.

    `wanted` says how the columns should be called. Raises `Refused` for a file that cannot be read or lacks a needed
    column; points of a layer come in the plane EPSG `plane`.
    """
    ending = file.suffix.lower()
    if ending in (*_WORKBOOKS, *_TABLES) and not file.is_file():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=file)
    if ending in _WORKBOOKS:
        found = _workbook(file, headings, needed)
    elif ending in _TABLES:
        found = _under_headings(read_delimited(file, file.name, ReadOptions()).lines, headings, needed)
    else:
        found = _layer(file, headings, plane)
    lacking = [name for name in needed if found is None or name not in found.columns]
    if found is None or lacking:
        raise Refused("{file} has no heading row with the columns {columns}.", remedy="Take the columns of the export: {wanted}.",
                      file=file, columns=", ".join(lacking) or wanted, wanted=wanted)  # fmt: skip
    return found


def _workbook(file: Path, headings: Mapping[str, Collection[str]], needed: Sequence[str]) -> ListFile | None:
    """The first visible sheet whose head names what is needed."""
    sheets = read_workbook(file, str(file)).sheets
    found = (_under_headings(sheet.lines, headings, needed) for sheet in sheets)
    return next((each for each in found if each is not None), None)


def _under_headings(
    lines: Sequence[Line], headings: Mapping[str, Collection[str]], needed: Sequence[str]
) -> ListFile | None:
    for head, (_, cells) in enumerate(lines[:_HEAD_ROWS]):
        places = _places(cells, headings)
        if not places or not all(name in places for name in needed):
            continue
        body = [(number, line) for number, line in lines[head + 1 :] if any(map(str.strip, line))]
        columns = {
            name: [line[place].strip() if place < len(line) else "" for _, line in body]
            for name, place in places.items()
        }
        return ListFile(columns, [number for number, _ in body])
    return None


def _places(names: Sequence[str], headings: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Place of each field that the headings name; the first of two wins."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        bare = plain(name.lstrip("\ufeff"))
        field = next(
            (field for field, words in headings.items() if bare in words and field not in found), None
        )
        if field is not None:
            found[field] = place
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_UP_TO else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _layer(file: Path, headings: Mapping[str, Collection[str]], plane: int) -> ListFile:
    layers = [layer for layer in read_layers(str(file)) if layer.has("Point", "MultiPoint")]
    if len(layers) != 1:
        raise Refused("Which layer of {file} holds the list is not plain; it has layers of points: {layers}.",
                      remedy="Give a file with one layer of points.", file=file, layers=named(layers))  # fmt: skip
    layer = layers[0].frame
    frame = layer.to_crs(plane) if layer.crs is not None else layer.set_crs(plane)
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    places = _places(names, headings)
    columns = {
        field: [_text(value).strip() for value in frame[names[place]]] for field, place in places.items()
    }
    points = shapely.centroid(frame.geometry.to_numpy())  # of a point the point, of an empty one nowhere
    return ListFile(columns, list(range(1, len(frame) + 1)), (shapely.get_x(points), shapely.get_y(points)))
