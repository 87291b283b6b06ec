"""The grid rules G1 … G11 and G13 on any layer of cells, whoever drew it.

Source of rules, tolerances and severities: CJ/T 213-2005 and GB/T 47678.3 as collected for this project; tolerances
are our own defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.frames import require_columns
from gis.grid import (
    grid_rules_codes,
    grid_rules_objects,
    grid_rules_shape,
    grid_rules_system,
    grid_rules_tiling,
)
from gis.grid.grid_rules_findings import joined
from kernel.progress import Progress, Silent

Array = np.ndarray


@dataclass(frozen=True)
class Surroundings:
    """What cells are checked against; None where it is not known, and then the rules that need it are silent."""

    communities: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    counties: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    compounds: gpd.GeoDataFrame | None = None
    components: pd.DataFrame | None = None


def check(
    cells: gpd.GeoDataFrame,
    *,
    communities: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    counties: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    compounds: gpd.GeoDataFrame | None = None,
    components: pd.DataFrame | None = None,
    retired_codes: Iterable[str] = (),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Findings (columns of `gis.frames.FINDING_COLUMNS`) of the grid rules on `cells`.

    `cells` needs `code` and geometry; `area_m2` (as stored), `note` (the reason for an exception) and `end_date` (of a
    retired cell) are looked at where they are there. Areas have `AREA_COLUMNS`, components `code`, `cell_code`, `x`,
    `y` (and geometry for lines and areas). `retired_codes`: of cells that stand no more and are not among `cells`. Cells that are not in a metric plane are a finding of G11 and are checked
    on a plane that fits them; `x`, `y` of the findings are on that plane. Row numbers are those of `cells`.
    """
    require_columns(cells, ("code", "geometry"), "cells")
    progress = progress or Silent()
    known = Surroundings(communities, streets, counties, buildings, compounds, components)
    system = grid_rules_system.check(cells, known)
    cells, known = grid_rules_system.in_one_plane(cells, known)
    polygons = _polygons(cells)
    codes = cells["code"].fillna("").astype("str").to_numpy(dtype=str)
    progress.report(0.1, "Checking shapes")
    parts = [system, *grid_rules_shape.check(cells, polygons)]
    progress.report(0.3, "Checking borders")
    parts += grid_rules_tiling.check(polygons, codes, known.communities, known.streets, known.counties)
    progress.report(0.7, "Checking codes")
    areas = (known.communities, known.streets, known.counties)
    parts += grid_rules_codes.check(cells, polygons, codes, *areas, retired_codes)
    progress.report(0.8, "Checking objects")
    parts += grid_rules_objects.check(polygons, codes, known.buildings, known.compounds, known.components)
    progress.report(1.0)
    return joined(parts)


def _polygons(cells: gpd.GeoDataFrame) -> Array:
    """Flat geometries; an empty polygon where a row has none, so that numbers stay those of the layer."""
    geometry = np.asarray(cells.geometry.values, dtype=object)
    return shapely.force_2d(np.where(shapely.is_missing(geometry), shapely.Polygon(), geometry))
