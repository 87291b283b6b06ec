"""What a person does to the map with mouse, wheel and keys, and what the pages hear of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.map.canvas import MapCanvas
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from desktop.map.layers.points import PointsLayer
from desktop.map.measuring import Measurement, area_words, length_words, round_length
from resources.styles import palette

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def filled(canvas: MapCanvas, city: SimpleNamespace) -> MapCanvas:
    canvas.set_layers(
        [BaseLayer(city.base), CellsLayer(city.cells), ComponentsLayer(city.components, city.catalogue)]
    )
    canvas.centre_on(448_500, 4_418_400, 2_000)
    assert canvas.wait_until_idle()
    return canvas


def wheel(canvas: MapCanvas, x: int, y: int, notches: int) -> None:
    place = QPointF(x, y)
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def test_that_a_drag_moves_the_map_by_the_same_way(filled: MapCanvas, qtbot: QtBot) -> None:
    before = filled.view
    qtbot.mousePress(filled, LEFT, pos=QPoint(300, 200))
    for x in range(300, 401, 10):
        qtbot.mouseMove(filled, QPoint(x, 200 - (x - 300) // 2))
    qtbot.mouseRelease(filled, LEFT, pos=QPoint(400, 150))
    assert filled.view.to_screen(*before.to_plane(300, 200)) == pytest.approx((400, 150), abs=1.0)


def test_that_a_drag_within_the_spare_edge_shows_no_blank(filled: MapCanvas) -> None:
    before = filled.grab().toImage()
    filled.set_view(filled.view.moved(90, 60))
    moved = filled.grab().toImage()
    assert moved.pixel(290, 260) == before.pixel(200, 200)
    assert filled.wait_until_idle()


def test_that_the_wheel_zooms_about_the_cursor(filled: MapCanvas) -> None:
    place = filled.view.to_plane(150, 100)
    scale = filled.view.scale_denominator
    wheel(filled, 150, 100, 2)
    assert filled.wait_until_idle()
    assert filled.view.scale_denominator == pytest.approx(scale / 1.35**2, rel=1e-6)
    assert filled.view.to_screen(*place) == pytest.approx((150, 100), abs=1.0)


def test_that_a_pinch_on_a_pad_zooms_about_its_middle(filled: MapCanvas) -> None:
    place, scale = filled.view.to_plane(200, 150), filled.view.scale_denominator
    at = QPointF(200, 150)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, at, at,
        filled.mapToGlobal(at), 0.25, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(filled, event)
    assert filled.wait_until_idle()
    assert filled.view.scale_denominator == pytest.approx(scale / 1.25)
    assert filled.view.to_screen(*place) == pytest.approx((200, 150), abs=1.0)


def test_that_a_double_click_looks_closer(filled: MapCanvas, qtbot: QtBot) -> None:
    scale = filled.view.scale_denominator
    qtbot.mouseDClick(filled, LEFT, pos=QPoint(200, 200))
    assert filled.wait_until_idle()
    assert filled.view.scale_denominator == pytest.approx(scale / 2.0)


@pytest.mark.parametrize(
    ("key", "dx", "dy"),
    [(Qt.Key.Key_Left, -1, 0), (Qt.Key.Key_Right, 1, 0), (Qt.Key.Key_Up, 0, 1), (Qt.Key.Key_Down, 0, -1)],
)
def test_that_the_arrow_keys_move_the_view(
    filled: MapCanvas, qtbot: QtBot, key: Qt.Key, dx: int, dy: int
) -> None:
    before = filled.view
    qtbot.keyClick(filled, key)
    assert filled.wait_until_idle()
    step = 96.0 * before.m_per_px
    assert (filled.view.x - before.x, filled.view.y - before.y) == pytest.approx(
        (dx * step, dy * step), abs=0.6
    )


def test_that_plus_minus_and_home_change_the_scale(filled: MapCanvas, qtbot: QtBot) -> None:
    scale = filled.view.scale_denominator
    qtbot.keyClick(filled, Qt.Key.Key_Plus)
    assert filled.wait_until_idle() and filled.view.scale_denominator < scale
    qtbot.keyClick(filled, Qt.Key.Key_Minus)
    assert filled.wait_until_idle() and filled.view.scale_denominator == pytest.approx(scale)
    qtbot.keyClick(filled, Qt.Key.Key_Home)
    assert filled.wait_until_idle()
    city = filled.layer("cells").extent  # the base map reaches farther than the city
    xmin, ymin, xmax, ymax = filled.view.extent
    assert xmin <= city[0] and xmax >= city[2] and ymin <= city[1] and ymax >= city[3]
    assert min((xmax - xmin) / (city[2] - city[0]), (ymax - ymin) / (city[3] - city[1])) < 1.25


def test_that_a_box_with_shift_is_looked_into(filled: MapCanvas, qtbot: QtBot) -> None:
    low, high = filled.view.to_plane(200, 300), filled.view.to_plane(400, 150)
    qtbot.mousePress(filled, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(200, 150))
    qtbot.mouseMove(filled, QPoint(400, 300))
    qtbot.mouseRelease(filled, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(400, 300))
    assert filled.wait_until_idle()
    xmin, ymin, xmax, ymax = filled.view.extent
    assert xmin <= low[0] + 1 and ymin <= low[1] + 1 and xmax >= high[0] - 1 and ymax >= high[1] - 1
    assert filled.view.width * filled.view.m_per_px == pytest.approx(high[0] - low[0], rel=0.01)


def test_that_a_click_picks_the_symbol_before_the_cell(
    filled: MapCanvas, city: SimpleNamespace, qtbot: QtBot
) -> None:
    lamp = city.components.row_of(25)
    x, y = filled.view.to_screen(float(city.components.x[lamp]), float(city.components.y[lamp]))
    with qtbot.waitSignal(filled.picked) as picked:
        qtbot.mouseClick(filled, LEFT, pos=QPoint(round(x), round(y)))
    assert (picked.args[0].kind, picked.args[0].key) == ("component", "25")


def test_that_a_click_beside_all_symbols_picks_the_cell(filled: MapCanvas, city: SimpleNamespace) -> None:
    filled.set_layers([layer for layer in filled.layers if layer.key != "components"])
    pick = filled.pick_at(*filled.view.to_screen(448_455.0, 4_418_455.0))
    assert pick is not None and pick.kind == "cell"
    assert (
        city.cells.set_index("code")
        .geometry[pick.key]
        .contains_properly(shapely.Point(448_455.0, 4_418_455.0))
    )


def test_that_a_finding_is_picked_before_a_component(filled: MapCanvas, city: SimpleNamespace) -> None:
    row = city.components.row_of(25)
    x, y = float(city.components.x[row]), float(city.components.y[row])
    filled.put(PointsLayer(np.array([x]), np.array([y]), np.array(["7"]), np.array(["error"])))
    assert filled.wait_until_idle()
    pick = filled.pick_at(*filled.view.to_screen(x, y))
    assert pick is not None and (pick.kind, pick.key) == ("finding", "7")


def test_that_hidden_classes_cannot_be_picked(filled: MapCanvas, city: SimpleNamespace) -> None:
    row = city.components.row_of(25)
    place = filled.view.to_screen(float(city.components.x[row]), float(city.components.y[row]))
    filled.put(ComponentsLayer(city.components, city.catalogue).hiding(["01037"]))
    pick = filled.pick_at(*place)
    assert pick is None or pick.key != "25"


def test_that_the_cursor_says_where_it_is(filled: MapCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(filled.cursor_moved) as moved:
        qtbot.mouseMove(filled, QPoint(321, 123))
    assert tuple(moved.args) == pytest.approx(filled.view.to_plane(321, 123))


def test_that_a_length_is_measured_corner_by_corner(filled: MapCanvas, qtbot: QtBot) -> None:
    filled.set_tool("measure_length")
    told: list[Measurement] = []
    filled.measured.connect(told.append)
    for x, y in ((100, 100), (300, 100), (300, 250)):
        qtbot.mouseClick(filled, LEFT, pos=QPoint(x, y))
        qtbot.mouseMove(filled, QPoint(x + 10, y))
    qtbot.keyClick(filled, Qt.Key.Key_Return)
    assert told[-1].finished and told[-1].length_m == pytest.approx(350 * filled.view.m_per_px)
    qtbot.keyClick(filled, Qt.Key.Key_Escape)
    assert told[-1].points == ()


def test_that_a_double_click_ends_an_area(filled: MapCanvas, qtbot: QtBot) -> None:
    filled.set_tool("measure_area")
    told: list[Measurement] = []
    filled.measured.connect(told.append)
    for x, y in ((100, 100), (300, 100), (300, 250)):
        qtbot.mouseClick(filled, LEFT, pos=QPoint(x, y))
    qtbot.mouseClick(filled, LEFT, pos=QPoint(100, 250))
    qtbot.mouseDClick(filled, LEFT, pos=QPoint(100, 250))
    assert told[-1].finished
    assert told[-1].area_m2 == pytest.approx(200 * 150 * filled.view.m_per_px**2)
    assert filled.view.scale_denominator == pytest.approx(2_000)


def test_that_an_unknown_tool_is_refused(canvas: MapCanvas) -> None:
    with pytest.raises(ValueError, match="hammer"):
        canvas.set_tool("hammer")


def test_that_panels_are_left_free_when_flying(filled: MapCanvas) -> None:
    filled.set_margins(200, 0, 100, 50)
    filled.fly_to(448_200, 4_418_200, 448_300, 4_418_300)
    left, top = filled.view.to_screen(448_200, 4_418_300)
    right, bottom = filled.view.to_screen(448_300, 4_418_200)
    assert left >= 199 and right <= 541 and top >= -1 and bottom <= 431
    assert filled.wait_until_idle()


def test_that_what_was_shown_whole_stays_whole_in_a_larger_window(filled: MapCanvas) -> None:
    filled.home()
    coarse = filled.view.scale_denominator
    filled.resize(1200, 900)
    assert filled.wait_until_idle()
    assert filled.view.scale_denominator < coarse
    filled.set_view(filled.view.moved(10, 10))
    scale = filled.view.scale_denominator
    filled.resize(640, 480)
    assert filled.wait_until_idle() and filled.view.scale_denominator == scale


def test_that_themes_and_languages_change_at_run_time(filled: MapCanvas) -> None:
    for theme in ("dark", "light"):
        filled.set_theme(theme)
        image = filled.picture()
        x, y = filled.view.to_screen(448_600, 4_418_500)
        assert image.pixelColor(round(x) + 7, round(y) + 9).name() == palette(theme).land
    filled.set_language("zh_CN")
    assert filled.accessibleName() == "地图"
    filled.set_language("en")
    assert filled.accessibleName() == "Map" and filled.accessibleDescription()
    assert filled.wait_until_idle()


def test_that_zooming_out_shows_the_older_coarser_picture_at_the_edges(filled: MapCanvas) -> None:
    filled.home()
    assert filled.wait_until_idle()
    filled.centre_on(448_800, 4_418_270, 1_000)
    assert filled.wait_until_idle()
    out = filled.view.zoomed(0.4, 320, 240)
    filled._view = out  # what a frame of the movement shows, before the next picture has come
    image = filled.grab().toImage()
    x, y = out.to_screen(448_730, 4_418_409)  # on the main road, beyond the finer picture
    assert image.pixelColor(round(x), round(y)).name() == palette("light").main_road


def test_that_the_keyboard_focus_can_be_seen(filled: MapCanvas) -> None:
    filled.setFocus(Qt.FocusReason.MouseFocusReason)
    assert filled.grab().toImage().pixelColor(1, 240).name() != palette("light").focus
    filled.clearFocus()
    filled.setFocus(Qt.FocusReason.TabFocusReason)
    assert filled.grab().toImage().pixelColor(1, 240).name() == palette("light").focus


def test_that_counts_are_those_of_the_view(filled: MapCanvas, city: SimpleNamespace) -> None:
    xmin, ymin, xmax, ymax = filled.view.extent
    data = city.components
    inside = (data.x >= xmin) & (data.x <= xmax) & (data.y >= ymin) & (data.y <= ymax)
    counts = filled.visible_counts()
    assert sum(counts[code] for code in data.class_codes if code in counts) == int(inside.sum())
    assert counts["cells"] == int(city.cells.intersects(shapely.box(*filled.view.extent)).sum())


def test_that_closing_twice_or_never_shown_does_no_harm(fonts: object) -> None:
    never = MapCanvas()
    never.shut_down()
    never.close()
    never.deleteLater()


def test_that_figures_are_written_for_people() -> None:
    assert [length_words(m) for m in (86.44, 1240.4, 12_345.0)] == ["86.4 m", "1,240 m", "12.35 km"]
    assert [area_words(m2) for m2 in (820.5, 12_400, 3_250_000)] == ["820.5 m²", "12,400 m²", "3.25 km²"]
    assert [round_length(m) for m in (106.0, 499.9, 2.0)] == [100.0, 200.0, 2.0]


def test_that_an_area_that_crosses_itself_has_none() -> None:
    assert Measurement("area", ((0, 0), (10, 10), (10, 0), (0, 10))).area_m2 == 0.0
