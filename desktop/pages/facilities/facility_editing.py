"""One facility by hand: registered, edited, taken out of the register; each can be taken back, all of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from PySide6.QtCore import QObject, Signal

from census.facilities.frames import FACILITY_COLUMNS
from desktop.apart import Ask
from desktop.map.tools import PlaceTool
from desktop.pages.facilities.facility_form import FacilityForm
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.notices import Notice
from desktop.words import Text
from kernel.errors import WanGridError
from resources.facilities import fields

ROOM = "facilities.edit_facility."


class FacilityEditing(QObject):
    """Opens and closes the form, gives it the places clicked on the map, and does what is wished."""

    done = Signal(object)  # Notice
    failed = Signal(object)  # WanGridError that is about no field of the form
    saved = Signal(str)  # number of the facility
    shown = Signal()  # the form was opened or closed

    def __init__(self, desk: Desk, city_map: CityMap) -> None:
        super().__init__(city_map)
        self._desk, self._map = desk, city_map
        self._seen: pd.DataFrame | None = None
        self.active = False  # whether the form is open
        self._turn = 0  # how often it was opened: an answer about an earlier turn leaves this one alone
        self.form = FacilityForm(desk)
        self.form.wished.connect(self.save)
        self.form.closed.connect(self.close)
        self.form.placed.connect(self._map.mark_place)

    def open(self, facility: pd.DataFrame | None = None) -> None:
        """Open the form on a facility (one row of the register), or on a new one."""
        self._seen = None if facility is None else facility[list(FACILITY_COLUMNS)]
        self.form.open(None if facility is None else facility.iloc[0])
        self._map.take_tool(PlaceTool(self.form.take_place))
        self.active = True
        self._turn += 1
        self.shown.emit()
        self.form.lines["name"].setFocus()

    def close(self) -> bool:
        """Put the form away; whether it was open."""
        if not self.active:
            return False
        self.active = False
        self._map.set_tool("pan")
        self._map.mark_place(None)
        self.shown.emit()
        return True

    def save(self, values: dict[str, str]) -> None:
        """Register the facility of the form, or change these fields of it."""
        form = self.form
        if not values:
            self.close()
            return
        form.save.setEnabled(False)
        if form.code:
            before = {name: form.opened[name] for name in values}
            self._edit(form.code, values, seen=self._seen, said="Facility {code} is changed.", turn=self._turn,
                       undo=lambda code: self._edit(code, before, said="Facility {code} is as it was."))  # fmt: skip
        else:
            code = values.pop("code", "")
            self._edit(
                code,
                values,
                register=True,
                said="Facility {code} is in the register.",
                turn=self._turn,
                undo=self._remove,
            )

    def remove(self, facility: pd.DataFrame) -> None:
        """Take a facility (one row of the register) out; history and log stay, so it can come back as it was."""
        self._remove(str(facility["code"].iloc[0]), lambda: self._restore(facility[list(FACILITY_COLUMNS)]))

    def _edit(
        self, code: str, values: Mapping[str, str], *, said: str, register: bool = False,
        seen: pd.DataFrame | None = None, undo: Callable[[str], object] | None = None, turn: int = 0,
    ) -> None:  # fmt: skip
        request = Ask.of(f"{ROOM}EditFacility", values=values, code=code, register=register, seen=seen)
        self._act(Text("Saving the facility"), "edit_facility", request, turn,
                  lambda done: self._saved(done.code, said, turn, undo))  # fmt: skip

    def _restore(self, facility: pd.DataFrame) -> None:
        said = "Facility {code} is in the register again."
        self._act(Text("Saving the facility"), "restore_facility", Ask.of(f"{ROOM}RestoreFacility", facility=facility), 0,
                  lambda done: self._saved(done.code, said, 0, None))  # fmt: skip

    def _remove(self, code: str, undo: Callable[[], object] | None = None) -> None:
        said = Text("Facility {code} has left the register; its history and log stay.", code=code)
        request = Ask.of(f"{ROOM}DeleteFacility", code=code)
        self._act(Text("Taking facility {code} out", code=code), "delete_facility", request, 0,
                  lambda _: self._tell(said, undo))  # fmt: skip

    def _saved(self, code: str, said: str, turn: int, undo: Callable[[str], object] | None) -> None:
        if turn == self._turn:
            self.close()
        if not self.active:
            self.saved.emit(code)
        self._tell(Text(said, code=code), None if undo is None else lambda: undo(code))

    def _tell(self, said: Text, undo: Callable[[], object] | None) -> None:
        self.done.emit(Notice("done", said, Text("Undo") if undo else "", undo, "Ctrl Z" if undo else ""))

    def _act(self, title: Text, action: str, request: Ask, turn: int, on_done: Callable[[Any], None]) -> None:
        """Do something; `turn` is that of the form whose values it carries, 0 where no form is answered for."""
        self._desk.state.act("facilities.edit", title, ROOM + action, request, on_done, owner=self,
                             on_failed=lambda error: self._fail(error, turn))  # fmt: skip

    def _fail(self, error: WanGridError, turn: int) -> None:
        """A fault of one field is told beneath it, as long as its form is open."""
        own = self.active and turn == self._turn
        if own:
            self.form.save.setEnabled(True)
        named = {fields()[name].zh: name for name in self.form.fields}.get(str(error.places.get("field", "")))
        if named is None or not own:
            self.failed.emit(error)
            return
        places = {**error.places, "field": self.form.name_of(named)}
        self.form.blame(
            named,
            Text(
                "{first} {second}", first=Text(error.template, **places), second=Text(error.remedy, **places)
            ),
        )
