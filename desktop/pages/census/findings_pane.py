"""The rows of one kind of finding, what is proposed for them, and the bar that corrects them."""

from __future__ import annotations

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop.formats import grouped, spaced
from desktop.models.finding_kinds import title_of
from desktop.models.frame_table import Column, FrameTable
from desktop.pages.census.census_detail import row_code
from desktop.pages.census.correction_bar import CorrectionBar
from desktop.state import Desk
from desktop.widgets.basic import Label, ShortLabel, line, row
from desktop.widgets.facts import EmptyPlace
from desktop.widgets.table import Table
from desktop.words import Text

KEY = ["file", "layer", "record"]
OFFERED = {
    "to": "proposed",
    "field": "proposed_field",
    "reason": "proposed_reason",
    "distance_m": "proposed_m",
}
SEVERITIES = {"error": Text("error"), "warning": Text("warning"), "information": Text("information")}


class FindingsPane(QFrame):
    """`show_kind` fills it, `show_proposals` adds what came later about the same kind."""

    row_chosen = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("side")
        words = desk.words
        self.kind = ""
        self._field = ""
        self.rows = FrameTable(words, [])
        self.table = Table(desk.look, self.rows)
        words.keep(self.table, "setAccessibleName", Text("Findings"))
        self._title, self._facts = Label(words, "", "title"), ShortLabel(words, "", "note")
        note = Label(words, Text("Row = the surveyor's own row number"), "note")
        head = QFrame()
        head.setObjectName("raised")
        top = row(self._title, self._facts, note, margins=(16, 10, 16, 10))
        top.setStretch(1, 1)
        head.setLayout(top)
        self._none = EmptyPlace(words, Text("Nothing was found. Every row can go into the store."))
        self.correct = CorrectionBar(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (head, self.table, self._none, line(), self.correct):
            layout.addWidget(part)
        layout.setStretch(1, 1)
        layout.setStretch(2, 1)
        self.table.row_chosen.connect(self._choose)

    def show_any(self, some: bool) -> None:
        """The table, or the words that there is nothing to show."""
        self._none.setVisible(not some)
        self.table.setVisible(some)

    def show_kind(self, code: str, found: pd.DataFrame, column: str, wanted: bool) -> None:
        """The findings of one kind; `column`: ours that they are about, `wanted`: whether rows may be corrected."""
        first = found.iloc[0]
        self.kind, self._field = code, str(first["field"])
        self._title.say(title_of(code))
        self._facts.say(
            Text("{count} places · {severity} · {layers} layers · {code}", count=grouped(len(found)),
                 severity=SEVERITIES.get(first["severity"], ""), layers=found["file"].nunique(), code=code)
        )  # fmt: skip
        self.rows.show_frame(found, row_columns(self._field))
        self.correct.show_kind(column, len(found[found["record"] >= 0].drop_duplicates(KEY)))
        self.correct.allow(wanted, bool((found["record"] >= 0).all()))
        self.table.selectRow(0)

    def show_proposals(self, code: str, proposals: pd.DataFrame) -> None:
        """What is proposed for rows of the kind `code` (`census.review.proposals`); too late for another kind."""
        if code != self.kind or not len(proposals):
            return
        chosen = self.table.chosen()
        places = proposals["field"] == ""
        offered = proposals.assign(
            to=proposals["value"].where(~places, proposals["value"].str.replace(",", ", "))
        )
        offered = offered[[*KEY, *OFFERED]].rename(columns=OFFERED).drop_duplicates(KEY)
        found = self.rows.frame.drop(columns=list(OFFERED.values()), errors="ignore")
        found = found.merge(offered, on=KEY, how="left")
        found = found.fillna({"proposed": "", "proposed_field": "", "proposed_reason": ""})
        self.rows.show_frame(found, row_columns(self._field, proposed=True))
        self.correct.show_proposed(len(offered))
        self.table.choose(chosen)

    def _choose(self, position: int) -> None:
        frame = self.rows.frame
        if 0 <= position < len(frame) and "proposed" in frame:
            finding = frame.iloc[position]
            self.correct.propose(str(finding["proposed_field"]), str(finding["proposed"]))
        self.row_chosen.emit(position)


def row_columns(concerned: str, proposed: bool = False) -> list[Column]:
    """Columns of the rows of one kind; the field the kind is about is tinted."""
    offered = [Column("proposed", Text("Proposed"), lambda value: spaced(value) or "—", width=176)]
    return [
        Column("row", Text("Row"), lambda value: str(value) if value >= 0 else "—", right=True, width=72),
        Column("layer", Text("Layer"), width=128),
        Column("raw", Text("Component code"), row_code, width=172),
        Column("value", concerned or Text("As delivered"), spaced, width=176 if proposed else 200, tint=True),
        *(offered if proposed else []),
        Column("remedy", Text("Remedy"), lambda value: Text(str(value)) if value else "", stretch=True),
    ]
