"""The search box: asks while one types, lists what was found, flies there on Enter."""

from __future__ import annotations

import pandas as pd
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.look import Look
from desktop.widgets.basic import Label, ShortLabel, box, column, line, row
from desktop.widgets.pause import TYPING_MS, after_pause
from desktop.words import Text, Words

ROWS_SHOWN = 9

KINDS = {
    "component": Text("Component"), "cell": Text("Cell"), "county": Text("County"), "street": Text("Street"),
    "community": Text("Community"), "class": Text("Class"), "patroller": Text("Patrol"), "roads": Text("Road"),
    "water": Text("Water"), "green": Text("Green"), "buildings": Text("Building"), "railways": Text("Railway"),
    "compounds": Text("Compound"),
}  # fmt: skip


class SearchBox(QFrame):
    """A field with its results below. `asked(text)` goes out, `show_results` comes back, `chosen(record)` flies."""

    asked = Signal(str)
    chosen = Signal(object)  # pd.Series of the store's search frame
    resized = Signal()

    def __init__(self, words: Words, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._words, self._look = words, look
        self._found = pd.DataFrame()
        self._waiting = False
        self._pause = after_pause(self, self._ask, TYPING_MS)
        self._glass = QLabel()
        self.field = QLineEdit()
        self.field.setObjectName("search")
        words.keep(self.field, "setPlaceholderText", Text("Search components, cells, places"))
        words.keep(self.field, "setAccessibleName", Text("Search"))
        self.field.textEdited.connect(lambda _: self._pause.start())
        self.field.installEventFilter(self)
        self.keys = Label(words, "Ctrl F", "keys")
        self._head = box(row(self._glass, self.field, self.keys, margins=(12, 2, 8, 2)))
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(lambda item: self._choose(self._list.row(item)))
        self._none = Label(words, Text("Nothing found. Try a code, a class or a name."), "body", "secondary")
        self._none.setContentsMargins(16, 8, 16, 12)
        self._none.setWordWrap(True)
        self._line = line()
        self.setLayout(
            column(self._head, self._line, self._list, self._none, spacing=0, margins=(1, 1, 1, 1))
        )
        look.changed.connect(self._redraw)
        self._redraw()
        self.clear_results()

    @property
    def results(self) -> pd.DataFrame:
        """What is listed now."""
        return self._found

    def head_height(self) -> int:
        """The height of the field alone."""
        return self._head.sizeHint().height() + 2

    def show_results(self, found: pd.DataFrame) -> None:
        """List what the store found."""
        self._found = found
        self._list.clear()
        for record in found.itertuples(index=False):
            item = QListWidgetItem()
            item.setSizeHint(QSize(100, 40))
            self._list.addItem(item)
            self._list.setItemWidget(item, self._line_of(record))
        self._list.setCurrentRow(0)
        self._list.setFixedHeight(40 * min(len(found), ROWS_SHOWN) + 4)
        self._list.setVisible(len(found) > 0)
        self._none.setVisible(len(found) == 0)
        self._line.show()
        self.resized.emit()
        if self._waiting and len(found):
            self._choose(0)
        self._waiting = False

    def clear_results(self) -> None:
        """Fold the list away."""
        self._found = pd.DataFrame()
        self._waiting = False
        self._list.hide()
        self._none.hide()
        self._line.hide()
        self.resized.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.count():
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow(min(max(self._list.currentRow() + step, 0), self._list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key == Qt.Key.Key_Escape and (self.field.text() or not self._list.isHidden()):
            self.field.clear()
            self.clear_results()
        else:
            return False
        return True

    def _enter(self) -> None:
        if self._pause.isActive() or self._list.isHidden():
            self._pause.stop()
            self._waiting = True
            self._ask()
        else:
            self._choose(self._list.currentRow())

    def _ask(self) -> None:
        text = self.field.text().strip()
        if text:
            self.asked.emit(text)
        else:
            self.clear_results()

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._found):
            record = self._found.iloc[place]
            self.clear_results()
            self.chosen.emit(record)

    def _line_of(self, record: object) -> QWidget:
        kind = Label(self._words, KINDS.get(str(record.kind), str(record.kind)), "note")  # type: ignore[attr-defined]
        name = ShortLabel(self._words, str(record.name) or str(record.code))  # type: ignore[attr-defined]
        code = ShortLabel(self._words, str(record.code), "note")  # type: ignore[attr-defined]
        left = box(column(name, code, spacing=0))
        whole = row(left, kind, margins=(16, 2, 12, 2))
        whole.setStretch(0, 1)
        return box(whole)

    def _redraw(self) -> None:
        pixmap: QPixmap = self._look.pixmap("search", "secondary", 16, self.devicePixelRatioF())
        self._glass.setPixmap(pixmap)
