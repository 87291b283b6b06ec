"""What the window says: a message bar for what stands, one notification for what was done, a corner for work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QProgressBar, QWidget

from desktop.look import Look
from desktop.widgets.basic import Button, IconButton, Label, row
from desktop.widgets.marks import Mark
from desktop.words import Text, Wording, Words
from kernel.errors import Cancelled, Conflict, Defect, NotAllowed, StoreUnavailable, WanGridError


@dataclass(frozen=True)
class Notice:
    """One sentence with at most one link. `kind` is done, information, warning or error."""

    kind: str
    words: Wording
    link: Wording = ""
    on_link: Callable[[], object] | None = None
    keys: str = ""
    remedy: Wording = ""


MARKS = {"done": ("tick", "done"), "information": ("circle", "focus"), "warning": ("hollow-triangle", "warning"),
         "error": ("octagon", "alarm")}  # fmt: skip


def notice_of(error: WanGridError) -> Notice:
    """One kind of notice for each family: what the user mends, what waits, what is ours."""
    places = {name: value for name, value in error.places.items() if value is not None}
    words, remedy = Text(error.template, **places), Text(error.remedy, **places) if error.remedy else ""
    if isinstance(error, Cancelled):
        return Notice("information", words)
    if isinstance(error, (Conflict, NotAllowed, StoreUnavailable)):
        return Notice("warning", words, remedy=remedy)
    if isinstance(error, Defect):
        return Notice("error", words, remedy=remedy)
    return Notice("error", words, remedy=remedy)


class MessageBar(QFrame):
    """One sentence above the content, with a link; stays until it is closed or no longer true."""

    def __init__(self, words: Words, look: Look) -> None:
        super().__init__()
        self.setObjectName("messagebar")
        self.setMinimumHeight(36)
        self._on_link: Callable[[], object] | None = None
        self._mark = Mark(look, "hollow-triangle", "warning")
        self._sentence = Label(words)
        self._sentence.setMinimumWidth(0)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._link = Button(words, "", self._follow, kind="link")
        self._close = IconButton(words, look, "close", Text("Close"), self.hide, size=16)
        self.setLayout(
            row(self._mark, self._sentence, 8, self._link, None, self._close, margins=(16, 4, 8, 4))
        )
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show `notice`; an older one goes."""
        self._mark.become(*MARKS[notice.kind])
        both = Text("{first} {second}", first=notice.words, second=notice.remedy)
        self._sentence.say(both if notice.remedy else notice.words)
        self._link.say(notice.link)
        self._link.setVisible(bool(notice.link))
        self._on_link = notice.on_link
        self.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """One line with the link right behind it; a long sentence takes several."""
        room = self.width() - 96 - self._link.sizeHint().width()
        natural = self._sentence.fontMetrics().horizontalAdvance(self._sentence.text()) + 4
        self._sentence.setWordWrap(natural > room)
        self._sentence.setFixedWidth(max(min(natural, room), 80))

    @property
    def sentence(self) -> str:
        """What it says now, `""` when hidden."""
        return "" if self.isHidden() else self._sentence.text()

    def _follow(self) -> None:
        if self._on_link is not None:
            self._on_link()


class Notification(QFrame):
    """What was just done, with undo and its key; stays until the next action. The only thing with a shadow."""

    def __init__(self, words: Words, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notification")
        self._on_link: Callable[[], object] | None = None
        self._mark = Mark(look, "tick", "done")
        self._sentence = Label(words)
        self._link = Button(words, "", self.follow, kind="link")
        look.keep_icon(self._link, "undo", "focus", 16)
        self._keys = Label(words, "", "keys")
        close = IconButton(words, look, "close", Text("Close"), self.hide, size=16)
        self.setLayout(
            row(self._mark, 4, self._sentence, 12, self._link, self._keys, 4, close, margins=(16, 6, 8, 6))
        )
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(12)
        shadow.setOffset(0, 2)
        shadow.setColor(QColor(0, 0, 0, 50))
        self.setGraphicsEffect(shadow)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show `notice` in place of the last one."""
        self._mark.become(*MARKS[notice.kind])
        self._sentence.say(notice.words)
        self._link.say(notice.link)
        self._link.setVisible(bool(notice.link))
        self._keys.say(notice.keys)
        self._keys.setVisible(bool(notice.keys))
        self._on_link = notice.on_link
        self.show()
        self.place()
        self.raise_()

    def place(self) -> None:
        """Stand at the bottom middle of the parent, 16 px above its edge."""
        self.adjustSize()
        around = self.parentWidget().rect()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - 16)

    @property
    def sentence(self) -> str:
        """What it says now, `""` when hidden."""
        return "" if self.isHidden() else self._sentence.text()

    def follow(self) -> None:
        """Do what the link says (undo), once."""
        if self.isHidden():
            return
        self.hide()
        if self._on_link is not None:
            self._on_link()


class ProgressCorner(QWidget):
    """The quiet corner: what is being done, how far, and how to stop it."""

    cancelled = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._title = Label(words)
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(96)
        self._share = Label(words)
        self._cancel = Button(words, Text("Cancel"), self.cancelled.emit, kind="link")
        self.setLayout(row(self._title, self._bar, self._share, self._cancel))
        self.hide()

    def tell(self, title: Wording, share: float) -> None:
        """Show `title` at `share` (0..1)."""
        self._title.say(title)
        self._bar.setValue(round(share * 100))
        self._share.say(f"{share:.0%}".replace("%", " %"))
        self.show()
