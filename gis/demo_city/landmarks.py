"""What is drawn by itself before houses fill the rest: sports fields, a stadium, the station."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cells import Grid
from gis.demo_city.cutting import bearing, extent
from gis.demo_city.network import Network
from gis.demo_city.plan import Array

TRACK_M: Final = (176.0, 92.0)  # a running track of 400 m from end to end
STADIUM_M: Final = (196.0, 150.0)


@dataclass
class Landmarks:
    """Single things, each with its shape, name ("" for none) and cell: sports fields, and houses."""

    fields: list[tuple[shapely.Polygon, str, int]] = field(default_factory=list)
    houses: list[tuple[shapely.Polygon, str, int]] = field(default_factory=list)

    def ground(self, plots: Array, apart_m: float = 6.0) -> Array:
        """The plots without what already stands on them."""
        taken = [shape for shape, _, _ in (*self.fields, *self.houses)]
        if not taken:
            return plots
        out = plots.copy()
        wide = shapely.buffer(np.array(taken, dtype=object), apart_m, quad_segs=4)
        for k, plot in zip(*shapely.STRtree(plots).query(wide, predicate="intersects"), strict=True):
            rest = shapely.get_parts(shapely.difference(out[plot], wide[k]))
            out[plot] = rest[np.argmax(shapely.area(rest))] if len(rest) else shapely.Polygon()
        return out


def place_landmarks(grid: Grid, network: Network, plots: Array) -> Landmarks:
    """Fields in schools and campuses, the stadium, the station beside the railway."""
    out = Landmarks()
    for cell in np.flatnonzero(grid.use == "school"):
        _add_field(out, plots[cell], int(cell), 0.44)
    for cell in _largest_per_block(grid, plots, "campus"):
        _add_field(out, plots[cell], int(cell), 0.62)
    for cell in np.flatnonzero(grid.use == "stadium"):
        _add_stadium(out, plots[cell], int(cell))
    for cell in np.flatnonzero(grid.use == "station"):
        _add_station(out, plots[cell], int(cell), network.railway)
    return out


def _largest_per_block(grid: Grid, plots: Array, use: str) -> Array:
    cells = np.flatnonzero(grid.use == use)
    order = cells[np.lexsort((-shapely.area(plots[cells]), grid.block[cells]))]
    return order[np.unique(grid.block[order], return_index=True)[1]]


def _frame(plot: shapely.Polygon) -> tuple[float, float, float, float, float]:
    """Angle of the plot's sides nearest to east, and its extent (u0, u1, v0, v1) in axes turned by it."""
    angle = bearing(np.array([plot]))
    u0, u1, v0, v1 = extent(np.array([plot]), angle)
    return float(angle[0]), float(u0[0]), float(u1[0]), float(v0[0]), float(v1[0])


def _turned(u: Array, v: Array, angle: float) -> Array:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.column_stack([u * cos - v * sin, u * sin + v * cos])


def _oval(u: float, v: float, length: float, width: float, angle: float) -> shapely.Polygon:
    """A stadium shape around (u, v)."""
    half = (length - width) / 2
    spine = shapely.LineString(_turned(np.array([u - half, u + half]), np.array([v, v]), angle))
    return spine.buffer(width / 2, quad_segs=12)


def _add_field(out: Landmarks, plot: shapely.Polygon, cell: int, share: float) -> None:
    """A running track in the south of the plot, as large as `share` of its depth allows."""
    if plot.is_empty:
        return
    angle, u0, u1, v0, v1 = _frame(plot)
    inner = plot.buffer(-4.0)
    width = min(TRACK_M[1], share * (v1 - v0), (u1 - u0 - 12) * TRACK_M[1] / TRACK_M[0])
    for _ in range(5):
        if width < 26:
            return
        track = _oval((u0 + u1) / 2, v0 + 5 + width / 2, width * TRACK_M[0] / TRACK_M[1], width, angle)
        if inner.covers(track):
            out.fields.append((track, "运动场", cell))
            return
        width *= 0.86


def _add_stadium(out: Landmarks, plot: shapely.Polygon, cell: int) -> None:
    angle, u0, u1, v0, v1 = _frame(plot)
    scale = min(1.0, 0.8 * (u1 - u0) / STADIUM_M[0], 0.8 * (v1 - v0) / STADIUM_M[1])
    u, v = (u0 + u1) / 2, (v0 + v1) / 2
    stand = _oval(u, v, STADIUM_M[0] * scale, STADIUM_M[1] * scale, angle)
    pitch = _oval(u, v, 0.64 * STADIUM_M[0] * scale, 0.5 * STADIUM_M[1] * scale, angle)
    if plot.covers(stand):
        out.houses.append((shapely.Polygon(stand.exterior, [pitch.exterior]), "合成市体育场", cell))
        out.fields.append((pitch.buffer(-3.0), "", cell))


def _add_station(out: Landmarks, plot: shapely.Polygon, cell: int, railway: shapely.LineString) -> None:
    """A hall along the railway side of its plot."""
    angle, u0, u1, v0, v1 = _frame(plot)
    middle = plot.centroid
    track = railway.interpolate(railway.project(middle))
    north = (track.y - middle.y) * np.cos(angle) - (track.x - middle.x) * np.sin(angle) > 0
    length, depth = 0.62 * (u1 - u0), min(36.0, 0.3 * (v1 - v0))
    for inset in (6.0, 12.0, 20.0, 30.0):
        v = v1 - inset - depth if north else v0 + inset
        u = (u0 + u1 - length) / 2
        corners = np.array([[0, 0], [1, 0], [1, 1], [0.64, 1], [0.64, 1.3], [0.36, 1.3], [0.36, 1], [0, 1]])
        deep = corners[:, 1] * depth / 1.3
        hall = shapely.Polygon(
            _turned(u + corners[:, 0] * length, v + (depth - deep if north else deep), angle)
        )
        if plot.covers(hall):
            out.houses.append((hall, "合成站", cell))
            return
