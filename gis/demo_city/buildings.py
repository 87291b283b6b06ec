"""Houses in rows along the streets: per cell a pattern by its use, rows cut to the parcel's shape, houses in rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cutting import bearing, extent
from gis.demo_city.footprints import NAMES, build
from gis.demo_city.plan import Array, stage_rng


@dataclass(frozen=True)
class Pattern:
    """How houses of one kind stand; lengths in metres as (least, most), drawn once per cell."""

    depth_m: tuple[float, float]
    length_m: tuple[float, float]
    gap_m: tuple[float, float]  # between houses of a row
    lane_m: tuple[float, float]  # between rows
    setback_m: float
    shapes: dict[str, float]
    fill: float = 1.0  # share of the places that are built on
    stretch: float = 1.0  # how much deeper houses may become to fill the ground


PATTERNS: Final[dict[str, Pattern]] = {
    "old": Pattern((17, 22), (15, 21), (0.9, 1.6), (2.6, 4.2), 0.6,
                   {"court": 3, "u": 3, "l_west": 2, "l_east": 2, "bar": 1.2, "u_north": 1}, 0.95, 1.35),
    "estate": Pattern((11.5, 13.5), (38, 58), (8, 13), (15, 19), 3.0, {"bar": 9, "step": 1.4}, 0.96),
    "new": Pattern((15, 18), (30, 44), (14, 22), (27, 36), 6.0, {"bar": 4, "step": 3, "cut": 1, "h": 1}, 0.94),
    "centre": Pattern((28, 36), (32, 46), (6, 10), (8, 12), 2.0,
                      {"u": 2, "l_west": 2, "l_east": 2, "bar": 3, "court": 2, "t": 1, "u_north": 1}, 0.95, 1.2),
    "cbd": Pattern((34, 46), (34, 48), (12, 20), (14, 22), 4.0,
                   {"bar": 5, "step": 2.5, "l_east": 2, "l_west": 2, "cut": 1.2, "u": 1, "cross": 0.7, "t": 1, "round": 0.6, "eight": 0.5}, 0.9),
    "offices": Pattern((24, 34), (36, 54), (10, 16), (16, 24), 5.0,
                       {"u": 2, "h": 2, "t": 1, "bar": 2, "e": 1, "l_west": 1, "l_east": 1}, 0.9),
    "market": Pattern((40, 52), (60, 84), (8, 12), (12, 16), 3.0, {"bar": 3, "l_west": 1, "cut": 1, "step": 1}, 1.0),
    "industry": Pattern((26, 38), (56, 92), (12, 18), (12, 20), 6.0, {"bar": 6, "l_east": 1, "step": 1}, 0.88),
    "campus": Pattern((24, 34), (44, 66), (16, 24), (26, 38), 8.0, {"h": 2, "u": 3, "e": 2, "l_west": 2, "bar": 3}, 0.72),
    "civic": Pattern((30, 40), (52, 76), (14, 20), (24, 34), 8.0, {"u": 2, "h": 2, "t": 2, "bar": 2}, 1.0),
    "hospital": Pattern((32, 44), (54, 80), (14, 20), (22, 30), 7.0, {"h": 3, "e": 3, "u": 1, "bar": 1}, 0.9),
    "school": Pattern((30, 40), (50, 76), (10, 16), (16, 22), 5.0, {"u": 3, "e": 2, "h": 1, "l_east": 1}, 1.0),
    "site": Pattern((16, 30), (30, 50), (16, 26), (24, 40), 10.0, {"bar": 2, "step": 1, "cut": 1}, 0.6),
    "park": Pattern((9, 13), (9, 14), (60, 90), (60, 90), 12.0, {"eight": 2, "bar": 1, "round": 1}, 0.25),
}  # fmt: skip


@dataclass(frozen=True)
class Houses:
    """Footprints with the cell they stand in and their name ("" for most)."""

    polygons: Array
    cell: Array
    name: Array

    def only(self, kept: Array) -> Houses:
        """Some of them."""
        return Houses(self.polygons[kept], self.cell[kept], self.name[kept])


def raise_houses(
    seed: int, parcels: Array, use: Array, single: list[tuple[shapely.Polygon, str, int]]
) -> Houses:
    """Houses on all parcels; `use` names each cell's pattern, cells of other uses have only `single` houses."""
    parts = [
        (
            np.array([house for house, _, _ in single], dtype=object),
            np.array([k for _, _, k in single], dtype=int),
        )
    ]
    for name, pattern in PATTERNS.items():
        cells = np.flatnonzero((use == name) & (shapely.area(parcels) > 350))
        if len(cells):
            rng = stage_rng(seed, f"houses {name}")
            polygons, index = _fill(
                shapely.buffer(parcels[cells], -pattern.setback_m, join_style="mitre"), pattern, rng
            )
            parts.append((polygons, cells[index]))
    polygons, cell = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(cell, kind="stable")
    words = np.full(len(cell), "", dtype=object)
    words[: len(single)] = [word for _, word, _ in single]
    return Houses(polygons[order], cell[order], words[order])


def _fill(ground: Array, pattern: Pattern, rng: np.random.Generator) -> tuple[Array, Array]:
    """Houses on each piece of ground and the piece each stands on."""
    n = len(ground)
    depth, length, gap, lane = (
        rng.uniform(*low_high, n)
        for low_high in (pattern.depth_m, pattern.length_m, pattern.gap_m, pattern.lane_m)
    )  # fmt: skip
    filled = np.flatnonzero(~shapely.is_empty(ground))
    angle = np.zeros(n)
    angle[filled] = bearing(ground[filled])
    row_of, south, row_depth = _rows(ground, filled, angle, depth, lane, pattern.stretch)
    west, east = _chords(ground[row_of], angle[row_of], south, south + row_depth)
    at, house_row, width = _houses(west, east, length[row_of], gap[row_of])
    cell = row_of[house_row]
    shape = _draw_shapes(pattern.shapes, len(at), rng)
    polygons = build(shape, at, south[house_row], width, row_depth[house_row], angle[cell])
    keep = shapely.covers(shapely.buffer(ground, 0.4, join_style="mitre")[cell], polygons) & (
        rng.random(len(at)) < pattern.fill
    )
    return polygons[keep], cell[keep]


def _rows(
    ground: Array, filled: Array, angle: Array, depth: Array, lane: Array, stretch: float
) -> tuple[Array, Array, Array]:
    """Rows of houses from the south edge to the north edge of each ground: its index, its south edge, its depth."""
    low, high = _roomy_span(ground[filled], angle[filled])
    height = high - low
    depth, lane = depth[filled], lane[filled]
    count = np.floor((height + lane) / (depth + lane)).astype(int)
    single = (count == 0) & (height > 0.62 * depth)
    depth = np.where(single, height * 0.98, depth)
    count = np.where(single, 1, count)
    fitting = (height - (count - 1) * lane) / np.maximum(count, 1)
    depth = np.clip(fitting, depth, stretch * depth)
    spread = np.where(count > 1, (height - depth) / np.maximum(count - 1, 1), 0.0)
    first = np.where(count > 1, low, low + (height - depth) / 2)
    which = np.repeat(np.arange(len(filled)), count)
    k = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return filled[which], (first[which] + k * spread[which]), depth[which]


def _roomy_span(ground: Array, angle: Array, samples: int = 15) -> tuple[Array, Array]:
    """South and north end (v) of the part of each ground that is at least half as wide as its widest place."""
    _, _, low, high = extent(ground, angle)
    share = np.linspace(0.006, 0.994, samples)
    widths = np.empty((samples, len(ground)))
    for k in range(samples):
        west, east = _chord(ground, angle, low + share[k] * (high - low))
        widths[k] = np.maximum(east - west, 0)
    roomy = widths > 0.5 * widths.max(axis=0)
    first, last = roomy.argmax(axis=0), samples - 1 - roomy[::-1].argmax(axis=0)
    return low + share[first] * (high - low), low + share[last] * (high - low)


def _chords(ground: Array, angle: Array, south: Array, north: Array) -> tuple[Array, Array]:
    """West and east end (u) of the ground along both long edges of each row: the part that both have."""
    west, east = np.full(len(ground), -np.inf), np.full(len(ground), np.inf)
    for v in (south + 0.05, north - 0.05):
        u0, u1 = _chord(ground, angle, v)
        west, east = np.maximum(west, u0), np.minimum(east, u1)
    return west + 0.02, east - 0.02


def _chord(ground: Array, angle: Array, v: Array) -> tuple[Array, Array]:
    cos, sin = np.cos(angle), np.sin(angle)
    box = shapely.bounds(ground)
    corners = np.stack([box[:, [0, 0, 2, 2]], box[:, [1, 3, 1, 3]]], axis=2)
    u = corners[:, :, 0] * cos[:, None] + corners[:, :, 1] * sin[:, None]
    ends = np.stack([u.min(1) - 1, u.max(1) + 1], axis=1)
    lines = shapely.linestrings(
        np.stack([ends * cos[:, None] - (v * sin)[:, None], ends * sin[:, None] + (v * cos)[:, None]], axis=2)
    )
    parts, of = shapely.get_parts(shapely.intersection(lines, ground), return_index=True)
    solid = shapely.get_type_id(parts) == 1
    parts, of = parts[solid], of[solid]
    order = np.lexsort((-shapely.length(parts), of))
    of, first = np.unique(of[order], return_index=True)
    xy = shapely.get_coordinates(parts[order][first])
    at, owner = xy[:, 0], np.repeat(of, shapely.get_num_points(parts[order][first]))
    u = at * cos[owner] + xy[:, 1] * sin[owner]
    low, high = np.full(len(ground), np.inf), np.full(len(ground), -np.inf)
    np.minimum.at(low, owner, u)
    np.maximum.at(high, owner, u)
    return low, high


def _houses(west: Array, east: Array, length: Array, gap: Array) -> tuple[Array, Array, Array]:
    """Houses that fill each row from end to end: start, row and length of each."""
    room = np.where(np.isfinite(east - west), east - west, 0.0)
    count = np.maximum(np.round((room + gap) / (length + gap)), room > 0.45 * length).astype(int)
    count = np.where(room > 0, count, 0)
    width = (room - (count - 1) * gap) / np.maximum(count, 1)
    row = np.repeat(np.arange(len(room)), count)
    k = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return west[row] + k * (width + gap)[row], row, width[row]


def _draw_shapes(shares: dict[str, float], count: int, rng: np.random.Generator) -> Array:
    names = np.array([NAMES.index(name) for name in shares])
    weight = np.array(list(shares.values()))
    return rng.choice(names, count, p=weight / weight.sum())
