"""Which edition, and which class is each row of? By field, by code, by name, by file, by the user's word.

Classes are numbers here: positions in the edition's list, `UNKNOWN` for what the list has not, `NOTHING` where the
survey says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from census.reading.tables import Codes, Factor, Flags, Ints
from census.rules.findings import Findings
from census.survey import Layer, Survey
from census.values import is_nothing
from resources.catalogues import Catalogue

NOTHING: Final = -1
UNKNOWN: Final = -2
ID_DIGITS: Final = {"2007": 16, "2013": 16, "2026": 17}
CLASS_DIGITS: Final = {"2007": 4, "2013": 4, "2026": 5}
_SEQUENCE: Final = 1_000_000
_WITNESSES: Final = 20_000
_FILE_CODE: Final = re.compile(r"^(\d{4,5})(?=\D|$)")
_FILE_ENDING: Final = re.compile(r"[_\-\s]?(点|线|面|point|line|polygon|area)$", re.IGNORECASE)


@dataclass(frozen=True)
class Identity:
    """What the codes say, per row. `numbers`: the code as a number, -1 unless its form is right.

    `county`: its first six digits (-1), `code_class`: the class in it, `name_class`: the class of the name, `of`: the
    class that the row is taken as (position in `codes`, `NOTHING` when none can be told).
    """

    numbers: Ints
    county: Ints
    code_class: Codes
    name_class: Codes
    of: Codes
    codes: tuple[str, ...]
    names: tuple[str, ...]


def code_numbers(column: pa.Array, digits: int) -> Ints:
    """Codes as numbers: -1 for every text that is not exactly `digits` ASCII digits."""
    if pa.types.is_dictionary(column.type):
        of_value = code_numbers(column.dictionary, digits)
        return of_value[column.indices.to_numpy(zero_copy_only=False)] if len(of_value) else of_value
    right = pc.and_(pc.equal(pc.binary_length(column), digits), pc.string_is_ascii(column))
    right = pc.and_(right, pc.utf8_is_decimal(column))
    numbers = pc.if_else(right, column, pa.scalar(None, column.type)).cast(pa.int64())
    return np.asarray(numbers.fill_null(-1))


def edition_of(survey: Survey, catalogues: Mapping[str, Catalogue], stored: str, class_code: str = "") -> str:
    """The edition that the delivery was made for: by the length of its codes, its classes, else the store's own.

    Up to 20,000 rows from all over the delivery testify.
    """
    codes = survey.texts["code"].take(pa.array(np.arange(0, len(survey), 1 + len(survey) // _WITNESSES)))
    counts = {digits: int((code_numbers(codes, digits) >= 0).sum()) for digits in (16, 17)}
    if not any(counts.values()) and class_code:
        counts = {16: int(len(class_code) == 4), 17: int(len(class_code) == 5)}
    if not any(counts.values()):
        return stored
    digits = max(counts, key=lambda each: counts[each])
    fitting = [edition for edition, length in ID_DIGITS.items() if length == digits]
    if stored in fitting:
        fitting = [stored, *(edition for edition in fitting if edition != stored)]
    else:
        fitting.reverse()
    return max(fitting, key=lambda edition: _known_share(survey, codes, catalogues[edition]))


def _known_share(survey: Survey, codes: pa.Array, catalogue: Catalogue) -> float:
    numbers = code_numbers(codes, ID_DIGITS[catalogue.standard])
    found = _class_of_number(numbers[numbers >= 0], catalogue)
    named = _classes_of_values(survey.factors["name"], catalogue)
    told = named[named != NOTHING]
    shares = [float((part >= 0).mean()) for part in (found, told) if len(part)]
    return round(sum(shares) / len(shares), 2) if shares else 0.0


def identify(survey: Survey, catalogue: Catalogue, class_code: str, findings: Findings) -> Identity:
    """Codes and classes of every row; what was taken from file names or the user's word is said once per layer."""
    numbers = code_numbers(survey.texts["code"], ID_DIGITS[catalogue.standard])
    right = numbers >= 0
    county = np.where(right, numbers // 10 ** (ID_DIGITS[catalogue.standard] - 6), -1)
    code_class = np.where(right, _class_of_number(numbers, catalogue), NOTHING).astype(np.int32)
    name_class = _classes_of_values(survey.factors["name"], catalogue)
    field_class = _classes_of_values(survey.factors["class_code"], catalogue)
    of = np.where(field_class >= 0, field_class, np.where(code_class >= 0, code_class, name_class))
    of = np.where(of >= 0, of, NOTHING).astype(np.int32)
    silent = (field_class == NOTHING) & (code_class == NOTHING) & (name_class == NOTHING)
    for layer in survey.layers:
        _fill_from_outside(layer, of, silent, catalogue, class_code, findings)
    components = catalogue.components
    return Identity(
        numbers, county, code_class, name_class, of, tuple(components["code"]), tuple(components["name"])
    )


def _fill_from_outside(
    layer: Layer, of: Codes, silent: Flags, catalogue: Catalogue, class_code: str, findings: Findings
) -> None:
    """Give rows about which the file says nothing the class of its name, or the one the user gave."""
    rows = np.flatnonzero(silent[layer.rows] & (of[layer.rows] == NOTHING)) + layer.first
    if not len(rows):
        return
    by_name = class_of_file(layer.table.layer, layer.table.file, catalogue)
    rule, code = ("class_by_file", by_name) if by_name else ("class_given", class_code)
    places = np.flatnonzero(catalogue.components["code"].to_numpy() == code)
    if len(places):
        of[rows] = places[0]
        findings.add_to_layer(rule, layer, "class_code", f"{code} {catalogue.name_of(code)}".strip())


def class_of_file(layer: str, file: str, catalogue: Catalogue) -> str:
    """The class code that a layer or file name tells (`0137_路灯_面`, `路灯`), `""` when it tells none."""
    for name in (layer, PurePosixPath(file).name.rsplit(".", 1)[0]):
        number = _FILE_CODE.match(name)
        if number and number[1] in set(catalogue.components["code"]):
            return number[1]
        bare = _FILE_ENDING.sub("", name)
        for part in (bare, re.sub(r"^[\d_\-\s]+", "", bare)):
            code = catalogue.code_of(part) if part else None
            if code:
                return code
    return ""


def _class_of_number(numbers: Ints, catalogue: Catalogue) -> Codes:
    digits = CLASS_DIGITS[catalogue.standard]
    table = np.full(10**digits, UNKNOWN, dtype=np.int32)
    codes = catalogue.components["code"].astype(int).to_numpy()
    table[codes] = np.arange(len(codes), dtype=np.int32)
    return table[(numbers // _SEQUENCE) % 10**digits]


def _classes_of_values(column: Factor, catalogue: Catalogue) -> Codes:
    place = {code: number for number, code in enumerate(catalogue.components["code"])}
    found = [_class_of_text(text.strip(), place, catalogue) for text in column.values]
    return column.take(np.array(found, dtype=np.int32))


def _class_of_text(text: str, place: Mapping[str, int], catalogue: Catalogue) -> int:
    if is_nothing(text):
        return NOTHING
    code = text if text in place else catalogue.code_of(text)
    return UNKNOWN if code is None else place.get(code, UNKNOWN)


# ---------------------------------------------------------------- C1, C2, C3


def check_classes(survey: Survey, identity: Identity, known: frozenset[str], findings: Findings) -> None:
    """C3: every class is in the edition and has the name that its code says.

    `known`: the class names of all editions; a name of another class or edition is a mismatch, not an unknown class.
    """
    named = np.array([bool(name) for name in identity.names], dtype=bool)
    unnamed_code = (identity.code_class >= 0) & ~named[np.maximum(identity.code_class, 0)]
    names = survey.factors["name"]
    strange = np.array([text.strip() not in known for text in names.values], dtype=bool)
    name_unknown = (identity.name_class == UNKNOWN) & ~unnamed_code & names.take(strange)
    _say_slots(survey, identity, unnamed_code, findings)
    _add_texts(survey, findings, "unknown_class", np.flatnonzero(identity.code_class == UNKNOWN), "code")
    _add_texts(survey, findings, "unknown_class", np.flatnonzero(name_unknown), "name")
    untold = (identity.of == NOTHING) & (identity.code_class != UNKNOWN) & ~name_unknown & ~survey.bare
    _add_texts(survey, findings, "unknown_class", np.flatnonzero(untold), "class_code")
    both = (identity.code_class != NOTHING) & (identity.name_class != NOTHING) & ~unnamed_code
    unlike = both & (identity.code_class != identity.name_class)
    _add_texts(survey, findings, "class_name_mismatch", np.flatnonzero(unlike), "name")


def _say_slots(survey: Survey, identity: Identity, unnamed: Flags, findings: Findings) -> None:
    for layer in survey.layers if unnamed.any() else ():
        places = np.unique(identity.code_class[layer.rows][unnamed[layer.rows]])
        if len(places):
            codes = ", ".join(identity.codes[place] for place in places)
            findings.add_to_layer("slot_without_name", layer, "class_code", codes)


def _add_texts(survey: Survey, findings: Findings, rule: str, rows: Ints, column: str) -> None:
    if column in survey.factors:
        findings.add(rule, rows, column, survey.factors[column].column(rows))
    else:
        findings.add(rule, rows, column, survey.texts[column].take(pa.array(rows)))


def texts_at(survey: Survey, column: str, rows: Ints) -> list[str]:
    """The survey's texts of `column` in some rows."""
    if column in survey.factors:
        return survey.factors[column].at(rows)
    return [str(text) for text in survey.texts[column].take(pa.array(rows)).to_pylist()]


def check_codes(
    survey: Survey,
    identity: Identity,
    counties: Sequence[int],
    county_of_place: Ints,
    findings: Findings,
    without_codes: bool = False,
) -> None:
    """C1 and C2: form of the code, its county, and that it occurs once; `without_codes` lets rows without one pass.

    `counties`: the city's counties as numbers, empty when unknown; `county_of_place`: per row the county of the cell
    it stands in, -1 for none.
    """
    wrong = survey.has("code") & (identity.numbers < 0) & ~survey.bare
    rows = np.flatnonzero(wrong)
    if without_codes:
        rows = rows[[not is_nothing(text) for text in texts_at(survey, "code", rows)]]
    rows = spared_where_mostly_empty(survey, findings, "code", rows)
    _add_texts(survey, findings, "bad_code_form", rows, "code")
    right = identity.numbers >= 0
    foreign = right & (county_of_place >= 0) & (identity.county != county_of_place)
    if len(counties):
        foreign |= right & ~np.isin(identity.county, np.asarray(counties))
    _add_texts(survey, findings, "county_mismatch", np.flatnonzero(foreign), "code")
    _add_texts(survey, findings, "duplicate_code", repeated(identity.numbers), "code")


def repeated(numbers: Ints) -> Ints:
    """Rows whose number (from 0) occurs more than once."""
    ordered = np.sort(numbers)
    twice = np.unique(ordered[1:][(ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0)])
    if not len(twice):
        return np.empty(0, dtype=np.int64)
    near = np.minimum(np.searchsorted(twice, numbers), len(twice) - 1)
    return np.flatnonzero(twice[near] == numbers)


def spared_where_mostly_empty(survey: Survey, findings: Findings, column: str, rows: Ints) -> Ints:
    """`rows` without the empty ones of layers where most rows are empty: those are one remark about the layer."""
    limit = findings.limit("mostly_empty")
    spared: NDArray[np.bool_] = np.zeros(len(rows), dtype=bool)
    for layer in survey.layers:
        of_layer = (rows >= layer.first) & (rows < layer.first + len(layer.table))
        if findings.spared is not None:
            spared[of_layer] = layer.field_name(column) in findings.spared
            continue
        if of_layer.sum() <= limit * len(layer.table):
            continue
        empty = np.array([is_nothing(text) for text in texts_at(survey, column, rows[of_layer])], dtype=bool)
        if empty.sum() > limit * len(layer.table):
            spared[np.flatnonzero(of_layer)[empty]] = True
            findings.add_to_layer("mostly_empty", layer, column, f"{int(empty.sum())} / {len(layer.table)}")
    return rows[~spared]
