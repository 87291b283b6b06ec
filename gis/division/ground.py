"""What stands on the ground and a division should respect: roads, railways, water, buildings, compounds, other lines."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from gis import crs
from kernel.errors import Refused

FARTHEST_M: Final = 1e8  # what lies beyond has coordinates of no plane, and lengths that overflow

Array = np.ndarray


@dataclass(frozen=True)
class Ground:
    """Base layers in any reference system; None where a layer is not given.

    `features`: other lines and areas that a border may follow, such as lot lines, land use, walls, fences, kerbs.
    """

    roads: gpd.GeoDataFrame | None = None
    railways: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    compounds: gpd.GeoDataFrame | None = None
    features: gpd.GeoDataFrame | None = None

    def in_plane(self, plane: pyproj.CRS) -> Ground:
        """The same layers in `plane`, flat, without empty geometries and those off the earth. Raises `Refused` for a layer without system."""
        return Ground(**{name: _laid(frame, name, plane) for name, frame in self.layers().items()})

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """The layers that are given, by name."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: frame for name, frame in given.items() if frame is not None}

    def lines(self) -> Array:
        """All geometries that a border may follow: ways, and outlines of areas."""
        geometries = [np.asarray(frame.geometry.values, dtype=object) for frame in self.layers().values()]
        every = np.concatenate([np.zeros(0, dtype=object), *geometries])
        return np.where(shapely.get_dimensions(every) == 2, shapely.boundary(every), every)


def _laid(frame: gpd.GeoDataFrame, name: str, plane: pyproj.CRS) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise Refused("The layer {layer} does not say its reference system.",
                      remedy="Ask for its .prj file, or assign the system in a GIS first.", layer=name)  # fmt: skip
    geometry = frame.geometry.to_numpy()
    full = frame[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)].reset_index(drop=True)
    flat = full.set_geometry(shapely.force_2d(full.geometry.values))
    laid: gpd.GeoDataFrame = crs.to_plane(flat, None, plane)  # type: ignore[assignment]  # a frame gives a frame
    on_earth = (np.abs(shapely.bounds(laid.geometry.to_numpy())) < FARTHEST_M).all(axis=1)
    return laid if on_earth.all() else laid[on_earth].reset_index(drop=True)
