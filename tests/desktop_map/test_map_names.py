"""Names: where they may stand, how they turn, and that every character has a form."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetricsF, QImage, QRawFont

from desktop.map.labels.along import Line
from desktop.map.labels.candidates import LineName, PointName
from desktop.map.labels.layout import Placed, lay_out
from desktop.map.labels.lettering import Lettering, word
from desktop.map.layers.areas import AreasLayer
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.style import Style, contrast, veil
from desktop.map.view import View
from resources import fonts as typeface

VIEW = View(0.0, 0.0, 1.0, 1000, 800)


def street(text: str, *corners: tuple[float, float], rank: int = 20) -> LineName:
    return LineName(text, rank, 12, "#5f5a4e", Line(np.array(corners, float)))


def pixels(image: QImage) -> np.ndarray:
    """Red, green and blue, (height, width, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return words[..., 2::-1].astype(int)


def boxes(placed: Placed) -> list[tuple[float, float, float, float]]:
    half = placed.candidate.size_px / 2.0
    if isinstance(placed.candidate, PointName):
        wide = word(placed.candidate.text, Lettering(placed.candidate.size_px)).advance / 2.0
        return [(placed.px[0] - wide, placed.py[0] - half, placed.px[0] + wide, placed.py[0] + half)]
    return [(x - half, y - half, x + half, y + half) for x, y in zip(placed.px, placed.py, strict=True)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-480, 480), st.floats(-380, 380), st.integers(0, 60)), min_size=1, max_size=60
    ),
    st.tuples(*[st.integers(0, 200)] * 4),
)
def test_that_no_two_names_collide_and_none_stands_under_a_panel(
    fonts: object, places: list, covered: tuple
) -> None:
    names = [
        PointName(f"第{at:03d}社区", rank, 13, "#000000", x, y) for at, (x, y, rank) in enumerate(places)
    ]
    placed = lay_out(names, VIEW, covered)
    taken = [box for name in placed for box in boxes(name)]
    for at, (left, top, right, bottom) in enumerate(taken):
        assert left >= covered[0] - 1 and top >= covered[1] - 1
        assert right <= 1000 - covered[2] + 1 and bottom <= 800 - covered[3] + 1
        for other in taken[:at]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_that_the_important_of_two_names_stands(fonts: object) -> None:
    names = [PointName("次要", 40, 12, "#000000", 0, 0), PointName("重要", 10, 12, "#000000", 0, 0)]
    assert [name.candidate.text for name in lay_out(names, VIEW, (0, 0, 0, 0))] == ["重要"]


def test_that_a_street_name_turns_with_its_line_and_reads_from_the_left(fonts: object) -> None:
    [placed] = lay_out([street("长安大街", (200.0, 100.0), (-200.0, -100.0))], VIEW, (0, 0, 0, 0))
    assert list(placed.px) == sorted(placed.px)
    assert placed.turn == pytest.approx([-np.arctan(0.5)] * 4, abs=0.02)


def test_that_characters_stand_half_their_size_apart(fonts: object) -> None:
    [placed] = lay_out([street("长安大街", (-200.0, 0.0), (200.0, 0.0))], VIEW, (0, 0, 0, 0))
    assert np.diff(placed.px) == pytest.approx([18.0] * 3, abs=0.5)


def test_that_a_steep_street_has_its_name_upright_from_the_top(fonts: object) -> None:
    [placed] = lay_out([street("外白渡桥", (0.0, -200.0), (60.0, 200.0))], VIEW, (0, 0, 0, 0))
    assert placed.turn == (0.0,) * 4
    assert list(placed.py) == sorted(placed.py)


def test_that_a_name_stands_once_in_about_500_pixels(fonts: object) -> None:
    wide = View(0.0, 0.0, 1.0, 3000, 400)
    placed = lay_out([street("世纪大道", (-1500.0, 0.0), (1500.0, 0.0))], wide, (0, 0, 0, 0))
    middles = sorted(name.middle[0] for name in placed)
    assert 3 <= len(placed) <= 6 and np.diff(middles).min() >= 500


def test_that_a_name_stays_at_its_place_when_the_map_is_dragged(fonts: object) -> None:
    name = street("中山东一路", (-900.0, 0.0), (-300.0, 40.0), (300.0, -20.0), (900.0, 60.0))
    here = lay_out([name], VIEW, (0, 0, 0, 0))
    there = lay_out([name], VIEW.moved(37, -11), (0, 0, 0, 0))
    kept = {(round(x - 37), round(y + 11)) for x, y in (placed.middle for placed in there)}
    assert {(round(x), round(y)) for x, y in (placed.middle for placed in here)} & kept


def test_that_a_name_that_would_break_round_a_corner_is_left_out(fonts: object) -> None:
    assert lay_out([street("拐角胡同", (-40.0, 0.0), (0.0, 0.0), (0.0, 40.0))], VIEW, (0, 0, 0, 0)) == []


def test_that_a_name_steps_aside_for_symbols(fonts: object) -> None:
    marks = np.zeros((800, 1000), np.uint32)
    marks[390:412, 440:560] = 0xFFFFFFFF
    name = PointName("浦江饭店", 10, 12, "#000000", 0, 0, shifts=((0, 0), (0, 40)))
    [placed] = lay_out([name], VIEW, (0, 0, 0, 0), marks)
    assert placed.py[0] == pytest.approx(440)


def test_that_a_water_name_stands_on_water_only(fonts: object) -> None:
    name = LineName(
        "合澜河",
        10,
        18,
        "#3f6f8a",
        Line(np.array([(-400.0, 0.0), (400.0, 0.0)])),
        None,
        0.9,
        100.0,
        "#cbdfe9",
    )
    placed = lay_out([name], VIEW, (0, 0, 0, 0), None, lambda x, y: "#cbdfe9" if x > 600 else "#ffffff")
    assert placed and all(x > 600 for one in placed for x in one.px)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_every_character_of_the_map_has_a_form(city: SimpleNamespace, fonts: object, theme: str) -> None:
    raw = QRawFont(str(typeface.file("Regular")), 12)
    layers = [BaseLayer(city.base), CellsLayer(city.cells), AreasLayer(city.communities, "community")]
    view = View(448_500, 4_418_400, 1.0, 1900, 1000).at_scale(2_000)
    words = [name.text for layer in layers for name in layer.names(view, Style(theme))]
    assert {"长安大街", "月亮湖", "柳荫公园", "合成大厦", "柳荫社区", "011"} <= set(words)
    assert all(raw.supportsCharacter(ord(character)) for character in "".join(words))
    metrics = QFontMetricsF(Lettering(12).font())
    assert metrics.horizontalAdvance("0") == metrics.horizontalAdvance("8")


def test_that_letters_are_written_in_their_colour_with_the_ground_around(
    draw: Callable[..., QImage], city: SimpleNamespace
) -> None:
    view = View(448_800, 4_418_400, 1.0, 600, 300).at_scale(1_500).snapped()
    image = draw([BaseLayer(city.base)], view)
    without = draw([BaseLayer({k: f.assign(name="") for k, f in city.base.items()})], view)
    changed = (pixels(image) != pixels(without)).any(axis=2)
    assert changed.sum() > 150
    assert pixels(image)[changed].max(axis=1).min() < 130


def test_that_a_veil_gives_the_wanted_colour_on_its_ground() -> None:
    cover = veil("#f6f4ee", "#e7e2d8", 0.1)
    mixed = [a * 0.9 + b * 0.1 for a, b in zip((0xF6, 0xF4, 0xEE), cover.getRgb()[:3], strict=True)]
    assert mixed == pytest.approx((0xE7, 0xE2, 0xD8), abs=1.0)


def test_that_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1.0)
