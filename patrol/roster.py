"""Who walks where: the roster's patrollers share out the cells as beats."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.frames import require_columns

FEWEST_CELLS: Final = 4  # a beat of fewer cells is no walk; then patrollers share a beat
MOST_CELLS: Final = 120

Array = np.ndarray


def beats(patrollers: pd.DataFrame, cells: gpd.GeoDataFrame) -> list[Array]:
    """Rows of `cells` for each patroller, in the roster's order.

    Cells in the order of their codes lie side by side within a community; the order is cut into as many runs as there
    are patrollers, each of 4 to 120 cells. With more patrollers than runs several walk the same beat; with fewer, the
    rest of the cells is walked by nobody.
    """
    require_columns(cells, ("code", "geometry"), "cells")
    if not len(patrollers) or not len(cells):
        return []
    order = _side_by_side(cells)
    length = int(np.clip(len(cells) // len(patrollers), FEWEST_CELLS, MOST_CELLS))
    runs = [order[start : start + length] for start in range(0, max(len(order) - length + 1, 1), length)]
    return [runs[number % len(runs)] for number in range(len(patrollers))]


def _side_by_side(cells: gpd.GeoDataFrame) -> Array:
    """Rows by community; within it in squares of about 300 m, so that a run of codes is a patch and not a strip."""
    middles = shapely.centroid(cells.geometry.values)
    x, y = shapely.get_x(middles), shapely.get_y(middles)
    community = cells["code"].astype("str").str[:12].to_numpy()
    band = np.floor(-y / 300.0)
    # Every other band runs back, so that the end of one and the beginning of the next are neighbours.
    along = np.where(band % 2 == 0, x, -x)
    return np.lexsort((along, band, community))
