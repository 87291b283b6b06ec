"""Straight cuts through many polygons at once: streets through superblocks, borders through blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.plan import Array

OVERLAP_M = 0.4  # how far a cut reaches beyond the polygon, so that noding surely closes the faces


@dataclass(frozen=True)
class Pieces:
    """Polygons after cutting, which polygon each came from, and the cuts with their owner and generation."""

    polygons: Array
    owner: Array
    cuts: Array
    cut_owner: Array
    cut_depth: Array


def bearing(polygons: Array) -> Array:
    """Main direction of each polygon's sides (radians, modulo a quarter turn), sides weighted by their length."""
    rings = shapely.get_exterior_ring(polygons)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    side = (xy[1:] - xy[:-1])[inner]
    length, angle = np.hypot(*side.T), np.arctan2(side[:, 1], side[:, 0])
    of = ring[:-1][inner]
    sine = np.bincount(of, length * np.sin(4 * angle), len(polygons))
    cosine = np.bincount(of, length * np.cos(4 * angle), len(polygons))
    return np.arctan2(sine, cosine) / 4


def extent(polygons: Array, angle: Array) -> tuple[Array, Array, Array, Array]:
    """Bounds (u min, u max, v min, v max) of each polygon in axes turned by its `angle`."""
    xy, of = shapely.get_coordinates(polygons, return_index=True)
    cos, sin = np.cos(angle)[of], np.sin(angle)[of]
    u, v = xy[:, 0] * cos + xy[:, 1] * sin, xy[:, 1] * cos - xy[:, 0] * sin
    first = np.searchsorted(of, np.arange(len(polygons)))
    return (
        np.minimum.reduceat(u, first), np.maximum.reduceat(u, first),
        np.minimum.reduceat(v, first), np.maximum.reduceat(v, first),
    )  # fmt: skip


def long_axis(polygons: Array, slant: Array | float = 0.0) -> tuple[Array, Array, Array, Array]:
    """(angle of the long axis, its start u, its end u, width across) of each polygon, turned by `slant`."""
    angle = bearing(polygons) + slant
    u0, u1, v0, v1 = extent(polygons, angle)
    across = (v1 - v0) > (u1 - u0)
    angle = np.where(across, angle + np.pi / 2, angle)
    return angle, np.where(across, v0, u0), np.where(across, v1, u1), np.where(across, u1 - u0, v1 - v0)


def cut_across(polygons: Array, angle: Array, at: Array) -> tuple[Array, Array, Array]:
    """Cuts each polygon where u = `at` on its axis turned by `angle`: the parts below, the parts above, the cut."""
    sides, lines = _half_planes(polygons, angle, at)
    below = shapely.intersection(polygons, sides)
    above = shapely.difference(polygons, sides)
    return below, above, shapely.intersection(lines, polygons)


def _half_planes(polygons: Array, angle: Array, at: Array) -> tuple[Array, Array]:
    box = shapely.bounds(polygons)
    far = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) + 10.0
    middle = np.column_stack([(box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2])
    along = np.column_stack([np.cos(angle), np.sin(angle)])
    aside = np.column_stack([-along[:, 1], along[:, 0]])
    centre = middle + ((at - (middle * along).sum(1))[:, None]) * along
    a, b = centre - far[:, None] * aside, centre + far[:, None] * aside
    back = 2 * far[:, None] * along
    lines = shapely.linestrings(np.stack([a, b], axis=1))
    return shapely.polygons(np.stack([a, b, b - back, a - back], axis=1)), lines


def area_cut(polygons: Array, angle: Array, low: Array, high: Array, share: Array, rounds: int = 4) -> Array:
    """Where to cut so that the part below has `share` of the area: false position between the ends."""
    whole = shapely.area(polygons)
    u0, u1, f0, f1 = low.copy(), high.copy(), -share, 1 - share
    at = u0 + share * (u1 - u0)
    for _ in range(rounds):
        sides, _ = _half_planes(polygons, angle, at)
        f = shapely.area(shapely.intersection(polygons, sides)) / whole - share
        under = f < 0
        u0, f0 = np.where(under, at, u0), np.where(under, f, f0)
        u1, f1 = np.where(under, u1, at), np.where(under, f1, f)
        at = u0 + (u1 - u0) * np.clip(-f0 / np.maximum(f1 - f0, 1e-9), 0.05, 0.95)
    return at


def cut_to_size(polygons: Array, target_m2: Array, rng: np.random.Generator, wander: float = 0.10) -> Pieces:
    """Halves polygons across their longer side until none is much larger than its target."""
    todo, owner = polygons, np.arange(len(polygons))
    depth = np.zeros(len(polygons), dtype=int)
    done, done_owner, cuts, cut_owner, cut_depth = [], [], [], [], []
    while len(todo):
        large = shapely.area(todo) > 1.55 * target_m2[owner]
        done.append(todo[~large])
        done_owner.append(owner[~large])
        todo, owner, depth = todo[large], owner[large], depth[large]
        if not len(todo):
            break
        angle, low, high, width = long_axis(todo)
        slender = (high - low) > 2.5 * width
        share = np.where(slender, 1 / 3, 0.5) + rng.uniform(-wander, wander, len(todo))
        at = area_cut(todo, angle, low, high, share, rounds=2)
        below, above, line = cut_across(todo, angle, at)
        cuts.append(line)
        cut_owner.append(owner)
        cut_depth.append(depth)
        todo, which = _polygons(np.concatenate([below, above]))
        owner, depth = np.tile(owner, 2)[which], np.tile(depth, 2)[which] + 1
    return _pieces(done, done_owner, cuts, cut_owner, cut_depth)


def cut_to_count(polygons: Array, count: Array, slant: Array | float = 0.0) -> Pieces:
    """Cuts each polygon into `count` parts of about equal area, always across the longer side."""
    todo, owner, parts = polygons, np.arange(len(polygons)), count.astype(int)
    depth = np.zeros(len(polygons), dtype=int)
    lean = np.broadcast_to(slant, len(polygons))
    done, done_owner, cuts, cut_owner, cut_depth = [], [], [], [], []
    while len(todo):
        whole = parts <= 1
        done.append(todo[whole])
        done_owner.append(owner[whole])
        todo, owner, parts, depth = todo[~whole], owner[~whole], parts[~whole], depth[~whole]
        if not len(todo):
            break
        angle, low, high, _ = long_axis(todo, lean[owner])
        first = parts // 2
        below, above, line = cut_across(todo, angle, area_cut(todo, angle, low, high, first / parts))
        cuts.append(line)
        cut_owner.append(owner)
        cut_depth.append(depth)
        parts = np.concatenate([first, parts - first])
        todo, which = _polygons(np.concatenate([below, above]))
        owner, depth, parts = np.tile(owner, 2)[which], np.tile(depth, 2)[which] + 1, parts[which]
        parts = np.where(shapely.area(todo) < 2_000, 1, parts)
    return _pieces(done, done_owner, cuts, cut_owner, cut_depth)


def _polygons(geometry: Array) -> tuple[Array, Array]:
    parts, of = shapely.get_parts(geometry, return_index=True)
    good = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 1.0)
    return parts[good], of[good]


def _pieces(done: list, done_owner: list, cuts: list, cut_owner: list, cut_depth: list) -> Pieces:
    lines, of = shapely.get_parts(np.concatenate([*cuts, np.empty(0, object)]), return_index=True)
    straight = (shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 1.0)
    of = of[straight]
    cut_owners = np.concatenate([*cut_owner, np.empty(0, int)])[of]
    depths = np.concatenate([*cut_depth, np.empty(0, int)])[of]
    return Pieces(
        np.concatenate(done), np.concatenate(done_owner), _lengthened(lines[straight]), cut_owners, depths
    )


def _lengthened(lines: Array) -> Array:
    if not len(lines):
        return lines
    ends = np.stack([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)], axis=1)
    way = ends[:, 1] - ends[:, 0]
    way *= (OVERLAP_M / np.hypot(*way.T))[:, None]
    return shapely.linestrings(np.stack([ends[:, 0] - way, ends[:, 1] + way], axis=1))
