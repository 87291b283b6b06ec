"""Hot and cold spots: a question at the left, the map in the middle, the answer at the right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.actions_list import Callbacks
from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.map.layers.thematic import ThematicLayer
from desktop.models.city import City
from desktop.pages.base import Page
from desktop.pages.hotspots.hotspots_panels import AskPanel, LegendStrip, ResultPanel, Shown
from desktop.pages.map.city_map import CityMap
from desktop.pages.map.numbers_layer import NumbersLayer
from desktop.state import Desk
from desktop.widgets.basic import line
from desktop.widgets.facts import Step
from desktop.widgets.notices import Notice
from desktop.words import Text, Wording
from kernel.changes import CELLS, CLASSES, COMPONENTS

CLUSTER_SCALE = 6_000
RESULT_SHARE, RESULT_PX = 0.22, (340, 412)
MOST_NUMBERED = 12  # clusters with a number on the map; the list has them all
EXPORTS = {"png": Text("Save the map as a picture…"), "pdf": Text("Save the map for print…"),
           "html": Text("Save as an offline page…"), "gpkg": Text("Save as GeoPackage…")}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Answer:
    """What the analysis gave, with the cells it is about."""

    found: Any
    shown: Shown
    cells: gpd.GeoDataFrame
    file: Path


class HotspotsPage(Page):
    """Computes when it is first shown; afterwards only on demand, and says when the data has moved on."""

    name, title, icon = "hotspots", Text("Hotspots"), "hotspot"
    kinds = frozenset({CELLS, COMPONENTS, CLASSES})

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.answer: Answer | None = None
        self.ask = AskPanel(desk)
        self.legend = LegendStrip(desk)
        self.map = CityMap(desk, city, components=False, tell=self.told.emit)
        self.result = ResultPanel(desk)
        self._folder = TemporaryDirectory(prefix="wangrid-hotspots-")
        self._runs = 0
        self._lay_out()
        self._listen()

    def callbacks(self) -> Callbacks:
        return {
            "hotspots.compute": self.compute,
            "hotspots.png": lambda: self._choose_export("png"),
            "hotspots.html": lambda: self._choose_export("html"),
            "hotspots.gpkg": lambda: self._choose_export("gpkg"),
            "map.whole": self.map.home,
        }

    def panes(self) -> list[QWidget]:
        return [self.ask, self.map, self.result]

    def find(self) -> None:
        self.ask.classes.setFocus()

    def refresh(self) -> None:
        if not self.city.complete:
            return
        assert self.city.ground is not None and self.city.working_set is not None
        if not len(self.city.ground.cells) or not len(self.city.working_set.x):
            self.show_empty(
                Text("Hot spots need unit grid cells and components."),
                Step(Text("Open the demo city"), lambda: self.wish.emit("store.demo")),
                Step(Text("Import…"), lambda: self.wish.emit("import")),
            )
            return
        self.show_content()
        self.ask.offer(self.city)
        if self.answer is None:
            self.compute()
        else:
            self.say(
                Notice(
                    "information",
                    Text("The data has changed since this was computed."),
                    Text("Compute again"),
                    self.compute,
                )
            )

    def compute(self) -> None:
        """Ask the question as it stands."""
        ground = self.city.ground
        if ground is None:
            return
        self._runs += 1
        file = Path(self._folder.name) / f"result-{self._runs}.parquet"
        request, what, corrected = self.ask.request(str(file)), self._what(), self.ask.corrected
        self.act(
            "hotspots.compute", Text("Finding hot spots"), "hotspots.explain_hotspots.analyse_hotspots",
            Ask.of("hotspots.explain_hotspots.AnalyseHotspots", find=request, corrected=corrected),
            lambda done: self._show(Answer(done.found, Shown(done.result, done.explained, what, corrected), ground.cells, file)))  # fmt: skip

    def export(self, kind: str, target: Path) -> None:
        """Write the result shown as picture, print, page or layer."""
        answer = self.answer
        if answer is None:
            return
        title = self.desk.words(Text("{what}: hot and cold spots", what=answer.shown.what))
        request = Ask.of(
            "hotspots.export_heatmap.ExportHeatmap",
            result=answer.file,
            out=target,
            title=title,
            lang=self.desk.words.lang,
        )
        self.act("hotspots.export", Text("Writing {file}", file=target.name), "hotspots.export_heatmap.export_heatmap", request,
                 self._exported)  # fmt: skip

    def tell_status(self) -> None:
        self.map.tell_all()
        cells = len(self.answer.cells) if self.answer else 0
        self.told.emit("selected", Text("{count} cells", count=cells) if cells else "")

    def maps(self) -> list[CityMap]:
        return [self.map]

    def shut_down(self) -> None:
        super().shut_down()
        self._folder.cleanup()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.result.setFixedWidth(min(max(round(self.width() * RESULT_SHARE), RESULT_PX[0]), RESULT_PX[1]))

    # -- building and following ----------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.legend)
        middle.addWidget(self.map, 1)
        whole = QHBoxLayout(self.content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.ask)
        whole.addWidget(line(vertical=True))
        whole.addLayout(middle, 1)
        whole.addWidget(line(vertical=True))
        whole.addWidget(self.result)

    def _listen(self) -> None:
        self.ask.wished.connect(self.compute)
        self.ask.shown_changed.connect(self._show_layers)
        self.ask.export_wished.connect(self._choose_export)
        self.result.chosen.connect(self._fly_to_cluster)
        self.map.picked.connect(
            lambda pick: (
                self.result.table.choose(int(pick.key) - 1) if pick and pick.kind == "cluster" else None
            )
        )
        self.city.emptied.connect(self._forget)
        self.city.cells_changed.connect(self.renew)
        self.city.components_changed.connect(self.renew)
        self.desk.look.changed.connect(
            lambda: self.result.show_result(self.answer.shown) if self.answer else None
        )

    def _forget(self) -> None:
        self.answer = None

    def _what(self) -> Wording:
        state = self.ask.states.currentText() if self.ask.states.key() else ""
        name = (
            self.ask.classes.currentText().rsplit(" (", 1)[0]
            if self.ask.classes.key()
            else Text("All components")
        )
        return Text("{name} · {state}", name=name, state=state) if state else name

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.bar.hide()
        facts = self.desk.state.facts
        at = facts.read_at.astimezone().strftime("%H:%M") if facts else ""
        self.ask.show_done(
            at, answer.found.seconds, facts.info.data_version if facts else 0, answer.shown.explained
        )
        outside = sum((answer.found.left_out or {}).values())
        self.legend.show_result(
            answer.shown, Text("{count} outside every cell, not counted", count=outside) if outside else ""
        )
        self.result.show_result(answer.shown)
        self._show_layers()
        self.tell_status()

    def _show_layers(self) -> None:
        if self.answer is None:
            return
        classes = self.answer.shown.result["class"].to_numpy(int)
        fills = ThematicLayer.hotspots(self.answer.cells, classes)
        self.map.lay(
            fills.showing(hot=self.ask.hot.isChecked(), cold=self.ask.cold.isChecked()),
            "hotspots",
            under=True,
        )
        clusters = self.answer.shown.explained.clusters.head(MOST_NUMBERED)
        numbers = NumbersLayer(clusters["x"].to_numpy(float), clusters["y"].to_numpy(float))
        self.map.lay(numbers if self.ask.hot.isChecked() else None, "numbers")

    def _fly_to_cluster(self, position: int) -> None:
        if self.answer is not None:
            cluster = self.answer.shown.explained.clusters.iloc[position]
            self.map.centre_on(float(cluster["x"]), float(cluster["y"]), CLUSTER_SCALE)

    def _choose_export(self, kind: str) -> None:
        if self.answer is not None:
            choose_target(
                self,
                self.desk.words,
                EXPORTS[kind],
                kind,
                f"hotspots.{kind}",
                lambda target: self.export(kind, target),
            )

    def _exported(self, done: Any) -> None:
        self.done.emit(Notice("done", Text("Written and verified: {file}", file=str(done.file))))
