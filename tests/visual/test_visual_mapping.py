"""The picture of the panel of fields and words: a company's table of lamps, with headings and states of its own."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from PySide6.QtWidgets import QApplication

from actions.grid.import_grid import ImportGrid, import_grid
from data import store as stores
from desktop.apart import Apart, Ask
from desktop.app import Wishes, make_window, settle
from desktop.pages.census.census_options import IMPORT
from desktop.pages.census.census_page import CensusPage
from desktop.settings import Settings
from tests.visual.test_visual_pictures import DATA, HD, keep_or_compare

pytestmark = [pytest.mark.visual, pytest.mark.xdist_group("visual")]

HEADINGS = {"ObjID": "灯杆号", "ObjName": "LX", "DeptName1": "主管部门", "DeptName2": "QSDW", "DeptName3": "维护单位",
            "BGID": "网格号", "ORDate": "PCRQ"}  # fmt: skip
ROWS = 3_000
SHOTS = (("mapping-light-zh", "light", "zh_CN"), ("mapping-dark-en", "dark", "en"))


@pytest.fixture(scope="module")
def city(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grid of the synthetic census, and nothing in it yet."""
    path = tmp_path_factory.mktemp("mapping") / "city.wangrid"
    with stores.create(path, "2013", 4548) as store:
        import_grid(store, ImportGrid(str(shared / DATA / "clean/admin_and_cells.gpkg.zip")))
        store.set_setting("city", "示例区")
        store.set_setting("synthetic", "1")
    return path


@pytest.fixture(scope="module")
def delivery(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lamps of the clean copy as a company delivers them: pinyin initials, states as numbers, remarks."""
    source = f"zip://{shared / DATA}/clean/dongcheng_clean.gpkg.zip"
    lamps = gpd.read_file(source)
    lamps = lamps[lamps["ObjName"] == "路灯"].head(ROWS)
    frame = lamps[list(HEADINGS)].rename(columns=HEADINGS)
    frame["ZT"] = [str(1 + (k % 7 == 0) + (k % 31 == 0)) for k in range(len(frame))]
    frame["灯型"] = ["LED", "高压钠灯", "LED", "金卤灯"] * (len(frame) // 4) + ["LED"] * (len(frame) % 4)
    frame["x"], frame["y"] = lamps.geometry.x.round(3), lamps.geometry.y.round(3)
    path = tmp_path_factory.mktemp("delivery") / "路灯成果表.csv"
    frame.to_csv(path, index=False, encoding="gbk")
    return path


@pytest.mark.parametrize(("name", "theme", "lang"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_that_the_picture_shows_fields_words_rows_and_ground(
    name: str, theme: str, lang: str, city: Path, delivery: Path, qapp: QApplication, tmp_path: Path
) -> None:
    helpers = Apart()
    wishes = Wishes(str(city), "census", lang, theme, "作业三组", HD)
    window = make_window(qapp, Settings(tmp_path, remember=False), wishes, apart=helpers)
    window.show()
    try:
        assert settle(window)
        page = window.page
        assert isinstance(page, CensusPage)
        told = {"fields": {"灯杆号": "code", "ZT": "state"}, "values": {"state": {"1": "完好", "2": "破损"}}}
        page.open_mapping(
            Ask.of(IMPORT, files=(str(delivery),), supplier="示例测绘公司", mode="draft", **told)
        )
        assert settle(window)
        file = tmp_path / f"{name}.png"
        assert window.grab().toImage().save(str(file))
    finally:
        window.close()
        window.deleteLater()
        helpers.close()
    keep_or_compare(file, HD)
