"""The base map of the demo city: roads, water, green, railway, houses, compounds, each with a name where it has one."""

from __future__ import annotations

import itertools
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from gis.demo_city.base_frame import frame
from gis.demo_city.cells import Grid
from gis.demo_city.lawns import lawns
from gis.demo_city.lines import Line
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
from gis.demo_city.outskirts import Outskirts
from gis.demo_city.plan import Array, Plan
from gis.demo_city.road_layer import roads
from gis.demo_city.site import Site

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


def _frame_of(rows: list[Row]) -> gpd.GeoDataFrame:
    columns = list(zip(*rows, strict=True))
    return frame({
        "name": list(columns[0]), "subtype": list(columns[1]), "rank": list(columns[2]), "width_m": 0.0,
        "geometry": np.array(columns[3], dtype=object),
    })  # fmt: skip


def base_layers(
    site: Site, names: dict[str, str], outskirts: Outskirts, further: list[Line]
) -> dict[str, gpd.GeoDataFrame]:
    """All base layers by kind."""
    return {
        "roads": roads(site, [*outskirts.lines, *further], names),
        "water": _water(site, outskirts),
        "railways": _railways(site, outskirts.view),
        "buildings": _buildings(site, outskirts.houses),
        "compounds": _compounds(site),
        "green": _green(site, outskirts.woods),
    }


def _water(site: Site, outskirts: Outskirts) -> gpd.GeoDataFrame:
    """River (led on a little beyond the city), canals, lakes."""
    river = site.network.waters.river
    rows: list[Row] = [
        (RIVER_NAME, "river", 1, shapely.simplify(shapely.intersection(river, outskirts.view), 0.2))
    ]
    dry = outskirts.view.difference(river.buffer(-2))
    for k, canal in enumerate(shapely.simplify(shapely.intersection(site.canals, dry), 0.1)):
        rows += [("外" * k + CANAL_NAME, "river", 2, part) for part in shapely.get_parts(canal)]
    lakes = site.grid.lakes
    names = [LAKE_NAME, *named(site.plan.seed, "lakes", len(lakes), "湖")]
    rows += [(name, "lake", 2, lake) for name, lake in zip(names, lakes, strict=False)]
    rows += [(RESERVOIR_NAME, "lake", 2, shape) for shape in outskirts.reservoirs]
    return _frame_of(rows)


def _railways(site: Site, view: shapely.Polygon) -> gpd.GeoDataFrame:
    """The railway, led on beyond the city."""
    lines = shapely.simplify(shapely.get_parts(shapely.intersection(site.network.railway, view)), 0.2)
    return frame({"name": RAILWAY_NAME, "subtype": "rail", "rank": 1, "width_m": 12.0, "geometry": lines})


def _buildings(site: Site, beyond: Array) -> gpd.GeoDataFrame:
    """Footprints, those of the villages `beyond` last; large houses of some uses carry a name.

    `rank` is 1 where named, 2 large, 3 other.
    """
    use = site.grid.use[site.houses.cell]
    name = np.concatenate([_house_names(site), np.full(len(beyond), "", dtype=object)])
    geometry = np.concatenate([site.houses.polygons, beyond])
    kind = np.where(np.isin(use, ("estate", "new", "old")), "residential", use.astype(str)).astype(object)
    return frame({
        "name": name, "subtype": np.concatenate([kind, np.full(len(beyond), "residential", dtype=object)]),
        "rank": np.where(name != "", 1, np.where(shapely.area(geometry) > LARGE_HOUSE_M2, 2, 3)), "width_m": 0.0,
        "geometry": geometry,
    })  # fmt: skip


def _house_names(site: Site) -> Array:
    """Names of the largest house of each cell of shops and offices, and of public houses around the square."""
    houses, seed = site.houses, site.plan.seed
    name = houses.name.copy()
    order = np.lexsort((-shapely.area(houses.polygons), houses.cell))
    largest = order[np.unique(houses.cell[order], return_index=True)[1]]
    largest = largest[name[largest] == ""]
    use = site.grid.use[houses.cell[largest]]
    for uses, kind in ((("cbd", "offices", "centre"), "office"), (("market",), "market")):
        rows = largest[np.isin(use, uses)]
        name[rows] = varied(seed, kind, drawn(seed, kind, len(rows)))
    public = words("landmark")
    rows = largest[use == "civic"][: len(public)]
    name[rows] = public[: len(rows)]
    return name


def _compounds(site: Site) -> gpd.GeoDataFrame:
    """What one body manages: each lies whole in one cell. Estates of one block share a name and count their parts."""
    grid, plots = site.grid, site.plots
    rows = np.flatnonzero(
        np.isin(grid.use, list(COMPOUND_USES)) & (shapely.area(plots) > SMALLEST_COMPOUND_M2)
    )
    name = np.full(len(rows), "", dtype=object)
    for use in COMPOUND_USES:
        on = np.flatnonzero(grid.use[rows] == use)
        owner = rows[on] if use == "industry" else grid.block[rows[on]]  # every works has a name of its own
        name[on] = _numbered(np.unique(owner, return_inverse=True)[1], site.plan, use)
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


def _green(site: Site, woods: Array) -> gpd.GeoDataFrame:
    """Parks, riverside, squares (parts of one block in one piece), verges, lawns, sports fields and woods."""
    grid, plots = site.grid, site.plots
    rows = _parks(site.plan, grid, plots)
    verges = plots[np.isin(grid.use, ("verge", "canal")) & ~shapely.is_empty(plots)]
    rows += [("", "grass", 3, shape) for shape in (*verges, *lawns(site))]
    rows += [(name, "grass", 2, shape) for shape, name, _ in site.landmarks.fields]
    names = named(site.plan.seed, "woods", len(woods), "林场")
    rows += [(f"合成{name}", "park", 2, shape) for name, shape in zip(names, woods, strict=True)]
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
