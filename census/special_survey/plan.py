"""Who surveys which cells: the area is cut in two, and the halves again, each time at equal work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from census.special_survey.frames import cells_frame

WALK: Final = 1  # a cell costs its known components, and this much for walking it


def planned(cells: gpd.GeoDataFrame, known: NDArray[np.int64], collectors: Sequence[str]) -> pd.DataFrame:
    """The plan of a survey, `CELL_COLUMNS`: every cell once, by code.

    `cells`: code and geometry; `known`: components of the surveyed classes in each. The area is cut across its longer
    side so that the work on both sides fits the number of collectors, and so on (Berger, Bokhari 1987): each has cells
    beside one another, and the work of one differs from an equal share by at most 1.25 times the heaviest cell.
    """
    if not collectors:
        raise ValueError("a plan needs a collector")
    work = np.asarray(known, np.int64) + WALK
    places = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
    share = shares(places, work, len(collectors))
    columns = {
        "cell_code": cells["code"].tolist(),
        "collector": [collectors[part] for part in share.tolist()],
        "known": np.asarray(known, np.int64),
    }
    return cells_frame(columns, len(cells)).sort_values("cell_code", ignore_index=True)


def shares(places: NDArray[np.float64], work: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Which of `parts` shares each piece of work at `places` (n, 2) falls in."""
    out = np.zeros(len(work), np.int64)
    waiting = [(np.arange(len(work)), 0, parts)]
    while waiting:
        rows, first, count = waiting.pop()
        if count == 1 or not len(rows):
            out[rows] = first
            continue
        left = count // 2
        before = _before_cut(places[rows], work[rows], left / count)
        waiting += [(rows[before], first, left), (rows[~before], first + left, count - left)]
    return out


def _before_cut(places: NDArray[np.float64], work: NDArray[np.int64], fraction: float) -> NDArray[np.bool_]:
    """Which pieces lie before the cut that leaves this fraction of the work there: those with their middle before it."""
    across = int(np.argmax(np.ptp(places, axis=0)))
    order = np.lexsort((places[:, 1 - across], places[:, across]))
    middle = np.cumsum(work[order]) - work[order] / 2
    out = np.zeros(len(work), bool)
    out[order[middle < fraction * work.sum()]] = True
    return out
