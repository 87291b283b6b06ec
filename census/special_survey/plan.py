"""Who surveys which cells: the cells along a curve that keeps neighbours together, cut into parts of equal work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from census.special_survey.frames import cells_frame

WALK: Final = 1  # a cell costs its known components, and this much for walking it


def planned(cells: gpd.GeoDataFrame, known: NDArray[np.int64], collectors: Sequence[str]) -> pd.DataFrame:
    """The plan of a survey, `CELL_COLUMNS`: every cell once, by code.

    `cells`: code and geometry; `known`: components of the surveyed classes in each. The cells are taken along a Hilbert
    curve (Hamilton, Rau-Chaplin 2007) through their middles and cut at equal work, so that each collector has cells
    beside one another; the work of one never exceeds an equal share by more than the heaviest cell.
    """
    if not collectors:
        raise ValueError("a plan needs a collector")
    work = np.asarray(known, np.int64) + WALK
    order = np.argsort(_along_curve(cells), kind="stable")
    share = np.empty(len(cells), np.int64)
    share[order] = shares(work[order], len(collectors))
    columns = {
        "cell_code": cells["code"].tolist(),
        "collector": [collectors[part] for part in share.tolist()],
        "known": np.asarray(known, np.int64),
    }
    return cells_frame(columns, len(cells)).sort_values("cell_code", ignore_index=True)


def shares(work: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Which of `parts` consecutive shares each piece of work falls in: the one that holds its middle."""
    total = int(work.sum())
    if total == 0:
        return np.zeros(len(work), np.int64)
    middle = np.cumsum(work) - work / 2
    return np.minimum((middle * parts / total).astype(np.int64), parts - 1)


def _along_curve(cells: gpd.GeoDataFrame) -> NDArray[np.int64]:
    if not len(cells):
        return np.zeros(0, np.int64)
    points = cells.geometry.representative_point()
    return np.asarray(points.hilbert_distance(), np.int64)
