"""One kind of the vector base map as columns: made from a frame, or read back from arrays that were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from desktop.map.shapes import Shapes

Array = np.ndarray

SMALLEST_PX: Final = {"green": 10.0, "buildings": 2.0}  # smaller things vanish from small scales
MADE: Final = "base-1"  # the way the arrays are made: another way, another number
WORST_RANK: Final = 6


@dataclass(frozen=True, eq=False)
class Places:
    """Named areas: their names, a point well inside each (n, 2), their bounds (n, 4)."""

    names: Array
    inner: Array
    bounds: Array


@dataclass(frozen=True, eq=False)
class StreetLines:
    """Named roads joined where they touch, the longest first; rank and width are the best and the least of a name."""

    names: Array
    rank: Array
    width_m: Array
    shapes: Shapes

    @property
    def geometry(self) -> Array:
        """The lines in the order of the names."""
        return self.shapes.geometry[np.argsort(self.shapes.rows)]


class BaseKind:
    """Columns of `gis.frames.BASE_COLUMNS` in the order of the source; geometry follows when it is first drawn."""

    def __init__(self, kind: str, table: Mapping[str, Array]) -> None:
        self.kind = kind
        self.name, self.subtype = table["name"], table["subtype"]
        self.rank, self.width_m = table["rank"], table["width_m"]
        self._table = table

    @classmethod
    def of(cls, kind: str, frame: gpd.GeoDataFrame) -> BaseKind:
        """A frame's columns."""
        texts = {name: frame[name].to_numpy(dtype=object) for name in ("name", "subtype")}
        numbers = {"rank": frame["rank"].to_numpy(np.int64), "width_m": frame["width_m"].to_numpy(float)}
        return cls(kind, {**texts, **numbers, "geometry": np.asarray(frame.geometry.values, dtype=object)})

    def __len__(self) -> int:
        return len(self.name)

    @cached_property
    def shapes(self) -> Shapes:
        """The geometry; `rows` are positions in the columns."""
        smallest_px = SMALLEST_PX.get(self.kind, 0.8)
        if "geometry" in self._table:
            return Shapes.of(self._table["geometry"], smallest_px)
        return Shapes.from_columns(part(self._table, "shapes."), smallest_px)

    @cached_property
    def named(self) -> Shapes:
        """What has a name."""
        return self.shapes.take(np.flatnonzero(self.name[self.shapes.rows] != ""))

    @cached_property
    def places(self) -> Places:
        """The named areas."""
        if "inner" in self._table:
            inner = self._table["inner"].reshape(-1, 2)
        else:
            inner = shapely.get_coordinates(shapely.point_on_surface(self.named.geometry)).reshape(-1, 2)
        order = np.argsort(self.named.rows)
        return Places(self.name[self.named.rows[order]], inner[order], self.named.bounds[order])

    @cached_property
    def streets(self) -> StreetLines:
        """The named lines."""
        if "streets.name" not in self._table:
            return _streets(self)
        table = part(self._table, "streets.")
        shapes = Shapes.from_columns(part(table, "shapes."))
        return StreetLines(table["name"], table["rank"], table["width_m"], shapes)

    def arrays(self) -> dict[str, Array]:
        """Flat arrays from which `BaseKind(kind, arrays)` is the same again, with all that is made of the geometry."""
        out = {"name": self.name, "subtype": self.subtype, "rank": self.rank, "width_m": self.width_m}
        out |= under("shapes.", self.shapes.columns())
        if not self.shapes.areal:
            streets = self.streets
            table = {"name": streets.names, "rank": streets.rank, "width_m": streets.width_m}
            return out | under("streets.", table | under("shapes.", streets.shapes.columns()))
        inner = np.empty_like(self.places.inner)
        inner[np.argsort(self.named.rows)] = self.places.inner
        return out | {"inner": inner.ravel()}


def base_arrays(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Array]:
    """All kinds that have features, as flat arrays by `kind.column`."""
    out: dict[str, Array] = {}
    for kind, frame in frames.items():
        if len(frame):
            out |= under(f"{kind}.", BaseKind.of(kind, frame).arrays())
    return out


def kinds_of(arrays: Mapping[str, Array]) -> dict[str, BaseKind]:
    """What `base_arrays` was given, in its order."""
    kinds = dict.fromkeys(name.partition(".")[0] for name in arrays)
    return {kind: BaseKind(kind, part(arrays, f"{kind}.")) for kind in kinds}


def _streets(roads: BaseKind) -> StreetLines:
    """Pieces of one name joined where they touch."""
    named = roads.named
    texts, number = np.unique(roads.name[named.rows].astype(str), return_inverse=True)
    ranks, widths = np.full(len(texts), WORST_RANK), np.full(len(texts), np.inf)
    np.minimum.at(ranks, number, roads.rank[named.rows].clip(1, WORST_RANK))
    np.minimum.at(widths, number, roads.width_m[named.rows])
    lines, text = _joined(named.geometry, number) if len(named) else (np.empty(0, object), number)
    longest = np.argsort(-shapely.length(lines), kind="stable")
    lines, text = lines[longest], text[longest]
    return StreetLines(texts[text].astype(object), ranks[text], widths[text], Shapes.of(lines))


def _joined(lines: Array, number: Array) -> tuple[Array, Array]:
    """Lines of one number joined where they touch, and the number of each."""
    parts, of = shapely.get_parts(lines, return_index=True)
    order = np.argsort(number[of], kind="stable")
    present, dense = np.unique(number[of][order], return_inverse=True)
    whole = shapely.line_merge(shapely.multilinestrings(parts[order], indices=dense))
    joined, group = shapely.get_parts(whole, return_index=True)
    return shapely.simplify(joined, 0.5), present[group]


def under(prefix: str, table: Mapping[str, Array]) -> dict[str, Array]:
    """The columns of `table` with `prefix` before their names."""
    return {prefix + name: values for name, values in table.items()}


def part(table: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """The columns whose names begin with `prefix`, without it."""
    return {name[len(prefix) :]: values for name, values in table.items() if name.startswith(prefix)}
