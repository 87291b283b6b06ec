"""What stands where on the picture, to the pixel, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from desktop.map.layers.areas import AreasLayer
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from desktop.map.layers.selection import SelectionLayer, located_together, spaced_code
from desktop.map.layers.thematic import HOT_99, ThematicLayer
from desktop.map.view import View
from resources.styles import palette

EAST, NORTH = 448_000.0, 4_418_000.0
THEMES = ("light", "dark")


def at(image: QImage, view: View, x: float, y: float) -> str:
    """Colour of the pixel at a place of the plane."""
    px, py = view.to_pixels(x, y)
    return image.pixelColor(int(px), int(py)).name()


def pixels(image: QImage) -> np.ndarray:
    """Red, green and blue, (height, width, 3)."""
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return words[..., 2::-1].astype(int)


def near(first: str, second: str, by: int = 3) -> bool:
    a, b = QColor(first), QColor(second)
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) <= by


@pytest.fixture
def closer(middle_view: View) -> Callable[[float, float], View]:
    def view(x: float, y: float, denominator: float = 1_500) -> View:
        return replace(middle_view, x=x, y=y).at_scale(denominator).snapped()

    return view


@pytest.mark.parametrize("theme", THEMES)
def test_that_base_colours_are_those_of_the_theme(
    draw: Callable, city: SimpleNamespace, closer: Callable, theme: str
) -> None:
    colours = palette(theme)
    view = closer(EAST + 500, NORTH + 400, 6_000)
    image = draw([BaseLayer(city.base)], view, theme)
    assert at(image, view, EAST + 830, NORTH + 240) == colours.water
    assert at(image, view, EAST + 60, NORTH + 560) == colours.park
    assert at(image, view, EAST + 700, NORTH + 400) == colours.main_road
    assert at(image, view, EAST + 600, NORTH + 600) == colours.land
    assert near(at(image, view, EAST + 150, NORTH + 140), colours.building)


def test_that_a_road_has_its_true_width_and_a_casing(
    draw: Callable, city: SimpleNamespace, closer: Callable
) -> None:
    colours = palette("light")
    view = closer(EAST + 700, NORTH + 400)
    image = draw([BaseLayer(city.base)], view)
    for side in (-1, 1):
        assert at(image, view, EAST + 700, NORTH + 400 + side * 14.0) == colours.main_road
        assert near(at(image, view, EAST + 700, NORTH + 400 + side * 15.2), colours.main_road_casing, 40)
        assert at(image, view, EAST + 700, NORTH + 400 + side * 17.0) == colours.land


@pytest.mark.parametrize("dpr", [1.0, 1.5, 2.0])
def test_that_a_cell_border_lies_on_its_pixel(
    draw: Callable, city: SimpleNamespace, closer: Callable, dpr: float
) -> None:
    view = replace(closer(EAST + 450, NORTH + 250), dpr=dpr).snapped()
    image = draw([CellsLayer(city.cells)], view)
    px, py = view.to_pixels(EAST + 400, NORTH + 230)
    row = [image.pixelColor(int(px) + step, int(py)).lightness() for step in range(-4, 5)]
    assert abs(int(np.argmin(row)) - 4) <= 1 and min(row) < 190 and max(row) > 235


@pytest.mark.parametrize("theme", THEMES)
def test_that_a_symbol_stands_within_a_pixel_of_its_place(
    draw: Callable, city: SimpleNamespace, closer: Callable, theme: str
) -> None:
    lamp = city.components.row_of(20)
    x, y = float(city.components.x[lamp]), float(city.components.y[lamp])
    view = closer(x, y, 900)
    only_lamps = [code for code in city.components.class_codes if code != "01037"]
    image = draw([ComponentsLayer(city.components, city.catalogue).hiding(only_lamps)], view, theme)
    px, py = view.to_pixels(x, y)
    hue = palette(theme).major("01")
    window = [
        (column, row)
        for row in range(int(py) - 20, int(py) + 21)
        for column in range(int(px) - 20, int(px) + 21)
        if near(image.pixelColor(column, row).name(), hue, 8)
    ]
    middle = np.array(window).mean(axis=0) + 0.5
    corners = (np.array(window).min(axis=0) + np.array(window).max(axis=0) + 1) / 2.0
    assert (
        len(window) > 150
        and np.abs(corners - (px, py)).max() <= 1.0
        and np.abs(middle - (px, py)).max() <= 1.5
    )


def test_that_a_dot_stands_for_every_component_that_gets_no_symbol(
    draw: Callable, city: SimpleNamespace, closer: Callable
) -> None:
    view = closer(EAST + 500, NORTH + 400, 7_000)
    image = draw([ComponentsLayer(city.components, city.catalogue)], view)
    for row in range(len(city.components)):
        x, y = float(city.components.x[row]), float(city.components.y[row])
        px, py = view.to_pixels(x, y)
        if 2 < px < view.width - 2 and 2 < py < view.height - 2:
            around = [
                image.pixelColor(int(px) + dx, int(py) + dy).name() for dx in (-1, 0, 1) for dy in (-1, 0, 1)
            ]
            assert any(colour != palette("light").land for colour in around)


def test_that_hidden_classes_and_removed_components_are_not_drawn(
    draw: Callable, city: SimpleNamespace, closer: Callable
) -> None:
    view = closer(EAST + 500, NORTH + 400, 2_500)
    layer = ComponentsLayer(city.components, city.catalogue)
    image = draw([layer.hiding(city.components.class_codes)], view)
    assert (pixels(image) == QColor(palette("light").land).getRgb()[:3]).all()


@pytest.mark.parametrize("theme", THEMES)
def test_that_a_hot_cell_is_filled_below_the_houses_and_the_road(
    draw: Callable, city: SimpleNamespace, closer: Callable, theme: str
) -> None:
    colours = palette(theme)
    codes = np.full(len(city.cells), HOT_99)
    view = closer(EAST + 400, NORTH + 300, 4_000)
    image = draw([BaseLayer(city.base), ThematicLayer.hotspots(city.cells, codes)], view, theme)
    land, hot = QColor(colours.land), QColor(colours.hot[2])
    share = colours.hot_opacity
    mixed = QColor(
        *(
            round(a * (1 - share) + b * share)
            for a, b in zip(land.getRgb()[:3], hot.getRgb()[:3], strict=True)
        )
    ).name()
    assert near(at(image, view, EAST + 650, NORTH + 250), mixed)
    assert at(image, view, EAST + 250, NORTH + 400) == colours.main_road
    assert not near(at(image, view, EAST + 350, NORTH + 150), mixed, 2)


def test_that_not_significant_is_bare_ground(draw: Callable, city: SimpleNamespace, closer: Callable) -> None:
    view = closer(EAST + 400, NORTH + 300, 4_000)
    layer = ThematicLayer.hotspots(city.cells, np.zeros(len(city.cells), int))
    assert at(draw([layer], view), view, EAST + 350, NORTH + 350) == palette("light").land
    legend = layer.legend(palette("light"))
    assert [entry.code for entry in legend] == [3, 2, 1, 0, -1, -2, -3] and legend[3].cells == 80


def test_that_an_amount_falls_into_the_class_of_its_break() -> None:
    import geopandas as gpd
    from shapely import box

    cells = gpd.GeoDataFrame({"code": list("abcd")}, geometry=[box(i, 0, i + 1, 1) for i in range(4)])
    layer = ThematicLayer.amounts(cells, np.array([0.0, 5.0, 9.0, np.nan]), [5.0, 8.0])
    assert layer.codes.tolist() == [0, 1, 2, -1]
    assert [entry.cells for entry in layer.legend(palette("light"))] == [1, 1, 1]


@pytest.mark.parametrize("theme", THEMES)
def test_that_a_selected_component_brings_ring_cell_and_code(
    draw: Callable, city: SimpleNamespace, closer: Callable, theme: str
) -> None:
    layers = [CellsLayer(city.cells), ComponentsLayer(city.components, city.catalogue)]
    located = located_together(layers, [("component", "20")])
    assert [thing.kind for thing in located] == ["cell", "component"]
    view = closer(located[1].x, located[1].y - 20, 2_000)
    image = draw([*layers, SelectionLayer(located)], view, theme)
    focus = palette(theme).focus
    px, py = view.to_pixels(located[1].x, located[1].y)
    ring = [image.pixelColor(int(px) + step, int(py)).name() for step in range(9, 17)]
    assert any(near(colour, focus, 12) for colour in ring)
    apart = np.abs(pixels(image) - QColor(focus).getRgb()[:3]).max(axis=2)
    assert (apart <= 6).sum() > 1_500  # the chip


def test_that_a_code_is_written_as_it_is_read_out() -> None:
    assert spaced_code("310109018001029") == "310109018 001 029"


@pytest.mark.parametrize("theme", THEMES)
def test_that_community_lines_are_dash_dot_on_their_border(
    draw: Callable, city: SimpleNamespace, closer: Callable, theme: str
) -> None:
    view = closer(EAST + 350, NORTH + 400, 2_000)
    image = draw([AreasLayer(city.communities, "community")], view, theme)
    _, py = view.to_pixels(EAST + 350, NORTH + 400)
    line = [
        near(image.pixelColor(x, int(py)).name(), palette(theme).community_line, 60) for x in range(100, 540)
    ]
    assert 0.55 < np.mean(line) < 0.85 and np.abs(np.diff(line)).sum() > 40
