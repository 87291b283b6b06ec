"""Small survey files, byte by byte, as companies deliver them: the builders of the census tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from census import Context
from gis.frames import as_cells
from resources import catalogues

CRS = 4548
X0, Y0 = 448_000.0, 4_424_000.0
COUNTY = "110101"

Field = tuple[bytes, str, int]


def write_dbf(
    path: Path,
    fields: Sequence[Field],
    rows: Sequence[Sequence[bytes]],
    *,
    language: int = 0x4D,
    deleted: Sequence[bool] = (),
) -> Path:
    """A dBASE table: names and values as bytes, padded with blanks to the field's width."""
    width = 1 + sum(size for _, _, size in fields)
    head = struct.pack(
        "<BBBBIHH16xBB2x", 3, 126, 11, 21, len(rows), 33 + 32 * len(fields), width, 0, language
    )
    out = bytearray(head)
    for name, kind, size in fields:
        out += struct.pack("<11sc4xBB14x", name, kind.encode(), size, 0)
    out += b"\r"
    for number, row in enumerate(rows):
        out += b"*" if number < len(deleted) and deleted[number] else b" "
        for value, (_, _, size) in zip(row, fields, strict=True):
            out += value[:size].ljust(size)
    path.write_bytes(bytes(out) + b"\x1a")
    return path


def write_points(path: Path, points: Sequence[tuple[float, float] | None], *, index: bool = True) -> Path:
    """The .shp (and .shx) of a point layer; None makes a null shape."""
    records, offsets, at = bytearray(), bytearray(), 50
    for number, point in enumerate(points, start=1):
        body = struct.pack("<i", 0) if point is None else struct.pack("<i2d", 1, *point)
        records += struct.pack(">2i", number, len(body) // 2) + body
        offsets += struct.pack(">2i", at, len(body) // 2)
        at += 4 + len(body) // 2
    box = struct.pack("<8d", *([0.0] * 8))

    def head(size: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + size) // 2) + struct.pack("<2i", 1000, 1) + box

    path.write_bytes(head(len(records)) + bytes(records))
    if index:
        path.with_suffix(".shx").write_bytes(head(len(offsets)) + bytes(offsets))
    return path


def write_prj(path: Path, epsg: int = CRS) -> Path:
    """The .prj in ESRI's words."""
    path.write_text(pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI"), encoding="utf-8")
    return path


FIELDS: tuple[Field, ...] = tuple(
    (name.encode("gbk"), "C", size)
    for name, size in (
        ("标识码", 17), ("部件名称", 30), ("主管代码", 18), ("主管部门", 40), ("所在网格", 15), ("部件状态", 10),
        ("初始时间", 10), ("变更时间", 10), ("定位精度", 4), ("备注", 40),
    )
)  # fmt: skip


def lamp(number: int, cell: int = 1, **other: str) -> dict[str, str]:
    """One sound street lamp of the survey, in the fields of `FIELDS`."""
    row = {
        "标识码": f"{COUNTY}0137{number:06d}", "部件名称": "路灯", "主管代码": "111101017000000600",
        "主管部门": "示例区路灯管理中心", "所在网格": f"{COUNTY}001001{cell:03d}", "部件状态": "完好",
        "初始时间": "2024-05-06", "变更时间": "", "定位精度": "A", "备注": "",
    }  # fmt: skip
    return row | other


def write_survey(
    folder: Path,
    rows: Sequence[dict[str, str]],
    points: Sequence[tuple[float, float] | None],
    name: str = "0137_路灯",
    encoding: str = "gbk",
    cpg: str | None = "GBK",
    epsg: int | None = CRS,
) -> Path:
    """A whole point shapefile of lamps; returns the .shp."""
    shp = write_points(folder / f"{name}.shp", points)
    fields = [(key.decode("gbk").encode(encoding)[:10], kind, size) for key, kind, size in FIELDS]
    values = [[text.encode(encoding) for text in row.values()] for row in rows]
    write_dbf(shp.with_suffix(".dbf"), fields, values, language=0x4D if cpg == "GBK" else 0)
    if cpg is not None:
        shp.with_suffix(".cpg").write_text(cpg)
    if epsg is not None:
        write_prj(shp.with_suffix(".prj"), epsg)
    return shp


def places(count: int, step: float = 3.0) -> list[tuple[float, float]]:
    """Places in the first cell, `step` metres apart."""
    return [(X0 + 5 + step * (number % 30), Y0 + 5 + step * (number // 30)) for number in range(count)]


def city_cells(columns: int = 3, rows: int = 2) -> gpd.GeoDataFrame:
    """Cells of 100 m squares from (X0, Y0), numbered in rows; one community, one county."""
    boxes = [
        shapely.box(X0 + 100 * c, Y0 + 100 * r, X0 + 100 * (c + 1), Y0 + 100 * (r + 1))
        for r in range(rows)
        for c in range(columns)
    ]
    codes = [f"{COUNTY}001001{number:03d}" for number in range(1, len(boxes) + 1)]
    return as_cells(gpd.GeoDataFrame({"code": codes}, geometry=boxes, crs=CRS))


def city(standard: str = "2013", cells: bool = True, departments: pd.DataFrame | None = None) -> Context:
    """The little city as a context; the day of reference is 2026-07-01."""
    known = {edition: catalogues.load(edition) for edition in catalogues.STANDARDS}
    words: dict[str, object] = {"crs": CRS, "cells": city_cells()} if cells else {}
    if departments is not None:
        words["departments"] = departments
    return Context(known, standard, date(2026, 7, 1), **words)  # type: ignore[arg-type]


def found(findings: pd.DataFrame, *, severity: str = "") -> dict[tuple[str, int], str]:
    """Findings about rows as {(code, row): value}."""
    chosen = findings[findings["record"] >= 0]
    if severity:
        chosen = chosen[chosen["severity"] == severity]
    return {(row.code, int(row.row)): row.value for row in chosen.itertuples()}


def about_files(findings: pd.DataFrame) -> dict[str, str]:
    """Findings about whole layers as {code: value}."""
    chosen = findings[findings["record"] < 0]
    return dict(zip(chosen["code"], chosen["value"], strict=True))


def grid_of(count: int) -> np.ndarray:
    """n places as an array."""
    return np.array(places(count))
