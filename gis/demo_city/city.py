"""The demo city as a whole: one call, the same bytes for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo_city import base, outskirts, people, road_layer
from gis.demo_city.administration import Division, administer, outlines
from gis.demo_city.buildings import Houses, raise_houses
from gis.demo_city.cells import Grid, divide
from gis.demo_city.components import furnish
from gis.demo_city.districts import lay_out
from gis.demo_city.ground import Ground, lay_ground
from gis.demo_city.interchanges import ramps
from gis.demo_city.landmarks import Landmarks, place_landmarks
from gis.demo_city.lawns import lawns as open_lawns
from gis.demo_city.lines import Line
from gis.demo_city.names import COUNTY_NAME, named
from gis.demo_city.network import Network, draw_network
from gis.demo_city.parcels import parcels
from gis.demo_city.plan import COUNTY_CODE, EPSG, Array, Plan, make_plan
from gis.demo_city.scene import Scene, set_scene
from gis.frames import AREA_COLUMNS, as_cells
from kernel.progress import Part, Progress, Silent
from resources import catalogues

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
    marks = place_landmarks(grid, network, plots)
    houses = raise_houses(seed, marks.ground(plots), grid.use, marks.houses)
    layers = _base(plan, network, ground, grid, plots, houses, marks)
    progress.report(0.40, "Placing components")
    ramp_areas = np.array([ramp.buffer(4.5) for ramp in _ramps(ground)], dtype=object)
    fields = np.array([shape for shape, _ in marks.fields], dtype=object)
    scene = set_scene(grid, ground, plots, houses, base.canals_of(network), ramp_areas, fields)
    places = _places(scene, grid, layers["roads"], division, seed)
    classes = catalogues.load(standard).components
    table = furnish(scene, classes, components, seed, division.cell_codes, places, Part(progress, 0.40, 1.0))
    counties, streets, communities = _areas(grid, ground, division, seed)
    return DemoCity(
        COUNTY_CODE, EPSG, counties, streets, communities, _cells(grid, division), table, people.departments(),
        layers, people.roster(cells),
    )  # fmt: skip


def _base(
    plan: Plan, network: Network, ground: Ground, grid: Grid, plots: Array, houses: Houses, marks: Landmarks
) -> dict[str, gpd.GeoDataFrame]:
    view = outskirts.window(ground)
    out_of_town = outskirts.roads_beyond(plan, network, ground)
    reservoirs = outskirts.reservoir(plan, ground, out_of_town)
    water = base.water(plan, network, grid, reservoirs, view)
    wet = np.asarray(water.geometry.values)
    woods = outskirts.woods(plan, ground, out_of_town, wet)
    railways = base.railways(network, view)
    tabu = np.concatenate([wet, woods, shapely.buffer(railways.geometry.values, 25.0)])
    villages, lanes = outskirts.villages(plan, ground, out_of_town, tabu)
    fields = np.array([shape for shape, _ in marks.fields], dtype=object)
    standing = np.concatenate([houses.polygons, fields])
    owner = (
        np.concatenate([houses.cell, shapely.STRtree(plots).nearest(fields)]) if len(fields) else houses.cell
    )
    lawns, _ = open_lawns(plots, grid.use, standing, owner)
    further = [
        *out_of_town,
        *lanes,
        *(Line("ramp", ramp, "ramp") for ramp in _ramps(ground)),
        *_park_paths(grid),
    ]
    return {
        "roads": road_layer.roads(plan, network, ground, grid, further),
        "water": water,
        "railways": railways,
        "buildings": base.buildings(plan, grid, houses, villages),
        "compounds": base.compounds(plan, grid, plots),
        "green": base.green(plan, grid, plots, lawns, marks.fields, woods),
    }


def _park_paths(grid: Grid) -> list[Line]:
    """A path around every lake."""
    return [Line("path", lake.buffer(11.0).simplify(0.3).exterior, "lakeside") for lake in grid.lakes]


def _ramps(ground: Ground) -> list[shapely.LineString]:
    """Of the interchanges that lie in the city."""
    inside = [one for one in ground.interchanges if ground.border.contains(shapely.Point(one.x, one.y))]
    return [ramp for one in inside for ramp in ramps(one)]


def _cells(grid: Grid, division: Division) -> gpd.GeoDataFrame:
    order = np.argsort(division.cell_codes)
    words = {
        "school": "自管单位",
        "hospital": "自管单位",
        "bridge": "桥梁",
        "promenade": "滨水绿地",
        "canal": "滨水绿地",
        "station": "自管单位",
        "stadium": "自管单位",
    }
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
