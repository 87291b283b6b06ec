"""What else is known of a session: its difference against the store, its corrections, what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from census.review.difference import Difference
from desktop.formats import field_name, grouped, minute, spaced
from desktop.map.layers.points import PointsLayer
from desktop.models.city import City
from desktop.models.frame_table import Column, FrameTable
from desktop.pages.census.moved_layer import MovedLayer
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, ShortLabel, box, column, line, row
from desktop.widgets.facts import EmptyPlace
from desktop.widgets.table import Table
from desktop.words import Text, Wording

PARTS: Final[dict[str, Text]] = {
    "changes": Text("Changed fields"), "moved": Text("Moved components"), "new": Text("New components"),
    "missing": Text("Missing from the delivery"), "recoded": Text("Probably the same object under another code"),
}  # fmt: skip
OUTCOMES: Final[dict[str, Text]] = {
    "corrected": Text("came back corrected"), "still_refused": Text("came back, still refused"),
    "not_returned": Text("did not come back"),
}  # fmt: skip
CLOSE_SCALE: Final = 800.0


class DifferenceView(QWidget):
    """One part of the difference as a table, beside it the map; the row chosen is brought into view."""

    export_wished = Signal()
    labels_wished = Signal()

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__()
        words = desk.words
        self._found: Difference | None = None
        self.part = Combo(words, list(PARTS.items()))
        self.part.setMinimumWidth(300)
        words.keep(self.part, "setAccessibleName", Text("Part of the difference"))
        self.part.currentIndexChanged.connect(lambda _: self._show_part())
        self._note = ShortLabel(words, "", "note")
        self.rows = FrameTable(words, [])
        self.table = Table(desk.look, self.rows)
        words.keep(self.table, "setAccessibleName", Text("Difference"))
        self.table.row_chosen.connect(self._show_row)
        self.map = CityMap(desk, city)
        self.empty = EmptyPlace(words, Text("Nothing of this kind."))
        self.labels = Button(words, Text("Labels of the rows…"), self.labels_wished.emit)
        head = row(self.part, self._note, self.labels,
                   Button(words, Text("Export the difference…"), self.export_wished.emit), margins=(16, 8, 16, 8))  # fmt: skip
        head.setStretch(1, 1)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        for part in (box(head), line(), self.table, self.empty):
            left.addWidget(part)
        left.setStretch(2, 1)
        left.setStretch(3, 1)
        both = row(box(left), line(vertical=True), self.map, spacing=0)
        both.setStretch(0, 3)
        both.setStretch(2, 2)
        self.setLayout(both)

    def show_difference(self, found: Difference) -> None:
        """Show the first part that has rows."""
        self._found = found
        self.part.choose(next((name for name in PARTS if len(getattr(found, name))), "changes"))
        self._show_part()

    def chosen_codes(self) -> tuple[str, ...]:
        """Codes of the components in the chosen rows."""
        codes = self.rows.frame["code"].iloc[self.table.chosen_rows()] if len(self.rows.frame) else ()
        return tuple(dict.fromkeys(str(code) for code in codes if code))

    def show_part(self, name: str) -> None:
        """Choose a part."""
        self.part.choose(name)

    def _show_part(self) -> None:
        if self._found is None:
            return
        name = self.part.key()
        frame: pd.DataFrame = getattr(self._found, name)
        counts = self._found.counts
        self._note.say(
            Text("{new} new · {changed} changed · {moved} moved · {missing} missing · {recoded} probably recoded",
                 **{key: grouped(counts[key]) for key in ("new", "changed", "moved", "missing", "recoded")})
        )  # fmt: skip
        self.table.setVisible(bool(len(frame)))
        self.empty.setVisible(not len(frame))
        self.rows.show_frame(frame, COLUMNS[name]())
        self._mark(frame)
        if len(frame):
            self.table.selectRow(0)

    def _mark(self, frame: pd.DataFrame) -> None:
        xy = [frame[axis].to_numpy("f8") for axis in ("x", "y")] if len(frame) else [np.empty(0), np.empty(0)]
        arrows = "x_before" in frame.columns and len(frame)
        before = [frame[f"{axis}_before"].to_numpy("f8") for axis in ("x", "y")] if arrows else []
        self.map.lay(MovedLayer(*before, *xy) if arrows else None, "moved")
        keys = np.arange(len(frame)).astype(str)
        points = PointsLayer(*xy, keys, np.full(len(frame), "warning", dtype=object))
        self.map.lay(None if arrows or not len(frame) else points, "difference")

    def _show_row(self, position: int) -> None:
        if 0 <= position < len(self.rows.frame):
            found = self.rows.frame.iloc[position]
            self.map.centre_on(float(found["x"]), float(found["y"]), CLOSE_SCALE)


def _code(value: Any) -> str:
    return spaced(value)


def _metres(value: Any) -> str:
    return f"{float(value):,.2f}"


def _subject() -> list[Column]:
    return [
        Column("code", Text("Component code"), _code, width=178),
        Column("name", Text("Name"), width=120),
    ]


def _changes() -> list[Column]:
    return [
        *_subject(), Column("field", Text("Field"), field_name, width=110),
        Column("before", Text("Before"), spaced, width=170), Column("after", Text("After"), spaced, stretch=True, tint=True),
    ]  # fmt: skip


def _moved() -> list[Column]:
    return [*_subject(), Column("distance_m", Text("Moved by (m)"), _metres, right=True, width=110),
            Column("class_code", Text("Class"), stretch=True)]  # fmt: skip


def _plain() -> list[Column]:
    return [*_subject(), Column("class_code", Text("Class"), width=80),
            Column("cell_code", Text("Unit grid cell"), spaced, stretch=True)]  # fmt: skip


def _recoded() -> list[Column]:
    return [Column("code_before", Text("Code in the store"), _code, width=178), *_subject(),
            Column("distance_m", Text("Apart (m)"), _metres, right=True, width=100),
            Column("class_code", Text("Class"), stretch=True)]  # fmt: skip


COLUMNS: Final[dict[str, Callable[[], list[Column]]]] = {
    "changes": _changes, "moved": _moved, "new": _plain, "missing": _plain, "recoded": _recoded,
}  # fmt: skip


class LogView(QFrame):
    """Who corrected what and when; a correction that stands can be taken back."""

    take_back_wished = Signal(int)
    rows_wished = Signal(int)  # of which correction

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        words = desk.words
        self.setObjectName("side")
        self.rows = FrameTable(words, _log_columns())
        self.table = Table(desk.look, self.rows)
        words.keep(self.table, "setAccessibleName", Text("Corrections"))
        self.empty = EmptyPlace(words, Text("Nothing was corrected in this session."))
        self._back = Button(words, Text("Take this correction back"), self._wish)
        self._said = Label(words, "", "title")
        self.changed = FrameTable(words, _changed_columns())
        self.changed_table = Table(desk.look, self.changed)
        words.keep(self.changed_table, "setAccessibleName", Text("Rows of the correction"))
        self._rows = box(column(line(), box(row(self._said, None, margins=(16, 10, 16, 10))), line(),
                                self.changed_table, spacing=0))  # fmt: skip
        self.table.row_chosen.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        foot = box(row(self._back, None, margins=(16, 12, 16, 12)))
        for part in (self.table, self._rows, self.empty, line(), foot):
            layout.addWidget(part)
        for place, share in enumerate((2, 3, 1)):
            layout.setStretch(place, share)
        self._draft = False

    def show_log(self, log: pd.DataFrame, draft: bool) -> None:
        """The log, the latest first; only a draft's can be taken back."""
        self._draft = draft
        self.rows.show_frame(log.iloc[::-1].reset_index(drop=True))
        for part in (self.table, self._rows):
            part.setVisible(bool(len(log)))
        self.empty.setVisible(not len(log))
        if len(log):
            self.table.selectRow(0)  # which tells `_choose`
        else:
            self._choose(-1)

    def show_rows(self, number: int, rows: pd.DataFrame) -> None:
        """The rows of the correction `number` with their values before and after; too late for another one."""
        position = self.table.chosen()
        if position < 0 or int(self.rows.frame.iloc[position]["number"]) != number:
            return
        self._said.say(Text("Rows of correction {number}", number=number))
        self.changed.show_frame(rows)

    def _choose(self, position: int) -> None:
        self._allow(position)
        if position >= 0:
            self.rows_wished.emit(int(self.rows.frame.iloc[position]["number"]))

    def _allow(self, position: int) -> None:
        stands = 0 <= position < len(self.rows.frame) and not self.rows.frame.iloc[position]["undone_at"]
        self._back.allow(
            stands and self._draft, Text("Only a draft's corrections that stand can be taken back.")
        )

    def _wish(self) -> None:
        position = self.table.chosen()
        if position >= 0:
            self.take_back_wished.emit(int(self.rows.frame.iloc[position]["number"]))


def _log_columns() -> list[Column]:
    from desktop.models.finding_kinds import TITLES

    return [
        Column("number", Text("No."), right=True, width=56),
        Column("at", Text("Time"), lambda value: minute(str(value or "")), width=150),
        Column("actor", Text("By"), width=120),
        Column("kind", Text("What"), lambda kind: KINDS.get(kind, kind), width=110),
        Column("field", Text("Field"), field_name, width=120),
        Column("value", Text("Value"), lambda value: TITLES.get(value) or spaced(value), stretch=True),
        Column("rows", Text("Rows"), lambda value: grouped(int(value)), right=True, width=80),
        Column("undone_by", Text("Taken back by"), width=130),
    ]


def _changed_columns() -> list[Column]:
    return [
        Column("row", Text("Row"), right=True, width=72),
        Column("layer", Text("Layer"), width=200),
        Column("before", Text("Before"), lambda value: spaced(value) or "—", width=260),
        Column("after", Text("After"), lambda value: spaced(value) or "—", tint=True, width=260),
        Column("file", Text("File"), stretch=True),
    ]


KINDS: Final[dict[str, Wording]] = {
    "set": Text("Set"), "move": Text("Moved"), "drop": Text("Dropped"), "take": Text("As proposed"),
}  # fmt: skip


class FollowUpView(QFrame):
    """What became of the rows that earlier sessions refused."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        words = desk.words
        self.setObjectName("side")
        self._note = Label(words, "", "note")
        self.rows = FrameTable(words, _follow_up_columns())
        self.table = Table(desk.look, self.rows)
        words.keep(self.table, "setAccessibleName", Text("Second delivery"))
        self.empty = EmptyPlace(words, Text("This delivery answers no refused rows of an earlier session."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (box(row(self._note, None, margins=(16, 10, 16, 10))), line(), self.table, self.empty):
            layout.addWidget(part)
        layout.setStretch(2, 1)
        layout.setStretch(3, 1)

    def show_follow_up(self, rows: pd.DataFrame) -> None:
        """Rows of `census.review.redelivery.FOLLOW_UP_COLUMNS`."""
        counts = rows["outcome"].value_counts().to_dict() if len(rows) else {}
        self._note.say(
            Text("{all} rows were refused before: {corrected} came back corrected, {still} still fail, {missing} did not come back",
                 all=grouped(len(rows)), corrected=grouped(counts.get("corrected", 0)),
                 still=grouped(counts.get("still_refused", 0)), missing=grouped(counts.get("not_returned", 0)))
        )  # fmt: skip
        self._note.setVisible(bool(len(rows)))
        self.rows.show_frame(rows)
        self.table.setVisible(bool(len(rows)))
        self.empty.setVisible(not len(rows))


def _follow_up_columns() -> list[Column]:
    from desktop.models.finding_kinds import title_of

    return [
        Column("file", Text("File"), width=190),
        Column("row", Text("Row"), right=True, width=72),
        Column("finding_codes", Text("Problem"), lambda codes: title_of(str(codes).split(";")[0]), width=220),
        Column("outcome", Text("Second delivery"), lambda name: OUTCOMES.get(name, name), width=190,
               mark=lambda name: MARKS.get(str(name))),
        Column("new_codes", Text("Problem now"), lambda codes: title_of(str(codes).split(";")[0]) if codes else "",
               stretch=True),
    ]  # fmt: skip


MARKS: Final = {
    "corrected": ("dot", "done"), "still_refused": ("circle", "alarm"), "not_returned": ("hollow-triangle", "warning"),
}  # fmt: skip
