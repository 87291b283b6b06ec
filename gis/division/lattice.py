"""The lattice: squares of the target area cut by the communities, small parts merged, numbered in reading order."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import crs
from gis.division import sayings, seams, squares
from gis.division.figures import compactness, measured
from gis.division.ground import Ground
from gis.division.merging import merged
from gis.division.result import Division
from gis.division.territory import Territory, survey
from gis.frames import as_cells
from gis.grid import grid_codes, grid_rules
from gis.grid.grid_rules_findings import about_rows, joined
from gis.grid.grid_rules_shape import LEAST_COMPACTNESS
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

METHOD: Final = "lattice"
TARGET_M2: Final = 10_000.0
SMALLEST_SHARE: Final = 0.2  # of the target: 2,000 m² of 10,000 m², as rule G8 has it

Array = np.ndarray


def lattice(
    area: gpd.GeoDataFrame,
    *,
    streets: gpd.GeoDataFrame | None = None,
    communities: gpd.GeoDataFrame | None = None,
    exclude: gpd.GeoDataFrame | None = None,
    ground: Ground | None = None,
    target_m2: float = TARGET_M2,
    district: str = "",
    plane: crs.System | None = None,
    progress: Progress | None = None,
) -> Division:
    """Divide an area into squares of exactly `target_m2`, cut by the communities.

    Lattice lines are multiples of the side in the plane. Every part of a square in a community is a cell; parts
    under a fifth of the target (or long and thin: rule G10) join the neighbour in their community with the longest common border. What is not
    connected with a neighbour stays a small cell with a note. Layers may be in any reference system (see
    `territory.survey`); the cells are in `plane`, by default the area's own. `ground` only serves the figures and rule G9: a lattice does
    not follow them. Raises `Refused` for unusable layers and for communities of more than 999 cells.
    """
    progress = progress or Silent()
    if not 100.0 <= target_m2 <= 1_000_000.0:
        raise Refused("A cell of {target} m² is not sensible.", remedy="Choose between 100 and 1,000,000 m².",
                      target=target_m2)  # fmt: skip
    side_m = float(np.sqrt(target_m2))
    progress.report(0.0, "Reading the area")
    land = survey(area, streets, communities, exclude, district=district, side_m=side_m, plane=plane)
    progress.report(0.1, "Cutting squares")
    cells = _cells(land, side_m, SMALLEST_SHARE * target_m2, Part(progress, 0.1, 0.5))
    known = (ground or Ground()).in_plane(land.crs)
    progress.report(0.5, "Checking the cells")
    findings = joined([*land.findings, _small(cells), _checked(cells, land, known, Part(progress, 0.5, 0.9))])
    figures = measured(METHOD, cells, land.boundary, known)
    progress.report(1.0)
    return Division(cells, land.communities, land.streets, land.counties, findings, figures)


def _cells(land: Territory, side_m: float, least_m2: float, progress: Progress) -> gpd.GeoDataFrame:
    communities = np.asarray(land.communities.geometry.values, dtype=object)
    pieces = squares.cut(communities, side_m)
    parts, piece = shapely.get_parts(pieces.geometry, return_index=True)
    parts = seams.without_short_edges(seams.settled(parts, side_m), communities, side_m)
    full = ~shapely.is_empty(parts)
    progress.report(0.4, "Merging small parts")
    polygons, community = _merged(parts[full], pieces.source[piece[full]], least_m2)
    progress.report(0.9, "Numbering")
    community_codes = land.communities["code"].to_numpy(dtype=str)[community]
    codes = grid_codes.numbered(polygons, community_codes)
    order = np.argsort(codes, kind="stable")
    small = shapely.area(polygons[order]) < least_m2
    columns = {"code": codes[order], "community_code": community_codes[order]}
    frame = gpd.GeoDataFrame(columns, geometry=polygons[order], crs=land.crs)
    frame["note"] = np.where(small, f"面积小于{least_m2:.0f}平方米，同社区内无相邻单元网格可合并", "")
    return as_cells(frame)


def _merged(parts: Array, community: Array, least_m2: float) -> tuple[Array, Array]:
    """Parts without small ones and, as far as neighbours allow, without long and thin ones."""
    polygons, owner = merged(parts, community, least_m2)
    thin = compactness(polygons) < LEAST_COMPACTNESS
    return merged(polygons, owner, least_m2, thin) if thin.any() else (polygons, owner)


def _small(cells: gpd.GeoDataFrame) -> pd.DataFrame:
    noted = np.flatnonzero(cells["note"] != "")
    return about_rows(
        sayings.SMALL_CELL,
        noted,
        cells.geometry.values,
        [f"{a:.0f} m²" for a in cells["area_m2"].iloc[noted]],
    )


def _checked(cells: gpd.GeoDataFrame, land: Territory, known: Ground, progress: Progress) -> pd.DataFrame:
    return grid_rules.check(
        cells,
        communities=land.communities,
        streets=land.streets,
        counties=land.counties,
        buildings=known.buildings,
        compounds=known.compounds,
        progress=progress,
    )
