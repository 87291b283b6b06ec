"""Geometry onto matplotlib's axes, many shapes at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path as Outline


def fill(axes: Any, shapes: Any, colour: str, edge: str = "none", width: float = 0.0, *, alpha: float = 1.0,
         zorder: float = 1.0) -> None:  # fmt: skip
    """Fill the polygons of `shapes` (lines and points in it are left out); `width` of the edge in points."""
    parts = shapely.get_parts(shapely.orient_polygons(np.asarray(shapes)))
    paths = [outline(part) for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if paths:
        axes.add_collection(
            PathCollection(
                paths, facecolors=colour, edgecolors=edge, linewidths=width, alpha=alpha, zorder=zorder
            )
        )


def lines(axes: Any, shapes: Any, colour: str, width: Any, dash: Any = "solid", *, zorder: float = 1.0,
          cap: str = "round", alpha: float = 1.0) -> None:  # fmt: skip
    """Draw the lines of `shapes`, and the rings where they are polygons; `width` in points, one or one per line."""
    shapes = np.asarray(shapes)
    rings = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    parts, owner = shapely.get_parts(rings, return_index=True)
    segments = [shapely.get_coordinates(part) for part in parts]
    if not segments:
        return
    widths = width if np.isscalar(width) else np.asarray(width)[owner]
    axes.add_collection(
        LineCollection(
            segments, colors=colour, linewidths=widths, linestyles=dash, capstyle=cap, joinstyle="round",
            zorder=zorder, alpha=alpha,
        )
    )  # fmt: skip


def outline(polygon: Any) -> Outline:
    """The rings of one polygon as one path; holes must run the other way (`shapely.orient_polygons`)."""
    rings = [polygon.exterior, *polygon.interiors]
    coordinates = [shapely.get_coordinates(ring) for ring in rings]
    codes = [
        np.r_[Outline.MOVETO, np.full(len(c) - 2, Outline.LINETO), Outline.CLOSEPOLY] for c in coordinates
    ]
    return Outline(np.concatenate(coordinates), np.concatenate(codes))


def round_length(wanted: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is not longer than `wanted`."""
    power = 10 ** int(np.floor(np.log10(max(wanted, 1e-9))))
    return float(max(step * power for step in (1, 2, 5) if step * power <= wanted))
