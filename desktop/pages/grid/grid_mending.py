"""Mending a finding on the grid page: what a fix would do is shown on the map and said; it is done only when wished."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame

from desktop.apart import Ask
from desktop.map.edit_tools import Verdict, draw_verdict
from desktop.map.style import Style
from desktop.map.tools import Tool
from desktop.map.view import View
from desktop.pages.grid.grid_editing import GridEditing
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, column, row
from desktop.words import Text, Words
from gis.grid.grid_codes import COMMUNITY
from kernel.errors import WanGridError

LINES: Final = 4  # cells told one by one
NO_FIX: Final = Text("No fix is safe here. Use the tools over the map.")


class ShownTool(Tool):
    """The hand, with cells that are not there yet over the map."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def paint(self, painter: QPainter, view: View, style: Style) -> None:
        draw_verdict(painter, self.verdict, view, style)


class MendBand(QFrame):
    """What a fix does, the cells it changes with their areas, and whether to do it."""

    accepted = Signal()
    declined = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.said = Label(words, "")
        self.said.setWordWrap(True)
        self.areas = Label(words, "", "note")
        self.apply_button = Button(words, Text("Mend"), self.accepted.emit, "primary")
        self.leave_button = Button(words, Text("Leave it"), self.declined.emit)
        buttons = row(self.apply_button, self.leave_button, None)
        self.setLayout(column(self.said, self.areas, buttons, spacing=8, margins=(16, 12, 16, 12)))
        self.hide()

    def show_fix(self, found: Any) -> None:
        """Say what a fix does (see `actions.grid.mend_grid.FixFound`), or that none is safe."""
        self.said.say(Text(found.message, **found.places) if found.kind else NO_FIX)
        lines = [_line(cell) for cell in found.areas]
        rest = [f"+ {len(lines) - LINES}"] if len(lines) > LINES else []
        self.areas.say("\n".join([*lines[:LINES], *rest]))
        self.areas.setVisible(bool(lines))
        self.apply_button.setVisible(bool(found.kind))
        self.show()


class GridMending(QObject):
    """Looks for the fix of a finding, shows it, and applies it as an edit that Ctrl Z takes back."""

    failed = Signal(object)  # WanGridError

    def __init__(self, desk: Desk, city_map: CityMap, editing: GridEditing, band: MendBand) -> None:
        super().__init__(city_map)
        self._desk, self._map, self._editing, self.band = desk, city_map, editing, band
        self._fault: Ask | None = None
        self._step = -1
        band.accepted.connect(self.apply)
        band.declined.connect(self.back)

    def look(self, finding: pd.Series) -> None:
        """Ask for the fix of a finding."""
        self.back()
        self._editing.put_down()
        fault = Ask.of(
            "grid.mend_grid.Fault",
            **{name: str(finding[name]) for name in ("code", "message", "value")},
            **{name: float(finding[name]) for name in ("x", "y")},
            record=int(finding["record"]),
        )
        self._fault = fault
        self._desk.state.act("grid.fix", Text("Looking for a fix"), "grid.mend_grid.find_fix",
                             Ask.of("grid.mend_grid.FindFix", fault=fault), lambda found: self._show(fault, found),
                             owner=self, on_failed=self._tell_failed)  # fmt: skip

    def apply(self) -> None:
        """Do what is shown."""
        fault, step = self._fault, self._step
        self.back()
        if fault is not None and step >= 0:
            self._editing.mend(fault, step)

    def back(self) -> bool:
        """Take the fix from map and panel; whether there was one."""
        shown = self.band.isVisible()
        self._fault, self._step = None, -1
        self.band.hide()
        if isinstance(self._map.tool, ShownTool):
            self._map.set_tool("pan")
        return shown

    def _show(self, fault: Ask, found: Any) -> None:
        if fault is not self._fault:
            return  # another finding was chosen meanwhile
        self.band.show_fix(found)
        if found.kind:
            self._step = found.step
            self._map.take_tool(ShownTool(_verdict_of(found)))

    def _tell_failed(self, error: WanGridError) -> None:
        self.back()
        self.failed.emit(error)


def _verdict_of(found: Any) -> Verdict:
    """The cells as they would be, with number and area."""
    after = found.after
    words = [
        f"{code[COMMUNITY:]}  {area:,.0f} m²"
        for code, area in zip(after["code"], after["area_m2"], strict=True)
    ]
    return Verdict(tuple(after.geometry), tuple(words))


def _line(cell: dict[str, Any]) -> str:
    """One cell's code with its area before and after; a dash where it is not there."""
    before, after = (
        "—" if pd.isna(cell[name]) else f"{cell[name]:,.0f} m²" for name in ("before_m2", "after_m2")
    )
    return f"{cell['code']}   {before} → {after}"
