"""Rules on each cell alone: G1 valid geometry, G8 area, G10 one part and a sensible shape."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid import grid_codes
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying, about_rows, at_places

NO_POLYGON: Final = Saying(
    "G1", ERROR, "Row {row} has no polygon but {value}.", "Draw the cell, or delete the row."
)
NOTHING: Final = Saying("G1", ERROR, "Row {row} has no polygon.", "Draw the cell, or delete the row.")
INVALID: Final = Saying("G1", ERROR, "Row {row}: the ring is not valid: {value}.", "Repair the ring.")
REPEATED: Final = Saying(
    "G1", ERROR, "Row {row}: a vertex is repeated, near {value}.", "Delete one of the two."
)
CLOSE: Final = Saying(
    "G1",
    WARNING,
    "Row {row}: two vertices lie within 0.01 m of each other, near {value}.",
    "Delete one of them.",
)
SPIKE: Final = Saying(
    "G1", ERROR, "Row {row}: the border runs to a point and back, near {value}.", "Delete the spike."
)
HOLE: Final = Saying(
    "G1", WARNING, "Row {row}: the cell has {value} holes.", "Check that the holes are meant."
)
TOO_SMALL: Final = Saying(
    "G8",
    WARNING,
    "Row {row}: the cell has only {value} m².",
    "Merge it with a neighbour, or say why in its note.",
)
TOO_LARGE: Final = Saying(
    "G8",
    WARNING,
    "Row {row}: the cell has {value} m².",
    "Divide it, or mark it as a large compound in its note.",
)
MEAN_AREA: Final = Saying(
    "G8", WARNING, "The cells of community {value} m² on average.", "Aim at 10,000 m² in built-up areas."
)
STORED_AREA: Final = Saying(
    "G8",
    WARNING,
    "Row {row}: the stored area differs from the drawn one ({value}).",
    "Compute the area again.",
)
MANY_PARTS: Final = Saying(
    "G10",
    ERROR,
    "Row {row}: the cell has {value} parts.",
    "Make each part a cell, or give the reason in its note.",
)
NOT_COMPACT: Final = Saying(
    "G10",
    WARNING,
    "Row {row}: the cell is long and thin (compactness {value}).",
    "Cut it, or merge it sideways.",
)

CLOSE_M: Final = 0.01
REPEATED_M: Final = (
    0.001  # the millimetre that coordinates are written in; farther apart is rounding, a warning
)
SPIKE_DEGREES: Final = 1.0
SPIKE_M: Final = 1.0
AREA_M2: Final = (2_000.0, 50_000.0)
MEAN_M2: Final = (5_000.0, 20_000.0)
STORED_SHARE: Final = 0.01
LEAST_COMPACTNESS: Final = 0.15

Array = np.ndarray


def check(cells: gpd.GeoDataFrame, polygons: Array) -> list[pd.DataFrame]:
    """Findings of G1, G8 and G10."""
    areal = (shapely.get_dimensions(polygons) == 2) & ((shapely.area(polygons) > 0) | _is_crossed(polygons))
    noted = (
        cells["note"].fillna("").to_numpy() != ""
        if "note" in cells.columns
        else np.zeros(len(cells), dtype=bool)
    )
    return [
        *_geometry(polygons, areal),
        *_vertices(polygons, areal),
        *_areas(cells, polygons, areal, noted),
        *_forms(polygons, areal, noted),
    ]


def _is_crossed(polygons: Array) -> Array:
    """Whether a polygon crosses itself: its two halves may cancel each other out to no area at all."""
    flat = np.flatnonzero((shapely.get_dimensions(polygons) == 2) & (shapely.area(polygons) <= 0))
    crossed = np.zeros(len(polygons), dtype=bool)
    crossed[flat] = shapely.area(shapely.make_valid(polygons[flat])) > 0
    return crossed


def _geometry(polygons: Array, areal: Array) -> list[pd.DataFrame]:
    missing = np.flatnonzero(~areal)
    invalid = np.flatnonzero(areal & ~shapely.is_valid(polygons))
    parts, owner = shapely.get_parts(polygons, return_index=True)
    holes = np.bincount(owner, shapely.get_num_interior_rings(parts), minlength=len(polygons)).astype(int)
    with_holes = np.flatnonzero(holes > 0)
    blank = shapely.is_empty(polygons[missing]) | shapely.is_missing(polygons[missing])
    other = missing[~blank]
    return [
        about_rows(NOTHING, missing[blank], polygons),
        about_rows(NO_POLYGON, other, polygons, [shape.geom_type for shape in polygons[other]]),
        about_rows(INVALID, invalid, polygons, shapely.is_valid_reason(polygons[invalid])),
        about_rows(HOLE, with_holes, polygons, holes[with_holes]),
    ]


def _vertices(polygons: Array, areal: Array) -> list[pd.DataFrame]:
    """Vertices too close to the next one, and spikes: a sharp angle between two edges that are both long."""
    parts, owner = shapely.get_parts(np.where(areal, polygons, shapely.Polygon()), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    row = owner[part[ring]]
    first = np.r_[True, ring[1:] != ring[:-1]] if len(ring) else np.zeros(0, dtype=bool)
    last = np.r_[first[1:], True] if len(ring) else first
    here = np.flatnonzero(~last)
    step = xy[here + 1] - xy[here]
    length = np.hypot(*step.T)
    # The edge before a ring's first vertex is the ring's last edge.
    starts = np.flatnonzero(first[here])
    before = np.arange(len(here)) - 1
    before[starts] = np.r_[starts[1:], len(here)] - 1
    close = length < CLOSE_M
    repeated = length < REPEATED_M
    turn = -(step * step[before]).sum(axis=1) / np.maximum(length * length[before], 1e-12)
    sharp = (turn > np.cos(np.radians(SPIKE_DEGREES))) & (np.minimum(length, length[before]) > SPIKE_M)
    return [
        _first_of_row(saying, row[here], xy[here], at)
        for saying, at in ((REPEATED, repeated), (CLOSE, close & ~repeated), (SPIKE, sharp))
    ]


def _first_of_row(saying: Saying, row: Array, xy: Array, found: Array) -> pd.DataFrame:
    """One finding for each row with such a vertex, at the first of them."""
    rows, place = np.unique(row[found], return_index=True)
    at = xy[found][place]
    values = [f"{x:.2f}, {y:.2f}" for x, y in at]
    return at_places(saying, shapely.points(at), values, records=rows)


def _areas(cells: gpd.GeoDataFrame, polygons: Array, areal: Array, noted: Array) -> list[pd.DataFrame]:
    area = shapely.area(polygons)
    small = np.flatnonzero(areal & ~noted & (area < AREA_M2[0]))
    large = np.flatnonzero(areal & ~noted & (area > AREA_M2[1]))
    found = [
        about_rows(TOO_SMALL, small, polygons, [f"{a:,.0f}" for a in area[small]]),
        about_rows(TOO_LARGE, large, polygons, [f"{a:,.0f}" for a in area[large]]),
        _means(cells, polygons, area, areal & ~noted),
    ]
    if "area_m2" in cells.columns:
        stored = pd.to_numeric(cells["area_m2"], errors="coerce").to_numpy(dtype=float)
        other = np.flatnonzero(areal & (np.abs(stored - area) > STORED_SHARE * area))
        values = [f"{stored[i]:,.0f} m² / {area[i]:,.0f} m²" for i in other]
        found.append(about_rows(STORED_AREA, other, polygons, values, field="area"))
    return found


def _means(cells: gpd.GeoDataFrame, polygons: Array, area: Array, counted: Array) -> pd.DataFrame:
    """Communities whose mean cell is out of range; a community of one cell has no mean to speak of."""
    community = cells["code"].fillna("").astype("str").str[: grid_codes.COMMUNITY]
    rows = np.flatnonzero(counted)
    groups = pd.DataFrame({"area": area[rows], "row": rows}).groupby(community.to_numpy()[rows])
    means = groups.agg(mean=("area", "mean"), count=("area", "size"), row=("row", "first"))
    odd = means[(means["count"] > 1) & ~means["mean"].between(*MEAN_M2)]
    values = [f"{code}: {mean:,.0f}" for code, mean in odd["mean"].items()]
    return at_places(MEAN_AREA, polygons[odd["row"].to_numpy(dtype=np.int64)], values)


def _forms(polygons: Array, areal: Array, noted: Array) -> list[pd.DataFrame]:
    parts = shapely.get_num_geometries(polygons)
    many = np.flatnonzero(areal & ~noted & (parts > 1))
    length = np.maximum(shapely.length(polygons), 1e-9)
    compactness = 4 * np.pi * shapely.area(polygons) / length**2
    thin = np.flatnonzero(areal & (compactness < LEAST_COMPACTNESS))
    return [
        about_rows(MANY_PARTS, many, polygons, parts[many]),
        about_rows(NOT_COMPACT, thin, polygons, [f"{c:.2f}" for c in compactness[thin]]),
    ]
