"""A hand-made piece of city, small enough to know where every pixel belongs, and a canvas that ends its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from desktop.look import load_fonts
from desktop.map.canvas import MapCanvas
from desktop.map.renderer import RenderRequest
from desktop.map.stack import SheetStack
from desktop.map.style import Style
from desktop.map.view import View
from gis.frames import as_cells
from gis.working_set import WorkingSet
from resources import catalogues

CRS = 4548
EAST, NORTH = 448_000.0, 4_418_000.0  # the south-west corner of the piece


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [
        thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("wangrid")
    ]
    assert not left, f"threads left alive: {left}"


@pytest.fixture(scope="session")
def fonts(qapp: QApplication) -> QApplication:
    load_fonts()
    return qapp


@pytest.fixture
def canvas(fonts: QApplication) -> Iterator[MapCanvas]:
    made = MapCanvas()
    made.resize(640, 480)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture(scope="session")
def city() -> SimpleNamespace:
    """10 × 8 cells of 100 m, a main road along y = 400, a lane along x = 500, a pond, a park, two houses, components."""
    columns, rows = np.meshgrid(np.arange(10), np.arange(8))
    west, south = EAST + 100.0 * columns.ravel(), NORTH + 100.0 * rows.ravel()
    codes = [f"110101001{1 + row // 4:03d}{at + 1:03d}" for at, row in enumerate(rows.ravel())]
    cells = as_cells(
        gpd.GeoDataFrame({"code": codes}, geometry=shapely.box(west, south, west + 100, south + 100), crs=CRS)
    )
    communities = cells.dissolve("community_code").reset_index()[["community_code", "geometry"]]
    communities = communities.rename(columns={"community_code": "code"})
    communities["name"] = ["柳荫社区", "槐树社区"]
    communities["parent_code"] = "110101001"
    return SimpleNamespace(
        cells=cells,
        communities=communities,
        base=_base(),
        components=_components(),
        catalogue=catalogues.load("2026"),
    )


def _base() -> dict[str, gpd.GeoDataFrame]:
    def frame(rows: list[tuple]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(rows, columns=["name", "subtype", "rank", "width_m", "geometry"], crs=CRS)

    line, box = shapely.LineString, shapely.box
    e, n = EAST, NORTH
    return {
        "roads": frame([
            ("长安大街", "main", 2, 30.0, line([(e - 200, n + 400), (e + 1200, n + 400)])),
            ("柳荫胡同", "minor", 5, 8.0, line([(e + 500, n - 100), (e + 500, n + 900)])),
        ]),
        "water": frame([("月亮湖", "lake", 2, 0.0, shapely.Point(e + 800, n + 200).buffer(90))]),
        "green": frame([("柳荫公园", "park", 1, 0.0, box(e + 20, n + 520, e + 280, n + 780))]),
        "buildings": frame([
            ("", "residential", 3, 0.0, box(e + 120, n + 120, e + 180, n + 160)),
            ("合成大厦", "offices", 1, 0.0, box(e + 320, n + 120, e + 380, n + 180)),
        ]),
    }  # fmt: skip


def _components() -> WorkingSet:
    rng = np.random.default_rng(7)
    x = np.concatenate([EAST + 10.0 + 20.0 * np.arange(45), EAST + rng.uniform(0, 1000, 155)])
    y = np.concatenate([np.full(45, NORTH + 418.0), NORTH + rng.uniform(0, 800, 155)])
    classes = np.array(["01037"] * 45 + ["04002"] * 100 + ["03005"] * 40 + ["03001"] * 15)
    states = np.array(["完好"] * 190 + ["破损"] * 10)
    cell = [f"110101001{1 + int((v - NORTH) // 400):03d}001" for v in y]
    return WorkingSet.build(np.arange(200) + 1, x, y, classes, states, cell, 1)


@pytest.fixture(scope="session")
def draw(fonts: QApplication) -> Callable[..., QImage]:
    """The picture of layers in a view, drawn here and now."""

    def drawn(layers: list, view: View, theme: str = "light", covered: tuple = (0, 0, 0, 0)) -> QImage:
        return SheetStack().render(RenderRequest(1, view, tuple(layers), Style(theme), covered)).image.copy()

    return drawn


@pytest.fixture(scope="session")
def middle_view() -> View:
    """640 × 480 around the crossing at 1 : 2,000."""
    return View(EAST + 500, NORTH + 400, 1.0, 640, 480).at_scale(2_000).snapped()
