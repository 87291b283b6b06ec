"""What a survey is checked against: the city's cells, communities, classes, departments, plane, and the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from census.reading.tables import Codes, Floats
from gis.assignment import finder
from gis.frames import CELL_COLUMNS, DEPARTMENT_COLUMNS
from resources.catalogues import Catalogue


def _no_cells() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in CELL_COLUMNS}, geometry="geometry")


def _no_departments() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in DEPARTMENT_COLUMNS})


@dataclass(frozen=True)
class Context:
    """The city as a census is checked against it.

    `catalogues`: the class lists by edition, with the city's own classes; `standard` is the store's edition. `cells`
    and `communities` are frames of `gis.frames` in the plane `crs` (EPSG number, 0 for a store that has none yet).
    `today` is the day of reference for dates in the future. `ground`: geometries of the base layers that components
    are held against, by kind (`water`, `buildings`).
    """

    catalogues: Mapping[str, Catalogue]
    standard: str
    today: date
    crs: int = 0
    cells: gpd.GeoDataFrame = field(default_factory=_no_cells)
    communities: gpd.GeoDataFrame = field(default_factory=_no_cells)
    departments: pd.DataFrame = field(default_factory=_no_departments)
    ground: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """xmin, ymin, xmax, ymax of cells and communities in metres; None when the city has neither."""
        boxes = [frame.total_bounds for frame in (self.cells, self.communities) if len(frame)]
        if not boxes:
            return None
        low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])

    @cached_property
    def cell_codes(self) -> tuple[str, ...]:
        """Codes of the cells, in their order."""
        return tuple(self.cells["code"].tolist())

    @cached_property
    def cell_numbers(self) -> Mapping[str, int]:
        """Position of each cell by its code."""
        return {code: number for number, code in enumerate(self.cell_codes)}

    @cached_property
    def cell_at(self) -> Callable[[Floats, Floats], Codes] | None:
        """Finds the cell, by its position, that each of some points lies in (-1: none); communities where the city has no
        cells, None where it has neither. Meant for samples.
        """
        ground = self.cells if len(self.cells) else self.communities
        return finder(ground) if len(ground) else None

    @cached_property
    def class_words(self) -> frozenset[str]:
        """Names and codes of every class of every edition."""
        words: set[str] = set()
        for catalogue in self.catalogues.values():
            words |= set(catalogue.codes) | set(catalogue.component_names.values())
            words |= {word for word in catalogue.component_codes if not word.isascii()}
        return frozenset(words - {""})
