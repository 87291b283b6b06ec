"""A field record by hand: what a person on the telephone says, with the place picked on the map."""

from __future__ import annotations

from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from census.records.record import KINDS
from desktop.formats import STATES
from desktop.map.tools import PlaceTool
from desktop.models.city import City
from desktop.pages.census.records_detail import FIELD_WORDS, WIDTH
from desktop.pages.census.records_list import KIND_WORDS
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, box, column, field, row, scrolled
from desktop.widgets.form import pair
from desktop.widgets.panel import SidePanel
from desktop.words import Text

LINES = ("code", "class_code", "name", "owner_name", "maintainer_name", "location", "note", "reported_by", "reported_at",
         "photos", "x", "y")  # fmt: skip


class RecordForm(SidePanel):
    """Stands in the place of the detail. `wished` gives the values and the record's number, 0 for a new one."""

    wished = Signal(dict, int)
    closed = Signal()

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk.words, Text("New record"), WIDTH)
        words = desk.words
        self._number = 0
        self.map = CityMap(desk, city)
        self.map.setMinimumHeight(220)
        self.kind = Combo(words, [(key, KIND_WORDS[key]) for key in KINDS])
        states = [("", Text("As it is")), *STATES.items()]
        self.state = Combo(words, states)
        self.lines = {name: QLineEdit() for name in LINES}
        self.lines["reported_at"].setPlaceholderText("2026-11-21")
        hint = Label(
            words, Text("Click on the map: a component takes its code, open ground the place."), "note"
        )
        hint.setWordWrap(True)
        self._hint = hint
        go = Button(
            words,
            Text("Put into the queue"),
            lambda: self.wished.emit(self.values(), self._number),
            "primary",
        )
        close = Button(words, Text("Cancel"), self.closed.emit)
        inner = box(column(*self._fields(desk), None, spacing=10, margins=(16, 10, 16, 12)))
        whole = column(self.map, box(row(hint, margins=(16, 6, 16, 6))), scrolled(inner), spacing=0)
        whole.setStretch(0, 2)
        whole.setStretch(2, 3)
        self.fill(box(whole), box(row(go, close, None, margins=(16, 12, 16, 12))))
        self.map.take_tool(PlaceTool(self._click))
        self._desk, self._city = desk, city

    def _fields(self, desk: Desk) -> list[QWidget]:
        """Two in a row; what needs room has a row of its own."""
        words = desk.words

        def named(name: str) -> QWidget:
            return field(words, FIELD_WORDS[name], self.lines[name])

        return [
            pair(field(words, FIELD_WORDS["kind"], self.kind), field(words, FIELD_WORDS["state"], self.state)),
            named("code"),
            pair(named("class_code"), named("name")),
            pair(named("owner_name"), named("maintainer_name")),
            named("location"), named("note"),
            pair(named("reported_by"), named("reported_at")),
            named("photos"),
            pair(named("x"), named("y")),
        ]  # fmt: skip

    def open_new(self) -> None:
        """An empty form."""
        self._number = 0
        self.title.say(Text("New record"))
        self.kind.choose("new")
        self.state.choose("")
        for edit in self.lines.values():
            edit.clear()
        self.map.mark_place(None)
        self.kind.setFocus()

    def open_record(self, record: pd.Series) -> None:
        """The words of a record that waits, to be put right."""
        self.open_new()
        self._number = int(record["record_id"])
        self.title.say(Text("Edit record {number}", number=self._number))
        self.kind.choose(str(record["kind"]))
        fields: dict[str, Any] = dict(record["fields"])
        self.state.choose(str(fields.get("state", "")))
        values = fields | {name: record[name] for name in ("code", "reported_by", "reported_at")}
        values["photos"] = "; ".join(record["photos"])
        if record["x"] == record["x"]:  # it has a place
            x, y = float(record["x"]), float(record["y"])
            values |= {"x": f"{x:.3f}", "y": f"{y:.3f}"}
            self.map.mark_place((x, y))
            self.map.centre_on(x, y, 1_000)
        for name, edit in self.lines.items():
            edit.setText(str(values.get(name, "")))

    def values(self) -> dict[str, str]:
        """What the form says; emptied fields are there as ""."""
        texts = {name: edit.text().strip() for name, edit in self.lines.items()}
        return texts | {"kind": self.kind.key(), "state": self.state.key()}

    def _click(self, x: float, y: float) -> None:
        """The place that was clicked; on a component, of a report about a stored one, its code instead."""
        pick = self.map.pick_at(*self.map.view.to_screen(x, y))
        if pick is not None and pick.kind == "component" and self.kind.key() != "new":
            self._desk.state.read("records.code", "", lambda store, _: store.component(int(pick.key)), self._take_code,
                                  owner=self)  # fmt: skip
            x, y = pick.x, pick.y
        else:
            self.lines["x"].setText(f"{x:.3f}")
            self.lines["y"].setText(f"{y:.3f}")
        self.map.mark_place((x, y))

    def _take_code(self, card: dict[str, Any]) -> None:
        """The component that was picked: its code; its place stays as it is."""
        self.lines["code"].setText(str(card["code"]))
        for axis in ("x", "y"):
            self.lines[axis].clear()
