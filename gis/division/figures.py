"""Measuring a division, whatever method made it."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import topology
from gis.division.ground import Ground
from gis.division.result import Figures, is_whole
from gis.grid.grid_rules_objects import cut_areas

NEAR_FEATURE_M: Final = 1.0

Array = np.ndarray


def measured(method: str, cells: gpd.GeoDataFrame, boundary: shapely.Geometry, ground: Ground) -> Figures:
    """The figures of `cells` that divide `boundary`; all in one metric plane."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    area = shapely.area(polygons)
    whole = is_whole(cells).to_numpy()
    ordinary = area[~whole] if not whole.all() else area
    tiling = topology.check(polygons, boundary)
    buildings = areas_in(ground.buildings, boundary)
    return Figures(
        method=method,
        cells=len(cells),
        area_m2=round(float(shapely.area(boundary)), 3),
        divided_m2=round(float(area.sum()) - tiling.overlap_m2, 3),
        mean_m2=round(float(ordinary.mean()), 3),
        share_5000_20000=round(float(((ordinary >= 5_000) & (ordinary <= 20_000)).mean()), 4),
        gap_m2=round(tiling.gap_m2, 3),
        overlap_m2=round(tiling.overlap_m2, 3),
        buildings=None if buildings is None else len(buildings),
        buildings_cut=None if buildings is None else number_cut(buildings, polygons),
        boundary_on_features_share=share_on_features(polygons, boundary, ground.lines()),
        compactness_median=round(float(np.median(compactness(polygons))), 4),
    )


def compactness(polygons: Array) -> Array:
    """4πA/P²: 1 for a circle, 0.785 for a square (Polsby and Popper 1991)."""
    return 4 * np.pi * shapely.area(polygons) / shapely.length(polygons) ** 2


def areas_in(layer: gpd.GeoDataFrame | None, boundary: shapely.Geometry) -> Array | None:
    """The areas of a layer that meet `boundary`; None without a layer."""
    if layer is None:
        return None
    outlines = shapely.make_valid(np.asarray(layer.geometry.values, dtype=object))
    shapely.prepare(boundary)
    areal = outlines[shapely.get_dimensions(outlines) == 2]
    return areal[shapely.intersects(boundary, areal)]


def number_cut(buildings: Array, polygons: Array) -> int:
    """How many buildings have a house that a border cuts."""
    houses, building = shapely.get_parts(buildings, return_index=True)
    return len(np.unique(building[cut_areas(houses, polygons)]))


def share_on_features(polygons: Array, boundary: shapely.Geometry, lines: Array) -> float | None:
    """Share of the inner borders, by length, that lies within `NEAR_FEATURE_M` of `lines`."""
    if not len(lines):
        return None
    borders = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(polygons))))
    outline = _pieces(shapely.boundary(boundary))
    row, side = shapely.STRtree(outline).query(borders, predicate="dwithin", distance=NEAR_FEATURE_M)
    for number, rows in pd.Series(side).groupby(row).indices.items():
        beside = shapely.union_all(shapely.buffer(outline[side[rows]], NEAR_FEATURE_M))
        borders[number] = shapely.difference(borders[number], beside)
    inner = borders[~shapely.is_empty(borders)]
    total = float(shapely.length(inner).sum())
    if total == 0.0:
        return None
    border, line = shapely.STRtree(lines).query(inner, predicate="dwithin", distance=NEAR_FEATURE_M)
    near = pd.Series(line).groupby(border)
    followed = sum(
        shapely.length(
            shapely.intersection(
                inner[number], shapely.union_all(shapely.buffer(lines[line[rows]], NEAR_FEATURE_M))
            )
        )
        for number, rows in near.indices.items()
    )
    return round(float(followed) / total, 4)


def _pieces(lines: shapely.Geometry) -> Array:
    """Lines in stretches of one edge each."""
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    joined = line[1:] == line[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][joined], xy[1:][joined]], axis=1)), dtype=object)
