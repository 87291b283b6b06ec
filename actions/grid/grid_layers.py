"""Which layer of a file is the grid, which field holds its codes, and which layers are the areas above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.read_layers import Layer, named
from gis.frames import AREA_COLUMNS
from gis.grid import grid_codes
from kernel.errors import Refused

READABLE_CODE: Final = r"[0-9A-Z]{15}"
MOSTLY: Final = 0.5
_CODE_FIELDS: Final = (
    "code",
    "bgid",
    "bgcode",
    "grid_code",
    "cell_code",
    "网格编码",
    "网格代码",
    "编码",
    "代码",
)
_FIELDS: Final = {
    "area_m2": ("area", "area_m2", "shape_area", "面积", "网格面积", "mj"),
    "note": ("note", "remark", "备注", "bz"),
    "name": ("name", "bgname", "名称", "网格名称", "mc"),
    "initial_date": ("ordate", "initial_date", "初始时间", "初始日期"),
    "end_date": ("enddate", "end_date", "终止时间", "终止日期"),
}


@dataclass(frozen=True)
class GridFile:
    """A grid as a file has it.

    `cells`: `code`, `geometry` and, where the file has them, `area_m2`, `note`, `name`, `initial_date`, `end_date`,
    one row per feature in the file's order. `id_field` is the field that codes were taken from, "" when none holds any.
    """

    layer: str
    file: str
    id_field: str
    cells: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame | None
    streets: gpd.GeoDataFrame | None
    communities: gpd.GeoDataFrame | None


def choose(layers: list[Layer], layer: str = "", id_field: str = "") -> GridFile:
    """The grid among `layers`, or the layer so called. Raises `Refused`, listing the layers, when that is not plain."""
    areal = [each for each in layers if each.is_areal]
    if not areal:
        raise Refused("{file} holds no polygons, so no cells.", remedy="Give the file that the cells were drawn in.",
                      file=layers[0].file)  # fmt: skip
    chosen = _named(layers, layer) if layer else _evident(areal, layers)
    codes = id_field or _code_field(chosen.frame)
    if id_field and id_field not in chosen.frame.columns:
        raise Refused("{layer} has no field {field}; it has: {fields}.", remedy="Choose one of its fields.",
                      file=chosen.file, layer=chosen.name, field=id_field,
                      fields=", ".join(chosen.frame.columns.drop("geometry")))  # fmt: skip
    rest = [each for each in areal if each is not chosen]
    return GridFile(
        chosen.name,
        chosen.file,
        codes,
        _cells(chosen.frame, codes or _faulty_code_field(chosen.frame)),
        _areas(rest, grid_codes.COUNTY),
        _areas(rest, grid_codes.STREET),
        _areas(rest, grid_codes.COMMUNITY),
    )


def _named(layers: list[Layer], name: str) -> Layer:
    for layer in layers:
        if layer.name == name:
            return layer
    raise Refused("There is no layer {layer}; the file has: {layers}.", remedy="Choose one of its layers.", layer=name,
                  layers=named(layers))  # fmt: skip


def _evident(areal: list[Layer], layers: list[Layer]) -> Layer:
    """The only layer with cell codes, else the only layer of polygons."""
    coded = [layer for layer in areal if _code_field(layer.frame)]
    unique = [layer for layer in coded if _is_unique(layer.frame, _code_field(layer.frame))]
    for candidates in (unique, coded, areal):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            break
    raise Refused(
        "Which layer holds the cells is not plain; the file has: {layers}.",
        remedy="Name it with --layer, and its field of 15-digit codes with --id-field.",
        layers=named(layers),
    )


def _code_field(frame: gpd.GeoDataFrame) -> str:
    """The field that holds most codes of 15 characters, "" when none holds them in half of the rows."""
    shares = {
        str(name): float(frame[name].str.strip().str.fullmatch(READABLE_CODE).mean())
        for name in frame.columns.drop("geometry")
        if len(frame)
    }
    best = max(shares, key=lambda name: shares[name], default="")
    return best if best and shares[best] >= MOSTLY else ""


def _faulty_code_field(frame: gpd.GeoDataFrame) -> str:
    """The field called like one of codes, though it holds none of 15 characters, so that the check can show them."""
    return next(
        (str(name) for name in frame.columns.drop("geometry") if str(name).lower() in _CODE_FIELDS), ""
    )


def _is_unique(frame: gpd.GeoDataFrame, field: str) -> bool:
    return bool(frame[field].is_unique)


def _cells(frame: gpd.GeoDataFrame, code_field: str) -> gpd.GeoDataFrame:
    columns: dict[str, object] = {"code": frame[code_field].str.strip() if code_field else ""}
    folded = {str(name).lower(): name for name in frame.columns.drop("geometry") if name != code_field}
    for column, aliases in _FIELDS.items():
        field = next((folded[alias] for alias in aliases if alias in folded), None)
        if field is not None:
            columns[column] = frame[field]
    cells = gpd.GeoDataFrame(
        pd.DataFrame(columns, index=frame.index), geometry=frame.geometry.values, crs=frame.crs
    )
    if "area_m2" in cells.columns:
        cells["area_m2"] = pd.to_numeric(cells["area_m2"], errors="coerce")
    return cells


def _areas(layers: list[Layer], digits: int) -> gpd.GeoDataFrame | None:
    """The areas of the only layer with a field of unique codes of `digits` digits."""
    found = [layer.frame for layer in layers if _digits(layer.frame) == digits]
    if len(found) != 1:
        return None
    frame = found[0]
    field = _area_field(frame, digits)
    codes = frame[field].str.strip()
    name = next((each for each in frame.columns if str(each).lower() in _FIELDS["name"]), None)
    parents = {
        grid_codes.COUNTY: 0,
        grid_codes.STREET: grid_codes.COUNTY,
        grid_codes.COMMUNITY: grid_codes.STREET,
    }
    columns = {
        "code": codes,
        "name": frame[name] if name else "",
        "parent_code": codes.str[: parents[digits]],
    }
    shapes = shapely.force_2d(np.asarray(frame.geometry.values, dtype=object))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs)[list(AREA_COLUMNS)]


def _digits(frame: gpd.GeoDataFrame) -> int:
    """How long the codes of an areas layer are: the longest, for a community may also carry its street's code."""
    levels = (grid_codes.COMMUNITY, grid_codes.STREET, grid_codes.COUNTY)
    return next((digits for digits in levels if _area_field(frame, digits)), 0)


def _area_field(frame: gpd.GeoDataFrame, digits: int) -> str:
    for name in frame.columns.drop("geometry"):
        codes = frame[name].str.strip()
        if len(codes) and bool(grid_codes.has_form(codes, digits).all()) and codes.is_unique:
            return str(name)
    return ""
