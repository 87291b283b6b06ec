"""The base map of the demo city: roads, water, green, railway, houses, compounds, each with a name where it has one."""

from __future__ import annotations

import itertools
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo_city.buildings import Houses
from gis.demo_city.cells import Grid, roads_of
from gis.demo_city.ground import Ground
from gis.demo_city.lines import ROAD_RANK, ROAD_WIDTH_M, Line
from gis.demo_city.names import (
    CANAL_NAME,
    LAKE_NAME,
    RAILWAY_NAME,
    RESERVOIR_NAME,
    RING_NAMES,
    RIVER_NAME,
    named,
    stems,
    varied,
    words,
)
from gis.demo_city.network import Network
from gis.demo_city.plan import EPSG, Plan, stage_rng
from gis.frames import BASE_COLUMNS

Array = np.ndarray

SIDE_NAMES: Final = {"north": "北", "south": "南", "east": "东", "west": "西"}
COMPOUND_USES: Final = {
    "estate": "residential", "new": "residential", "school": "school", "hospital": "hospital", "campus": "university",
    "industry": "industrial",
}  # fmt: skip
GREEN_USES: Final = {"park": "park", "pocket_park": "park", "promenade": "park", "square": "square"}


def frame(rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """A base layer with the columns of `BASE_COLUMNS` on the city's plane."""
    index = pd.RangeIndex(len(rows["geometry"]))
    columns = {name: rows[name] for name in BASE_COLUMNS[:-1]}
    return gpd.GeoDataFrame(columns, index=index, geometry=rows["geometry"], crs=EPSG)[list(BASE_COLUMNS)]


def roads(plan: Plan, network: Network, ground: Ground, grid: Grid, further: list[Line]) -> gpd.GeoDataFrame:
    """Centre lines, one row for each stretch of a street between its ends; bridges and `further` lines included."""
    kind, role, geometry = [], [], []
    decks = {line.role: [] for line in grid.lines}
    for line in network.lines:
        if line.role in decks and line.kind in ROAD_RANK:
            decks[line.role].append(line.geometry)
    parts: dict[tuple[str, str], list[shapely.LineString]] = {}
    for k, pieces in roads_of(grid).items():
        parts.setdefault((grid.lines[k].kind, grid.lines[k].role), []).extend(pieces)
    for (a_kind, a_role), pieces in parts.items():
        for whole in _with_bridges(np.array(pieces, dtype=object), decks[a_role], ground):
            kind.append(a_kind)
            role.append(a_role)
            geometry.append(whole)
    for line in further:
        kind.append(line.kind)
        role.append(line.role)
        geometry.append(line.geometry)
    kinds = np.array(kind)
    name = _road_names(plan.seed, kinds, np.array(role), np.array(geometry, dtype=object))
    rank = np.array([ROAD_RANK[k] for k in kind])
    width = np.array([ROAD_WIDTH_M[k] for k in kind])
    subtype = np.where(kinds == "ramp", "minor", kinds).astype(object)
    return frame({"name": name, "subtype": subtype, "rank": rank, "width_m": width, "geometry": geometry})


def _with_bridges(pieces: Array, sources: list, ground: Ground) -> Array:
    """The pieces of one street joined across the river by its decks."""
    whole = shapely.multilinestrings(pieces)
    if sources and len(ground.bridges):
        near = [
            k for source in sources for k in np.flatnonzero(shapely.dwithin(ground.bridges, source, 0.01))
        ]
        ends = shapely.get_coordinates(pieces)
        links = []
        for k in near:
            tips = shapely.get_coordinates(ground.bridges[k])[[0, -1]]
            off = [np.hypot(*(ends - tip).T) for tip in tips]
            if max(o.min() for o in off) < 1.0:
                xy = shapely.get_coordinates(ground.bridges[k])
                xy[0], xy[-1] = ends[off[0].argmin()], ends[off[1].argmin()]
                links.append(shapely.LineString(xy))
        whole = shapely.multilinestrings([*pieces, *links])
    return shapely.get_parts(shapely.line_merge(whole))


def _road_names(seed: int, kind: Array, role: Array, geometry: Array) -> Array:
    """One name for each role: rings by number and side, others from parts; service lanes and paths have none."""
    first = {r: k for k, r in reversed(list(enumerate(role)))}
    source = stems(seed, "roads")
    ends = shapely.get_coordinates(shapely.get_point(geometry, -1)) - shapely.get_coordinates(
        shapely.get_point(geometry, 0)
    )
    north_south = np.abs(ends[:, 1]) > np.abs(ends[:, 0])
    name = {}
    for r, k in first.items():
        what, *rest = r.split(":")
        if kind[k] in ("service", "path", "ramp") or what == "village":
            name[r] = ""
        elif what == "ring":
            name[r] = f"{SIDE_NAMES[rest[1]]}{_ring_name(int(rest[0]))}环路"
        elif what == "embankment":
            name[r] = f"{RIVER_NAME[:2]}{SIDE_NAMES[rest[0]]}路"
        elif what == "canal":
            name[r] = (
                f"{'内' if rest[1] == 'inner' else '外'}{CANAL_NAME[:2]}{'' if rest[0] == '0' else rest[0]}路"
            )
        else:
            name[r] = next(source) + _suffix(kind[k], bool(north_south[k]))
    return np.array([name[r] for r in role], dtype=object)


def _ring_name(level: int) -> str:
    return RING_NAMES[level] if level < len(RING_NAMES) else f"十{RING_NAMES[(level - 9) % 9]}"


def _suffix(kind: str, north_south: bool) -> str:
    if kind in ("expressway", "main"):
        return "大道" if north_south else "大街"
    if kind == "minor":
        return "巷" if north_south else "胡同"
    return "路" if north_south else "街"


def water(network: Network, grid: Grid, reservoirs: Array, reach: shapely.Geometry) -> gpd.GeoDataFrame:
    """River (led on a little beyond the city), canals, lakes."""
    river = shapely.simplify(shapely.intersection(network.waters.river, reach), 0.2)
    canals = [
        shapely.simplify(c, 0.1)
        for c in shapely.difference(canals_of(network), network.waters.river.buffer(-2))
    ]
    rows = [(RIVER_NAME, "river", 1, river)]
    rows += [(CANAL_NAME, "river", 2, part) for canal in canals for part in shapely.get_parts(canal)]
    rows += [
        (LAKE_NAME if k == 0 else f"{LAKE_NAME}{k + 1}", "lake", 2, lake) for k, lake in enumerate(grid.lakes)
    ]
    rows += [(RESERVOIR_NAME, "lake", 2, shape) for shape in reservoirs]
    name, subtype, rank, geometry = zip(*rows, strict=True)
    return frame({
        "name": list(name), "subtype": list(subtype), "rank": list(rank), "width_m": 0.0, "geometry": list(geometry),
    })  # fmt: skip


def canals_of(network: Network) -> Array:
    """The canals' water."""
    return np.array(network.waters.canals, dtype=object)


def railways(network: Network, reach: shapely.Geometry) -> gpd.GeoDataFrame:
    """The railway, led on beyond the city."""
    lines = shapely.get_parts(shapely.intersection(network.railway, reach))
    lines = shapely.simplify(lines, 0.2)
    return frame({"name": RAILWAY_NAME, "subtype": "rail", "rank": 1, "width_m": 12.0, "geometry": lines})


def buildings(plan: Plan, grid: Grid, houses: Houses, beyond: Array) -> gpd.GeoDataFrame:
    """Footprints, those of the villages `beyond` last; large houses of some uses carry a name.

    `rank` is 1 where named, 2 large, 3 other.
    """
    area = shapely.area(houses.polygons)
    use = grid.use[houses.cell]
    name = houses.name.copy()
    order = np.lexsort((-area, houses.cell))
    largest = order[np.unique(houses.cell[order], return_index=True)[1]]
    largest = largest[name[largest] == ""]
    for uses, kind in ((("cbd", "offices", "centre"), "office"), (("market",), "market")):
        rows = largest[np.isin(use[largest], uses)]
        suffix = stage_rng(plan.seed, f"landmarks {kind}").choice(
            np.array(words(kind), dtype=object), len(rows)
        )
        name[rows] = varied(plan.seed, kind, suffix)
    landmarks = largest[use[largest] == "civic"][: len(words("landmark"))]
    name[landmarks] = words("landmark")[: len(landmarks)]
    name = np.concatenate([name, np.full(len(beyond), "", dtype=object)])
    area = np.concatenate([area, shapely.area(beyond)])
    kind = np.where(np.isin(use, ("estate", "new", "old")), "residential", use.astype(str)).astype(object)
    return frame({
        "name": name, "subtype": np.concatenate([kind, np.full(len(beyond), "residential", dtype=object)]),
        "rank": np.where(name != "", 1, np.where(area > 1_200, 2, 3)), "width_m": 0.0,
        "geometry": np.concatenate([houses.polygons, beyond]),
    })  # fmt: skip


def compounds(plan: Plan, grid: Grid, plots: Array) -> gpd.GeoDataFrame:
    """What one body manages: each lies whole in one cell. Estates of one block share a name and count their parts."""
    rows = np.flatnonzero(np.isin(grid.use, list(COMPOUND_USES)) & (shapely.area(plots) > 1_500))
    use = grid.use[rows]
    name = np.full(len(rows), "", dtype=object)
    for kind in COMPOUND_USES:
        on = np.flatnonzero(use == kind)
        block, _first, at = np.unique(grid.block[rows[on]], return_index=True, return_inverse=True)
        names = np.array(_compound_names(plan, kind, len(block)), dtype=object)
        order = np.argsort(at, kind="stable")
        part = np.empty(len(on), dtype=int)
        part[order] = np.arange(len(on)) - np.searchsorted(at[order], at[order])
        many = np.bincount(at, minlength=len(block))[at] > 1
        name[on] = [
            n + (f"{words('ordinal')[p % 10]}区" if m else "")
            for n, p, m in zip(names[at], part, many, strict=True)
        ]
    kind = np.array([COMPOUND_USES[u] for u in use], dtype=object)
    return frame({"name": name, "subtype": kind, "rank": 1, "width_m": 0.0, "geometry": plots[rows]})


def _compound_names(plan: Plan, use: str, count: int) -> list[str]:
    if use in ("estate", "new", "industry"):
        kind = "industry" if use == "industry" else "estate"
        suffix = stage_rng(plan.seed, f"compounds {use}").choice(np.array(words(kind), dtype=object), count)
        return varied(plan.seed, f"compounds {use}", suffix)
    suffix = {"school": "学校", "hospital": "医院", "campus": "大学"}[use]
    return ["合成" + n for n in named(plan.seed, use, count, suffix)]


def green(
    plan: Plan,
    grid: Grid,
    plots: Array,
    lawns: Array,
    fields: list[tuple[shapely.Polygon, str]],
    woods: Array,
) -> gpd.GeoDataFrame:
    """Parks, riverside, squares (parts of one block in one piece), verges, lawns, sports fields and woods."""
    rows = _parks(plan, grid, plots)
    verges = plots[np.isin(grid.use, ("verge", "canal")) & ~shapely.is_empty(plots)]
    rows += [("", "grass", 3, shape) for shape in (*verges, *lawns)]
    rows += [(name, "grass", 2, shape) for shape, name in fields]
    rows += [
        (f"合成{name}", "park", 2, shape)
        for name, shape in zip(named(plan.seed, "woods", len(woods), "林场"), woods, strict=True)
    ]
    name, subtype, rank, geometry = zip(*rows, strict=True)
    return frame({
        "name": list(name), "subtype": list(subtype), "rank": list(rank), "width_m": 0.0, "geometry": list(geometry),
    })  # fmt: skip


def _parks(plan: Plan, grid: Grid, plots: Array) -> list[tuple[str, str, int, shapely.Polygon]]:
    rows = np.flatnonzero(np.isin(grid.use, list(GREEN_USES)) & ~shapely.is_empty(plots))
    order = rows[np.argsort(grid.block[rows], kind="stable")]
    first = np.unique(grid.block[order], return_index=True)[1]
    source = stems(plan.seed, "green")
    ends = {"park": "公园", "pocket_park": "游园", "square": "广场"}
    out = []
    for a, b in itertools.pairwise([*first, len(order)]):
        use = grid.use[order[a]]
        name = next(source) + ends[use] if use in ends else ""
        for part in shapely.get_parts(_joined(plots[order[a:b]])):
            out.append((name, GREEN_USES[use], 1 if use in ("park", "square") else 3, part))
    return out


def _joined(plots: Array) -> shapely.Geometry:
    """Neighbouring plots of one park as one piece: the paths between them lie in it."""
    return shapely.buffer(
        shapely.union_all(shapely.buffer(plots, 3.0, join_style="mitre")), -3.0, join_style="mitre"
    )
