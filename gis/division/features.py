"""Division along roads, water, walls and other real features."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import crs
from gis.division import sayings, seams
from gis.division.anchoring import anchored, stitched
from gis.division.chords import chords
from gis.division.clusters import stands_alone
from gis.division.dead_ends import lengthened
from gis.division.figures import measured
from gis.division.ground import Ground
from gis.division.mosaic import faces_between, mosaic
from gis.division.outlines import outlines, smoothed, without_enclosed
from gis.division.provisional import along_ways
from gis.division.recutting import recut
from gis.division.result import BUILDING_NOTE, COMPOUND_NOTE, Division, is_whole
from gis.division.solids import Solids, solids
from gis.division.spikes import without_spikes
from gis.division.steering import ON_FEATURES, steered
from gis.division.territory import Territory, survey
from gis.division.ways import Ways, ways
from gis.division.weighing import Weights
from gis.frames import as_cells
from gis.grid import grid_codes, grid_rules
from gis.grid.grid_rules_findings import about_layer, about_rows, joined
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

METHOD: Final = "features"
TARGET_M2: Final = 10_000.0
LEAF_SHARE: Final = 0.4
NO_LATTICE_M: Final = 1e12
SMALLEST_SHARE: Final = 0.2  # of the target: 2,000 m² of 10,000 m², as rule G8 has it
SMALL_NOTE: Final = "面积小于{:.0f}平方米，同社区内无相邻单元网格可合并"
COMPOUND, BUILDING = 1, 2
WHOLE_CELLS: Final = 850  # an area without communities is one as long as it has fewer cells than this

Array = np.ndarray


def features(
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
    """Divide an area into cells of about `target_m2` that follow what stands on the ground.

    Borders run along roads, railways, shores and walls; where these leave a block too large it is cut straight, between
    buildings. Buildings and compounds stay whole; a compound from the target's size on, and a building over three
    times that, is a cell of its own with a note. Cells never cross a community. Layers may be in any reference system (see
    `territory.survey`); the cells are in `plane`, by default the area's own. The same input gives the same cells.
    Raises `Refused` for unusable layers and for communities of more than 999 cells, `Cancelled` when stopped.
    """
    progress = progress or Silent()
    if not 100.0 <= target_m2 <= 1_000_000.0:
        raise Refused("A cell of {target} m² is not sensible.", remedy="Choose between 100 and 1,000,000 m².",
                      target=target_m2)  # fmt: skip
    progress.report(0.0, "Reading the area")
    land = survey(area, streets, communities, exclude, district=district, side_m=float(np.sqrt(target_m2)),
                  whole_m2=WHOLE_CELLS * target_m2, plane=plane)  # fmt: skip
    known = (ground or Ground()).in_plane(land.crs)
    way, solid = ways(known), solids(known)
    land = along_ways(land, way.firm(), solid)
    cells = _cells(land, way, solid, Weights(target_m2), Part(progress, 0.05, 0.7))
    progress.report(0.7, "Checking the cells")
    checked = grid_rules.check(cells, communities=land.communities, streets=land.streets, counties=land.counties,
                               buildings=known.buildings, compounds=known.compounds, progress=Part(progress, 0.7, 0.9))  # fmt: skip
    findings = joined([*land.findings, *_remarks(cells, SMALLEST_SHARE * target_m2), checked])
    figures = measured(METHOD, cells, land.boundary, known)
    progress.report(1.0)
    return Division(cells, land.communities, land.streets, land.counties, findings, figures)


def _cells(
    land: Territory, way: Ways, solid: Solids, weights: Weights, progress: Progress
) -> gpd.GeoDataFrame:
    way_tree, solid_tree = shapely.STRtree(way.lines), shapely.STRtree(solid.polygons)
    communities = np.asarray(land.communities.geometry.values, dtype=object)
    made: list[tuple[Array, Array]] = []
    for number, community in enumerate(communities):
        progress.report(number / len(communities), "Dividing communities")
        near = [np.sort(tree.query(community, predicate="intersects")) for tree in (way_tree, solid_tree)]
        its_ways = Ways(way.lines[near[0]], way.strength[near[0]])
        its_solids = Solids(solid.polygons[near[1]], solid.is_compound[near[1]])
        made.append(_divided(community, its_ways, its_solids, weights, progress))
    polygons = stitched(np.concatenate([each for each, _ in made]), communities)
    polygons = seams.without_short_edges(polygons, communities, NO_LATTICE_M)
    polygons = np.asarray(shapely.remove_repeated_points(polygons, 0.0), dtype=object)
    community_of = np.repeat(np.arange(len(communities)), [len(each) for each, _ in made])
    kind = np.concatenate([each for _, each in made])
    return _framed(land, polygons, community_of, kind, weights)


def _framed(
    land: Territory, polygons: Array, community_of: Array, kind: Array, weights: Weights
) -> gpd.GeoDataFrame:
    """Cells with their codes, in the order of these, and notes on those whose size is no fault."""
    community_codes = land.communities["code"].to_numpy(dtype=str)[community_of]
    codes = grid_codes.numbered(polygons, community_codes)
    order = np.argsort(codes, kind="stable")
    area = shapely.area(polygons)
    note = np.select(
        [kind == COMPOUND, kind == BUILDING, area < SMALLEST_SHARE * weights.target_m2],
        [COMPOUND_NOTE, BUILDING_NOTE, SMALL_NOTE.format(SMALLEST_SHARE * weights.target_m2)],
        "",
    )
    columns = {"code": codes[order], "community_code": community_codes[order], "note": note[order]}
    return as_cells(gpd.GeoDataFrame(columns, geometry=polygons[order], crs=land.crs))


def _remarks(cells: gpd.GeoDataFrame, least_m2: float) -> list[pd.DataFrame]:
    """Findings on cells that are small for want of a neighbour, and on those that are whole compounds."""
    area = cells["area_m2"].to_numpy()
    rows = np.flatnonzero(area < least_m2)
    sizes = [f"{size:.0f} m²" for size in area[rows]]
    found = [about_rows(sayings.SMALL_CELL, rows, cells.geometry.values, sizes)]
    whole = area[is_whole(cells)]
    if len(whole):
        found.append(about_layer(sayings.OWN_CELLS, value=f"{len(whole)}, ⌀ {whole.mean():.0f} m²"))
    return found


def _divided(
    community: shapely.Geometry, way: Ways, solid: Solids, weights: Weights, progress: Progress
) -> tuple[Array, Array]:
    """The cells of one community, and which of them are one `COMPOUND` or one `BUILDING`."""
    onward = lengthened(way, community, solid)
    lines = np.concatenate([way.lines, onward])
    cuts = chords(faces_between(lines, community), solid, LEAF_SHARE * weights.target_m2, progress)
    pieces = mosaic(way, np.concatenate([onward, cuts]), solid, community)
    trial = steered(pieces, weights, progress)
    cell = without_enclosed(pieces, trial.cell)
    kind = np.zeros(int(cell.max(initial=-1)) + 1, dtype=np.int64)
    alone = stands_alone(pieces, weights)
    kind[cell[alone]] = np.where(pieces.is_compound[alone], COMPOUND, BUILDING)
    shapes = outlines(pieces, cell)
    if trial.on_features < ON_FEATURES:
        shapes = recut(shapes, kind > 0, way, solid, trial.weights, progress)
    return without_spikes(anchored(smoothed(shapes), community)), kind
