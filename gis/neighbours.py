"""Who is whose neighbour: spatial weights as three arrays, and the ways to make them.

A builder takes polygons or points and returns `Weights`. Polygons are neighbours by what their borders share: a point
(`queen`) or a stretch of border (`rook`). Borders that both sides describe with the same vertices are matched by these;
the rest, where one side has a vertex in the middle of the other's edge, are compared as geometry, so that no neighbour
is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from gis.edges import Rings, mix_bits, polygon_rings
from gis.ranges import expand
from kernel.errors import Refused

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Polygons: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | NDArray[np.object_]

TOLERANCE_M: Final = (
    0.001  # borders nearer than this are the same border: surveys are written to the millimetre
)
_SHARED_M: Final = 0.01  # a border shared for less than this is a corner
_TIED: Final = 12
_AREAL: Final = (-1, 3, 6)  # missing, polygon, multipolygon as shapely numbers them


@dataclass(frozen=True, eq=False)
class Weights:
    """Neighbour links of n areas: `heads[k]` has the neighbour `tails[k]` with weight `weights[k]`.

    Links are sorted by head, then tail, none twice; every weight is finite and above zero. `star`: every area is also
    a neighbour of itself. `row_standardised`: the weights of an area that has neighbours sum to 1. `rule` says in
    words how they were made (`queen`, `knn:8` …). Raises `ValueError` when the arrays are not so.
    """

    n: int
    heads: Numbers
    tails: Numbers
    weights: Floats
    star: bool = False
    row_standardised: bool = False
    rule: str = ""

    def __post_init__(self) -> None:
        _require_links(self)
        for column in (self.heads, self.tails, self.weights):
            column.flags.writeable = False

    @classmethod
    def of_links(
        cls, n: int, heads: ArrayLike, tails: ArrayLike, weights: ArrayLike | None = None, rule: str = ""
    ) -> Weights:
        """Weights of links in any order; repeated ones are kept once, links to oneself are dropped."""
        head, tail = np.asarray(heads, dtype=np.int64), np.asarray(tails, dtype=np.int64)
        value = np.ones(len(head)) if weights is None else np.asarray(weights, dtype=np.float64)
        apart = head != tail
        key, first = np.unique(head[apart] * n + tail[apart], return_index=True)
        return cls(n, key // max(n, 1), key % max(n, 1), value[apart][first], rule=rule)

    def __len__(self) -> int:
        return len(self.heads)

    @cached_property
    def matrix(self) -> csr_array:
        """The links as a sparse n × n matrix."""
        starts = np.searchsorted(self.heads, np.arange(self.n + 1)).astype(np.int32)
        return csr_array((self.weights, self.tails.astype(np.int32), starts), shape=(self.n, self.n))

    @cached_property
    def sums(self) -> Floats:
        """Sum of each area's weights."""
        return np.bincount(self.heads, weights=self.weights, minlength=self.n).astype(np.float64)

    @cached_property
    def squares(self) -> Floats:
        """Sum of each area's squared weights."""
        return np.bincount(self.heads, weights=self.weights**2, minlength=self.n).astype(np.float64)

    @cached_property
    def gi_scale(self) -> Floats:
        """What the standard scores of Gi and Gi* divide by besides the values' spread (Ord & Getis 1995).

        sqrt((m Σw² − (Σw)²) / (m − 1)) with m = n where areas are their own neighbours, else m = n − 1.
        """
        m = self.n if self.star else self.n - 1
        return np.sqrt(np.maximum(m * self.squares - np.square(self.sums), 0.0) / max(m - 1, 1))

    @cached_property
    def cardinalities(self) -> Numbers:
        """Number of each area's neighbours, itself included when `star`."""
        return np.bincount(self.heads, minlength=self.n).astype(np.int64)

    @cached_property
    def islands(self) -> Numbers:
        """Areas without a neighbour other than themselves."""
        return np.flatnonzero(self.cardinalities == int(self.star))

    @cached_property
    def moments(self) -> tuple[float, float, float]:
        """S0, S1 and S2 of the weights, as Cliff & Ord (1981) name them."""
        s0 = float(self.weights.sum())
        both = self.matrix + self.matrix.T
        s1 = float((both.data**2).sum()) / 2.0
        columns = np.bincount(self.tails, weights=self.weights, minlength=self.n)
        return s0, s1, float(((self.sums + columns) ** 2).sum())

    def with_self(self) -> Weights:
        """The same with every area its own neighbour of weight 1; before any standardisation."""
        if self.star:
            return self
        if self.row_standardised:
            raise ValueError("add the areas themselves before standardising the rows")
        own = np.arange(self.n)
        heads, tails = np.concatenate((self.heads, own)), np.concatenate((self.tails, own))
        order = np.lexsort((tails, heads))
        values = np.concatenate((self.weights, np.ones(self.n)))
        return Weights(self.n, heads[order], tails[order], values[order], star=True, rule=self.rule)

    def standardised(self) -> Weights:
        """The same with each area's weights divided by their sum."""
        if self.row_standardised:
            return self
        return replace(self, weights=self.weights / self.sums[self.heads], row_standardised=True)


def by_rule(rule: str, shapes: Polygons) -> Weights:
    """Weights by their rule in words: `queen`, `rook`, `knn:K` or `distance:M` (metres between centroids).

    Raises `Refused` for another word, a number that makes no sense, and borders asked of things that have none.
    """
    name, _, number = rule.strip().lower().partition(":")
    geometry = _shapes(shapes)
    if name in ("queen", "rook") and not number:
        if not np.isin(shapely.get_type_id(geometry), _AREAL).all():
            raise Refused(
                "Neighbours by {rule} need areas, but these are points or lines.",
                remedy="Choose knn:8 or distance:250 (metres).",
                rule=name,
            )
        return queen(geometry) if name == "queen" else rook(geometry)
    centre = shapely.centroid(geometry)
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    try:
        if name == "knn":
            return knn(x, y, int(number))
        if name == "distance":
            return distance(x, y, float(number))
    except ValueError as error:
        raise Refused(
            "{rule} does not fit {count} areas.",
            remedy="Choose knn:K with fewer neighbours than areas, or distance:M above zero.",
            rule=rule,
            count=len(geometry),
            detail=str(error),
        ) from error
    raise Refused(
        "{rule} is no rule for neighbours.",
        remedy="Choose one of: queen, rook, knn:8, distance:250 (metres).",
        rule=rule,
    )


def queen(polygons: Polygons, tolerance_m: float = TOLERANCE_M) -> Weights:
    """Neighbours whose borders share at least a point; binary.

    `polygons`: n polygons or multipolygons on a plane in metres; a missing one has no neighbours.
    """
    shapes = _shapes(polygons)
    rings = polygon_rings(shapes)
    vertex = _vertex_numbers(rings)
    owner = rings.polygon[rings.ring]
    first, second = _sharing(vertex, owner)
    lone = _lone_edges(rings, vertex, owner)
    more = _near_edges(rings, lone, owner, tolerance_m)
    return _both_ways(len(shapes), (first, second), (owner[more[0]], owner[more[1]]), "queen")


def rook(polygons: Polygons, tolerance_m: float = TOLERANCE_M) -> Weights:
    """Neighbours whose borders share a stretch (over a centimetre); binary. `polygons` as for `queen`."""
    shapes = _shapes(polygons)
    rings = polygon_rings(shapes)
    vertex = _vertex_numbers(rings)
    owner = rings.polygon[rings.ring]
    here = _edge_starts(rings)
    a, b = vertex[here], vertex[here + 1]
    key = np.minimum(a, b) * (vertex.max(initial=0) + 1) + np.maximum(a, b)
    first, second = _sharing(key, owner[here])
    lone = _lone_edges(rings, vertex, owner)
    i, j = _near_edges(rings, lone, owner, tolerance_m)
    along = _shared_length(rings.xy, i, j, tolerance_m) > _SHARED_M
    return _both_ways(len(shapes), (first, second), (owner[i[along]], owner[j[along]]), "rook")


def knn(x: ArrayLike, y: ArrayLike, k: int) -> Weights:
    """The k nearest of n points, binary, not symmetric.

    Of equally near points those with the lower index are taken (among a dozen; a larger tie is broken by the search
    tree). Raises `ValueError` when there are no more than k points, or k < 1.
    """
    xy = _points(x, y)
    n = len(xy)
    if not 1 <= k < n:
        raise ValueError(f"{k} nearest neighbours of {n} points")
    away, tails = cKDTree(xy).query(xy, k=min(n, k + 1 + _TIED))
    away[tails == np.arange(n)[:, None]] = np.inf
    away = np.round(away, 9)  # nanometres: equal distances may differ by rounding
    by_distance = np.lexsort((tails, away))[:, :k]
    tails = np.take_along_axis(tails, by_distance, axis=1)
    return Weights.of_links(n, np.repeat(np.arange(n), k), tails.ravel(), rule=f"knn:{k}")


def distance(x: ArrayLike, y: ArrayLike, threshold_m: float) -> Weights:
    """Points no farther than `threshold_m` from one another, the threshold included; binary."""
    xy = _points(x, y)
    if not threshold_m > 0:
        raise ValueError(f"a distance of {threshold_m} m")
    pairs = cKDTree(xy).query_pairs(threshold_m * (1 + 1e-12), output_type="ndarray").astype(np.int64)
    rule = f"distance:{threshold_m:g}"
    return _both_ways(len(xy), (pairs[:, 0], pairs[:, 1]), (pairs[:0, 0], pairs[:0, 1]), rule)


def _require_links(links: Weights) -> None:
    heads, tails, weights = links.heads, links.tails, links.weights
    if not len(heads) == len(tails) == len(weights):
        raise ValueError(f"{len(heads)} heads, {len(tails)} tails and {len(weights)} weights")
    if len(heads) and (min(heads.min(), tails.min()) < 0 or max(heads.max(), tails.max()) >= links.n):
        raise ValueError(f"a link leads beyond the {links.n} areas")
    if np.any(np.diff(heads * links.n + tails) <= 0):
        raise ValueError("links are not sorted, or stand there twice")
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError("weights are finite and above zero")
    own = int(np.count_nonzero(heads == tails))
    if own != (links.n if links.star else 0):
        raise ValueError(f"{own} of {links.n} areas are their own neighbour")


def _shapes(polygons: Polygons) -> NDArray[np.object_]:
    return np.asarray(polygons.geometry if isinstance(polygons, gpd.GeoDataFrame) else polygons, dtype=object)


def _points(x: ArrayLike, y: ArrayLike) -> Floats:
    xy = np.column_stack((np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)))
    if not np.isfinite(xy).all():
        raise ValueError("neighbours by distance need coordinates for every point")
    return xy


def _both_ways(n: int, pairs: tuple[Numbers, Numbers], more: tuple[Numbers, Numbers], rule: str) -> Weights:
    a, b = np.concatenate((pairs[0], more[0])), np.concatenate((pairs[1], more[1]))
    key = np.concatenate((a * n + b, b * n + a))
    key.sort()
    key = key[np.diff(key, prepend=-1) > 0]
    heads, tails = key // max(n, 1), key % max(n, 1)
    apart = heads != tails
    return Weights(n, heads[apart], tails[apart], np.ones(int(apart.sum())), rule=rule)


def _vertex_numbers(rings: Rings) -> Numbers:
    """A number for each vertex of `rings.xy`, the same for the same place."""
    x, y = rings.xy[:, 0] + 0.0, rings.xy[:, 1] + 0.0  # -0.0 becomes 0.0: equal vertices have equal bits
    key = mix_bits(x, y)
    order = np.argsort(key)
    new = _differs(x.take(order), y.take(order))
    if np.any(
        new[1:] & (np.diff(key.take(order)) == 0)
    ):  # two places with one hash: sort by the places themselves
        order = np.lexsort((y, x))
        new = _differs(x.take(order), y.take(order))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return number


def _differs(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether each place differs from the one before."""
    new = np.ones(len(x), dtype=bool)
    new[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    return new


def _sharing(thing: Numbers, owner: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs of different owners (first < second) that have the same thing; some pairs several times."""
    span = owner.max(initial=0) + 1
    key = thing * span + owner
    key.sort()
    key = key[np.diff(key, prepend=-1) > 0]
    thing, owner = key // span, key % span
    begins = np.flatnonzero(np.diff(thing, prepend=-1))
    end = np.repeat(np.append(begins[1:], len(thing)), np.diff(np.append(begins, len(thing))))
    after = np.arange(1, len(thing) + 1)
    return np.repeat(owner, end - after), owner[expand(after, end)]


def _edge_starts(rings: Rings) -> Numbers:
    """Positions in `rings.xy` at which an edge to the next position begins."""
    return np.flatnonzero(rings.ring[1:] == rings.ring[:-1])


def _lone_edges(rings: Rings, vertex: Numbers, owner: Numbers) -> Numbers:
    """Starts of edges that only one polygon has: the outline, and where both sides are split differently."""
    here = _edge_starts(rings)
    a, b = vertex[here], vertex[here + 1]
    key = np.minimum(a, b) * (vertex.max(initial=0) + 1) + np.maximum(a, b)
    order = np.argsort(key)
    key = key.take(order)
    new = np.diff(key, prepend=-1) != 0
    alone = new & np.append(new[1:], True)
    return here[order[alone]]


def _near_edges(rings: Rings, starts: Numbers, owner: Numbers, tolerance_m: float) -> tuple[Numbers, Numbers]:
    """Pairs of edges (by start) of different polygons that come as near as `tolerance_m`."""
    ends = np.stack((rings.xy[starts], rings.xy[starts + 1]), axis=1)
    segments = shapely.linestrings(ends)
    i, j = shapely.STRtree(segments).query(segments, predicate="dwithin", distance=tolerance_m)
    i, j = starts[i], starts[j]
    different = owner[i] < owner[j]
    return i[different], j[different]


def _shared_length(xy: Floats, i: Numbers, j: Numbers, tolerance_m: float) -> Floats:
    """Metres over which edge j runs along edge i, no farther from it than `tolerance_m` at both ends of the stretch."""
    origin, along = xy[i], xy[i + 1] - xy[i]
    length = np.hypot(along[:, 0], along[:, 1])
    unit = along / np.maximum(length, np.finfo(float).tiny)[:, None]
    start, end = xy[j] - origin, xy[j + 1] - origin
    t = np.stack([(side * unit).sum(axis=1) for side in (start, end)])
    off = np.stack([side[:, 1] * unit[:, 0] - side[:, 0] * unit[:, 1] for side in (start, end)])
    low, high = np.maximum(t.min(axis=0), 0.0), np.minimum(t.max(axis=0), length)
    slope = (off[1] - off[0]) / np.where(t[1] == t[0], np.inf, t[1] - t[0])
    aside = np.maximum(np.abs(off[0] + (low - t[0]) * slope), np.abs(off[0] + (high - t[0]) * slope))
    return np.where(aside <= 2 * tolerance_m, np.maximum(high - low, 0.0), 0.0)
