"""Where components stand: geometry that is there and valid, inside the city, in the cell written beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from census.classes import Identity, spared_where_mostly_empty
from census.context import Context
from census.placing import City
from census.reading.tables import Codes, Flags, Ints, SourceTable, factor
from census.rules.duplicates import close_points
from census.rules.findings import Findings
from census.survey import Survey
from gis.assignment import assign
from resources.catalogues import Catalogue

_KINDS: Final = ("point", "line", "area", "mixed")
# By geometry type of shapely: point, line, ring, polygon, multipoint, multiline, multipolygon, collection.
_KIND_OF_TYPE: Final = np.array([0, 1, 1, 2, 0, 1, 2, 3])
_AREA_TYPES: Final = (3, 6)
_CELL_FORM: Final = re.compile(r"[0-9A-Z]{15}")
_FEW: Final = 50


def city_for(table: SourceTable, cell_field: str, context: Context, plane: int) -> City:
    """What the city knows that can testify for or against a reading of `table`'s coordinates.

    `plane`: the city's plane, or the one that the delivery's first layer found for a city without one.
    """
    beside = cell_field and len(context.cells) > 0
    written = _written_cells(table, cell_field, context) if beside else None
    return City(plane, context.bounds, context.cell_at, written)


def _written_cells(table: SourceTable, cell_field: str, context: Context) -> Codes:
    column = factor(table.columns[cell_field])
    numbers = [context.cell_numbers.get(text.strip(), -1) for text in column.values]
    return column.take(np.array(numbers, dtype=np.int32))


# ---------------------------------------------------------------- geometry


def check_geometry(survey: Survey, findings: Findings) -> Flags:
    """Geometry that is missing, unreadable, at (0, 0), nowhere on earth or invalid; returns the rows with a place."""
    findings.add("missing_attributes", np.flatnonzero(survey.bare))
    findings.add("unreadable_geometry", np.flatnonzero(survey.lost))
    said = np.zeros(len(survey), dtype=bool)
    for rule in ("bad_coordinate", "formula_without_value"):
        said[findings.has(rule)] = True
    missing = (np.isnan(survey.raw_x) | np.isnan(survey.raw_y)) & ~survey.lost & ~said
    findings.add("null_geometry", np.flatnonzero(missing))
    zero = (survey.raw_x == 0) & (survey.raw_y == 0)
    findings.add("zero_coordinate", np.flatnonzero(zero), values="0, 0")
    placed = np.isfinite(survey.x) & np.isfinite(survey.y)
    nowhere = np.flatnonzero(~placed & ~missing & ~survey.lost & ~said & ~zero)
    values = [f"{survey.raw_x[row]:.10g}, {survey.raw_y[row]:.10g}" for row in nowhere]
    findings.add("bad_coordinate", nowhere, values=values)
    if survey.shapes is not None:
        placed &= ~_invalid(survey, survey.shapes, findings)
    return placed


def _invalid(survey: Survey, shapes: np.ndarray, findings: Findings) -> Flags:
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    rows = np.flatnonzero(invalid)
    findings.add("invalid_geometry", rows, values=[str(why) for why in shapely.is_valid_reason(shapes[rows])])
    areas = np.flatnonzero(np.isin(shapely.get_type_id(shapes), _AREA_TYPES) & ~invalid)
    width_m = 2 * shapely.area(shapes[areas]) / np.maximum(shapely.length(shapes[areas]), 1e-9)
    thin = width_m < findings.limit("sliver_polygon")
    findings.add("sliver_polygon", areas[thin], values=[f"{width:.3f} m" for width in width_m[thin]])
    return invalid


def check_kinds(survey: Survey, identity: Identity, catalogue: Catalogue, findings: Findings) -> None:
    """Whether points, lines and areas stand where the class list asks for them; said once per layer and class."""
    asked = catalogue.components["geometry"].to_numpy()
    types = np.zeros(len(survey), np.int32) if survey.shapes is None else shapely.get_type_id(survey.shapes)
    kinds = np.where(np.isfinite(survey.x), _KIND_OF_TYPE[np.maximum(types, 0)], -1)
    for layer in survey.layers:
        counts = np.bincount(
            np.where((identity.of < 0) | (kinds < 0), 0, 1 + identity.of * len(_KINDS) + kinds)[layer.rows]
        )
        for pair in np.flatnonzero(counts[1:]):
            place, kind = divmod(int(pair), len(_KINDS))
            is_, wanted, count = _KINDS[kind], asked[place], counts[pair + 1]
            if is_ == wanted:
                continue
            rule = "geometry_type" if wanted == "point" else "drawn_otherwise"
            named = f"{identity.codes[place]} {identity.names[place]}"
            findings.add_to_layer(rule, layer, "geometry", f"{named}: {is_} ≠ {wanted} ({count})")


def converted(survey: Survey, identity: Identity, catalogue: Catalogue, findings: Findings) -> Survey:
    """`survey` with points in the place of the lines and areas of classes that are points; said once per layer."""
    if survey.shapes is None:
        return survey
    asked = catalogue.components["geometry"].to_numpy() == "point"
    drawn = ~shapely.is_missing(survey.shapes) & (shapely.get_type_id(survey.shapes) > 0)
    rows = np.flatnonzero(drawn & (identity.of >= 0))
    rows = rows[asked[identity.of[rows]]]
    for layer in survey.layers:
        own = rows[survey.layer_of[rows] == layer.number]
        if len(own):
            findings.add_to_layer("converted_to_point", layer, "geometry", str(len(own)))
    shapes = survey.shapes.copy()
    shapes[rows] = None
    return replace(survey, shapes=shapes)


# ---------------------------------------------------------------- the city


def assigned_cells(survey: Survey, placed: Flags, context: Context) -> Codes:
    """Index of the cell that contains each row's representative point, -1 outside every cell."""
    if not len(context.cells):
        return np.full(len(survey), -1, dtype=np.int32)
    x, y = np.where(placed, survey.x, np.nan), np.where(placed, survey.y, np.nan)
    return assign(x, y, context.cells.geometry.values)


def check_area(survey: Survey, placed: Flags, cell: Codes, context: Context, findings: Findings) -> None:
    """Places outside the city, and single points whose axes are swapped; without a city, places far from the rest."""
    if context.bounds is None:
        _check_far(survey, placed, findings)
        return
    rows = np.flatnonzero(placed & (cell < 0))
    if len(context.communities):
        inside = assign(survey.x[rows], survey.y[rows], context.communities.geometry.values) >= 0
        rows = rows[~inside]
    findings.add("out_of_area", rows)
    bounds = context.bounds
    for layer in survey.layers:
        system = layer.placed.system
        own = rows[(survey.layer_of[rows] == layer.number)]
        if system is None or layer.placed.shapes is not None or not len(own):
            continue
        x, y = system.to(survey.crs, survey.raw_y[own], survey.raw_x[own])
        turned = (x >= bounds[0]) & (x <= bounds[2]) & (y >= bounds[1]) & (y <= bounds[3])
        findings.add("swapped_xy", own[turned])


def _check_far(survey: Survey, placed: Flags, findings: Findings) -> None:
    placed = _surveyed(placed, findings)
    for layer in survey.layers:
        rows = np.flatnonzero(placed[layer.rows]) + layer.first
        if len(rows):
            x, y = survey.x[rows], survey.y[rows]
            far = np.hypot(x - np.median(x), y - np.median(y)) > findings.limit("far_away")
            findings.add("far_away", rows[far])


def _surveyed(placed: Flags, findings: Findings) -> Flags:
    """`placed` without the points at (0, 0): nobody surveyed them there, so they are no place to compare."""
    surveyed = placed.copy()
    surveyed[findings.has("zero_coordinate")] = False
    return surveyed


def check_cells(survey: Survey, placed: Flags, cell: Codes, context: Context, findings: Findings) -> None:
    """G13: the cell written beside a component has the right form, exists, and contains the component."""
    column = survey.factors["cell_code"]
    formed = np.array([_CELL_FORM.fullmatch(text.strip()) is not None for text in column.values], dtype=bool)
    rows = column.flags(~formed)
    rows = rows[survey.has("cell_code")[rows] & ~survey.bare[rows]]
    rows = spared_where_mostly_empty(survey, findings, "cell_code", rows)
    findings.add("bad_cell_form", rows, "cell_code", column.column(rows))
    if not len(context.cells):
        return
    known = np.array([context.cell_numbers.get(text.strip(), -1) for text in column.values], dtype=np.int32)
    rows = column.flags(formed & (known < 0))
    findings.add("unknown_cell", rows, "cell_code", column.column(rows))
    written = column.take(known)
    other = np.flatnonzero((written >= 0) & placed & (written != cell))
    findings.add("point_outside_cell", other, "cell_code", column.column(other))


def counties_of(context: Context) -> list[int]:
    """The city's counties as numbers, from the codes of its cells."""
    return sorted({int(code[:6]) for code in context.cell_codes if code[:6].isdigit()})


def county_of_place(cell: Codes, context: Context) -> Ints:
    """Per row the county of the cell it stands in, -1 for none."""
    of_cell = [int(code[:6]) if code[:6].isdigit() else -1 for code in context.cell_codes]
    table = np.array([*of_cell, -1], dtype=np.int64)
    return table[cell]


# ---------------------------------------------------------------- C7


def check_duplicates(
    survey: Survey, identity: Identity, placed: Flags, catalogue: Catalogue, findings: Findings
) -> None:
    """C7: the same place twice, or almost, within a class; classes of accuracy C only when coincident."""
    placed = _surveyed(placed, findings)
    collapsed = _collapsed(survey, placed, findings)
    rows = np.flatnonzero(placed & (identity.of >= 0) & ~collapsed)
    found = close_points(survey.x[rows], survey.y[rows], identity.of[rows], findings.limit("near_duplicate"))
    points, others = rows[found.points], rows[found.others]
    same = found.distance_m == 0
    if survey.shapes is not None:
        same &= _equal_shapes(survey.shapes, points, others)
    findings.add("duplicated_geometry", points[same], values=_row_numbers(survey, others[same]))
    loose = catalogue.components["accuracy"].to_numpy()[identity.of[points]] == "C"
    near = ~same & ~loose & _are_points(survey, points) & _are_points(survey, others)
    values = [
        f"{distance:.2f} m, {survey.rows[other]}"
        for distance, other in zip(found.distance_m[near], others[near], strict=True)
    ]
    findings.add("near_duplicate", points[near], values=values)


def _collapsed(survey: Survey, placed: Flags, findings: Findings) -> Flags:
    """Rows of layers all of whose places lie on one spot, as when degrees were taken for metres and projected."""
    collapsed = np.zeros(len(survey), dtype=bool)
    for layer in survey.layers:
        rows = np.flatnonzero(placed[layer.rows]) + layer.first
        if len(rows) < _FEW:
            continue
        extent_m = max(np.ptp(survey.x[rows]), np.ptp(survey.y[rows]))
        if extent_m < findings.limit("collapsed_layer"):
            findings.add("collapsed_layer", rows)
            collapsed[rows] = True
    return collapsed


def _row_numbers(survey: Survey, rows: Ints) -> list[str]:
    return [str(row) for row in survey.rows[rows]]


def _are_points(survey: Survey, rows: Ints) -> Flags:
    if survey.shapes is None:
        return np.ones(len(rows), dtype=bool)
    return np.asarray(shapely.get_type_id(survey.shapes[rows]) <= 0)


def _equal_shapes(shapes: np.ndarray, first: Ints, second: Ints) -> Flags:
    a, b = shapes[first], shapes[second]
    both = ~shapely.is_missing(a) & ~shapely.is_missing(b)
    equal = shapely.is_missing(a) & shapely.is_missing(b)
    equal[both] = shapely.equals_exact(shapely.normalize(a[both]), shapely.normalize(b[both]))
    return np.asarray(equal)
