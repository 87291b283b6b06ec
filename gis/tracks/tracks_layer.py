"""Tracks as a layer of points with a field of times: GeoPackage, GeoJSON, shapefile."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from gis import crs
from gis.tracks.tracks_points import Track
from gis.tracks.tracks_table import from_table
from kernel.errors import Refused


def read(path: Path, shown: str = "") -> Track:
    """The first layer of points in the file. Raises `Refused` when there is none, or none with times."""
    shown = shown or path.name
    try:
        layers = [
            str(name) for name, kind in pyogrio.list_layers(path) if kind in ("Point", "Point Z", "Unknown")
        ]
        frame = gpd.read_file(path, layer=layers[0]) if layers else None
    except (DataSourceError, DataLayerError) as error:
        raise Refused("{file} cannot be read: it is damaged or not what its name says.",
                      remedy="Export the track again.", file=shown, detail=str(error)) from error  # fmt: skip
    if frame is None or frame.empty or not (frame.geom_type == "Point").all() or frame.crs is None:
        raise Refused("{file} has no layer of points with a reference system.",
                      remedy="Export the track as points, with its .prj file.", file=shown)  # fmt: skip
    places = frame.geometry.to_crs(crs.WGS84)
    table = pd.DataFrame(frame.drop(columns="geometry")).map(
        lambda value: "" if pd.isna(value) else str(value)
    )
    plain = table.drop(
        columns=[name for name in table.columns if str(name).lower() in ("lon", "lat", "x", "y")]
    )
    return from_table(plain.assign(lon=places.x.to_numpy(), lat=places.y.to_numpy()), shown)
