"""Every picture of the manual is drawn here from the demo city, so that manual and program cannot drift apart.

`WANGRID_PICTURES=docs/pictures` (`make pictures`) puts new ones there; without it they are drawn and compared
with those that are there by what the eye sees: tones of a coarse raster, not pixels.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from actions.build_demo import BuildDemo, build_demo
from actions.census.correct_session import CorrectSession, correct_session
from actions.census.field_records import Decide, ImportRecords, approve_record, import_records, return_record
from actions.census.import_census import ImportCensus, import_census
from actions.census.return_refused import ExportRefused, export_refused
from actions.grid.import_grid import ImportGrid, import_grid
from census.draft import Draft
from data import store as stores
from data.store import Store
from desktop.apart import Apart
from desktop.app import Wishes, make_window, settle
from desktop.pages.grid.grid_editing import SHAPE
from desktop.settings import Settings
from desktop.state import Selection
from desktop.window import Window

pytestmark = [pytest.mark.visual, pytest.mark.xdist_group("visual")]

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / os.environ.get("WANGRID_PICTURES", "docs/pictures")
WRITES = "WANGRID_PICTURES" in os.environ
HD = (1920, 1080)
COARSE = (96, 54)
MOST_DIFFERENT = 14.0  # mean difference of tones (0 … 255) between what is drawn and what the manual shows
EXACT = 128  # colours of a kept picture that are not touched
DATA = "data/dongcheng_like"


@dataclass(frozen=True)
class Shot:
    """One picture: its page and dress, and how the window is brought there."""

    name: str
    page: str
    theme: str
    lang: str
    arrange: Callable[[Window], None] = lambda window: None
    store: str = "demo"


def by_the_river(window: Window) -> None:
    """The map where the river is nearest to the middle of the city, a lamp picked, its cell marked."""
    page, city = window.page, window.city
    water = city.ground.base["water"]
    river = shapely.union_all(water.shapes.geometry[water.rank[water.shapes.rows] == 1])
    middle = shapely.Point(*np.median(city.ground.cells.centroid.get_coordinates().to_numpy(), axis=0))
    bank = shapely.get_coordinates(shapely.shortest_line(river, middle))[0]
    page.map.centre_on(float(bank[0]), float(bank[1]) + 60.0, 2_000)
    lamps = [place for place, code in enumerate(city.working_set.class_codes) if code == "01037"]
    working_set = city.working_set
    distance = np.hypot(working_set.x - bank[0], working_set.y - bank[1] - 90.0)
    row = int(np.where(np.isin(working_set.class_index, lamps), distance, np.inf).argmin())
    place = float(working_set.x[row]), float(working_set.y[row])
    window.desk.state.select(Selection("component", str(working_set.component_id[row]), *place))


def whole_city(window: Window) -> None:
    """The whole city."""
    window.page.map.home()


def corner_in_hand(window: Window) -> None:
    """A corner between three cells of one community, dragged some metres away and still held."""
    page, cells = window.page, window.city.ground.cells
    middle = np.median(cells.centroid.get_coordinates().to_numpy(), axis=0)
    near = cells.iloc[cells.distance(shapely.Point(middle)).argsort()[:60]]
    page.map.centre_on(*middle.tolist(), 2_500)
    page.editing.take(SHAPE)
    assert settle(window) and page.editing.drawn is not None
    corners = np.unique(near.get_coordinates().to_numpy(), axis=0)
    x, y = next(c for c in corners[np.hypot(*(corners - middle).T).argsort()] if is_inner(near, c)).tolist()
    start, end = (QPoint(*map(round, page.map.view.to_screen(x + by, y + by))) for by in (0.0, 14.0))
    QTest.mousePress(page.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(page.map, end)


def grid_in_hand(window: Window) -> None:
    """Four responsibility grids of a community and its neighbours; the last one just takes a cell that another has."""
    page, cells = window.page, window.city.ground.cells
    window.do("map.areas")
    assert settle(window)
    middle = np.median(cells.centroid.get_coordinates().to_numpy(), axis=0)
    near = cells.iloc[cells.distance(shapely.Point(middle)).argsort()[:64]]
    across, up = (near.centroid.get_coordinates().to_numpy() > middle).T
    editing = page.areas.editing
    for place, (east, north) in enumerate(((0, 1), (1, 1), (0, 0), (1, 0))):
        editing.add()
        codes = tuple(near["code"][(across == east) & (up == north)])
        editing.step(editing.draft.toggled(place, codes).told(place, "name", f"责任网格{'一二三四'[place]}"))
    texts = {
        "company": "万格环境",
        "team": "二班",
        "person": "李工",
        "department": "城管局",
        "population": "4310",
    }
    for name, text in texts.items():
        editing.step(editing.draft.told(3, name, text))
    third = near[(across == 0) & (up == 0)]
    shared = third["code"].iloc[int(third.distance(shapely.Point(middle)).argmin())]
    editing.step(editing.draft.toggled(3, (shared,)))
    page.map.centre_on(*middle.tolist(), 4_000)


def is_inner(cells: gpd.GeoDataFrame, place: np.ndarray) -> bool:
    """Whether a place is a corner of three cells or more that leave nothing of one community free around it."""
    star = cells[cells.dwithin(shapely.Point(place), 0.001)]
    whole = shapely.union_all(star.geometry.to_numpy())
    return len(star) > 2 and star["community_code"].nunique() == 1 and whole.contains(shapely.Point(place))


def reviewed(window: Window) -> None:
    """The GBK delivery, at one of the points that do not stand in the stated cell."""
    window.page.open_session(1)
    assert settle(window)
    window.page.review.show_kind("point_outside_cell")
    assert settle(window)
    findings, cells = window.page.review.rows.frame, window.city.ground.cells.set_index("code")
    stated = cells.geometry.reindex(findings["value"].to_numpy()).to_numpy()
    away = shapely.distance(stated, shapely.points(findings["x"], findings["y"]))
    window.page.review.table.choose(int(np.nanargmin(np.where(away > 15.0, away, np.nan))))


def difference(window: Window) -> None:
    """Lamps that the second delivery moved."""
    open_tab(window, 3, "difference")
    window.page.review.difference.show_part("moved")
    window.page.review.difference.table.choose(4)


def corrections(window: Window) -> None:
    """What was corrected in the first delivery."""
    open_tab(window, 2, "corrections")


def second_delivery(window: Window) -> None:
    """Which refused rows came back."""
    open_tab(window, 2, "followup")


def open_tab(window: Window, session: int, tab: str) -> None:
    """A session of the store `second`."""
    window.page.open_session(session)
    assert settle(window)
    window.page.review.show_tab(tab)
    assert settle(window)


def reported(window: Window) -> None:
    """A damaged lamp beside what is stored."""
    window.page.list.choose(1)


def palette(window: Window) -> None:
    """All actions over the map."""
    by_the_river(window)
    assert settle(window)
    window.do("palette")


def facility_in_hand(window: Window) -> None:
    """The sheet of the toilet whose maintenance is the longest overdue, the map on it."""
    listed = window.page.list.model.frame
    toilets = listed[listed["kind"] == "water_toilet"]
    window.page.choose(str(toilets["code"].iloc[0]), fly=True)


def facility_in_the_form(window: Window) -> None:
    """The same toilet in the form, and what is wrong with what was entered."""
    facility_in_hand(window)
    window.page.edit()
    window.page.form.lines["interval_days"].setText("每周")
    window.page.form.save.click()


def counted_by_community(window: Window) -> None:
    """The counts in the place of the list."""
    window.page.list.way.choose("community")


def collector_in_hand(window: Window) -> None:
    """The second collector's cells with a line around them."""
    window.page.tables.table.selectRow(1)


def result_one_by_one(window: Window) -> None:
    """What was found elsewhere than the census has it."""
    window.page.tables.way.choose("rows")
    window.page.tables.outcome.choose("moved")


SHOTS = (
    Shot("map-light-zh", "map", "light", "zh_CN", by_the_river),
    Shot("map-dark-zh", "map", "dark", "zh_CN", by_the_river),
    Shot("map-light-en", "map", "light", "en", by_the_river),
    Shot("map-city-light-zh", "map", "light", "zh_CN", whole_city),
    Shot("map-palette-dark-en", "map", "dark", "en", palette),
    Shot("areas-light-zh", "map", "light", "zh_CN", grid_in_hand),
    Shot("grid-light-zh", "grid", "light", "zh_CN"),
    Shot("grid-editing-light-zh", "grid", "light", "zh_CN", corner_in_hand),
    Shot("facilities-light-zh", "facilities", "light", "zh_CN", facility_in_hand),
    Shot("facilities-dark-en", "facilities", "dark", "en", counted_by_community),
    Shot("facility-form-light-zh", "facilities", "light", "zh_CN", facility_in_the_form),
    Shot("surveys-light-zh", "surveys", "light", "zh_CN", collector_in_hand),
    Shot("surveys-dark-en", "surveys", "dark", "en", result_one_by_one),
    Shot("hotspots-light-zh", "hotspots", "light", "zh_CN"),
    Shot("hotspots-dark-en", "hotspots", "dark", "en"),
    Shot("records-light-zh", "records", "light", "zh_CN", reported, "reports"),
    Shot("records-dark-en", "records", "dark", "en", reported, "reports"),
    Shot("census-light-zh", "census", "light", "zh_CN", reviewed, "survey"),
    Shot("census-dark-en", "census", "dark", "en", reviewed, "survey"),
    Shot("census-difference-light-zh", "census", "light", "zh_CN", difference, "second"),
    Shot("census-difference-dark-en", "census", "dark", "en", difference, "second"),
    Shot("census-corrections-light-zh", "census", "light", "zh_CN", corrections, "second"),
    Shot("census-followup-light-zh", "census", "light", "zh_CN", second_delivery, "second"),
)
LARGE = (("map-4k-light-zh", "map", "light", "zh_CN"), ("hotspots-4k-dark-zh", "hotspots", "dark", "zh_CN"))


@pytest.fixture(scope="session")
def stores_by_name(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Stores made when first asked for."""
    folder, made = tmp_path_factory.mktemp("pictures"), {}

    def store(name: str) -> Path:
        if name not in made:
            made[name] = folder / f"{name}.wangrid"
            BUILDERS[name](made[name])
        return made[name]

    return store


def build_city(path: Path) -> None:
    """The demo city."""
    with stores.create(path) as store:
        build_demo(store, BuildDemo())


def build_reports(path: Path) -> None:
    """The demo city with four reports from the field, one of them with a state that there is not."""
    with stores.create(path) as store:
        build_demo(store, BuildDemo(cells=600, components=12_000))
        lamps = store.load_components(["code"], class_codes=["01037"])["code"].tolist()[40:43]
        store.set_setting("self_approval", "1")
        rows = [
            {"id": "1", "kind": "破损", "code": lamps[0], "note": "灯罩破裂，夜间不亮", "photos": ["20261120/1.jpg"],
             "reported_by": "张三", "reported_at": "2026-11-20T08:30:00"},
            {"id": "2", "kind": "新增", "class": "01037", "lon": 116.4, "lat": 39.9, "reported_by": "李四"},
            {"id": "3", "kind": "变更", "code": lamps[1], "state": "闪烁", "reported_by": "王五"},
            {"id": "4", "kind": "移除", "code": lamps[2], "note": "道路改造后已拆除", "reported_by": "张三"},
        ]  # fmt: skip
        file = path.with_suffix(".json")
        file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        import_records(store, ImportRecords((str(file),)))
        return_record(store, Decide(2, "位置在建筑物内，请重新定位"))
        approve_record(store, Decide(4))


def build_survey(path: Path) -> None:
    """The grid of the synthetic census and its dirty delivery as a draft."""
    shared = ROOT.parent / "shared" / DATA
    if not shared.is_dir():
        pytest.skip(f"no data pack at {shared}")
    with stores.create(path, "2013", 4548) as store:
        import_grid(store, ImportGrid(str(shared / "clean/admin_and_cells.gpkg.zip")))
        store.set_setting("city", "示例区")
        store.set_setting("synthetic", "1")
        import_census(store, ImportCensus((str(shared / "dirty/census_shp_gbk.zip"),), actor="作业三组"))


def build_second(path: Path) -> None:
    """The first delivery in the store, its refused rows back and partly corrected, a later survey as a draft."""
    build_survey(path)
    with stores.open(path, actor="作业三组") as store:
        store.set_setting("self_approval", "1")
        store.commit_census(1)
        folder = path.with_suffix(".back")
        folder.mkdir()
        export_refused(store, ExportRefused(1, folder, "zh_CN"))
        for part in sorted(folder.glob("*.shp"))[-2:]:
            part.unlink()
        import_census(store, ImportCensus((str(folder),), actor="作业三组"))
        for finding, field, value in (("wrong_state", "state", "完好"), ("bad_accuracy", "accuracy", "B")):
            correct_session(store, CorrectSession(2, "set", field, value, finding=finding))
        store.save_draft(later_survey(store))


def later_survey(store: Store) -> Draft:
    """What stands in four communities, a year later: some moved, some broken, some gone, some with new codes."""
    cells = sorted(code for code in store.load_cells()["code"])[:60]
    frame = store.load_components(cell_codes=cells).reset_index(drop=True)
    number = np.arange(len(frame))
    moved = number % 23 == 4
    frame["x"] = frame["x"] + np.where(moved, 1.0 + number % 9, 0.0)
    frame["y"] = frame["y"] - np.where(moved, number % 5, 0.0)
    frame["state"] = frame["state"].astype(str).where(number % 11 != 3, "破损")
    frame["code"] = [f"{code[:-6]}9{code[-5:]}" if k % 31 == 7 and code else code
                     for k, code in enumerate(frame["code"])]  # fmt: skip
    kept = frame[number % 29 != 5].reset_index(drop=True)
    return Draft("2027年复查", ("2027_复查.shp",), "2013", 4548, len(kept), kept.assign(component_id=0))


BUILDERS = {"demo": build_city, "reports": build_reports, "survey": build_survey, "second": build_second}


@pytest.fixture(scope="session")
def helpers() -> Iterator[Apart]:
    """The helper processes of all pictures."""
    apart = Apart()
    yield apart
    apart.close()


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_that_the_picture_shows_what_the_manual_says(
    shot: Shot, stores_by_name: Callable[[str], Path], helpers: Apart, qapp: QApplication, tmp_path: Path
) -> None:
    store = stores_by_name(shot.store)
    wishes = Wishes(str(store), shot.page, shot.lang, shot.theme, "作业三组", HD)
    window = make_window(qapp, Settings(tmp_path, remember=False), wishes, apart=helpers)
    window.show()
    try:
        assert settle(window)
        shot.arrange(window)
        assert settle(window)
        assert window.page.bar.sentence == "" or shot.page == "census"
        file = tmp_path / f"{shot.name}.png"
        assert window.grab().toImage().save(str(file))
    finally:
        window.close()
        window.deleteLater()
    keep_or_compare(file, HD)


@pytest.mark.parametrize(("name", "page", "theme", "lang"), LARGE, ids=[shot[0] for shot in LARGE])
def test_that_the_command_line_draws_4k(
    name: str, page: str, theme: str, lang: str, stores_by_name: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.png"
    words = ["--store", str(stores_by_name("demo")), "--lang", lang, "desktop", "--page", page, "--theme", theme,
             "--size", "3840x2160", "--screenshot", str(file)]  # fmt: skip
    environment = {
        **os.environ,
        "WANGRID_CONFIG_DIR": str(tmp_path / "config"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    subprocess.run(
        [sys.executable, "main.py", *words], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    keep_or_compare(file, (3840, 2160))


def keep_or_compare(file: Path, size: tuple[int, int]) -> None:
    """Put the picture into the manual, or look whether the manual's still shows the same."""
    with Image.open(file) as drawn:
        assert drawn.size == size
        picture = drawn.convert("RGB")
    kept = PICTURES / file.name
    if WRITES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        reduced(picture).save(kept, optimize=True)
    with Image.open(kept) as shown:
        difference = np.abs(tones(shown.convert("RGB")) - tones(picture)).mean()
    assert difference < MOST_DIFFERENT, f"{kept.name} is out of date: make pictures"


def tones(picture: Image.Image) -> np.ndarray:
    """A coarse raster of grey."""
    return np.asarray(picture.convert("L").resize(COARSE, Image.Resampling.BOX), dtype=float)


def reduced(picture: Image.Image) -> Image.Image:
    """256 colours: the most frequent ones stay exactly what they are, the others go to the nearest."""
    counted = sorted(picture.getcolors(1 << 24), reverse=True)
    exact = [colour for _, colour in counted[:EXACT]]
    rest = picture.quantize(256 - EXACT, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in exact for channel in colour] + rest[: 3 * (256 - EXACT)])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)
