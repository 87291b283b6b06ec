"""The components as columns of numbers in drawing order: what the map draws, picks and counts.

A cache, never the truth: made from the store, valid for one data version, thrown away at any time. Everything a frame
of the map needs is a slice of an array; nothing here touches a row in Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gis.frames import COMPONENT_STATES
from gis.ranges import expand
from gis.strip_index import Floats, Rows, StripIndex, between

_COLUMNS: Final = ("component_id", "class_index", "state", "cell_index")
_STATE_UNKNOWN: Final = 255


class WindowBuffer:
    """Memory that `WorkingSet.windows` writes into again and again, so that the system need not hand out new pages.

    For one thread; what was read with it before is overwritten.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0, dtype=np.uint8)

    def room(self, rows: int, record: np.dtype[Any]) -> NDArray[Any]:
        """`rows` records to write into."""
        size = rows * record.itemsize
        if len(self._memory) < size:
            self._memory = np.empty(size + size // 4, dtype=np.uint8)
        return self._memory[:size].view(record)


class Window:
    """The components of one map window, one entry per component, in no particular order.

    Copied out at once: `component_id`, `east_m`, `north_m`, `class_index`. Made when asked for: `rows`, the row numbers
    of the working set, and with them `x`, `y`, the exact coordinates, and `state`.
    """

    __slots__ = ("_held", "_places", "_records", "_rows")

    def __init__(self, held: WorkingSet, records: NDArray[Any], places: tuple[Rows, Rows, Rows]) -> None:
        """`places`: first and last + 1 row of whole runs, then single rows, in the order of `records`."""
        self._held = held
        self._records = records
        self._places = places
        self._rows: Rows | None = None

    def __len__(self) -> int:
        return len(self._records)

    @property
    def component_id(self) -> NDArray[Any]:
        """The store's row keys."""
        return self._records["component_id"]

    @property
    def east_m(self) -> NDArray[np.float32]:
        """Metres east of the working set's `origin`: within 1 mm up to 16 km from it, which is what drawing needs."""
        return self._records["east_m"]

    @property
    def north_m(self) -> NDArray[np.float32]:
        """Metres north of the working set's `origin`, as exact as `east_m`."""
        return self._records["north_m"]

    @property
    def class_index(self) -> NDArray[np.uint16]:
        """Numbers into `WorkingSet.class_codes`."""
        return self._records["class_index"]

    @property
    def state(self) -> NDArray[np.uint8]:
        """Numbers into `gis.frames.COMPONENT_STATES`."""
        return self._held.state[self.rows]

    @property
    def rows(self) -> Rows:
        """Row numbers of the working set."""
        if self._rows is None:
            low, high, singles = self._places
            self._rows = np.concatenate((expand(low, high), singles))
        return self._rows

    @property
    def x(self) -> Floats:
        """Exact eastings in the city's plane."""
        return self._held.x[self.rows]

    @property
    def y(self) -> Floats:
        """Exact northings in the city's plane."""
        return self._held.y[self.rows]


@dataclass(frozen=True, eq=False)
class WorkingSet:
    """n components as arrays in search order (strips from south to north, by x within a strip).

    `component_id` i8, `x`, `y` f8 in the city's plane, `class_index` u2 into `class_codes`, `state` u1 into
    `gis.frames.COMPONENT_STATES` (255: another text), `cell_index` i4 into `cell_codes` (-1 outside every cell).
    `version` is the store's data version it was read at. Safe to read from several threads.
    """

    component_id: NDArray[np.int64]
    x: Floats
    y: Floats
    class_index: NDArray[np.uint16]
    state: NDArray[np.uint8]
    cell_index: NDArray[np.int32]
    class_codes: tuple[str, ...]
    cell_codes: tuple[str, ...]
    version: int
    index: StripIndex
    records: NDArray[Any]  # what a window hands over, packed, in the same order

    @classmethod
    def build(
        cls,
        component_id: ArrayLike,
        x: ArrayLike,
        y: ArrayLike,
        class_codes: Any,
        states: Any,
        cell_codes: Any,
        version: int = 0,
    ) -> WorkingSet:
        """The working set of n components given in any order.

        `class_codes`, `states`, `cell_codes`: one text per component (categoricals are fastest); a cell code `""`
        is no cell. A component without coordinates (NaN) is kept, but lies in no window.
        """
        xs, ys = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
        index, order = StripIndex.build(xs, ys)
        classes, class_index = _encode(class_codes)
        cells, cell_index = _encode(cell_codes, missing="")
        columns = (
            np.asarray(component_id, dtype=np.int64)[order],
            class_index.astype(np.uint16)[order],
            _state_numbers(states)[order],
            cell_index.astype(np.int32)[order],
        )
        return cls._assemble(index, columns, classes, cells, version)

    @classmethod
    def _assemble(
        cls,
        index: StripIndex,
        columns: tuple[NDArray[Any], ...],
        class_codes: tuple[str, ...],
        cell_codes: tuple[str, ...],
        version: int,
    ) -> WorkingSet:
        component_id, class_index, state, cell_index = columns
        records = np.empty(len(component_id), dtype=_record_type(component_id))
        records["component_id"] = component_id
        records["east_m"] = index.x - index.west
        records["north_m"] = index.y - index.south
        records["class_index"] = class_index
        return cls(component_id, index.x, index.y, class_index, state, cell_index, class_codes, cell_codes, version,
                   index, records)  # fmt: skip

    def __len__(self) -> int:
        return len(self.component_id)

    @property
    def origin(self) -> tuple[float, float]:
        """The point from which `Window.east_m` and `Window.north_m` count: the south-west corner of all components."""
        return self.index.west, self.index.south

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax of all components; (0, 0, 0, 0) when there are none with coordinates."""
        known = np.isfinite(self.x) & np.isfinite(self.y)
        if not known.any():
            return 0.0, 0.0, 0.0, 0.0
        x, y = self.x[known], self.y[known]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def slices(self, xmin: float, ymin: float, xmax: float, ymax: float) -> list[slice]:
        """Contiguous runs of rows that hold every component of the window and few others (some beyond its south and
        north side, none beyond west and east): for drawing, where clipping costs nothing."""
        return [slice(low, high) for low, high, _ in self.index.runs_of_one(xmin, ymin, xmax, ymax)]

    def window(self, xmin: float, ymin: float, xmax: float, ymax: float) -> Window:
        """Exactly the components in the window, its sides included."""
        whole, singles = [], []
        for low, high, cut in self.index.runs_of_one(xmin, ymin, xmax, ymax):
            if cut:
                singles.append(low + np.flatnonzero(between(self.y[low:high], cut, ymin, ymax)))
            else:
                whole.append((low, high))
        rows = np.concatenate(singles) if singles else np.empty(0, dtype=np.int64)
        parts = [*(self._opaque[low:high] for low, high in whole), self._opaque.take(rows)]
        lows, highs = np.array(whole, dtype=np.int64).reshape(-1, 2).T
        return Window(self, np.concatenate(parts).view(self.records.dtype), (lows, highs, rows))

    def windows(self, boxes: ArrayLike, buffer: WindowBuffer | None = None) -> list[Window]:
        """The components of m windows (m × 4: xmin, ymin, xmax, ymax), all at once.

        With a `buffer` the arrays copied out are valid until the buffer is used again.
        """
        sides = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        runs = self.index.runs(sides)
        singles, box_of_single = self.index.inside(runs, sides)
        whole = np.flatnonzero((runs.cut == 0) & (runs.high > runs.low))
        low, high, box = runs.low[whole], runs.high[whole], runs.box[whole]
        numbers = np.arange(len(sides) + 1)
        run_cuts, single_cuts = (np.searchsorted(of, numbers).tolist() for of in (box, box_of_single))
        sizes = np.bincount(box, weights=high - low, minlength=len(sides)).astype(np.int64) + np.diff(
            single_cuts
        )
        room = None if buffer is None else buffer.room(int(sizes.sum()), self._opaque.dtype)
        packed = self._copy(low, high, singles, run_cuts, single_cuts, room)
        found, end = [], 0
        for k, size in enumerate(sizes.tolist()):
            begin, end = end, end + size
            part = slice(run_cuts[k], run_cuts[k + 1])
            own = singles[single_cuts[k] : single_cuts[k + 1]]
            found.append(Window(self, packed[begin:end], (low[part], high[part], own)))
        return found

    def _copy(
        self,
        low: Rows,
        high: Rows,
        singles: Rows,
        run_cuts: list[int],
        single_cuts: list[int],
        room: NDArray[Any] | None,
    ) -> NDArray[Any]:
        """The records of all windows, one window after the other: whole runs first, then single rows."""
        records = self._opaque
        border = records.take(singles)
        runs = list(map(records.__getitem__, map(slice, low.tolist(), high.tolist())))
        parts = [border[:0]]
        for k in range(len(run_cuts) - 1):
            parts += runs[run_cuts[k] : run_cuts[k + 1]]
            parts.append(border[single_cuts[k] : single_cuts[k + 1]])
        return np.concatenate(parts, out=room).view(self.records.dtype)

    @cached_property
    def _opaque(self) -> NDArray[Any]:
        """The records as plain bytes: these are copied at once, fields one by one."""
        return self.records.view(f"V{self.records.dtype.itemsize}")

    def nearest(
        self, x: float, y: float, radius_m: float, mask_classes: NDArray[np.bool_] | None = None
    ) -> int:
        """Row of the component nearest to (`x`, `y`) within `radius_m`, -1 when there is none.

        `mask_classes`: one bool per class of `class_codes`; only classes marked True are looked at.
        """
        near = self.slices(x - radius_m, y - radius_m, x + radius_m, y + radius_m)
        rows = np.concatenate(
            [np.empty(0, dtype=np.int64), *(np.arange(part.start, part.stop) for part in near)]
        )
        if mask_classes is not None:
            rows = rows[np.asarray(mask_classes, dtype=bool)[self.class_index[rows]]]
        if len(rows) == 0:
            return -1
        distance2 = (self.x[rows] - x) ** 2 + (self.y[rows] - y) ** 2
        best = int(np.argmin(distance2))
        return int(rows[best]) if distance2[best] <= radius_m**2 else -1

    def counts_by_class(self, window: Window | None = None) -> NDArray[np.int64]:
        """Number of components of each class of `class_codes`, in the window or in all."""
        return self._counts if window is None else self._count(window.class_index)

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return self._count(self.class_index)

    def _count(self, class_index: NDArray[np.uint16]) -> NDArray[np.int64]:
        return np.bincount(class_index, minlength=len(self.class_codes)).astype(np.int64)

    def rows_of_cell(self, cell_index: int) -> Rows:
        """Rows of the components of one cell (-1: of those outside every cell)."""
        order, starts = self._by_cell
        return order[starts[cell_index + 1] : starts[cell_index + 2]]

    @cached_property
    def _by_cell(self) -> tuple[Rows, Rows]:
        order = np.argsort(self.cell_index, kind="stable")
        starts = np.searchsorted(self.cell_index[order], np.arange(-1, len(self.cell_codes) + 1))
        return order, starts

    def row_of(self, component_id: int) -> int:
        """Row of a component, -1 when it is not in the set."""
        order = self._by_id
        at = int(np.searchsorted(self.component_id, component_id, sorter=order))
        return int(order[at]) if at < len(order) and self.component_id[order[at]] == component_id else -1

    @cached_property
    def _by_id(self) -> Rows:
        return np.argsort(self.component_id, kind="stable")

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The set as flat arrays by name, for a cache that is mapped and not read; texts and records as bytes."""
        index = self.index
        lattice = (index.west, index.south, index.height_m, index.width_m, index.strips, index.columns)
        named = {name: getattr(self, name) for name in _COLUMNS}
        return named | {
            "x": index.x,
            "y": index.y,
            "starts": index.starts,
            "lattice": np.array(lattice, dtype=np.float64),
            "records": self.records.view(np.uint8),
            "class_codes": _as_bytes(self.class_codes),
            "cell_codes": _as_bytes(self.cell_codes),
            "version": np.array([self.version], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, named: Mapping[str, NDArray[Any]]) -> WorkingSet:
        """The set of `to_arrays`, equal to the bit and without copying; `KeyError` or `ValueError` for other arrays."""
        west, south, height_m, width_m, strips, columns = named["lattice"].tolist()
        index = StripIndex(named["x"], named["y"], west, south, height_m, width_m, int(strips), int(columns),
                           named["starts"])  # fmt: skip
        held = {name: named[name] for name in _COLUMNS}
        lengths = {len(index.y), *map(len, held.values())}
        if lengths != {len(index.x)} or len(index.starts) != index.strips * (index.columns + 2) + 1:
            raise ValueError("these arrays are not a working set")
        return cls(**held, x=index.x, y=index.y, class_codes=_as_texts(named["class_codes"]),
                   cell_codes=_as_texts(named["cell_codes"]), version=int(named["version"][0]), index=index,
                   records=named["records"].view(_record_type(held["component_id"])))  # fmt: skip


def _record_type(component_id: NDArray[np.int64]) -> np.dtype[Any]:
    """14 or 18 bytes, unpadded: copying them is what a window costs."""
    id_type = "i4" if component_id.max(initial=0) < 2**31 else "i8"
    return np.dtype([("component_id", id_type), ("east_m", "f4"), ("north_m", "f4"), ("class_index", "u2")])


def _as_bytes(texts: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), dtype=np.uint8)


def _as_texts(data: NDArray[np.uint8]) -> tuple[str, ...]:
    """What `_as_bytes` was given; codes have no line breaks."""
    return tuple(data.tobytes().decode().split("\n")[:-1])


def _encode(texts: Any, missing: str | None = None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sorted distinct texts, and for each text its number among them; -1 for `missing` and for absent ones."""
    given = texts if isinstance(texts, pd.Categorical) else pd.Categorical(getattr(texts, "array", texts))
    names = np.array([str(name) for name in given.categories], dtype=object)
    wanted = np.bincount(given.codes[given.codes >= 0], minlength=len(names)) > 0
    if missing is not None:
        wanted &= names != missing
    kept = np.flatnonzero(wanted)
    kept = kept[np.argsort(names[kept].astype(str), kind="stable")]
    number = np.full(len(names) + 1, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return tuple(names[kept]), number[given.codes]


def _state_numbers(states: Any) -> NDArray[np.uint8]:
    names, number = _encode(states)
    known = [COMPONENT_STATES.index(name) if name in COMPONENT_STATES else _STATE_UNKNOWN for name in names]
    return np.array([*known, _STATE_UNKNOWN], dtype=np.uint8)[number]
