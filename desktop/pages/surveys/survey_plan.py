"""The form that plans a survey: classes, area, collectors, last day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit

from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, box, column, field, row, scrolled
from desktop.widgets.panel import SidePanel
from desktop.words import Text
from resources.catalogues import Catalogue

WIDTH = 332
LIST_HEIGHT, NAMES_HEIGHT = 220, 88


class SurveyPlan(SidePanel):
    """Says `wished` with the values of a plan, `closed` when it is put away."""

    wished = Signal(dict)
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Plan a survey"), WIDTH)
        self._desk = desk
        words = desk.words
        self.name, self.find, self.due = QLineEdit(), QLineEdit(), QLineEdit()
        self.classes = QListWidget()
        self.classes.setObjectName("ticked")
        self.classes.setFixedHeight(LIST_HEIGHT)
        self.area = Combo(words)
        self.collectors = QPlainTextEdit()
        self.collectors.setFixedHeight(NAMES_HEIGHT)
        self.save = Button(words, Text("Make the plan"), self._wish, "primary")
        self.count = Label(words, "", "note")
        words.keep(self.find, "setPlaceholderText", Text("Find a class"))
        words.keep(self.collectors, "setPlaceholderText", Text("One name on each line"))
        words.keep(self.due, "setPlaceholderText", "2026-12-31")
        form = column(
            field(words, Text("Name"), self.name), field(words, Text("Classes"), self.classes), self.find, self.count,
            field(words, Text("Area of the survey"), self.area), field(words, Text("Collectors"), self.collectors),
            field(words, Text("Last day"), self.due), None, spacing=10, margins=(16, 12, 16, 12),
        )  # fmt: skip
        foot = box(
            row(self.save, Button(words, Text("Close"), self.closed.emit), None, margins=(16, 10, 16, 12))
        )
        self.fill(scrolled(box(form)), foot)
        self.find.textChanged.connect(self._narrow)
        self.classes.itemChanged.connect(lambda _: self._tell())
        self._tell()

    def offer(self, catalogue: Catalogue, areas: Mapping[str, gpd.GeoDataFrame]) -> None:
        """Fill in the classes of the store's edition, and its streets and communities."""
        chosen = set(self.chosen())
        self.classes.clear()
        for code, name in zip(catalogue.components["code"], catalogue.components["name"], strict=True):
            item = QListWidgetItem(f"{code}  {name}")
            item.setData(Qt.ItemDataRole.UserRole, str(code))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if code in chosen else Qt.CheckState.Unchecked)
            self.classes.addItem(item)
        choices: list[tuple[str, Any]] = [("", Text("The whole city"))]
        for level in ("street", "community"):
            frame = areas.get(level)
            if frame is not None:
                choices += list(zip(frame["code"], frame["name"], strict=True))
        self.area.offer(choices)
        self._narrow(self.find.text())

    def chosen(self) -> list[str]:
        """Codes of the ticked classes."""
        items = (self.classes.item(row) for row in range(self.classes.count()))
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def values(self) -> dict[str, Any]:
        """The form as it is filled in."""
        names = [
            part
            for line in self.collectors.toPlainText().splitlines()
            for part in line.replace("，", ",").split(",")
        ]
        return {
            "name": self.name.text().strip(), "classes": tuple(self.chosen()),
            "collectors": tuple(name.strip() for name in names if name.strip()),
            "areas": (self.area.key(),) if self.area.key() else (), "due": self.due.text().strip(),
        }  # fmt: skip

    def _narrow(self, text: str) -> None:
        for at in range(self.classes.count()):
            item = self.classes.item(at)
            item.setHidden(text.strip().casefold() not in item.text().casefold())

    def _tell(self) -> None:
        self.count.say(Text("{count} classes chosen", count=len(self.chosen())))

    def _wish(self) -> None:
        self.wished.emit(self.values())
