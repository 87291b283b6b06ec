"""Field records: what people in the street report one by one, looked at, approved into the register or returned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop.actions_list import Callbacks
from desktop.apart import Ask
from desktop.dialogs import choose_files
from desktop.formats import grouped
from desktop.models.city import City
from desktop.pages.base import Page
from desktop.pages.census.records_detail import RecordDetail
from desktop.pages.census.records_form import RecordForm
from desktop.pages.census.records_list import RecordsList
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import line
from desktop.widgets.drop_zones import DropZone
from desktop.widgets.facts import Step
from desktop.widgets.notices import Notice
from desktop.words import Text
from kernel.changes import COMPONENTS, RECORDS

ROOM = "census.field_records."
RECORD_FILES = "*.json *.csv *.xlsx"
DEEDS = {
    "approve": (Text("Approving the record"), "approve_record", Text("Record {record} is in the store, as session {session}.")),
    "return": (Text("Returning the record"), "return_record", Text("Record {record} was returned.")),
    "delete": (Text("Deleting the record"), "delete_record", Text("Record {record} left the queue; its history stays.")),
}  # fmt: skip


class RecordsPage(Page):
    """The queue at the left, one record at the right; the form takes the record's place."""

    name, title, icon = "records", Text("Field records"), "census"
    kinds = frozenset({RECORDS, COMPONENTS})
    takes_files = True

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.list = RecordsList(desk)
        self.detail = RecordDetail(desk, city)
        self.form = RecordForm(desk, city)
        self.side = QStackedWidget()
        self.side.addWidget(self.detail)
        self.side.addWidget(self.form)
        self.side.setFixedWidth(self.detail.width())
        panes = QHBoxLayout(self.content)
        panes.setContentsMargins(0, 0, 0, 0)
        panes.setSpacing(0)
        for part in (self.list, line(vertical=True), self.side):
            panes.addWidget(part)
        panes.setStretch(0, 1)
        self._look: Any = None
        self._listen()

    def callbacks(self) -> Callbacks:
        own: Callbacks = {"records.new": self.open_form, "records.import": self._choose_files}
        if self.detail.approve.isEnabled() and self.side.currentWidget() is self.detail:
            own["records.approve"] = lambda: self.decide("approve", "")
        return own

    def panes(self) -> list[QWidget]:
        return [self.list, self.side.currentWidget()]

    def find(self) -> None:
        self.list.text.setFocus()
        self.list.text.selectAll()

    def back(self) -> bool:
        if self.side.currentWidget() is self.form:
            self._close_form()
            return True
        return super().back()

    def refresh(self) -> None:
        self.desk.state.read("records.list", "", lambda store, _: store.load_records(), self._show, owner=self,
                             on_failed=self.fail)  # fmt: skip

    def forget(self) -> None:
        self.side.setCurrentWidget(self.detail)
        self.list.forget()

    def maps(self) -> list[CityMap]:
        return [self.detail.map, self.form.map]

    def take_files(self, files: list[Path]) -> None:
        """Put the records of gateway files or tables into the queue."""
        request = Ask.of(
            f"{ROOM}ImportRecords", files=tuple(str(file) for file in files), lang=self.desk.words.lang
        )
        self._act("import", Text("Taking in records"), "import_records", request, self._imported)

    def drop_zones(self) -> list[DropZone]:
        return [DropZone(Text("Take in records from the field"), Text("They wait in the queue until each is approved."), self.take_files)]  # fmt: skip

    def open_form(self) -> None:
        """A new record by hand."""
        self.show_content()
        self.form.open_new()
        self.side.setCurrentWidget(self.form)

    def decide(self, deed: str, reason: str) -> None:
        """Approve, return or delete the record that is shown."""
        title, action, said = DEEDS[deed]
        request = Ask.of(f"{ROOM}Decide", record=self.list.number(), reason=reason)
        self._act("decide", title, action, request, lambda state: self._tell(
            Text(said.template, record=state.record, session=state.session)))  # fmt: skip

    # -- what happens --------------------------------------------------------------------------------------------
    def _listen(self) -> None:
        self.list.chosen.connect(self._choose)
        self.list.new_wished.connect(self.open_form)
        self.list.files_wished.connect(self._choose_files)
        self.detail.decided.connect(self.decide)
        self.detail.edit_wished.connect(self._open_edit)
        self.form.wished.connect(self._send)
        self.form.closed.connect(self._close_form)
        self.desk.words.changed.connect(self._ask_again)

    def _show(self, records: pd.DataFrame) -> None:
        if not len(records) and self.side.currentWidget() is self.detail:
            self.show_empty(
                Text(
                    "Nothing has been reported from the field yet. Drop the gateway's files here, or write a record."
                ),
                Step(Text("New record…"), self.open_form),
                Step(Text("Import records…"), self._choose_files),
                Step(Text("Open the demo city"), lambda: self.wish.emit("store.demo")),
            )
            return
        self.show_content()
        self.list.show_records(records)

    def _choose(self, number: int) -> None:
        record = self.list.record(number)
        self.detail.setEnabled(record is not None)
        if record is None:
            return
        self.detail.show_record(record)
        self._ask_again()

    def _ask_again(self) -> None:
        number = self.list.number()
        if number:
            request = Ask.of(f"{ROOM}LookAt", record=number, lang=self.desk.words.lang)
            self._act("look", "", "look_at_record", request, self._looked)

    def _looked(self, look: Any) -> None:
        record = self.list.record(look.record)
        if look.record == self.list.number() and record is not None:
            self.detail.show_look(look, record)

    def _open_edit(self) -> None:
        record = self.list.record(self.list.number())
        if record is not None:
            self.form.open_record(record)
            self.side.setCurrentWidget(self.form)

    def _close_form(self) -> None:
        self.side.setCurrentWidget(self.detail)
        self.refresh()

    def _send(self, values: dict[str, str], number: int) -> None:
        if number:
            request: Any = Ask.of(f"{ROOM}EditRecord", record=number, values=values)
            self._act(
                "edit", Text("Writing the record"), "edit_record", request, lambda _: self._sent(number)
            )
        else:
            self._act(
                "enter",
                Text("Writing the record"),
                "enter_record",
                values,
                lambda done: self._sent(done.records[0]),
            )

    def _sent(self, number: int) -> None:
        self.side.setCurrentWidget(self.detail)
        self.list.choose(number)
        self._tell(Text("Record {record} is in the queue.", record=number))

    def _imported(self, done: Any) -> None:
        self._tell(Text("{entered} records are in the queue, {repeated} were there already.", entered=grouped(done.entered),
                        repeated=grouped(done.repeated)))  # fmt: skip
        if done.problems:
            first = done.problems[0]
            self.say(Notice("warning", Text("{count} rows were refused. {file}, row {row}, {field}: {message}",
                                            count=done.refused, file=first["file"], row=first["row"], field=first["field"],
                                            message=first["message"]), remedy=first["remedy"]))  # fmt: skip

    def _choose_files(self) -> None:
        choose_files(self, self.desk.words, Text("Records from the field"), RECORD_FILES, self.take_files)

    def _tell(self, words: Text) -> None:
        self.bar.hide()
        self.done.emit(Notice("done", words))
        self.refresh()

    def _act(self, kind: str, title: Any, action: str, request: Any, on_done: Any) -> None:
        self.act(f"records.{kind}", title, ROOM + action, request, on_done)
