"""The queue of field records: filters over a table, the latest first."""

from __future__ import annotations

from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from census.records.record import KINDS, STATES
from census.records.searching import Wanted, matching
from desktop.formats import grouped, minute
from desktop.models.frame_table import Column, FrameTable
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, box, row
from desktop.widgets.facts import EmptyPlace
from desktop.widgets.pause import TYPING_MS, after_pause
from desktop.widgets.table import Table
from desktop.words import Text, Wording

KIND_WORDS = {"new": Text("new component"), "changed": Text("changed"), "damaged": Text("damaged"),
              "removed": Text("removed")}  # fmt: skip
STATUS_WORDS = {
    "reported": Text("waiting"), "returned": Text("returned"), "approved": Text("in the store"),
    "undone": Text("undone"), "deleted": Text("deleted"),
}  # fmt: skip
STATUS_MARKS = {
    "reported": ("circle", "focus"), "returned": ("octagon", "warning"), "approved": ("tick", "done"),
    "undone": ("dashed-circle", "stale"), "deleted": ("dashed-circle", "stale"),
}  # fmt: skip


class RecordsList(QWidget):
    """A table with what narrows it. `chosen` says which record, 0 for none."""

    chosen = Signal(int)
    new_wished = Signal()
    files_wished = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        words = desk.words
        self._desk = desk
        self._all = pd.DataFrame()
        self._number = 0
        self._awaited = 0  # a record that shall be chosen as soon as it is there
        self.model = FrameTable(words, columns())
        self.table = Table(desk.look, self.model)
        words.keep(self.table, "setAccessibleName", Text("Field records"))
        self._note = Label(words, "", "note")
        self.status = Combo(words, [("", Text("Every state")), *((key, STATUS_WORDS[key]) for key in STATES)])
        self.kind = Combo(words, [("", Text("Every kind")), *((key, KIND_WORDS[key]) for key in KINDS)])
        self.text = QLineEdit()
        self.text.setClearButtonEnabled(True)
        words.keep(self.text, "setPlaceholderText", Text("Code, person or any word"))
        for control in (self.status, self.kind):
            control.setFixedWidth(132)
            control.currentIndexChanged.connect(lambda _: self._narrow())
        self._pause = after_pause(self, self._narrow, TYPING_MS)
        self.text.textChanged.connect(lambda _: self._pause.start())
        self._none = EmptyPlace(words, Text("No record passes these filters."))
        self._none.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        for part in (self._head(desk), self.table, self._none):
            outer.addWidget(part, 0 if outer.count() == 0 else 1)
        self.table.row_chosen.connect(self._tell)

    def _head(self, desk: Desk) -> QWidget:
        words = desk.words
        head = QFrame()
        head.setObjectName("band")
        take = Button(words, Text("Take in files…"), self.files_wished.emit)
        new = Button(words, Text("New record…"), self.new_wished.emit, "primary")
        upper = row(Label(words, Text("Field records"), "page"), 8, self._note, None, take, new)
        lower = row(self.status, self.kind, self.text)
        lower.setStretch(2, 1)
        layout = QVBoxLayout(head)
        layout.setContentsMargins(20, 12, 20, 12)
        layout.setSpacing(12)
        layout.addWidget(box(upper))
        layout.addWidget(box(lower))
        return head

    def show_records(self, records: pd.DataFrame) -> None:
        """Replace the rows; the record that was chosen stays chosen."""
        self._all = records
        waiting = int((records["status"] == "reported").sum()) if len(records) else 0
        self._note.say(
            Text("{count} records, {waiting} waiting", count=grouped(len(records)), waiting=grouped(waiting))
        )
        self._narrow(again=True)

    def choose(self, number: int) -> None:
        """Choose a record by its number, also one that is on its way; the filters go where they hide it."""
        self._awaited = number
        if number not in set(self.model.frame.get("record_id", ())):
            for control in (self.status, self.kind):
                control.choose("")
            self.text.clear()
        self._narrow()

    def forget(self) -> None:
        """No record is chosen or awaited, and none is known."""
        self._all, self._number, self._awaited = pd.DataFrame(), 0, 0

    def number(self) -> int:
        """The record that is chosen, 0 for none."""
        return self._number

    def record(self, number: int) -> pd.Series | None:
        """A record's row."""
        mine = self._all[self._all["record_id"] == number] if len(self._all) else self._all
        return mine.iloc[0] if len(mine) else None

    def _narrow(self, *, again: bool = False) -> None:
        """List what passes the filters; who chose is told when that is another record, or `again`."""
        self._pause.stop()
        if not len(self._all.columns):
            return
        wanted = Wanted(text=self.text.text().strip(), kind=self.kind.key(), status=self.status.key())
        found = matching(self._all, wanted)
        about = [self._class_of(row.code, row.fields) for row in found.itertuples()]
        numbers = found["record_id"].tolist()
        known = [number for number in (self._awaited, self._number, *numbers[:1]) if number in numbers]
        self.table.blockSignals(True)
        self.model.show_frame(found.assign(about=about))
        self.table.choose(numbers.index(known[0]) if known else -1)
        self.table.blockSignals(False)
        self.table.setVisible(bool(numbers))
        self._none.setVisible(not numbers)
        self._awaited = 0 if self._awaited in numbers else self._awaited
        self._take(known[0] if known else 0, again=again)

    def _class_of(self, code: str, fields: dict[str, str]) -> str:
        """The class's name, by what was said or by the component's code."""
        facts = self._desk.state.facts
        class_code = fields.get("class_code") or code[6:-6]
        named = facts.catalogue.name_of(class_code) if facts is not None and class_code else ""
        return named or fields.get("name", "") or class_code

    def _tell(self, place: int) -> None:
        if place >= 0:
            self._awaited = 0
        self._take(int(self.model.frame.iloc[place]["record_id"]) if place >= 0 else 0)

    def _take(self, number: int, *, again: bool = False) -> None:
        """`number` is chosen now; the same as before is told only `again`."""
        before, self._number = self._number, number
        if again or number != before:
            self.chosen.emit(number)


def columns() -> list[Column]:
    """The table's columns."""
    return [
        Column("record_id", Text("No."), right=True, width=56),
        Column(
            "status",
            Text("State"),
            _word(STATUS_WORDS),
            width=110,
            mark=lambda value: STATUS_MARKS.get(str(value)),
        ),
        Column("kind", Text("Kind"), _word(KIND_WORDS), width=132),
        Column("code", Text("Component code"), width=172),
        Column("about", Text("Class"), stretch=True),
        Column("reported_by", Text("Reported by"), width=110),
        Column("entered_at", Text("Received"), lambda value: minute(str(value or "")), width=140),
    ]


def _word(words: dict[str, Text]) -> Any:
    def written(value: Any) -> Wording:
        return words.get(str(value), str(value))

    return written
