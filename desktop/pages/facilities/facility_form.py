"""The form of one facility, a new one or one that is edited: the fields of a list, its place from the map."""

from __future__ import annotations

import math

import pandas as pd
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.formats import FIELDS
from desktop.pages.facilities.facility_sheet import WIDTH
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, box, column, row, scrolled
from desktop.widgets.form import FormField, pair
from desktop.widgets.panel import SidePanel
from desktop.words import Text, Wording
from resources.facilities import FACILITY_FIELDS, RUNNING, fields, kinds, states

AXES = {axis: FIELDS[axis] for axis in ("x", "y")}
CHOICES = ("kind", "state")
LINES = tuple(name for name in FACILITY_FIELDS if name not in CHOICES)


class FacilityForm(SidePanel):
    """Says `wished` with the fields that differ from how the form was opened, `placed` with (x, y) or None."""

    wished = Signal(dict)
    placed = Signal(object)
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, "", WIDTH)
        self._desk = desk
        words = desk.words
        self.code = ""  # of the facility that is edited, "" for a new one
        self.opened: dict[str, str] = {}
        self.kind, self.state = Combo(words), Combo(words)
        self.lines = {name: QLineEdit() for name in LINES}
        controls: dict[str, QWidget] = {"kind": self.kind, "state": self.state, **self.lines}
        self.fields = {name: FormField(words, control) for name, control in controls.items()}
        self.save = Button(words, Text("Save"), lambda: self.wished.emit(self.changed()), "primary")
        self._area = scrolled(self._body())
        self.fill(self._area, self._foot())
        self._listen()
        self._speak()

    def open(self, facility: pd.Series | None) -> None:
        """Show a facility's fields, or those of a new one, of the kind that was chosen last."""
        self.code = "" if facility is None else str(facility["code"])
        self.title.say(Text("Edit facility {code}", code=self.code) if self.code else Text("New facility"))
        self.opened = {"state": RUNNING} if facility is None else texts_of(facility)
        self.kind.choose(self.opened.get("kind", self.kind.key()))
        self.state.choose(self.opened["state"])
        for name, edit in self.lines.items():
            edit.setText(self.opened.get(name, ""))
            self.fields[name].blame()
        self.lines["code"].setEnabled(not self.code)
        self.save.setEnabled(True)
        self._call_capacity()

    def changed(self) -> dict[str, str]:
        """The fields that differ from how the form was opened; of a place always both figures."""
        values = {name: edit.text().strip() for name, edit in self.lines.items()}
        values |= {"kind": self.kind.key(), "state": self.state.key()}
        moved = any(values[axis] != self.opened.get(axis, "") for axis in AXES)
        return {
            name: text
            for name, text in values.items()
            if text != self.opened.get(name, "") or (moved and name in AXES)
        }

    @property
    def written(self) -> bool:
        """Whether something was entered that closing the form would lose."""
        return bool(self.changed().keys() - ({"kind"} if not self.code else set()))

    def take_place(self, x: float, y: float) -> None:
        """The facility stands there."""
        self.lines["x"].setText(f"{x:.3f}")
        self.lines["y"].setText(f"{y:.3f}")

    def blame(self, name: str, fault: Wording) -> None:
        """Say beneath a field what is wrong with it, and put the keyboard there."""
        at = self.fields[name]
        at.blame(fault)
        at.control.setFocus()
        QTimer.singleShot(
            0, self, lambda: self._area.ensureWidgetVisible(at)
        )  # once it is laid out with the fault

    def name_of(self, name: str) -> str:
        """What a field is called in the reader's language; how much a kind holds has a name of its own."""
        words = self._desk.words
        if name in AXES:
            return words(AXES[name])  # x and y alone would be read as the other way round
        return (
            kinds()[self.kind.key()].capacity(words.lang)
            if name == "capacity"
            else fields()[name].name(words.lang)
        )

    # -- building ------------------------------------------------------------------------------------------------
    def _body(self) -> QWidget:
        words, named = self._desk.words, self.fields
        hint = Label(words, Text("Click on the map where it stands, or name its component."), "note")
        hint.setWordWrap(True)
        words.keep(self.lines["code"], "setPlaceholderText", Text("given by the register"))
        self.lines["opened"].setPlaceholderText("2026-01-31")
        return box(column(
            pair(named["kind"], named["state"]), named["name"], named["location"], hint,
            pair(named["x"], named["y"]), named["component_code"],
            pair(named["operator"], named["department"]), pair(named["capacity"], named["hours"]),
            pair(named["opened"], named["interval_days"]), named["code"], named["note"], None,
            spacing=10, margins=(16, 12, 16, 12),
        ))  # fmt: skip

    def _foot(self) -> QWidget:
        cancel = Button(self._desk.words, Text("Cancel"), self.closed.emit)
        return box(row(self.save, cancel, None, margins=(16, 10, 16, 12)))

    def _listen(self) -> None:
        for name, edit in self.lines.items():
            edit.textChanged.connect(lambda _, of=name: self.fields[of].blame())
            edit.returnPressed.connect(self.save.click)
        for axis in AXES:
            self.lines[axis].textChanged.connect(lambda _: self.placed.emit(self._place()))
        self.kind.currentIndexChanged.connect(lambda _: self._call_capacity())
        self._desk.words.changed.connect(self._speak)

    def _speak(self) -> None:
        lang = self._desk.words.lang
        self.kind.offer([(key, kind.name(lang)) for key, kind in kinds().items()])
        self.state.offer([(key, state.name(lang)) for key, state in states().items()])
        for name, each in self.fields.items():
            each.call(self.name_of(name))
        self._call_capacity()

    def _call_capacity(self) -> None:
        self.fields["capacity"].call(self.name_of("capacity"))
        self.lines["interval_days"].setPlaceholderText(str(kinds()[self.kind.key()].interval_days))

    def _place(self) -> tuple[float, float] | None:
        try:
            x, y = (float(self.lines[axis].text()) for axis in AXES)
        except ValueError:
            return None
        return (x, y) if math.isfinite(x + y) else None


def texts_of(facility: pd.Series) -> dict[str, str]:
    """A stored facility's fields as a list would have them."""
    texts: dict[str, str] = {}
    for name in FACILITY_FIELDS:
        value = facility[name]
        if fields()[name].form == "number":
            texts[name] = "" if pd.isna(value) else f"{value:.3f}" if name in AXES else f"{value:.15g}"
        else:
            texts[name] = str(value)
    return texts
