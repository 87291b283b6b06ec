"""The tools over the map: closer, farther, everything, measure, layers, list; and what was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import IconButton, line
from desktop.words import Text


class ToolsPanel(QFrame):
    """A column of buttons of 36 px."""

    layers_wished = Signal()
    list_wished = Signal()
    areas_wished = Signal()

    def __init__(self, desk: Desk, city_map: CityMap, wish: Callable[[str], Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._map = city_map
        column = QFrame()
        column.setObjectName("tools")
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 3, 1, 3)
        outer.addWidget(column)
        self._length = self._button(
            desk, "measure-length", Text("Measure a length"), lambda: wish("map.measure_length")
        )
        self._area = self._button(
            desk, "measure-area", Text("Measure an area"), lambda: wish("map.measure_area")
        )
        buttons = [
            self._button(desk, "plus", Text("Zoom in"), lambda: city_map.zoom(1.5)),
            self._button(desk, "minus", Text("Zoom out"), lambda: city_map.zoom(1 / 1.5)),
            self._button(desk, "locate", Text("Show the whole city"), city_map.home),
            self._length,
            self._area,
            self._button(desk, "list", Text("List what lies in view"), self.list_wished.emit),
            self._button(desk, "area", Text("Edit responsibility areas"), self.areas_wished.emit),
            self._button(desk, "layers", Text("Show or hide the layers"), self.layers_wished.emit),
        ]
        for place, button in enumerate(buttons):
            if place:
                inner.addWidget(line())
            inner.addWidget(button)
        for button in (self._length, self._area):
            button.setCheckable(True)

    @property
    def measuring(self) -> bool:
        """Whether a measuring tool is in hand."""
        return self._length.isChecked() or self._area.isChecked()

    def measure(self, tool: str) -> None:
        """Take a measuring tool, or put it down when it is in hand."""
        buttons = {"measure_length": self._length, "measure_area": self._area}
        again = self._in_hand == tool
        for name, button in buttons.items():
            button.setChecked(name == tool and not again)
        self._in_hand = "" if again else tool
        self._map.set_tool(tool if not again else "pan")
        self._map.setFocus()

    def stop_measuring(self) -> None:
        """Put the tool down."""
        self._in_hand = ""
        self._length.setChecked(False)
        self._area.setChecked(False)
        self._map.set_tool("pan")

    _in_hand = ""

    def _button(self, desk: Desk, icon: str, words: Text, do: Callable[[], Any]) -> IconButton:
        button = IconButton(desk.words, desk.look, icon, words, do)
        button.setFixedSize(36, 36)
        return button
