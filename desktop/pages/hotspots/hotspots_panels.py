"""The hotspots page's sides: what to ask at the left, what came of it at the right, the legend above the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QWidget

from desktop.apart import Ask
from desktop.formats import STATES, grouped, share
from desktop.models.city import City
from desktop.models.frame_table import Column, FrameTable
from desktop.state import Desk
from desktop.widgets.basic import (
    Button,
    Check,
    Combo,
    Label,
    ShortLabel,
    box,
    column,
    field,
    line,
    row,
    scrolled,
    show_if,
)
from desktop.widgets.charts import Bars, Histogram, Points, Scatter
from desktop.widgets.panel import SidePanel
from desktop.widgets.swatches import SwatchRow
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from resources.styles import SIZES, mix

METHODS: list[tuple[str, Wording]] = [
    ("gistar", Text("Getis-Ord Gi* (cell included)")),
    ("gi", Text("Getis-Ord Gi")),
]
RULES: list[tuple[str, Wording]] = [
    ("queen", Text("Touching, corners too (queen)")), ("rook", Text("Touching along an edge (rook)")),
    ("distance", Text("Within a distance")), ("knn", Text("A number of nearest cells")),
]  # fmt: skip
FDR: list[tuple[str, Wording]] = [("fdr", Text("FDR (Benjamini-Hochberg)")), ("raw", Text("No correction"))]
CLASS_WORDS = {
    3: Text("Hot 99 %"), 2: Text("95 %"), 1: Text("90 %"), 0: Text("neither"),
    -1: Text("Cold 90 %"), -2: Text("95 %"), -3: Text("99 %"),
}  # fmt: skip


class AskPanel(SidePanel):
    """The question: which components, by which method."""

    wished = Signal()
    shown_changed = Signal()
    export_wished = Signal(str)  # png, html, gpkg

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Hotspot analysis"), SIZES.space["left_panel_narrow"])
        words = desk.words
        self._desk = desk
        self.classes = Combo(words, [("", Text("All components"))])
        self.states = Combo(words, [("", Text("All states")), *STATES.items()])
        self.method, self.rule, self.fdr = Combo(words, METHODS), Combo(words, RULES), Combo(words, FDR)
        self.number = QDoubleSpinBox()
        self.number.setDecimals(0)
        self.unit = Combo(words, [("cells", Text("Unit grid cells"))])
        self._note, self._done = Label(words, "", "note"), Label(words, "", "note")
        self.hot, self.cold = Check(words, Text("Hot spots"), True), Check(words, Text("Cold spots"), True)
        for label in (self._note, self._done):
            label.setWordWrap(True)
        self._number_field = field(words, Text("Distance or number"), self.number)
        go = Button(words, Text("Compute"), self.wished.emit, "primary")
        parts: list[QWidget | None] = [
            field(words, Text("Component class"), self.classes), field(words, Text("State"), self.states), line(),
            field(words, Text("Method"), self.method), field(words, Text("Spatial unit"), self.unit),
            field(words, Text("Neighbourhood"), self.rule), self._number_field, self._note,
            field(words, Text("Correction for many tests"), self.fdr), Label(words, Text("Show"), "key"),
            box(row(self.hot, self.cold, None, spacing=12)), go, self._done, None,
        ]  # fmt: skip
        self.fill(scrolled(box(column(*parts, spacing=12, margins=(16, 12, 16, 12)))), self._export())
        self.rule.currentIndexChanged.connect(lambda _: self._show_number())
        for check in (self.hot, self.cold):
            check.toggled.connect(lambda _: self.shown_changed.emit())
        self._show_number()

    def offer(self, city: City) -> None:
        """Offer the classes that the city has, the most frequent first, and say how many cells there are."""
        facts = self._desk.state.facts
        if facts is None:
            return
        common = sorted((code for code, n in city.totals.items() if n), key=lambda code: -city.totals[code])
        names = [
            (code, f"{code} {facts.catalogue.name_of(code)} ({grouped(city.totals[code])})")
            for code in common
        ]
        self.classes.offer([("", Text("All components")), *names])
        cells = len(city.ground.cells) if city.ground else 0
        self.unit.offer([("cells", Text("Unit grid cells ({count})", count=grouped(cells)))])

    def request(self, out: str) -> Ask:
        """The question as the action takes it."""
        chosen, state, rule = self.classes.key(), self.states.key(), self.rule.key()
        weights = f"{rule}:{self.number.value():.0f}" if rule in ("distance", "knn") else rule
        return Ask.of(
            "hotspots.find_hotspots.FindHotspots",
            source="components", class_codes=(chosen,) if chosen else (), states=(state,) if state else (), on="cells",
            method=self.method.key(), weights=weights, out=out,
        )  # fmt: skip

    @property
    def corrected(self) -> bool:
        """Whether false discoveries are to be controlled."""
        return self.fdr.key() == "fdr"

    def show_done(self, at: str, seconds: float, version: int, explained: Any) -> None:
        """Say when and on what the result was computed."""
        fewest, most, mean, none = explained.neighbours
        self._note.say(
            Text("{fewest} to {most} neighbours a cell, {mean} on average; {none} cells without",
                 fewest=fewest, most=most, mean=f"{mean:.1f}", none=none)
        )  # fmt: skip
        self._done.say(
            Text(
                "Computed at {at} in {seconds} s; data version {version}.",
                at=at,
                seconds=f"{seconds:.1f}",
                version=version,
            )
        )

    def _show_number(self) -> None:
        rule = self.rule.key()
        show_if(self._number_field, rule in ("distance", "knn"))
        self.number.setRange(*((50, 5_000) if rule == "distance" else (1, 100)))
        self.number.setSuffix(" m" if rule == "distance" else "")
        self.number.setSingleStep(50 if rule == "distance" else 1)
        if rule == "distance" and self.number.value() <= 100:
            self.number.setValue(250)
        elif rule == "knn":
            self.number.setValue(8)

    def _export(self) -> QWidget:
        words = self._desk.words
        kinds = (
            ("png", Text("Picture")),
            ("pdf", Text("Print PDF")),
            ("html", Text("Offline page")),
            ("gpkg", Text("GeoPackage")),
        )
        buttons = [
            Button(words, title, lambda wanted=kind: self.export_wished.emit(wanted), "small")
            for kind, title in kinds
        ]
        upper, lower = row(*buttons[:2]), row(*buttons[2:])
        return box(column(Label(words, Text("Export")), box(upper), box(lower), margins=(16, 12, 16, 12)))


@dataclass(frozen=True, eq=False)
class Shown:
    """A result as the page shows it."""

    result: pd.DataFrame
    explained: Any
    what: Wording
    corrected: bool = True  # whether false discoveries are controlled


class LegendStrip(QFrame):
    """Above the map: what was counted, and the classes with their counts; they sum to the cells."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("band")
        self._title = Label(desk.words, "", "title")
        self._facts, self._right = ShortLabel(desk.words, "", "note"), Label(desk.words, "", "note")
        self.classes = SwatchRow(desk.words, desk.look)
        upper = row(self._title, self._facts, self._right)
        upper.setStretch(1, 1)
        self.setLayout(column(box(upper), line(), self.classes, spacing=8, margins=(16, 10, 16, 8)))

    def show_result(self, shown: Shown, left_out: Wording) -> None:
        """Replace title and counts."""
        values, classes = shown.result["value"], shown.result["class"].to_numpy(int)
        self._title.say(shown.what)
        self._facts.say(
            Text("{count} components · {cells} cells · {mean} a cell on average", count=grouped(float(values.sum())),
                 cells=grouped(len(values)), mean=f"{values.mean():.2f}")
        )  # fmt: skip
        self._right.say(left_out)
        self.classes.say(
            Text("Gi* significance after FDR, number of cells")
            if shown.corrected
            else Text("Gi* significance, number of cells")
        )
        self.classes.show_counts({code: int((classes == code).sum()) for code in CLASS_WORDS}, CLASS_WORDS)


class ResultPanel(SidePanel):
    """The conclusion as a sentence, the clusters as a list, then how it clusters at all."""

    chosen = Signal(int)  # position of the cluster

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Result"), 412)
        words = desk.words
        self._desk = desk
        self._sentence = Label(words, "", "lead")
        self._sentence.setWordWrap(True)
        self.model = FrameTable(
            words,
            [Column("number", "", right=True, width=36), Column("name", Text("Hot clusters (95 % and more)"), stretch=True),
             Column("cells", Text("Cells"), right=True, width=56), Column("value", Text("Count"), lambda v: grouped(v), right=True, width=64),
             Column("z_max", Text("z most"), lambda v: f"{v:.1f}", right=True, width=60)],
        )  # fmt: skip
        self.table = Table(desk.look, self.model)
        self.table.setMinimumHeight(120)
        words.keep(self.table, "setAccessibleName", Text("Hot clusters"))
        self._moran = Label(words, "", "note")
        self.scatter = Scatter(words, desk.look, 250)
        self._scatter_note = Label(
            words, Text("Colours as in the legend; the slope of the line is I."), "note"
        )
        self.histogram = Histogram(words, desk.look, 140)
        upper = box(column(self._sentence, margins=(16, 12, 16, 8)))
        charts = column(
            Label(words, Text("Clustering as a whole: Moran scatter")), self._moran, self.scatter, self._scatter_note, 4,
            Label(words, Text("Components per cell")), self.histogram, spacing=6, margins=(16, 12, 16, 12),
        )  # fmt: skip
        charts.setStretchFactor(self.scatter, 3)
        charts.setStretchFactor(self.histogram, 2)
        lower = box(charts)
        whole = column(upper, self.table, line(), scrolled(lower), spacing=0)
        whole.setStretch(1, 2)
        whole.setStretch(3, 3)
        self.fill(box(whole))
        self.table.row_chosen.connect(lambda position: self.chosen.emit(position) if position >= 0 else None)

    def show_result(self, shown: Shown) -> None:
        """Replace sentence, list and charts."""
        explained, values = shown.explained, shown.result["value"].to_numpy(float)
        self._sentence.say(sentence_of(explained, values))
        self.model.show_frame(explained.clusters)
        self._show_scatter(shown)
        counts, edges = np.histogram(values, bins=bins_of(values))
        self.histogram.show_bars(Bars(edges, counts, Text("components")))
        m = explained.moran
        self._moran.say(
            f"I = {m.i:.3f}   z = {m.z_randomisation:.1f}   p {p_words(m.p)}" if m is not None else ""
        )

    def _show_scatter(self, shown: Shown) -> None:
        palette = self._desk.look.palette
        quiet = mix(palette.stale, palette.card, 0.5)  # what is not significant recedes
        colours = (*reversed(palette.cold), quiet, *palette.hot)
        points, m = shown.explained.scatter, shown.explained.moran
        self.scatter.show_points(
            Points(points["value"].to_numpy(), points["lag"].to_numpy(), colours, shown.result["class"].to_numpy(int) + 3,
                   m.i if m is not None else 0.0, Text("count of the cell (standardised)"), Text("mean of its neighbours"))
        )  # fmt: skip


def sentence_of(explained: Any, values: np.ndarray) -> Wording:
    """The conclusion first."""
    if not explained.hot_cells:
        return Text("There is no hot spot: the components are spread as chance would spread them.")
    return Text(
        "{clusters} hot clusters with {cells} cells: {area} of the area, but {share} of the components ({count} of {all}).",
        clusters=len(explained.clusters), cells=grouped(explained.hot_cells), area=share(explained.hot_area_share, 1.0),
        share=share(explained.hot_share, 1.0), count=grouped(explained.hot_value), all=grouped(float(values.sum())),
    )  # fmt: skip


def bins_of(values: np.ndarray) -> Any:
    """Whole numbers where they are few, else 24 bars."""
    top = float(values.max()) if len(values) else 1.0
    return np.arange(0, top + 2) - 0.5 if top <= 30 else 24


def p_words(p: float) -> str:
    """A probability with three decimals, or below what is."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
