"""Provisional communities whose borders run along ways, where no community was given and the area is too large for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.division.anchoring import anchored
from gis.division.mosaic import Mosaic, faces_between, mosaic
from gis.division.outlines import outlines
from gis.division.solids import Solids
from gis.division.territory import Territory
from gis.division.ways import Ways

HUGE_SHARE = 0.25  # a block of streets beyond this share of a community is cut straight

Array = np.ndarray
Numbers = NDArray[np.int64]


def along_ways(land: Territory, ways: Ways, solids: Solids) -> Territory:
    """The territory with its straight provisional borders moved onto ways; communities that were given stay."""
    if not land.is_provisional:
        return land
    frame = land.communities
    polygons = np.asarray(frame.geometry.values, dtype=object).copy()
    for rows in frame.groupby("parent_code").indices.values():
        if len(rows) > 1:
            polygons[rows] = _moved(polygons[rows], ways, solids)
    kept = ~shapely.is_empty(polygons)
    communities = frame.set_geometry(polygons)[kept].reset_index(drop=True)
    return replace(land, communities=communities)


def _moved(blocks: Array, ways: Ways, solids: Solids) -> Array:
    whole = shapely.coverage_union_all(blocks)
    faces = faces_between(ways.lines, whole)
    huge = faces[shapely.area(faces) > HUGE_SHARE * shapely.area(blocks).max()]
    seams = shapely.get_parts(shapely.union_all(shapely.boundary(blocks)))
    face, seam = shapely.STRtree(seams).query(huge, predicate="intersects")
    cuts = shapely.get_parts(shapely.intersection(huge[face], seams[seam]))
    cuts = cuts[shapely.get_dimensions(cuts) == 1]
    pieces = mosaic(ways, cuts, solids, whole)
    block = _connected(pieces, _nearest(pieces, blocks))
    used, number = np.unique(block, return_inverse=True)
    out = np.full(len(blocks), shapely.Polygon(), dtype=object)
    out[used] = anchored(outlines(pieces, number), whole)
    return out


def _nearest(pieces: Mosaic, blocks: Array) -> Numbers:
    """The block that the middle of each piece lies in or nearest to."""
    middle = shapely.points(pieces.centres())
    piece, block = shapely.STRtree(blocks).query_nearest(middle, all_matches=False)
    out = np.zeros(len(pieces), dtype=np.int64)
    out[piece] = block
    return out


def _connected(pieces: Mosaic, block: Numbers) -> Numbers:
    """Pieces cut off from their block's main part join the block that they share most with."""
    found, count = pieces.borders, len(pieces)
    same = block[found.first] == block[found.second]
    links = (np.ones(same.sum()), (found.first[same], found.second[same]))
    part = connected_components(coo_array(links, shape=(count, count)), directed=False)[1]
    area = np.bincount(part, weights=pieces.area_m2)
    block_of_part = np.zeros(len(area), dtype=np.int64)
    block_of_part[part] = block
    order = np.lexsort((-area, block_of_part))
    main = np.zeros(len(area), dtype=bool)
    main[order[np.r_[True, np.diff(block_of_part[order]) != 0]]] = True
    shared: dict[int, dict[int, float]] = {}
    rows = zip(part[found.first].tolist(), part[found.second].tolist(), found.length_m.tolist(), strict=True)
    for a, b, length in rows:
        for here, there in ((a, b), (b, a)):
            if not main[here] and main[there]:
                beside = shared.setdefault(here, {})
                beside[there] = beside.get(there, 0.0) + length
    for here, beside in shared.items():
        host = max(sorted(beside), key=lambda there: beside[there])
        block_of_part[here] = block_of_part[host]
    return np.asarray(block_of_part[part], dtype=np.int64)
