"""Two tables of choices: which field is which column, and what each word becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from desktop.formats import STATES, field_name, grouped, translated
from desktop.look import Look
from desktop.pages.census.mapping_words import FURTHER, LEFT_OUT, surely, tone
from desktop.state import Desk
from desktop.widgets.basic import Combo
from desktop.words import Text, Wording, Words

if TYPE_CHECKING:
    from actions.census.preview_mapping import FieldPreview, WordPreview

ROW_PX = 36
KEPT: list[tuple[str, Wording]] = [(FURTHER, Text("Further field")), (LEFT_OUT, Text("Leave out"))]


class _Choices(QTableWidget):
    """A table whose last columns are choices; the wheel scrolls the table, never a choice."""

    def __init__(self, desk: Desk, headings: tuple[Text, ...], stretch: int) -> None:
        super().__init__(0, len(headings))
        self.words: Words = desk.words
        self.look: Look = desk.look
        self._headings = headings
        self.setObjectName("choices")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        heads = self.horizontalHeader()
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        heads.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        self._say_headings()
        self.words.changed.connect(self._say_headings)

    def _say_headings(self) -> None:
        self.setHorizontalHeaderLabels([self.words(heading) for heading in self._headings])

    def write(self, row: int, column: int, text: str, *, role: str = "text", hint: str = "") -> None:
        """Put a text into a cell, in a colour of the palette."""
        item = QTableWidgetItem(text)
        item.setForeground(self.look.colour(role))
        item.setToolTip(hint or text)
        self.setItem(row, column, item)

    def put(self, row: int, column: int, control: QWidget) -> None:
        """Put a control into a cell."""
        control.installEventFilter(self)
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCellWidget(row, column, control)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class FieldTable(_Choices):
    """Per field of the file: some values, our column to choose, how surely it is that."""

    changed = Signal(str, str)  # field, column (`-` leaves it out)

    def __init__(self, desk: Desk) -> None:
        headings = (Text("Field of the file"), Text("Values"), Text("Column"), Text("Sure"))
        super().__init__(desk, headings, 1)
        for column, width in ((0, 150), (2, 190), (3, 70)):
            self.setColumnWidth(column, width)

    def show_fields(self, fields: Iterable[FieldPreview], columns: tuple[str, ...]) -> None:
        """Replace the rows."""
        rows = list(fields)
        self.setRowCount(len(rows))
        choices = [*KEPT, *((name, field_name(name)) for name in columns)]
        for place, field in enumerate(rows):
            self.write(place, 0, field.field)
            self.write(place, 1, "  ·  ".join(field.samples), role="secondary")
            combo = Combo(self.words, choices)
            combo.choose(LEFT_OUT if field.left_out else field.column)
            self.words.keep(combo, "setAccessibleName", Text("Column of {field}", field=field.field))
            combo.currentIndexChanged.connect(
                lambda _, name=field.field, own=combo: self.changed.emit(name, own.key())
            )
            self.put(place, 2, combo)
            self._say_certainty(place, field)

    def _say_certainty(self, place: int, field: FieldPreview) -> None:
        if not field.column:
            self.write(
                place, 3, "–", role="secondary", hint=self.words(Text("No column: kept as a further field"))
            )
            return
        why = self.words(Text(field.evidence))
        if field.rivals:
            why = self.words(Text("{why}; also possible: {fields}", why=why, fields=", ".join(field.rivals)))
        shown = surely(field.certainty) + (" ?" if field.rivals else "")
        self.write(place, 3, shown, role="warning" if field.rivals else tone(field.certainty), hint=why)

    def combo(self, field: str) -> Combo:
        """The choice of one field."""
        names = [self.item(row, 0).text() for row in range(self.rowCount())]
        found = self.cellWidget(names.index(field), 2)
        assert isinstance(found, Combo)
        return found


class WordTable(_Choices):
    """Per word of the file: the column, how many rows have it, what it becomes."""

    changed = Signal(str, str, str)  # column, word, becomes

    def __init__(self, desk: Desk) -> None:
        headings = (Text("Column"), Text("Word in the file"), Text("Rows"), Text("Becomes"))
        super().__init__(desk, headings, 1)
        for column, width in ((0, 120), (2, 80), (3, 190)):
            self.setColumnWidth(column, width)

    def show_words(self, words: Iterable[WordPreview], choices: dict[str, tuple[str, ...]]) -> None:
        """Replace the rows."""
        rows = list(words)
        self.setRowCount(len(rows))
        for place, word in enumerate(rows):
            self.write(place, 0, self.words(field_name(word.column)), role="secondary")
            self.write(place, 1, word.word, role="text" if word.becomes else "alarm")
            self.write(place, 2, grouped(word.rows), role="secondary")
            offered: list[tuple[str, Wording]] = [("", Text("Unknown"))]
            offered += [(name, translated(STATES, name)) for name in choices.get(word.column, ())]
            combo = Combo(self.words, offered)
            combo.choose(word.becomes)
            self.words.keep(combo, "setAccessibleName", Text("Meaning of {word}", word=word.word))
            combo.currentIndexChanged.connect(
                lambda _, of=word, own=combo: self.changed.emit(of.column, of.word, own.key())
            )
            self.put(place, 3, combo)

    def combo(self, word: str) -> Combo:
        """The choice of one word."""
        words = [self.item(row, 1).text() for row in range(self.rowCount())]
        found = self.cellWidget(words.index(word), 3)
        assert isinstance(found, Combo)
        return found
