"""Coordinates from columns of text: 经度/纬度, lon/lat, x/y and their like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa

from census import mapping
from census.reading.tables import Flags, Floats, Note, SourceTable, factor
from kernel.errors import Refused

_PAIRS: Final = (("lon", "lat"), ("x", "y"))
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_DEGREES: Final = re.compile(
    r"""([-+])?(\d{1,3}(?:\.\d+)?)[°度º](?:(\d{1,2}(?:\.\d+)?)['′‘’分](?:(\d{1,2}(?:\.\d+)?)(?:["″“”秒]|''|′′))?)?[NSEWnsew]?"""
)


class NotASurvey(Refused):
    """A table of something else: no coordinates, and no heading that speaks of components."""


def coordinate_fields(names: list[str], given: Mapping[str, str] = _NOTHING) -> tuple[str, str, bool] | None:
    """The two fields that hold a place and whether they are longitude and latitude; None when there are none.

    `given`: field → our column, the user's word.
    """
    found = {given[name]: name for name in names if given.get(name) in mapping.PLACE_COLUMNS}
    for name in names:
        match = None if name in given else mapping.match_name(name)
        if match is not None and match.column in mapping.PLACE_COLUMNS:
            found.setdefault(match.column, name)
    for first, second in _PAIRS:
        if first in found and second in found:
            return found[first], found[second], first == "lon"
    return None


def placed_by_columns(table: SourceTable, given: Mapping[str, str] = _NOTHING) -> SourceTable:
    """`table` with x and y from its coordinate columns. Raises `Refused` when it has none."""
    pair = coordinate_fields(list(table.columns), given)
    if pair is None:
        raise no_coordinates(table.path, [list(table.columns)])
    x, bad_x = numbers(table.columns[pair[0]])
    y, bad_y = numbers(table.columns[pair[1]])
    rows = np.flatnonzero(bad_x | bad_y)
    at_x, at_y = (factor(table.columns[name]).at(rows) for name in pair[:2])
    notes = [
        Note("bad_coordinate", f"{east}, {north}", int(table.records[row]))
        for row, east, north in zip(rows, at_x, at_y, strict=True)
    ]
    return replace(table, x=x, y=y, lonlat_fields=pair[2], notes=(*table.notes, *notes))


def no_coordinates(shown: str, headings: Iterable[list[str]]) -> Refused:
    """What to say of a table without coordinates; `headings` are the lines that may name its columns."""
    is_survey = any(mapping.looks_like_components(names) for names in headings)
    kind = Refused if is_survey else NotASurvey
    return kind(
        "{file} has no columns with coordinates.",
        remedy="Name two columns 经度 and 纬度, lon and lat, or x and y.",
        file=shown,
    )


def numbers(column: pa.Array) -> tuple[Floats, Flags]:
    """A text column as numbers: NaN where it is empty; flags where a text is no finite number."""
    of = factor(column)
    values = np.array([_number(text) for text in of.values], dtype=float)
    wrong = np.array([bool(text.strip()) for text in of.values], dtype=bool) & ~np.isfinite(values)
    values[~np.isfinite(values)] = np.nan
    return of.take(values), of.take(wrong)


def _number(text: str) -> float:
    """A number as surveys write it: full-width digits, `116.39°`, `116°23'30"E`, thousands marks."""
    bare = unicodedata.normalize("NFKC", text).strip()
    parts = _DEGREES.fullmatch(bare)
    if parts and float(parts[3] or 0) < 60 and float(parts[4] or 0) < 60:
        sign = -1 if bare.startswith("-") or bare[-1:] in "SsWw" else 1
        return sign * (float(parts[2]) + float(parts[3] or 0) / 60 + float(parts[4] or 0) / 3600)
    try:
        return float(bare.replace(",", "") if bare.count(",") != 1 else bare)
    except ValueError:
        return float("nan")
