"""The window: rail, pages, status, and one place for keys. It knows no page by its inside."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop.actions_list import ACTIONS, Callbacks, keys_of
from desktop.dialogs import CENSUS_FILES, STORE_FILES, choose_files
from desktop.jobs import SHOWN_AFTER_S, Job
from desktop.models.city import City
from desktop.pages.base import Page
from desktop.pages.plan import PagePlan, Pages
from desktop.pages.settings_panel import SettingsPanel
from desktop.settings import WindowSettings
from desktop.state import Desk, short_url, told_of
from desktop.widgets.busy import BusyLine
from desktop.widgets.command_palette import CommandPalette, Entry
from desktop.widgets.drop_zones import DropZone, DropZones
from desktop.widgets.notices import Notice, Notification, notice_of
from desktop.widgets.panes import enter, enter_next
from desktop.widgets.rail import Rail
from desktop.widgets.status import StatusBar
from desktop.widgets.tabs import TabStrip
from desktop.words import Text
from desktop.work import Work
from kernel.errors import WanGridError


class Window(QMainWindow):
    """Everything the person sees. Pages are planned in the order of the rail, and made when they first come to the
    front: `front` is the first."""

    def __init__(self, desk: Desk, city: City, work: Work, plans: list[PagePlan], front: str = "") -> None:
        super().__init__()
        self.desk, self.city, self.work = desk, city, work
        self._plans = plans
        self.pages = Pages(plans, self._take_page)
        self.resize(1440, 900)
        self.setMinimumSize(1024, 640)
        desk.words.keep(self, "setWindowTitle", Text("WanGrid"))
        heads = [(plan.name, plan.title, plan.icon) for plan in plans if not plan.under]
        self.rail, self.tabs = Rail(desk.words, desk.look, heads), TabStrip(desk.words)
        self.stack = QStackedWidget()
        self.status = StatusBar(desk.words)
        self._settings_panel: SettingsPanel | None = None
        self._lay_out()
        self.notification = Notification(desk.words, desk.look, self.stack)
        self.zones = DropZones(desk.words, self.stack, lambda: self._receiver.drop_zones())
        self.busy = BusyLine(desk.look, desk.jobs, self.stack)
        self.palette_panel = CommandPalette(desk.words, self.stack)
        self.actions_by_id: dict[str, QAction] = {}
        self._make_actions()
        self._listen()
        self.go(front if front in self.pages else plans[0].name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()  # nothing wears a focus ring before the keyboard is used

    @property
    def page(self) -> Page:
        """The page in front."""
        return self.stack.currentWidget()  # type: ignore[return-value]

    def go(self, name: str) -> None:
        """Bring a page to the front."""
        if name not in self.pages:
            return
        self.stack.setCurrentWidget(self.pages[name])
        family = self.pages.family(name)
        self.rail.mark(family[0].name)
        self.tabs.show_tabs([(plan.name, plan.tab or plan.title) for plan in family], name)
        self.desk.settings.change(WindowSettings, page=name)
        for record in ACTIONS:
            self.actions_by_id[record.id].setEnabled(record.page in ("", name))
        self.page.tell_status()

    def do(self, action_id: str) -> None:
        """Do one action: the page's own meaning first, then the window's."""
        callback = self.page.callbacks().get(action_id) or self._callbacks().get(action_id)
        if callback is not None:
            callback()

    def tell(self, notice: Notice) -> None:
        """Say what was done."""
        self.notification.show_notice(notice)

    def fail(self, error: WanGridError) -> None:
        """Show an error that no page took."""
        self.page.say(notice_of(error))

    # -- building ------------------------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        whole = QWidget()
        upper, outer, right = QHBoxLayout(), QVBoxLayout(whole), QVBoxLayout()
        for layout in (upper, outer, right):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addLayout(right, 1)
        right.addWidget(self.tabs)
        right.addWidget(self.stack, 1)
        outer.addLayout(upper, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(whole)

    def _make_actions(self) -> None:
        for record in ACTIONS:
            action = QAction(self)
            action.triggered.connect(lambda _=False, wanted=record.id: self.do(wanted))
            self.actions_by_id[record.id] = action
            self.addAction(action)
        self._give_keys()

    def _give_keys(self) -> None:
        keys = keys_of(self.desk.settings.shortcuts())
        for name, action in self.actions_by_id.items():
            action.setShortcut(QKeySequence(keys[name]))
        self.rail.tell_keys(keys)

    def _listen(self) -> None:
        desk = self.desk
        self.rail.chosen.connect(lambda name: self.go(self.tabs.last_of(name)))
        self.tabs.chosen.connect(self.go)
        self.rail.settings.connect(lambda: self.do("settings"))
        self.city.raster.failed.connect(self.fail)
        self.zones.dropped.connect(self._drop)
        self.work.done.connect(self.tell)
        self.work.failed.connect(self.fail)
        self.status.cancelled.connect(desk.jobs.cancel_all)
        desk.jobs.started.connect(self._show_jobs)
        desk.jobs.moved.connect(self._show_jobs)
        desk.jobs.ended.connect(self._show_jobs)
        desk.jobs.failed.connect(self.fail)
        desk.state.facts_changed.connect(self._show_facts)
        desk.state.failed.connect(self._no_store)
        desk.state.opened.connect(self.notification.hide)  # what it could undo was done in the last store

    def _take_page(self, page: Page) -> None:
        self.stack.addWidget(page)
        page.done.connect(self.tell)
        page.wish.connect(self.do)
        page.told.connect(lambda segment, words: self._told(page, segment, words))

    # -- what the window itself does -----------------------------------------------------------------------------
    def _callbacks(self) -> Callbacks:
        own: Callbacks = {f"go.{name}": lambda wanted=name: self.go(wanted) for name in self.pages}
        return own | {
            "palette": self._open_palette,
            "search": lambda: self.page.find(),
            "undo": self.notification.follow,
            "refresh": self._refresh,
            "pane.next": lambda: self._next_pane(1),
            "pane.previous": lambda: self._next_pane(-1),
            "tab.next": lambda: self.go(self.tabs.beside(1)),
            "tab.previous": lambda: self.go(self.tabs.beside(-1)),
            "back": self._back,
            "cancel": self.desk.jobs.cancel_all,
            "settings": self._open_settings,
            "theme": lambda: self.settings_panel.set_theme("dark" if self.desk.look.theme == "light" else "light"),
            "language": lambda: self.settings_panel.set_language("en" if self.desk.words.lang == "zh_CN" else "zh_CN"),
            "store.open": lambda: choose_files(self, self.desk.words, Text("Open a store"), STORE_FILES,
                                               lambda files: self.desk.state.open(str(files[0]))),
            "import": lambda: choose_files(self, self.desk.words, Text("Census files"), CENSUS_FILES, self.take_files),
            "store.demo": self.work.open_demo,
            "quit": self.close,
        }  # fmt: skip

    def take_files(self, files: list[Path]) -> None:
        """Start an import of chosen files on the page that imports."""
        self.go(self._importer)
        self.page.take_files(files)

    @property
    def _importer(self) -> str:
        return next(plan.name for plan in self._plans if plan.takes_files)

    @property
    def _receiver(self) -> Page:
        """The page that dropped files come to: the one in front if it takes any, else the one that imports."""
        return self.page if self.page.takes_files else self.pages[self._importer]

    def _drop(self, zone: DropZone, files: list[Path]) -> None:
        self.go(self._receiver.name)
        zone.take(files)

    def _open_palette(self) -> None:
        keys = keys_of(self.desk.settings.shortcuts())
        offered = {**self._callbacks(), **self.page.callbacks()}
        entries = [
            Entry(record.title, keys[record.id], lambda wanted=record.id: self.do(wanted))
            for record in ACTIONS
            if record.id in offered and record.page in ("", self.page.name) and record.id != "palette"
        ]
        self.palette_panel.open(entries)

    def _refresh(self) -> None:
        self.page.refresh()
        self.desk.state.refresh_facts()

    def _next_pane(self, step: int) -> None:
        panes = [
            pane for pane in (self.rail, self.tabs, *self.page.panes(), *self._drawers()) if pane.isVisible()
        ]
        enter_next(panes, self.focusWidget(), step)

    def _back(self) -> None:
        if self.palette_panel.isVisible():
            self.palette_panel.close_palette()
        elif any(drawer.isVisible() for drawer in self._drawers()):
            self.settings_panel.hide()
        elif not self.page.back():
            self.notification.hide()

    def _open_settings(self) -> None:
        self.settings_panel.setVisible(self.settings_panel.isHidden())
        if self.settings_panel.isVisible():
            self.settings_panel.place()
            enter(self.settings_panel)

    @property
    def settings_panel(self) -> SettingsPanel:
        """The settings, made when they are first wanted."""
        if self._settings_panel is None:
            panel = self._settings_panel = SettingsPanel(self.desk, self.stack)
            panel.hide()
            panel.closed.connect(panel.hide)
            panel.keys_changed.connect(self._give_keys)
            panel.base_map_changed.connect(self.city.raster.renew)
            panel.base_layer_chosen.connect(self.work.import_base)
        return self._settings_panel

    def _drawers(self) -> list[SettingsPanel]:
        return [self._settings_panel] if self._settings_panel is not None else []

    # -- what is told in the status bar --------------------------------------------------------------------------
    def _told(self, page: Page, segment: str, words: object) -> None:
        if page is self.stack.currentWidget():
            self.status.tell(segment, words)  # type: ignore[arg-type]

    def _show_facts(self) -> None:
        facts = self.desk.state.facts
        if facts is None:
            return
        for segment, words in told_of(facts).items():
            self.status.tell(segment, words)
        title = Text("{city} - WanGrid", city=facts.city or short_url(facts.url))
        self.desk.words.keep(self, "setWindowTitle", title)

    def _show_jobs(self, job: Job) -> None:
        running = [each for each in self.desk.jobs.active if not each.quiet and not each.superseded]
        self.status.tell("jobs", Text("Jobs {count}", count=len(running)))
        if not running:
            self.status.corner.hide()
        elif running[0].age_s() >= SHOWN_AFTER_S:
            self.status.corner.tell(running[0].words or running[0].title, running[0].share)
        else:
            QTimer.singleShot(int(SHOWN_AFTER_S * 1000), self, lambda: self._show_jobs(job))

    def _no_store(self, error: WanGridError) -> None:
        self.page.show_empty(Text("The store is not open."))
        self.fail(error)

    # -- Qt ------------------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.notification.place()
        for drawer in self._drawers():
            drawer.place()
        self.busy.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.desk.settings.change(
            WindowSettings, geometry=bytes(self.saveGeometry().toBase64().data()).decode()
        )
        for page in self.pages.made:
            page.shut_down()
        self.city.raster.close()
        self.desk.jobs.close()
        self.desk.state.close()
        super().closeEvent(event)

    def restore(self, geometry: str) -> None:
        """Take the size and place it had last time."""
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
