"""Before a delivery is read: which field is which column, what its words mean, where it lies. Each choice is tried at
once on the first rows, and remembered for the supplier when the delivery is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QSplitter, QVBoxLayout, QWidget

from desktop.apart import Ask
from desktop.formats import field_name, grouped
from desktop.models.frame_table import Column, FrameTable
from desktop.pages.census.ground_sketch import GroundSketch
from desktop.pages.census.mapping_tables import FieldTable, WordTable
from desktop.pages.census.mapping_words import LEFT_OUT, surely
from desktop.state import Desk
from desktop.widgets.basic import Button, Combo, Label, ShortLabel, box, column, line, row
from desktop.widgets.facts import Fact, FactStrip
from desktop.widgets.table import Table
from desktop.words import Text, Wording

if TYPE_CHECKING:
    from actions.census.preview_mapping import LayerPreview, MappingPreview

WIDTH_PX = 118  # of a column of the preview


class MappingView(QWidget):
    """Shows a `MappingPreview` and turns choices into the request of an import."""

    tried = Signal(object)  # Ask of an import: read the preview again
    wished = Signal(object)  # Ask of an import
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._request: Ask | None = None
        self.preview: MappingPreview | None = None
        words = desk.words
        self._title = ShortLabel(words, Text("Fields and words"), "page", most=520)
        self.layers = Combo(words)
        self.layers.setMinimumContentsLength(24)
        self.supplier = QComboBox()
        self.supplier.setEditable(True)
        self.supplier.setMinimumWidth(200)
        words.keep(self.supplier, "setAccessibleName", Text("Supplier"))
        words.keep(self.supplier.lineEdit(), "setPlaceholderText", Text("Supplier, to remember this"))
        self.facts = FactStrip(words)
        self.fields, self.words = FieldTable(desk), WordTable(desk)
        self.rows = FrameTable(words, [])
        self.table = Table(desk.look, self.rows)
        self.sketch = GroundSketch(desk.look)
        self._where = ShortLabel(words, "", "note")
        self._build()
        self._listen()

    # -- building ------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        outer.addWidget(line())
        upper, lower = QSplitter(), QSplitter()
        upper.addWidget(self._part(Text("Fields"), self.fields))
        upper.addWidget(self._part(Text("Words"), self.words))
        lower.addWidget(self._part(Text("First rows"), self.table))
        lower.addWidget(self._part(Text("On the city's ground"), self.sketch, self._where))
        for splitter, shares in ((upper, (3, 2)), (lower, (3, 2))):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
            for place, share in enumerate(shares):
                splitter.setStretchFactor(place, share)
            splitter.setSizes([600, 400])
        outer.addWidget(upper, 3)
        outer.addWidget(line())
        outer.addWidget(lower, 2)

    def _head(self) -> QWidget:
        words = self._desk.words
        go = Button(words, Text("Import as a draft"), self._import, "primary")
        close = Button(words, Text("Cancel"), self.closed.emit)
        head = QFrame()
        head.setObjectName("band")
        first = row(
            self._title, self.layers, None, Label(words, Text("Supplier"), "key"), self.supplier, go, close
        )
        head.setLayout(column(box(first), self.facts, spacing=12, margins=(20, 12, 20, 12)))
        return head

    def _part(self, title: Text, inner: QWidget, note: QWidget | None = None) -> QWidget:
        part = QFrame()
        part.setObjectName("side")
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        heading = row(
            Label(self._desk.words, title, "title"), 12, *([note] if note else []), margins=(16, 8, 16, 8)
        )
        if note:
            heading.setStretch(2, 1)
        layout.addWidget(box(heading))
        layout.addWidget(inner, 1)
        return part

    def _listen(self) -> None:
        self.layers.currentIndexChanged.connect(lambda _: self._show_layer())
        self.fields.changed.connect(self._choose_column)
        self.words.changed.connect(self._choose_word)
        self.supplier.textActivated.connect(lambda name: self._try(supplier=name.strip()))

    # -- showing -------------------------------------------------------------------------------------------------
    def begin(self, request: Ask) -> None:
        """Begin with a request: nothing is chosen yet but what it says."""
        self._request = request
        self.preview = None
        names = ", ".join(Path(file).name for file in request.values["files"][:3])
        self._title.say(Text("Fields and words of {files}", files=names))

    def show_preview(self, preview: MappingPreview) -> None:
        """Show what came back for the request."""
        self.preview = preview
        self.layers.offer([(str(place), _title_of(each)) for place, each in enumerate(preview.layers)])
        self.layers.setVisible(len(preview.layers) > 1)
        chosen = self._request.values.get("supplier", "") if self._request else ""
        self.supplier.blockSignals(True)
        self.supplier.clear()
        self.supplier.addItems(list(preview.suppliers))
        self.supplier.setEditText(chosen)
        self.supplier.blockSignals(False)
        self._show_layer()

    @property
    def layer(self) -> LayerPreview | None:
        """The layer shown."""
        if self.preview is None or not self.preview.layers:
            return None
        return self.preview.layers[int(self.layers.key() or 0)]

    def _show_layer(self) -> None:
        layer, preview = self.layer, self.preview
        if layer is None or preview is None:
            return
        self.facts.show_facts(_facts(layer))
        self.fields.show_fields(layer.fields, preview.choices[""])
        self.words.show_words(layer.words, preview.choices)
        self.rows.show_frame(layer.first, [_column(name) for name in layer.first.columns])
        self.sketch.show_ground(preview.ground, layer.points)
        self._where.say(_where(layer, preview, self.sketch.share_inside))

    # -- choosing ------------------------------------------------------------------------------------------------
    def _choose_column(self, field: str, chosen: str) -> None:
        fields = dict(self._values("fields"))
        layer = self.layer
        for other in layer.fields if layer else ():  # a column belongs to one field: the former one lets go
            if chosen and other.column == chosen and other.field != field:
                fields[other.field] = ""
        fields[field] = "" if chosen in ("", LEFT_OUT) else chosen
        self._try(fields=fields)

    def _choose_word(self, of: str, word: str, becomes: str) -> None:
        values = {name: dict(each) for name, each in self._values("values").items()}
        values.setdefault(of, {})[word] = becomes
        if not becomes:
            del values[of][word]
        self._try(values=values)

    def _values(self, name: str) -> dict:
        return self._request.values.get(name, {}) if self._request else {}

    def _try(self, **values: object) -> None:
        if self._request is not None:
            self._request = self._request.changed(**values)
            self.tried.emit(self._request)

    def _import(self) -> None:
        if self._request is not None:
            self.wished.emit(
                self._request.changed(supplier=self.supplier.currentText().strip(), mode="draft")
            )


def _title_of(layer: LayerPreview) -> Wording:
    name = layer.file if layer.layer in layer.file else f"{layer.file} · {layer.layer}"
    return Text("{name} ({rows} rows)", name=name, rows=grouped(layer.rows))


def _facts(layer: LayerPreview) -> list[Fact]:
    encoding = Text("{name}, {sure} sure", name=layer.encoding, sure=surely(layer.encoding_certainty))
    system = Text("{name}, {sure} sure", name=layer.crs or "–", sure=surely(layer.crs_certainty))
    facts = [
        Fact(Text("Rows"), grouped(layer.rows)),
        Fact(Text("Text encoding"), encoding),
        Fact(Text("Reference system"), system),
    ]
    if layer.class_code:
        facts.append(Fact(Text("Class by file name"), layer.class_code))
    return facts


def _where(layer: LayerPreview, preview: MappingPreview, inside: float) -> Wording:
    if not preview.ground:
        return Text("The store has no cells yet.")
    if not layer.crs:
        return Text(layer.crs_evidence)
    return Text(
        "{share} of the points in the city's bounds: {why}",
        share=surely(inside),
        why=Text(layer.crs_evidence),
    )


def _column(name: str) -> Column:
    if name == "row":
        return Column("row", Text("Row"), right=True, width=56)
    if name in ("x", "y"):
        return Column(name, field_name(name), write=lambda value: f"{value:.7g}" if abs(value) < 1000 else f"{value:.3f}",
                      right=True, width=WIDTH_PX)  # fmt: skip
    return Column(name, field_name(name), width=160 if name == "code" else WIDTH_PX)
