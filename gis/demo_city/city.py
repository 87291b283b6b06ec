"""The demo city as a whole: one call, the same bytes for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo_city import people
from gis.demo_city.administration import outlines
from gis.demo_city.base import base_layers
from gis.demo_city.components import furnish
from gis.demo_city.lines import Line
from gis.demo_city.names import COUNTY_NAME, named
from gis.demo_city.outskirts import lay_outskirts
from gis.demo_city.plan import COUNTY_CODE, EPSG, Array, make_plan
from gis.demo_city.road_layer import street_names
from gis.demo_city.scene import Scene, set_scene
from gis.demo_city.site import Site, build_site
from gis.frames import AREA_COLUMNS, as_cells
from kernel.progress import Part, Progress, Silent
from resources import catalogues

GRID_DATE: Final = "2024-01-15"
FEWEST_CELLS: Final = 20
LAKE_PATH_M: Final = 11.0  # from the shore to the path around a lake
# Why a cell is not a plain one, by its use.
CELL_NOTES: Final = {
    "school": "自管单位", "hospital": "自管单位", "station": "自管单位", "stadium": "自管单位", "bridge": "桥梁",
    "promenade": "滨水绿地", "canal": "滨水绿地", "verge": "立交绿地",
}  # fmt: skip


@dataclass(frozen=True)
class DemoCity:
    """A synthetic city in the frames of `gis.frames`; everything in the plane EPSG:`crs`.

    `base` has the layers of `gis.frames.BASE_KINDS`; they reach a little beyond the county.
    """

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
    standard: str = catalogues.DEFAULT,
    progress: Progress = Silent(),  # noqa: B008 — an object without state
) -> DemoCity:
    """A city of `cells` cells (but for one in a hundred) and exactly `components` components of an edition's classes.

    The same arguments give the same city. Fewer than 20 cells or no component make no city: raises `ValueError`.
    """
    if cells < FEWEST_CELLS or components < 1:
        raise ValueError(f"a demo city has at least {FEWEST_CELLS} cells and one component")
    site = build_site(make_plan(cells, seed), Part(progress, 0.0, 0.35))
    progress.report(0.35, "Drawing the base map")
    country, further = lay_outskirts(site.plan, site.network, site.ground), _further_lines(site)
    names = street_names(seed, [*site.grid.lines, *country.lines, *further])
    base = base_layers(site, names, country, further)
    progress.report(0.42, "Placing components")
    scene = set_scene(site)
    classes = catalogues.load(standard).components
    places = _places(site, scene, names)
    table = furnish(
        scene, classes, components, seed, site.division.cell_codes, places, Part(progress, 0.42, 1.0)
    )
    counties, streets, communities = _areas(site)
    return DemoCity(
        COUNTY_CODE, EPSG, counties, streets, communities, _cells(site), table, people.departments(), base,
        people.roster(cells),
    )  # fmt: skip


def _further_lines(site: Site) -> list[Line]:
    """Ramps of the interchanges and paths around the lakes."""
    paths = [lake.buffer(LAKE_PATH_M).simplify(0.3).exterior for lake in site.grid.lakes]
    return [
        *(Line("ramp", ramp, "ramp") for ramp in site.ramps),
        *(Line("path", p, "lakeside") for p in paths),
    ]


def _cells(site: Site) -> gpd.GeoDataFrame:
    order = np.argsort(site.division.cell_codes)
    frame = gpd.GeoDataFrame(
        {
            "code": site.division.cell_codes[order].astype(object),
            "community_code": site.division.community_codes[order].astype(object),
            "name": "",
            "initial_date": GRID_DATE,
            "note": [CELL_NOTES.get(use, "") for use in site.grid.use[order]],
        },
        geometry=site.grid.tiling.faces[order],
        crs=EPSG,
    )
    return as_cells(frame)


def _areas(site: Site) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """County (with its water), streets and communities; outlines share the cells' vertices."""
    faces, seed = site.grid.tiling.faces, site.plan.seed
    codes, shapes = outlines(faces, site.division.street_codes)
    streets = _area_frame(codes, named(seed, "streets", len(codes), "街道"), 6, shapes)
    codes, shapes = outlines(faces, site.division.community_codes)
    communities = _area_frame(codes, named(seed, "communities", len(codes), "社区"), 9, shapes)
    land = shapely.coverage_union_all(streets.geometry.values)
    whole = shapely.union_all([land, site.ground.border])
    county = _area_frame(np.array([COUNTY_CODE]), [COUNTY_NAME], 0, np.array([whole], dtype=object))
    return county, streets, communities


def _area_frame(codes: Array, names: list[str], parent_digits: int, shapes: Array) -> gpd.GeoDataFrame:
    parents = [str(code)[:parent_digits] for code in codes]
    columns = {"code": codes.astype(object), "name": names, "parent_code": parents}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)[list(AREA_COLUMNS)]


def _places(site: Site, scene: Scene, names: dict[str, str]) -> Array:
    """Words for where things stand: for each frontage its street and side, for each cell its community."""
    f = scene.frontages
    of_line = np.array([*(names[line.role] for line in site.grid.lines), ""], dtype=object)
    street = of_line[f.line]
    _, _, east, north = f.curves.at(np.arange(len(f.cell)), f.curves.length_m / 2)
    upright = np.abs(north) > np.abs(east)  # the cell lies to the left of its frontage
    side = np.where(upright, np.where(north > 0, "西侧", "东侧"), np.where(east > 0, "北侧", "南侧")).astype(
        object
    )
    codes = np.unique(site.division.community_codes)
    community = dict(zip(codes, named(site.plan.seed, "communities", len(codes), "社区"), strict=True))
    of_cell = np.array([community[code] for code in site.division.community_codes], dtype=object)
    return np.concatenate([np.where(street == "", of_cell[f.cell], street + side), of_cell])
