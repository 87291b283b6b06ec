"""Straight cuts through blocks that are too large: along walls and between buildings where that is possible.

A cut is judged without geometry operations: in a frame turned to the block's direction, the length of a chord, the
area on its sides, the walls it runs along and the buildings it meets are functions of one offset, read off arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.division.solids import Solids
from kernel.progress import Progress

STEPS: Final = 24  # evenly spread offsets tried, beside those of walls
MOST_WALL_OFFSETS: Final = 60
ALONG_M: Final = 0.8  # a chord this near a wall follows it
PARALLEL: Final = np.sin(np.radians(6.0))
ALIKE: Final = np.radians(5.0)  # directions nearer than this need not both be tried
FOLLOWED: Final = 0.25  # price of a metre along a wall, when a metre over open ground costs one
TURNING: Final = 1.5  # price of a metre that a border is pushed aside by a building
BALANCE: Final = 0.9  # price of a wholly lopsided cut, in sides of the block
BREAK_M: Final = 12.0  # price of each further piece of the chord
NARROW_M: Final = 24.0
STRIP_M: Final = 60.0
BEYOND_M: Final = 0.02  # chords overshoot the block's outline so that noding finds the crossing

Array = np.ndarray


@dataclass(frozen=True)
class Chord:
    """The best cut of one block: segments as rows x1, y1, x2, y2; its price in metres of open ground."""

    segments: Array
    price: float


def chords(blocks: Array, solids: Solids, leaf_m2: float, progress: Progress) -> Array:
    """Lines that cut `blocks` into parts of about `leaf_m2`, and narrow strips into pieces of about `STRIP_M`."""
    block, solid = shapely.STRtree(solids.polygons).query(blocks, predicate="intersects")
    order = np.argsort(block, kind="stable")
    bounds = np.searchsorted(block[order], np.arange(len(blocks) + 1))
    found: list[Array] = []
    for number in np.flatnonzero(_wants_cut(blocks, leaf_m2)):
        progress.check()
        inside = solid[order[bounds[number] : bounds[number + 1]]]
        _cut(blocks[number], solids.polygons[inside], leaf_m2, found)
    if not found:
        return np.zeros(0, dtype=object)
    return np.asarray(shapely.linestrings(np.concatenate(found).reshape(-1, 2, 2)), dtype=object)


def _wants_cut(blocks: Array, leaf_m2: float) -> Array:
    area, length = shapely.area(blocks), shapely.length(blocks)
    is_strip = (2 * area < NARROW_M * length) & (length > 3 * STRIP_M)
    return (area > 1.5 * leaf_m2) | is_strip


def _cut(block: shapely.Polygon, inside: Array, leaf_m2: float, found: list[Array]) -> None:
    waiting = [(block, inside, 0)]
    while waiting:
        part, solids, depth = waiting.pop()
        if depth > 14 or not _wants_cut(np.array([part]), leaf_m2)[0]:
            continue
        chord = _best(part, solids)
        if chord is None:
            continue
        found.append(chord.segments)
        lines = [part.boundary, *shapely.linestrings(chord.segments.reshape(-1, 2, 2))]
        pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
        pieces = pieces[shapely.area(pieces) > 1.0]
        pieces = pieces[shapely.intersects(part, shapely.point_on_surface(pieces))]
        if len(pieces) < 2:
            continue
        for piece in pieces:
            waiting.append((piece, solids[shapely.intersects(piece, solids)], depth + 1))


def _best(block: shapely.Polygon, solids: Array) -> Chord | None:
    rings = shapely.get_rings(block)
    edges = _segments(rings)
    walls = _segments(shapely.get_exterior_ring(solids)) if len(solids) else np.zeros((0, 4))
    narrow = 2 * block.area < NARROW_M * block.length
    tried = []
    for angle in _directions(block, edges, walls, narrow):
        made = _best_along(angle, block, edges, walls, solids, narrow)
        if made is not None:
            tried.append(made)
    return min(tried, key=lambda each: each.price) if tried else None


def _segments(rings: Array) -> Array:
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return np.hstack([xy[:-1][joined], xy[1:][joined]])


def _directions(block: shapely.Polygon, edges: Array, walls: Array, narrow: bool) -> list[float]:
    """Angles of the chords to try: the block's principal direction and the one across; of a strip, only across."""
    frame = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))
    sides = np.diff(frame[:3], axis=0)
    if len(sides) < 2:
        return []
    long_side = sides[np.argmax(np.hypot(*sides.T))]
    along = float(np.arctan2(long_side[1], long_side[0]))
    if narrow:
        return [along + np.pi / 2]
    step = np.concatenate([edges, walls]) if len(walls) else edges
    dx, dy = step[:, 2] - step[:, 0], step[:, 3] - step[:, 1]
    # Directions are equal modulo a right angle: the mean of four times the angle, weighted by length.
    turned = np.sum(np.hypot(dx, dy) * np.exp(4j * np.arctan2(dy, dx)))
    principal = float(np.angle(turned) / 4)
    apart = abs((along - principal + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    both = [principal] if apart < ALIKE else [principal, along]
    return [angle + across for angle in both for across in (0.0, np.pi / 2)]


def _best_along(
    angle: float, block: shapely.Polygon, edges: Array, walls: Array, solids: Array, narrow: bool
) -> Chord | None:
    turn = _turning(angle)
    sides = _turned(edges, turn)
    low, high = sides[:, [1, 3]].min(), sides[:, [1, 3]].max()
    grid = np.linspace(low, high, 41)
    profile = _chord_lengths(sides, grid)[0]
    area = np.concatenate([[0.0], np.cumsum((profile[1:] + profile[:-1]) / 2 * np.diff(grid))])
    if area[-1] <= 0.0:
        return None
    level = np.interp([0.22, 0.78], area / area[-1], grid)
    offsets = _offsets(level, sides, walls, turn, narrow)
    length, crossings = _chord_lengths(sides, offsets)
    share = np.interp(offsets, grid, area / area[-1])
    price = (2 * np.abs(share - 0.5)) ** 2 * BALANCE * np.sqrt(block.area)
    price = price + _price_of_ground(offsets, length, walls, solids, turn)
    price = price + BREAK_M * np.maximum(crossings // 2 - 1, 0)
    price[crossings < 2] = np.inf
    best = int(np.argmin(price))
    if not np.isfinite(price[best]):
        return None
    return Chord(_drawn(sides, float(offsets[best]), turn), float(price[best]))


def _offsets(level: Array, sides: Array, walls: Array, turn: Array, narrow: bool) -> Array:
    """Offsets to try within `level`: evenly spread ones, and those of parallel walls (of a strip: its corners)."""
    even = np.linspace(level[0], level[1], STEPS)
    if narrow:
        special = sides[:, 1]
    else:
        turned = _turned(walls, turn)
        parallel = _is_parallel(turned)
        special = (turned[parallel, 1] + turned[parallel, 3]) / 2
    special = np.unique(np.round(special[(special > level[0]) & (special < level[1])], 1))
    if len(special) > MOST_WALL_OFFSETS:
        special = special[np.linspace(0, len(special) - 1, MOST_WALL_OFFSETS).astype(int)]
    return np.concatenate([special, even])


def _price_of_ground(offsets: Array, length: Array, walls: Array, solids: Array, turn: Array) -> Array:
    """What the chords cost: open ground one a metre, walls less, buildings by how far they push the border aside."""
    if not len(solids):
        return length
    turned = _turned(walls, turn)
    parallel = turned[_is_parallel(turned)]
    near = np.abs((parallel[:, 1] + parallel[:, 3])[None, :] / 2 - offsets[:, None]) <= ALONG_M
    along = near @ np.abs(parallel[:, 2] - parallel[:, 0])
    xy, owner = shapely.get_coordinates(solids, return_index=True)
    uv = xy @ turn.T
    first = np.flatnonzero(np.r_[True, np.diff(owner) != 0])
    low, high = np.minimum.reduceat(uv, first), np.maximum.reduceat(uv, first)
    depth = np.minimum(offsets[:, None] - low[None, :, 1], high[None, :, 1] - offsets[:, None])
    met = depth > ALONG_M
    inside = met @ (high[:, 0] - low[:, 0])
    pushed = (np.maximum(depth, 0.0) * met).sum(axis=1)
    followed = np.minimum(along + inside, length)
    return np.asarray(length - (1 - FOLLOWED) * followed + 2 * TURNING * pushed)


def _is_parallel(turned: Array) -> Array:
    du, dv = turned[:, 2] - turned[:, 0], turned[:, 3] - turned[:, 1]
    return np.asarray(np.abs(dv) <= PARALLEL * np.hypot(du, dv))


def _turning(angle: float) -> Array:
    """Turns the plane so that chords of `angle` lie level: first coordinate along the chord, second its offset."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])


def _turned(segments: Array, turn: Array) -> Array:
    return np.hstack([segments[:, :2] @ turn.T, segments[:, 2:] @ turn.T])


def _crossings(sides: Array, offsets: Array) -> Array:
    """Where each level line crosses the sides, in order, padded with infinity: offsets × sides."""
    low, high = np.minimum(sides[:, 1], sides[:, 3]), np.maximum(sides[:, 1], sides[:, 3])
    crossed = (low[None, :] <= offsets[:, None]) & (offsets[:, None] < high[None, :])
    rise = np.where(sides[:, 3] == sides[:, 1], 1.0, sides[:, 3] - sides[:, 1])
    share = (offsets[:, None] - sides[:, 1]) / rise
    return np.sort(np.where(crossed, sides[:, 0] + share * (sides[:, 2] - sides[:, 0]), np.inf), axis=1)


def _chord_lengths(sides: Array, offsets: Array) -> tuple[Array, Array]:
    """Length inside the block of each level line, and how often it crosses the outline."""
    at = _crossings(sides, offsets)
    count = np.isfinite(at).sum(axis=1)
    most = int(count.max(initial=0)) // 2 * 2
    at = np.where(np.isfinite(at), at, 0.0)[:, :most]
    return (at[:, 1::2] - at[:, 0::2]).sum(axis=1), count


def _drawn(sides: Array, offset: float, turn: Array) -> Array:
    at = _crossings(sides, np.array([offset]))[0]
    at = at[np.isfinite(at)]
    starts, ends = at[0::2] - BEYOND_M, at[1::2] + BEYOND_M
    here = np.full(len(ends), offset)
    first = np.stack([starts[: len(ends)], here], axis=1) @ turn
    last = np.stack([ends, here], axis=1) @ turn
    return np.hstack([first, last])
