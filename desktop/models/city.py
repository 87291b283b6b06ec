"""The city as maps and trees show it: read once per data version on the store lane, shared by all pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from PySide6.QtCore import QObject, Signal

from data.store import Store
from desktop.map.base_kinds import MADE, BaseKind, base_arrays, kinds_of, part, under
from desktop.map.layers.areas import AreaMap
from desktop.map.layers.cells import CellMap
from desktop.models.raster_base import RasterBase
from desktop.state import State
from desktop.words import Text
from gis.frames import AREA_LEVELS, BASE_KINDS
from gis.working_set import WorkingSet
from kernel.changes import AREAS, BASE, CELLS, CLASSES, COMPONENTS, FIXES, PATROLLERS, Changes
from kernel.progress import Part, Progress

TRAIL_S = 600.0  # how much of the past a trail shows
LINES = "lines-1"  # the way `line_arrays` makes them: another way, another number
NEVER_S = 1e12  # later than any fix


@dataclass(frozen=True, eq=False)
class Ground:
    """Cells, administrative areas and the vector base map, on the city's plane; `lines` by `cells` or level are what
    drawing needs of them, as arrays."""

    cells: gpd.GeoDataFrame
    areas: dict[str, gpd.GeoDataFrame]
    base: Mapping[str, BaseKind]
    lines: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Patrol:
    """Who walks, and fixes in order of time: those of the last minutes, or those that came since the last reading.

    A reading that only brings fixes has the very same `patrollers` object as the one before.
    """

    patrollers: pd.DataFrame
    fixes: pd.DataFrame = field(default_factory=pd.DataFrame)


class City(QObject):
    """What is read of the open store. A signal per part, so that nobody waits for what it does not show."""

    emptied = Signal()
    cells_changed = Signal()  # cells and areas
    ground_changed = Signal()  # these, or the base layers
    components_changed = Signal()
    patrol_changed = Signal()

    def __init__(self, state: State, raster: RasterBase) -> None:
        super().__init__()
        self._state, self.raster = state, raster
        self._crs = 0
        self.ground: Ground | None = None
        self.working_set: WorkingSet | None = None
        self.patrol: Patrol | None = None
        self.totals: dict[str, int] = {}
        self._since_s: float | None = None  # fixes from here on are wanted but not read yet
        state.opened.connect(self._reopen)
        state.facts_changed.connect(self._follow_plane)
        state.changed.connect(self._hear)

    @property
    def complete(self) -> bool:
        """Whether ground and components are here."""
        return self.ground is not None and self.working_set is not None

    def _reopen(self) -> None:
        self.ground = self.working_set = self.patrol = None
        self.totals = {}
        self.emptied.emit()
        self.load_components()
        self.load_patrol()
        self.load_ground()  # last: it says where the map begins, so that one picture has everything

    def _follow_plane(self) -> None:
        """The raster base map lies on the city's plane, whichever that is."""
        facts = self._state.facts
        if facts is not None and facts.info.crs != self._crs:
            self._crs = facts.info.crs
            self.raster.lay_out(self._crs)

    def _hear(self, changes: Changes) -> None:
        if changes.touches(CELLS, AREAS, BASE):
            self.load_ground()
        if changes.touches(COMPONENTS, CELLS, CLASSES):
            self.load_components()
        if changes.touches(PATROLLERS) or (changes.touches(FIXES) and self.patrol is None):
            self.load_patrol()
        elif changes.touches(FIXES):
            self._follow(changes)

    def load_ground(self) -> None:
        """Read cells, areas and the base layers."""
        self._state.read(
            "city.ground", Text("Reading the map"), read_ground, self._take_ground, owner=self, quiet=False
        )

    def load_components(self) -> None:
        """Read the working set."""
        self._state.read("city.components", Text("Reading the components"), read_components, self._take_components,
                         owner=self, quiet=False)  # fmt: skip

    def load_patrol(self) -> None:
        """Read who walks and the last minutes of their fixes."""
        self._state.read(
            "city.patrol", Text("Reading the patrol"), read_patrol, self._take_patrol, owner=self
        )

    def _follow(self, changes: Changes) -> None:
        """Read only what was appended: the change names the first and the last time of its batch."""
        first_s = min((float(key) for key in changes.keys), default=0.0)
        self._since_s = first_s if self._since_s is None else min(self._since_s, first_s)
        since_s = self._since_s
        self._state.read(
            "city.fixes",
            "",
            lambda store, _: store.load_fixes(since_s, NEVER_S),
            self._take_fixes,
            owner=self,
        )

    def _take_fixes(self, fixes: pd.DataFrame) -> None:
        self._since_s = None
        if self.patrol is not None:
            self.patrol = Patrol(self.patrol.patrollers, fixes)
            self.patrol_changed.emit()

    def _take_ground(self, ground: Ground) -> None:
        self.ground = ground
        self.cells_changed.emit()
        self.ground_changed.emit()

    def _take_components(self, answer: tuple[WorkingSet, dict[str, int]]) -> None:
        self.working_set, self.totals = answer
        self.components_changed.emit()

    def _take_patrol(self, patrol: Patrol) -> None:
        self.patrol = patrol
        self.patrol_changed.emit()


def read_ground(store: Store, progress: Progress) -> Ground:
    """Cells, areas of the three levels and the base layers."""
    cells = store.load_cells()
    areas = {level: store.load_areas(level) for level in AREA_LEVELS}
    progress.report(0.2)
    kept = store.kept_arrays(LINES, (CELLS, AREAS), lambda: line_arrays(cells, areas))
    lines = {name: part(kept, f"{name}.") for name in ("cells", *AREA_LEVELS)}
    if any(len(lines[name]["inner"]) != 2 * len(frame) for name, frame in {"cells": cells, **areas}.items()):
        lines = {}  # someone wrote in between: the next reading, which is on its way, finds both in step
    return Ground(cells, areas, read_base(store, Part(progress, 0.4, 1.0)), lines)


def line_arrays(cells: gpd.GeoDataFrame, areas: Mapping[str, gpd.GeoDataFrame]) -> dict[str, np.ndarray]:
    """The lines of cells and areas, made ready for drawing."""
    out = under("cells.", CellMap(cells).line_arrays())
    for level, frame in areas.items():
        out |= under(f"{level}.", AreaMap(frame).line_arrays())
    return out


def read_base(store: Store, progress: Progress) -> dict[str, BaseKind]:
    """The base layers that have features, as columns; frames are read only when the columns were never made."""

    def made() -> dict[str, np.ndarray]:
        frames = {}
        for place, kind in enumerate(BASE_KINDS, start=1):
            frames[kind] = store.load_base(kind)
            progress.report(place / len(BASE_KINDS))
        return base_arrays(frames)

    return kinds_of(store.kept_arrays(MADE, (BASE,), made))


def read_components(store: Store, progress: Progress) -> tuple[WorkingSet, dict[str, int]]:
    """The working set and how many components each class has."""
    working_set = store.working_set(progress)
    counts = np.bincount(working_set.class_index, minlength=len(working_set.class_codes))
    return working_set, {code: int(n) for code, n in zip(working_set.class_codes, counts, strict=True)}


def read_patrol(store: Store, progress: Progress) -> Patrol:
    """Patrollers and the fixes of the last `TRAIL_S` seconds before the newest one."""
    patrollers = store.load_patrollers()
    last = store.last_fixes()
    if not len(last):
        return Patrol(patrollers, last)
    until_s = float(last["time_s"].max())
    return Patrol(patrollers, store.load_fixes(until_s - TRAIL_S, until_s + 1.0))
