"""Moving a shared vertex or edge by hand: all cells that share it move, so that the tiling stays one.

A vertex inside a community moves freely as long as the borders do not cross. On the border of a community, or where
the grid ends, it may only slide along that border, which stays where it is.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import MOVE, GridEdit
from gis.grid.lineage import DUST_M2
from gis.grid.rings import WELD_M, mutually_noded, near_rows
from kernel.errors import Refused

APART_M: Final = 0.01  # two vertices of a cell that are nearer than this are a finding of rule G1

Array = np.ndarray
Place: TypeAlias = tuple[float, float]


def move_vertex(cells: gpd.GeoDataFrame, at: Place, to: Place, *, reach_m: float = 1.0) -> GridEdit:
    """The cells with the vertex nearest to `at`, at most `reach_m` away, moved to `to`."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    return _moved(cells, polygons, [(vertex_near(polygons, at, reach_m), to)])


def move_edge(cells: gpd.GeoDataFrame, at: Place, to: Place, *, reach_m: float = 1.0) -> GridEdit:
    """The cells with the edge nearest to `at`, at most `reach_m` away, moved by the way from `at` to `to`."""
    polygons = np.asarray(cells.geometry.values, dtype=object)
    first, second = edge_near(polygons, at, reach_m)
    by = (to[0] - at[0], to[1] - at[1])
    ends = [(end, (end[0] + by[0], end[1] + by[1])) for end in (first, second)]
    return _moved(cells, polygons, ends)


def vertex_near(polygons: Array, at: Place, reach_m: float) -> Place:
    """The vertex nearest to `at`; `Refused` where none is within reach."""
    near = polygons[shapely.STRtree(polygons).query(shapely.Point(at), "dwithin", distance=reach_m)]
    xy = shapely.get_coordinates(near)
    away = np.hypot(*(xy - at).T) if len(xy) else np.array([np.inf])
    if away.min() > reach_m:
        raise Refused(
            "There is no corner of a cell within {reach} m of this place.",
            remedy="Take hold of a corner; zoom in where corners lie close together.",
            reach=round(reach_m, 2),
        )
    x, y = xy[away.argmin()].tolist()
    return x, y


def edge_near(polygons: Array, at: Place, reach_m: float) -> tuple[Place, Place]:
    """The ends of the edge nearest to `at`, with the vertices of all cells counted; `Refused` out of reach."""
    point = shapely.Point(at)
    rows = shapely.STRtree(polygons).query(point, "dwithin", distance=reach_m + WELD_M)
    rings, _ = shapely.get_rings(mutually_noded(polygons[rows]), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1]) if len(ring) else np.zeros(0, "i8")
    edges = shapely.linestrings(np.stack([xy[joined], xy[joined + 1]], axis=1)) if len(joined) else []
    away = shapely.distance(edges, point)
    if not len(joined) or away.min() > reach_m:
        raise Refused(
            "There is no border of a cell within {reach} m of this place.",
            remedy="Take hold of a border between two cells.",
            reach=round(reach_m, 2),
        )
    nearest = joined[away.argmin()]
    first, second = (tuple(xy[i].tolist()) for i in (nearest, nearest + 1))
    return first, second


def _moved(cells: gpd.GeoDataFrame, polygons: Array, moves: list[tuple[Place, Place]]) -> GridEdit:
    rows = near_rows(polygons, shapely.MultiPoint([at for at, _ in moves]))
    star = cells.iloc[rows]
    ground = near_rows(polygons, shapely.MultiPolygon(_single(polygons[rows])))
    before = mutually_noded(polygons[ground])[np.isin(ground, rows)]
    community = star["code"].str[:COMMUNITY].to_numpy(dtype=str)
    after = before.copy()
    for at, to in moves:
        after = _with_vertex_at(after, at, _allowed(before, community, at, to))
    _refuse_broken(before, after, community)
    return GridEdit.of(MOVE, star, star.assign(geometry=after.tolist()))


def _single(polygons: Array) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(polygons) if part.geom_type == "Polygon"]


def _with_vertex_at(polygons: Array, at: Place, to: Place) -> Array:
    """`polygons` with every vertex within `WELD_M` of `at` at `to`."""
    xy = shapely.get_coordinates(polygons)
    there = np.hypot(*(xy - at).T) <= WELD_M
    if (np.hypot(*(xy[~there] - to).T) < APART_M).any():
        raise Refused(
            "The corner would come within a centimetre of another corner.",
            remedy="Leave more room between the two, or merge the cells.",
        )
    xy[there] = to
    return np.asarray(shapely.set_coordinates(polygons.copy(), xy))


def _allowed(polygons: Array, community: Array, at: Place, to: Place) -> Place:
    """Where the vertex may go: `to` inside a community, else the nearest place on the border that it lies on."""
    point = shapely.Point(at)
    holding = shapely.dwithin(polygons, point, WELD_M)
    for name in np.unique(community[holding]):
        ground = shapely.union_all(polygons[holding & (community == name)])
        border = ground.boundary
        if border.distance(point) <= WELD_M:
            return _slid(shapely.get_coordinates(shapely.get_rings(shapely.get_parts(ground))), at, to)
    return to


def _slid(border: Array, at: Place, to: Place) -> Place:
    """`to` brought onto the straight border through `at`; `border` holds rings one after another."""
    here = np.flatnonzero(np.hypot(*(border - at).T) <= WELD_M)
    neighbours = np.concatenate(
        [border[np.maximum(here - 1, 0)], border[np.minimum(here + 1, len(border) - 1)]]
    )
    neighbours = np.unique(neighbours[np.hypot(*(neighbours - at).T) > WELD_M], axis=0)
    straight = (
        len(neighbours) == 2 and _distance_to_line(neighbours[0], neighbours[1], np.asarray(at)) <= WELD_M
    )
    if not straight:
        raise Refused(
            "This is a corner of the community's border, or of the grid's; it stays where it is.",
            remedy="Change the community's border itself, then divide it again.",
        )
    start, way = neighbours[0], neighbours[1] - neighbours[0]
    along = float(np.dot(np.asarray(to) - start, way) / np.dot(way, way))
    length = float(np.hypot(*way))
    if not APART_M < along * length < length - APART_M:
        raise Refused(
            "The corner would slide past the next corner of the community's border.",
            remedy="Leave it between its two neighbours on the border.",
        )
    x, y = (start + along * way).tolist()
    return x, y


def _distance_to_line(start: Array, end: Array, place: Array) -> float:
    way, off = end - start, place - start
    return float(abs(way[0] * off[1] - way[1] * off[0]) / np.hypot(*way))


def _refuse_broken(before: Array, after: Array, community: Array) -> None:
    """Raise `Refused` where a border crosses a border, or a community would lose or gain ground."""
    crossed = not shapely.is_valid(after).all() or (shapely.area(after) < 1.0).any()
    if not crossed:
        whole = shapely.union_all(after)
        crossed = abs(float(shapely.area(after).sum()) - whole.area) > DUST_M2
    if crossed:
        raise Refused(
            "The border would cross another border.",
            remedy="Move it less far, or move the neighbouring corner first.",
        )
    for name in np.unique(community):
        mine = community == name
        was, now = (shapely.union_all(side[mine]) for side in (before, after))
        if shapely.symmetric_difference(was, now).area > DUST_M2:
            raise Refused(
                "Community {community} would lose or gain ground.",
                remedy="Keep the corner inside its community.",
                community=str(name),
            )
