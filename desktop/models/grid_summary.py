"""The grid in figures: a line per community, the distribution of areas, what the cities' rule says of sizes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from desktop.widgets.charts import Bars
from desktop.words import Text

USUAL_M2 = (5_000.0, 20_000.0)  # the mean of a community should lie here (rule G8)
ALLOWED_M2 = (2_000.0, 50_000.0)
BARS = 36
# How far a cell is from the rule's 10,000 m², as the classes of a diverging map: -3 far too small … 3 far too large.
STEPS_M2 = (2_000.0, 5_000.0, 8_000.0, 12_500.0, 20_000.0, 50_000.0)
STEP_WORDS = {
    3: Text("over 50,000 m²"), 2: Text("to 50,000"), 1: Text("to 20,000"), 0: Text("8,000 to 12,500 m²"),
    -1: Text("from 5,000"), -2: Text("from 2,000"), -3: Text("under 2,000 m²"),
}  # fmt: skip


@dataclass(frozen=True)
class GridSummary:
    """`communities`: code, name, street, cells, mean_m2, smallest_m2, largest_m2, in order of code."""

    communities: pd.DataFrame
    cells: int
    area_m2: float
    mean_m2: float
    usual_share: float
    outside_allowed: int
    areas: Bars
    steps: np.ndarray  # class of every cell, -3 … 3


def summarise(cells: gpd.GeoDataFrame, communities: pd.DataFrame, streets: pd.DataFrame) -> GridSummary:
    """Count the cells by community and by size."""
    area = cells["area_m2"].to_numpy(dtype=float)
    grouped = cells.groupby("community_code", sort=True)["area_m2"].agg(["size", "mean", "min", "max"])
    table = grouped.reset_index().set_axis(["code", "cells", "mean_m2", "smallest_m2", "largest_m2"], axis=1)
    names = dict(zip(communities["code"], communities["name"], strict=True))
    above = dict(zip(streets["code"], streets["name"], strict=True))
    table["name"] = [names.get(code, "") or code for code in table["code"]]
    table["street"] = [above.get(str(code)[:9], "") for code in table["code"]]
    inside = (area >= USUAL_M2[0]) & (area <= USUAL_M2[1])
    return GridSummary(
        communities=table,
        cells=len(cells),
        area_m2=float(area.sum()),
        mean_m2=float(area.mean()) if len(area) else 0.0,
        usual_share=float(inside.mean()) if len(area) else 0.0,
        outside_allowed=int(((area < ALLOWED_M2[0]) | (area > ALLOWED_M2[1])).sum()),
        areas=distribution(area),
        steps=(np.searchsorted(STEPS_M2, area, side="right") - 3).astype(np.int8),
    )


def distribution(area_m2: np.ndarray) -> Bars:
    """Counts of cells by area; the uppermost half percent share the last bar."""
    if not len(area_m2):
        return Bars(np.zeros(1), np.zeros(0))
    top = max(float(np.quantile(area_m2, 0.995)), USUAL_M2[1] * 1.1)
    edges = np.linspace(0.0, top, BARS + 1)
    counts, _ = np.histogram(np.minimum(area_m2, top * 0.9999), edges)
    return Bars(edges, counts, Text("m²"), limits=USUAL_M2)
