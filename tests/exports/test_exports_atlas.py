"""The printed atlas: sheets that cover the city at round scales, pages that read back, a GeoPackage with its look."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.build_demo import BuildDemo, build_demo
from actions.grid.print_atlas import PrintAtlas, gather, print_atlas
from data import store as stores
from data.store import Store
from exports.atlas import book, table
from exports.atlas.sheets import MAP_MM, SCALES, beside, communities_of, plan
from kernel.errors import Cancelled, Refused
from kernel.progress import Silent, Watched

CRS = 4548


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A small demo city."""
    file = tmp_path_factory.mktemp("atlas") / "city.wangrid"
    with stores.open(file, create=True, standard="2026", actor="王工") as store:
        build_demo(store, BuildDemo(components=3_000, cells=60), Silent())
        yield store


def communities(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    codes = [f"110101001{k + 1:03d}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=list(shapes), crs=CRS)


def box(width: float, height: float, west: float = 0.0) -> shapely.Geometry:
    return shapely.box(500_000 + west, 4_420_000, 500_000 + west + width, 4_420_000 + height)


def texts_of(file: Path) -> str:
    """All characters that the PDF's fonts map to Unicode, so that they can be searched and copied."""
    found = []
    for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file.read_bytes(), re.S):
        try:
            plain = zlib.decompress(body)
        except zlib.error:
            continue
        if b"beginbfrange" in plain:
            found += re.findall(rb"<([0-9a-f]{4})>", plain.split(b"beginbfrange", 1)[1])
    return "".join(chr(int(code, 16)) for code in found)


@settings(max_examples=60, deadline=None)
@given(st.floats(20, 9_000), st.floats(20, 9_000))
def test_that_sheets_hold_their_pieces_and_pieces_tile_the_community(width: float, height: float) -> None:
    shape = box(width, height)
    sheets = plan(communities(shape))
    assert [sheet.number for sheet in sheets] == list(range(1, len(sheets) + 1))
    assert sum(sheet.piece.area for sheet in sheets) == pytest.approx(shape.area)
    for sheet in sheets:
        xmin, ymin, xmax, ymax = sheet.window
        assert shapely.box(*sheet.window).contains(sheet.piece)
        assert (xmax - xmin, ymax - ymin) == pytest.approx(
            tuple(side / 1000 * sheet.scale for side in MAP_MM)
        )
        assert sheet.scale in SCALES and (sheet.parts == 1 or sheet.scale == SCALES[-1])


def test_that_the_largest_scale_is_taken_at_which_the_community_fits() -> None:
    assert [plan(communities(box(*size)))[0].scale for size in ((280, 230), (285, 230), (700, 560), (1400, 1150))] == [
        1_000, 2_000, 2_500, 5_000,
    ]  # fmt: skip
    assert len(plan(communities(box(1_500, 1_100)))) == 2


def test_that_parts_of_one_community_overlap_on_paper() -> None:
    first, second = plan(communities(box(2_000, 500)))
    shared = first.window[2] - second.window[0]
    assert shared >= 0.02 * 5_000 - 1e-6


def test_that_the_sheets_beyond_each_edge_are_named() -> None:
    sheets = plan(communities(box(500, 400), box(500, 400, west=500), box(500, 400, west=5_000)))
    pieces = np.array([sheet.piece for sheet in sheets], dtype=object)
    assert {(sheets[index].number, side) for index, side, *_ in beside(sheets[0], pieces)} == {(2, "E")}
    assert {(sheets[index].number, side) for index, side, *_ in beside(sheets[1], pieces)} == {(1, "W")}
    assert beside(sheets[2], pieces) == []


def test_that_a_community_without_a_stored_area_is_the_union_of_its_cells() -> None:
    cells = gpd.GeoDataFrame(
        {"community_code": ["110101001001"] * 2}, geometry=[box(100, 100), box(100, 100, west=100)], crs=CRS
    )
    empty = gpd.GeoDataFrame({"code": [], "name": []}, geometry=[], crs=CRS)
    assert communities_of(cells, empty).geometry.area.tolist() == pytest.approx([20_000.0])


def test_that_the_atlas_has_every_page_it_says_and_its_text_is_text(city: Store, tmp_path: Path) -> None:
    done = print_atlas(city, PrintAtlas(tmp_path / "atlas.pdf", lang="zh_CN"))
    data = (tmp_path / "atlas.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == done.pages
    assert done.sheets == len(city.load_areas("community")) and done.pages >= done.sheets + 3
    assert data.count(b"/FontFile2") >= 2 and b"/Subtype /Image" not in data
    assert set("单元网格图集索引图例社区比例尺合成数据0123456789") <= set(texts_of(tmp_path / "atlas.pdf"))


def test_that_one_community_is_printed_with_its_number_in_the_whole(city: Store, tmp_path: Path) -> None:
    code = city.load_areas("community")["code"].tolist()[-1]
    request = PrintAtlas(tmp_path / "one.pdf", community=code, lang="en")
    atlas = gather(city, request)
    done = print_atlas(city, request)
    assert done.sheets == 1 and atlas.printed[0].number == len(atlas.sheets) > 1


def test_that_every_cell_stands_in_the_table_of_exactly_one_sheet(city: Store) -> None:
    atlas = gather(city, PrintAtlas(Path("a.pdf")))
    listed = [code for sheet in atlas.sheets for code in atlas.cells_of(sheet)["code"]]
    assert sorted(listed) == sorted(atlas.cells["code"])
    assert atlas.cells["components"].sum() == (city.load_components(["cell_code"])["cell_code"] != "").sum()


def test_that_a_long_table_goes_on_on_its_own_pages(city: Store) -> None:
    atlas = gather(city, PrintAtlas(Path("a.pdf")))
    before = len(book.pages_of(atlas))
    many = np.repeat(atlas.cells.index[:1].to_numpy(), 5 * table.ROWS_PER_COLUMN)
    crowded = atlas.cells.loc[[*atlas.cells.index, *many]].reset_index(drop=True)
    assert len(book.pages_of(replace(atlas, cells=crowded))) > before


def test_that_the_component_atlas_counts_every_component_once(city: Store, tmp_path: Path) -> None:
    code = city.load_areas("community")["code"].tolist()[0]
    done = print_atlas(
        city, PrintAtlas(tmp_path / "parts.pdf", community=code, components=True, lang="zh_CN")
    )
    assert done.pages >= 5
    assert set("部件本底图册权属单位") <= set(texts_of(tmp_path / "parts.pdf"))


def test_that_the_geopackage_brings_a_style_for_every_layer(city: Store, tmp_path: Path) -> None:
    target = tmp_path / "atlas.gpkg"
    done = print_atlas(city, PrintAtlas(target, components=True))
    styles = pyogrio.read_dataframe(target, layer="layer_styles")
    layers = {name for name, _ in pyogrio.list_layers(target)} - {"layer_styles"}
    assert done.sheets == len(pyogrio.read_dataframe(target, layer="sheets"))
    assert (
        set(styles["f_table_name"]) == layers >= {"cells", "communities", "roads", "buildings", "components"}
    )
    assert styles["useAsDefault"].astype(bool).all()
    order = styles["f_table_name"].tolist()
    assert order.index("cells") < order.index("communities") < order.index("sheets")
    for words in styles["styleQML"]:
        root = ElementTree.fromstring(words.split("\n", 1)[1])
        assert root.tag == "qgis" and root.find("renderer-v2/symbols/symbol/layer") is not None
        drawn = root.find("labeling/settings/rendering")  # areas as obstacles push out the names within them
        assert drawn is None or drawn.get("obstacle") == "0"


def test_that_cancelling_leaves_no_file(city: Store, tmp_path: Path) -> None:
    watched = Watched(lambda share, *_: watched.cancel() if share > 0.2 else None)
    with pytest.raises(Cancelled):
        print_atlas(city, PrintAtlas(tmp_path / "atlas.pdf"), watched)
    assert list(tmp_path.iterdir()) == []


def test_that_what_cannot_be_printed_is_refused(city: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="docx"):
        print_atlas(city, PrintAtlas(tmp_path / "atlas.docx"))
    with pytest.raises(Refused, match="110101999999"):
        print_atlas(city, PrintAtlas(tmp_path / "atlas.pdf", community="110101999999"))
    with (
        stores.open(":memory:", create=True, standard="2026") as empty,
        pytest.raises(Refused, match="no unit grid cells"),
    ):
        print_atlas(empty, PrintAtlas(tmp_path / "atlas.pdf"))


def test_that_a_bare_grid_and_roads_of_any_kind_are_printed(tmp_path: Path) -> None:
    """No areas, a cell without community, roads without rank or as areas, no components, no city name."""
    with stores.create(tmp_path / "bare.wangrid", "2013", CRS) as store:
        x = 500_000 + np.arange(4) * 100.0
        squares = shapely.box(x, 4_420_000, x + 100, 4_420_100)
        codes = [f"110101001001{k + 1:03d}" for k in range(4)]
        cells = gpd.GeoDataFrame({"code": codes, "community_code": [*(code[:12] for code in codes[:3]), ""]},
                                 geometry=squares, crs=CRS)  # fmt: skip
        store.replace_grid(cells)
        lines = [
            shapely.LineString([(500_000, 4_420_050), (500_400, 4_420_050)]),
            shapely.box(500_000, 4_420_000, 500_400, 4_420_010),
        ]
        store.replace_base(
            "roads", gpd.GeoDataFrame({"name": ["无级路", ""], "rank": 0}, geometry=lines, crs=CRS)
        )
        for components in (False, True):
            done = print_atlas(store, PrintAtlas(tmp_path / "bare.pdf", components=components, lang="zh_CN"))
            assert done.sheets == 2 and done.pages >= 5
        assert print_atlas(store, PrintAtlas(tmp_path / "bare.gpkg", components=True)).sheets == 2
