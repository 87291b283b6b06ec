"""The left of the page: filters, and the register or its counts by street, community, kind or state."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from census.facilities.counts import BY, counted
from desktop.formats import grouped
from desktop.models.facilities import Filter
from desktop.models.frame_table import Column, FrameTable
from desktop.state import Desk
from desktop.widgets.basic import Check, Combo, box, column, row
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from resources.facilities import kinds, states

WAYS = {"": Text("List"), "street": Text("By street"), "community": Text("By community"), "kind": Text("By kind"),
        "state": Text("By running state")}  # fmt: skip
STATE_MARKS = {"运行": ("circle", "done"), "检修": ("hollow-triangle", "warning"), "停用": ("octagon", "stale"),
               "拆除": ("dashed-circle", "stale")}  # fmt: skip


class FacilitiesList(QWidget):
    """`chosen` with a number, `opened` when it is opened; `area_opened` with a street's or community's code."""

    chosen = Signal(str)
    opened = Signal(str)
    area_opened = Signal(str)
    filtered = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        words = desk.words
        self.way, self.kind, self.state = Combo(words), Combo(words), Combo(words)
        self.find = QLineEdit()
        self.late = Check(words, Text("Overdue only"))
        self.model = FrameTable(words, self._columns())
        self.table = Table(desk.look, self.model)
        words.keep(self.find, "setPlaceholderText", Text("Name, place, operator, number"))
        words.keep(self.find, "setAccessibleName", Text("Name, place, operator, number"))
        words.keep(self.table, "setAccessibleName", Text("Facilities"))
        for combo, name in ((self.way, "View"), (self.kind, "Kind"), (self.state, "Running state")):
            words.keep(combo, "setAccessibleName", Text(name))
        filters = column(
            box(row(self.way, self.kind, self.state)),
            box(row(self.find, self.late)),
            margins=(16, 10, 12, 10),
        )
        inner = column(box(filters), self.table, spacing=0)
        inner.setStretch(1, 1)
        self.setLayout(inner)
        for combo in (self.way, self.kind, self.state):
            combo.currentIndexChanged.connect(self.filtered)
        self.find.textChanged.connect(self.filtered)
        self.late.toggled.connect(self.filtered)
        self.table.row_chosen.connect(lambda at: self._tell(at, self.chosen))
        self.table.opened.connect(lambda at: self._tell(at, self.opened))
        words.changed.connect(self.offer)
        self.offer()

    @property
    def filter(self) -> Filter:
        """What the fields say."""
        return Filter(self.kind.key(), self.state.key(), "", self.find.text().strip(), self.late.isChecked())

    def show_rows(self, facilities: pd.DataFrame, areas: Mapping[str, gpd.GeoDataFrame], code: str) -> None:
        """Show the facilities, or their counts; `code` is the chosen one."""
        way = self.way.key()
        self.table.blockSignals(True)
        if way in BY:
            level = way if way in ("street", "community") else "street"
            known = areas.get(level, pd.DataFrame({"code": [], "name": []}))
            self.model.show_frame(counted(facilities, known, way), self._count_columns(way))
        else:
            self.model.show_frame(facilities, self._columns())
            at = (facilities["code"] == code).to_numpy().nonzero()[0]
            if len(at):
                self.table.choose(int(at[0]))
        self.table.blockSignals(False)

    def offer(self) -> None:
        """Fill the choices in the present language."""
        lang = self._desk.words.lang
        self.way.offer(list(WAYS.items()))
        self.kind.offer([("", Text("All kinds")), *((key, kind.name(lang)) for key, kind in kinds().items())])
        self.state.offer(
            [("", Text("All states")), *((key, state.name(lang)) for key, state in states().items())]
        )

    def _tell(self, at: int, signal: Signal) -> None:
        if at < 0:
            return
        if not self.way.key():
            signal.emit(str(self.model.frame["code"].iloc[at]))  # type: ignore[attr-defined]
        elif signal is self.opened and self.way.key() in ("street", "community"):
            self.area_opened.emit(str(self.model.frame["key"].iloc[at]))

    def _columns(self) -> list[Column]:
        return [
            Column("code", Text("No."), width=84),
            Column("kind", Text("Kind"), self._kind, width=128),
            Column("name", Text("Name"), stretch=True),
            Column(
                "state", Text("State"), self._state, width=112, mark=lambda value: STATE_MARKS.get(str(value))
            ),
            Column("due", Text("Due"), width=84),
            Column("days_late", Text("Days late"), _late, right=True, width=80, mark=_late_mark),
        ]

    def _count_columns(self, way: str) -> list[Column]:
        heads = {
            "street": Text("Street"),
            "community": Text("Community"),
            "kind": Text("Kind"),
            "state": Text("State"),
        }
        name = {
            "kind": Column("key", heads[way], self._kind, stretch=True),
            "state": Column("key", heads[way], self._state, stretch=True),
        }
        figures = [
            Column(state, states()[state].name(self._desk.words.lang), _figure, right=True, width=88)
            for state in ("运行", "检修", "停用")
        ]
        return [
            name.get(
                way, Column("name", heads[way], lambda value: str(value) or Text("in no cell"), stretch=True)
            ),
            Column("total", Text("Facilities"), _figure, right=True, width=76),
            *figures,
            Column("overdue", Text("Overdue"), _figure, right=True, width=76, mark=_late_mark),
        ]

    def _kind(self, key: object) -> Wording:
        known = kinds().get(str(key))
        return known.name(self._desk.words.lang) if known else str(key)

    def _state(self, key: object) -> Wording:
        known = states().get(str(key))
        return known.name(self._desk.words.lang) if known else str(key)


def _figure(value: object) -> str:
    return grouped(int(value)) if value else "0"  # type: ignore[call-overload]


def _late(value: object) -> str:
    return grouped(int(value)) if value else ""  # type: ignore[call-overload]


def _late_mark(value: object) -> tuple[str, str] | None:
    return ("octagon", "alarm") if value else None
