"""Sanitation facilities: a tab of the census with list, map and the sheet of the chosen one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from desktop.apart import Ask
from desktop.dialogs import choose_files, choose_target
from desktop.formats import grouped
from desktop.map.layer import Pick
from desktop.map.layers.facilities import KIND
from desktop.models.city import City
from desktop.models.facilities import Register, layer_of, read_register
from desktop.pages.base import Page
from desktop.pages.facilities.facilities_list import FacilitiesList
from desktop.pages.facilities.facility_editing import FacilityEditing
from desktop.pages.facilities.facility_sheet import FacilitySheet
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, box, column, line, row
from desktop.widgets.facts import Fact, FactStrip, Step
from desktop.widgets.notices import Notice
from desktop.words import Text
from kernel.changes import AREAS, CELLS, FACILITIES
from kernel.clock import local_today

CLOSE_SCALE = 1_000
LIST_WIDTH = 648
FILES = "*.xlsx *.csv *.shp *.gpkg *.geojson *.zip"


class FacilitiesPage(Page):
    """Filters narrow list, map and counts together; a double click flies there."""

    name, title, icon = "facilities", Text("Facilities"), "census"
    kinds = frozenset({FACILITIES, CELLS, AREAS})

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.register: Register | None = None
        self.code = ""
        self.list = FacilitiesList(desk)
        self.map = CityMap(desk, city, components=False, tell=self.told.emit)
        self.sheet = FacilitySheet(desk)
        self.editing = FacilityEditing(desk, self.map)
        self.form = self.editing.form
        self.side = QStackedWidget()  # one of the two, so that the page never needs room for both
        self.facts = FactStrip(desk.words)
        self._lay_out()
        self._listen()

    def refresh(self) -> None:
        today = local_today(self.desk.state.clock)
        self.desk.state.read("facilities", Text("Reading the facilities"), lambda store, progress: read_register(store, today, progress),
                             self._take, owner=self, on_failed=self.fail)  # fmt: skip

    def panes(self) -> list[QWidget]:
        return [self.list.table, self.map, self.side.currentWidget()]

    def find(self) -> None:
        self.list.find.setFocus()

    def back(self) -> bool:
        if super().back() or self.editing.close():
            return True
        if self.code:
            self.choose("")
            return True
        return False

    def tell_status(self) -> None:
        super().tell_status()
        self.map.tell_all()
        self.told.emit("selected", self.code)

    def forget(self) -> None:
        self.register, self.code = None, ""
        self.editing.close()
        self._show_side()

    def maps(self) -> list[CityMap]:
        return [self.map]

    def choose(self, code: str, *, fly: bool = False) -> None:
        """Show one facility's sheet and mark it on the map; "" chooses none. What is being written stays in hand."""
        if self._keeps_form():
            self._show()
            return
        self.editing.close()
        self.code = code
        self._show()
        found = self._chosen()
        if fly and found is not None:
            self.map.centre_on(float(found["x"]), float(found["y"]), CLOSE_SCALE)
        self.tell_status()

    def open_form(self) -> None:
        """Write a new facility."""
        if self._keeps_form():
            return
        self.show_content()
        self.editing.open()

    def edit(self) -> None:
        """Edit the chosen facility."""
        if not self._keeps_form():
            self.editing.open(self._mine())

    def _keeps_form(self) -> bool:
        """Whether something is being written that must not be lost; says so."""
        kept = self.editing.active and self.form.written
        if kept:
            self.say(Notice("information", Text("The form is open: save it or cancel it first.")))
        return kept

    def remove(self) -> None:
        """Take the chosen facility out of the register; asked once more in the message bar."""
        facility = self._mine()
        if facility is not None:
            asked = Text("Facility {code} leaves the register; its history and its log stay.", code=self.code)
            self.say(Notice("warning", asked, Text("Take it out"), lambda: self._remove(facility)))

    def add_entry(self, entry: dict[str, str]) -> None:
        """Enter what was done at the chosen facility."""
        self.act("facilities.log", Text("Entering work at {code}", code=entry["code"]), "facilities.log_work.log_work",
                 Ask.of("facilities.log_work.LogWork", **entry), self._logged)  # fmt: skip

    def withdraw(self, entry: int) -> None:
        """Take an entry of the log back."""
        self.act("facilities.log", Text("Withdrawing entry {entry}", entry=entry), "facilities.log_work.withdraw_work",
                 Ask.of("facilities.log_work.WithdrawWork", entry=entry),
                 lambda _: self.done.emit(Notice("done", Text("Entry {entry} is withdrawn; it stays visible.", entry=entry))))  # fmt: skip

    def read_file(self, file: Path) -> None:
        """Register the facilities of a list."""
        self.act("facilities.import", Text("Reading {files}", files=file.name), "facilities.import_facilities.import_facilities",
                 Ask.of("facilities.import_facilities.ImportFacilities", file=file), self._imported)  # fmt: skip

    def export(self, target: Path) -> None:
        """Write the register and its log."""
        self.act("facilities.export", Text("Writing {file}", file=target.name), "facilities.export_facilities.export_facilities",
                 Ask.of("facilities.export_facilities.ExportFacilities", out=target),
                 lambda done: self.tell_written(done.file))  # fmt: skip

    # -- building ------------------------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        words = self.desk.words
        head = QFrame()
        head.setObjectName("band")
        buttons = (
            Button(words, Text("Export…"), self._choose_target),
            Button(words, Text("Import…"), self._choose_file),
            Button(words, Text("New facility…"), self.open_form, "primary"),
        )
        head.setLayout(column(box(row(Label(words, Text("Sanitation facilities"), "page"), None, *buttons)), self.facts,
                              spacing=12, margins=(20, 12, 20, 12)))  # fmt: skip
        self.list.setFixedWidth(LIST_WIDTH)
        self.side.addWidget(self.sheet)
        self.side.addWidget(self.form)
        self.side.setFixedWidth(self.sheet.width())
        self.side.hide()
        middle = row(self.list, line(vertical=True), self.map, self.side, spacing=0)
        middle.setStretch(2, 1)
        whole = column(head, box(middle), spacing=0)
        whole.setStretch(1, 1)
        self.content.setLayout(whole)

    def _listen(self) -> None:
        self.list.filtered.connect(self._show)
        self.list.chosen.connect(self.choose)
        self.list.opened.connect(lambda code: self.choose(code, fly=True))
        self.list.area_opened.connect(self._fly_to_area)
        self.map.picked.connect(self._pick)
        self.sheet.log_wished.connect(self.add_entry)
        self.sheet.withdraw_wished.connect(self.withdraw)
        self.sheet.edit_wished.connect(self.edit)
        self.sheet.remove_wished.connect(self.remove)
        self.editing.done.connect(self.done)
        self.editing.failed.connect(self.fail)
        self.editing.saved.connect(self._saved)
        self.editing.shown.connect(self._show)
        self.city.cells_changed.connect(self._show)
        self.desk.state.facts_changed.connect(self._offer_again)
        self.desk.words.changed.connect(self._show)

    # -- showing -------------------------------------------------------------------------------------------------
    def _take(self, register: Register) -> None:
        self.register = register
        if len(register.facilities):
            self.show_content()
            self._show()
        else:
            self.map.lay(None, "facilities")
            self.list.show_rows(register.facilities, {}, "")
            self._tell_facts(register.facilities)
            self._offer()

    def _offer(self) -> None:
        """What comes first: a plane to place facilities on, then facilities."""
        facts = self.desk.state.facts
        if self.editing.active:
            return  # the first facility is being written
        if facts is None or not facts.info.crs:
            self.offer_start(Text("There is nothing in this store yet, so a facility could not be placed."))
            return
        self.show_empty(
            Text(
                "The register has no facilities yet. A list has at least a kind, a name and a place for each."
            ),
            Step(Text("Import a list…"), self._choose_file),
            Step(Text("New facility…"), self.open_form),
            Step(Text("Save an empty list to fill in…"), self._choose_target),
        )

    def _offer_again(self) -> None:
        if self.register is not None and self.is_empty:
            self._offer()

    def _show_side(self) -> None:
        self.side.setCurrentWidget(self.form if self.editing.active else self.sheet)
        self.side.setVisible(self.editing.active or self._chosen() is not None)

    def _show(self) -> None:
        if self.register is None:
            return
        if not len(self.register.facilities):
            self._offer()
            self._show_side()
            return
        shown = self.list.filter.chosen(self.register.facilities)
        ground = self.city.ground
        self.list.show_rows(shown, ground.areas if ground is not None else {}, self.code)
        self.map.lay(layer_of(shown, self.code), "facilities")
        self._tell_facts(shown)
        today = local_today(self.desk.state.clock)
        self.sheet.show_facility(self._chosen(), self.register.log_of(self.code), today)
        self._show_side()

    def _tell_facts(self, shown: pd.DataFrame) -> None:
        states = shown["state"].value_counts()
        late = int((shown["days_late"] > 0).sum())
        cost = self.register.log if self.register is not None else shown.iloc[:0]
        year = str(local_today(self.desk.state.clock).year)
        cost = cost[
            (cost["withdrawn_at"] == "")
            & cost["day"].str.startswith(year)
            & cost["facility_code"].isin(shown["code"])
        ]
        self.facts.show_facts(
            [
                Fact(Text("Facilities"), grouped(len(shown)), Text("of {all} in the register", all=grouped(self._total()))),
                Fact(Text("Running"), grouped(int(states.get("运行", 0)))),
                Fact(Text("Under repair"), grouped(int(states.get("检修", 0))), tone="warning"),
                Fact(Text("Out of use"), grouped(int(states.get("停用", 0)))),
                Fact(Text("Maintenance overdue"), grouped(late), tone="alarm"),
                Fact(Text("Spent in {year}", year=year), Text("{yuan} yuan", yuan=grouped(float(cost["cost"].sum()))),
                     Text("{count} entries", count=grouped(len(cost)))),
            ]
        )  # fmt: skip

    def _total(self) -> int:
        return len(self.register.facilities) if self.register is not None else 0

    def _chosen(self) -> pd.Series | None:
        mine = self._mine()
        return None if mine is None else mine.iloc[0]

    def _mine(self) -> pd.DataFrame | None:
        """The chosen facility's row of the register."""
        if self.register is None or not self.code:
            return None
        mine = self.register.facilities[self.register.facilities["code"] == self.code]
        return mine if len(mine) else None

    # -- what happens --------------------------------------------------------------------------------------------
    def _pick(self, pick: Pick | None) -> None:
        if pick is not None and pick.kind == KIND:
            self.choose(pick.key)

    def _fly_to_area(self, code: str) -> None:
        ground = self.city.ground
        for areas in ground.areas.values() if ground is not None else ():
            mine = areas[areas["code"] == code]
            if len(mine):
                self.map.fly_to(*mine.total_bounds)

    def _remove(self, facility: pd.Series) -> None:
        self.bar.hide()
        self.editing.remove(facility)

    def _saved(self, code: str) -> None:
        self.bar.hide()
        self.code = code
        self._show()

    def _choose_file(self) -> None:
        choose_files(
            self, self.desk.words, Text("Import a list…"), FILES, lambda files: self.read_file(files[0])
        )

    def _choose_target(self) -> None:
        choose_target(self, self.desk.words, Text("Export…"), "xlsx", "facilities.xlsx", self.export)

    def _imported(self, done: Any) -> None:
        said = Text("{read} rows read: {new} new, {changed} changed, {refused} refused.", read=grouped(done.read),
                    new=grouped(done.new), changed=grouped(done.changed), refused=grouped(done.quarantined))  # fmt: skip
        self.tell_taken(said, done.details)

    def _logged(self, done: Any) -> None:
        self.sheet.clear_entry()
        said = Text("Entered for {code}.", code=done.code)
        self.done.emit(Notice("done", said, Text("Undo"), lambda: self.withdraw(done.entry), "Ctrl Z"))
