"""Responsibility areas on the map: read after the ground, a line of the tree and a layer for each kind there is."""

from __future__ import annotations

import geopandas as gpd
from PySide6.QtCore import QObject, Signal

from data.store import Store
from desktop.map.layers.responsibility import ResponsibilityLayer
from desktop.models.areas import same_picture
from desktop.models.city import City
from desktop.models.layer_tree import Node
from desktop.pages.map.city_map import CityMap
from desktop.settings import MapSettings
from desktop.state import Desk
from desktop.words import Text
from kernel.changes import RESPONSIBILITY, Changes
from kernel.progress import Progress
from resources.responsibility import kinds

GROUP = "responsibility"


class ResponsibilityLayers(QObject):
    """What the tree offers and the map shows of them; `changed` after they were read again."""

    changed = Signal()

    def __init__(self, desk: Desk, city: City, city_map: CityMap) -> None:
        super().__init__()
        self._desk, self._map = desk, city_map
        self._wanted = True  # not read yet for the store that is open
        self._draft: ResponsibilityLayer | None = None  # drawn in the place of its kind
        self._layers: dict[str, ResponsibilityLayer] = {}
        city.emptied.connect(self._forget)
        city.ground_changed.connect(self._read_first)
        desk.state.changed.connect(self._hear)

    def node(self) -> Node | None:
        """The group of the tree, None where there are no areas."""
        if not self._layers:
            return None
        hidden = set(self._desk.settings.load(MapSettings).hidden.split(","))
        top = Node(GROUP, Text("Responsibility areas"), "group", counted=False, visible=GROUP not in hidden)
        for kind, layer in self._layers.items():
            name = kinds()[kind].name(self._desk.words.lang)
            top.add(Node(kind, name, "layer", total=len(layer.areas), visible=kind not in hidden))
        return top

    def show(self, hidden: frozenset[str]) -> None:
        """Put the layers that are switched on in place; the map composes itself afterwards."""
        for kind in kinds():
            layer = self._layers.get(kind)
            if self._draft is not None and self._draft.key == kind:
                layer = self._draft if len(self._draft.areas) else None
            elif {kind, GROUP} & hidden:
                layer = None
            if layer is not None:
                self._map.over[kind] = layer
            else:
                self._map.over.pop(kind, None)

    def take_draft(self, kind: str, areas: gpd.GeoDataFrame | None) -> bool:
        """Areas of a kind that are edited, None for none; whether the map has to be composed anew."""
        old = self._draft
        if areas is None:
            self._draft = None
        elif old is None or old.key != kind or not same_picture(old.areas, areas):
            self._draft = ResponsibilityLayer(areas, kind, kinds()[kind].hue)
        return self._draft is not old

    def _forget(self) -> None:
        self._wanted = True
        self._draft = None
        self._layers = {}

    def _hear(self, changes: Changes) -> None:
        if changes.touches(RESPONSIBILITY):
            self._read()

    def _read_first(self) -> None:
        if self._wanted:
            self._wanted = False
            self._read()

    def _read(self) -> None:
        self._desk.state.read(
            "map.responsibility", Text("Reading the map"), read_areas, self._take, owner=self
        )

    def _take(self, frames: dict[str, gpd.GeoDataFrame]) -> None:
        self._layers = {
            kind: ResponsibilityLayer(frame, kind, kinds()[kind].hue) for kind, frame in frames.items()
        }
        self.changed.emit()


def read_areas(store: Store, _: Progress) -> dict[str, gpd.GeoDataFrame]:
    """Areas with a shape, by kind; kinds without any are left out."""
    frames = {kind: store.load_responsibility_areas(kind) for kind in kinds()}
    drawn = {kind: frame[frame.geometry.notna()].reset_index(drop=True) for kind, frame in frames.items()}
    return {kind: frame for kind, frame in drawn.items() if len(frame)}
