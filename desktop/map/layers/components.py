"""Components: counts far away, dots nearer, symbols by rank from 1 : 3,000, all symbols from 1 : 1,000."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from typing import Any, ClassVar, Final

import numpy as np

from desktop.map.atlas import REMOVED, ComponentSign
from desktop.map.component_drawing import draw_bubbles, draw_clusters, draw_dots, draw_symbols
from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.ranking import IN_ROWS, PUBLIC_TO, class_order
from desktop.map.scales import FAR, NEAR
from desktop.map.view import Extent, View
from gis.frames import COMPONENT_STATES
from gis.working_set import WorkingSet
from resources import symbols

Array = np.ndarray

REACH_PX: Final = 20.0  # symbols reach over the edge by this much


class ComponentMap:
    """What follows from the working set alone; made when first asked for."""

    def __init__(self, working_set: WorkingSet, catalogue: Any) -> None:
        self.working_set = working_set
        self.standard = catalogue.standard if catalogue is not None else "2026"
        self.class_codes = working_set.class_codes
        name_of = catalogue.name_of if catalogue is not None else lambda code: ""
        self.names = [name_of(code) for code in self.class_codes]

    @cached_property
    def extent(self) -> Extent | None:
        """Bounds of all components."""
        return self.working_set.bounds if len(self.working_set) else None

    @cached_property
    def _places(self) -> Array:
        known = zip(self.class_codes, repeat(self.standard), self.names)
        return np.array([symbols.class_rank(*each) for each in known], np.int64)

    @cached_property
    def order(self) -> Array:
        """Which class goes first, 0 before 1."""
        return class_order(self._places, self.working_set.counts_by_class())

    @cached_property
    def in_rows(self) -> Array:
        """Which classes stand in rows by the thousand."""
        return self._places >= IN_ROWS

    @cached_property
    def public(self) -> Array:
        """Which classes are rare or public enough to be shown as clusters."""
        return self._places <= PUBLIC_TO

    def counts_by_area(self, digits: int, shown: Array) -> tuple[Array, Array, Array]:
        """(x, y, count) of the shown components by the first `digits` of their cell's code, at their mean place."""
        if (digits, shown.tobytes()) not in self._areas:
            self._areas[digits, shown.tobytes()] = self._count_areas(digits, shown)
        return self._areas[digits, shown.tobytes()]

    @cached_property
    def _areas(self) -> dict[tuple[int, bytes], tuple[Array, Array, Array]]:
        return {}

    def _count_areas(self, digits: int, shown: Array) -> tuple[Array, Array, Array]:
        data = self.working_set
        codes = np.array([code[:digits] for code in data.cell_codes] or [""])
        area_of_cell = np.unique(codes, return_inverse=True)[1]
        kept = (data.cell_index >= 0) & shown[data.class_index] & (data.state != REMOVED)
        area = area_of_cell[data.cell_index[kept]]
        counts = np.bincount(area)
        used = np.flatnonzero(counts)
        x, y = (np.bincount(area, weights=v[kept])[used] / counts[used] for v in (data.x, data.y))
        return x, y, counts[used]

    def sign(self, class_index: int, state: int) -> ComponentSign:
        """The symbol of a class in a state."""
        known = COMPONENT_STATES[state] if state < len(COMPONENT_STATES) else COMPONENT_STATES[0]
        return ComponentSign(self.class_codes[class_index], self.standard, self.names[class_index], known)


@dataclass(frozen=True)
class Seen:
    """The components to be drawn: places in pixels of the device, plane metres from the set's origin, class, state."""

    px: Array
    py: Array
    east_m: Array
    north_m: Array
    class_index: Array
    state: Array

    def __len__(self) -> int:
        return len(self.px)

    def take(self, at: Array) -> Seen:
        """Some of them."""
        return Seen(*(getattr(self, name)[at] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class ComponentsLayer(LayerBase):
    """A `gis.working_set.WorkingSet` with the catalogue of its classes; `hidden` class codes are not drawn."""

    working_set: WorkingSet
    catalogue: Any
    hidden: frozenset[str] = frozenset()
    key: str = "components"
    visible: bool = True
    map: ComponentMap = field(default=None, repr=False)  # type: ignore[assignment]
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.POINTS,)
    pick_rank: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.map is None or self.map.working_set is not self.working_set:
            object.__setattr__(self, "map", ComponentMap(self.working_set, self.catalogue))

    def hiding(self, class_codes: Iterable[str]) -> ComponentsLayer:
        """The same components with exactly these classes hidden."""
        return replace(self, hidden=frozenset(class_codes))

    @property
    def extent(self) -> Extent | None:
        """Bounds of all components."""
        return self.map.extent

    @property
    def shown(self) -> Array:
        """Which classes are drawn, one bool per class."""
        return np.array([code not in self.hidden for code in self.map.class_codes], bool)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Bubbles, dots, clusters or symbols, as the scale wants it."""
        denominator = frame.view.scale_denominator
        if denominator > FAR:
            draw_bubbles(frame, self.map, self.shown)
            return
        seen = self._seen(frame)
        frame.check()
        draw_dots(frame, self.map, seen)
        frame.check()
        if denominator <= NEAR:
            draw_symbols(frame, self.map, seen)
        else:
            draw_clusters(frame, self.map, seen)

    def _seen(self, frame: Frame) -> Seen:
        window = self.working_set.window(*frame.extent(REACH_PX))
        west, south = self.working_set.origin
        shown = self.shown[window.class_index] & (window.state != REMOVED)
        columns = (window.east_m, window.north_m, window.class_index, window.state)
        east_m, north_m, class_index, state = (
            columns if shown.all() else (column[shown] for column in columns)
        )
        view = frame.view
        scale = np.float32(view.dpr / view.m_per_px)
        px = (east_m - np.float32(view.left - west)) * scale
        py = (np.float32(view.top - south) - north_m) * scale
        return Seen(px, py, east_m, north_m, class_index, state)

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The nearest component that is shown."""
        if view.scale_denominator > FAR:
            return None
        row = self.working_set.nearest(x, y, tolerance_m, self.shown)
        if row < 0:
            return None
        key = str(self.working_set.component_id[row])
        return Pick("component", key, float(self.working_set.x[row]), float(self.working_set.y[row]))

    def locate(self, kind: str, key: str) -> Located | None:
        """The component of that id."""
        row = self.working_set.row_of(int(key)) if kind == "component" and key.isdigit() else -1
        if row < 0:
            return None
        data = self.working_set
        sign = self.map.sign(int(data.class_index[row]), int(data.state[row]))
        return Located(kind, key, float(data.x[row]), float(data.y[row]), sign=sign)

    def counts(self, view: View) -> Mapping[str, int]:
        """Components in view by class code, hidden ones too."""
        counts = self.working_set.counts_by_class(self.working_set.window(*view.extent))
        return {code: int(count) for code, count in zip(self.map.class_codes, counts, strict=True) if count}
