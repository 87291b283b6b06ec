"""Components that are lines or areas."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pytest
import shapely
from PySide6.QtGui import QColor

from desktop.map.layers.outlines import OutlinesLayer
from desktop.map.layers.selection import located_together
from desktop.map.view import View
from resources.styles import palette

VIEW = View(100.0, 100.0, 0.5, 400, 400)


@pytest.fixture
def layer() -> OutlinesLayer:
    rows = [
        (1, "02001", shapely.box(20, 20, 90, 90)),
        (2, "04013", shapely.box(40, 40, 60, 60)),
        (3, "02017", shapely.LineString([(10, 150), (190, 150)])),
    ]
    frame = gpd.GeoDataFrame(rows, columns=["component_id", "class_code", "geometry"], crs=4548)
    return OutlinesLayer(frame)


def test_that_areas_are_tinted_and_lines_drawn_in_their_hue(draw: Callable, layer: OutlinesLayer) -> None:
    image = draw([layer], VIEW)
    hue, land = QColor(palette("light").major("02")), QColor(palette("light").land)
    px, py = VIEW.to_pixels(100.0, 150.0)
    line = image.pixelColor(int(px), int(py))
    assert abs(line.red() - hue.red()) < 40 and abs(line.blue() - hue.blue()) < 40
    px, py = VIEW.to_pixels(30.0, 30.0)
    inner = image.pixelColor(int(px), int(py))
    assert hue.red() < inner.red() < land.red()


def test_that_the_smallest_area_under_a_point_is_picked(layer: OutlinesLayer) -> None:
    assert layer.pick(50, 50, 4.0, VIEW).key == "2"
    assert layer.pick(30, 30, 4.0, VIEW).key == "1"
    assert layer.pick(100, 151, 4.0, VIEW).key == "3"
    assert layer.pick(150, 100, 4.0, VIEW) is None


def test_that_hidden_classes_are_neither_drawn_nor_picked(draw: Callable, layer: OutlinesLayer) -> None:
    hidden = layer.hiding(["02017"])
    px, py = VIEW.to_pixels(100.0, 150.0)
    assert draw([hidden], VIEW).pixelColor(int(px), int(py)).name() == palette("light").land
    assert hidden.pick(100, 151, 4.0, VIEW) is None


def test_that_a_selected_area_is_marked_as_a_whole(layer: OutlinesLayer) -> None:
    [found] = located_together([layer], [("component", "1")])
    assert found.area is not None and found.area.area == pytest.approx(4_900)
    assert located_together([layer], [("component", "99")]) == ()
