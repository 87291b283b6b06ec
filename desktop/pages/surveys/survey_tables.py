"""The lower left of the page: the chosen survey by collector, by day, by outcome and class, or component by component."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from census.special_survey.frames import OUTCOMES
from desktop.formats import grouped, share, spaced
from desktop.models.frame_table import Column, FrameTable
from desktop.models.surveys import Surveys
from desktop.state import Desk
from desktop.widgets.basic import Combo, Label, box, column, row
from desktop.widgets.marks import Mark
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from resources.surveys import outcomes

COLLECTORS, DAYS, CLASSES, ROWS = "collectors", "days", "classes", "rows"
WAYS = {
    COLLECTORS: Text("By collector"),
    DAYS: Text("By day"),
    CLASSES: Text("Result by class"),
    ROWS: Text("Result one by one"),
}
STAGES = (
    ("stale", Text("open")),
    ("warning", Text("points in")),
    ("done", Text("done")),
)  # colours of the cells on the map
MARKS = {"confirmed": "tick", "moved": "circle", "changed": "hollow-triangle", "not_found": "octagon",
         "pending": "dashed-circle", "new": "circle"}  # fmt: skip


class SurveyTables(QWidget):
    """`collector_chosen` with a name; `place_opened` with x and y of a component."""

    collector_chosen = Signal(str)
    place_opened = Signal(float, float)

    def __init__(self, desk: Desk, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._desk, self._name_of = desk, name_of
        words = desk.words
        self._surveys: Surveys | None = None
        self._result: Any = None
        self.way, self.outcome = Combo(words), Combo(words)
        self.way.setMinimumContentsLength(13)
        self.model = FrameTable(words, self._collectors())
        self.table = Table(desk.look, self.model)
        words.keep(self.table, "setAccessibleName", Text("How the survey stands"))
        words.keep(self.way, "setAccessibleName", Text("View"))
        words.keep(self.outcome, "setAccessibleName", Text("Outcome"))
        legend = [
            part
            for stage in STAGES
            for part in (Mark(desk.look, "dot", stage[0], 12), Label(words, stage[1], "note"))
        ]
        inner = column(
            box(row(self.way, self.outcome, None, *legend, margins=(16, 8, 16, 8))), self.table, spacing=0
        )
        inner.setStretch(1, 1)
        self.setLayout(inner)
        self.way.currentIndexChanged.connect(lambda _: self.renew())
        self.outcome.currentIndexChanged.connect(lambda _: self.renew())
        self.table.row_chosen.connect(self._choose)
        self.table.opened.connect(self._open)
        words.changed.connect(self.offer)
        self.offer()

    def show_survey(self, surveys: Surveys, result: Any) -> None:
        """Show another survey, or the same as it stands now; `result` None while it is being compared."""
        self._surveys, self._result = surveys, result
        self.renew()

    def offer(self) -> None:
        """Fill the choices in the present language."""
        lang = self._desk.words.lang
        self.way.offer(list(WAYS.items()))
        self.outcome.offer(
            [("", Text("All outcomes")), *((key, outcomes()[key].name(lang)) for key in OUTCOMES)]
        )
        self.renew()

    def renew(self) -> None:
        """Show what the choices say."""
        way, surveys = self.way.key(), self._surveys
        self.outcome.setVisible(way == ROWS)
        if surveys is None or not surveys.chosen:
            self.model.show_frame(pd.DataFrame(), self._collectors())
        elif way == COLLECTORS:
            self.model.show_frame(surveys.collectors, self._collectors())
        elif way == DAYS:
            self.model.show_frame(surveys.days, self._days())
        elif way == CLASSES:
            self.model.show_frame(self._result.classes if self._result else pd.DataFrame(), self._classes())
        else:
            self.model.show_frame(self._rows(), self._row_columns())

    def _rows(self) -> pd.DataFrame:
        if self._result is None:
            return pd.DataFrame()
        rows, wanted = self._result.rows, self.outcome.key()
        return rows[rows["outcome"] == wanted].reset_index(drop=True) if wanted else rows

    def _choose(self, at: int) -> None:
        if at >= 0 and self.way.key() == COLLECTORS:
            self.collector_chosen.emit(str(self.model.frame["collector"].iloc[at]))

    def _open(self, at: int) -> None:
        if self.way.key() == ROWS:
            place = self.model.frame.iloc[at]
            self.place_opened.emit(float(place["x"]), float(place["y"]))

    def _collectors(self) -> list[Column]:
        return [
            Column("collector", Text("Collector"), stretch=True),
            Column("cells", Text("Cells"), _figure, right=True, width=64),
            Column("cells_done", Text("Cells done"), _figure, right=True, width=80),
            Column("known", Text("Known"), _figure, right=True, width=72),
            Column("found", Text("Found"), _figure, right=True, width=72),
            Column("last_day", Text("Last worked"), width=92),
        ]

    def _days(self) -> list[Column]:
        return [
            Column("day", Text("Day"), stretch=True),
            Column("cells_done", Text("Cells done"), _figure, right=True, width=96),
            Column("found", Text("Found"), _figure, right=True, width=96),
        ]

    def _classes(self) -> list[Column]:
        lang = self._desk.words.lang
        figures = [Column(key, outcomes()[key].name(lang), _figure, right=True, width=72) for key in OUTCOMES]
        return [
            Column("class_code", Text("Class"), lambda code: self._name_of(str(code)), stretch=True),
            *figures,
        ]

    def _row_columns(self) -> list[Column]:
        return [
            Column("outcome", Text("Outcome"), self._outcome, width=96, mark=_mark),
            Column("code", Text("Code"), spaced, width=160),
            Column(
                "moved_m", Text("Moved m"), lambda v: "" if pd.isna(v) else f"{v:.1f}", right=True, width=72
            ),
            Column("changes", Text("What changed"), stretch=True),
            Column("collector", Text("Collector"), width=100),
        ]

    def _outcome(self, key: object) -> Wording:
        known = outcomes().get(str(key))
        return known.name(self._desk.words.lang) if known else str(key)


def done_share(surveys: Surveys) -> str:
    """How much of the plan's cells is done."""
    return share(int((surveys.plan["done_on"] != "").sum()), len(surveys.plan))


def _figure(value: object) -> str:
    return grouped(int(value))  # type: ignore[call-overload]


def _mark(value: object) -> tuple[str, str] | None:
    known = outcomes().get(str(value))
    return (MARKS[str(value)], known.role) if known and str(value) in MARKS else None
