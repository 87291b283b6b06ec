"""Ctrl+K: every action that can be done here, with its keys; type to narrow, Enter to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.widgets.basic import Label, box, column, line, row, show_if
from desktop.words import Text, Wording, Words


@dataclass(frozen=True)
class Entry:
    """One line of the palette."""

    title: Wording
    keys: str
    do: Callable[[], object]


class CommandPalette(QFrame):
    """A panel over the page, not a modal box; Esc closes it and gives the focus back."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._words = words
        self._entries: list[Entry] = []
        self._shown: list[Entry] = []
        self._before: QWidget | None = None
        self._wanted = QLineEdit()
        self._wanted.setObjectName("search")
        words.keep(self._wanted, "setPlaceholderText", Text("What do you want to do?"))
        words.keep(self._wanted, "setAccessibleName", Text("All actions"))
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(lambda item: self._do(self._list.row(item)))
        self._wanted.textChanged.connect(self._narrow)
        self._wanted.installEventFilter(self)
        self.setLayout(column(box(row(self._wanted, margins=(16, 4, 16, 4))), line(), self._list, spacing=0,
                              margins=(1, 1, 1, 8)))  # fmt: skip
        self.hide()

    def open(self, entries: list[Entry]) -> None:
        """Show `entries` and take the keyboard."""
        self._entries = entries
        self._before = self.window().focusWidget()
        around = self.parentWidget().rect()
        width, height = min(560, around.width() - 48), min(440, around.height() - 96)
        self.setGeometry((around.width() - width) // 2, 48, width, height)
        self._wanted.clear()
        self._narrow("")
        self.show()
        self.raise_()
        self._wanted.setFocus()

    def close_palette(self) -> None:
        """Hide and give the focus back."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()

    def titles(self) -> list[str]:
        """The lines shown now."""
        return [self._words(entry.title) for entry in self._shown]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key, row_now = event.key(), self._list.currentRow()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow(min(max(row_now + step, 0), self._list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(row_now)
        else:
            return False
        return True

    def _narrow(self, wanted: str) -> None:
        parts = wanted.lower().split()
        self._shown = [
            e for e in self._entries if all(part in self._words(e.title).lower() for part in parts)
        ]
        self._list.clear()
        for entry in self._shown:
            item = QListWidgetItem()
            item.setSizeHint(box(row(Label(self._words, "x"), margins=(16, 6, 16, 6))).sizeHint())
            self._list.addItem(item)
            keys = Label(self._words, entry.keys, "keys")
            show_if(keys, bool(entry.keys))
            self._list.setItemWidget(
                item, box(row(Label(self._words, entry.title), None, keys, margins=(16, 2, 16, 2)))
            )
        self._list.setCurrentRow(0)

    def _do(self, place: int) -> None:
        if 0 <= place < len(self._shown):
            entry = self._shown[place]
            self.close_palette()
            entry.do()
