"""The card of one picked thing: who it is, where it belongs, what happened to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop.look import Look
from desktop.widgets.basic import (
    Button,
    IconButton,
    Label,
    ShortLabel,
    box,
    chip,
    column,
    line,
    row,
    scrolled,
)
from desktop.widgets.facts import Pairs, clear
from desktop.words import Text, Wording, Words


@dataclass(frozen=True)
class Named:
    """A small name over a value; a value with `on_click` is a link."""

    name: Wording
    value: Wording
    on_click: Callable[[], object] | None = None
    code: bool = False


@dataclass(frozen=True)
class Happened:
    """One line of a history."""

    at: str
    what: Wording
    who: Wording


@dataclass(frozen=True)
class CardFacts:
    """Everything a card says. `groups` of pairs are parted by lines."""

    title: Wording
    note: Wording
    chip: Wording = ""
    tone: str = ""
    picture: QPixmap | None = None
    named: tuple[Named, ...] = ()
    groups: tuple[tuple[tuple[Wording, Wording], ...], ...] = ()
    history: tuple[Happened, ...] = ()
    history_note: Wording = ""
    buttons: tuple[tuple[Wording, Callable[[], object]], ...] = ()


class Card(QFrame):
    """A floating panel; opens on selection, Esc closes."""

    closed = Signal()
    resized = Signal()

    def __init__(self, words: Words, look: Look, parent: QWidget, width: int) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(width)
        self._words, self._look = words, look
        self._body = QVBoxLayout()
        self._body.setContentsMargins(16, 12, 12, 16)
        self._body.setSpacing(12)
        self._inner = box(self._body)
        area = scrolled(self._inner)
        self.setLayout(column(area, margins=(1, 1, 1, 1)))
        words.keep(self, "setAccessibleName", Text("Card"))
        self.hide()

    def show_facts(self, facts: CardFacts) -> None:
        """Replace what the card says and open it."""
        clear(self._body)
        self._body.addWidget(self._head(facts))
        if facts.named:
            self._body.addWidget(box(column(*[self._named(each) for each in facts.named], spacing=8)))
        for group in facts.groups:
            self._body.addWidget(line())
            pairs = Pairs(self._words)
            pairs.show_pairs(list(group))
            self._body.addWidget(pairs)
        if facts.history or facts.history_note:
            self._body.addWidget(line())
            self._body.addWidget(self._history(facts))
        if facts.buttons:
            made = [
                Button(self._words, words, do, "plain" if i else "primary")
                for i, (words, do) in enumerate(facts.buttons)
            ]
            self._body.addWidget(box(row(*made)))
        self._body.addStretch(1)
        self.show()
        self.resized.emit()

    def wanted_height(self) -> int:
        """What the whole content needs."""
        self._inner.layout().activate()
        return self._inner.minimumSizeHint().height() + 4

    def _head(self, facts: CardFacts) -> QWidget:
        parts: list[QWidget | int | None] = []
        if facts.picture is not None:
            picture = QLabel()
            picture.setPixmap(facts.picture)
            picture.setFixedSize(facts.picture.deviceIndependentSize().toSize())
            parts += [picture, 4]
        titles = box(
            column(
                ShortLabel(self._words, facts.title, "page"),
                ShortLabel(self._words, facts.note, "note"),
                spacing=0,
            )
        )
        parts.append(titles)
        if facts.chip:
            parts.append(chip(self._words, facts.chip, facts.tone))
        parts.append(IconButton(self._words, self._look, "close", Text("Close"), self.closed.emit, size=16))
        layout = row(*parts)
        layout.setStretch(parts.index(titles), 1)
        return box(layout)

    def _named(self, fact: Named) -> QWidget:
        if fact.on_click is not None:
            value: QWidget = Button(self._words, fact.value, fact.on_click, "link")
            value.setStyleSheet("text-align: left; padding: 0")
        else:
            value = Label(self._words, fact.value, "code" if fact.code else "body")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return box(column(Label(self._words, fact.name, "note"), value, spacing=1))

    def _history(self, facts: CardFacts) -> QWidget:
        head = row(Label(self._words, Text("History")), None, Label(self._words, facts.history_note, "note"))
        lines = [
            box(row(Label(self._words, each.at, "small"), ShortLabel(self._words, each.what, "small"),
                    Label(self._words, each.who, "note"), spacing=12))
            for each in facts.history
        ]  # fmt: skip
        for each in lines:
            each.layout().setStretch(1, 1)
        return box(column(box(head), *lines, spacing=4))
