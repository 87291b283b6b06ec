"""Long work that is asked for from more than one place, and what is said when it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, Signal

from desktop.apart import Ask
from desktop.formats import grouped
from desktop.state import Desk
from desktop.widgets.notices import Notice
from desktop.words import Text

SHIFT_MINUTES, SHIFT_SPEED = 60.0, 20.0  # the demo patrol: an hour's walk in three minutes


class Work(QObject):
    """Starts actions on the compute lane; nothing here waits."""

    done = Signal(object)  # Notice
    failed = Signal(object)  # WanGridError

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._demo_wanted = False
        desk.state.opened.connect(self._opened)

    def open_demo(self) -> None:
        """Build the demo city in this store when it is empty, else in a store of its own."""
        facts = self._desk.state.facts
        if facts is not None and facts.empty:
            self._build_demo()
        else:
            self._demo_wanted = True
            self._desk.state.open(str(demo_file()))

    def import_tracks(self, files: list[Path]) -> None:
        """Append recorded tracks."""
        request = Ask.of("patrol.import_tracks.ImportTracks", files=tuple(str(file) for file in files))
        self._act(
            "tracks.import",
            Text("Importing tracks"),
            "patrol.import_tracks.import_tracks",
            request,
            self._tracks,
        )

    def import_base(self, files: list[Path], kind: str) -> None:
        """Replace one kind of base layer."""
        request = Ask.of("import_base.ImportBase", files=tuple(str(file) for file in files), kind=kind)
        self._act(
            "base.import", Text("Importing base layers"), "import_base.import_base", request, self._base
        )

    def simulate(self) -> None:
        """Let the roster walk; what it writes comes back by the store like any other's fixes."""
        request = Ask.of("patrol.simulate_patrol.SimulatePatrol", minutes=SHIFT_MINUTES, speed=SHIFT_SPEED)
        self._act(
            "patrol.simulate",
            Text("The demo patrol walks"),
            "patrol.simulate_patrol.simulate_patrol",
            request,
            self._walked,
        )

    def _act(self, kind: str, title: Text, action: str, request: Any, on_done: Callable[[Any], None]) -> None:
        self._desk.state.act(kind, title, action, request, on_done, owner=self, on_failed=self.failed.emit)

    def _opened(self) -> None:
        if self._demo_wanted:
            self._demo_wanted = False
            self._build_demo()

    def _build_demo(self) -> None:
        self._act(
            "demo.build",
            Text("Building the demo city"),
            "build_demo.build_demo",
            Ask.of("build_demo.BuildDemo"),
            self._built,
        )

    def _built(self, built: Any) -> None:
        words = Text("The demo city is ready: {cells} cells, {components} components. Everything in it is synthetic.",
                     cells=grouped(built.cells), components=grouped(built.components))  # fmt: skip
        self.done.emit(Notice("done", words))

    def _tracks(self, done: Any) -> None:
        words = Text("{accepted} of {fixes} fixes of {patrollers} people are in the store.", accepted=grouped(done.accepted),
                     fixes=grouped(done.fixes), patrollers=done.patrollers)  # fmt: skip
        self.done.emit(Notice("done", words))

    def _base(self, done: Any) -> None:
        words = Text(
            "{accepted} of {read} features are on the base map.",
            accepted=grouped(done.accepted),
            read=grouped(done.read),
        )
        self.done.emit(Notice("done", words))

    def _walked(self, done: Any) -> None:
        self.done.emit(Notice("done", Text("The demo patrol sent {fixes} fixes.", fixes=grouped(done.fixes))))


def demo_file() -> Path:
    """The demo city's own store in the user's data folder."""
    return Path(platformdirs.user_data_dir("wangrid", appauthor=False)) / "demo.wangrid"
