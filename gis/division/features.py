"""Division along roads, water, walls and other real features."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from gis import crs, grid_codes, grid_rules
from gis.division import seams
from gis.division.anchoring import anchored, stitched
from gis.division.chords import chords
from gis.division.dead_ends import lengthened
from gis.division.figures import measured
from gis.division.ground import Ground
from gis.division.mosaic import faces_between, mosaic
from gis.division.outlines import outlines, smoothed, without_enclosed
from gis.division.provisional import along_ways
from gis.division.result import Division
from gis.division.solids import Solids, solids
from gis.division.spikes import without_spikes
from gis.division.steering import steered
from gis.division.territory import Territory, survey
from gis.division.ways import Ways, ways
from gis.division.weighing import Weights
from gis.frames import as_cells
from gis.grid_rules_findings import joined
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

METHOD: Final = "features"
TARGET_M2: Final = 10_000.0
LEAF_SHARE: Final = 0.4
NO_LATTICE_M: Final = 1e12
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
    """Divide an area into cells of about `target_m2` that follow what stands on the ground."""
    progress = progress or Silent()
    if not 100.0 <= target_m2 <= 1_000_000.0:
        raise Refused("A cell of {target} m² is not sensible.", remedy="Choose between 100 and 1,000,000 m².",
                      target=target_m2)  # fmt: skip
    progress.report(0.0, "Reading the area")
    land = survey(area, streets, communities, exclude, district=district, side_m=float(np.sqrt(target_m2)),
                  whole_m2=WHOLE_CELLS * target_m2, plane=plane)  # fmt: skip
    known = (ground or Ground()).in_plane(land.crs)
    way, solid = ways(known), solids(known)
    land = along_ways(land, way, solid)
    cells = _cells(land, way, solid, Weights(target_m2), Part(progress, 0.05, 0.7))
    progress.report(0.7, "Checking the cells")
    checked = grid_rules.check(cells, communities=land.communities, streets=land.streets, counties=land.counties,
                               buildings=known.buildings, compounds=known.compounds, progress=Part(progress, 0.7, 0.9))  # fmt: skip
    findings = joined([*land.findings, checked])
    figures = measured(METHOD, cells, land.boundary, known)
    progress.report(1.0)
    return Division(cells, land.communities, land.streets, land.counties, findings, figures)


def _cells(
    land: Territory, way: Ways, solid: Solids, weights: Weights, progress: Progress
) -> gpd.GeoDataFrame:
    way_tree, solid_tree = shapely.STRtree(way.lines), shapely.STRtree(solid.polygons)
    communities = np.asarray(land.communities.geometry.values, dtype=object)
    made: list[Array] = []
    owner: list[Array] = []
    for number, community in enumerate(communities):
        progress.report(number / len(communities), "Dividing communities")
        near = [np.sort(tree.query(community, predicate="intersects")) for tree in (way_tree, solid_tree)]
        its_ways = Ways(way.lines[near[0]], way.strength[near[0]])
        its_solids = Solids(solid.polygons[near[1]], solid.is_compound[near[1]])
        polygons = _divided(community, its_ways, its_solids, weights, progress)
        made.append(polygons)
        owner.append(np.full(len(polygons), number))
    community_of = np.concatenate(owner)
    polygons = stitched(np.concatenate(made), communities)
    polygons = seams.without_short_edges(polygons, communities, NO_LATTICE_M)
    polygons = np.asarray(shapely.remove_repeated_points(polygons, 0.0), dtype=object)
    community_codes = land.communities["code"].to_numpy(dtype=str)[community_of]
    codes = grid_codes.numbered(polygons, community_codes)
    order = np.argsort(codes, kind="stable")
    columns = {"code": codes[order], "community_code": community_codes[order], "note": ""}
    return as_cells(gpd.GeoDataFrame(columns, geometry=polygons[order], crs=land.crs))


def _divided(
    community: shapely.Geometry, way: Ways, solid: Solids, weights: Weights, progress: Progress
) -> Array:
    """The cells of one community."""
    onward = lengthened(way.lines, community, solid)
    lines = np.concatenate([way.lines, onward])
    cuts = chords(faces_between(lines, community), solid, LEAF_SHARE * weights.target_m2, progress)
    pieces = mosaic(way, np.concatenate([onward, cuts]), solid, community)
    cell = without_enclosed(pieces, steered(pieces, weights, progress))
    return without_spikes(anchored(smoothed(outlines(pieces, cell)), community))
