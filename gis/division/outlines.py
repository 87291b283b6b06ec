"""Polygons of cells from the faces that belong to them."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.division.mosaic import Mosaic

# A vertex goes when the triangle with its neighbours is smaller than the square of this: noding leaves steps of a
# centimetre, walls and lanes that nearly meet leave thin spikes.
SMALLEST_TURN_M: Final = 0.4

Array = np.ndarray
Numbers = NDArray[np.int64]


def outlines(pieces: Mosaic, cell: Numbers) -> Array:
    """One polygon for each cell; `cell`: of each piece."""
    of_face = cell[pieces.piece]
    order = np.argsort(of_face, kind="stable")
    bounds = np.flatnonzero(np.diff(of_face[order])) + 1
    made = [shapely.coverage_union_all(pieces.faces[rows]) for rows in np.split(order, bounds)]
    return np.array([_single(each) for each in made], dtype=object)


def smoothed(cells: Array) -> Array:
    """The same coverage without jogs and spikes of a few square decimetres; its outer border stays as it is."""
    simple = shapely.coverage_simplify(cells, SMALLEST_TURN_M, simplify_boundary=False)
    return np.asarray(simple if shapely.is_valid(simple).all() else cells, dtype=object)


def without_enclosed(pieces: Mosaic, cell: Numbers) -> Numbers:
    """The same cells, those that lie wholly inside another one made part of it."""
    polygons = outlines(pieces, cell)
    ringed = np.flatnonzero(shapely.get_num_interior_rings(polygons) > 0)
    if not len(ringed):
        return cell
    filled = shapely.polygons(shapely.get_exterior_ring(polygons[ringed]))
    hole, inside = shapely.STRtree(shapely.point_on_surface(polygons)).query(filled, predicate="contains")
    # The largest outline takes what it encloses, also what encloses something in turn.
    order = np.argsort(shapely.area(filled)[hole], kind="stable")
    host = np.arange(len(polygons))
    host[inside[order]] = ringed[hole[order]]
    return np.asarray(np.unique(host[cell], return_inverse=True)[1], dtype=np.int64)


def _single(made: shapely.Geometry) -> shapely.Geometry:
    """GEOS gives a collection of one polygon for some coverages."""
    return shapely.get_geometry(made, 0) if shapely.get_num_geometries(made) == 1 else made
