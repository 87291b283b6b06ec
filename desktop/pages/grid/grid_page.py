"""The grid: communities and their cells, the rules they must keep, dividing and importing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.actions_list import Callbacks
from desktop.apart import Ask
from desktop.dialogs import AREA_FILES, choose_files
from desktop.formats import grouped, share, square_metres
from desktop.jobs import COMPUTE
from desktop.map.layers.thematic import ThematicLayer
from desktop.models.city import City, Ground
from desktop.models.grid_summary import STEP_WORDS, GridSummary, summarise
from desktop.pages.base import Page
from desktop.pages.grid.grid_divide import DividePanel
from desktop.pages.grid.grid_editing import CHOOSE, SHAPE, SPLIT, GridEditing
from desktop.pages.grid.grid_handover import with_handover
from desktop.pages.grid.grid_mending import GridMending
from desktop.pages.grid.grid_panels import ChecksPanel, CommunitiesPanel
from desktop.pages.grid.grid_print import choose_atlas
from desktop.pages.map.city_map import CityMap
from desktop.pages.map.map_cards import place_of
from desktop.state import Desk, Selection
from desktop.widgets.basic import line
from desktop.widgets.facts import Fact, FactStrip, Step
from desktop.widgets.notices import Notice
from desktop.widgets.swatches import SwatchRow
from desktop.words import Text
from kernel.changes import AREAS, BASE, CELLS

FINDING_SCALE = 1_500


class GridPage(Page):
    """Left communities or the form to divide, map in the middle, checks and sizes at the right."""

    name, title, icon = "grid", Text("Grid"), "grid"
    kinds = frozenset({CELLS, AREAS, BASE})

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.summary: GridSummary | None = None
        self.findings = pd.DataFrame()
        self.map = CityMap(desk, city, components=False, tell=self.told.emit, cells_until=math.inf)
        self.editing = GridEditing(desk, city, self.map)
        self.communities = CommunitiesPanel(desk)
        self.divide = DividePanel(desk)
        self.checks = ChecksPanel(desk)
        self.mending = GridMending(desk, self.map, self.editing, self.checks.mend_band)
        self.facts = FactStrip(desk.words)
        self.legend = SwatchRow(
            desk.words, desk.look, Text("Area against the rule's 10,000 m², number of cells")
        )
        self._lay_out()
        self._listen()

    def callbacks(self) -> Callbacks:
        return {
            "grid.import": self._choose_grid,
            "grid.divide": self._open_divide,
            "grid.check": self.check,
            "grid.atlas": lambda: choose_atlas(self),
            "grid.component_atlas": lambda: choose_atlas(self, components=True),
            "map.whole": self.map.home,
            "grid.split": lambda: self.editing.take(SPLIT),
            "grid.shape": lambda: self.editing.take(SHAPE),
            "grid.choose": lambda: self.editing.take(CHOOSE),
            "grid.redo": self.editing.redo,
            **({"undo": self.editing.undo} if self.editing.active else {}),
        }

    def panes(self) -> list[QWidget]:
        return [self.left, self.map, self.checks]

    def find(self) -> None:
        self.communities.table.setFocus()

    def back(self) -> bool:
        if self.mending.back() or self.editing.back():
            return True
        if self.left.currentWidget() is self.divide:
            self._close_divide()
            return True
        return super().back()

    def refresh(self) -> None:
        ground = self.city.ground
        if ground is None:
            return
        if not len(ground.cells) and self.left.currentWidget() is not self.divide:
            self.show_empty(
                Text("There are no unit grid cells yet."),
                Step(Text("Divide an area…"), self._open_divide),
                Step(Text("Import a finished grid…"), self._choose_grid),
                Step(Text("Open the demo city"), lambda: self.wish.emit("store.demo")),
            )
            return
        self.show_content()
        self.desk.jobs.start("grid.summary", "", lambda _: summary_of(ground), lane=COMPUTE, owner=self,
                             on_done=self._show_summary, on_failed=self.fail, quiet=True)  # fmt: skip
        self.check()

    def check(self) -> None:
        """Check the stored cells by the grid rules."""
        self.act("grid.check", Text("Checking the grid"), "grid.check_stored_grid.check_stored_grid",
                 Ask.of("grid.check_stored_grid.CheckStoredGrid"),
                 self._show_checked)  # fmt: skip

    def tell_status(self) -> None:
        self.map.tell_all()
        self.told.emit("selected", "")

    def maps(self) -> list[CityMap]:
        return [self.map]

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # another page came to the front; a window that is minimised comes back
            self.editing.release()

    # -- building ------------------------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.left = QStackedWidget()
        self.left.addWidget(self.communities)
        self.left.addWidget(self.divide)
        self.left.setFixedWidth(self.communities.width())
        head = QFrame()
        head.setObjectName("band")
        top = QVBoxLayout(head)
        top.setContentsMargins(16, 12, 16, 8)
        top.setSpacing(8)
        top.addWidget(self.facts)
        top.addWidget(line())
        top.addWidget(self.legend)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(head)
        middle.addWidget(self.map, 1)
        whole = QHBoxLayout(self.content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.left)
        whole.addWidget(line(vertical=True))
        whole.addLayout(middle, 1)
        whole.addWidget(line(vertical=True))
        whole.addWidget(self.checks)

    def _listen(self) -> None:
        self.city.cells_changed.connect(self.renew)
        self.communities.chosen.connect(lambda code: self._fly_to("community", code))
        self.communities.divide_wished.connect(self._open_divide)
        self.communities.import_wished.connect(self._choose_grid)
        self.communities.print_wished.connect(lambda: choose_atlas(self))
        self.checks.chosen.connect(self._show_finding)
        self.checks.check_wished.connect(self.check)
        self.checks.mend_wished.connect(self.mending.look)
        self.mending.failed.connect(self.fail)
        self.divide.tried.connect(self._try)
        self.divide.accepted.connect(self._accept)
        self.divide.closed.connect(self._close_divide)
        self.map.picked.connect(self._picked)
        self.editing.done.connect(self.done)
        self.editing.failed.connect(self.fail)
        self.editing.told.connect(lambda words: self.told.emit("selected", words))

    # -- what is shown -------------------------------------------------------------------------------------------
    def _show_summary(self, summary: GridSummary) -> None:
        self.summary = summary
        self.communities.show_summary(summary)
        self.checks.show_summary(summary)
        self.legend.show_counts({code: int((summary.steps == code).sum()) for code in STEP_WORDS}, STEP_WORDS)
        ground = self.city.ground
        if ground is not None and len(ground.cells) == summary.cells:
            self.map.lay(ThematicLayer.hotspots(ground.cells, summary.steps), "areas", under=True)
        self._show_facts()

    def _show_checked(self, checked: Any) -> None:
        self.findings = checked.details
        self.checks.show_findings(checked.details)
        self.map.mark_findings(checked.details)
        self._show_facts()

    def _show_facts(self) -> None:
        summary, ground = self.summary, self.city.ground
        if summary is None or ground is None:
            return
        errors, warnings = (
            int((self.findings["severity"] == s).sum()) if len(self.findings) else 0
            for s in ("error", "warning")
        )
        self.facts.show_facts(
            [
                Fact(
                    Text("Unit grid cells"),
                    grouped(summary.cells),
                    Text("{area} km²", area=f"{summary.area_m2 / 1e6:,.2f}"),
                ),
                Fact(
                    Text("Communities"),
                    grouped(len(summary.communities)),
                    Text("{count} streets", count=len(ground.areas["street"])),
                ),
                Fact(Text("Mean area"), square_metres(summary.mean_m2), Text("about 10,000 m² by the rule")),
                Fact(Text("5,000 to 20,000 m²"), share(summary.usual_share, 1.0), Text("of the cells")),
                Fact(Text("Errors"), grouped(errors), Text("block publishing"), "alarm"),
                Fact(Text("Warnings"), grouped(warnings), Text("to look at"), "warning"),
            ]
        )

    def _show_finding(self, finding: pd.Series) -> None:
        self.mending.back()
        if pd.notna(finding["x"]):
            self.map.centre_on(float(finding["x"]), float(finding["y"]), FINDING_SCALE)

    def _picked(self, pick: Any) -> None:
        if pick is not None and pick.kind == "cell":
            self.map.select("cell", pick.key)
            self.told.emit("selected", Text("Cell {code}", code=pick.key))

    def _fly_to(self, kind: str, code: str) -> None:
        area = place_of(self.city, Selection(kind, code))
        if area is not None:
            self.map.fly_to(*area)

    # -- dividing and importing ----------------------------------------------------------------------------------
    def _open_divide(self) -> None:
        self.show_content()
        self.left.setCurrentWidget(self.divide)

    def _close_divide(self) -> None:
        self.left.setCurrentWidget(self.communities)
        self.map.preview(None)
        self.renew()

    def _choose_grid(self) -> None:
        choose_files(
            self,
            self.desk.words,
            Text("A finished grid"),
            AREA_FILES,
            lambda files: self.import_grid(files[0]),
        )

    def import_grid(self, file: Path) -> None:
        """Take a finished grid into the store, with undo."""
        self._replace("grid.import", Text("Importing the grid"), "grid.import_grid.import_grid",
                      Ask.of("grid.import_grid.ImportGrid", file=str(file)))  # fmt: skip

    def _try(self, request: Ask) -> None:
        self.act("grid.try", Text("Dividing the area"), "grid.try_division.try_division", request, self._show_trial)  # fmt: skip

    def _show_trial(self, tried: Any) -> None:
        self.divide.show_figures(tried.divided)
        self.checks.show_findings(tried.divided.details)
        self.map.preview(tried.cells)

    def _accept(self, request: Ask) -> None:
        self._replace(
            "grid.accept",
            Text("Replacing the grid"),
            "grid.divide_grid.divide_grid",
            request.changed(accept=True),
        )

    def _replace(self, kind: str, title: Text, action: str, request: Ask) -> None:
        """Do what replaces the grid, and offer to put back what was there."""
        before = self.city.ground
        if before is not None:
            self.act(kind, title, action, request, lambda done: self._tell_replaced(done, before))  # fmt: skip

    def _tell_replaced(self, done: Any, before: Ground) -> None:
        self.editing.active = False  # Ctrl+Z now means the grid as a whole
        self.left.setCurrentWidget(self.communities)
        self.map.preview(None)
        undo = (lambda: self._restore(before)) if len(before.cells) else None
        said = Text("{count} cells are in the store.", count=grouped(done.accepted))
        said = with_handover(said, done.handed_over)
        self.done.emit(Notice("done", said, Text("Undo") if undo else "", undo, "Ctrl Z" if undo else ""))

    def _restore(self, before: Ground) -> None:
        """Put the grid back that was there."""
        self.act("grid.undo", Text("Restoring the grid"), "grid.restore_grid.restore_grid",
                 Ask.of("grid.restore_grid.RestoreGrid", cells=before.cells, areas=before.areas),
                 lambda _: self.done.emit(Notice("done", Text("The grid is as it was."))))  # fmt: skip


def summary_of(ground: Ground) -> GridSummary:
    """The figures of the stored grid."""
    return summarise(ground.cells, ground.areas["community"], ground.areas["street"])
