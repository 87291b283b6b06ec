"""The rows that may come in, as a components frame of `gis.frames`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from census.classes import Identity
from census.context import Context
from census.reading.tables import CUT_OFF, Codes, Factor, Flags, Objects, plain
from census.survey import Survey
from census.values import is_nothing
from gis.frames import components_frame

_STRIPPED = (
    "authority_code",
    "authority_name",
    "owner_code",
    "owner_name",
    "maintainer_code",
    "maintainer_name",
)


@dataclass(frozen=True)
class Checked:
    """What the rules made of the columns: identity, cells, and values in our own words."""

    identity: Identity
    cell: Codes
    state: Factor
    accuracy: Factor
    initial_date: Factor
    change_date: Factor


def accepted_components(survey: Survey, accepted: Flags, context: Context, checked: Checked) -> pd.DataFrame:
    """The accepted rows of `survey` in the columns of `gis.frames.COMPONENT_COLUMNS`, in the order of the files."""
    rows = None if accepted.all() else np.flatnonzero(accepted)
    columns: dict[str, object] = {
        "class_code": _by_number(checked.identity.of, checked.identity.codes, rows),
        "name": _names(survey.factors["name"], checked.identity, rows),
        "cell_code": _by_number(checked.cell, context.cell_codes, rows),
        "state": _category(checked.state, rows),
        "accuracy": _category(checked.accuracy, rows),
        "initial_date": _category(checked.initial_date, rows),
        "change_date": _category(checked.change_date, rows),
        "source": _category(_cleaned(survey.factors["source"]), rows),
        "extra": _text(survey.extra(), rows),
        "x": survey.x if rows is None else survey.x[rows],
        "y": survey.y if rows is None else survey.y[rows],
        "geometry": _geometry(survey, rows),
    }
    columns |= {name: _category(_cleaned(survey.factors[name]), rows) for name in _STRIPPED}
    columns |= {name: _text(column, rows) for name, column in survey.texts.items()}
    return components_frame(columns, len(survey) if rows is None else len(rows))


def _cleaned(column: Factor) -> Factor:
    """Texts without blanks around them; words for nothing become nothing."""
    return Factor(
        column.codes, ["" if is_nothing(text) else text.strip().rstrip(CUT_OFF) for text in column.values]
    )


def _category(column: Factor, rows: np.ndarray | None) -> pd.Categorical:
    codes = column.codes if rows is None else column.codes[rows]
    first: dict[str, int] = {}
    to = np.array([first.setdefault(text, len(first)) for text in column.values], dtype=np.int32)
    if len(first) < len(column.values):
        codes = to[codes]
    return pd.Categorical.from_codes(codes, pd.Index(list(first), dtype="str"), validate=False)


def _by_number(numbers: Codes, texts: tuple[str, ...], rows: np.ndarray | None) -> pd.Categorical:
    """Texts by number; a negative number is `""`."""
    own = numbers if rows is None else numbers[rows]
    return _category(Factor(np.where(own < 0, len(texts), own).astype(np.int32), [*texts, ""]), None)


def _names(column: Factor, identity: Identity, rows: np.ndarray | None) -> pd.Categorical:
    """The surveyor's name, or the class's where the survey gives none."""
    cleaned = _cleaned(column)
    empty = np.array([text == "" for text in cleaned.values], dtype=bool)
    names = [*cleaned.values, *identity.names, ""]
    by_class = np.where(identity.of < 0, len(identity.names), identity.of) + len(cleaned.values)
    codes = np.where(cleaned.take(empty), by_class, cleaned.codes) if empty.any() else cleaned.codes
    return _category(Factor(codes.astype(np.int32), names), rows)


def _text(column: pa.Array, rows: np.ndarray | None) -> pd.Series:
    values = column if rows is None else column.take(pa.array(rows))
    trimmed = _trimmed(values)
    return pd.Series(pd.array(plain(trimmed), dtype="str"))


def _trimmed(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices, _trimmed(values.dictionary))
    return pc.utf8_rtrim(pc.utf8_trim_whitespace(values), CUT_OFF)


def _geometry(survey: Survey, rows: np.ndarray | None) -> Objects | None:
    if survey.shapes is None:
        return None
    shapes: Objects = survey.shapes.copy() if rows is None else survey.shapes[rows]
    shapes[shapely.get_type_id(shapes) == 0] = None
    return shapes
