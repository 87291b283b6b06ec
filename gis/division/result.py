"""A division: its cells, what was found, and the figures to judge it by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from gis.grid.grid_rules_findings import counts

COMPOUND_NOTE: Final = "自管小区，单独成格"
BUILDING_NOTE: Final = "大型建筑，单独成格"


def is_whole(cells: gpd.GeoDataFrame) -> pd.Series:
    """Which cells are one compound or one large building, whatever their size."""
    return cells["note"].isin([COMPOUND_NOTE, BUILDING_NOTE])


@dataclass(frozen=True)
class Figures:
    """The figures of one division; areas in m², shares from 0 to 1, None where there is nothing to measure.

    `area_m2` is the area to divide, `divided_m2` what the cells cover of it. `mean_m2` and `share_5000_20000`, the share
    (by number) between 5,000 and 20,000 m², are those of ordinary cells: a compound or large building that is a cell of
    its own (finding D12) has the size that it has. `boundary_on_features_share` the share of inner borders (by length)
    within 1 m of a given way or outline, compactness 4πA/P².
    """

    method: str
    cells: int
    area_m2: float
    divided_m2: float
    mean_m2: float
    share_5000_20000: float
    gap_m2: float
    overlap_m2: float
    buildings: int | None
    buildings_cut: int | None
    boundary_on_features_share: float | None
    compactness_median: float


@dataclass(frozen=True)
class Division:
    """The result of one method of division.

    `cells` has the columns of `gis.frames.CELL_COLUMNS` in the order of their codes; `communities`, `streets` and
    `counties` are the areas used, with `AREA_COLUMNS`; all in one metric plane. `findings`: remarks on the input
    (D…) and breaches of the grid rules (G…) in one frame of `FINDING_COLUMNS`.
    """

    cells: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame
    findings: pd.DataFrame
    figures: Figures

    @property
    def finding_counts(self) -> dict[str, int]:
        """Number of findings of each code."""
        return counts(self.findings)
