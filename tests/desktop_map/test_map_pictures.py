"""The map of the demo city at two sizes, in both themes, at four scales: drawn by the real canvas, looked at by its pixels.

With WANGRID_MAP_PICTURES set to a folder the pictures are kept there for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop.map.canvas import MapCanvas
from desktop.map.layers.areas import AreasLayer
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from gis.demo_city import build
from gis.working_set import WorkingSet
from resources import catalogues
from resources.styles import palette

pytestmark = pytest.mark.visual

SCALES = (900, 2_000, 6_000, 25_000)


@pytest.fixture(scope="module")
def layers(fonts: QApplication) -> list:
    city = build(cells=900, components=18_000, seed=1)
    parts = city.components
    data = WorkingSet.build(
        np.arange(len(parts)) + 1,
        parts["x"],
        parts["y"],
        parts["class_code"],
        parts["state"],
        parts["cell_code"],
        1,
    )
    return [
        BaseLayer(city.base),
        CellsLayer(city.cells),
        AreasLayer(city.communities, "community"),
        AreasLayer(city.streets, "street"),
        ComponentsLayer(data, catalogues.load(city.standard if hasattr(city, "standard") else "2026")),
    ]


@pytest.fixture(scope="module", params=[(1920, 1080), (3840, 2160)], ids=lambda size: f"{size[0]}x{size[1]}")
def large(request: pytest.FixtureRequest, layers: list) -> Iterator[MapCanvas]:
    made = MapCanvas()
    made.set_layers(layers)
    made.set_credit("合成数据 synthetic")
    made.resize(*request.param)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def pixels(image: QImage) -> np.ndarray:
    """Red, green and blue of every third pixel both ways."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return words[::3, ::3, 2::-1].astype(np.int16)


def share(picture: np.ndarray, colour: str, by: int = 2) -> float:
    return float((np.abs(picture - np.array(QColor(colour).getRgb()[:3], np.int16)).max(axis=2) <= by).mean())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", SCALES)
def test_that_the_demo_city_looks_like_a_map_at_every_scale(large: MapCanvas, theme: str, scale: int) -> None:
    large.set_theme(theme)
    x0, y0, x1, y1 = large.layers[1].extent
    large.centre_on((x0 + x1) / 2, (y0 + y1) / 2 - 0.22 * (y1 - y0), scale)
    image = large.picture()
    if folder := os.environ.get("WANGRID_MAP_PICTURES"):
        image.save(str(Path(folder) / f"map-{image.width()}x{image.height()}-{theme}-{scale}.png"))
    picture, colours = pixels(image), palette(theme)
    assert image.width() == large.width() and share(picture, colours.land) > 0.08
    assert share(picture, colours.water) > 5e-4 and share(picture, colours.main_road) > 5e-4
    assert share(picture, colours.map_text, 30) > 1e-4
    if scale <= 6_000:
        assert share(picture, colours.building) > 0.005 and share(picture, colours.cell_line, 24) > 1e-4
        assert share(picture, colours.major("01"), 6) > 2e-4 and share(picture, colours.major("02"), 6) > 2e-5
    assert share(picture, "#ff00ff") == 0.0


def test_that_the_picture_does_not_depend_on_how_it_was_reached(large: MapCanvas) -> None:
    large.set_theme("light")
    x0, y0, x1, y1 = large.layers[1].extent
    large.centre_on((x0 + x1) / 2, (y0 + y1) / 2, 2_000)
    direct = pixels(large.picture())
    place = large.view
    for step in (400.0, -300.0):
        large.set_view(large.view.moved(step, step / 2))
        assert large.wait_until_idle()
    large.zoom(3.0)
    assert large.wait_until_idle()
    large.set_view(place)
    again = pixels(large.picture())
    assert (np.abs(direct - again).max(axis=2) > 8).mean() < 0.004
