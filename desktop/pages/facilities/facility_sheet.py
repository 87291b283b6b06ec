"""One facility at the right: its fields, its log, a form for what was done, its running state."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.formats import spaced
from desktop.models.frame_table import Column, FrameTable
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, box, column, field, line, row, scrolled
from desktop.widgets.facts import Pairs
from desktop.widgets.form import pair
from desktop.widgets.panel import SidePanel
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from resources.facilities import Kind, kinds, states, works

WIDTH = 384
LOG_HEIGHT = 168
PLAIN = ("location", "operator", "department", "hours", "opened", "note")


class FacilitySheet(SidePanel):
    """Says `log_wished` with the fields of an entry, and `withdraw_wished` with an entry's number."""

    log_wished = Signal(dict)
    withdraw_wished = Signal(int)
    edit_wished = Signal()
    remove_wished = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Facility"), WIDTH)
        self._desk = desk
        words = desk.words
        self.code = ""
        self._entry = 0  # the log entry that is chosen and stands
        self.pairs, self.rest = Pairs(words, 92), Pairs(words, 92)
        self.model = FrameTable(words, self._columns())
        self.table = Table(desk.look, self.model)
        self.table.setFixedHeight(LOG_HEIGHT)
        words.keep(self.table, "setAccessibleName", Text("What was done"))
        self.withdraw = Button(words, Text("Withdraw entry"), self._withdraw, "small")
        self.work = Combo(words)
        self.state = Combo(words)
        self.edits = {name: QLineEdit() for name in ("day", "what", "worker", "cost", "next_due")}
        self.save = Button(words, Text("Add entry"), self._wish, "primary")
        self._lay_out()
        self.table.row_chosen.connect(self._allow)
        words.changed.connect(self._offer)
        self._offer()

    def show_facility(self, facility: pd.Series | None, log: pd.DataFrame, today: date) -> None:
        """Show one facility, or that none is chosen."""
        if facility is None:
            self.code = ""
            return
        if facility["code"] != self.code:
            self._clear(today)
        self.code = str(facility["code"])
        kind = kinds()[facility["kind"]]
        self.title.say(facility["name"] or facility["location"])
        self.note.say(self.code)
        self.pairs.show_pairs(self._upkeep(facility, kind), wrap=True)
        self.rest.show_pairs(self._rest(facility, kind), wrap=True)
        self.model.show_frame(log)
        self._allow(-1)

    def entry(self) -> dict[str, str]:
        """The form as it is filled in."""
        values = {name: edit.text().strip() for name, edit in self.edits.items()}
        return values | {"code": self.code, "work": self.work.key(), "new_state": self.state.key()}

    def clear_entry(self) -> None:
        """What was particular to the entry that is in the log now goes; day and person stay for the next."""
        for name in ("what", "cost", "next_due"):
            self.edits[name].clear()
        self.state.choose("")

    def _upkeep(self, facility: pd.Series, kind: Kind) -> list[tuple[Wording, Wording]]:
        lang = self._desk.words.lang
        state = states()[facility["state"]].name(lang)
        due: Wording = str(facility["due"]) or "—"
        if facility["days_late"] > 0:
            due = Text("{day}, {days} days overdue", day=facility["due"], days=int(facility["days_late"]))
        return [
            (Text("Kind"), kind.name(lang)), (Text("Running state"), state), (Text("Maintenance due"), due),
            (Text("Interval"), Text("{days} days", days=int(facility["interval"]))),
        ]  # fmt: skip

    def _rest(self, facility: pd.Series, kind: Kind) -> list[tuple[Wording, Wording]]:
        pairs: list[tuple[Wording, Wording]] = []
        if facility["component_code"]:
            pairs.append((Text("Component"), spaced(facility["component_code"])))
        if pd.notna(facility["capacity"]):
            pairs.append((kind.capacity(self._desk.words.lang), f"{facility['capacity']:g}"))
        names = {"location": Text("Location"), "operator": Text("Operator"), "department": Text("Department"),
                 "hours": Text("Opening hours"), "opened": Text("In use since"), "note": Text("Note")}  # fmt: skip
        pairs += [(names[name], str(facility[name])) for name in PLAIN if facility[name]]
        pairs.append((Text("Cell"), spaced(facility["cell_code"]) or Text("in no cell")))
        return pairs

    def _columns(self) -> list[Column]:
        lang = self._desk.words.lang
        written: Any = lambda key: works()[str(key)].name(lang) if str(key) in works() else str(key)  # noqa: E731
        return [
            Column("day", Text("Day"), width=92),
            Column("work", Text("Work"), written, width=64),
            Column("what", Text("What was done"), stretch=True),
            Column(
                "withdrawn_at",
                "",
                lambda _: "",
                width=26,
                mark=lambda at: ("dashed-circle", "stale") if at else None,
            ),
            Column("cost", Text("Yuan"), lambda v: "" if pd.isna(v) else f"{v:,.0f}", right=True, width=58),
        ]

    def _lay_out(self) -> None:
        words, edits = self._desk.words, self.edits
        form = column(
            box(row(Label(words, Text("New entry"), "title"), None, self.save)),
            pair(field(words, Text("Work"), self.work), field(words, Text("Day"), edits["day"])),
            field(words, Text("What was done"), edits["what"]),
            pair(field(words, Text("By whom"), edits["worker"]), field(words, Text("Cost, yuan"), edits["cost"])),
            pair(field(words, Text("Next due"), edits["next_due"]), field(words, Text("New running state"), self.state)),
            spacing=6, margins=(16, 10, 16, 12),
        )  # fmt: skip
        words.keep(edits["next_due"], "setPlaceholderText", Text("by the interval"))
        self.edit = Button(words, Text("Edit…"), self.edit_wished.emit, "small")
        self.remove = Button(words, Text("Take out of the register…"), self.remove_wished.emit, "small")
        head = box(row(Label(words, Text("Log"), "title"), None, self.withdraw))
        inner: QWidget = box(
            column(
                self.pairs,
                box(row(self.edit, self.remove, None)),
                line(),
                head,
                self.table,
                line(),
                self.rest,
                None,
                spacing=10,
                margins=(16, 12, 16, 12),
            )
        )
        self.fill(scrolled(inner), box(form))

    def _offer(self) -> None:
        lang = self._desk.words.lang
        self.work.offer([(key, work.name(lang)) for key, work in works().items()])
        stays = [("", Text("stays"))]
        self.state.offer([*stays, *((key, state.name(lang)) for key, state in states().items())])
        self.model.show_frame(self.model.frame, self._columns())

    def _clear(self, today: date) -> None:
        self.clear_entry()
        self.edits["day"].setText(today.isoformat())
        self.edits["worker"].setText(self._desk.state.actor)

    def _allow(self, at: int) -> None:
        entry = self.model.frame.iloc[at] if at >= 0 else None
        stands = entry is not None and not entry["withdrawn_at"]
        self._entry = int(entry["entry_id"]) if entry is not None and stands else 0
        self.withdraw.allow(stands, Text("Choose an entry that stands."))

    def _withdraw(self) -> None:
        self.withdraw_wished.emit(self._entry)

    def _wish(self) -> None:
        self.log_wished.emit(self.entry())
