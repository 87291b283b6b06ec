"""What an analysis of hot spots looks at: points of the store or of a file on a metric plane, or a file's own areas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from census.options import ReadOptions
from census.reading import sources
from census.reading.tables import SourceTable, plain
from gis import crs
from gis.frames import COMPONENT_STATES
from kernel.errors import Refused
from kernel.progress import Progress

if TYPE_CHECKING:
    from actions.hotspots.find_hotspots import FindHotspots
    from data.store import Store

WITHOUT_COORDINATES, AT_ZERO, OUTSIDE, WITHOUT_VALUE = (
    "without_coordinates",
    "at_zero",
    "outside",
    "without_value",
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """n things on the metric plane `plane`: `x`, `y`, `values` (None: each counts one), `shapes` (of a file's own
    geometry). `left_out`: reason → number of things that are not among them."""

    x: Floats
    y: Floats
    plane: pyproj.CRS
    values: Floats | None = None
    shapes: NDArray[np.object_] | None = None
    left_out: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax of the points that have coordinates."""
        return (float(np.nanmin(self.x)), float(np.nanmin(self.y)),
                float(np.nanmax(self.x)), float(np.nanmax(self.y)))  # fmt: skip

    def only(self, kept: NDArray[np.bool_], reason: str) -> Points:
        """The points marked in `kept`; the others are left out for `reason`."""
        if kept.all():
            return self
        counted = {**self.left_out, reason: self.left_out.get(reason, 0) + int((~kept).sum())}
        values = None if self.values is None else self.values[kept]
        shapes = None if self.shapes is None else self.shapes[kept]
        return Points(self.x[kept], self.y[kept], self.plane, values, shapes, counted)


def of_components(store: Store, request: FindHotspots, progress: Progress) -> Points:
    """The store's components of the classes and states asked for."""
    if request.values:
        raise Refused(
            "Components have no field of numbers to analyse.",
            remedy="Leave --values out to count them, or export them and give the file as --source.",
        )
    plane = store.info(with_hash=False).crs
    held = store.working_set(progress)
    wanted = np.ones(len(held), dtype=bool)
    if request.class_codes:
        unknown = [code for code in request.class_codes if code not in held.class_codes]
        if len(unknown) == len(request.class_codes):
            raise Refused(
                "No component has the class {codes}.",
                remedy="classes list shows the classes; store info how many components there are.",
                codes=", ".join(unknown),
            )
        wanted &= np.isin(np.array(held.class_codes), request.class_codes)[held.class_index]
    if request.states:
        wanted &= np.isin(held.state, _state_numbers(request.states))
    points = Points(held.x[wanted], held.y[wanted], crs.system(plane or crs.WGS84))
    return points.only(np.isfinite(points.x) & np.isfinite(points.y), WITHOUT_COORDINATES)


def of_file(request: FindHotspots, plane: pyproj.CRS | None) -> Points:
    """A file's features on `plane`; where none is given, on `--crs`, the file's own plane or one that fits.

    With `on="features"` the geometry comes along and nothing is left out; else features without coordinates, at
    (0, 0) degrees or without a value are.
    """
    table = _one_table(request)
    values = _numbers(table, request.values) if request.values else None
    source = _source_system(table, request)
    target = plane or _plane(table, source, request)
    x, y = crs.to_plane((table.x, table.y), source, target)
    x, y = (np.where(np.isfinite(axis), axis, np.nan) for axis in (x, y))
    if request.on == "features":
        return Points(x, y, target, values, _shapes(table, source, target))
    at_zero = (table.x == 0) & (table.y == 0) & source.is_geographic
    points = Points(x, y, target, values).only(~at_zero, AT_ZERO)
    points = points.only(np.isfinite(points.x) & np.isfinite(points.y), WITHOUT_COORDINATES)
    return points if points.values is None else points.only(np.isfinite(points.values), WITHOUT_VALUE)


def _state_numbers(states: tuple[str, ...]) -> list[int]:
    for state in states:
        if state not in COMPONENT_STATES:
            raise Refused(
                "{state} is not a state of components.",
                remedy="Choose from: {states}.",
                state=state,
                states=", ".join(COMPONENT_STATES),
            )
    return [COMPONENT_STATES.index(state) for state in states]


def _one_table(request: FindHotspots) -> SourceTable:
    tables = sources.read([request.source], ReadOptions(layer=request.layer)).tables
    if len(tables) > 1:
        raise Refused(
            "{file} holds several layers: {layers}.",
            remedy="Name one with --layer, or give one member as zip://A.zip!member.",
            file=request.source,
            layers=", ".join(table.layer or table.file for table in tables),
        )
    return tables[0]


def _numbers(table: SourceTable, name: str) -> Floats:
    if name not in table.columns:
        raise Refused(
            "{file} has no field {field}; it has: {fields}.",
            remedy="Name one of its fields of numbers with --values.",
            file=table.path,
            field=name,
            fields=", ".join(table.columns) or "–",
        )
    texts = pd.Series(plain(table.columns[name]).to_pylist(), dtype="str").str.strip()
    numbers = np.asarray(pd.to_numeric(texts, errors="coerce"), dtype=np.float64)
    if not np.isfinite(numbers).any():
        raise Refused(
            "The field {field} holds no number.",
            remedy="Name a field of numbers with --values.",
            file=table.path,
            field=name,
        )
    return numbers


def _source_system(table: SourceTable, request: FindHotspots) -> pyproj.CRS:
    if table.lonlat_fields:
        return crs.system(crs.WGS84)
    if table.declared_crs:
        return crs.system(table.declared_crs)
    if request.crs:
        return crs.system(request.crs)
    raise Refused(
        "{file} does not say its reference system.",
        remedy="Name it with --crs, for example --crs 4548.",
        file=table.path,
    )


def _plane(table: SourceTable, source: pyproj.CRS, request: FindHotspots) -> pyproj.CRS:
    for system in (crs.system(request.crs) if request.crs else None, source):
        if system is not None and crs.is_metric(system):
            return system
    lon, lat = crs.to_degrees(table.x, table.y, source)
    known = np.isfinite(lon) & np.isfinite(lat) & ~((table.x == 0) & (table.y == 0))
    if not known.any():
        raise Refused(
            "{file} holds no feature with coordinates.",
            remedy="Check its coordinate columns, or its reference system with --crs.",
            file=table.path,
        )
    return crs.system(crs.fitting_plane(float(np.median(lon[known])), float(np.median(lat[known]))))


def _shapes(table: SourceTable, source: pyproj.CRS, target: pyproj.CRS) -> NDArray[np.object_]:
    shapes = shapely.points(table.x, table.y) if table.shapes is None else table.shapes
    shapes = np.where(np.isfinite(table.x) & np.isfinite(table.y), shapes, None)

    def move(xy: Floats) -> Floats:
        return np.column_stack(crs.to_plane((xy[:, 0], xy[:, 1]), source, target))

    return np.asarray(shapely.transform(shapely.force_2d(shapes), move), dtype=object)
