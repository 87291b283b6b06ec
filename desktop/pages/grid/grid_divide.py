"""Dividing an area: what to divide, how, and the figures of the trial before it replaces the store's grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from desktop.apart import Ask
from desktop.dialogs import AREA_FILES, choose_files
from desktop.formats import grouped, share, square_metres
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, box, column, field, line, row, scrolled
from desktop.widgets.facts import Pairs
from desktop.widgets.panel import SidePanel
from desktop.words import Text
from resources.styles import SIZES

FILES = {
    "area": Text("Area to divide"), "communities": Text("Communities (optional)"), "streets": Text("Streets (optional)"),
    "exclude": Text("Leave out, for example water (optional)"), "roads": Text("Roads (optional)"),
    "water": Text("Water (optional)"), "railways": Text("Railways (optional)"),
    "buildings": Text("Buildings (optional)"), "compounds": Text("Compounds (optional)"),
    "features": Text("Other lines a border may follow (optional)"),
}  # fmt: skip
METHODS = {
    "": Text("Along roads where they are given, else squares"), "features": Text("Along roads, water and walls"),
    "lattice": Text("Squares"),
}  # fmt: skip


class DividePanel(SidePanel):
    """Stands in the place of the communities while one divides."""

    tried = Signal(object)  # Ask of a division
    accepted = Signal(object)  # Ask of a division
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Divide an area"), SIZES.space["left_panel_wide"])
        words = desk.words
        self._desk = desk
        self._edits: dict[str, QLineEdit] = {}
        parts: list[QWidget] = [self._file(name, title) for name, title in FILES.items()]
        self._district = QLineEdit()
        self._district.setInputMask("999999;_")
        self._target = QSpinBox()
        self._target.setRange(1_000, 100_000)
        self._target.setValue(10_000)
        self._target.setSingleStep(500)
        self._target.setGroupSeparatorShown(True)
        self._target.setSuffix(" m²")
        self._method = QComboBox()
        for method in METHODS:
            self._method.addItem("", method)
        self._name_methods()
        words.changed.connect(self._name_methods)
        self._method.currentIndexChanged.connect(lambda _: self.show_figures(None))
        parts.append(field(words, Text("Method"), self._method))
        parts.append(field(words, Text("County code, 6 digits"), self._district))
        parts.append(field(words, Text("Area of a cell"), self._target))
        self._problem = Label(words, "", "note", "late")
        self._problem.setWordWrap(True)
        self._figures = Pairs(words, 150)
        self._try = Button(words, Text("Try it"), self._tell_try, "primary")
        self._accept = Button(words, Text("Replace the grid"), lambda: self.accepted.emit(self.request()))
        close = Button(words, Text("Cancel"), self.closed.emit)
        parts += [self._problem, line(), Label(words, Text("Trial"), "title"), self._figures]
        self.fill(
            scrolled(box(column(*parts, None, spacing=12, margins=(16, 12, 16, 12)))),
            box(row(self._try, self._accept, close, margins=(16, 12, 16, 12))),
        )
        self.show_figures(None)

    def request(self) -> Ask:
        """What the form asks for."""
        files = {name: edit.text().strip() for name, edit in self._edits.items()}
        district = self._district.text().strip("_")
        return Ask.of(
            "grid.divide_grid.DivideGrid", **files, method=str(self._method.currentData()),
            target_m2=float(self._target.value()), district=district,
        )  # fmt: skip

    def set_file(self, name: str, path: Path) -> None:
        """Fill in one file."""
        self._edits[name].setText(str(path))
        self.show_figures(None)

    def show_figures(self, divided: Any) -> None:
        """Show what a trial gave; accepting needs a trial without errors."""
        self._accept.allow(
            divided is not None and divided.errors == 0,
            Text("Try it first.")
            if divided is None
            else Text("The trial has {count} errors.", count=divided.errors),
        )
        if divided is None:
            self._figures.show_pairs([(Text("Cells"), "—")])
            return
        on, cut = divided.boundary_on_features_share, divided.buildings_cut
        self._figures.show_pairs(
            [
                (Text("Cells"), grouped(divided.cells)),
                (Text("Mean area"), square_metres(divided.mean_m2)),
                (Text("5,000 to 20,000 m²"), share(divided.share_5000_20000, 1.0)),
                (Text("Gaps"), square_metres(divided.gap_m2)),
                (Text("Overlaps"), square_metres(divided.overlap_m2)),
                (Text("Method"), METHODS[divided.method]),
                (Text("Borders on features"), "—" if on is None else share(on, 1.0)),
                (Text("Buildings cut"), "—" if cut is None else grouped(cut)),
                (Text("Compactness, median"), f"{divided.compactness_median:.2f}"),
                (Text("Errors"), grouped(divided.errors)),
            ]
        )

    def say_problem(self, words: Text | str) -> None:
        """What keeps the form from being tried."""
        self._problem.say(words)

    def _name_methods(self) -> None:
        for place, title in enumerate(METHODS.values()):
            self._method.setItemText(place, self._desk.words(title))

    def _tell_try(self) -> None:
        if not self._edits["area"].text().strip():
            self.say_problem(Text("Choose the area to divide."))
            self._edits["area"].setFocus()
            return
        self.say_problem("")
        self.tried.emit(self.request())

    def _file(self, name: str, title: Text) -> QWidget:
        edit = QLineEdit()
        self._edits[name] = edit
        edit.textChanged.connect(lambda _: self.show_figures(None) if hasattr(self, "_accept") else None)
        choose = Button(
            self._desk.words, Text("Choose…"),
            lambda: choose_files(self, self._desk.words, title, AREA_FILES, lambda files: self.set_file(name, files[0])),
        )  # fmt: skip
        self._desk.words.keep(edit, "setAccessibleName", title)
        return field(self._desk.words, title, box(row(edit, choose)))
