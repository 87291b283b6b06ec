"""The ground plan: which faces between the long lines are city, which are water, and which bridges lead across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.faces import NO_LINE, Tiling, merge_small, tile
from gis.demo_city.interchanges import REACH_M, Interchange, find_interchanges, quarter_edges
from gis.demo_city.lines import ROAD_RANK, ROAD_WIDTH_M, Line
from gis.demo_city.network import Network
from gis.demo_city.plan import Array, Plan, stage_rng
from gis.demo_city.waters import NARROWEST_GAP_M

SMALLEST_SUPERBLOCK_M2 = 14_000
BRIDGE_MARGIN_M = 9.0  # from the kerb of a bridge to the border of its cell


@dataclass(frozen=True)
class Ground:
    """Superblocks of the city: faces between long lines, numbered; `kind` is land, verge, canal, promenade or bridge."""

    tiling: Tiling
    lines: tuple[Line, ...]
    kind: Array
    border: shapely.Polygon  # of everything inside, water included
    bridges: Array  # deck centre lines across the river, from bank to bank
    bridge_width_m: Array
    interchanges: tuple[Interchange, ...]


def lay_ground(plan: Plan, network: Network) -> Ground:
    """Faces of the long lines, the nearest to the centre that together have the city's area."""
    decks, widths = _bridges(network)
    roomy = plan.gap_m >= NARROWEST_GAP_M
    interchanges = find_interchanges(list(network.lines), network.waters.river_corridor) if roomy else []
    lines = _ordered(network, decks, widths, interchanges)
    tiling = tile(np.array([line.geometry for line in lines], dtype=object))
    tiling = _inside(plan, tiling, network.waters.river, decks)
    small = _is_small(tiling.faces) & (_kinds(tiling.faces, network, interchanges) == "land")
    tiling, _ = merge_small(tiling, small, _attraction(tiling, lines))
    kind = _kinds(tiling.faces, network, interchanges)
    return Ground(
        tiling,
        tuple(lines),
        kind,
        _outline(tiling.faces, network.waters.river),
        decks,
        widths,
        tuple(interchanges),
    )


def _kinds(faces: Array, network: Network, interchanges: list[Interchange]) -> Array:
    """What each face is: land, verge (quarter of an interchange), canal (with its green), promenade or bridge."""
    middle = shapely.point_on_surface(faces)
    kind = np.full(len(faces), "land", dtype=object)
    if interchanges:
        crossings = shapely.multipoints([(one.x, one.y) for one in interchanges])
        near = shapely.dwithin(middle, crossings, 1.2 * REACH_M)
        kind[near & (shapely.area(faces) < 1.4 * REACH_M**2)] = "verge"
    for corridor in network.waters.canal_corridors:
        kind[shapely.contains(corridor, middle)] = "canal"
    kind[shapely.contains(network.waters.river_corridor, middle)] = "promenade"
    kind[shapely.contains(network.waters.river, middle)] = "bridge"
    return kind


def _bridges(network: Network) -> tuple[Array, Array]:
    decks, widths = [], []
    for line in network.lines:
        if line.kind in ROAD_RANK and not line.role.startswith("embankment"):
            for part in shapely.get_parts(shapely.intersection(line.geometry, network.waters.river)):
                if part.geom_type == "LineString" and part.length > 20:
                    decks.append(part)
                    widths.append(ROAD_WIDTH_M[line.kind])
    return np.array(decks, dtype=object), np.array(widths)


def _ordered(network: Network, decks: Array, widths: Array, interchanges: list[Interchange]) -> list[Line]:
    """Lines by importance, roads taken out of the river (a bridge is one face), each bridge with its two borders."""
    shore = network.waters.river.buffer(-0.3)
    out = []
    for line in network.lines:
        if line.kind == "bank":
            out.append(line)
            continue
        for part in shapely.get_parts(shapely.difference(line.geometry, shore)):
            out.append(Line(line.kind, shapely.simplify(part, 0.15), line.role))
    for deck, width in zip(decks, widths, strict=True):
        for side in (-1, 1):
            edge = shapely.offset_curve(deck, side * (width / 2 + BRIDGE_MARGIN_M))
            edge = shapely.intersection(_longer(edge, 60.0), network.waters.river.buffer(0.3))
            out += [Line("bank", part, "bridge") for part in shapely.get_parts(edge) if part.length > 20]
    out += [edge for one in interchanges for edge in quarter_edges(one)]
    rank = {"bank": 0, "rail": 3, "cut": 9} | ROAD_RANK
    return sorted(out, key=lambda line: rank[line.kind])


def _longer(line: shapely.LineString, by_m: float) -> shapely.LineString:
    xy = shapely.get_coordinates(line)
    first, last = xy[0] - xy[1], xy[-1] - xy[-2]
    ends = [xy[0] + first / np.hypot(*first) * by_m, xy[-1] + last / np.hypot(*last) * by_m]
    return shapely.LineString(np.vstack([ends[:1], xy, ends[1:]]))


def _inside(plan: Plan, tiling: Tiling, river: shapely.Polygon, decks: Array) -> Tiling:
    """The faces grown first, together as large as the cells asked for, and the bridges between them."""
    at = shapely.get_coordinates(shapely.point_on_surface(tiling.faces))
    wet = shapely.contains(river, shapely.points(at))
    deck = wet & _touches(tiling.faces, decks, river)
    order = np.argsort(_remoteness(plan, tiling.faces), kind="stable")
    order = order[~wet[order]]
    total = np.cumsum(shapely.area(tiling.faces[order]))
    chosen = np.zeros(len(tiling.faces), dtype=bool)
    chosen[order[: int(np.searchsorted(total, plan.cells * 10_000)) + 1]] = True
    chosen |= deck & _has_chosen_neighbours(tiling, chosen, 2)
    return _only(tiling, chosen)


def _remoteness(plan: Plan, faces: Array) -> Array:
    """How late the city grew there: half rings, and within the last of them one side before the other."""
    at = plan.unplace(shapely.get_coordinates(shapely.centroid(faces)))
    favoured = stage_rng(plan.seed, "growth").uniform(-0.6, 0.6)
    aside = 1 - np.cos(np.arctan2(at[:, 1], at[:, 0]) - favoured)
    return np.floor(2 * plan.ring_level(at)) + 0.49 * aside


def _has_chosen_neighbours(tiling: Tiling, chosen: Array, at_least: int) -> Array:
    count = np.zeros(len(tiling.faces))
    both = (tiling.left >= 0) & (tiling.right >= 0)
    pairs = np.unique(np.column_stack([tiling.left[both], tiling.right[both]]), axis=0)
    np.add.at(count, pairs[:, 0], chosen[pairs[:, 1]])
    np.add.at(count, pairs[:, 1], chosen[pairs[:, 0]])
    return count >= at_least


def _only(tiling: Tiling, chosen: Array) -> Tiling:
    moved = np.append(np.where(chosen, np.cumsum(chosen) - 1, -1), -1)
    left, right = moved[tiling.left], moved[tiling.right]
    kept = (left >= 0) | (right >= 0)
    return Tiling(
        tiling.faces[chosen], tiling.start[kept], tiling.end[kept], left[kept], right[kept], tiling.line[kept]
    )


def _is_small(faces: Array) -> Array:
    area, round_share = shapely.area(faces), 4 * np.pi * shapely.area(faces) / shapely.length(faces) ** 2
    return (area < SMALLEST_SUPERBLOCK_M2) | ((area < 40_000) & (round_share < 0.28))


def _attraction(tiling: Tiling, lines: list[Line]) -> Array:
    """How gladly a piece of border is given up: minor roads first, water's edge, rails and main roads never."""
    glad = {"secondary": 1.0, "tertiary": 2.0, "minor": 4.0}
    of_line = np.array(
        [glad.get(line.kind, 0.0) * (not line.role.startswith(("embankment", "canal"))) for line in lines]
        + [0.0]
    )
    return of_line[np.where(tiling.line == NO_LINE, -1, tiling.line)] * tiling.length_m


def _touches(faces: Array, decks: Array, river: shapely.Polygon) -> Array:
    """Faces in the river that a bridge crosses."""
    out = np.zeros(len(faces), dtype=bool)
    if len(decks):
        middle = shapely.line_interpolate_point(decks, 0.5, normalized=True)
        out[shapely.STRtree(faces).query(middle, predicate="within")[1]] = True
    return out & shapely.contains(river, shapely.point_on_surface(faces))


def _outline(faces: Array, river: shapely.Polygon) -> shapely.Polygon:
    """The city's border: its land, and the river wherever the city lies on both sides of it."""
    land = shapely.coverage_union_all(faces)
    reach = shapely.convex_hull(shapely.intersection(land.buffer(1.0), river.buffer(60)))
    whole = shapely.union_all([land, shapely.intersection(river, reach)])
    parts = shapely.get_parts(whole)
    return shapely.Polygon(parts[np.argmax(shapely.area(parts))].exterior)
