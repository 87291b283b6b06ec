"""Identity labels from the map and from the difference of a session that is in the store, in the size that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from data import store as stores
from desktop.app import settle
from desktop.pages.census.census_page import CensusPage
from desktop.pages.label_printing import choose_labels, print_labels
from desktop.pages.map.map_labels import chosen_ids
from desktop.pages.map.map_page import MapPage
from desktop.state import Selection
from desktop.window import Window
from tests.desktop.conftest import small_components

Opener = Callable[..., Window]


def ids_of(page: MapPage) -> tuple[int, ...]:
    return chosen_ids(page.desk.state.selection, page.city, page.map, page.in_view)


def test_that_the_chosen_component_or_all_in_view_get_labels(window: Window, tmp_path: Path) -> None:
    page = window.page
    assert isinstance(page, MapPage)
    page.map.home()
    assert settle(window)
    assert len(ids_of(page)) == 300
    window.desk.state.select(Selection("component", "7"))
    assert ids_of(page) == (7,)
    print_labels(page, tmp_path / "labels.pdf", ids=ids_of(page))
    assert settle(window)
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert "1 labels" in window.notification.sentence


def test_that_rows_chosen_in_the_list_get_labels(window: Window) -> None:
    page = window.page
    assert isinstance(page, MapPage)
    page.map.home()
    window.do("map.list")
    assert settle(window)
    page.in_view.list_view()
    page.in_view.table.selectAll()
    assert set(ids_of(page)) == set(page.in_view.model.frame["component_id"]) and len(ids_of(page)) > 1


@pytest.mark.parametrize(("size", "pages"), [("40x30", 1), ("60x40", 2), ("90x60", 4)])
def test_that_the_size_is_the_type_of_the_file(window: Window, tmp_path: Path, size: str, pages: int) -> None:
    choose_labels(window.page, ids=tuple(range(1, 31)))
    dialog = window.page.findChildren(QFileDialog)[-1]
    width, height = size.split("x")
    kind = next(name for name in dialog.nameFilters() if name.startswith(f"{width} × {height} mm"))
    dialog.selectNameFilter(kind)
    dialog.fileSelected.emit(str(tmp_path / "labels.pdf"))
    dialog.done(0)
    assert settle(window)
    assert (
        tmp_path / "labels.pdf"
    ).exists() and f"30 labels on {pages} pages" in window.notification.sentence


def test_that_rows_of_a_difference_get_labels_once_they_are_in_the_store(
    open_window: Opener, city_file: Path
) -> None:
    with stores.open(city_file, actor="surveyor") as store:
        draft = small_components(20, seed=3)
        draft.components["code"] = [f"11010101037{number:06d}" for number in range(500, 520)]
        session = store.save_draft(draft)
    window = open_window(city_file, page="census")
    page = window.page
    assert isinstance(page, CensusPage)
    difference = page.review.difference
    for stored in (False, True):
        page.open_session(session)
        assert settle(window)
        page.review.show_tab("difference")
        assert settle(window)
        assert difference.labels.isEnabled() is stored
        page.decide("submit")
        assert settle(window)
    difference.show_part("new")
    difference.table.selectAll()
    assert len(difference.chosen_codes()) == 20 and all(len(code) == 17 for code in difference.chosen_codes())
