"""The wiring: every collaborator is made here and handed on by constructor. Nothing is looked up."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QIODevice,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from desktop.apart import Apart
from desktop.defects import LOG, UncaughtErrors, start_logging
from desktop.jobs import Jobs
from desktop.look import Look
from desktop.models.city import City
from desktop.models.raster_base import RasterBase
from desktop.pages.base import Page
from desktop.pages.plan import PagePlan
from desktop.settings import Settings, WindowSettings, system_language
from desktop.state import Desk, State
from desktop.window import Window
from desktop.words import Text, Words
from desktop.work import Work
from exports.finished import finished
from kernel.clock import Clock, system_clock
from kernel.errors import Refused, WanGridError

DRAWN_WITHIN_MS = 120_000
WARM_AFTER_MS = 4_000  # the map comes first; then a helper process is made ready


@dataclass(frozen=True)
class Wishes:
    """How the window shall open; what is empty follows the settings."""

    store_url: str
    page: str = ""
    lang: str = ""
    theme: str = ""
    actor: str = ""
    size: tuple[int, int] | None = None


def open_window(store_url: str, page: str = "", theme: str = "", lang: str = "", actor: str = "") -> int:
    """Open the window on a store and stay until it is closed; gives the exit code."""
    require_display()
    settings = Settings()
    application = make_application(scale=chosen_scale(settings))
    handler = start_logging()
    window = make_window(application, settings, Wishes(store_url, page, lang, theme, actor))
    caught = UncaughtErrors(window.fail)
    caught.install()
    window.restore(settings.load(WindowSettings).geometry)
    window.show()
    QTimer.singleShot(WARM_AFTER_MS, window, window.desk.jobs.apart.warm)
    code = application.exec()
    caught.remove()
    handler.close()
    return code


def draw_page(
    store_url: str,
    page: str,
    file: Path,
    width: int,
    height: int,
    theme: str = "",
    lang: str = "",
    actor: str = "",
) -> Path:
    """Draw one page of the window into a PNG of exactly `width` × `height` pixels; needs no display."""
    application = make_application(offscreen=True, scale=scale_for(width, height))
    ratio = application.primaryScreen().devicePixelRatio()
    wishes = Wishes(store_url, page, lang, theme, actor, (round(width / ratio), round(height / ratio)))
    window = make_window(application, Settings(remember=False), wishes)
    refusals: list[WanGridError] = []
    window.desk.state.failed.connect(refusals.append)
    window.show()
    try:
        settle(window)
        if refusals:
            raise refusals[0]
        image = window.grab().toImage()
        if (image.width(), image.height()) != (width, height):
            image = image.scaled(width, height, mode=Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(1.0)
        file = Path(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        with finished(file) as waiting:
            waiting.write_bytes(_png(image))
    finally:
        window.close()
    return file


def _png(image: QImage) -> bytes:
    """`image` as the bytes of a PNG: Qt itself does not say when a disk is full."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def make_application(*, offscreen: bool = False, scale: float = 0.0) -> QApplication:
    """The one QApplication of the process, with our rounding policy and the wanted size of the interface."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    if offscreen and not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if scale:
        os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName("WanGrid")
    qInstallMessageHandler(log_qt)
    application = QApplication(["wangrid"])
    application.setStyle("Fusion")
    gc.freeze()  # modules stay for good: a search for dead cycles through them would hold the window up
    return application


def make_window(
    application: QApplication,
    settings: Settings,
    wishes: Wishes,
    clock: Clock = system_clock,
    apart: Apart | None = None,
) -> Window:
    """The window with everything it needs, its store on the way."""
    saved = settings.load(WindowSettings)
    words = Words(wishes.lang or saved.lang or system_language())
    look = Look(application, wishes.theme or saved.theme)
    jobs = Jobs(apart)
    state = State(jobs, clock, wishes.actor)
    city = City(state, RasterBase(settings))
    desk = Desk(words, look, jobs, settings, state)
    state.open(
        wishes.store_url
    )  # the store is read while the pages are made; they hear of it by the event loop
    work = Work(desk)
    window = Window(desk, city, work, plan_pages(desk, city, work), wishes.page or saved.page)
    if wishes.size is not None:
        window.setMinimumSize(0, 0)
        window.resize(*wishes.size)
    return window


def plan_pages(desk: Desk, city: City, work: Work) -> list[PagePlan]:
    """The pages that are built, in the order of the rail; each is loaded when it is first wanted.

    A plan `under="census"` is another tab of the census; its actions carry its own name as their page.
    """

    def make(module: str, name: str, *given: object) -> Page:
        page: Page = getattr(import_module(f"desktop.pages.{module}"), name)(desk, city, *given)
        return page

    return [
        PagePlan("map", Text("Map"), "map", lambda: make("map.map_page", "MapPage", work)),
        PagePlan("grid", Text("Grid"), "grid", lambda: make("grid.grid_page", "GridPage")),
        PagePlan("census", Text("Census"), "census", lambda: make("census.census_page", "CensusPage"), takes_files=True,
                 tab=Text("Deliveries")),
        PagePlan("records", Text("Field records"), "census", lambda: make("census.records_page", "RecordsPage"),
                 takes_files=True, under="census"),
        PagePlan("facilities", Text("Facilities"), "census", under="census",
                 make=lambda: make("facilities.facilities_page", "FacilitiesPage")),
        PagePlan("surveys", Text("Special surveys"), "census", under="census",
                 make=lambda: make("surveys.surveys_page", "SurveysPage")),
        PagePlan("hotspots", Text("Hotspots"), "hotspot", lambda: make("hotspots.hotspots_page", "HotspotsPage")),
    ]  # fmt: skip


def settle(window: Window, timeout_ms: int = DRAWN_WITHIN_MS) -> bool:
    """Serve events until the store is read and the page in front is drawn."""
    for _ in range(3):  # what is read may ask for more to be drawn, and what is drawn for more to be read
        if not window.desk.jobs.wait_until_idle(timeout_ms):
            return False
        QApplication.processEvents()
        window.page.wait_until_drawn(timeout_ms)
        QApplication.processEvents()
    return True


def has_display() -> bool:
    """Whether a window could be seen here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or sys.platform in (
        "win32",
        "darwin",
    )


def require_display() -> None:
    """Raise `Refused` where Qt would end the process: no display, and no other platform named."""
    if not has_display() and not os.environ.get("QT_QPA_PLATFORM"):
        raise Refused(
            "There is no display here to open a window on.",
            remedy="Draw a page instead: desktop --page map --screenshot map.png",
        )


def chosen_scale(settings: Settings) -> float:
    """The size of the interface that the user chose; 0 leaves it to the system."""
    scale = settings.load(WindowSettings).scale
    return 0.0 if scale == "auto" else float(scale)


def log_qt(_kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    """Qt's own remarks go into the log, not onto the user's terminal; where there is no screen one says nothing."""
    if "does not support propagateSizeHints" not in words:
        LOG.info("Qt: %s", words)


def scale_for(width: int, height: int) -> float:
    """The size of the interface for a picture: a 4K picture is drawn at 150 %."""
    return 1.5 if width >= 3200 and height >= 1800 else 1.0
