"""Heat maps to take away: what is written is what was asked for, and nothing is half written."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from exports.figure import write_figure
from exports.finished import finished
from exports.geopackage import write_layer
from exports.heatmap import HeatMap, amount_fills, gi_fills
from exports.offline_page import write_page
from exports.raster import write_raster
from kernel.errors import Defect, Refused
from resources.styles import palette

SIDE = 12


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    """A lattice with a hot corner and a cold corner."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    x, y = 500_000 + i * 100.0, 4_420_000 + j * 100.0
    z = np.where((i < 3) & (j < 3), 4.0, np.where((i > 8) & (j > 8), -4.0, 0.3))
    level = np.select([z > 2.58, z < -2.58], [3, -3], 0)
    columns = {"code": [f"110101001001{k + 1:03d}" for k in range(len(i))], "value": (i + j).astype(float), "z": z,
               "p": np.exp(-(z**2)), "class": level}  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapely.box(x, y, x + 100, y + 100), crs=4548)


@pytest.fixture(scope="module")
def heat(areas: gpd.GeoDataFrame) -> HeatMap:
    fills, edges, legend = gi_fills(areas["class"].to_numpy(), "zh_CN")
    river = shapely.LineString([(499_900, 4_420_300), (501_300, 4_420_900)]).buffer(40)
    base = {"water": gpd.GeoDataFrame({"name": ["清漪河"]}, geometry=[river], crs=4548)}
    return HeatMap(areas, fills, edges, legend, "破损部件热点", "网格化城市管理", "合成数据", "zh_CN", base)


def test_that_the_legend_counts_every_area_once(areas: gpd.GeoDataFrame) -> None:
    _, _, gi_legend = gi_fills(areas["class"].to_numpy(), "en")
    _, _, amount_legend = amount_fills(areas["value"].to_numpy(), "en")
    assert sum(entry.count for entry in gi_legend) == len(areas)
    assert sum(entry.count for entry in amount_legend) == len(areas)


def test_that_zero_and_no_data_stay_bare_ground() -> None:
    fills, _, legend = amount_fills(np.array([0.0, np.nan, 1.0, 5.0, 9.0]), "en")
    assert list(fills[:2]) == ["", ""]
    assert "" not in list(fills[2:])
    assert legend[-1].count == 2


def test_that_the_figure_shows_hot_and_cold_and_every_character(heat: HeatMap, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that its font lacks
        file = write_figure(heat, tmp_path / "热点.png")
    from matplotlib.image import imread

    picture = (imread(file)[..., :3] * 255).round().astype(int)
    assert picture.shape[1] > 3000
    for colour in (heat.palette.hot[2], heat.palette.cold[2]):
        wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        assert (np.abs(picture - wanted).max(axis=-1) <= 1).sum() > 1000, "the legend's own box at least"


@pytest.mark.parametrize("ending", ["pdf", "svg"])
def test_that_print_forms_are_written(heat: HeatMap, tmp_path: Path, ending: str) -> None:
    assert write_figure(heat, tmp_path / f"h.{ending}").stat().st_size > 10_000


def test_that_the_page_asks_the_network_for_nothing(heat: HeatMap, tmp_path: Path) -> None:
    text = write_page(heat, tmp_path / "h.html").read_text(encoding="utf-8")
    fetched = r"""<script[^>]+src=|<link[^>]+href=["']?(?:https?:)?//|@import|url\(["']?https?:|fetch\("""
    assert re.findall(fetched, text) == []
    assert text.index("L.map(") < text.index("L.control.scale(")


def test_that_the_page_carries_a_glyph_for_each_of_its_characters(heat: HeatMap, tmp_path: Path) -> None:
    import base64

    from fontTools.ttLib import TTFont

    text = write_page(heat, tmp_path / "h.html").read_text(encoding="utf-8")
    data = re.search(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", text)
    assert data
    known = TTFont(io.BytesIO(base64.b64decode(data[1]))).getBestCmap()
    body = text[text.index("</head>") :]
    chinese = {sign for sign in body if "一" <= sign <= "鿿"}
    assert chinese
    assert {sign for sign in chinese if ord(sign) not in known} == set()


def test_that_the_raster_holds_each_areas_figures(heat: HeatMap, tmp_path: Path) -> None:
    with rasterio.open(write_raster(heat, tmp_path / "h.tif")) as read:
        z = read.read(read.descriptions.index("z") + 1)
        assert read.crs.to_epsg() == 4548
        middle = heat.areas.geometry.iloc[0].centroid
        assert z[read.index(middle.x, middle.y)] == pytest.approx(heat.areas["z"].iloc[0])


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "csv", "geojson", "shp"])
def test_that_layers_read_back_whole(areas: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    import pandas as pd

    file = write_layer(areas, tmp_path / f"部件.{ending}", "cells")
    if ending == "csv":
        read = pd.read_csv(file, dtype={"code": str})
    elif ending == "parquet":
        read = gpd.read_parquet(file)
    else:
        read = gpd.read_file(file)
    assert read["code"].tolist() == areas["code"].tolist()


def test_that_an_unknown_ending_is_refused_by_name(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="xyz"):
        write_layer(areas, tmp_path / "a.xyz", "cells")


def test_that_a_failed_write_leaves_the_old_file_and_no_leftover(tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    target.write_text("the old one")

    def never(path: Path) -> None:
        raise Defect("does not read back")

    with pytest.raises(Defect), finished(target, never) as path:
        path.write_text("half")
    assert target.read_text() == "the old one"
    assert [file.name for file in tmp_path.iterdir()] == ["map.png"]


@pytest.mark.parametrize("target", ["/proc/x.png", "/no/such/folder/x.png"])
def test_that_a_closed_folder_is_refused_with_its_name(heat: HeatMap, target: str) -> None:
    with pytest.raises(Refused) as refusal:
        write_figure(heat, Path(target))
    assert target.rsplit("/", 1)[0] in str(refusal.value) or target in str(refusal.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_that_a_full_disk_is_told_and_nothing_stays(tmp_path: Path) -> None:
    target = tmp_path / "map.txt"
    with pytest.raises(Refused, match="full"), finished(target) as path:
        path.symlink_to("/dev/full")
        path.write_text("x" * 10_000)
    assert list(tmp_path.iterdir()) == []


def test_that_paper_is_light(heat: HeatMap) -> None:
    assert heat.palette == palette("light")
