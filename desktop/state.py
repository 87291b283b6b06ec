"""What the window knows: the open store, the facts about it, what is selected. Pages hear of it by signals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from data import store as stores
from desktop.apart import Deed
from desktop.jobs import STORE, Jobs
from desktop.look import Look
from desktop.settings import Settings
from desktop.words import Text, Wording, Words
from kernel.changes import Changes
from kernel.clock import Clock, system_clock
from kernel.errors import UserError, WanGridError
from kernel.progress import Progress
from resources import catalogues
from resources.catalogues import Catalogue


@dataclass(frozen=True)
class Facts:
    """What the store says about itself, as read at `read_at`."""

    url: str
    info: Any  # data.store.StoreInfo
    catalogue: Catalogue
    city: str
    synthetic: bool
    latency_ms: float
    read_at: datetime

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return self.info.cells == 0 and self.info.components == 0

    @property
    def embedded(self) -> bool:
        """Whether the store is a file of this machine."""
        return "://" not in self.url


@dataclass(frozen=True)
class Selection:
    """What is picked: `kind` is component, cell, patroller, community … or "" for nothing; x, y on the plane."""

    kind: str = ""
    key: str = ""
    x: float = float("nan")
    y: float = float("nan")


class State(QObject):
    """The open store and the selection. The store is only ever touched on the store lane."""

    opening = Signal(str)
    opened = Signal()  # another store, or none
    facts_changed = Signal()
    changed = Signal(object)  # Changes of any writer
    selected = Signal(object)  # Selection
    failed = Signal(object)  # WanGridError while opening
    _heard = Signal(object)  # Changes, from the watch's thread

    def __init__(self, jobs: Jobs, clock: Clock = system_clock, actor: str = "") -> None:
        super().__init__()
        self._jobs, self._clock, self.actor = jobs, clock, actor
        self._watch: Any = None
        self.store: stores.Store | None = None
        self.facts: Facts | None = None
        self.selection = Selection()
        self.farewells: list[Callable[[stores.Store], None]] = []  # said to a store before it is closed
        self._heard.connect(self._broadcast, Qt.ConnectionType.QueuedConnection)

    @property
    def clock(self) -> Clock:
        """The one clock: what day it is."""
        return self._clock

    def open(self, url: str) -> None:
        """Open another store; the present one is closed when the new one answers."""
        self.opening.emit(url)
        actor = self.actor

        def task(progress: Progress) -> tuple[stores.Store, Facts]:
            store = open_store(url, actor)
            return store, read_facts(store, url, self._clock)

        self._jobs.start("store.open", Text("Opening {store}", store=short_url(url)), task, owner=self,
                         on_done=self._take, on_failed=self.failed.emit)  # fmt: skip

    def refresh_facts(self) -> None:
        """Ask the store about itself again."""
        store, facts = self.store, self.facts
        if store is not None:
            url = facts.url if facts else ""
            self._jobs.start("store.facts", "", lambda _: read_facts(store, url, self._clock, facts), owner=self,
                             on_done=self._take_facts, quiet=True)  # fmt: skip

    def read(
        self,
        kind: str,
        title: Wording,
        ask: Callable[[stores.Store, Progress], Any],
        on_done: Callable[[Any], None],
        *,
        owner: QObject,
        on_failed: Callable[[WanGridError], None] | None = None,
        quiet: bool = True,
    ) -> None:
        """Ask the store something on its lane; `on_done` is called on the UI thread. Without a store nothing happens."""
        store = self.store
        if store is not None:
            self._jobs.start(kind, title, lambda progress: ask(store, progress), lane=STORE, owner=owner,
                             on_done=on_done, on_failed=on_failed, quiet=quiet)  # fmt: skip

    def act(
        self,
        kind: str,
        title: Wording,
        action: str,
        request: Any,
        on_done: Callable[[Any], None],
        *,
        owner: QObject,
        on_failed: Callable[[WanGridError], None] | None = None,
    ) -> None:
        """Do a heavy action on the open store, apart from the window's process: see `desktop.apart.Deed`."""
        if self.store is not None and self.facts is not None:
            deed = Deed(action, request, self.facts.url, self.actor)
            self._jobs.start_apart(kind, title, deed, owner=owner, on_done=on_done, on_failed=on_failed)

    def select(self, selection: Selection) -> None:
        """Choose one thing for the whole window; `Selection()` chooses nothing."""
        self.selection = selection
        self.selected.emit(selection)

    def close(self) -> None:
        """Close the watch and the store. The lanes must be idle."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self.store is not None:
            self._say_farewell(self.store)
            self.store.close()
            self.store = None

    def _say_farewell(self, store: stores.Store) -> None:
        """A store that cannot be reached any more does not keep the window open."""
        for farewell in self.farewells:
            with suppress(UserError):
                farewell(store)

    def _take(self, answer: tuple[stores.Store, Facts]) -> None:
        self.close()
        self.store, self.facts = answer
        self._watch = self.store.watch(self._heard.emit)
        self.selection = Selection()
        self.opened.emit()
        self.facts_changed.emit()

    def _take_facts(self, facts: Facts) -> None:
        self.facts = facts
        self.facts_changed.emit()

    def _broadcast(self, changes: Changes) -> None:
        if self.store is not None:
            self.changed.emit(changes)
            self.refresh_facts()


@dataclass(frozen=True)
class Desk:
    """The collaborators every page is given."""

    words: Words
    look: Look
    jobs: Jobs
    settings: Settings
    state: State


def open_store(url: str, actor: str) -> stores.Store:
    """The store at `url`; an embedded one that does not exist yet is made."""
    if "://" not in url:
        Path(url).parent.mkdir(parents=True, exist_ok=True)
    return stores.open(url, create="://" not in url, actor=actor)


def read_facts(store: stores.Store, url: str, clock: Clock, known: Facts | None = None) -> Facts:
    """What the store says about itself; the latency is that of one question.

    Commits of fixes come every second: what `known` has counted is not counted again for them.
    """
    begun = monotonic()
    city = store.setting("city")
    latency_ms = (monotonic() - begun) * 1000
    info = store.info(with_hash=False, known=known.info if known else None)
    catalogue = catalogues.load(info.standard, store.load_extensions())
    return Facts(
        url, info, catalogue, city, store.setting("synthetic") not in ("", "0", "false"), latency_ms, clock()
    )


def short_url(url: str) -> str:
    """A store's name without folders, host or password."""
    return url.rsplit("/", 1)[-1] if "://" in url else Path(url).name


def told_of(facts: Facts) -> dict[str, Wording]:
    """What the status bar says of the store, by segment."""
    latency = Text("under 1 ms") if facts.latency_ms < 1 else Text("{ms} ms", ms=round(facts.latency_ms))
    local, far = Text("Local store {latency}", latency=latency), Text("Server {latency}", latency=latency)
    at = facts.read_at.astimezone().strftime("%H:%M")
    synthetic, real = Text("Synthetic data · {time}", time=at), Text("Data as of {time}", time=at)
    return {
        "city": facts.city or short_url(facts.url),
        "store": local if facts.embedded else far,
        "data": synthetic if facts.synthetic else real,
    }
