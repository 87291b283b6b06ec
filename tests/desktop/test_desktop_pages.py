"""What every page gives for free: small screens, two languages, two themes, keyboard order, its own picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cli.desktop import PAGES
from data import store as stores
from desktop.app import draw_page, settle
from desktop.widgets.basic import Button
from desktop.window import Window
from tests.desktop.conftest import CRS, small_grid

SMALL = (1366, 768)
Opener = Callable[..., Window]


@pytest.fixture(params=PAGES)
def page_name(request: pytest.FixtureRequest) -> str:
    """Each page once."""
    return request.param


def test_that_the_command_line_knows_every_page(open_window: Opener, city_file: Path) -> None:
    assert tuple(open_window(city_file).pages) == PAGES


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_that_a_page_fits_a_small_screen(
    open_window: Opener, city_file: Path, page_name: str, lang: str
) -> None:
    window = open_window(city_file, page=page_name, lang=lang, size=SMALL)
    assert (window.width(), window.height()) == SMALL
    least = window.centralWidget().minimumSizeHint()
    assert least.width() <= SMALL[0] and least.height() <= SMALL[1]


def test_that_a_page_speaks_chinese_everywhere_when_asked(
    open_window: Opener, city_file: Path, page_name: str
) -> None:
    window = open_window(city_file, page=page_name, lang="zh_CN")
    known = {
        "EPSG",
        "FDR",
        "Gi",
        "PNG",
        "PDF",
        "GeoPackage",
        "MBTiles",
        "GeoTIFF",
        "Ctrl",
        "queen",
        "rook",
        "Moran",
    }
    left = [text for text in words_on(window.page) if is_english(text, known)]
    assert left == []


def words_on(page: QWidget) -> list[str]:
    """Everything written on what is visible of a page, besides data in tables."""
    kinds = (QLabel, QAbstractButton, QLineEdit)
    parts = [part for part in page.findChildren(QWidget) if isinstance(part, kinds) and part.isVisible()]
    shown = [part.placeholderText() if isinstance(part, QLineEdit) else part.text() for part in parts]
    return [text for text in shown if text]


def is_english(text: str, known: set[str]) -> bool:
    """Whether a text has English words in it and not a single Chinese sign."""
    words = [
        word for word in text.replace("(", " ").replace(")", " ").split() if word.isalpha() and len(word) > 2
    ]
    return not any("一" <= sign <= "鿿" for sign in text) and any(word not in known for word in words)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_a_page_wears_the_theme(
    open_window: Opener, city_file: Path, page_name: str, theme: str
) -> None:
    window = open_window(city_file, page=page_name, theme=theme)
    corner = window.grab().toImage().pixelColor(20, window.height() - 60)
    assert corner.lightness() > 200 if theme == "light" else corner.lightness() < 60


def test_that_every_control_of_a_page_has_a_name_and_can_be_reached(
    open_window: Opener, city_file: Path, page_name: str, qtbot: QtBot
) -> None:
    window = open_window(city_file, page=page_name)
    controls = [
        part for part in window.page.findChildren(QWidget)
        if part.isVisible() and part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]  # fmt: skip
    nameless = [
        type(part).__name__ for part in controls
        if not (part.accessibleName() or getattr(part, "text", str)() or getattr(part, "placeholderText", str)())
    ]  # fmt: skip
    assert nameless == []
    reached: set[QWidget] = set()
    window.rail.settings_button.setFocus()
    for _ in range(len(controls) + 40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    missed = [type(part).__name__ for part in controls if part not in reached and not is_inner(part, reached)]
    assert missed == []


def is_inner(part: QWidget, reached: set[QWidget]) -> bool:
    """Whether a control is an inner part of one that was reached, as the field of a spin box is."""
    return any(other.isAncestorOf(part) or part.isAncestorOf(other) for other in reached if other is not None)


def test_that_a_page_exports_its_picture_in_exactly_the_wanted_size(
    city_file: Path, page_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGRID_CONFIG_DIR", str(tmp_path / "config"))
    file = draw_page(str(city_file), page_name, tmp_path / "out" / "page.png", 1280, 720, "dark", "en")
    from PySide6.QtGui import QImage

    image = QImage(str(file))
    assert (image.width(), image.height()) == (1280, 720)
    assert image.pixelColor(20, 660).lightness() < 60


def test_that_a_page_that_is_not_in_front_asks_only_when_it_comes_there(
    open_window: Opener, city_file: Path
) -> None:
    window = open_window(city_file, page="map")
    census = window.pages["census"]
    assert census.stale
    window.go("census")
    assert settle(window)
    assert not census.stale


def test_that_a_page_without_data_says_why_and_what_next(
    open_window: Opener, tmp_path: Path, page_name: str
) -> None:
    window = open_window(tmp_path / "empty.wangrid", page=page_name)
    assert window.page.is_empty
    buttons = [part.text() for part in window.page.empty.findChildren(QAbstractButton)]
    assert any(text.startswith("Import") for text in buttons) and "Open the demo city" in buttons


@pytest.mark.parametrize(
    ("page_name", "step"), [("surveys", "Plan a survey…"), ("facilities", "Import a list…")]
)
def test_that_a_page_offers_its_own_first_step_once_there_is_a_city(
    open_window: Opener, tmp_path: Path, page_name: str, step: str, qtbot: QtBot
) -> None:
    file = tmp_path / "empty.wangrid"
    window = open_window(file, page=page_name)
    with stores.open(file) as store:
        store.adopt_crs(CRS)
        store.replace_grid(small_grid())

    def steps() -> list[str]:
        return [button.text() for button in window.page.empty.findChildren(Button) if button.isVisible()]

    qtbot.waitUntil(lambda: steps()[:1] == [step], timeout=30_000)


def test_that_symbols_of_the_tree_come_a_few_at_a_time_and_all_in_a_picture(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.widgets.layer_view.NEW_SYMBOLS", 2)
    view = window.page.layers.view
    window.desk.look._symbols.clear()
    view.viewport().repaint()
    assert len(window.desk.look._symbols) == 2
    window.page.wait_until_drawn(5_000)
    assert {key[0] for key in window.desk.look._symbols} == set(window.city.working_set.class_codes)


@pytest.mark.parametrize(("size", "lines"), [(SMALL, 2), ((1920, 1080), 1)])
def test_that_a_legend_takes_two_lines_rather_than_cut_its_figures(
    open_window: Opener, city_file: Path, size: tuple[int, int], lines: int
) -> None:
    legend = open_window(city_file, page="grid", lang="en", size=size).page.legend
    assert all(swatch.width() >= swatch.sizeHint().width() for swatch in legend._swatches)
    assert len({swatch.parentWidget() for swatch in legend._swatches}) == lines
