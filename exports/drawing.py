"""Geometry onto matplotlib's axes, many shapes at a time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline

TOGETHER: Final = 500  # lines or rings in one path; the rasteriser does not take any number


def fill(axes: Any, shapes: Any, colour: str, edge: str = "none", width: float = 0.0, *, alpha: float = 1.0,
         zorder: float = 1.0) -> None:  # fmt: skip
    """Fill the polygons of `shapes` (lines and points in it are left out); `width` of the edge in points."""
    parts = shapely.get_parts(shapely.orient_polygons(np.asarray(shapes)))
    parts = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    _add(
        axes,
        shapely.get_rings(parts),
        zorder,
        facecolors=colour,
        edgecolors=edge,
        linewidths=width,
        alpha=alpha,
    )


def lines(axes: Any, shapes: Any, colour: str, width: Any, dash: Any = "solid", *, zorder: float = 1.0,
          cap: str = "round", alpha: float = 1.0) -> None:  # fmt: skip
    """Draw the lines of `shapes`, and the rings where they are polygons; `width` in points, one or one per line."""
    shapes = np.asarray(shapes)
    rings = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    parts, owner = shapely.get_parts(rings, return_index=True)
    widths = np.broadcast_to(np.asarray(width, dtype=float), len(shapes))[owner]
    style = {
        "facecolors": "none",
        "edgecolors": colour,
        "linestyles": dash,
        "capstyle": cap,
        "joinstyle": "round",
    }
    for each in np.unique(widths):
        _add(axes, parts[widths == each], zorder, linewidths=each, alpha=alpha, **style)


def _add(axes: Any, rings: np.ndarray, zorder: float, **style: Any) -> None:
    """Lines or rings of one style, many in one path: a page of paths by the thousand takes seconds to write."""
    rings = rings[~shapely.is_empty(rings)]
    batches = [rings[k : k + TOGETHER] for k in range(0, len(rings), TOGETHER)]
    if batches:
        axes.add_collection(PathCollection([_path(batch) for batch in batches], zorder=zorder, **style))


def _path(rings: np.ndarray) -> Outline:
    """All lines and rings as one path; rings are closed."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    last = np.r_[first[1:], len(ring)] - 1
    codes = np.full(len(xy), Outline.LINETO, dtype=np.uint8)
    codes[first] = Outline.MOVETO
    codes[last[shapely.is_closed(rings)]] = Outline.CLOSEPOLY
    return Outline(xy, codes)


def round_length(wanted: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is not longer than `wanted`."""
    power = 10 ** int(np.floor(np.log10(max(wanted, 1e-9))))
    return float(max(step * power for step in (1, 2, 5) if step * power <= wanted))
