"""Facts in words: a strip of big ones in one line, pairs of name and value, an empty place with its next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QWidget

from desktop.widgets.basic import Button, Label, ShortLabel, box, column, line, row
from desktop.words import Text, Wording, Words

WIDEST_FACT = 240


@dataclass(frozen=True)
class Fact:
    """A name, a value, and what the value is based on. A tone says that it is to be seen to: "0" is never coloured."""

    name: Wording
    value: Wording
    base: Wording = ""
    tone: str = ""


class FactStrip(QWidget):
    """Facts side by side, parted by lines; the last ones fold away where the room is too narrow."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._row = row(spacing=20)
        self._blocks: list[QWidget] = []
        self.setLayout(self._row)

    def show_facts(self, facts: list[Fact]) -> None:
        """Replace what is shown."""
        clear(self._row)
        self._blocks = [self._block(fact, first=not place) for place, fact in enumerate(facts)]
        for block in self._blocks:
            self._row.addWidget(block)
        self._row.addStretch(1)
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def _fold(self) -> None:
        used = 0
        for block in self._blocks:
            used += block.sizeHint().width() + self._row.spacing()
            block.setVisible(used - self._row.spacing() <= self.width())

    def _block(self, fact: Fact, first: bool) -> QWidget:
        tone = "" if fact.value == "0" else fact.tone
        lines = ((fact.name, "note", ""), (fact.value, "figure", tone), (fact.base, "note", ""))
        parts = [
            ShortLabel(self._words, text, role, tone, middle=True, most=WIDEST_FACT)
            for text, role, tone in lines
        ]
        words = box(column(*parts, spacing=2))
        out = words if first else box(row(line(vertical=True), words, spacing=20))
        out.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return out


class Pairs(QWidget):
    """Names at the left, values at the right; a value may be a link."""

    def __init__(self, words: Words, name_width: int = 84) -> None:
        super().__init__()
        self._words = words
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, name_width)
        self._grid.setColumnStretch(1, 1)

    def show_pairs(self, pairs: list[tuple[Wording, Wording]], wrap: bool = False) -> None:
        """Replace what is shown; `wrap` lets long values take several lines instead of being cut."""
        clear(self._grid)
        for place, (name, value) in enumerate(pairs):
            shown = Label(self._words, value) if wrap else ShortLabel(self._words, value)
            shown.setWordWrap(wrap)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            named = Label(self._words, name, "key")
            self._grid.addWidget(named, place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(shown, place, 1)


@dataclass(frozen=True)
class Step:
    """A button of an empty place."""

    words: Wording
    do: Callable[[], object]


class EmptyPlace(QFrame):
    """One sentence why there is nothing, and the next steps, at one third of the height."""

    def __init__(self, words: Words, sentence: Wording = "", steps: tuple[Step, ...] = ()) -> None:
        super().__init__()
        self._words = words
        self._sentence = Label(words, sentence, "lead", "secondary")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._steps = row()
        outer = column(spacing=16, margins=(24, 24, 24, 24))
        outer.addStretch(1)
        outer.addWidget(self._sentence)
        outer.addLayout(self._steps)
        outer.addStretch(2)
        self.setLayout(outer)
        self.offer(sentence, steps)

    def offer(self, sentence: Wording, steps: tuple[Step, ...] = ()) -> None:
        """Say why and offer what next; the first step is the primary one."""
        self._sentence.say(sentence)
        clear(self._steps)
        self._steps.addStretch(1)
        for place, step in enumerate(steps):
            self._steps.addWidget(Button(self._words, step.words, step.do, "plain" if place else "primary"))
        self._steps.addStretch(1)


def clear(layout) -> None:  # type: ignore[no-untyped-def]
    """Take everything out of a layout and delete it."""
    while layout.count():
        item = layout.takeAt(0)
        if item.widget() is not None:
            item.widget().hide()
            item.widget().deleteLater()
        elif item.layout() is not None:
            clear(item.layout())


def with_unit(value: str, unit: Text) -> Text:
    """A figure with its unit."""
    return Text("{value} {unit}", value=value, unit=unit)
