"""Editing cells by hand: split by a line, merge, move a shared vertex or edge, renumber.

Cells that share borders stay a tiling: rings are changed at their vertices, never overlaid, so that neighbours keep
sharing borders to the last bit and gaps and overlaps stay exactly what they were. Every function takes the cells
(`CELL_COLUMNS`, on the city's plane; all cells of the communities concerned and their neighbours are enough) and
gives a `GridEdit`. Coordinates and lengths are metres on the plane. What cannot be done raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid.grid_codes import COMMUNITY, LAST_SEQUENCE, numbered
from gis.grid.grid_edit import MERGE, RENUMBER, SPLIT, GridEdit
from gis.grid.lineage import next_codes
from gis.grid.rings import WELD_M, mutually_noded, near_rows, noded, vertices_on
from gis.grid.snapping import snapped
from kernel.errors import Refused

LEAST_M2: Final = 1.0  # nothing smaller is a cell, whatever the rules of the city
CORNER_M: Final = 0.05  # a border that ends this near a corner ends at the corner

Array = np.ndarray


def split(
    cells: gpd.GeoDataFrame,
    code: str,
    line: shapely.LineString,
    *,
    retired_codes: Iterable[str] = (),
    features: Array | None = None,
    snap_m: float = 2.0,
    day: str = "",
) -> GridEdit:
    """Two cells in the place of one, along a line that crosses it once.

    The line's corners are laid onto `features` within `snap_m` (see `gis.grid.snapping`); an end that stops within
    `snap_m` before the border is drawn to it. Both parts get new numbers and `day` as their initial date, the part
    that the cell's ring begins in first; neighbours get a vertex where the line meets their border.
    """
    row = _row_of(cells, code)
    polygons = np.asarray(cells.geometry.values, dtype=object)
    if features is not None and len(features):
        line = snapped(line, features, snap_m)
    others = near_rows(polygons, polygons[row])
    others = others[others != row]
    whole = noded(polygons[row], vertices_on(polygons[row], polygons[others]))
    cut = _inner_line(whole, line, snap_m)
    ends = shapely.get_coordinates(cut)[[0, -1]]
    parts = _cut_in_two(noded(whole, ends), cut)
    given = {*cells["code"], *retired_codes}
    fresh = cells.iloc[[row, row]].assign(
        code=next_codes(code[:COMMUNITY], 2, given), initial_date=day, geometry=parts
    )
    touched = [(i, noded(polygons[i], ends)) for i in others.tolist()]
    touched = [(i, shape) for i, shape in touched if shape is not polygons[i]]
    rows = [i for i, _ in touched]
    neighbours = cells.iloc[rows].assign(geometry=[shape for _, shape in touched])
    return GridEdit.of(SPLIT, cells.iloc[[row, *rows]], _joined(cells, [fresh, neighbours]))


def merge(
    cells: gpd.GeoDataFrame, codes: Sequence[str], *, retired_codes: Iterable[str] = (), day: str = ""
) -> GridEdit:
    """One cell in the place of several of one community, with a new number; name and note are those of the largest."""
    codes = list(dict.fromkeys(codes))
    rows = [_row_of(cells, code) for code in codes]
    if len(codes) < 2:
        raise Refused("Merging needs two cells or more.", remedy="Choose neighbours, all in one community.")
    communities = sorted({code[:COMMUNITY] for code in codes})
    if len(communities) > 1:
        raise Refused(
            "The cells lie in {first} and in {second}; a cell never crosses a community.",
            remedy="Merge cells of one community only.",
            first=communities[0],
            second=communities[1],
        )
    gone = cells.iloc[rows]
    polygons = np.asarray(gone.geometry.values, dtype=object)
    whole = shapely.coverage_union_all(mutually_noded(polygons))
    _refuse_unfit(whole, polygons)
    largest = gone.iloc[[int(shapely.area(polygons).argmax())]]
    code = next_codes(communities[0], 1, {*cells["code"], *retired_codes})
    fresh = largest.assign(code=code, initial_date=day, geometry=[_one_part(whole)])
    return GridEdit.of(MERGE, gone, _joined(cells, [fresh]))


def renumber(cells: gpd.GeoDataFrame, community_code: str, *, retired_codes: Iterable[str] = ()) -> GridEdit:
    """The cells of a community numbered anew in reading order; numbers of retired cells are left out.

    `retired_codes`: codes that stood once and stand no more.
    """
    mine = cells[cells["code"].str[:COMMUNITY] == community_code]
    if not len(mine):
        raise Refused(
            "There are no cells in community {community}.",
            remedy="Give the 12 digits of a community that has cells.",
            community=community_code,
        )
    taken = {int(code[COMMUNITY:]) for code in retired_codes if code[:COMMUNITY] == community_code}
    free = [number for number in range(1, LAST_SEQUENCE + 1) if number not in taken]
    polygons = np.asarray(mine.geometry.values, dtype=object)
    in_order = np.argsort(numbered(polygons, np.full(len(mine), community_code)), kind="stable")
    if len(free) < len(mine):
        next_codes(community_code, len(mine), {f"{community_code}{number:03d}" for number in taken})
    codes = mine["code"].to_numpy(dtype=object).copy()
    codes[in_order] = [f"{community_code}{number:03d}" for number in free[: len(mine)]]
    changed = codes != mine["code"].to_numpy(dtype=object)
    if not changed.any():
        raise Refused(
            "The cells of community {community} are in reading order already.",
            remedy="Nothing needs to be done.",
            community=community_code,
        )
    after = mine[changed].assign(code=codes[changed].tolist())
    return GridEdit.of(RENUMBER, mine[changed], _joined(cells, [after]))


def _row_of(cells: gpd.GeoDataFrame, code: str) -> int:
    found = np.flatnonzero((cells["code"] == code).to_numpy())
    if not len(found):
        raise Refused(
            "There is no cell {code}.",
            remedy="Look at the grid as it is now; it may have changed.",
            code=code,
        )
    return int(found[0])


def _joined(cells: gpd.GeoDataFrame, frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    joined = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    return gpd.GeoDataFrame(joined, crs=cells.crs).astype({"code": "str"})


def _inner_line(cell: shapely.Polygon, line: shapely.LineString, snap_m: float) -> shapely.LineString:
    """The stretch of `line` inside the cell, from border to border; it touches the border nowhere else."""
    border = cell.exterior
    line = _drawn_to(line, border, cell, snap_m)
    inside = shapely.line_merge(shapely.intersection(line, cell))
    parts = [part for part in shapely.get_parts(inside) if part.length > CORNER_M]
    parts = [part for part in parts if not border.buffer(WELD_M).covers(part)]
    crosses = len(parts) == 1 and parts[0].geom_type == "LineString" and parts[0].is_simple
    if not crosses or any(border.distance(shapely.Point(parts[0].coords[end])) > WELD_M for end in (0, -1)):
        raise Refused(
            "The line does not cross the cell from border to border exactly once.",
            remedy="Begin outside the cell, cross it once, and end outside it.",
        )
    xy = shapely.get_coordinates(parts[0]).copy()
    corners = shapely.get_coordinates(border)
    for end in (0, -1):
        away = np.hypot(*(corners - xy[end]).T)
        if away.min() <= CORNER_M:
            xy[end] = corners[away.argmin()]
    return shapely.LineString(xy)


def _drawn_to(
    line: shapely.LineString, border: shapely.LinearRing, cell: shapely.Polygon, snap_m: float
) -> shapely.LineString:
    """`line` with an end that stops inside, close to the border, drawn to the border."""
    xy = shapely.get_coordinates(line).copy()
    for end in (0, -1):
        point = shapely.Point(xy[end])
        if cell.contains(point) and border.distance(point) <= snap_m:
            xy[end] = shapely.get_coordinates(border.interpolate(border.project(point)))[0]
    return shapely.LineString(xy)


def _cut_in_two(cell: shapely.Polygon, cut: shapely.LineString) -> list[shapely.Polygon]:
    """The two sides of a cell whose ring has the ends of `cut` among its vertices."""
    ring = shapely.get_coordinates(cell.exterior)[:-1]
    way = shapely.get_coordinates(cut)
    first, second = (int(np.hypot(*(ring - way[end]).T).argmin()) for end in (0, -1))
    way[0], way[-1] = ring[first], ring[second]
    if first > second:
        first, second, way = second, first, way[::-1]
    shells = [
        np.concatenate([ring[: first + 1], way[1:-1], ring[second:]]),
        np.concatenate([ring[first : second + 1], way[1:-1][::-1]]),
    ]
    if first == second or min(map(len, shells)) < 3:
        raise _too_small()
    parts = [shapely.Polygon(shell) for shell in shells]
    holes = [shapely.Polygon(hole) for hole in cell.interiors]
    parts = [
        shapely.Polygon(part.exterior, [hole.exterior for hole in holes if part.contains(hole)])
        for part in parts
    ]
    if sum(len(part.interiors) for part in parts) < len(holes):
        raise Refused(
            "The line crosses a hole of the cell.", remedy="Lead the line past the hole, on one side of it."
        )
    if not all(part.is_valid and part.area >= LEAST_M2 for part in parts):
        raise _too_small()
    return parts


def _too_small() -> Refused:
    return Refused(
        "The line cuts off less than a square metre, or touches the cell's border on its way.",
        remedy="Draw it farther from the border.",
    )


def _refuse_unfit(whole: shapely.Geometry, parts: Array) -> None:
    """Raise `Refused` unless the union of `parts` is one polygon without holes other than theirs."""
    if len(shapely.get_parts(whole)) != 1:
        raise Refused(
            "The cells are not all neighbours: they would become several parts.",
            remedy="Choose cells that share borders, not only corners.",
        )
    holes = sum(shapely.get_num_interior_rings(shapely.get_parts(whole)))
    if holes > shapely.get_num_interior_rings(parts).sum():
        raise Refused(
            "The cells enclose ground that would become a hole.",
            remedy="Choose the cells in the middle too, or leave one of those around it out.",
        )


def _one_part(whole: shapely.Geometry) -> shapely.Polygon:
    return shapely.get_parts(whole)[0]
