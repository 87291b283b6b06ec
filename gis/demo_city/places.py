"""Where things stand: along kerbs, at corners, on banks, bridges and façades, in yards. Everything by arrays.

Every place gives at most what it has room for, so that a request out of all proportion costs no more than a full city.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cutting import bearing, extent
from gis.demo_city.frontages import is_road
from gis.demo_city.parcels import KINDS
from gis.demo_city.plan import Array
from gis.demo_city.rules import Rule
from gis.demo_city.scene import Placed, Scene, nothing, points, shapes, together

Place = Callable[[Scene, Rule, int, np.random.Generator], Placed]

VERTEX_STEP_M: Final = 8.0
LEAST_STEP_M: Final = 0.7  # between two things of a class in a row
FROM_CORNER_M: Final = 2.4  # between two at a corner
MOST_AT_CORNER: Final = 5
LEAST_YARD_M2: Final = 6.0  # of ground for one thing


def along_street(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Evenly spaced along the kerbs of the streets named, on both sides; always exactly `count`."""
    return _along(scene, rule, count, rng, _street_rows(scene, rule))


def along_bank(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Evenly spaced along the water's edge."""
    on_land = scene.use[scene.frontages.cell] != "bridge"
    return _along(
        scene, rule, count, rng, np.flatnonzero(on_land & (scene.frontages.kind == KINDS.index("bank")))
    )


def _street_rows(scene: Scene, rule: Rule) -> Array:
    wanted = np.isin(scene.frontages.kind, [KINDS.index(kind) for kind in rule.on if kind in KINDS])
    return np.flatnonzero(wanted if wanted.any() else is_road(scene.frontages))


def _inside(scene: Scene, rule: Rule, rows: Array) -> Array:
    """Metres from the middle of the street: beyond the kerb within the pavement, on the carriageway off the middle."""
    half, pavement = scene.frontages.half_m[rows], scene.pavement_m[rows]
    return np.maximum(half + np.minimum(rule.offset_m, 0.9 * pavement), 0.9)


def _along(scene: Scene, rule: Rule, count: int, rng: np.random.Generator, rows: Array) -> Placed:
    inside = _inside(scene, rule, rows)
    start, end = (ends[rows] for ends in scene.frontages.usable(_spread(scene, rows, inside)))
    length = rule.size_m[0] if rule.geometry != "point" and rule.place != "across" else 0.0
    room = end - start - length
    open_rows = room > 0.0
    rows, inside, start, room = rows[open_rows], inside[open_rows], start[open_rows], room[open_rows]
    if not len(rows) or not count:
        return nothing()
    grown = np.cumsum(room)
    count = min(count, 1 + int(grown[-1] / LEAST_STEP_M))
    at = (np.arange(count) + rng.uniform(0.2, 0.8)) * (grown[-1] / count)
    k = np.minimum(np.searchsorted(grown, at, side="right"), len(rows) - 1)
    s = start[k] + np.clip(at - (grown[k] - room[k]), 0, room[k])
    return _stand(scene, rule, rows[k], s, inside[k], length)


def _spread(scene: Scene, rows: Array, inside: Array) -> Array:
    out = np.zeros(len(scene.frontages.cell))
    out[rows] = inside
    return out


def _stand(scene: Scene, rule: Rule, rows: Array, s: Array, inside: Array, length: float) -> Placed:
    """Points, lines or areas at `s` along the frontages, `inside` metres in."""
    curves, cell = scene.frontages.curves, scene.frontages.cell[rows]
    if rule.place == "across" and rule.geometry == "line":
        return _across(scene, rows, s, inside)
    if rule.geometry == "point" or rule.place == "across":
        x, y, _, _ = curves.at(rows, s, inside)
        return points(cell, x, y, rows)
    steps = max(1, round(length / VERTEX_STEP_M))
    on = [curves.at(rows, s + length * k / steps, inside)[:2] for k in range(steps + 1)]
    if rule.geometry == "line":
        return shapes(cell, shapely.linestrings(np.stack([np.column_stack(p) for p in on], axis=1)), rows)
    deep = inside + rule.size_m[1]
    back = [curves.at(rows, s + length * k / steps, deep)[:2] for k in range(steps, -1, -1)]
    return shapes(cell, shapely.polygons(np.stack([np.column_stack(p) for p in on + back], axis=1)), rows)


def _across(scene: Scene, rows: Array, s: Array, inside: Array) -> Placed:
    """Lines over the street. The middle vertex, which is their representative point, lies in the cell they count to."""
    curves = scene.frontages.curves
    here = np.minimum(1.2, 0.6 * inside)
    ends = [np.column_stack(curves.at(rows, s, off)[:2]) for off in (inside, here, -inside)]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    none = np.full(len(rows), None, dtype=object)
    out = Placed(scene.frontages.cell[rows], ends[1][:, 0], ends[1][:, 1], none, rows)
    out.geometry[:] = lines
    return out


def at_corner(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """At the corners of the streets named; further rounds stand a few steps from the corner."""
    return _at_ends(scene, rule, count, rng, _street_rows(scene, rule))


def at_crossing(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Beside the railway where a street meets it."""
    return _at_ends(scene, rule, count, rng, np.flatnonzero(scene.frontages.kind == KINDS.index("rail")))


def _at_ends(scene: Scene, rule: Rule, count: int, rng: np.random.Generator, rows: Array) -> Placed:
    f = scene.frontages
    inside = _inside(scene, rule, rows)
    start, end = (
        ends[rows] for ends in f.usable(_spread(scene, rows, inside), 1.0 + max(rule.offset_m, 0.0))
    )
    length = rule.size_m[0] if rule.geometry != "point" else 0.0
    roomy = end - start > length + 6.0
    corner_start = roomy & (f.turn_start[rows] < 2.4) & (f.beside_start[rows] > 0)
    corner_end = roomy & (f.turn_end[rows] < 2.4) & (f.beside_end[rows] > 0)
    which = np.concatenate([np.flatnonzero(corner_start), np.flatnonzero(corner_end)])
    if not len(which):
        return nothing()
    from_start = np.arange(len(which)) < corner_start.sum()
    order = rng.permutation(len(which))
    count = min(count, MOST_AT_CORNER * len(which))
    pick = np.resize(order, count)
    away = (np.arange(count) // len(order)) * FROM_CORNER_M
    k, begin = which[pick], from_start[pick]
    room = (end - start)[k] - length
    away = np.minimum(away, room)
    s = np.where(begin, start[k] + away, end[k] - length - away)
    return _stand(scene, rule, rows[k], s, inside[k], length)


def on_bridge(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Along the decks: the deck itself first, then beside it."""
    if not len(scene.decks):
        return along_bank(scene, rule, count, rng)
    k = np.arange(min(count, 4 * len(scene.decks)))
    deck, lane = k % len(scene.decks), k // len(scene.decks)
    side = (scene.deck_width_m[deck] / 2 + 2.0 + 1.2 * lane) * np.where(lane % 2, -1, 1)
    off = np.where((lane == 0) & (rule.offset_m == 0), 0.0, side)
    inner = shapely.offset_curve(scene.decks[deck], off)
    span = shapely.length(inner)
    lines = shapely.line_merge(_middle_part(inner, np.maximum(span - 6.0, 0.6 * span)))
    cell = scene.deck_cell[deck]
    inside = shapely.covers(scene.cells[cell], lines)
    placed = shapes(cell[inside], lines[inside])
    return placed if rule.geometry == "line" else points(placed.cell, placed.x, placed.y)


def _middle_part(lines: Array, length: Array) -> Array:
    """Each line without its ends: a polyline of nine points over `length`."""
    whole = shapely.length(lines)
    at = (whole - length)[:, None] / 2 + np.linspace(0, 1, 9)[None] * length[:, None]
    on = shapely.line_interpolate_point(lines[:, None], at)
    return shapely.linestrings(shapely.get_coordinates(on).reshape(len(lines), 9, 2))


def on_facade(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """On house walls, a hand's breadth outside of them."""
    houses = np.flatnonzero(np.isin(scene.use[scene.house_cell], rule.on))
    houses = houses if len(houses) else np.arange(len(scene.houses))
    count = min(count, int(shapely.length(scene.houses[houses]).sum() / (4 * LEAST_STEP_M)))
    pick = np.resize(rng.permutation(houses), count)
    ring = shapely.get_exterior_ring(scene.houses[pick])
    length = shapely.length(ring)
    s = rng.uniform(0.03, 0.97, count) * length
    at = shapely.get_coordinates(shapely.line_interpolate_point(ring, s))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.minimum(s + 0.05, length)))
    way = ahead - at
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    clockwise = np.where(shapely.is_ccw(ring), 1.0, -1.0)
    at = at + 0.3 * clockwise[:, None] * np.column_stack([way[:, 1], -way[:, 0]])
    cell = scene.house_cell[pick]
    return points(cell, at[:, 0], at[:, 1])


def in_yard(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """In the open ground of cells with the uses named, off the houses."""
    cells = _yards(scene, rule)
    if rule.geometry != "point":
        return _pads(scene, rule, count, rng, cells)
    count = min(count, int(shapely.area(scene.plots[cells]).sum() / LEAST_YARD_M2))
    found: list[Placed] = []
    have = 0
    for _ in range(8):
        draw = rng.choice(cells, 3 * (count - have) + 8)
        at = _random_points(scene, draw, rng)
        good = shapely.contains_xy(scene.plots[draw], at[:, 0], at[:, 1])
        good[good] = scene.free(shapely.points(at[good]))
        found.append(points(draw[good], at[good, 0], at[good, 1]))
        have += int(good.sum())
        if have >= count:
            break
    return together(found).first(count)


def _yards(scene: Scene, rule: Rule) -> Array:
    roomy = shapely.area(scene.plots) > 400
    wanted = np.flatnonzero(roomy & np.isin(scene.use, rule.on))
    return wanted if len(wanted) else np.flatnonzero(roomy & (scene.use != "bridge"))


def _random_points(scene: Scene, cells: Array, rng: np.random.Generator) -> Array:
    box = shapely.bounds(scene.plots[cells])
    return box[:, :2] + rng.random((len(cells), 2)) * (box[:, 2:] - box[:, :2])


def _pads(scene: Scene, rule: Rule, count: int, rng: np.random.Generator, cells: Array) -> Placed:
    """Rectangles (or lines) set square to their plot; smaller where there is no room, at most one more per round."""
    angle = bearing(scene.plots[cells])
    found: list[Placed] = []
    have = 0
    for turn in range(14):
        want = min(len(cells), 3 * (count - have) + 4)
        pick = rng.permutation(len(cells))[:want]
        scale = 0.86 ** (turn // 2)
        pads = _rectangles(scene, cells[pick], angle[pick], rule, scale, rng)
        good = shapely.covers(scene.plots[cells[pick]], pads)
        good[good] = scene.free(pads[good])
        rows = np.flatnonzero(good)[: count - have]
        if len(rows):
            geometry = _as_kind(pads[rows], rule)
            found.append(shapes(cells[pick[rows]], geometry))
            if rule.geometry == "area":
                scene.take(geometry)
            have += len(rows)
        if have >= count:
            break
    return together(found)


def _as_kind(pads: Array, rule: Rule) -> Array:
    if rule.geometry == "area":
        return pads
    corner = shapely.get_coordinates(pads).reshape(-1, 5, 2)
    return shapely.linestrings(
        np.stack([corner[:, 0], (corner[:, 0] + corner[:, 1]) / 2, corner[:, 1]], axis=1)
    )


def _rectangles(
    scene: Scene, cells: Array, angle: Array, rule: Rule, scale: float, rng: np.random.Generator
) -> Array:
    u0, u1, v0, v1 = extent(scene.plots[cells], angle)
    length, depth = rule.size_m[0] * scale, rule.size_m[1] * scale
    u = u0 + rng.random(len(cells)) * np.maximum(u1 - u0 - length, 0)
    v = v0 + rng.random(len(cells)) * np.maximum(v1 - v0 - depth, 0)
    corner_u = np.stack([u, u + length, u + length, u], axis=1)
    corner_v = np.stack([v, v, v + depth, v + depth], axis=1)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return shapely.polygons(
        np.stack([corner_u * cos - corner_v * sin, corner_u * sin + corner_v * cos], axis=2)
    )


def on_plot(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Whole green plots, then pads in other yards."""
    cells = rng.permutation(np.flatnonzero(np.isin(scene.use, rule.on) & (shapely.area(scene.plots) > 300)))[
        :count
    ]
    if rule.geometry != "area":
        return in_yard(scene, rule, count, rng)
    whole = shapes(cells, shapely.buffer(scene.plots[cells], -0.5, join_style="mitre"))
    rest = count - len(whole)
    if rest <= 0:
        return whole
    homes = np.flatnonzero(
        np.isin(scene.use, ("estate", "new", "offices", "campus")) & (shapely.area(scene.plots) > 400)
    )
    return together([whole, _pads(scene, rule, rest, rng, homes)]) if len(homes) else whole


PLACES: Final[dict[str, Place]] = {
    "street": along_street, "across": along_street, "corner": at_corner, "crossing": at_crossing, "bank": along_bank,
    "bridge": on_bridge, "facade": on_facade, "yard": in_yard, "plot": on_plot,
}  # fmt: skip
