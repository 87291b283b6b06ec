"""Responsibility areas as a workbook with Chinese headings, or as a layer; both are what the import takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from exports.finished import finished, require_target
from exports.geopackage import FORMS, write_layer
from kernel.errors import Defect, Refused
from resources.responsibility import Kind, fields

_LONGEST: Final = 32_767  # characters that a spreadsheet's cell holds
_HEAD: Final = PatternFill("solid", fgColor="E8EDF2")
_WIDTHS: Final = {"code": 14, "name": 18, "cell_codes": 50, "wkt": 40, "note": 30}


def write_list(areas: gpd.GeoDataFrame, kind: Kind, target: Path) -> Path:
    """Write the areas frame of one kind by `target`'s ending; it is read back.

    Raises `Refused` for an ending that cannot be written, and for a list of cells or a shape too long for a workbook.
    """
    if target.suffix.lower() != ".xlsx":
        require_target(target, (".xlsx", *FORMS))
        return write_layer(_layer(areas, kind), target, kind.kind)
    rows = [[_value(row, name) for name in kind.fields] for row in areas.to_dict("records")]
    _require_room(rows, kind, target)
    with finished(target, lambda path: _verify(path, len(rows))) as path:
        _write(rows, kind, path)
    return target


def _layer(areas: gpd.GeoDataFrame, kind: Kind) -> gpd.GeoDataFrame:
    names = [name for name in kind.fields if name != "wkt"]
    plain = areas.assign(cell_codes=[" ".join(codes) for codes in areas["cell_codes"]])
    return plain[[*names, "geometry"]]


def _value(row: dict[str, Any], name: str) -> Any:
    """What stands in the cell: numbers as numbers to a centimetre, codes with blanks between, shapes as WKT."""
    form = fields()[name].form
    if form == "number":
        value = round(float(row[name]), 2)
        return None if np.isnan(value) else int(value) if value.is_integer() else value
    if form == "codes":
        return " ".join(row["cell_codes"])
    if form == "shape":
        shape = row["geometry"]
        return "" if shape is None else gpd.GeoSeries([shape]).to_wkt(rounding_precision=3).iloc[0]
    return ILLEGAL_CHARACTERS_RE.sub("", str(row[name]))


def _require_room(rows: list[list[Any]], kind: Kind, target: Path) -> None:
    for number, row in enumerate(rows, start=2):
        for name, value in zip(kind.fields, row, strict=True):
            if isinstance(value, str) and len(value) > _LONGEST:
                raise Refused("{file}, row {row}: {field} is too long for a workbook.",
                              remedy="Export to .gpkg, which has no such limit.", file=target, row=number,
                              field=fields()[name].zh)  # fmt: skip


def _write(rows: list[list[Any]], kind: Kind, path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(kind.name_zh)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(kind.fields, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = _WIDTHS.get(name, 14)
    sheet.append([_cell(sheet, fields()[name].zh, head=True) for name in kind.fields])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any, *, head: bool = False) -> Any:
    """A cell; text stays text, also where it begins like a formula."""
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if head:
        cell.font, cell.fill = Font(bold=True), _HEAD
    return cell


def _verify(path: Path, rows: int) -> None:
    found = len(pd.read_excel(path, usecols=[0], dtype=str, keep_default_na=False))
    if found != rows:
        raise Defect(
            "{file}: {rows} rows were written, {found} read back.", file=path.name, rows=rows, found=found
        )
