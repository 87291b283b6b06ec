"""Shapes of houses in a unit square (x east, y north, the court to the south), scaled and turned many at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.demo_city.plan import Array


def _ngon(corners: int, squash: float = 1.0) -> list[tuple[float, float]]:
    t = np.linspace(0, 2 * np.pi, corners, endpoint=False) + np.pi / corners
    return [(0.5 + 0.5 * float(np.cos(a)), 0.5 + 0.5 * squash * float(np.sin(a))) for a in t]


SHAPES: Final[dict[str, list[tuple[float, float]]]] = {
    "bar": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "half": [(0, 0.45), (1, 0.45), (1, 1), (0, 1)],
    "l_west": [(0, 0), (0.38, 0), (0.38, 0.6), (1, 0.6), (1, 1), (0, 1)],
    "l_east": [(0.62, 0), (1, 0), (1, 1), (0, 1), (0, 0.6), (0.62, 0.6)],
    "u": [(0, 0), (0.3, 0), (0.3, 0.62), (0.7, 0.62), (0.7, 0), (1, 0), (1, 1), (0, 1)],
    "u_north": [(0, 0), (1, 0), (1, 1), (0.7, 1), (0.7, 0.38), (0.3, 0.38), (0.3, 1), (0, 1)],
    "h": [(0, 0), (0.28, 0), (0.28, 0.36), (0.72, 0.36), (0.72, 0), (1, 0), (1, 1), (0.72, 1), (0.72, 0.64),
          (0.28, 0.64), (0.28, 1), (0, 1)],
    "e": [(0, 0), (0.2, 0), (0.2, 0.6), (0.4, 0.6), (0.4, 0.15), (0.6, 0.15), (0.6, 0.6), (0.8, 0.6), (0.8, 0),
          (1, 0), (1, 1), (0, 1)],
    "t": [(0.32, 0), (0.68, 0), (0.68, 0.55), (1, 0.55), (1, 1), (0, 1), (0, 0.55), (0.32, 0.55)],
    "cross": [(0.3, 0), (0.7, 0), (0.7, 0.3), (1, 0.3), (1, 0.7), (0.7, 0.7), (0.7, 1), (0.3, 1), (0.3, 0.7),
              (0, 0.7), (0, 0.3), (0.3, 0.3)],
    "step": [(0, 0), (0.66, 0), (0.66, 0.22), (1, 0.22), (1, 1), (0.34, 1), (0.34, 0.78), (0, 0.78)],
    "cut": [(0.16, 0), (0.84, 0), (1, 0.16), (1, 0.84), (0.84, 1), (0.16, 1), (0, 0.84), (0, 0.16)],
    "round": _ngon(20),
    "eight": _ngon(8),
}  # fmt: skip
COURT: Final = [(0.24, 0.24), (0.76, 0.24), (0.76, 0.70), (0.24, 0.70)]
NAMES: Final = (*SHAPES, "court")


def build(shape: Array, u: Array, v: Array, width_m: Array, depth_m: Array, angle: Array) -> Array:
    """Polygons of the shapes (indices into `NAMES`) with their lower left corner at (u, v) in axes turned by `angle`."""
    out = np.empty(len(shape), dtype=object)
    for k, name in enumerate(NAMES):
        rows = np.flatnonzero(shape == k)
        if len(rows):
            frame = _bounded(name, u[rows], v[rows], width_m[rows], depth_m[rows], angle[rows])
            outer = _placed(SHAPES["bar"] if name == "court" else SHAPES[name], *frame)
            if name == "court":
                holes = shapely.linearrings(_placed(COURT, *frame))
                out[rows] = shapely.polygons(shapely.linearrings(outer), holes=holes[:, None])
            else:
                out[rows] = shapely.polygons(outer)
    return out


def _bounded(name: str, u: Array, v: Array, width: Array, depth: Array, angle: Array) -> tuple[Array, ...]:
    """Round and cross-shaped houses are about as wide as deep; they stand in the middle of their place."""
    if name not in ("round", "eight", "cross", "cut"):
        return u, v, width, depth, angle
    limit = 1.0 if name in ("round", "eight") else 1.25
    side = np.minimum(width, depth)
    new_width, new_depth = np.minimum(width, limit * side), np.minimum(depth, limit * side)
    return u + (width - new_width) / 2, v + (depth - new_depth) / 2, new_width, new_depth, angle


def _placed(
    shape: list[tuple[float, float]], u: Array, v: Array, width: Array, depth: Array, angle: Array
) -> Array:
    unit = np.array(shape)
    at_u = u[:, None] + width[:, None] * unit[:, 0]
    at_v = v[:, None] + depth[:, None] * unit[:, 1]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.stack([at_u * cos - at_v * sin, at_u * sin + at_v * cos], axis=2)
