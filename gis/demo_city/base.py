"""The base map of the demo city: roads, water, green, railway, houses, compounds, each with a name where it has one."""

from __future__ import annotations

import itertools
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo_city.buildings import Houses
from gis.demo_city.cells import Grid
from gis.demo_city.names import (
    CANAL_NAME,
    LAKE_NAME,
    RAILWAY_NAME,
    RESERVOIR_NAME,
    RIVER_NAME,
    drawn,
    named,
    stems,
    varied,
    words,
)
from gis.demo_city.network import Network
from gis.demo_city.plan import EPSG, Array, Plan
from gis.frames import BASE_COLUMNS

COMPOUND_USES: Final = {
    "estate": "residential", "new": "residential", "school": "school", "hospital": "hospital", "campus": "university",
    "industry": "industrial",
}  # fmt: skip
Row = tuple[str, str, int, shapely.Geometry]  # name, subtype, rank, shape

LARGE_HOUSE_M2, SMALLEST_COMPOUND_M2 = 1_200, 1_500
GREEN_USES: Final = {
    "park": "park",
    "pocket_park": "park",
    "promenade": "park",
    "square": "square",
    "station": "square",
}


def frame(rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """A base layer with the columns of `BASE_COLUMNS` on the city's plane."""
    index = pd.RangeIndex(len(rows["geometry"]))
    columns = {name: rows[name] for name in BASE_COLUMNS[:-1]}
    return gpd.GeoDataFrame(columns, index=index, geometry=rows["geometry"], crs=EPSG)[list(BASE_COLUMNS)]


def _frame_of(rows: list[Row]) -> gpd.GeoDataFrame:
    columns = list(zip(*rows, strict=True))
    return frame({
        "name": list(columns[0]), "subtype": list(columns[1]), "rank": list(columns[2]), "width_m": 0.0,
        "geometry": np.array(columns[3], dtype=object),
    })  # fmt: skip


def water(
    plan: Plan, network: Network, grid: Grid, reservoirs: Array, reach: shapely.Geometry
) -> gpd.GeoDataFrame:
    """River (led on a little beyond the city), canals, lakes."""
    river = shapely.simplify(shapely.intersection(network.waters.river, reach), 0.2)
    canals = shapely.difference(canals_of(network), network.waters.river.buffer(-2))
    rows: list[Row] = [(RIVER_NAME, "river", 1, river)]
    rows += [(CANAL_NAME, "river", 2, shapely.simplify(part, 0.1)) for part in shapely.get_parts(canals)]
    names = [LAKE_NAME, *named(plan.seed, "lakes", len(grid.lakes), "湖")]
    rows += [(name, "lake", 2, lake) for name, lake in zip(names, grid.lakes, strict=False)]
    rows += [(RESERVOIR_NAME, "lake", 2, shape) for shape in reservoirs]
    return _frame_of(rows)


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
    use = grid.use[houses.cell]
    name = np.concatenate([_house_names(plan, grid, houses), np.full(len(beyond), "", dtype=object)])
    geometry = np.concatenate([houses.polygons, beyond])
    kind = np.where(np.isin(use, ("estate", "new", "old")), "residential", use.astype(str)).astype(object)
    return frame({
        "name": name, "subtype": np.concatenate([kind, np.full(len(beyond), "residential", dtype=object)]),
        "rank": np.where(name != "", 1, np.where(shapely.area(geometry) > LARGE_HOUSE_M2, 2, 3)), "width_m": 0.0,
        "geometry": geometry,
    })  # fmt: skip


def _house_names(plan: Plan, grid: Grid, houses: Houses) -> Array:
    """Names of the largest house of each cell of shops and offices, and of public houses around the square."""
    name = houses.name.copy()
    order = np.lexsort((-shapely.area(houses.polygons), houses.cell))
    largest = order[np.unique(houses.cell[order], return_index=True)[1]]
    largest = largest[name[largest] == ""]
    use = grid.use[houses.cell[largest]]
    for uses, kind in ((("cbd", "offices", "centre"), "office"), (("market",), "market")):
        rows = largest[np.isin(use, uses)]
        name[rows] = varied(plan.seed, kind, drawn(plan.seed, kind, len(rows)))
    public = words("landmark")
    rows = largest[use == "civic"][: len(public)]
    name[rows] = public[: len(rows)]
    return name


def compounds(plan: Plan, grid: Grid, plots: Array) -> gpd.GeoDataFrame:
    """What one body manages: each lies whole in one cell. Estates of one block share a name and count their parts."""
    rows = np.flatnonzero(
        np.isin(grid.use, list(COMPOUND_USES)) & (shapely.area(plots) > SMALLEST_COMPOUND_M2)
    )
    name = np.full(len(rows), "", dtype=object)
    for use in COMPOUND_USES:
        on = np.flatnonzero(grid.use[rows] == use)
        owner = rows[on] if use == "industry" else grid.block[rows[on]]  # every works has a name of its own
        name[on] = _numbered(np.unique(owner, return_inverse=True)[1], plan, use)
    subtype = np.array([COMPOUND_USES[use] for use in grid.use[rows]], dtype=object)
    return frame({"name": name, "subtype": subtype, "rank": 1, "width_m": 0.0, "geometry": plots[rows]})


def _numbered(owner: Array, plan: Plan, use: str) -> list[str]:
    """A name for each owner; parts of one owner count on: 一区, 二区 …"""
    names = _compound_names(plan, use, int(owner.max(initial=-1)) + 1)
    order = np.argsort(owner, kind="stable")
    part = np.empty(len(owner), dtype=int)
    part[order] = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    many = np.bincount(owner, minlength=1) > 1
    ordinals = words("ordinal")
    return [
        names[o] + (f"{ordinals[p % len(ordinals)]}区" if many[o] else "")
        for o, p in zip(owner, part, strict=True)
    ]


def _compound_names(plan: Plan, use: str, count: int) -> list[str]:
    if use in ("estate", "new", "industry"):
        kind = "industry" if use == "industry" else "estate"
        return varied(plan.seed, f"compounds {use}", drawn(plan.seed, kind, count))
    suffix = {"school": "学校", "hospital": "医院", "campus": "大学"}[use]
    return ["合成" + name for name in named(plan.seed, use, count, suffix)]


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
    return _frame_of(rows)


def _parks(plan: Plan, grid: Grid, plots: Array) -> list[Row]:
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
