"""Vector layers of any source a user may name, as frames with text columns, for actions that need whole layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from census.options import ReadOptions
from census.reading import locating, parquet, shapefile, tables, vector
from census.reading.in_utf8 import readable
from gis import crs
from kernel.errors import Refused

# Names that layers of a role go by, beside the role's own name.
_ALSO_CALLED: Final = {
    "area": ("county", "boundary", "district", "边界", "范围", "区县"),
    "streets": ("街道",), "communities": ("社区",), "roads": ("道路",), "railways": ("rail", "铁路"),
    "water": ("水系", "水体"), "buildings": ("建筑", "房屋"), "compounds": ("单位", "院落"),
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One layer as the file has it. `frame`: text columns and geometry; its crs is None where the file names none."""

    name: str
    file: str
    frame: gpd.GeoDataFrame

    def has(self, *kinds: str) -> bool:
        """Whether any feature is of one of these geometry types."""
        return bool(self.frame.geom_type.isin(kinds).any())

    @property
    def is_areal(self) -> bool:
        """Whether the layer has polygons."""
        return self.has("Polygon", "MultiPolygon")


def read_layers(source: str) -> list[Layer]:
    """All layers of `source` that have geometry: a path, a folder, a zip, `zip://A.zip!member`.

    Raises `Refused` for what does not exist, cannot be read, or holds no layer.
    """
    with locating.located(source) as located:
        if located.unread:
            raise located.unread[0]
        found = [layer for file in located.files for layer in _layers_of(file)]
    if not found:
        raise Refused("{file} holds no layer with geometry.", remedy="Choose a file with polygons or lines.",
                      file=source)  # fmt: skip
    return found


def read_layer(source: str, role: str, *, name: str = "", areal: bool = False) -> gpd.GeoDataFrame:
    """The one layer of `source` that is meant by `role` ("area", "streets", …), or the one called `name`.

    Where a file has several, the one named like its role is taken. Raises `Refused` when that is not plain.
    """
    layers = [layer for layer in read_layers(source) if layer.is_areal or not areal]
    if not any(len(layer.frame) for layer in layers):
        raise Refused("{file} holds no polygons for {role}." if areal else "{file} holds no features for {role}.",
                      remedy="Give another file; leave it out where the city has none of these.",
                      file=source, role=f"--{role}")  # fmt: skip
    if name:
        layers = [layer for layer in layers if layer.name == name]
    if len(layers) > 1:
        stems = (role.removesuffix("ies").removesuffix("s"), *_ALSO_CALLED.get(role, ()))
        alike = [layer for layer in layers if layer.name.lower().startswith(stems)]
        layers = alike if len(alike) == 1 else layers
    if len(layers) == 1:
        return layers[0].frame
    raise Refused("Which layer of {file} holds the {role} is not plain; it has: {layers}.",
                  remedy="Give a file with one layer, or name the layer with --layer.",
                  file=source, role=role, layers=named(read_layers(source)))  # fmt: skip


def named(layers: Sequence[Layer]) -> str:
    """The layers' names in one line."""
    return ", ".join(layer.name for layer in layers) or "–"


def _layers_of(file: locating.SourceFile) -> Iterator[Layer]:
    ending = file.path.suffix.lower()
    if ending in locating.SHAPEFILES:
        yield _layer(shapefile.read_shapefile(file.path, file.shown, ReadOptions()), file)
    elif ending in locating.PARQUETS:
        yield _layer(parquet.read_parquet(file.path, file.shown, ReadOptions()), file)
    elif ending in locating.VECTORS:
        with readable(file.path, file.shown, ReadOptions()) as given:
            for name, _ in vector.spatial_layers(given.path, file.shown):
                yield _layer(vector.read_layer(given, file.shown, name, file.path.name), file)


def _layer(table: tables.SourceTable, file: locating.SourceFile) -> Layer:
    shapes = shapely.points(table.x, table.y) if table.shapes is None else table.shapes
    columns = {
        name: pd.array(tables.plain(column).to_pylist(), dtype="str")
        for name, column in table.columns.items()
    }
    taken = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    if "geometry" in taken.columns:
        taken = taken.rename(columns={"geometry": "geometry_text"})
    known = (
        crs.system(table.declared_crs) if table.declared_crs else crs.WGS84 if table.lonlat_fields else None
    )
    frame = gpd.GeoDataFrame(taken, geometry=np.asarray(shapes, dtype=object), crs=known)
    return Layer(table.layer or PurePath(table.file).stem, file.shown, frame)
