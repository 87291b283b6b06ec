"""Findings: collected rule by rule as arrays, given out as one frame in the order of the files.

A finding's `message` is an English template whose places are the finding's own columns (`{field}`, `{value}`,
`{file}`, `{row}`); `worded` fills it in the reader's language. So a million findings cost a few distinct texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from census.reading.tables import FileNote, Floats, Ints, Note, constant, factor, plain, spread
from census.reading.tables import texts as texts_column
from census.rules.rules_table import ERROR, Rule
from census.survey import Layer, Survey, joined
from gis.frames import FINDING_COLUMNS, empty_findings
from kernel.errors import UserError
from resources import texts

MESSAGE_PLACES: Final = ("file", "layer", "row", "record", "field", "value")
MANY: Final = 1_000_000
UNREADABLE_FILE: Final = "unreadable_file"


@dataclass(frozen=True)
class Batch:
    """What one rule found: rows of the survey, our column, one text per row or one for all."""

    rule: Rule
    severity: str
    rows: Ints
    column: str
    values: list[str] | pa.Array | str

    def factor(self) -> tuple[Ints, list[str]]:
        """The texts of the rows by their distinct values: index and values."""
        found = factor(self.said())
        return found.codes.astype(np.int64), found.values

    def said(self) -> pa.Array:
        """The texts, one for each row."""
        if isinstance(self.values, str):
            return constant(self.values, len(self.rows))
        return texts_column(self.values) if isinstance(self.values, list) else self.values


class Findings:
    """What the rules found in one survey. Rules call `add` with row numbers of the survey.

    `spared`: see `census.options.CheckOptions`.
    """

    def __init__(
        self, survey: Survey, rules: Mapping[str, Rule], spared: frozenset[str] | None = None
    ) -> None:
        self.spared = spared
        self._survey = survey
        self._rules = rules
        self._batches: list[Batch] = []
        self._of_layers: list[tuple[Rule, str, Layer, str, str]] = []
        self._of_files: list[tuple[Rule, str, str, str, str]] = []

    def rule(self, name: str) -> Rule | None:
        """The rule `name` when it is switched on."""
        found = self._rules[name]
        return found if found.enabled else None

    def limit(self, name: str) -> float:
        """The number of the rule `name`."""
        return self._rules[name].limit

    def add(
        self,
        rule: str,
        rows: Ints,
        column: str = "geometry",
        values: list[str] | pa.Array | str = "",
        severity: str = "",
    ) -> None:
        """One finding for each of `rows`; `column` is ours, the frame shows the surveyor's own field name.

        `values`: one text per row or one for all. `severity` overrides the rule's.
        """
        on = self.rule(rule)
        if on is not None and len(rows):
            self._batches.append(Batch(on, severity or on.severity, rows, column, values))

    def add_to_layer(
        self, rule: str, layer: Layer, column: str = "", value: str = "", severity: str = ""
    ) -> None:
        """One finding about a whole layer."""
        on = self.rule(rule)
        if on is not None:
            self._of_layers.append((on, severity or on.severity, layer, column, value))

    def add_notes(self, layer: Layer, notes: Sequence[Note]) -> None:
        """What reading and placing said about a layer or single features of it."""
        of_rows: dict[tuple[str, str], list[Note]] = {}
        for note in notes:
            if note.record < 0:
                self.add_to_layer(note.rule, layer, "", note.value, note.severity)
            else:
                of_rows.setdefault((note.rule, note.severity), []).append(note)
        for (rule, severity), said in of_rows.items():
            rows, nth = _rows_of([note.record for note in said], layer)
            self.add(rule, rows, "", [said[place].value for place in nth.tolist()], severity)

    def add_unread(self, errors: Sequence[UserError]) -> None:
        """Files that could not be read at all."""
        rule = self._rules[UNREADABLE_FILE]
        self._of_files += [
            (rule, error.file or "", error.field or "", str(error), error.remedy) for error in errors
        ]

    def add_remarks(self, remarks: Sequence[FileNote]) -> None:
        """What was found in a source before any layer of it was read."""
        for remark in remarks:
            rule = self.rule(remark.rule)
            if rule is not None:
                self._of_files.append((rule, remark.file, "", remark.value, rule.remedy))

    def refusing(self) -> list[Batch]:
        """The error findings that concern rows."""
        return [batch for batch in self._batches if batch.severity == ERROR]

    def has(self, row_rule: str) -> Ints:
        """Rows with findings of the rule `row_rule`."""
        found = [batch.rows for batch in self._batches if batch.rule.rule == row_rule]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def frame(self) -> pd.DataFrame:
        """Every finding, columns `FINDING_COLUMNS`: by layer, remarks about the whole layer first, then by row."""
        parts = [_of_rows(self._survey, batch) for batch in self._batches]
        parts += [_of_layer(*found) for found in self._of_layers]
        parts += [_of_file(*found) for found in self._of_files]
        if not parts:
            return empty_findings()
        order = np.lexsort([_end_to_end(parts, name) for name in ("record", "layer")])
        columns: dict[str, object] = {
            name: _end_to_end(parts, name)[order] for name in ("row", "record", "x", "y")
        }
        for name in parts[0].texts:
            columns[name] = framed(joined([part.texts[name] for part in parts]).take(pa.array(order)))
        return pd.DataFrame(columns)[list(FINDING_COLUMNS)]


def framed(column: pa.Array) -> pd.Categorical | pd.api.extensions.ExtensionArray:
    """Texts for a frame; as categories where more than a million repeat, which then take a tenth of the memory."""
    if len(column) <= MANY or not pa.types.is_dictionary(column.type):
        return pd.array(plain(column), dtype="str")
    of = factor(column)
    return pd.Categorical.from_codes(of.codes, pd.Index(of.values, dtype="str"))


def _rows_of(records: list[int], layer: Layer) -> tuple[Ints, Ints]:
    """Survey rows of those of `records` that the layer has, and which of `records` they are."""
    order = np.argsort(layer.table.records, kind="stable")
    ordered = layer.table.records[order]
    at = np.searchsorted(ordered, records)
    there = np.flatnonzero(at < len(ordered))
    there = there[ordered[at[there]] == np.asarray(records)[there]]
    return order[at[there]] + layer.first, there


@dataclass(frozen=True)
class _Part:
    """Columns of the frame for some findings: texts, and numbers with the number of the layer."""

    texts: dict[str, pa.Array]
    numbers: dict[str, np.ndarray]


def _end_to_end(parts: Sequence[_Part], name: str) -> np.ndarray:
    return np.concatenate([part.numbers[name] for part in parts])


def _of_rows(survey: Survey, batch: Batch) -> _Part:
    layer_of, rows = survey.layer_of[batch.rows], len(batch.rows)
    layers, rule = survey.layers, batch.rule
    texts = {
        "code": constant(rule.code, rows),
        "severity": constant(batch.severity, rows),
        "file": spread([layer.table.file for layer in layers], layer_of),
        "layer": spread([layer.table.layer for layer in layers], layer_of),
        "field": spread([layer.field_name(batch.column) for layer in layers], layer_of),
        "value": batch.said(),
        "message": constant(rule.words, rows),
        "remedy": constant(rule.remedy, rows),
    }
    numbers: dict[str, np.ndarray] = {"row": survey.rows[batch.rows], "record": survey.records[batch.rows], "layer": layer_of,
               "x": _finite(survey.x[batch.rows]), "y": _finite(survey.y[batch.rows])}  # fmt: skip
    return _Part(texts, numbers)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _of_layer(rule: Rule, severity: str, layer: Layer, column: str, value: str) -> _Part:
    return _about(layer.number, code=rule.code, severity=severity, file=layer.table.file, layer=layer.table.layer,
                  field=layer.field_name(column), value=value, message=rule.words, remedy=rule.remedy)  # fmt: skip


def _of_file(rule: Rule, file: str, field: str, value: str, remedy: str) -> _Part:
    return _about(-1, code=rule.code, severity=rule.severity, file=file, layer="", field=field, value=value,
                  message=rule.words, remedy=remedy)  # fmt: skip


def _about(number: int, **texts: str) -> _Part:
    """One finding that has no row."""
    numbers = {"row": np.array([-1]), "record": np.array([-1]), "layer": np.array([number]),
               "x": np.array([np.nan]), "y": np.array([np.nan])}  # fmt: skip
    return _Part({name: constant(text, 1) for name, text in texts.items()}, numbers)


def worded(findings: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`findings` with message and remedy in the language `lang`, places filled."""
    out = findings.copy()
    out["remedy"] = out["remedy"].map(lambda remedy: texts.words(lang, remedy) if remedy else "")
    rows = findings[list(MESSAGE_PLACES)].to_dict("records")
    out["message"] = [
        texts.words(lang, template, **{str(name): value for name, value in row.items()})
        for template, row in zip(findings["message"], rows, strict=True)
    ]
    return out
