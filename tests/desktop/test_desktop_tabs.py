"""Pages that share a place in the rail: a tab each, by mouse and by keys, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import app
from desktop.app import settle
from desktop.pages.plan import PagePlan
from desktop.window import Window
from desktop.words import Text

Opener = Callable[..., Window]


@pytest.fixture
def window(open_window: Opener, city_file: Path, monkeypatch: pytest.MonkeyPatch) -> Window:
    """The window with the hotspots as a tab of the census."""
    planned = app.plan_pages

    def under_census(*given: object) -> list[PagePlan]:
        plans = [plan for plan in planned(*given) if not plan.under]  # type: ignore[arg-type]
        return [replace(plan, under="census") if plan.name == "hotspots" else plan for plan in plans]

    monkeypatch.setattr(app, "plan_pages", under_census)
    return open_window(city_file, page="census")


def titles(window: Window) -> list[str]:
    """What stands on the tabs."""
    return [window.tabs.bar.tabText(place) for place in range(window.tabs.bar.count())]


def test_that_a_page_alone_has_no_tabs_and_a_family_has_one_each(window: Window) -> None:
    assert window.tabs.isVisible()
    assert titles(window) == ["Deliveries", "Hotspots"]
    window.go("map")
    assert not window.tabs.isVisible()


def test_that_tabs_turn_by_keys_and_by_hand(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert window.page is window.pages["hotspots"]
    assert window.tabs.bar.currentIndex() == 1
    window.actions_by_id["tab.next"].trigger()
    assert window.page is window.pages["census"]
    window.actions_by_id["tab.previous"].trigger()
    assert window.page is window.pages["hotspots"]
    middle = window.tabs.bar.tabRect(0).center()
    QTest.mouseClick(window.tabs.bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert window.page is window.pages["census"]
    assert settle(window)


def test_that_the_rail_leads_back_to_the_tab_last_used(window: Window) -> None:
    window.go("hotspots")
    window.go("map")
    window.rail.chosen.emit("census")
    assert window.page is window.pages["hotspots"]
    assert settle(window)


def test_that_tabs_speak_the_language_that_is_chosen(window: Window) -> None:
    window.desk.words.set_language("zh_CN")
    QApplication.processEvents()
    assert titles(window) == ["交付", "热点"]


def test_that_a_page_under_another_needs_no_place_in_the_rail(window: Window) -> None:
    family = window.pages.family("hotspots")
    assert [plan.name for plan in family] == ["census", "hotspots"]
    assert family[0].tab == Text("Deliveries")
