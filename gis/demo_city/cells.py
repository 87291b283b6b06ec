"""Blocks into unit grid cells: cuts along lanes and paths, one tiling of the whole city, small pieces joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cutting import cut_to_count
from gis.demo_city.districts import Blocks
from gis.demo_city.faces import NO_LINE, Tiling, merge_small, tile
from gis.demo_city.ground import Ground
from gis.demo_city.lines import ROAD_RANK, Line
from gis.demo_city.plan import Array, Plan

# What runs along the border between two cells of one block.
LANE: Final = {
    "old": "service", "estate": "service", "new": "service", "industry": "service", "centre": "service",
    "cbd": "service", "market": "service", "offices": "service", "park": "path", "pocket_park": "path",
    "promenade": "cut", "canal": "cut", "civic": "service", "verge": "cut", "campus": "service", "square": "path", "site": "cut",
}  # fmt: skip
WHOLE_USES: Final = ("school", "hospital", "bridge", "station", "stadium")  # managed by one body: never cut
PARK_CELL_M2 = 15_000.0
STRIP_M = 210.0  # a stretch of promenade is not longer
SMALLEST_CELL_M2, SLIVER_M2 = 3_000, 900  # a sliver may be given across any street


@dataclass(frozen=True)
class Grid:
    """The cells' tiling, the lines on which its borders lie, and the block and use of every cell."""

    tiling: Tiling
    lines: tuple[Line, ...]
    block: Array
    use: Array
    lakes: tuple[shapely.Polygon, ...]


def divide(plan: Plan, ground: Ground, blocks: Blocks) -> Grid:
    """Cells of about a hectare, as many as the plan asks for but for one in a hundred."""
    lakes, lake_lines = _lakes(blocks)
    fixed = (*_inside(ground), *blocks.streets, *lake_lines)
    want = plan.cells
    for _ in range(5):
        grid = _divide(blocks, lakes, fixed, _cell_counts(want, blocks, lakes))
        missing = plan.cells - len(grid.tiling.faces)
        if abs(missing) <= 0.01 * plan.cells:
            break
        want += missing  # small pieces were joined, or a block's parts came apart
    return grid


def _divide(
    blocks: Blocks, lakes: tuple[shapely.Polygon, ...], fixed: tuple[Line, ...], count: Array
) -> Grid:
    cuttable = blocks.use != "park"
    pieces = cut_to_count(blocks.polygons[cuttable], count[cuttable])
    lane = np.array([LANE.get(str(u), "cut") for u in blocks.use[cuttable]])[pieces.cut_owner]
    cuts = [
        Line(str(kind), cut, f"lane:{k}") for k, (kind, cut) in enumerate(zip(lane, pieces.cuts, strict=True))
    ]
    lines = (*fixed, *cuts)
    tiling = tile(np.array([line.geometry for line in lines], dtype=object))
    tiling, block = _within(tiling, blocks, lakes)
    tiling, block = _join_small(tiling, block, lines, blocks)
    return Grid(tiling, lines, block, blocks.use[block], lakes)


def _inside(ground: Ground) -> list[Line]:
    """The long lines as the ground's borders have them: what was dropped there stays dropped."""
    t = ground.tiling
    pieces = shapely.linestrings(np.stack([t.start, t.end], axis=1))
    out = []
    for k in np.unique(t.line):
        whole = shapely.line_merge(shapely.multilinestrings(pieces[t.line == k]))
        source = ground.lines[k]
        out += [Line(source.kind, part, source.role) for part in shapely.get_parts(whole)]
    return out


def _lakes(blocks: Blocks) -> tuple[tuple[shapely.Polygon, ...], list[Line]]:
    lakes, lines = [], []
    for park in blocks.polygons[blocks.use == "park"]:
        lake = _lake(park)
        lakes.append(lake)
        lines.append(Line("bank", lake.exterior, "lake"))
        parts = max(2, round((park.area - lake.area) / PARK_CELL_M2))
        lines += [Line("path", ray, "lakeside") for ray in _rays(park, lake, parts)]
    return tuple(lakes), lines


def _lake(park: shapely.Polygon) -> shapely.Polygon:
    """A lake in the middle of a park: the park's own shape drawn in and made round, with a bay or two."""
    room = np.sqrt(park.area)
    inner = park.buffer(-0.165 * room)
    inner = max(shapely.get_parts(inner), key=lambda part: part.area)
    t = np.linspace(0, 2 * np.pi, 97)[:-1]
    centre = inner.centroid
    ring = shapely.get_coordinates(
        shapely.line_interpolate_point(inner.exterior, t / (2 * np.pi), normalized=True)
    )
    ring = (
        np.array([centre.x, centre.y])
        + (ring - (centre.x, centre.y)) * (0.90 + 0.13 * np.sin(2 * t + 0.7) + 0.08 * np.sin(5 * t))[:, None]
    )
    bend = np.exp(-0.5 * (np.arange(-12, 13) / 4.0) ** 2)
    smooth = [np.convolve(np.r_[c[-12:], c, c[:12]], bend / bend.sum(), mode="valid") for c in ring.T]
    return shapely.Polygon(np.column_stack(smooth))


def _rays(park: shapely.Polygon, lake: shapely.Polygon, parts: int) -> list[shapely.LineString]:
    """Cuts from the lake's middle to the park's edge that part the shore into about equal areas."""
    middle = lake.centroid
    angle = np.linspace(0, 2 * np.pi, 361)
    far = 2 * np.hypot(park.bounds[2] - park.bounds[0], park.bounds[3] - park.bounds[1])
    tips = np.column_stack([middle.x + far * np.cos(angle), middle.y + far * np.sin(angle)])
    hub = np.broadcast_to([middle.x, middle.y], tips.shape)
    wedges = shapely.polygons(np.stack([hub[:-1], tips[:-1], tips[1:]], axis=1))
    grown = np.concatenate(
        [[0.0], np.cumsum(shapely.area(shapely.intersection(wedges, park.difference(lake))))]
    )
    at = np.interp(np.arange(parts) / parts * grown[-1], grown, angle)
    out = []
    for a in at:
        ray = shapely.LineString([middle, (middle.x + far * np.cos(a), middle.y + far * np.sin(a))])
        shore = shapely.intersection(ray, park.buffer(0.4).difference(lake.buffer(-0.4)))
        out += list(shapely.get_parts(shore))[:1]
    return out


def _cell_counts(want: int, blocks: Blocks, lakes: tuple[shapely.Polygon, ...]) -> Array:
    """Cells per block: area over a common size, found so that the sum is `want`."""
    area = shapely.area(blocks.polygons)
    park = np.flatnonzero(blocks.use == "park")
    whole = np.isin(blocks.use, WHOLE_USES)
    fixed = sum(
        max(2, round((area[k] - lake.area) / PARK_CELL_M2)) for k, lake in zip(park, lakes, strict=True)
    )
    least = np.where(
        np.isin(blocks.use, ("promenade", "canal")), np.ceil(shapely.length(blocks.polygons) / 2 / STRIP_M), 1
    )
    low, high = 4_000.0, 30_000.0
    for _ in range(40):
        size = (low + high) / 2
        count = np.where(whole, 1, np.maximum(least, np.round(area / size)))
        count[park] = 0
        low, high = (size, high) if count.sum() + fixed > want else (low, size)
    return count


def _within(tiling: Tiling, blocks: Blocks, lakes: tuple[shapely.Polygon, ...]) -> tuple[Tiling, Array]:
    """Only faces that lie in a block and not in a lake, with their block."""
    middle = shapely.point_on_surface(tiling.faces)
    inside, block = shapely.STRtree(blocks.polygons).query(middle, predicate="within")
    of = np.full(len(middle), -1)
    of[inside] = block
    for lake in lakes:
        of[shapely.contains(lake, middle)] = -1
    chosen = of >= 0
    moved = np.append(np.where(chosen, np.cumsum(chosen) - 1, -1), -1)
    left, right = moved[tiling.left], moved[tiling.right]
    kept = (left >= 0) | (right >= 0)
    faces = tiling.faces[chosen]
    return Tiling(
        faces, tiling.start[kept], tiling.end[kept], left[kept], right[kept], tiling.line[kept]
    ), of[chosen]


def _join_small(
    tiling: Tiling, block: Array, lines: tuple[Line, ...], blocks: Blocks
) -> tuple[Tiling, Array]:
    """Joins pieces that are no cell, inside their block where they can, else across the smallest street."""
    glad = {"cut": 8.0, "path": 8.0, "service": 8.0, "minor": 1.0, "tertiary": 0.3}
    of_line = np.array(
        [glad.get(line.kind, 0.0) * (not line.role.startswith(("embankment", "canal"))) for line in lines]
        + [0.0]
    )
    for turn in range(4):
        area = shapely.area(tiling.faces)
        thin = 4 * np.pi * area / shapely.length(tiling.faces) ** 2 < 0.22
        small = (area < SLIVER_M2) if turn == 0 else (area < SMALLEST_CELL_M2) | (thin & (area < 8_000))
        small &= blocks.use[block] != "bridge"
        pull = of_line[np.where(tiling.line == NO_LINE, -1, tiling.line)] * tiling.length_m
        if turn == 0:
            pull += 0.001 * tiling.length_m
        largest = np.argsort(area, kind="stable")
        tiling, group = merge_small(tiling, small, pull)
        of = np.empty(len(tiling.faces), dtype=int)
        of[group[largest]] = block[largest]
        block = of
    return tiling, block


def roads_of(grid: Grid) -> dict[int, Array]:
    """Parts of each road line that the cells' borders kept, merged, by line index."""
    t = grid.tiling
    is_road = np.array([line.kind in ROAD_RANK for line in grid.lines])
    on = np.flatnonzero((t.line >= 0) & is_road[np.maximum(t.line, 0)])
    order = on[np.argsort(t.line[on], kind="stable")]
    pieces = shapely.linestrings(np.stack([t.start[order], t.end[order]], axis=1))
    index, first = np.unique(t.line[order], return_index=True)
    bounds = [*first, len(order)]
    return {
        int(k): shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pieces[a:b])))
        for k, a, b in zip(index, bounds[:-1], bounds[1:], strict=True)
    }
