"""The list twin of the map: what lies in view, nearest to the middle first, readable without a picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.formats import STATES, grouped, translated
from desktop.map.view import View
from desktop.models.city import City
from desktop.models.frame_table import Column, FrameTable
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk, Selection
from desktop.widgets.basic import line
from desktop.widgets.panel import FloatingPanel, Head
from desktop.widgets.pause import after_pause
from desktop.widgets.table import Table
from desktop.words import Text
from gis.frames import COMPONENT_STATES
from gis.working_set import WorkingSet

MOST_LISTED = 2_000
PAUSE_MS = 200


class InViewPanel(FloatingPanel):
    """Follows the map while it is open; Enter chooses the row's component."""

    chosen = Signal(object)  # Selection

    def __init__(self, desk: Desk, city: City, city_map: CityMap, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._city, self._map = desk, city, city_map
        self.model = FrameTable(
            desk.words,
            [Column("name", Text("Class"), stretch=True), Column("state", Text("State"), lambda state: translated(STATES, state), width=72),
             Column("distance_m", Text("Distance m"), lambda v: f"{v:,.1f}", right=True, width=88)],
        )  # fmt: skip
        self.table = Table(desk.look, self.model)
        desk.words.keep(self.table, "setAccessibleName", Text("In view, nearest first"))
        self._head = Head(desk.words, desk.look, Text("In view, nearest first"))
        self._head.closed.connect(self.hide)
        self.body.addWidget(self._head)
        self.body.addWidget(line())
        self.body.addWidget(self.table, 1)
        self._pause = after_pause(self, self.list_view, PAUSE_MS)
        city_map.view_changed.connect(lambda _: self._pause.start())
        city.components_changed.connect(self._pause.start)
        self.table.opened.connect(self._choose)
        self.table.row_chosen.connect(self._choose)
        self.hide()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self.list_view()

    def list_view(self) -> None:
        """Read the rows in view from the working set's columns."""
        facts = self._desk.state.facts
        if self.isHidden() or self._city.working_set is None or facts is None:
            return
        found = nearest_first(self._city.working_set, self._map.view, self._map.hidden_classes)
        found["name"] = [facts.catalogue.name_of(code) or code for code in found["class_code"]]
        self.model.show_frame(found)
        self._head.title.say(Text("In view, nearest first ({count})", count=grouped(len(found))))

    def _choose(self, position: int) -> None:
        if position >= 0:
            record = self.model.frame.iloc[position]
            self.chosen.emit(
                Selection("component", str(record["component_id"]), float(record["x"]), float(record["y"]))
            )


def nearest_first(working_set: WorkingSet, view: View, hidden: frozenset[str]) -> pd.DataFrame:
    """Components in `view` that are not of a hidden class, by distance from its middle; at most `MOST_LISTED`."""
    window = working_set.window(*view.extent)
    codes = np.asarray(working_set.class_codes, dtype=object)
    shown = ~np.isin(codes, list(hidden))[window.class_index] if len(codes) else np.zeros(0, bool)
    rows, x, y = window.rows[shown], window.x[shown], window.y[shown]
    distance = np.hypot(x - view.x, y - view.y)
    order = np.argsort(distance, kind="stable")[:MOST_LISTED]
    rows = rows[order]
    return pd.DataFrame(
        {
            "component_id": working_set.component_id[rows],
            "class_code": codes[working_set.class_index[rows]] if len(rows) else [],
            "state": np.asarray(COMPONENT_STATES, dtype=object)[working_set.state[rows]] if len(rows) else [],
            "x": x[order],
            "y": y[order],
            "distance_m": distance[order],
        }
    )
