"""A division: its cells, what was found, and the figures to judge it by."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gis.grid_rules_findings import counts


@dataclass(frozen=True)
class Figures:
    """The figures of one division; areas in m², shares from 0 to 1, None where there is nothing to measure.

    `area_m2` is the area to divide, `divided_m2` what the cells cover of it, `share_5000_20000` the share of the
    cells (by number) between 5,000 and 20,000 m², `boundary_on_features_share` the share of inner borders (by length)
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
