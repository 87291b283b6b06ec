"""The register of facilities as a workbook with Chinese headings, or as a layer; both are what the import takes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd

from exports.finished import finished
from exports.geopackage import write_layer
from exports.sheets import append_rows, verify_rows
from resources.facilities import FACILITY_FIELDS, LOG_FIELDS, fields, kinds, works

_WIDTHS: Final = {"code": 12, "name": 22, "component_code": 20, "location": 28, "note": 28, "what": 32}
_DERIVED: Final = {
    "cell_code": "单元网格",
    "community_code": "社区",
    "street_code": "街道",
    "last_day": "上次维护",
    "due": "应维护日期",
    "days_late": "超期天数",
}


def write_facilities(facilities: pd.DataFrame, log: pd.DataFrame, target: Path, crs: int) -> Path:
    """Write the register (placed and with upkeep) by `target`'s ending, a workbook with the log on a second sheet.

    Raises `Refused` for an ending that cannot be written.
    """
    if target.suffix.lower() != ".xlsx":
        return write_layer(_layer(facilities, crs), target, "facilities")
    names = (*FACILITY_FIELDS, *_DERIVED)
    heads = [*(fields()[name].zh for name in FACILITY_FIELDS), *_DERIVED.values()]
    rows = [[_written(row, name) for name in names] for row in facilities.to_dict("records")]
    entries = log[log["withdrawn_at"] == ""]
    with finished(
        target, lambda path: verify_rows(path, {"环卫设施": len(rows), "维护记录": len(entries)})
    ) as path:
        book = openpyxl.Workbook(write_only=True)
        append_rows(book, "环卫设施", heads, rows, _widths(names))
        append_rows(book, "维护记录", [fields()[name].zh for name in LOG_FIELDS],
                    [[_written(row, name) for name in LOG_FIELDS] for row in entries.to_dict("records")],
                    _widths(LOG_FIELDS))  # fmt: skip
        book.save(path)
    return target


def _widths(names: Sequence[str]) -> list[int]:
    return [_WIDTHS.get(name, 14) for name in names]


def _layer(facilities: pd.DataFrame, crs: int) -> gpd.GeoDataFrame:
    names = [name for name in (*FACILITY_FIELDS, *_DERIVED) if name not in ("x", "y")]
    points = gpd.points_from_xy(facilities["x"], facilities["y"], crs=crs or None)
    return gpd.GeoDataFrame(facilities[names].copy(), geometry=points)


def _written(row: dict[Any, Any], name: str) -> Any:
    """What stands in the cell: kinds and works by name, numbers as numbers to a millimetre."""
    value = row[name]
    if name == "kind":
        return kinds()[value].name_zh
    if name == "work":
        return works()[value].name_zh
    if isinstance(value, float | np.floating):
        number = round(float(value), 3)
        return None if np.isnan(number) else int(number) if number.is_integer() else number
    return int(value) if isinstance(value, int | np.integer) else str(value)
