"""Pictures of divisions for the manual: the same quarter divided along features, by its streets alone, by a lattice."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from exports import typeface
from gis.division import Figures, Ground, features, lattice
from gis.division.figures import measured
from gis.grid.grid_rules_objects import cut_areas
from resources import styles
from tests.visual.test_visual_pictures import keep_or_compare

pytestmark = [pytest.mark.visual, pytest.mark.xdist_group("visual")]

SIDE_M, MARGIN_M = 800.0, 250.0  # what is shown, and how far around it is divided too
SIZE = (1800, 760)
SOURCE = "© OpenStreetMap contributors (ODbL)"
LEGEND = "Black: borders. Brown: roads that are none. Red: buildings that a border cuts. Shown are 800 m, counted 1.3 km."
COUNTY = "110101"


@dataclass(frozen=True)
class Place:
    """A quarter of the data pack: files of roads and buildings, its UTM plane, a corner of what is shown, in shares."""

    title: str
    roads: str
    buildings: str
    plane: int
    at: tuple[float, float]


DONGSI = Place(
    "Beijing Dongsi",
    "Beijing_Dongsi.zip!*edges*.shp",
    "Beijing_Dongsi.zip!*buildings*.shp",
    32650,
    (0.3, 0.3),
)
LUJIAZUI = Place("Shanghai Lujiazui", "shanghai_lujiazui_roads.geojson.zip", "shanghai_lujiazui_buildings.geojson.zip",
                 32651, (0.55, 0.3))  # fmt: skip


def read(folder: Path, name: str, plane: int) -> gpd.GeoDataFrame:
    """A layer of the pack; of a zip with several shapefiles the one that matches."""
    archive, _, pattern = name.partition("!")
    member = ""
    if pattern:
        member = "!" + next(m for m in zipfile.ZipFile(folder / archive).namelist() if fnmatch(m, pattern))
    frame = gpd.read_file(f"zip://{folder / archive}{member}").to_crs(plane)
    return frame[frame.geometry.notna() & ~frame.geometry.is_empty]


def layers(shared: Path, place: Place) -> tuple[gpd.GeoDataFrame, Ground, tuple[float, float]]:
    """The area to divide, what stands there, and the corner of what is shown."""
    folder = shared / "data" / "china_osm"
    roads, buildings = (read(folder, name, place.plane) for name in (place.roads, place.buildings))
    roads = roads[roads.geom_type.str.contains("Line")][["geometry"]]
    buildings = buildings[buildings.geom_type.str.contains("Polygon")][["geometry"]]
    west, south, east, north = roads.total_bounds
    x, y = west + place.at[0] * (east - west), south + place.at[1] * (north - south)
    square = shapely.box(x - MARGIN_M, y - MARGIN_M, x + SIDE_M + MARGIN_M, y + SIDE_M + MARGIN_M)
    near = [
        gpd.GeoDataFrame(geometry=frame[frame.intersects(square)].make_valid())
        for frame in (roads, buildings)
    ]
    ground = Ground(roads=near[0], buildings=near[1])
    return gpd.GeoDataFrame(geometry=[square], crs=place.plane), ground, (x, y)


def street_blocks(area: gpd.GeoDataFrame, ground: Ground) -> tuple[gpd.GeoDataFrame, Figures]:
    """What the roads enclose, as it is."""
    assert ground.roads is not None
    boundary = area.geometry.iloc[0]
    lines = shapely.union_all(
        [*shapely.intersection(ground.roads.geometry.values, boundary), boundary.boundary]
    )
    blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    cells = gpd.GeoDataFrame({"note": np.full(len(blocks), "")}, geometry=blocks, crs=area.crs)
    return cells, measured("blocks", cells, boundary, ground)


def words(figures: Figures) -> str:
    """The figures below a panel."""
    return (
        f"{figures.cells} cells, mean {figures.mean_m2:,.0f} m², {figures.share_5000_20000:.0%} of 5,000–20,000 m²\n"
        f"{figures.buildings_cut} of {figures.buildings} buildings cut, {figures.boundary_on_features_share or 0:.0%} of"
        f" inner borders on features, compactness {figures.compactness_median:.2f}"
    )


def panel(
    axes: Axes, title: str, cells: gpd.GeoDataFrame, ground: Ground, corner: tuple[float, float]
) -> None:
    """Ground, cells and the buildings that a border cuts."""
    palette = styles.palette("light")
    assert ground.roads is not None and ground.buildings is not None
    houses = ground.buildings.geometry
    cut = houses.iloc[
        cut_areas(np.asarray(houses.values, dtype=object), np.asarray(cells.geometry.values, dtype=object))
    ]
    axes.set_facecolor(palette.land)
    houses.plot(ax=axes, color=palette.building, edgecolor=palette.building_edge, linewidth=0.4)
    if len(cut):
        cut.plot(ax=axes, color=palette.alarm, alpha=0.55)
    ground.roads.plot(ax=axes, color=palette.main_road_casing, linewidth=1.6)
    cells.boundary.plot(ax=axes, color=palette.text, linewidth=1.3)
    axes.set(
        xlim=(corner[0], corner[0] + SIDE_M),
        ylim=(corner[1], corner[1] + SIDE_M),
        xticks=[],
        yticks=[],
        ylabel="",
    )
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=14, color=palette.text, loc="left")
    for spine in axes.spines.values():
        spine.set_color(palette.line)


@pytest.mark.parametrize("place", [DONGSI, LUJIAZUI], ids=["dongsi", "lujiazui"])
def test_that_the_manual_shows_what_each_method_makes_of_a_quarter(
    shared: Path, tmp_path: Path, place: Place, request: pytest.FixtureRequest
) -> None:
    area, ground, corner = layers(shared, place)
    ours, squares = (method(area, ground=ground, district=COUNTY) for method in (features, lattice))
    blocks, of_blocks = street_blocks(area, ground)
    made = {
        "WanGrid": (ours.cells, ours.figures),
        "Street blocks": (blocks, of_blocks),
        "Lattice": (squares.cells, squares.figures),
    }
    palette = styles.palette("light")
    with mpl.rc_context(typeface.settings()):
        figure = Figure(figsize=(18, 7.6), facecolor=palette.card)
        panels = figure.subplots(1, 3)
        for axes, (method, (cells, figures)) in zip(panels, made.items(), strict=True):
            panel(axes, f"{place.title}: {method}", cells, ground, corner)
            axes.set_xlabel(words(figures), fontsize=11, color=palette.text)
        figure.subplots_adjust(0.01, 0.11, 0.99, 0.95, wspace=0.03)
        figure.text(0.99, 0.012, f"{SOURCE}. {LEGEND}", ha="right", fontsize=10, color=palette.secondary)
        file = tmp_path / f"division-{request.node.callspec.id}.png"
        figure.savefig(file, dpi=100)
    keep_or_compare(file, SIZE)
