"""Rows that may not come in, with the reasons: the frame that a session keeps of them.

Made for the bad day too, on which ten million rows are refused: what repeats is written once for all its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from census.draft import QUARANTINE_COLUMNS, empty_quarantine
from census.reading.json_texts import JsonRows
from census.reading.tables import Flags, Floats, Ints, Objects, plain, spread
from census.rules.findings import Batch, Findings, framed
from census.survey import Survey
from kernel.errors import fill

_ROWS_AT_A_TIME: Final = 100_000
_POINT: Final = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])  # WKB, little endian


def quarantine(survey: Survey, refused: Flags, findings: Findings) -> pd.DataFrame:
    """The refused rows of `survey`, columns `census.draft.QUARANTINE_COLUMNS`."""
    rows = np.flatnonzero(refused)
    if not len(rows):
        return empty_quarantine()
    codes, reasons = _reasons(survey, rows, findings)
    layers = [layer.table for layer in survey.layers]
    layer_of = survey.layer_of[rows]
    frame = pd.DataFrame(
        {
            "file": framed(spread([table.file for table in layers], layer_of)),
            "layer": framed(spread([table.layer for table in layers], layer_of)),
            "row": survey.rows[rows],
            "record": survey.records[rows],
            "finding_codes": framed(codes),
            "reason": framed(reasons),
            "raw": _raw(survey, rows),
            "wkb": _wkb(survey, rows),
            "shape": _shape(survey, rows),
        }
    )
    return frame[list(QUARANTINE_COLUMNS)]


# ---------------------------------------------------------------- reasons


class _Joined:
    """Per row its texts one behind the other; what is joined alike is joined once."""

    def __init__(self, rows: int, by: str) -> None:
        self._of, self._whole, self._by = np.zeros(rows, "i8"), [""], by

    def add(self, place: Ints, index: Ints, texts: Sequence[str]) -> None:
        """Row `place[i]` goes on with `texts[index[i]]`; no place stands twice."""
        joined, pairs = pd.factorize(self._of[place] * len(texts) + index)
        self._of[place] = len(self._whole) + joined
        for before, text in (divmod(pair, len(texts)) for pair in pairs.tolist()):
            self._whole.append(f"{self._whole[before]}{self._by}{texts[text]}" if before else texts[text])

    def column(self) -> pa.Array:
        """What came of it."""
        return spread(self._whole, self._of)


def _reasons(survey: Survey, rows: Ints, findings: Findings) -> tuple[pa.Array, pa.Array]:
    """Per refused row the codes that refuse it, joined by `;`, and what they say in English."""
    codes, reasons = _Joined(len(rows), ";"), _Joined(len(rows), " ")
    refused_by: dict[str, Flags] = {}
    for found in findings.refusing():
        place, first = np.unique(np.searchsorted(rows, found.rows), return_index=True)
        by = refused_by.setdefault(found.rule.code, np.zeros(len(rows), bool))
        fresh = ~by[place]  # a code refuses a row once
        place, first = place[fresh], first[fresh]
        by[place] = True
        index, texts = _said(survey, found)
        codes.add(place, np.zeros(len(place), "i8"), [found.rule.code])
        reasons.add(place, index[first], texts)
    return codes.column(), reasons.column()


def _said(survey: Survey, found: Batch) -> tuple[Ints, list[str]]:
    """What a rule says of each of its rows: index and texts, only as many as its template makes."""
    template, rows = found.rule.words, found.rows
    same = np.zeros(len(rows), "i8")
    names = [layer.field_name(found.column) for layer in survey.layers]
    field = survey.layer_of[rows] if "{field}" in template else same
    value, values = found.factor() if "{value}" in template else (same, [""])
    number = survey.rows[rows] if "{row}" in template else same
    numbers = int(number.max(initial=0)) + 1
    index, told = pd.factorize((field.astype("i8") * len(values) + value) * numbers + number)
    texts = []
    for which, row in (divmod(each, numbers) for each in told.tolist()):
        layer, text = divmod(which, len(values))
        texts.append(fill(template, {"field": names[layer], "value": values[text], "row": row}))
    return index.astype("i8"), texts


# ---------------------------------------------------------------- the row itself


def _raw(survey: Survey, rows: Ints) -> pd.Series | pd.Categorical:
    """The attributes of some rows as JSON in the file's own field names; categories where very many repeat."""
    parts = []
    for layer in survey.layers:
        own = rows[survey.layer_of[rows] == layer.number] - layer.first
        if not len(own):
            continue
        if not layer.table.columns:
            parts.append(spread([""], np.zeros(len(own), "i4")))
            continue
        json = JsonRows(layer.table.columns)
        blocks = (own[start : start + _ROWS_AT_A_TIME] for start in range(0, len(own), _ROWS_AT_A_TIME))
        parts += [json.of(block).cast(pa.large_string()).dictionary_encode() for block in blocks]
    if len(rows) <= _ROWS_AT_A_TIME or 2 * sum(len(part.dictionary) for part in parts) > len(rows):
        return pd.Series(pd.array(pa.concat_arrays([plain(part) for part in parts]), dtype="str"))
    index, texts = pd.factorize(
        np.array([text for part in parts for text in part.dictionary.to_pylist()], object)
    )
    bounds = np.cumsum([0, *(len(part.dictionary) for part in parts)]).tolist()
    codes = [index[first:][part.indices.to_numpy()] for first, part in zip(bounds, parts, strict=False)]
    return pd.Categorical.from_codes(np.concatenate(codes), pd.Index(texts, dtype="str"))


def _wkb(survey: Survey, rows: Ints) -> Objects:
    """The geometry of some rows as the file has it, None where there is none."""
    out = _points(survey.raw_x[rows], survey.raw_y[rows])
    for layer in survey.layers:
        own = np.flatnonzero(survey.layer_of[rows] == layer.number)
        if layer.table.shapes is not None and len(own):
            out[own] = shapely.to_wkb(layer.table.shapes[rows[own] - layer.first])
    return out


def _shape(survey: Survey, rows: Ints) -> Objects:
    """The geometry of some rows on the survey's plane, None where there is none."""
    out = _points(survey.x[rows], survey.y[rows])
    if survey.shapes is not None:
        drawn = survey.shapes[rows]
        there = np.flatnonzero(~shapely.is_missing(drawn))
        out[there] = shapely.to_wkb(drawn[there])
    return out


def _points(x: Floats, y: Floats) -> Objects:
    """Points as WKB, one object for all points of one place; None without coordinates."""
    (column, xs), (row, ys) = (pd.factorize(np.ascontiguousarray(axis, "f8").view("i8")) for axis in (x, y))
    index, both = pd.factorize(column.astype("i8") * len(ys) + row)
    points = np.empty(len(both), _POINT)
    points["order"], points["type"] = 1, 1
    points["x"], points["y"] = xs[both // len(ys)].view("f8"), ys[both % len(ys)].view("f8")
    places = np.empty(len(both), object)
    places[:] = [point.tobytes() for point in points]
    out: Objects = places[index]
    out[~(np.isfinite(x) & np.isfinite(y))] = None
    return out
