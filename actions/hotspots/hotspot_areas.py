"""What values of an analysis are gathered on: the store's cells, a regular mesh, or a file's own features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from actions.hotspots.hotspot_points import Points
from actions.read_layers import read_layer
from gis import crs
from gis.assignment import assign
from gis.mesh import HexMesh, SquareMesh
from kernel.errors import Refused

if TYPE_CHECKING:
    from data.store import Store

Locate = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Areas:
    """n areas (columns `code`, `geometry` on a metric plane) in the order of the answer; `locate(x, y)` gives the number
    of the area of each point, -1 outside; `extent` says in plain values what they cover."""

    frame: gpd.GeoDataFrame
    locate: Locate
    extent: dict[str, Any]


def require_spec(on: str) -> None:
    """Raise `Refused` when `on` is none of: cells, features, SIZE_M, hex:SIZE_M."""
    if on not in ("cells", "features"):
        mesh_size(on)


def mesh_size(on: str) -> float:
    """Size in metres of the mesh that `on` names."""
    try:
        size = float(on.removeprefix("hex:").removesuffix("m"))
    except ValueError:
        size = 0.0
    if not (np.isfinite(size) and size > 0):
        raise Refused(
            "{on} is nothing that values can be gathered on.",
            remedy="Choose one of: cells, features, 250 (squares of 250 m), hex:250 (hexagons of 250 m).",
            on=on,
        )
    return size


def of_cells(store: Store, area: str) -> Areas:
    """The store's cells; with `area` those whose middle lies in its polygons."""
    cells = store.load_cells()
    if not len(cells):
        raise Refused(
            "The store has no cells yet.",
            remedy="Import or divide a grid first, or gather on a mesh: --on 250.",
        )
    frame = cells[["code", "geometry"]]
    kind = "cells"
    if area:
        middle = shapely.point_on_surface(np.asarray(frame.geometry.values, dtype=object))
        frame = frame[shapely.intersects(middle, _polygon(area, cells.crs))].reset_index(drop=True)
        kind = "cells of the area"
    return Areas(frame, lambda x, y: assign(x, y, frame), _extent(kind, frame.total_bounds, cells.crs))


def of_mesh(points: Points, on: str, area: str) -> Areas:
    """Whole squares or hexagons around the points, or, with `area`, those that share ground with its polygons."""
    size = mesh_size(on)
    boundary = _polygon(area, points.plane) if area else None
    if boundary is None and not len(points):
        raise Refused(
            "There is no point to lay a mesh around.",
            remedy="Check the filter, or bound the analysis with --area.",
        )
    bounds = points.bounds if boundary is None else boundary.bounds
    mesh = (HexMesh if on.startswith("hex:") else SquareMesh).around(bounds, size)
    polygons = mesh.polygons()
    extent = _extent(
        "mesh around the points" if boundary is None else "mesh over the area", mesh.bounds, points.plane
    )
    extent |= {"columns": mesh.columns, "rows": mesh.rows, "size_m": size}
    row, column = np.divmod(np.arange(len(mesh)), mesh.columns)
    frame = gpd.GeoDataFrame(
        {"code": [f"r{j}c{i}" for j, i in zip(row.tolist(), column.tolist(), strict=True)]},
        geometry=polygons,
        crs=points.plane,
    )
    if boundary is not None:
        return _bounded(frame, boundary, extent)
    if isinstance(mesh, SquareMesh):
        return Areas(frame, mesh.locate, extent)
    return Areas(frame, lambda x, y: assign(x, y, frame), extent)


def of_features(points: Points) -> Areas:
    """The file's own features, all of them, in its order."""
    frame = gpd.GeoDataFrame(
        {"code": [str(k + 1) for k in range(len(points))]}, geometry=points.shapes, crs=points.plane
    )
    own = np.arange(len(points))
    return Areas(frame, lambda x, y: own, _extent("features", frame.total_bounds, points.plane))


def _bounded(frame: gpd.GeoDataFrame, boundary: Any, extent: dict[str, Any]) -> Areas:
    """The areas that share ground with `boundary`; points beyond it lie outside."""
    shapely.prepare(boundary)
    shapes = np.asarray(frame.geometry.values, dtype=object)
    shared = shapely.intersects(boundary, shapes) & ~shapely.touches(boundary, shapes)
    kept = frame[shared].reset_index(drop=True)

    def locate(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[Any]:
        return np.where(shapely.intersects_xy(boundary, x, y), assign(x, y, kept), -1)

    return Areas(kept, locate, extent)


def _polygon(source: str, plane: pyproj.CRS) -> Any:
    layer = read_layer(source, "area", areal=True)
    if layer.crs is not None:
        layer = layer.to_crs(plane)
    return shapely.union_all(shapely.make_valid(np.asarray(layer.geometry.values, dtype=object)))


def _extent(kind: str, bounds: Any, plane: Any) -> dict[str, Any]:
    xmin, ymin, xmax, ymax = (float(side) for side in bounds)
    epsg = crs.system(plane).to_epsg()
    return {"of": kind, "xmin": xmin, "ymin": ymin, "xmax": xmax, "ymax": ymax, "crs": epsg or 0}
