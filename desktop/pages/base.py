"""What every page has: a head that declares it, one message bar, an empty place, panes for the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.actions_list import Callbacks
from desktop.models.city import City
from desktop.models.finding_kinds import said
from desktop.state import Desk
from desktop.widgets.drop_zones import DropZone
from desktop.widgets.facts import EmptyPlace, Step
from desktop.widgets.notices import MessageBar, Notice, notice_of
from desktop.words import Text, Wording
from kernel.changes import Changes
from kernel.errors import WanGridError

if TYPE_CHECKING:
    import pandas as pd

    from desktop.map.canvas import MapCanvas

NOTHING_YET = Text("There is nothing in this store yet.")


class Page(QWidget):
    """One task. A subclass declares `name`, `title`, `icon`, the change `kinds` it shows and what it may `say`."""

    name: ClassVar[str] = ""
    title: ClassVar[Text] = Text("")
    icon: ClassVar[str] = ""
    kinds: ClassVar[frozenset[str]] = frozenset()

    done = Signal(object)  # Notice of something just done, with undo where there is one
    wish = Signal(str)  # id of an action that the window does
    told = Signal(str, object)  # segment of the status bar, wording
    takes_files: ClassVar[bool] = False  # whether dropped files come here

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.desk, self.city = desk, city
        self.stale = True
        self.bar = MessageBar(desk.words, desk.look)
        self.empty = EmptyPlace(desk.words)
        self.content = QWidget()
        self._either = QStackedLayout()
        self._either.addWidget(self.content)
        self._either.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.bar)
        outer.addLayout(self._either, 1)
        desk.words.keep(self, "setAccessibleName", self.title)
        desk.state.changed.connect(self.hear)
        desk.state.opened.connect(self._reopened)

    # -- what a subclass says ------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Ask again for what the page shows."""

    def callbacks(self) -> Callbacks:
        """What the page can do, by action id."""
        return {}

    def panes(self) -> list[QWidget]:
        """Where F6 leads, in reading order."""
        return [self.content]

    def back(self) -> bool:
        """Esc: close what is open, one level; False when there is nothing to close."""
        if not self.bar.isHidden():
            self.bar.hide()
            return True
        return False

    def find(self) -> None:
        """Ctrl+F: put the keyboard where one searches."""

    def take_files(self, files: list[Path]) -> None:
        """Files were chosen."""

    def drop_zones(self) -> Sequence[DropZone]:
        """What may be done with files that are dragged over the window."""
        return ()

    def tell_status(self) -> None:
        """Say the status bar's segments of this page (`told`)."""
        for segment in ("plane", "degrees", "scale", "selected"):
            self.told.emit(segment, "")

    def forget(self) -> None:
        """Another store is open: let go of what was chosen and read in the last one."""

    def maps(self) -> Sequence[MapCanvas]:
        """The maps of the page, shown or not."""
        return ()

    def wait_until_drawn(self, timeout_ms: int) -> bool:
        """Serve events until everything on the page is drawn."""
        return all(each.wait_until_idle(timeout_ms) for each in self.maps() if each.isVisible())

    def shut_down(self) -> None:
        """The window closes: end what runs."""
        for each in self.maps():
            each.shut_down()

    # -- what all share ------------------------------------------------------------------------------------------
    def hear(self, changes: Changes) -> None:
        """A commit of anyone: ask again when in front, else only remember."""
        if changes.touches(*self.kinds):
            self.renew()

    def renew(self) -> None:
        """Refresh now when in front, else when it comes to the front."""
        if self.isVisible():
            self.stale = False
            self.refresh()
        else:
            self.stale = True

    def act(
        self, kind: str, title: Wording, action: str, request: Any, on_done: Callable[[Any], object]
    ) -> None:
        """Do a heavy action on the open store (see `State.act`); what goes wrong is told in the message bar."""
        self.desk.state.act(kind, title, action, request, on_done, owner=self, on_failed=self.fail)

    def tell_written(self, file: object) -> None:
        """Say that a file was written."""
        self.done.emit(Notice("done", Text("Written: {file}", file=file)))

    def tell_taken(self, words: Text, findings: pd.DataFrame) -> None:
        """Say what was taken in of a list; where rows were refused, the first of them and why."""
        refused = findings[findings["severity"] == "error"]
        if not len(refused):
            self.done.emit(Notice("done", words))
            return
        first = refused.iloc[0]
        told = Text("{said} Row {row}: {why}", said=words, row=int(first["row"]), why=said(first))
        self.say(Notice("warning", told))

    def say(self, notice: Notice) -> None:
        """Show one sentence above the content."""
        self.bar.show_notice(notice)

    def fail(self, error: WanGridError) -> None:
        """Show an error as its family's kind of notice; what was there stays."""
        self.say(notice_of(error))

    def show_empty(self, sentence: Text, *steps: Step) -> None:
        """Show why there is nothing, and what next."""
        self.empty.offer(sentence, steps)
        self._either.setCurrentWidget(self.empty)

    def show_content(self) -> None:
        """Show the content again."""
        self._either.setCurrentWidget(self.content)

    @property
    def is_empty(self) -> bool:
        """Whether the empty place is shown."""
        return self._either.currentWidget() is self.empty

    def offer_start(self, sentence: Text = NOTHING_YET) -> None:
        """The empty store's place: what it lacks and the two ways on."""
        self.show_empty(
            sentence,
            Step(Text("Open the demo city"), lambda: self.wish.emit("store.demo")),
            Step(Text("Import…"), lambda: self.wish.emit("import")),
        )

    def showEvent(self, event: QEvent) -> None:  # type: ignore[override]
        super().showEvent(event)  # type: ignore[arg-type]
        if self.stale:
            self.renew()

    def _reopened(self) -> None:
        self.bar.hide()
        self.forget()
        self.renew()
