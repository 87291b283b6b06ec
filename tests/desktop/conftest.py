"""A small real city in a real store, the window on it, and a guard that nothing is left running."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from census.draft import Draft
from data import store as stores
from desktop.apart import Apart
from desktop.app import Wishes, make_window, settle
from desktop.settings import Settings
from desktop.window import Window
from gis.frames import as_cells, components_frame

CRS = 4548
WEST, SOUTH = 500_000.0, 4_418_000.0  # a corner near 117° E 39.9° N
SIDE_M, ACROSS, DOWN = 100.0, 8, 6
COUNTY = "110101"
CLASSES = ("01001", "01002", "01037", "02010", "03005", "04002")
ROADS_EVERY = 4


def cell_code(column: int, row: int) -> str:
    """Community 001 in the west, 002 in the east; numbers in reading order."""
    half = ACROSS // 2
    community = 1 + column // half
    return f"{COUNTY}001{community:03d}{row * half + column % half + 1:03d}"


def small_grid() -> gpd.GeoDataFrame:
    """8 × 6 cells of one hectare."""
    cells = [
        (cell_code(column, row), shapely.box(
            WEST + column * SIDE_M, SOUTH + (DOWN - row - 1) * SIDE_M,
            WEST + (column + 1) * SIDE_M, SOUTH + (DOWN - row) * SIDE_M))
        for row in range(DOWN) for column in range(ACROSS)
    ]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"code": [code for code, _ in cells]}, geometry=[shape for _, shape in cells], crs=CRS
    )
    return as_cells(frame)


def areas(codes: list[str], names: list[str], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """An areas frame."""
    parents = [code[:6] if len(code) == 9 else code[:9] if len(code) == 12 else "" for code in codes]
    return gpd.GeoDataFrame({"code": codes, "name": names, "parent_code": parents}, geometry=shapes, crs=CRS)


def small_components(count: int = 300, seed: int = 7) -> Draft:
    """Components strewn over the grid, one class more frequent in the north-west."""
    random = np.random.default_rng(seed)
    x = WEST + random.random(count) * ACROSS * SIDE_M
    y = SOUTH + random.random(count) * DOWN * SIDE_M
    x[: count // 3] = WEST + random.random(count // 3) * 2 * SIDE_M
    y[: count // 3] = SOUTH + (DOWN - 2 + random.random(count // 3) * 2) * SIDE_M
    classes = np.array(CLASSES, dtype=object)[random.integers(0, len(CLASSES), count)]
    column, row = ((x - WEST) // SIDE_M).astype(int), DOWN - 1 - ((y - SOUTH) // SIDE_M).astype(int)
    codes = [f"{COUNTY}{cls}{number:06d}" for number, cls in enumerate(classes, start=1)]
    frame = components_frame(
        {
            "code": np.array(codes, dtype=object), "class_code": classes, "name": classes,
            "owner_name": "示例区路灯管理中心", "state": np.where(random.random(count) < 0.1, "破损", "完好"),
            "cell_code": np.array([cell_code(c, r) for c, r in zip(column, row, strict=True)], dtype=object),
            "initial_date": "2024-03-19", "source": "实测", "accuracy": "A", "x": x, "y": y,
        },
        count,
    )  # fmt: skip
    return Draft("first", ("first.csv",), "2026", CRS, count, frame)


def build_store(path: Path) -> Path:
    """The small city as an embedded store."""
    whole = shapely.box(WEST, SOUTH, WEST + ACROSS * SIDE_M, SOUTH + DOWN * SIDE_M)
    middle = WEST + ACROSS / 2 * SIDE_M
    west = shapely.box(WEST, SOUTH, middle, SOUTH + DOWN * SIDE_M)
    east = shapely.box(middle, SOUTH, WEST + ACROSS * SIDE_M, SOUTH + DOWN * SIDE_M)
    roads = [
        shapely.LineString([(WEST, SOUTH + k * SIDE_M * 2), (WEST + ACROSS * SIDE_M, SOUTH + k * SIDE_M * 2)])
        for k in range(4)
    ]
    with stores.create(path, "2026", CRS, actor="surveyor") as store:
        store.replace_grid(
            small_grid(),
            counties=areas([COUNTY], ["示例区"], [whole]),
            streets=areas([f"{COUNTY}001"], ["东山街道"], [whole]),
            communities=areas([f"{COUNTY}001001", f"{COUNTY}001002"], ["西塘社区", "东塘社区"], [west, east]),
        )
        base = {"name": ["一路", "二路", "三路", "四路"], "subtype": "secondary", "rank": 2, "width_m": 12.0}
        store.replace_base("roads", gpd.GeoDataFrame(base, geometry=roads, crs=CRS))
        store.set_setting("city", "示例区")
        store.set_setting("synthetic", "1")
        store.set_setting("self_approval", "1")
        store.commit_census(small_components())
    return path


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once; tests copy it."""
    return build_store(tmp_path_factory.mktemp("city") / "small.wangrid")


@pytest.fixture
def city_file(small_city: Path, tmp_path: Path) -> Path:
    """A store of this test's own."""
    return Path(shutil.copy(small_city, tmp_path / "city.wangrid"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a folder of this test's own."""
    return Settings(tmp_path / "config")


@pytest.fixture(autouse=True)
def nothing_left_running(qapp: QApplication) -> Iterator[None]:
    """Fail the test that leaves a thread, a window or a timer behind."""
    threads = set(threading.enumerate())
    hook = sys.excepthook
    yield
    QApplication.processEvents()
    left = [thread.name for thread in threading.enumerate() if thread not in threads and thread.is_alive()]
    windows = [type(widget).__name__ for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    timers = [timer for timer in qapp.findChildren(QTimer) if timer.isActive()]
    assert (left, windows, timers, sys.excepthook is hook) == ([], [], [], True)


@pytest.fixture(scope="session")
def apart() -> Iterator[Apart]:
    """The helper processes, started once for all tests."""
    helpers = Apart()
    yield helpers
    helpers.close()


class Opener:
    """Opens windows on stores and closes what is still open at the test's end."""

    def __init__(self, application: QApplication, settings: Settings, apart: Apart) -> None:
        self._application, self._settings, self._apart = application, settings, apart
        self._open: list[Window] = []

    def __call__(self, store: Path | str, page: str = "map", lang: str = "en", theme: str = "light",
                 size: tuple[int, int] = (1366, 768), settled: bool = True) -> Window:  # fmt: skip
        window = make_window(
            self._application,
            self._settings,
            Wishes(str(store), page, lang, theme, "tester", size),
            apart=self._apart,
        )
        window.show()
        self._open.append(window)
        if settled:
            assert settle(window, 30_000)
        return window

    def close_all(self) -> None:
        """Close and delete."""
        for window in self._open:
            window.close()
            window.deleteLater()
        self._open.clear()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


@pytest.fixture
def open_window(qapp: QApplication, settings: Settings, apart: Apart) -> Iterator[Opener]:
    """A function that opens the real window on a store and waits until it is drawn."""
    opener = Opener(qapp, settings, apart)
    yield opener
    opener.close_all()


@pytest.fixture
def window(open_window: Opener, city_file: Path) -> Window:
    """The window on the small city, map in front, English."""
    return open_window(city_file)


def owner() -> QObject:
    """Something that owns a job."""
    return QObject()
