"""The grid page's sides: communities with their cells at the left, checks and sizes at the right."""

from __future__ import annotations

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.formats import grouped
from desktop.models.finding_kinds import GRID_GROUPS, FindingKinds, said
from desktop.models.frame_table import Column, FrameTable
from desktop.models.grid_summary import GridSummary
from desktop.pages.grid.grid_mending import MendBand
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, ShortLabel, box, column, line, row
from desktop.widgets.charts import Histogram
from desktop.widgets.facts import EmptyPlace
from desktop.widgets.kind_list import KindList
from desktop.widgets.panel import SidePanel
from desktop.widgets.table import Table
from desktop.words import Text
from resources.styles import SIZES

NOTHING_CHOSEN = Text("Choose a finding first.")
GRID_RULES = [code for kinds in GRID_GROUPS.values() for code in kinds]


class CommunitiesPanel(SidePanel):
    """Which community has how many cells of what size; choosing one shows it on the map."""

    chosen = Signal(str)  # community code
    divide_wished = Signal()
    import_wished = Signal()
    print_wished = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Unit grid"), SIZES.space["left_panel_wide"])
        words = desk.words
        self.model = FrameTable(
            words,
            [
                Column("name", Text("Community"), stretch=True),
                Column("cells", Text("Cells"), right=True, width=56),
                Column("mean_m2", Text("Mean m²"), lambda value: f"{value:,.0f}", right=True, width=76),
            ],
        )
        self.table = Table(desk.look, self.model)
        words.keep(self.table, "setAccessibleName", Text("Communities"))
        divide = Button(words, Text("Divide…"), self.divide_wished.emit, "primary")
        bring = Button(words, Text("Import…"), self.import_wished.emit)
        printed = Button(words, Text("Print…"), self.print_wished.emit)
        self.fill(self.table, box(row(divide, bring, printed, margins=(16, 12, 16, 12))))
        self.table.row_chosen.connect(self._tell)

    def show_summary(self, summary: GridSummary) -> None:
        """Replace the list."""
        self.model.show_frame(summary.communities)
        self.note.say(Text("{count} communities", count=len(summary.communities)))

    def _tell(self, position: int) -> None:
        if position >= 0:
            self.chosen.emit(str(self.model.frame.iloc[position]["code"]))


class ChecksPanel(SidePanel):
    """What the grid rules found, and how large the cells are."""

    chosen = Signal(object)  # a finding: pd.Series
    check_wished = Signal()
    mend_wished = Signal(object)  # a finding: pd.Series

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Grid rules"), 400)
        words = desk.words
        self._desk = desk
        self._findings = pd.DataFrame()
        self.kinds = FindingKinds(words, GRID_GROUPS, kept=True)
        self.kind_list = KindList(desk.look, self.kinds)
        self.rows = FrameTable(
            words,
            [
                Column("said", Text("Finding"), stretch=True),
                Column("row", Text("Row"), self._row, right=True, width=56),
            ],
        )
        self.table = Table(desk.look, self.rows)
        self.table.horizontalHeader().hide()
        words.keep(self.kind_list, "setAccessibleName", Text("Grid rules"))
        words.keep(self.table, "setAccessibleName", Text("Findings"))
        self._none = EmptyPlace(words, Text("Not checked yet."))
        self._remedy = ShortLabel(words, "", "note")
        self._check = Button(words, Text("Check again"), self.check_wished.emit, "small")
        self.mend_button = Button(words, Text("Mend…"), self._wish_mending, "small")
        self.mend_button.allow(False, NOTHING_CHOSEN)
        self.mend_band = MendBand(words)
        self.histogram = Histogram(words, desk.look, 160)
        self._size_note = Label(words, "", "note")
        self._size_note.setWordWrap(True)
        self.fill(self._body(), self._sizes())
        self.kind_list.chosen.connect(self._show_kind)
        self.table.row_chosen.connect(self._tell)
        words.changed.connect(self._say_again)

    def show_summary(self, summary: GridSummary) -> None:
        """Draw the distribution of areas."""
        self.histogram.show_bars(summary.areas)
        self._size_note.say(
            Text("{share} of the cells have 5,000 to 20,000 m²; {outside} lie outside 2,000 to 50,000 m².",
                 share=f"{summary.usual_share:.1%}".replace("%", " %"), outside=grouped(summary.outside_allowed))
        )  # fmt: skip

    def show_findings(self, findings: pd.DataFrame) -> None:
        """Show what a check found."""
        self._findings = findings
        self.kinds.show_findings(findings)
        errors, warnings = (int((findings["severity"] == name).sum()) for name in ("error", "warning"))
        self.note.say(Text("Errors {errors}   Warnings {warnings}", errors=errors, warnings=warnings))
        self._none.offer(Text("Every cell keeps every rule."))
        self._none.setVisible(not len(findings))
        self.table.setVisible(bool(len(findings)))
        self._show_kind("")
        self.kind_list.choose(self.kinds.first_kind())

    def _body(self) -> QWidget:
        self.table.hide()
        self.kind_list.setMinimumHeight(80)
        self.kind_list.setMaximumHeight(28 + 27 * len(GRID_RULES))
        self.kinds.show_findings(pd.DataFrame())
        body = column(self.kind_list, line(), self._none, self.table, spacing=0)
        body.setStretch(0, 4)
        body.setStretch(2, 1)
        body.setStretch(3, 3)
        foot = row(self._remedy, self.mend_button, self._check, margins=(16, 8, 16, 8))
        foot.setStretch(0, 1)
        return box(column(box(body), line(), self.mend_band, box(foot), spacing=0))

    def _sizes(self) -> QWidget:
        title = Label(self._desk.words, Text("Area of the cells"))
        return box(column(title, self.histogram, self._size_note, spacing=8, margins=(16, 12, 16, 16)))

    def _show_kind(self, code: str) -> None:
        mine = self._findings[self._findings["code"] == code].reset_index(drop=True)
        words = self._desk.words
        mine["said"] = [words(said(finding)) for _, finding in mine.iterrows()]
        self.rows.show_frame(mine)
        self.table.selectRow(0)
        self.mend_button.allow(bool(len(mine)), NOTHING_CHOSEN)

    def _say_again(self) -> None:
        current = self.kind_list.currentIndex()
        if current.isValid() and self.kinds.lines[current.row()].code:
            self._show_kind(self.kinds.lines[current.row()].code)

    def _tell(self, position: int) -> None:
        if position >= 0:
            finding = self.rows.frame.iloc[position]
            self._remedy.say(Text(str(finding["remedy"])))
            self.chosen.emit(finding)

    def _wish_mending(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.mend_wished.emit(self.rows.frame.iloc[self.rows.position(index.row())])

    @staticmethod
    def _row(value: int) -> str:
        return str(value) if value >= 0 else "—"
