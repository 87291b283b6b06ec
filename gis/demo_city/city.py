"""The demo city as a whole: one call, the same bytes for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo_city import base, people
from gis.demo_city.administration import Division, administer, outlines
from gis.demo_city.buildings import Houses, raise_houses
from gis.demo_city.cells import Grid, divide
from gis.demo_city.components import furnish
from gis.demo_city.districts import lay_out
from gis.demo_city.ground import Ground, lay_ground
from gis.demo_city.names import COUNTY_NAME, named
from gis.demo_city.network import Network, draw_network
from gis.demo_city.parcels import parcels
from gis.demo_city.plan import COUNTY_CODE, EPSG, Plan, make_plan
from gis.demo_city.scene import Scene, set_scene
from gis.frames import AREA_COLUMNS, as_cells
from kernel.progress import Part, Progress, Silent
from resources import catalogues

Array = np.ndarray

GRID_DATE = "2024-01-15"
FEWEST_CELLS, FEWEST_COMPONENTS = 20, 1


@dataclass(frozen=True)
class DemoCity:
    """A synthetic city in the frames of `gis.frames`; everything in the plane EPSG:`crs`."""

    county_code: str
    crs: int
    counties: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    components: pd.DataFrame
    departments: pd.DataFrame
    base: dict[str, gpd.GeoDataFrame]
    patrollers: pd.DataFrame


def build(
    cells: int = 3000,
    components: int = 60_000,
    seed: int = 1,
    standard: str = "2026",
    progress: Progress = Silent(),  # noqa: B008 — an object without state
) -> DemoCity:
    """A city of about `cells` cells with exactly `components` components of all classes of an edition.

    The same arguments give the same city. Fewer than 60 cells make no city: raises `ValueError`.
    """
    if cells < FEWEST_CELLS or components < FEWEST_COMPONENTS:
        raise ValueError(f"a demo city has at least {FEWEST_CELLS} cells and {FEWEST_COMPONENTS} component")
    progress.report(0.0, "Drawing rivers and roads")
    plan = make_plan(cells, seed)
    network = draw_network(plan)
    ground = lay_ground(plan, network)
    progress.report(0.08, "Dividing blocks into cells")
    grid = divide(plan, ground, lay_out(plan, ground))
    division = administer(grid)
    progress.report(0.25, "Raising houses")
    plots = parcels(grid)
    houses = raise_houses(seed, plots, grid.use)
    layers = _base(plan, network, ground, grid, plots, houses)
    progress.report(0.40, "Placing components")
    scene = set_scene(grid, ground, plots, houses)
    places = _places(scene, grid, layers["roads"], division, seed)
    classes = catalogues.load(standard).components
    table = furnish(scene, classes, components, seed, division.cell_codes, places, Part(progress, 0.40, 1.0))
    counties, streets, communities = _areas(grid, ground, division, seed)
    return DemoCity(
        COUNTY_CODE, EPSG, counties, streets, communities, _cells(grid, division), table, people.departments(),
        layers, people.roster(cells),
    )  # fmt: skip


def _base(
    plan: Plan, network: Network, ground: Ground, grid: Grid, plots: Array, houses: Houses
) -> dict[str, gpd.GeoDataFrame]:
    reach = ground.border.buffer(0.25 * plan.radius_m).envelope
    return {
        "roads": base.roads(plan, network, ground, grid),
        "water": base.water(network, grid, reach),
        "railways": base.railways(network, reach),
        "buildings": base.buildings(plan, grid, houses),
        "compounds": base.compounds(plan, grid, plots),
        "green": base.green(plan, grid, plots),
    }


def _cells(grid: Grid, division: Division) -> gpd.GeoDataFrame:
    order = np.argsort(division.cell_codes)
    words = {"school": "自管单位", "hospital": "自管单位", "bridge": "桥梁", "promenade": "滨水绿地"}
    frame = gpd.GeoDataFrame(
        {
            "code": division.cell_codes[order].astype(object),
            "community_code": division.community_codes[order].astype(object),
            "name": "",
            "initial_date": GRID_DATE,
            "note": [words.get(use, "") for use in grid.use[order]],
        },
        geometry=grid.tiling.faces[order],
        crs=EPSG,
    )
    return as_cells(frame)


def _areas(
    grid: Grid, ground: Ground, division: Division, seed: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """County (with its water), streets and communities; outlines share the cells' vertices."""
    faces = grid.tiling.faces
    codes, shapes = outlines(faces, division.street_codes)
    streets = _area_frame(codes, named(seed, "streets", len(codes), "街道"), 6, shapes)
    codes, shapes = outlines(faces, division.community_codes)
    communities = _area_frame(codes, named(seed, "communities", len(codes), "社区"), 9, shapes)
    land = shapely.coverage_union_all(streets.geometry.values)
    whole = shapely.union_all([land, ground.border])
    county = _area_frame(np.array([COUNTY_CODE]), [COUNTY_NAME], 0, np.array([whole], dtype=object))
    return county, streets, communities


def _area_frame(codes: Array, names: list[str], parent_digits: int, shapes: Array) -> gpd.GeoDataFrame:
    parents = [str(code)[:parent_digits] for code in codes]
    columns = {"code": codes.astype(object), "name": names, "parent_code": parents}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)[list(AREA_COLUMNS)]


def _places(scene: Scene, grid: Grid, roads: gpd.GeoDataFrame, division: Division, seed: int) -> Array:
    """Words for where things stand: for each frontage its street and side, for each cell its community."""
    f = scene.frontages
    x, y, tx, ty = f.curves.at(np.arange(len(f.cell)), f.curves.length_m / 2, 0.0)
    road = shapely.STRtree(roads.geometry.values).query_nearest(
        shapely.points(x, y), max_distance=1.0, all_matches=False
    )
    name = np.full(len(f.cell), "", dtype=object)
    name[road[0]] = roads["name"].to_numpy(dtype=object)[road[1]]
    side = np.where(
        np.abs(ty) > np.abs(tx), np.where(ty > 0, "西侧", "东侧"), np.where(tx > 0, "北侧", "南侧")
    )
    codes = np.unique(division.community_codes)
    community = dict(zip(codes, named(seed, "communities", len(codes), "社区"), strict=True))
    of_cell = np.array([community[code] for code in division.community_codes], dtype=object)
    on_street = np.where(name == "", of_cell[f.cell], name + side.astype(object))
    return np.concatenate([on_street, of_cell])
