"""All import sessions, the latest first: what each read, what it accepted, how it stands."""

from __future__ import annotations

from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.formats import grouped, minute, share
from desktop.models.frame_table import Column, FrameTable
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, box, row
from desktop.widgets.facts import Fact, FactStrip
from desktop.widgets.table import Table
from desktop.words import Text, Wording

STATUS = {
    "dry_run": Text("dry run"), "draft": Text("draft, not in the store"), "submitted": Text("submitted, waiting"),
    "committed": Text("in the store"), "rejected": Text("returned"), "undone": Text("undone"),
}  # fmt: skip
STATUS_MARKS = {
    "dry_run": ("circle", "stale"), "draft": ("hollow-triangle", "warning"), "submitted": ("circle", "focus"),
    "committed": ("tick", "done"), "rejected": ("octagon", "stale"), "undone": ("dashed-circle", "stale"),
}  # fmt: skip


class SessionsView(QWidget):
    """A table; Enter or double click opens a session's review."""

    opened = Signal(int)
    import_wished = Signal()
    fields_wished = Signal()  # files whose fields are to be seen first
    codes_wished = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        words = desk.words
        self.model = FrameTable(words, columns())
        self.table = Table(desk.look, self.model)
        words.keep(self.table, "setAccessibleName", Text("Import sessions"))
        self.facts = FactStrip(words)
        self._note = Label(words, "", "note")
        head = QFrame()
        head.setObjectName("band")
        layout = QVBoxLayout(head)
        layout.setContentsMargins(20, 12, 20, 12)
        layout.setSpacing(12)
        wish = Button(words, Text("Import census files…"), self.import_wished.emit, "primary")
        first = Button(words, Text("Import, fields first…"), self.fields_wished.emit)
        codes = Button(words, Text("Give codes"), self.codes_wished.emit)
        layout.addWidget(
            box(row(Label(words, Text("Census sessions"), "page"), 8, self._note, None, codes, first, wish))
        )
        layout.addWidget(self.facts)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(head)
        outer.addWidget(self.table, 1)
        self.table.opened.connect(
            lambda position: self.opened.emit(int(self.model.frame.iloc[position]["session_id"]))
        )

    def show_sessions(self, sessions: pd.DataFrame) -> None:
        """Replace the list."""
        self.model.show_frame(sessions)
        self._note.say(Text("{count} sessions · drop files anywhere to import", count=len(sessions)))
        stored = sessions[sessions["status"] == "committed"] if len(sessions) else sessions
        read, accepted, refused = (total(sessions, name) for name in ("read", "accepted", "quarantined"))
        waiting = int(sessions["status"].isin(["draft", "submitted"]).sum()) if len(sessions) else 0
        self.facts.show_facts(
            [
                Fact(Text("In the store"), grouped(len(stored)), Text("{count} sessions in all", count=len(sessions))),
                Fact(Text("Rows read"), grouped(read), Text("all sessions")),
                Fact(Text("Accepted"), grouped(accepted), Text("{share} of {all}", share=share(accepted, read), all=grouped(read))),
                Fact(Text("Refused"), grouped(refused), Text("kept with their reason"), "alarm"),
                Fact(Text("Waiting"), grouped(waiting), Text("drafts and submitted"), "warning"),
            ]
        )  # fmt: skip


def columns() -> list[Column]:
    """The table's columns."""
    figure: Any = lambda value: grouped(int(value or 0))  # noqa: E731
    return [
        Column("session_id", Text("No."), right=True, width=56),
        Column(
            "status", Text("Status"), status_words, width=190, mark=lambda value: STATUS_MARKS.get(str(value))
        ),
        Column("label", Text("Delivery"), stretch=True),
        Column("read", Text("Read"), figure, right=True, width=84),
        Column("accepted", Text("Accepted"), figure, right=True, width=84),
        Column("quarantined", Text("Refused"), figure, right=True, width=84),
        Column("warnings", Text("Warnings"), figure, right=True, width=84),
        Column("new", Text("New"), figure, right=True, width=84),
        Column("changed", Text("Changed"), figure, right=True, width=84),
        Column("encoding", Text("Encoding"), width=96),
        Column("drafted_by", Text("By"), width=110),
        Column("drafted_at", Text("Read at"), lambda value: minute(str(value or "")), width=140),
    ]


def status_words(value: Any) -> Wording:
    """A session's status."""
    return STATUS.get(str(value), str(value))


def total(sessions: pd.DataFrame, column: str) -> int:
    """The sum of a column, 0 without sessions."""
    return int(sessions[column].sum()) if len(sessions) else 0
