"""The atlas printed from the window: apart, with the file told, and refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop.app import settle
from desktop.pages.grid.grid_page import GridPage
from desktop.pages.grid.grid_print import print_atlas
from desktop.window import Window


def test_that_the_atlas_is_printed_and_a_closed_folder_is_refused_in_words(
    open_window: Callable[..., Window], city_file: Path, tmp_path: Path
) -> None:
    window = open_window(city_file, page="grid")
    page, told = window.page, []
    assert isinstance(page, GridPage)
    page.done.connect(told.append)
    assert {"grid.atlas", "grid.component_atlas"} <= set(page.callbacks())
    print_atlas(page, tmp_path / "atlas.pdf")
    assert settle(window)
    assert (tmp_path / "atlas.pdf").read_bytes().startswith(b"%PDF-") and len(told) == 1
    print_atlas(page, tmp_path / "missing" / "atlas.pdf")
    assert settle(window)
    assert "missing" in page.bar.sentence
