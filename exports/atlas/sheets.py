"""Which sheets an atlas has: one per community at a round scale, several where a community is too large for that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

# Denominators, the largest scale first: those of the surveyor's triangular rule that suit a community on A3.
SCALES: Final = (1_000, 2_000, 2_500, 3_000, 4_000, 5_000)
MAP_MM: Final = (292.0, 240.0)  # the map's window on the sheet
AIR_MM: Final = 4.0  # between a community and the window's edge
NO_COMMUNITY: Final = "–"  # what stands for the community of cells that have none
OVERLAP_MM: Final = 20.0  # what neighbouring sheets of one community share: 100 m at 1:5,000, about a cell

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """One map sheet. `window`: xmin, ymin, xmax, ymax on the plane; `piece`: the part of the community it stands for.

    `part` counts from 1 within the community, `number` within the atlas. Pieces tile their community.
    """

    number: int
    community_code: str
    community: str
    part: int
    parts: int
    scale: int
    window: Box
    piece: BaseGeometry

    @property
    def title(self) -> str:
        """The community's name, with the part where there are several."""
        return f"{self.community} ({self.part}/{self.parts})" if self.parts > 1 else self.community


def communities_of(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`code, name, geometry` of each community that has cells, by code.

    The stored area is taken where there is one, else the union of the community's cells.
    """
    known = areas.drop_duplicates("code").set_index("code")
    rows = []
    for code, own in cells.groupby("community_code", sort=True):
        if code in known.index:
            rows.append((code, known.at[code, "name"] or code, known.at[code, "geometry"]))
        else:
            rows.append(
                (code, code or NO_COMMUNITY, shapely.union_all(own.geometry.to_numpy(), grid_size=0.001))
            )
    frame = pd.DataFrame(rows, columns=["code", "name", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=cells.crs)


def plan(communities: gpd.GeoDataFrame) -> tuple[Sheet, ...]:
    """The sheets of the communities (`code, name, geometry`, on a metric plane), numbered in their order."""
    sheets: list[Sheet] = []
    for code, name, shape in zip(communities["code"], communities["name"], communities.geometry, strict=True):
        scale = _scale(shape.bounds)
        pieces = list(_pieces(shape, scale))
        for part, (window, piece) in enumerate(pieces, start=1):
            sheets.append(
                Sheet(len(sheets) + 1, code, name, part, len(pieces), scale, window, piece)
            )  # fmt: skip
    return tuple(sheets)


def beside(sheet: Sheet, pieces: np.ndarray, least_mm: float = 12.0) -> list[tuple[int, str, float, float]]:
    """Which other sheets lie beyond each edge: `(index, side, x, y)`, side W, E, S or N, the place on the edge.

    `pieces`: `Sheet.piece` of every sheet of the atlas. A neighbour counts where it meets at least `least_mm` of the
    edge.
    """
    xmin, ymin, xmax, ymax = sheet.window
    edges = {
        "W": ((xmin, ymin), (xmin, ymax)), "E": ((xmax, ymin), (xmax, ymax)),
        "S": ((xmin, ymin), (xmax, ymin)), "N": ((xmin, ymax), (xmax, ymax)),
    }  # fmt: skip
    out = []
    for side, ends in edges.items():
        edge = shapely.LineString(ends)
        for index in np.flatnonzero(shapely.intersects(pieces, edge)).tolist():
            met = shapely.intersection(pieces[index], edge)
            if index != sheet.number - 1 and met.length * 1000 / sheet.scale >= least_mm:
                middle = shapely.get_parts(met)[np.argmax(shapely.length(shapely.get_parts(met)))].centroid
                out.append((index, side, middle.x, middle.y))
    return out


def _scale(bounds: Box) -> int:
    """The largest scale at which the whole community fits; the smallest we print where none does."""
    for scale in SCALES:
        width, height = _usable_m(scale)
        if bounds[2] - bounds[0] <= width and bounds[3] - bounds[1] <= height:
            return scale
    return SCALES[-1]


def _usable_m(scale: int) -> tuple[float, float]:
    return tuple((side - 2 * AIR_MM) / 1000 * scale for side in MAP_MM)  # type: ignore[return-value]


def _pieces(shape: BaseGeometry, scale: int) -> Iterator[tuple[Box, BaseGeometry]]:
    """Windows in rows from the north-west, each with the part of `shape` that only it stands for."""
    xmin, ymin, xmax, ymax = shape.bounds
    overlap = OVERLAP_MM / 1000 * scale
    usable = _usable_m(scale)
    columns, rows = (
        1 if side <= room else math.ceil((side - overlap) / (room - overlap))
        for side, room in ((xmax - xmin, usable[0]), (ymax - ymin, usable[1]))
    )
    if columns == rows == 1:
        yield _window((xmin + xmax) / 2, (ymin + ymax) / 2, scale), shape
        return
    step_x, step_y = (xmax - xmin) / columns, (ymax - ymin) / rows
    for row in range(rows):
        for column in range(columns):
            west, north = xmin + column * step_x, ymax - row * step_y
            tile = shapely.box(west, north - step_y, west + step_x, north)
            piece = _areal(shapely.intersection(shape, tile))
            if piece.area > 1.0:  # a sliver of less than a square metre is no sheet
                yield _window(west + step_x / 2, north - step_y / 2, scale), piece


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of `shape` without the lines and points that a tile's edge may leave."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _window(x: float, y: float, scale: int) -> Box:
    half_width, half_height = (side / 2000 * scale for side in MAP_MM)
    return x - half_width, y - half_height, x + half_width, y + half_height
