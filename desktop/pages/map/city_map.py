"""The city's map as every page shows it: one canvas that follows theme, language, store and switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent

from desktop.defects import as_defect
from desktop.formats import plane_name
from desktop.map.canvas import MapCanvas
from desktop.map.layer import Layer
from desktop.map.layers.areas import AreasLayer
from desktop.map.layers.base import BaseLayer
from desktop.map.layers.cells import CellsLayer
from desktop.map.layers.components import ComponentsLayer
from desktop.map.layers.points import PointsLayer
from desktop.map.layers.tracks import TracksLayer
from desktop.map.scales import FAR
from desktop.map.view import View
from desktop.models.city import City, Ground
from desktop.state import Desk
from desktop.widgets.status import degrees_words, plane_words, scale_words
from desktop.words import Text, Wording
from gis.crs import to_degrees

AREA_LAYERS = {"counties": "county", "streets": "street", "communities": "community"}
Tell = Callable[[str, Wording], object]


class CityMap(MapCanvas):
    """A `MapCanvas` of the open store. `under` and `over` are the page's own layers."""

    composed = Signal()
    credited = Signal(str)  # whose data this is; the canvas writes it too unless a page does

    def __init__(
        self,
        desk: Desk,
        city: City,
        *,
        components: bool = True,
        tell: Tell | None = None,
        begin_scale: float | None = None,
        credit: bool = True,
        cells_until: float = FAR,
    ) -> None:
        super().__init__()
        self._desk, self._city, self._components, self._tell = desk, city, components, tell
        self._told_place: tuple[float, float] | None = None
        # Planes from which the way to degrees is wanted, and known.
        self._degrees_asked = self._degrees_from = 0
        self._homed, self._begin_scale, self._credit_drawn = False, begin_scale, credit
        self._cells_until = cells_until  # the scale beyond which cells have no lines
        self._previewed: gpd.GeoDataFrame | None = None
        self.hidden_classes: frozenset[str] = frozenset()
        self.hidden_layers: frozenset[str] = frozenset()
        self.under: dict[str, Layer] = {}  # between the ground and the cells
        self.over: dict[str, Layer] = {}
        self._made: dict[str, tuple[tuple[object, ...], Layer]] = {}
        self.set_theme(desk.look.theme)
        self.set_language(desk.words.lang)
        desk.look.changed.connect(lambda: self.set_theme(desk.look.theme))
        desk.words.changed.connect(self._speak)
        city.emptied.connect(self._empty)
        for part in (city.ground_changed, city.components_changed, city.patrol_changed, city.raster.changed):
            part.connect(self.compose)
        desk.state.facts_changed.connect(self._speak)
        city.raster.changed.connect(self._speak)
        self.cursor_moved.connect(self._tell_place)
        self.frame_ready.connect(self._find_degrees)
        self.view_changed.connect(self._tell_scale)
        self.failed.connect(lambda error: desk.jobs.failed.emit(as_defect(error)))
        self._speak()
        self.compose()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._request()

    def _request(self) -> None:
        """A map that nobody sees is not drawn: opening a city draws one map, not one for every page."""
        if self.isVisible():
            super()._request()

    def compose(self) -> None:
        """Put the layers together from what is read and switched on."""
        ground = self._city.ground
        if not self._homed and ground is not None and len(ground.cells):
            self._homed = True
            self._begin(ground)  # before there are layers: nothing is drawn for a place nobody looks at
        self.set_layers(
            [*self._ground(), *self.under.values(), *self._lines(), *self._things(), *self.over.values()]
        )
        self.composed.emit()

    def _begin(self, ground: Ground) -> None:
        """Where a map opens: the whole city, or its middle at the scale of work."""
        if self._begin_scale is None:
            self.fly_to(*ground.cells.total_bounds)
            return
        bounds = ground.cells.bounds.to_numpy()
        x, y = np.median((bounds[:, :2] + bounds[:, 2:]) / 2.0, axis=0)
        self.centre_on(float(x), float(y), self._begin_scale)

    def switch(self, classes: frozenset[str], layers: frozenset[str]) -> None:
        """Hide these classes and layers, show all others."""
        self.hidden_classes, self.hidden_layers = classes, layers
        self.compose()

    def fly_to(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        """Show an extent whole; the bounds of frames come as numpy's numbers, the view wants plain ones."""
        super().fly_to(float(xmin), float(ymin), float(xmax), float(ymax))

    def lay(self, layer: Layer | None, key: str, *, under: bool = False) -> None:
        """Put a layer of the page's own in place, or take it away."""
        place = self.under if under else self.over
        if layer is None:
            place.pop(key, None)
        else:
            place[key] = layer
        self.compose()

    def mark_findings(self, findings: pd.DataFrame) -> None:
        """Mark where findings are; those without a place are left out."""
        known = (
            findings[np.isfinite(findings["x"]) & np.isfinite(findings["y"])] if len(findings) else findings
        )
        if not len(known):
            self.lay(None, "findings")
            return
        keys = np.arange(len(known)).astype(str)
        layer = PointsLayer(
            known["x"].to_numpy(float), known["y"].to_numpy(float), keys, known["severity"].to_numpy(object)
        )
        self.lay(layer, "findings")

    def mark_place(self, place: tuple[float, float] | None) -> None:
        """Mark one place, or none."""
        places = [] if place is None else [(*place, "error")]
        self.mark_findings(pd.DataFrame(places, columns=["x", "y", "severity"]))

    def preview(self, cells: gpd.GeoDataFrame | None) -> None:
        """Show other cells in the place of the stored ones."""
        self._previewed = cells
        self.compose()
        if cells is not None and len(cells):
            self.fly_to(*cells.total_bounds)

    def tell_all(self) -> None:
        """Say plane, scale and the middle of the view in the status bar."""
        self._tell_scale(self.view)
        self._tell_place(self.view.x, self.view.y)

    # -- layers, made once per part of the city ----------------------------------------------------------------------
    def _ground(self) -> list[Layer]:
        """The vector base map, or the raster one in its place."""
        ground, hidden = self._city.ground, self.hidden_layers
        raster = [] if {"raster", "base"} & hidden else self._city.raster.layers
        if ground is None or raster:
            return list(raster)
        frames = {kind: frame for kind, frame in ground.base.items() if not {kind, "base"} & hidden}
        return [self._kept("base", (*frames.values(), ",".join(frames)), lambda: BaseLayer(frames))]

    def _lines(self) -> list[Layer]:
        ground = self._city.ground
        if ground is None:
            return []
        layers: list[Layer] = []
        cells = ground.cells if self._previewed is None else self._previewed
        if "cells" not in self.hidden_layers and len(cells):
            kept = ground.lines.get("cells") if cells is ground.cells else None
            layers.append(self._kept("cells", (cells,), lambda: self._cells(cells, kept)))
        for key, level in AREA_LAYERS.items():
            areas = ground.areas[level]
            if len(areas) and key not in self.hidden_layers:
                lines = ground.lines.get(level)
                layers.append(
                    self._kept(
                        key, (areas,), lambda a=areas, at=level, k=key, n=lines: AreasLayer(a, at, k, kept=n)
                    )
                )
        return layers

    def _cells(self, cells: gpd.GeoDataFrame, kept: Mapping[str, np.ndarray] | None) -> Layer:
        return CellsLayer(cells, kept=kept, farthest=self._cells_until)

    def _things(self) -> list[Layer]:
        layers: list[Layer] = []
        working_set, patrol, facts = self._city.working_set, self._city.patrol, self._desk.state.facts
        if self._city.ground is None:
            return layers  # nobody knows yet where to look
        if (
            self._components
            and working_set is not None
            and facts is not None
            and "components" not in self.hidden_layers
        ):
            whole = self._kept(
                "components", (working_set,), lambda: ComponentsLayer(working_set, facts.catalogue)
            )
            assert isinstance(whole, ComponentsLayer)
            hidden = self.hidden_classes
            names = ",".join(sorted(hidden))
            layers.append(
                self._kept("shown", (whole, names), lambda: whole.hiding(hidden) if hidden else whole)
            )
        if self._components and patrol is not None and not {"tracks", "patrol"} & self.hidden_layers:
            layers.append(self._kept("tracks", (patrol,), lambda: self._tracks(patrol)))
        return layers

    def _tracks(self, patrol: object) -> Layer:
        old = self._made.get("tracks")
        patrollers, fixes = patrol.patrollers, patrol.fixes  # type: ignore[attr-defined]
        if old is not None and old[0][0].patrollers is patrollers:  # type: ignore[attr-defined]
            return old[1].appended(fixes)  # type: ignore[attr-defined]
        return TracksLayer(patrollers).appended(fixes)

    def _kept(self, key: str, made_of: tuple[object, ...], make: Callable[[], Layer]) -> Layer:
        """The layer made of the same things before, so that it is not drawn again; else a new one."""
        old = self._made.get(key)
        if old is None or not same(old[0], made_of):
            old = self._made[key] = (made_of, make())
        return old[1]

    def _empty(self) -> None:
        self._homed = False
        self._previewed = None
        self._made.clear()
        self.under.clear()
        self.over.clear()
        self.set_layers([])

    # -- words -------------------------------------------------------------------------------------------------------
    def _speak(self) -> None:
        self.set_language(self._desk.words.lang)
        facts = self._desk.state.facts
        synthetic = self._desk.words(Text("Synthetic data")) if facts is not None and facts.synthetic else ""
        credit = " · ".join(part for part in (self._city.raster.credit, synthetic) if part)
        self.set_credit(credit if self._credit_drawn else "")
        self.credited.emit(credit)

    def _tell_place(self, x: float, y: float) -> None:
        facts = self._desk.state.facts
        if self._tell is None or facts is None or not facts.info.crs:
            return
        self._told_place = (x, y)
        self._tell("plane", plane_words(x, y))
        if facts.info.crs == self._degrees_from:
            longitude, latitude = to_degrees(x, y, facts.info.crs)
            self._tell("degrees", degrees_words(float(longitude), float(latitude)))

    def _find_degrees(self) -> None:
        """PROJ searches for the way to degrees for a tenth of a second: beside the interface, after the first picture."""
        facts = self._desk.state.facts
        plane = facts.info.crs if facts is not None else 0
        if self._tell is not None and plane not in (0, self._degrees_asked):
            self._degrees_asked = plane
            self._desk.jobs.start(f"map.degrees.{id(self)}", "", lambda _: to_degrees(0.0, 0.0, plane), owner=self, quiet=True,
                                  on_done=lambda _: self._take_degrees(plane))  # fmt: skip

    def _take_degrees(self, plane: int) -> None:
        """The place that waits for its degrees gets them now, not when the pointer moves again."""
        self._degrees_from = plane
        if self._told_place is not None:
            self._tell_place(*self._told_place)

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
