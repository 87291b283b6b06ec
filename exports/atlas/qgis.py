"""The atlas's map as a GeoPackage that QGIS opens with the same look: its styles lie in the file itself.

QGIS reads the default style of each layer from the table `layer_styles` (columns as its own "Save style in database"
writes them); other programs see plain layers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from exports.atlas import qml
from exports.atlas.content import Atlas
from exports.finished import finished
from kernel.errors import Defect
from kernel.progress import Progress

STYLES: Final = "layer_styles"
GEOMETRY: Final = "geom"  # the name GDAL gives the geometry column of a GeoPackage
_TEXT_COLUMNS: Final = (
    "class_code",
    "name",
    "owner_name",
    "cell_code",
    "state",
)


def write_map(atlas: Atlas, target: Path, progress: Progress) -> Path:
    """Write cells, areas, sheets and base layers (and components, where the atlas has them) with their styles."""
    layers = layers_of(atlas)
    with finished(target, lambda path: _verify(path, layers)) as path:
        for number, (name, frame) in enumerate(layers.items()):
            progress.report(number / len(layers), "Writing {layer}", layer=name)
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=number > 0,
                                    promote_to_multi=name not in ("components", "sheets"))  # fmt: skip
        pyogrio.write_dataframe(_styles(atlas, list(layers)), path, layer=STYLES, driver="GPKG", append=True,
                                layer_options={"FID": "id"})  # fmt: skip
    progress.report(1.0, "Writing {layer}", layer=STYLES)
    return target


def layers_of(atlas: Atlas) -> dict[str, gpd.GeoDataFrame]:
    """The layers by name, in drawing order from below."""
    chosen = {sheet.community_code for sheet in atlas.printed}
    layers = {
        kind: atlas.base[kind].frame
        for kind in ("green", "water", "buildings", "roads", "railways")
        if kind in atlas.base
    }
    layers["cells"] = atlas.cells[atlas.cells["community_code"].isin(chosen)]
    layers["streets"] = atlas.streets
    layers["communities"] = atlas.communities
    layers["sheets"] = _sheets(atlas)
    if atlas.components is not None:
        layers["components"] = _components(atlas, set(layers["cells"]["code"]))
    return {name: _one_dimension(frame) for name, frame in layers.items() if len(frame)}


def _one_dimension(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features of the layer's usual kind: a layer of a GeoPackage holds points, lines or areas."""
    dimension = shapely.get_dimensions(frame.geometry.to_numpy())
    return frame[dimension == np.bincount(np.maximum(dimension, 0)).argmax()]


def _sheets(atlas: Atlas) -> gpd.GeoDataFrame:
    printed = atlas.printed
    columns = {
        "number": [sheet.number for sheet in printed],
        "community_code": [sheet.community_code for sheet in printed],
        "title": [sheet.title for sheet in printed],
        "scale": [sheet.scale for sheet in printed],
    }
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(*s.window) for s in printed], crs=atlas.cells.crs)


def _components(atlas: Atlas, codes: set[str]) -> gpd.GeoDataFrame:
    """The components as points, also those that are lines and areas: the symbol stands at their own place."""
    assert atlas.components is not None, "only the component base atlas has components"
    own = atlas.components[atlas.cell_codes.isin(codes)]
    plain = pd.DataFrame({name: own[name].astype(str) for name in _TEXT_COLUMNS})
    return gpd.GeoDataFrame(plain, geometry=gpd.points_from_xy(own["x"], own["y"]), crs=atlas.cells.crs)


def _styles(atlas: Atlas, names: list[str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"f_table_catalog": "", "f_table_schema": "", "f_table_name": name, "f_geometry_column": GEOMETRY,
         "styleName": name, "styleQML": qml.style(atlas, name), "styleSLD": "", "useAsDefault": True,
         "description": "WanGrid", "owner": "", "ui": "", "update_time": pd.Timestamp(atlas.edition)}
        for name in names
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _verify(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name, rows in [(name, len(frame)) for name, frame in layers.items()] + [(STYLES, len(layers))]:
        found = pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
        if found != rows:
            raise Defect(
                "{file}: {rows} rows were written, {found} read back.", file=path.name, rows=rows, found=found
            )
