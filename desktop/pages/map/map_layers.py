"""The layers panel of the map: tree = legend = drawing order, in view and in all, eyes; notes on dots and marks below."""

from __future__ import annotations

import geopandas as gpd
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.city import City
from desktop.models.layer_tree import LayerTree, Node, families
from desktop.pages.areas.responsibility_layers import GROUP, ResponsibilityLayers
from desktop.pages.map.city_map import CityMap
from desktop.settings import MapSettings
from desktop.state import Desk
from desktop.widgets.basic import Label, box, column, line, row
from desktop.widgets.layer_view import EYE_WIDTH, FIGURE_WIDTH, IN_VIEW_WIDTH, LayerView
from desktop.widgets.marks import Mark
from desktop.widgets.panel import FloatingPanel
from desktop.widgets.pause import after_pause
from desktop.words import Text
from resources.responsibility import kinds

COUNT_PAUSE_MS = 80  # figures follow the map when it rests this long
BASE_TITLES = {
    "roads": Text("Roads"), "buildings": Text("Buildings"), "water": Text("Water"), "green": Text("Green"),
    "railways": Text("Railways"), "compounds": Text("Compounds"),
}  # fmt: skip
AREA_TITLES = (
    ("cells", Text("Unit grid cells")),
    ("communities", Text("Communities")),
    ("streets", Text("Streets")),
)


class LayersPanel(FloatingPanel):
    """Follows the map and switches its layers; what is hidden is remembered."""

    switched = Signal()
    areas_wished = Signal(str)  # a kind of responsibility areas, or "" for any

    def __init__(self, desk: Desk, city: City, city_map: CityMap, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._city, self._map = desk, city, city_map
        self._responsibility = ResponsibilityLayers(desk, city, city_map)
        self.tree = LayerTree(desk.words)
        self.view = LayerView(desk.look, self.tree)
        desk.words.keep(self.view, "setAccessibleName", Text("Layers"))
        self._pause = after_pause(self, self.count, COUNT_PAUSE_MS)
        # What is read comes in several parts: the tree is made once for all of them.
        self._soon = after_pause(self, self._rebuild)
        self.body.addWidget(self._head())
        self.body.addWidget(line())
        self.body.addWidget(self.view, 1)
        self.body.addWidget(box(row(line(), margins=(12, 0, 12, 0))))
        self.body.addWidget(self._legend())
        self.tree.switched.connect(self._switch)
        self.view.doubleClicked.connect(self._wish_areas)
        city.emptied.connect(self._soon.start)
        city.components_changed.connect(self._soon.start)
        city.ground_changed.connect(self._soon.start)
        city.patrol_changed.connect(self._soon.start)
        city.raster.changed.connect(self._soon.start)
        self._responsibility.changed.connect(self._show_responsibility)
        desk.words.changed.connect(self._rebuild)
        city_map.view_changed.connect(lambda _: self._pause.start())
        city_map.composed.connect(self._pause.start)

    def count(self) -> None:
        """Write what lies in view beside each line."""
        self.tree.show_counts(self._map.visible_counts())
        self.switched.emit()

    def draw_draft(self, kind: str, areas: gpd.GeoDataFrame | None) -> None:
        """Draw areas of a draft in the place of the stored ones of that kind; None draws what is stored again."""
        if self._responsibility.take_draft(kind, areas):
            self._responsibility.show(self.tree.hidden_layers())
            self._map.compose()

    def _head(self) -> QWidget:
        words = self._desk.words
        figures = [Label(words, Text("In view"), "note"), Label(words, Text("Whole city"), "note")]
        for label, width in zip(figures, (IN_VIEW_WIDTH, FIGURE_WIDTH), strict=True):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setMinimumWidth(width)
        head = row(
            Label(words, Text("Layers"), "title"),
            None,
            *figures,
            EYE_WIDTH - 8,
            spacing=0,
            margins=(12, 0, 8, 0),
        )
        out = box(head)
        out.setFixedHeight(40)
        return out

    def _legend(self) -> QWidget:
        words, look = self._desk.words, self._desk.look
        dots = Label(words, Text("Dots: the same components, symbols from 1 : 3,000"), "note")
        dots.setWordWrap(True)
        dot = row(Mark(look, "dot", "focus", 10), dots)
        dot.setStretch(1, 1)
        marks = row(Mark(look, "triangle", "late", 14), Label(words, Text("Triangle: damaged"), "note"), 8,
                    Mark(look, "dashed-circle", "late", 14), Label(words, Text("Dashed: lost"), "note"), None)  # fmt: skip
        return box(column(box(dot), box(marks), spacing=4, margins=(12, 8, 12, 10)))

    def _rebuild(self) -> None:
        facts = self._desk.state.facts
        if facts is None:
            return
        self.view.standard = facts.catalogue.standard
        groups = [
            self._patrol(),
            self._components(),
            self._responsibility.node(),
            self._areas(),
            self._base(),
        ]
        first = not self.tree.root.children
        self.tree.show_nodes([group for group in groups if group is not None])
        if first:
            self._remember_hidden()
        self.count()

    def _patrol(self) -> Node | None:
        patrol = self._city.patrol
        if patrol is None or not len(patrol.patrollers):
            return None
        top = Node("patrol", Text("Running"), "group", counted=False)
        top.add(Node("tracks", Text("Patrol staff"), "layer", total=len(patrol.patrollers)))
        return top

    def _components(self) -> Node | None:
        facts = self._desk.state.facts
        if facts is None or self._city.working_set is None:
            return None
        known = facts.catalogue.components
        rows = zip(known["code"], known["name"], known["major_code"], known["major_name"], strict=True)
        listed = [r for r in rows if r[1] or self._city.totals.get(r[0])]
        others = sorted(set(self._city.totals) - {code for code, *_ in listed})
        listed += [(code, code, "—", self._desk.words(Text("unknown class"))) for code in others if code]
        return families(listed, self._city.totals)

    def _areas(self) -> Node | None:
        ground = self._city.ground
        if ground is None:
            return None
        top = Node("areas", Text("Grid and areas"), "group", counted=False)
        totals = {"cells": len(ground.cells), "communities": len(ground.areas["community"]),
                  "streets": len(ground.areas["street"])}  # fmt: skip
        for key, title in AREA_TITLES:
            if totals[key]:
                top.add(Node(key, title, "layer", total=totals[key]))
        return top if top.children else None

    def _base(self) -> Node | None:
        ground = self._city.ground
        if ground is None:
            return None
        top = Node("base", Text("Base map"), "group", counted=False)
        if self._city.raster.layers:
            top.add(Node("raster", Text("Raster base map"), "layer", counted=False))
        for kind, title in BASE_TITLES.items():
            if kind in ground.base:
                top.add(Node(kind, title, "layer", total=len(ground.base[kind]), counted=False))
        return top if top.children else None

    def _wish_areas(self, index: QModelIndex) -> None:
        key = self.tree.node(index).key
        if key == GROUP or key in kinds():
            self.areas_wished.emit("" if key == GROUP else key)

    def _show_responsibility(self) -> None:
        self._rebuild()
        self._responsibility.show(self.tree.hidden_layers())
        self._map.compose()

    def _switch(self) -> None:
        self._responsibility.show(self.tree.hidden_layers())
        self._map.switch(self.tree.hidden_classes(), self.tree.hidden_layers())
        hidden = [node.key for node in self.tree.root.walk() if node.key and not node.visible]
        self._desk.settings.change(MapSettings, hidden=",".join(hidden))

    def _remember_hidden(self) -> None:
        hidden = set(self._desk.settings.load(MapSettings).hidden.split(",")) - {""}
        for node in self.tree.root.walk():
            node.visible = node.key not in hidden
        if hidden:
            self._map.switch(self.tree.hidden_classes(), self.tree.hidden_layers())
