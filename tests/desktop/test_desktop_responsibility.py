"""Responsibility areas in the window: they come with a commit, stand in the tree, and can be switched off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from data import store as stores
from desktop.models.layer_tree import Node
from desktop.pages.map.map_page import MapPage
from desktop.window import Window
from gis.grid.responsibility import areas_frame, completed
from resources.responsibility import kinds

KIND = "responsibility_grid"


def nodes(page: MapPage) -> dict[str, Node]:
    return {node.key: node for node in page.layers.tree.root.walk()}


def test_that_areas_come_with_a_commit_and_can_be_switched_off(
    open_window: Callable[..., Window], city_file: Path, qtbot: QtBot
) -> None:
    window = open_window(city_file, page="map")
    page = window.page
    assert isinstance(page, MapPage) and "responsibility" not in nodes(page)
    with stores.open(city_file) as store:
        cells = store.load_cells()
        codes = cells["code"].tolist()
        areas = areas_frame({"code": ["Z1", "Z2"], "cell_codes": [codes[:24], codes[24:]]}, 2, cells.crs)
        store.replace_responsibility_areas(KIND, completed(areas, kinds()[KIND], cells))
    qtbot.waitUntil(lambda: KIND in nodes(page), timeout=20_000)
    assert nodes(page)[KIND].total == 2 and KIND in page.map.over
    page.layers.tree.switch(nodes(page)["responsibility"], False)
    assert KIND not in page.map.over
    page.layers.tree.switch(nodes(page)["responsibility"], True)
    assert KIND in page.map.over and page.map.visible_counts()[KIND] >= 0
