"""The city's map as every page shows it: one canvas that follows theme, language, store and switches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from desktop.formats import plane_name
from desktop.map.canvas import MapCanvas
from desktop.map.layer import Layer
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from desktop.map.view import View
from desktop.models.city import City
from desktop.state import Desk
from desktop.widgets.status import degrees_words, plane_words, scale_words
from desktop.words import Wording
from gis.crs import to_degrees

Tell = Callable[[str, Wording], object]


class CityMap(MapCanvas):
    """A `MapCanvas` of the open store. `over` and `under` are the page's own layers."""

    composed = Signal()

    def __init__(self, desk: Desk, city: City, *, components: bool = True, tell: Tell | None = None) -> None:
        super().__init__()
        self._desk, self._city, self._components, self._tell = desk, city, components, tell
        self._homed = False
        self.hidden_classes: frozenset[str] = frozenset()
        self.hidden_layers: frozenset[str] = frozenset()
        self.under: list[Layer] = []  # between the ground and the cells
        self.over: list[Layer] = []
        self._made: dict[str, tuple[tuple[object, ...], Layer]] = {}
        self.set_theme(desk.look.theme)
        self.set_language(desk.words.lang)
        desk.look.changed.connect(lambda: self.set_theme(desk.look.theme))
        desk.words.changed.connect(lambda: self.set_language(desk.words.lang))
        city.emptied.connect(self._empty)
        for part in (city.ground_changed, city.components_changed, city.patrol_changed):
            part.connect(self.compose)
        self.cursor_moved.connect(self._tell_place)
        self.view_changed.connect(self._tell_scale)
        self.compose()

    def compose(self) -> None:
        """Put the layers together from what is read and switched on."""
        layers = [*self._ground(), *self.under, *self._lines()]
        if self._components and self._city.working_set is not None and "components" not in self.hidden_layers:
            layers.append(self._component_layer())
        self.set_layers([*layers, *self.over])
        if not self._homed and self._city.ground is not None and len(self._city.ground.cells):
            self._homed = True
            self.home()
        self.composed.emit()

    def switch(self, classes: frozenset[str], layers: frozenset[str]) -> None:
        """Hide these classes and layers, show all others."""
        self.hidden_classes, self.hidden_layers = classes, layers
        self.compose()

    def tell_all(self) -> None:
        """Say plane, scale and the middle of the view in the status bar."""
        self._tell_scale(self.view)
        self._tell_place(self.view.x, self.view.y)

    def _ground(self) -> list[Layer]:
        ground = self._city.ground
        if ground is None:
            return []
        frames = {
            k: f
            for k, f in ground.base.items()
            if k not in self.hidden_layers and "base" not in self.hidden_layers
        }
        return [self._kept("base", (ground, ",".join(frames)), lambda: BaseLayer(frames))]

    def _lines(self) -> list[Layer]:
        ground = self._city.ground
        if ground is None or "cells" in self.hidden_layers:
            return []
        return [self._kept("cells", (ground,), lambda: CellsLayer(ground.cells))]

    def _component_layer(self) -> Layer:
        facts, working_set = self._desk.state.facts, self._city.working_set
        catalogue = facts.catalogue if facts else None
        layer = self._kept("components", (working_set,), lambda: ComponentsLayer(working_set, catalogue))
        assert isinstance(layer, ComponentsLayer)
        return layer.hiding(self.hidden_classes) if self.hidden_classes else layer

    def _kept(self, key: str, made_of: tuple[object, ...], make: Callable[[], Layer]) -> Layer:
        """The layer made of the same things before, so that it is not drawn again; else a new one."""
        old = self._made.get(key)
        if old is None or not same(old[0], made_of):
            old = self._made[key] = (made_of, make())
        return old[1]

    def _empty(self) -> None:
        self._homed = False
        self._made.clear()
        self.set_layers([])

    def _tell_place(self, x: float, y: float) -> None:
        facts = self._desk.state.facts
        if self._tell is None or facts is None or not facts.info.crs:
            return
        self._tell("plane", plane_words(x, y))
        longitude, latitude = to_degrees(x, y, facts.info.crs)
        self._tell("degrees", degrees_words(float(longitude), float(latitude)))

    def _tell_scale(self, view: View) -> None:
        facts = self._desk.state.facts
        if self._tell is not None and facts is not None:
            self._tell("scale", scale_words(view.scale_denominator))
            self._tell("crs", plane_name(facts.info.crs))


def same(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    """Whether two lists hold the same objects (or equal texts): frames are never compared by value."""
    return len(first) == len(second) and all(
        a is b or (isinstance(a, str) and a == b) for a, b in zip(first, second, strict=True)
    )
