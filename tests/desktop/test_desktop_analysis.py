"""Grid and hotspots in the window: what is computed apart, shown, exported, undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pytestqt.qtbot import QtBot

from desktop.app import settle
from desktop.pages.grid.grid_page import GridPage
from desktop.pages.hotspots.hotspots_page import HotspotsPage
from desktop.window import Window

Opener = Callable[..., Window]
WEST, SOUTH = 500_000.0, 4_418_000.0


@pytest.fixture
def hotspots(open_window: Opener, city_file: Path) -> HotspotsPage:
    """The hotspots page with its first answer."""
    page = open_window(city_file, page="hotspots").page
    assert isinstance(page, HotspotsPage)
    return page


@pytest.fixture
def grid(open_window: Opener, city_file: Path) -> GridPage:
    """The grid page, checked."""
    page = open_window(city_file, page="grid").page
    assert isinstance(page, GridPage)
    return page


def test_that_the_crowded_corner_is_the_hot_cluster(hotspots: HotspotsPage) -> None:
    assert hotspots.answer is not None
    clusters = hotspots.answer.shown.explained.clusters
    assert len(clusters) == 1
    assert clusters.iloc[0]["x"] < WEST + 300 and clusters.iloc[0]["y"] > SOUTH + 300
    assert clusters.iloc[0]["name"] == "西塘社区"


def test_that_the_legend_sums_to_the_cells(hotspots: HotspotsPage) -> None:
    assert sum(hotspots.legend.classes.counts.values()) == 48


def test_that_a_cluster_of_the_list_is_flown_to(hotspots: HotspotsPage) -> None:
    hotspots.map.centre_on(WEST + 700, SOUTH + 100, 2_000)
    hotspots.result.table.selectRow(0)
    cluster = hotspots.answer.shown.explained.clusters.iloc[0]
    xmin, ymin, xmax, ymax = hotspots.map.view.extent
    assert xmin < cluster["x"] < xmax and ymin < cluster["y"] < ymax


def test_that_another_question_gives_another_answer(hotspots: HotspotsPage) -> None:
    before = hotspots.answer
    hotspots.ask.classes.choose("01037")
    hotspots.ask.rule.choose("knn")
    hotspots.compute()
    assert settle(hotspots.window())
    assert hotspots.answer is not before
    assert hotspots.answer.shown.result["value"].sum() < before.shown.result["value"].sum()
    assert hotspots.answer.shown.explained.neighbours[:2] == (8, 8)


def test_that_switching_cold_spots_off_keeps_the_answer(hotspots: HotspotsPage) -> None:
    before = hotspots.answer
    hotspots.ask.cold.setChecked(False)
    assert hotspots.answer is before
    assert hotspots.map.layer("thematic") is None or not hotspots.map.under["hotspots"].show_cold


@pytest.mark.parametrize("kind", ["png", "html", "gpkg"])
def test_that_the_map_is_exported_and_verified(hotspots: HotspotsPage, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"heat.{kind}"
    hotspots.export(kind, target)
    assert settle(hotspots.window())
    assert target.stat().st_size > 5_000
    assert str(target) in hotspots.window().notification.sentence


def test_that_the_grid_is_summed_up_by_community(grid: GridPage) -> None:
    assert grid.summary is not None
    assert list(grid.summary.communities["name"]) == ["西塘社区", "东塘社区"]
    assert list(grid.summary.communities["cells"]) == [24, 24]
    assert grid.summary.areas.counts.sum() == 48


def test_that_the_rules_are_checked_and_findings_lead_to_their_place(grid: GridPage) -> None:
    assert len(grid.findings) == 0 or set(grid.findings["severity"]) <= {"error", "warning", "information"}
    assert grid.checks.kinds.rowCount() >= 12


def test_that_a_division_is_tried_seen_and_accepted_with_undo(
    grid: GridPage, tmp_path: Path, qtbot: QtBot
) -> None:
    area = tmp_path / "area.gpkg"
    shape = shapely.box(WEST, SOUTH, WEST + 600, SOUTH + 400)
    names = {"code": ["110101001001"], "name": ["西塘社区"]}
    gpd.GeoDataFrame(names, geometry=[shape], crs=4548).to_file(area, layer="communities")
    window = grid.window()
    grid.callbacks()["grid.divide"]()
    grid.divide.set_file("area", area)
    grid.divide.set_file("communities", area)
    grid.divide._district.setText("110101")
    grid.divide._tell_try()
    assert settle(window)
    assert grid.bar.sentence == ""
    assert grid.divide._accept.isEnabled()
    assert len(window.city.ground.cells) == 48  # a trial stores nothing
    grid.divide._accept.click()
    qtbot.waitUntil(lambda: len(window.city.ground.cells) == 24, timeout=20_000)
    assert settle(window)
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: len(window.city.ground.cells) == 48, timeout=20_000)
    assert settle(window)


def test_that_a_file_without_cells_is_refused_and_the_grid_stays(grid: GridPage, tmp_path: Path) -> None:
    lines = tmp_path / "lines.geojson"
    gpd.GeoDataFrame(geometry=[shapely.LineString([(116.4, 39.9), (116.5, 39.9)])], crs=4326).to_file(lines)
    grid.import_grid(lines)
    assert settle(grid.window())
    assert "lines.geojson" in grid.bar.sentence or "lines" in grid.bar.sentence
    assert len(grid.city.ground.cells) == 48
