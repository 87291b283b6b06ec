"""Edits that mend a tiling: ground that no cell covers goes to a neighbour, ground under two cells is cut from one, a
code that stands twice is replaced. Each gives a `GridEdit`; coordinates are metres on the plane of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.frames import CELL_COLUMNS
from gis.grid_edit import RENUMBER, SNAP, GridEdit
from gis.rings import WELD_M, mutually_noded, near_rows, noded, vertices_on
from kernel.errors import Refused

CRUMB_M2: Final = 1e-4  # what overlay leaves beside the part that is meant

Array = np.ndarray


def with_ground(cells: gpd.GeoDataFrame, row: int, ground: shapely.Polygon) -> GridEdit:
    """The cell in `row` with `ground`, a place beside it that no cell covers."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    near = near_rows(polygons, ground)
    corners = shapely.multipoints(shapely.get_coordinates(polygons[near]))
    place = shapely.snap(ground, corners, WELD_M)
    pieces = mutually_noded(np.array([polygons[row], place, *polygons[near[near != row]]], dtype=object))
    whole = shapely.union_all(pieces[:2])
    if whole.geom_type != "Polygon" or len(whole.interiors) > len(polygons[row].interiors):
        raise _unfit()
    return _reshaped(cells, polygons, row, whole)


def without_common_ground(cells: gpd.GeoDataFrame, row: int, others: Sequence[int]) -> GridEdit:
    """The cell in `row` without what lies in the cells of `others` too."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    pieces = mutually_noded(polygons[[row, *others]])
    rest = shapely.get_parts(shapely.difference(pieces[0], shapely.union_all(pieces[1:])))
    rest = rest[shapely.area(rest) > CRUMB_M2]
    if len(rest) != 1 or len(rest[0].interiors) > len(polygons[row].interiors):
        raise _unfit()
    return _reshaped(cells, polygons, row, rest[0])


def recoded(cells: gpd.GeoDataFrame, row: int, code: str) -> GridEdit:
    """The cell in `row` with another code; whichever else has its old code keeps it."""
    old = cells["code"].iloc[row]
    rows = np.flatnonzero((cells["code"] == old).to_numpy())
    before = cells.iloc[rows]
    after = before.assign(code=[code if each == row else old for each in rows.tolist()])
    return GridEdit(RENUMBER, _ordered(before), _ordered(after))


def _reshaped(cells: gpd.GeoDataFrame, polygons: Array, row: int, shape: shapely.Polygon) -> GridEdit:
    """The cell in `row` with another shape; it and its neighbours get the vertices they have on common borders."""
    near = near_rows(polygons, shapely.union(polygons[row], shape))
    others = near[near != row]
    shape = noded(shape, vertices_on(shape, polygons[others]))
    if not shape.is_valid:
        raise _unfit()
    corners = vertices_on(polygons[row], np.array([shape], dtype=object))
    corners = np.concatenate([corners, shapely.get_coordinates(shape)])
    touched = {other: noded(polygons[other], corners) for other in others.tolist()}
    changed = {row: shape} | {
        other: after for other, after in touched.items() if after is not polygons[other]
    }
    before = cells.iloc[list(changed)]
    return GridEdit(SNAP, _ordered(before), _ordered(before.set_geometry(list(changed.values()))))


def _ordered(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """With the area of its geometry, ordered by code."""
    frame = frame.assign(area_m2=shapely.area(np.asarray(frame.geometry.values, dtype=object)))
    return gpd.GeoDataFrame(pd.DataFrame(frame)[list(CELL_COLUMNS)], crs=frame.crs).sort_values(
        "code", ignore_index=True
    )


def _unfit() -> Refused:
    return Refused("The cell would become several parts, or get a hole.", remedy="Draw the border by hand.")
