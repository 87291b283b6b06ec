"""Rules on cells together: G2 no overlap, G3 no gap, G7 nested in their areas."""

from __future__ import annotations

from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import topology
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying, about_rows, at_places

OVERLAP: Final = Saying(
    "G2", ERROR, "Row {row}: the cell overlaps another: {value}.", "Cut the common part from one of the two."
)
GAP: Final = Saying("G3", ERROR, "No cell covers {value}.", "Give the place to the neighbouring cell.")
ENCLOSED: Final = Saying(
    "G3", WARNING, "Cells enclose a place without cell: {value}.", "Check that it is left out on purpose."
)
APART: Final = Saying(
    "G3",
    ERROR,
    "Borders of neighbours lie more than 0.05 m apart: {value}.",
    "Let neighbours share their vertices.",
)
BEYOND: Final = Saying(
    "G7",
    ERROR,
    "Row {row}: the cell reaches beyond its community: {value}.",
    "Cut the cell at the community's border.",
)
AREA_BEYOND: Final = Saying(
    "G7", ERROR, "An area reaches beyond the one above it: {value}.", "Settle the border of the areas."
)

SMALLEST_M2: Final = 0.5
OVERLAP_WIDTH_M: Final = 0.1
MATCH_M: Final = 0.05
# A place that cells enclose and that is larger than the smallest cell may have been left out on purpose: a lake.
LEFT_OUT_M2: Final = 2_000.0

Array = np.ndarray
Areas: TypeAlias = gpd.GeoDataFrame | None


def check(
    polygons: Array, codes: Array, communities: Areas, streets: Areas, counties: Areas
) -> list[pd.DataFrame]:
    """Findings of G2, G3 and G7."""
    tiling = topology.check(polygons)
    found = [_overlaps(tiling.overlaps, codes)]
    if communities is None or not len(communities):
        found += _enclosed(tiling.gaps)
    else:
        found += _against_communities(polygons, codes, communities)
    for children, parents in ((communities, streets), (streets, counties)):
        if children is not None and parents is not None:
            found.append(_areas_beyond(children, parents))
    return found


def _overlaps(pairs: pd.DataFrame, codes: Array) -> pd.DataFrame:
    common = pairs["geometry"].to_numpy(dtype=object)
    area = pairs["area_m2"].to_numpy(dtype=float)
    bad = np.flatnonzero((area > SMALLEST_M2) | _wider(common, OVERLAP_WIDTH_M))
    first, second = (pairs[name].to_numpy(dtype=np.int64)[bad] for name in ("first", "second"))
    values = [
        f"{codes[a]}, {codes[b]}: {size:,.2f} m²" for a, b, size in zip(first, second, area[bad], strict=True)
    ]
    return at_places(OVERLAP, common[bad], values, records=first)


def _wider(geometry: Array, width_m: float) -> Array:
    """Whether something is left of each area when it is worn off by half of `width_m` on all sides."""
    return ~shapely.is_empty(shapely.buffer(geometry, -width_m / 2, quad_segs=1))


def _enclosed(gaps: Array) -> list[pd.DataFrame]:
    area = shapely.area(gaps)
    lake = area > LEFT_OUT_M2
    fault = ~lake & (area > SMALLEST_M2)
    return [at_places(s, gaps[rows], _sizes(gaps[rows])) for s, rows in ((GAP, fault), (ENCLOSED, lake))]


def _sizes(geometry: Array) -> list[str]:
    return [f"{area:,.2f} m²" for area in shapely.area(geometry)]


def _against_communities(polygons: Array, codes: Array, communities: gpd.GeoDataFrame) -> list[pd.DataFrame]:
    """Each community against the cells whose codes belong to it."""
    if not communities["code"].is_unique:
        communities = communities.dissolve("code", as_index=False)
    borders = np.asarray(communities.geometry.values, dtype=object)
    group = pd.Index(communities["code"].astype("str")).get_indexer(codes.astype("U12"))
    faces = topology.faces(polygons, group, within=borders, within_group=np.arange(len(borders)))
    own = faces.group >= 0
    inside = np.zeros(len(own), dtype=bool)
    points = shapely.point_on_surface(faces.geometry)
    inside[own] = shapely.intersects(borders[faces.group[own]], points[own])
    bare = faces.geometry[own & inside & (faces.cover == 0)]
    beyond = np.flatnonzero(own & ~inside & (faces.cover > 0))
    return [*_uncovered(bare, polygons), _cells_beyond(faces, beyond, polygons, codes, group, borders)]


def _uncovered(bare: Array, polygons: Array) -> list[pd.DataFrame]:
    """Parts of communities that no cell covers, not even one with the code of another community."""
    if len(bare):
        covered = np.unique(
            shapely.STRtree(polygons).query(shapely.point_on_surface(bare), predicate="intersects")[0]
        )
        bare = np.delete(bare, covered)
    parts = shapely.get_parts(shapely.union_all(bare)) if len(bare) else bare
    parts = parts[shapely.get_dimensions(parts) == 2]
    large = shapely.area(parts) > SMALLEST_M2
    apart = parts[~large & _wider(parts, MATCH_M)]
    return [at_places(GAP, parts[large], _sizes(parts[large])), at_places(APART, apart, _sizes(apart))]


def _cells_beyond(
    faces: topology.Faces, beyond: Array, polygons: Array, codes: Array, group: Array, borders: Array
) -> pd.DataFrame:
    """Cells with more than `SMALLEST_M2` outside their community."""
    touched = np.zeros(0, dtype=np.int64)
    if len(beyond):
        face, cell = shapely.STRtree(polygons).query(faces.geometry[beyond], predicate="intersects")
        touched = np.unique(cell[group[cell] == faces.group[beyond[face]]])
    outside = shapely.area(shapely.difference(shapely.make_valid(polygons[touched]), borders[group[touched]]))
    bad = outside > SMALLEST_M2
    rows = touched[bad]
    values = [f"{codes[row]}: {size:,.2f} m²" for row, size in zip(rows, outside[bad], strict=True)]
    return about_rows(BEYOND, rows, polygons, values)


def _areas_beyond(children: gpd.GeoDataFrame, parents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Areas with more than `SMALLEST_M2` outside the area that their code names above them."""
    above = pd.Index(parents["code"].astype("str"))
    codes = children["code"].astype("str")
    digits = len(above[0]) if len(above) else 0
    at = above.get_indexer(codes.str[:digits]) if above.is_unique else np.full(len(codes), -1)
    rows = np.flatnonzero(at >= 0)
    child = np.asarray(children.geometry.values, dtype=object)[rows]
    outside = shapely.difference(child, np.asarray(parents.geometry.values, dtype=object)[at[rows]])
    size = shapely.area(outside)
    bad = size > SMALLEST_M2
    values = [f"{codes.iloc[row]}: {area:,.2f} m²" for row, area in zip(rows[bad], size[bad], strict=True)]
    return at_places(AREA_BEYOND, outside[bad], values)
