"""The panel of responsibility areas: a kind, its list, the fields and totals of one area, and what contradicts."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.formats import grouped
from desktop.models.areas import MEASURED, AreasDraft
from desktop.models.frame_table import Column, FrameTable
from desktop.pages.areas.areas_editing import AreasEditing
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, IconButton, Label, box, column, line, row, scrolled, show_if
from desktop.widgets.panel import FloatingPanel, Head
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from kernel.errors import Refused
from resources.responsibility import CELLS, LINE, fields, kinds

LISTED_PX = 190
HINTS = {
    "none": Text("Choose an area in the list or on the map, or make a new one."),
    "cells": Text("Click a cell to add it or take it away; Shift and drag for a box of cells."),
    "line": Text("Draw the line corner by corner; double click or Enter ends it."),
    "drawing": Text("Click the corners; double click or Enter ends it, Esc takes it back."),
}


def figure(value: float) -> Wording:
    """A figure of the list; nothing where there is none."""
    return "" if math.isnan(value) else grouped(round(value))


NAME = (Column("code", Text("No."), width=64), Column("name", Text("Name"), stretch=True))
COUNTED = (
    Column("cells", Text("Cells"), right=True, width=52),
    Column("area_m2", Text("Area m²"), figure, right=True, width=84),
)
LENGTH = (Column("length_m", Text("Length m"), figure, right=True, width=84),)


class AreasPanel(FloatingPanel):
    """Shows what `AreasEditing` has in hand and tells it what is typed and chosen."""

    closed = Signal()

    def __init__(self, desk: Desk, editing: AreasEditing, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self.editing = desk, editing
        words = desk.words
        self.kinds = Combo(words)
        self.find = QLineEdit()
        words.keep(self.find, "setPlaceholderText", Text("Name, company, team…"))
        words.keep(self.find, "setAccessibleName", Text("Find an area"))
        self.model = FrameTable(words, [*NAME, *COUNTED])
        self.table = Table(desk.look, self.model)
        self.table.setFixedHeight(LISTED_PX)
        self.totals, self.free = Label(words, "", "title"), Label(words, "", "note")
        self.hint, self.wrong = Label(words, "", "note"), Label(words, "", "note", "alarm")
        for label in (self.hint, self.free, self.wrong, self.totals):
            label.setWordWrap(True)
        self.issues = QVBoxLayout()
        self.form = QVBoxLayout()
        self.edits: dict[str, QLineEdit] = {}
        self._typed, self._formed, self._issued = "", ("", ""), ()  # type: ignore[var-annotated]
        self._buttons()
        self._lay_out()
        self._listen()
        self.hide()

    def _buttons(self) -> None:
        words, editing = self._desk.words, self.editing
        self.new = Button(words, Text("New…"), editing.add)
        self.pencil = Button(words, Text("Draw…"), lambda: editing.draw(not editing.drawing))
        self.magnet = IconButton(words, self._desk.look, "snap",
                                 Text("Lay lines onto roads, water, buildings and cell borders"))  # fmt: skip
        self.magnet.setCheckable(True)
        self.magnet.setChecked(editing.snaps)
        self.magnet.toggled.connect(editing.snap)
        self.delete = Button(words, Text("Delete"), editing.delete)
        self.save = Button(words, Text("Save"), editing.save, "primary")
        self.discard = Button(words, Text("Discard"), editing.discard)

    def _lay_out(self) -> None:
        head = Head(self._desk.words, self._desk.look, Text("Responsibility areas"))
        head.closed.connect(self.closed)
        self.form.setSpacing(4)
        lists = column(self.kinds, box(row(self.find, self.new)), self.table, margins=(12, 10, 12, 8))
        about = column(self.totals, spacing=6, margins=(12, 8, 12, 8))
        about.addWidget(self.hint)
        about.addWidget(box(row(self.pencil, self.magnet, self.delete, None)))
        about.addLayout(self.issues)
        about.addLayout(self.form)
        about.addWidget(self.wrong)
        about.addStretch(1)
        foot = column(self.free, box(row(self.save, self.discard, None)), margins=(12, 8, 12, 10))
        for part in (head, line(), box(lists), line()):
            self.body.addWidget(part)
        self.body.addWidget(scrolled(box(about)), 1)
        self.body.addWidget(line())
        self.body.addWidget(box(foot))

    def _listen(self) -> None:
        editing = self.editing
        self.kinds.currentIndexChanged.connect(lambda _: editing.choose_kind(self.kinds.key()))
        self.find.textChanged.connect(lambda _: self._show_list())
        self.table.row_chosen.connect(self._choose)
        self._desk.words.changed.connect(self.renew)
        editing.changed.connect(self.renew)

    # -- what is shown -------------------------------------------------------------------------------------------
    def renew(self) -> None:
        """Show what is in hand now."""
        if self.isHidden():
            return
        lang, editing = self._desk.words.lang, self.editing
        self.kinds.offer([(key, kind.name(lang)) for key, kind in kinds().items()])
        self.kinds.blockSignals(True)
        self.kinds.choose(editing.kind)
        self.kinds.blockSignals(False)
        self._show_list()
        self._show_area()
        draft = editing.draft
        dirty = draft is not None and draft.dirty and not editing.busy
        self.save.allow(dirty, Text("Nothing has changed."))
        self.discard.allow(dirty, Text("Nothing has changed."))
        self.new.setEnabled(draft is not None)
        free = draft.free if draft is not None else 0
        self.free.say(
            Text("{count} cells belong to no area of this kind.", count=grouped(free)) if free else ""
        )
        self.free.setVisible(bool(free))

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self.renew()

    def _show_list(self) -> None:
        draft = self.editing.draft
        if draft is None:
            self.model.show_frame(self.model.frame.iloc[:0])
            return
        listed = draft.listed(self.find.text())
        self.model.show_frame(listed, [*NAME, *(LENGTH if draft.kind.made_of == LINE else COUNTED)])
        here = (listed["row"] == self.editing.row).to_numpy().nonzero()[0]
        self.table.blockSignals(True)
        if len(here):
            self.table.choose(int(here[0]))
        self.table.blockSignals(False)

    def _choose(self, position: int) -> None:
        if position >= 0:
            self.editing.choose(int(self.model.frame["row"].iloc[position]))

    def _show_area(self) -> None:
        draft, chosen = self.editing.draft, self.editing.row
        there = draft is not None and chosen >= 0
        made_of = kinds()[self.editing.kind].made_of
        show_if(self.pencil, there and made_of != CELLS)
        show_if(self.magnet, there and made_of != CELLS)
        show_if(self.delete, there)
        self.pencil.say(Text("Stop drawing") if self.editing.drawing else Text("Draw…"))
        state = (
            "none"
            if not there
            else "drawing"
            if self.editing.drawing
            else "line"
            if made_of == LINE
            else "cells"
        )
        self.hint.say(HINTS[state])
        self.totals.say(self._totals(draft, chosen) if draft is not None and there else "")
        self.totals.setVisible(there)
        self.wrong.say("")
        self._show_issues(draft, chosen)
        self._show_form(draft, chosen)

    def _totals(self, draft: AreasDraft, chosen: int) -> Text:
        totals = draft.totals(chosen)
        if draft.kind.made_of == LINE:
            return Text("{length} m, parts: {parts}", length=grouped(totals.length_m), parts=totals.parts)
        return Text("{cells} cells, {area} m², parts: {parts}", cells=grouped(totals.cells),
                    area=grouped(totals.area_m2), parts=totals.parts)  # fmt: skip

    # -- what contradicts ----------------------------------------------------------------------------------------
    def _show_issues(self, draft: AreasDraft | None, chosen: int) -> None:
        issues = self._found(draft, chosen) if draft is not None else ()
        told = tuple(issue[:3] for issue in issues)
        if told == self._issued:
            return
        self._issued = told
        _empty(self.issues)
        for words, link, _, follow in issues:
            label = Label(self._desk.words, words, "note", "alarm")
            label.setWordWrap(True)
            parts = [label] if follow is None else [label, Button(self._desk.words, link, follow, "small")]
            self.issues.addWidget(box(column(*parts, spacing=4)))

    def _found(self, draft: AreasDraft, chosen: int) -> tuple:  # type: ignore[type-arg]
        """(sentence, link, row it is about, what the link does) of each contradiction; first those of the area in hand."""
        out = []
        for other, codes in draft.shared(chosen).items() if chosen >= 0 else ():
            name = _called(draft, other)
            out.append((Text("{count} cells belong to {area} too: {codes}", count=len(codes), area=name,
                             codes=", ".join(code[-6:] for code in codes[:4]) + ("…" if len(codes) > 4 else "")),
                        Text("Take from {area}", area=name), other, lambda o=other: self.editing.move_from(o)))  # fmt: skip
        errors = draft.errors
        for error in errors[(errors["record"] == chosen) & (errors["code"] != "R3")].to_dict("records"):
            out.append((Text(error["message"], value=error["value"], field=error["field"]), "", chosen, None))
        others = errors[errors["record"] != chosen]
        if len(others) and not out:
            first = int(others["record"].iloc[0])
            out.append((Text("{count} errors in other areas.", count=len(others)),
                        Text("Show {area}", area=_called(draft, first)), first,
                        lambda: self.editing.choose(first)))  # fmt: skip
        return tuple(out)

    # -- the fields of one area ----------------------------------------------------------------------------------
    def _show_form(self, draft: AreasDraft | None, chosen: int) -> None:
        if draft is None or chosen < 0:
            self._form_of("")
            return
        self._form_of(draft.kind.kind)
        record = draft.areas.iloc[chosen]
        for name, edit in self.edits.items():
            value = record[name]
            text = value if isinstance(value, str) else "" if math.isnan(value) else f"{value:.15g}"
            if name in MEASURED:
                text = text and f"{value:.1f}"
                edit.setEnabled(draft.shape_of(chosen) is None)
            if name != self._typed and edit.text() != text:
                edit.setText(text)

    def _form_of(self, key: str) -> None:
        """Lines for the fields of a kind; none for ""."""
        lang = self._desk.words.lang
        if self._formed == (key, lang):
            return
        self._formed = (key, lang)
        self.edits.clear()
        _empty(self.form)
        for name in kinds()[key].fields if key else ():
            known = fields()[name]
            if known.form not in ("text", "number") or name == "area_m2":
                continue
            heading = known.zh if lang == "zh_CN" else known.en
            label, edit = Label(self._desk.words, heading, "key"), QLineEdit()
            label.setFixedWidth(88)
            edit.setAccessibleName(heading)
            edit.textEdited.connect(lambda text, name=name: self._type(name, text))
            self.edits[name] = edit
            self.form.addWidget(box(row(label, edit)))

    def _type(self, name: str, text: str) -> None:
        draft = self.editing.draft
        if draft is None or self.editing.row < 0:
            return
        self._typed = name
        try:
            self.editing.step(draft.told(self.editing.row, name, text))
        except Refused as error:
            self.wrong.say(Text(error.template, **error.places))
        finally:
            self._typed = ""


def _called(draft: AreasDraft, place: int) -> str:
    """An area's name, or its code where it has none."""
    record = draft.areas.iloc[place]
    return str(record["name"] or record["code"])


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        widget = layout.takeAt(0).widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
