"""Identity labels from the map."""

from __future__ import annotations

from pathlib import Path

from desktop.app import settle
from desktop.pages.map.map_labels import chosen_ids, print_labels
from desktop.state import Selection
from desktop.window import Window


def test_that_the_chosen_component_or_all_in_view_get_labels(window: Window, tmp_path: Path) -> None:
    page = window.page
    page.map.home()
    assert settle(window)
    assert len(chosen_ids(page, window.city, page.map)) == 300
    window.desk.state.select(Selection("component", "7"))
    ids = chosen_ids(page, window.city, page.map)
    assert ids == (7,)
    print_labels(page, ids, tmp_path / "labels.pdf")
    assert settle(window)
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert "1 labels" in window.notification.sentence
