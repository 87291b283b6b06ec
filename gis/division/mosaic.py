"""The smallest pieces a community falls into along its lines, each building whole, and what lies between any two.

Everything is noded once on a grid; from then on pieces are sets of faces and borders are sets of edges, so that
neither gap nor overlap can arise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.division.anchoring import hugging
from gis.division.solids import GRID_M, Solids
from gis.division.ways import FAINT, STRONG, WEAK, Ways
from gis.edges import Edges, polygon_edges

NEAR_M: Final = 0.8
CUT_M: Final = 0.3  # lines that enter a building by less need no way around it
SLIVER_M2: Final = 30.0
STRIP_M: Final = 22.0  # mean width of a piece that may lie between two carriageways
STRIP_SHARE: Final = 0.2
FAINT_AS_WEAK: Final = 4.0  # a metre on other features counts like so many on a path

Array = np.ndarray
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Borders:
    """What lies between pairs of pieces, `first` < `second`: metres of it, metres off any feature, of these
    metres across a strip between two carriageways, metres on the strongest and on the weak kinds of way,
    those on other features counted `FAINT_AS_WEAK` times."""

    first: Numbers
    second: Numbers
    length_m: NDArray[np.float64]
    off_m: NDArray[np.float64]
    jump_m: NDArray[np.float64]
    strong_m: NDArray[np.float64]
    weak_m: NDArray[np.float64]


@dataclass(frozen=True)
class Mosaic:
    """Faces that tile a community, and the piece that each belongs to (numbers from 0).

    `edges`: all edges with their faces. `area_m2`, `perimeter_m`, `is_compound`, `is_solid`: of the pieces.
    """

    faces: NDArray[np.object_]
    piece: Numbers
    edges: Edges
    borders: Borders
    area_m2: NDArray[np.float64]
    perimeter_m: NDArray[np.float64]
    is_compound: NDArray[np.bool_]
    is_solid: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.area_m2)

    def centres(self) -> NDArray[np.float64]:
        """x, y of the middle of each piece: the mean of its faces' centroids, weighted by area."""
        middle = shapely.get_coordinates(shapely.centroid(self.faces))
        weight = shapely.area(self.faces)
        sums = [np.bincount(self.piece, weights=middle[:, k] * weight, minlength=len(self)) for k in (0, 1)]
        return np.asarray(np.stack(sums, axis=1) / self.area_m2[:, None], dtype=np.float64)


def faces_between(lines: Array, community: shapely.Geometry) -> NDArray[np.object_]:
    """The polygons that the lines and the community's outline enclose within the community."""
    outline = shapely.get_parts(shapely.boundary(community))
    noded = shapely.union_all(np.concatenate([hugging(lines, community), outline]), grid_size=GRID_M)
    made = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(community)
    return np.asarray(made[shapely.intersects(community, shapely.point_on_surface(made))], dtype=object)


def mosaic(ways: Ways, cuts: Array, solids: Solids, community: shapely.Geometry) -> Mosaic:
    """The pieces of one community: faces between ways and cuts; each building that one of them meets is whole."""
    lines = np.concatenate([ways.lines, cuts])
    met = _met(lines, solids.polygons)
    outlines = shapely.get_exterior_ring(solids.polygons[met])
    faces = faces_between(np.concatenate([lines, outlines]), community)
    inside = _solid_of(faces, solids.polygons[met])
    edges = polygon_edges(faces)
    piece = _pieces(faces, inside, edges)
    count = int(piece.max(initial=-1)) + 1
    is_compound = np.zeros(count, dtype=bool)
    held = inside >= 0
    is_compound[piece[held]] = solids.is_compound[met][inside[held]]
    is_solid = np.zeros(count, dtype=bool)
    is_solid[piece[held]] = True
    area = np.bincount(piece, weights=shapely.area(faces), minlength=count).astype(np.float64)
    borders, perimeter = _borders(edges, piece, area, ways, solids)
    return Mosaic(faces, piece, edges, borders, area, perimeter, is_compound, is_solid)


def _met(lines: Array, polygons: Array) -> Array:
    """Which polygons a line enters."""
    line, solid = shapely.STRtree(polygons).query(lines, predicate="intersects")
    within = shapely.length(shapely.intersection(lines[line], polygons[solid]))
    along = shapely.length(shapely.intersection(lines[line], shapely.boundary(polygons[solid])))
    return np.flatnonzero(np.bincount(solid, weights=within - along, minlength=len(polygons)) > CUT_M)


def _solid_of(faces: Array, polygons: Array) -> Numbers:
    """The polygon that each face lies in, -1 for none; of several the first."""
    out = np.full(len(faces), -1, dtype=np.int64)
    face, solid = shapely.STRtree(polygons).query(shapely.point_on_surface(faces), predicate="within")
    order = np.argsort(-solid, kind="stable")
    out[face[order]] = solid[order]
    return out


def _pieces(faces: Array, inside: Numbers, edges: Edges) -> Numbers:
    """Faces of one building are a piece; slivers join the neighbour with the longest common edge."""
    count = len(faces)
    inner = (edges.left >= 0) & (edges.right >= 0)
    left, right = edges.left[inner], edges.right[inner]
    length = np.hypot(edges.x2 - edges.x1, edges.y2 - edges.y1)[inner]
    same = (inside[left] == inside[right]) & (inside[left] >= 0)
    links = [np.stack([left[same], right[same]])]
    sliver = (shapely.area(faces) < SLIVER_M2) & (inside < 0)
    links.append(_longest(sliver, np.r_[left, right], np.r_[right, left], np.r_[length, length], count))
    pairs = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _longest(chosen: Array, here: Array, there: Array, length: Array, count: int) -> Array:
    """Pairs of each chosen face and the neighbour it shares most with."""
    rows = np.flatnonzero(chosen[here])
    key = here[rows] * count + there[rows]
    pairs, inverse = np.unique(key, return_inverse=True)
    total = np.bincount(inverse, weights=length[rows], minlength=len(pairs))
    first, second = pairs // count, pairs % count
    order = np.lexsort((second, -total, first))
    lead = order[np.flatnonzero(np.r_[True, np.diff(first[order]) != 0])] if len(order) else order
    return np.stack([first[lead], second[lead]])


def _borders(
    edges: Edges, piece: Numbers, area: NDArray[np.float64], ways: Ways, solids: Solids
) -> tuple[Borders, NDArray[np.float64]]:
    count = len(area)
    left = np.where(edges.left >= 0, piece[edges.left], -1)
    right = np.where(edges.right >= 0, piece[edges.right], -1)
    length = np.hypot(edges.x2 - edges.x1, edges.y2 - edges.y1)
    outer = left != right
    perimeter = np.zeros(count)
    for side in (left, right):
        held = outer & (side >= 0)
        perimeter += np.bincount(side[held], weights=length[held], minlength=count)
    between = np.flatnonzero(outer & (left >= 0) & (right >= 0))
    ends = np.stack([edges.x1 + edges.x2, edges.y1 + edges.y2], axis=1)[between]
    strength, near_wall = features_near(ends / 2, ways, solids)
    low = np.minimum(left[between], right[between])
    high = np.maximum(left[between], right[between])
    pairs, inverse = np.unique(low * count + high, return_inverse=True)
    # A piece between two carriageways belongs to either side: leaving one of its borders out parts little.
    width = 2 * area / np.maximum(perimeter, 1e-9)
    sides = (width[left[between]] < STRIP_M).astype(int) + (width[right[between]] < STRIP_M)
    strong = np.where(sides > 0, STRIP_SHARE, 1.0) * (strength == STRONG)
    # Between two such pieces a border would jump from one carriageway to the other.
    off = (strength == 0) & ~near_wall
    weak = np.select([strength == WEAK, (strength == FAINT) & ~near_wall], [1.0, FAINT_AS_WEAK], 0.0)
    sums = [
        np.bincount(inverse, weights=length[between] * mask, minlength=len(pairs)).astype(float)
        for mask in (True, off, off & (sides == 2), strong, weak)
    ]
    return Borders(pairs // count, pairs % count, *sums), perimeter


def features_near(place: Array, ways: Ways, solids: Solids) -> tuple[Array, Array]:
    """Strength of the strongest way at each place (x, y; 0: none), and whether a wall is there."""
    middle = shapely.points(place)
    strength = np.zeros(len(place), dtype=np.int64)
    edge, way = shapely.STRtree(ways.lines).query(middle, predicate="dwithin", distance=NEAR_M)
    np.maximum.at(strength, edge, ways.strength[way].astype(np.int64))
    near_wall = np.zeros(len(place), dtype=bool)
    walls = shapely.get_exterior_ring(solids.polygons)
    near_wall[shapely.STRtree(walls).query(middle, predicate="dwithin", distance=NEAR_M)[0]] = True
    return strength, near_wall
