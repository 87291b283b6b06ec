"""Other lines and areas that a border may follow, from any number of files."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.read_layers import read_layer
from gis.crs import to_plane
from kernel.errors import Refused

ROLE = "features"


def read_features(sources: str | Sequence[str]) -> gpd.GeoDataFrame | None:
    """All lines and areas of the files as one frame of geometries, in the system of the first; None without a file.

    Points among them are left out. Raises `Refused` for a file without lines and areas, or without reference system.
    """
    named = [sources] if isinstance(sources, str) else list(sources)
    frames = [_of_lines(source) for source in named if source]
    if not frames:
        return None
    laid = [frames[0], *(to_plane(frame, None, frames[0].crs) for frame in frames[1:])]
    geometry = np.concatenate([np.asarray(frame.geometry.values, dtype=object) for frame in laid])
    return gpd.GeoDataFrame(geometry=geometry, crs=frames[0].crs, index=pd.RangeIndex(len(geometry)))


def _of_lines(source: str) -> gpd.GeoDataFrame:
    frame = read_layer(source, ROLE)
    if frame.crs is None:
        raise Refused("The layer {layer} does not say its reference system.",
                      remedy="Ask for its .prj file, or assign the system in a GIS first.", layer=source)  # fmt: skip
    shapes = np.asarray(frame.geometry.values, dtype=object)
    kept = (shapely.get_dimensions(shapes) > 0) & ~shapely.is_empty(shapes)
    if not kept.any():
        raise Refused("{file} has neither lines nor areas.", remedy="Choose a layer that a border can follow.",
                      file=source)  # fmt: skip
    return gpd.GeoDataFrame(geometry=shapes[kept], crs=frame.crs)
