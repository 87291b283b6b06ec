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
from census.rules.findings import Batch, Findings
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
            "file": _texts(spread([table.file for table in layers], layer_of)),
            "layer": _texts(spread([table.layer for table in layers], layer_of)),
            "row": survey.rows[rows],
            "record": survey.records[rows],
            "finding_codes": _texts(codes),
            "reason": _texts(reasons),
            "raw": _raw(survey, rows),
            "wkb": _wkb(survey, rows),
            "shape": _shape(survey, rows),
        }
    )
    return frame[list(QUARANTINE_COLUMNS)]


def _texts(column: pa.Array) -> pd.Series:
    return pd.Series(pd.array(plain(column), dtype="str"))


# ---------------------------------------------------------------- reasons


def _reasons(survey: Survey, rows: Ints, findings: Findings) -> tuple[pa.Array, pa.Array]:
    """Per refused row the codes that refuse it, joined by `;`, and what they say in English."""
    batches = findings.refusing()
    names: dict[str, int] = {}
    words: list[str] = []
    codes, said = [], []
    for found in batches:
        index, texts = _said(survey, found)
        codes.append(np.full(len(index), names.setdefault(found.rule.code, len(names))))
        said.append(index + len(words))
        words += texts
    place = np.concatenate([np.searchsorted(rows, found.rows) for found in batches])
    code, text = np.concatenate(codes), np.concatenate(said)
    once = ~pd.Series(place * len(names) + code).duplicated().to_numpy()  # a code refuses a row once
    place, code, text = place[once], code[once], text[once]
    order = np.argsort(place, kind="stable")
    place, code, text = place[order], code[order], text[order]
    return _joined(len(rows), place, code, list(names), ";"), _joined(len(rows), place, text, words, " ")


def _said(survey: Survey, found: Batch) -> tuple[Ints, list[str]]:
    """What a rule says of each of its rows: index and texts, only as many as its template makes."""
    template = found.rule.words
    fields, names = pd.factorize(
        np.array([layer.field_name(found.column) for layer in survey.layers], object)
    )
    field = fields[survey.layer_of[found.rows]] if "{field}" in template else np.zeros(len(found.rows), "i8")
    value, values = found.factor() if "{value}" in template else (np.zeros(len(found.rows), "i8"), [""])
    number = survey.rows[found.rows] if "{row}" in template else np.zeros(len(found.rows), "i8")
    index, _ = pd.factorize((field.astype("i8") * len(values) + value) * (int(number.max()) + 1) + number)
    _, first = np.unique(index, return_index=True)
    texts = [
        fill(template, {"field": names[field[row]], "value": values[value[row]], "row": int(number[row])})
        for row in first.tolist()
    ]
    return index.astype("i8"), texts


def _joined(rows: int, place: Ints, index: Ints, texts: Sequence[str], by: str) -> pa.Array:
    """Per row its texts in their order; `place` ascends and tells the row of each. What is joined alike is joined once."""
    of, whole = np.zeros(rows, "i8"), [""]
    nth = np.arange(len(place)) - np.searchsorted(place, place)
    for turn in range(int(nth.max()) + 1):
        at = np.flatnonzero(nth == turn)
        joined, pairs = pd.factorize(of[place[at]] * len(texts) + index[at])
        of[place[at]] = len(whole) + joined
        for before, text in (divmod(pair, len(texts)) for pair in pairs.tolist()):
            whole.append(f"{whole[before]}{by}{texts[text]}" if turn else texts[text])
    return spread(whole, of)


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
    points = np.empty(len(x), _POINT)
    points["order"], points["type"], points["x"], points["y"] = 1, 1, x, y
    at = [pd.factorize(np.ascontiguousarray(axis, "f8").view("i8"))[0] for axis in (x, y)]
    index, _ = pd.factorize(at[0].astype("i8") * (int(at[1].max(initial=0)) + 1) + at[1])
    _, first = np.unique(index, return_index=True)
    places = np.empty(len(first), object)
    places[:] = [points[row].tobytes() for row in first.tolist()]
    out: Objects = places[index]
    out[~(np.isfinite(x) & np.isfinite(y))] = None
    return out
