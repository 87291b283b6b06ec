"""Correct the chosen row, or every row of the kind, where it is: a field and its value, a place on the map, or drop."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLineEdit

from desktop.formats import FIELDS, grouped
from desktop.widgets.basic import Button, Combo, Label, box, row
from desktop.words import Text, Words

CORRECTED: Final = (
    "state", "code", "class_code", "name", "cell_code", "authority_code", "authority_name", "owner_code", "owner_name",
    "maintainer_code", "maintainer_name", "initial_date", "change_date", "accuracy", "source", "location", "note",
)  # fmt: skip
MARGINS: Final = (16, 8, 16, 8)


class CorrectionBar(QFrame):
    """One line under the findings, two where it is narrow; Enter in the value corrects the chosen row."""

    wished = Signal(str, str, str, bool)  # kind, field, value, every row of the kind
    move_wished = Signal(bool)
    proposals_wished = Signal()  # every row of the kind as proposed

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("raised")
        self.fields = Combo(words, [(name, FIELDS[name]) for name in CORRECTED])
        self.fields.setMinimumWidth(150)
        self.value = QLineEdit()
        self.value.setMinimumWidth(120)
        words.keep(self.value, "setPlaceholderText", Text("right value"))
        words.keep(self.value, "setAccessibleName", Text("Right value"))
        words.keep(self.fields, "setAccessibleName", Text("Field to correct"))
        self.value.returnPressed.connect(lambda: self._set(False))
        self.one = Button(words, Text("Correct this row"), lambda: self._set(False))
        self.many = Button(words, Text("Correct all"), lambda: self._set(True))
        self.take = Button(words, "", self.proposals_wished.emit, "primary")
        self.take.hide()
        self.move_button = Button(words, Text("Move on the map"))
        self.move_button.setCheckable(True)
        self.move_button.toggled.connect(self.move_wished)
        self.drop_button = Button(words, Text("Drop row"), lambda: self.wished.emit("drop", "", "", False))
        what = row(Label(words, Text("Correct"), "key"), self.fields, self.value)
        what.setStretch(2, 1)
        self._halves = (
            box(what),
            box(row(self.take, self.one, self.many, self.move_button, self.drop_button, None)),
        )
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(*MARGINS)
        self._line.addWidget(self._halves[0], 1)
        self._line.addWidget(self._halves[1])

    def minimumSizeHint(self) -> QSize:
        widest = max(half.minimumSizeHint().width() for half in self._halves)
        return QSize(widest + MARGINS[0] + MARGINS[2], super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a button came, went or says something longer
            self._fold()
        return super().event(event)

    def _fold(self) -> None:
        """On one line where every button can be read whole."""
        whole = (
            self._halves[0].minimumSizeHint().width()
            + self._halves[1].sizeHint().width()
            + self._line.spacing()
        )
        narrow = self.width() < whole + MARGINS[0] + MARGINS[2]
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != way:
            self._line.setDirection(way)

    def show_kind(self, column: str, count: int) -> None:
        """Offer the field that the kind of finding is about, and say how many rows it has."""
        if column in CORRECTED:
            self.fields.choose(column)
        self.many.say(Text("Correct all {count}", count=grouped(count)))
        self.value.clear()
        self.take.hide()

    def show_proposed(self, count: int) -> None:
        """Offer to take what is proposed for `count` rows of the kind."""
        self.take.say(Text("Take {count} proposals", count=grouped(count)))
        self.take.show()

    def propose(self, field: str, value: str) -> None:
        """Write what is proposed for the chosen row, for Enter to take; a place is taken by the button alone."""
        self.value.setText(value if field else "")
        if field in CORRECTED:
            self.fields.choose(field)

    def allow(self, wanted: bool, about_a_row: bool) -> None:
        """Only drafts are corrected, and only where a finding is about a row."""
        reason = (
            Text("Only a draft can be corrected.")
            if not wanted
            else Text("This finding is about the whole file.")
        )
        for button in (self.take, self.one, self.many, self.move_button, self.drop_button):
            button.allow(wanted and about_a_row, reason)
        self.value.setEnabled(wanted and about_a_row)

    def _set(self, many: bool) -> None:
        self.wished.emit("set", self.fields.key(), self.value.text().strip(), many)
