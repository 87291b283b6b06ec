"""Seams between the pieces of a cut: neighbours have the very same vertices, none closer than a centimetre."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SAME_PLACE_M: Final = 1e-4
SHORTEST_EDGE_M: Final = 0.01  # rule G1: no two vertices within this

Array = np.ndarray


def settled(pieces: Array, side_m: float) -> Array:
    """The same polygons with vertices on lattice lines made equal where they differ by rounding only.

    Two polygons on both sides of a border reckon the place where it crosses a lattice line each for itself and may
    differ in the last bits.
    """
    xy = shapely.get_coordinates(pieces)
    for across, along in ((0, 1), (1, 0)):
        on_line = np.flatnonzero(_on_line(xy[:, across], side_m))
        order = on_line[np.lexsort((xy[on_line, along], xy[on_line, across]))]
        line, place = xy[order, across], xy[order, along]
        fresh = (line[1:] != line[:-1]) | (np.diff(place) >= SAME_PLACE_M)
        leader = np.maximum.accumulate(np.where(np.r_[True, fresh][: len(order)], np.arange(len(order)), 0))
        xy[order, along] = place[leader]
    return shapely.set_coordinates(pieces.copy(), xy)


def tidied(polygons: Array) -> tuple[Array, int]:
    """The same polygons without edges under a centimetre, and how many vertices that took away.

    Vertices at the same place move alike in all polygons, so shared borders stay shared. What shrinks to nothing
    becomes empty.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    vertex, place = _numbered(xy)
    first, second = _short_edges(parts, xy, vertex)
    if not len(first):
        return polygons, 0
    moved = _joined(place, np.ones(len(place)), first, second)[vertex]
    touched = np.unique(part[(moved != xy).any(axis=1)])
    parts = shapely.set_coordinates(parts.copy(), moved)
    parts[touched] = [_without_repeats(each) for each in parts[touched]]
    out = polygons.copy()
    for number in np.unique(owner[touched]):
        full = [each for each in parts[owner == number] if not each.is_empty]
        out[number] = full[0] if len(full) == 1 else shapely.multipolygons(full)
    return out, len(touched)


def without_short_edges(pieces: Array, polygons: Array, side_m: float) -> Array:
    """The same tiling without edges under a centimetre that the cut has made; pieces may become empty.

    Every piece that has one of the two vertices moves it alike, so the tiling stays closed. Vertices of the cut
    `polygons` never move. A crossing of a border with a lattice line moves along that border, so the border keeps its
    place; a lattice corner moves to the border.
    """
    xy, owner = shapely.get_coordinates(pieces, return_index=True)
    vertex, place = _numbered(xy)
    first, second = _short_edges(pieces, xy, vertex)
    if not len(first):
        return pieces
    corner = _on_line(place, side_m).all(axis=1)
    given = _places(shapely.get_coordinates(polygons))
    firmness = np.where(_places(place).isin(given), 2, np.where(corner, 0, 1))
    moved = _joined(place, firmness, first, second)[vertex]
    touched = np.unique(owner[(moved != xy).any(axis=1)])
    out = shapely.set_coordinates(pieces.copy(), moved)
    out[touched] = [_without_repeats(piece) for piece in out[touched]]
    return out


def _places(xy: Array) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([xy[:, 0], xy[:, 1]])


def _on_line(values: Array, side_m: float) -> Array:
    return values == np.round(values / side_m) * side_m


def _numbered(xy: Array) -> tuple[Array, Array]:
    """Number of each vertex's place, and the places."""
    order = np.lexsort(xy.T)
    fresh = np.r_[True, (xy[order][1:] != xy[order][:-1]).any(axis=1)][: len(order)]
    vertex = np.empty(len(xy), dtype=np.int64)
    vertex[order] = np.cumsum(fresh) - 1
    return vertex, xy[order][fresh]


def _short_edges(pieces: Array, xy: Array, vertex: Array) -> tuple[Array, Array]:
    rings, _ = shapely.get_rings(pieces, return_index=True)
    _, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.diff(xy, axis=0)
    short = (ring[1:] == ring[:-1]) & (np.hypot(*step.T) < SHORTEST_EDGE_M)
    return vertex[:-1][short], vertex[1:][short]


def _without_repeats(polygon: shapely.Polygon) -> shapely.Polygon:
    """`polygon` without vertices equal to the one before; empty when fewer than three are left."""
    rings = [_distinct(ring) for ring in (polygon.exterior, *polygon.interiors)]
    if len(rings[0]) < 4:
        return shapely.Polygon()
    made = shapely.Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 4])
    return made if made.area > SHORTEST_EDGE_M**2 else shapely.Polygon()


def _distinct(ring: shapely.LinearRing) -> Array:
    xy = shapely.get_coordinates(ring)
    return xy[np.r_[True, (xy[1:] != xy[:-1]).any(axis=1)]]


def _joined(place: Array, firmness: Array, first: Array, second: Array) -> Array:
    """Places with the loose vertices of each chain of short edges moved to its firmest vertex."""
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(place), len(place)))
    cluster = connected_components(links, directed=False)[1]
    members = np.unique(np.r_[first, second])
    order = members[np.lexsort((members, -firmness[members], cluster[members]))]
    leads = np.r_[True, cluster[order][1:] != cluster[order][:-1]]
    leader = order[np.maximum.accumulate(np.where(leads, np.arange(len(order)), 0))]
    loose = firmness[order] < 2
    out = place.copy()
    out[order[loose]] = place[leader[loose]]
    return out
