"""One field record at the right: its place, what is stored beside what was reported, the rules, the decision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from desktop.formats import FIELDS, minute
from desktop.models.city import City
from desktop.pages.census.records_list import KIND_WORDS, STATUS_WORDS
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, box, column, line, row, scrolled
from desktop.widgets.facts import Pairs, clear
from desktop.widgets.panel import SidePanel
from desktop.words import Text, Wording

SCALE = 800
WIDTH = 468
FIELD_WORDS = FIELDS | {
    "kind": Text("Kind"), "code": Text("Component code"), "photos": Text("Photos"), "reported_by": Text("Reported by"),
    "reported_at": Text("Reported at"),
}  # fmt: skip
DEEDS = {"entered": Text("entered"), "edited": Text("edited"), "returned": Text("returned"), "approved": Text("approved"),
         "deleted": Text("deleted")}  # fmt: skip


class RecordDetail(SidePanel):
    """`show_record` follows the table; `show_look` comes when the rules have spoken."""

    decided = Signal(str, str)  # approve, return, delete; the reason
    edit_wished = Signal()

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk.words, Text("Record"), WIDTH)
        self._desk, self._city = desk, city
        words = desk.words
        self.map = CityMap(desk, city)
        self.map.setMinimumHeight(190)
        self._pairs = Pairs(words)
        self._beside = QGridLayout()
        self._findings = column(spacing=6)
        self._history = column(spacing=4)
        self._beside_title = Label(words, Text("Stored, and reported"), "title")
        self._findings_title = Label(words, Text("What the rules say"), "title")
        inner = box(column(
            self._pairs, line(), self._beside_title, box(self._beside), line(), self._findings_title,
            box(self._findings), line(), Label(words, Text("History of this record"), "title"), box(self._history), None,
            spacing=10, margins=(16, 12, 16, 12),
        ))  # fmt: skip
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setHorizontalSpacing(10)
        self._beside.setVerticalSpacing(4)
        self._body = column(self.map, scrolled(inner), spacing=0)
        self._body.setStretch(0, 2)
        self._body.setStretch(1, 3)
        self.fill(box(self._body), self._foot())

    def _foot(self) -> QWidget:
        words = self._desk.words
        self.approve = Button(
            words, Text("Approve into the store"), lambda: self.decided.emit("approve", ""), "primary"
        )
        self.send_back = Button(
            words, Text("Return"), lambda: self.decided.emit("return", self.reason.text())
        )
        self.edit = Button(words, Text("Edit…"), self.edit_wished.emit)
        self.delete = Button(words, Text("Delete"), lambda: self.decided.emit("delete", ""))
        self.reason = QLineEdit()
        words.keep(self.reason, "setPlaceholderText", Text("Reason for a return"))
        self.reason.textChanged.connect(lambda _: self._allow_return())
        self._waits, self._number = False, 0
        upper = row(self.approve, None, self.edit, self.delete)
        lower = row(self.reason, self.send_back)
        lower.setStretch(0, 1)
        return box(column(box(upper), box(lower), spacing=8, margins=(16, 12, 16, 12)))

    def show_record(self, record: pd.Series) -> None:
        """Show what was reported; what is stored and what the rules say follow."""
        fields: dict[str, str] = record["fields"]
        about = fields.get("name") or fields.get("class_code") or record["code"]
        kind = KIND_WORDS.get(record["kind"], record["kind"])
        self.title.say(Text("Record {number}: {kind}", number=record["record_id"], kind=kind))
        self.note.say(STATUS_WORDS.get(record["status"], record["status"]))
        who = Text(
            "{who} · {at}", who=record["reported_by"] or "—", at=minute(str(record["reported_at"])) or "—"
        )
        pairs: list[tuple[Wording, Wording]] = [
            (Text("About"), about),
            (Text("Reported by"), who),
            (
                Text("Received"),
                Text("{who} · {at}", who=record["entered_by"], at=minute(str(record["entered_at"]))),
            ),
        ]
        if record["photos"]:
            pairs.append((Text("Photos"), "\n".join(record["photos"])))
        if record["reason"]:
            pairs.append((Text("Reason"), record["reason"]))
        if record["session_id"]:
            pairs.append((Text("Session"), str(record["session_id"])))
        self._pairs.show_pairs(pairs, wrap=True)
        self._waits = record["status"] in ("reported", "returned")
        decided = Text("This record has been decided.")
        for button in (self.approve, self.edit, self.delete):
            button.allow(self._waits, decided)
        self.reason.setEnabled(self._waits)
        if not self._waits or int(record["record_id"]) != self._number:
            self.reason.clear()  # the same record again keeps the reason that is being written
        self._number = int(record["record_id"])
        self._allow_return()
        self._show_place([(float(record["x"]), float(record["y"]), "error")])
        for part in (self._beside, self._findings, self._history):
            clear(part)

    def show_look(self, look: Any, record: pd.Series) -> None:
        """Show the stored component beside the report, the findings, and what happened to the record."""
        self._show_beside(look.table)
        self._show_findings(look.findings)
        self._show_history(look.events)
        if self._waits:
            self.approve.allow(
                look.may_be_approved, Text("A rule keeps this record out; edit it or return it.")
            )
        places = [(float(record["x"]), float(record["y"]), "error")]
        if look.stored_place is not None:
            places.append((*look.stored_place, "warning"))
        self._show_place(places)

    def _show_place(self, places: list[tuple[float, float, str]]) -> None:
        known = [place for place in places if np.isfinite(place[0])]
        self.map.mark_findings(pd.DataFrame(known, columns=["x", "y", "severity"]))
        if known:
            self.map.centre_on(known[0][0], known[0][1], SCALE)

    def _show_beside(self, table: pd.DataFrame) -> None:
        words = self._desk.words
        clear(self._beside)
        heads = (Text("Field"), Text("Stored"), Text("Reported"))
        for place, head in enumerate(heads):
            self._beside.addWidget(Label(words, head, "note"), 0, place)
        for down, each in enumerate(table.itertuples(index=False), start=1):
            name = FIELD_WORDS.get(each.field, each.field)
            parts = [Label(words, name, "key"), Label(words, each.stored or "—"),
                     Label(words, each.reported, "body", "late" if each.differs else "")]  # fmt: skip
            for across, part in enumerate(parts):
                part.setWordWrap(across > 0)
                self._beside.addWidget(part, down, across, Qt.AlignmentFlag.AlignTop)
        self._beside.setColumnStretch(1, 1)
        self._beside.setColumnStretch(2, 1)

    def _show_findings(self, findings: pd.DataFrame) -> None:
        words = self._desk.words
        clear(self._findings)
        if not len(findings):
            self._findings.addWidget(Label(words, Text("Nothing was found."), "body", "done"))
        tones = {"error": "alarm", "warning": "warning"}
        for each in findings.itertuples(index=False):
            said = Label(words, str(each.message), "body", tones.get(each.severity, "secondary"))
            remedy = Label(words, str(each.remedy), "note")
            for label in (said, remedy):
                label.setWordWrap(True)
                self._findings.addWidget(label)

    def _show_history(self, events: pd.DataFrame) -> None:
        words = self._desk.words
        clear(self._history)
        for each in events.iloc[::-1].itertuples(index=False):
            what: Wording = DEEDS.get(each.deed, each.deed)
            if each.field:
                what = Text("{deed}: {field} {before} → {after}", deed=what, field=FIELD_WORDS.get(each.field, each.field),
                            before=each.before or "—", after=each.after or "—")  # fmt: skip
            elif each.deed == "returned":
                what = Text("{deed}: {reason}", deed=what, reason=each.after)
            label = Label(
                words, Text("{at}  {who}  {what}", at=minute(each.at), who=each.actor, what=what), "small"
            )
            label.setWordWrap(True)
            self._history.addWidget(label)

    def _allow_return(self) -> None:
        wordy = bool(self.reason.text().strip())
        self.send_back.allow(self._waits and wordy, Text("Write the reason first.") if self._waits
                             else Text("This record has been decided."))  # fmt: skip
