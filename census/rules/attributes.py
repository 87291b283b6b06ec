"""C4, C5, C6, C8, C9: departments, state, dates, accuracy, and text that lost its meaning. On distinct values only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from census import dates
from census.classes import spared_where_mostly_empty, texts_at
from census.reading.tables import CUT_OFF, Codes, Factor, Flags, Ints
from census.rules.findings import Findings
from census.survey import Survey
from census.values import is_nothing, known_value
from gis.frames import COMPONENT_STATES

_ROLES: Final = (
    ("authority", "authority_missing"),
    ("owner", "owner_missing"),
    ("maintainer", "owner_missing"),
)
_WHOLE: Final = "完好"
_NO_DAY: Final = -(10**6)

# GB 32100-2015: 17 characters and one that checks them, modulo 31.
_CREDIT_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_LENGTH: Final = 18


def _nothings(column: Factor) -> Flags:
    return np.array([is_nothing(text) for text in column.values], dtype=bool)


# ---------------------------------------------------------------- departments


def check_departments(survey: Survey, departments: pd.DataFrame, findings: Findings) -> None:
    """C4 and C9: the three departments are named, their codes are well formed and in the city's list."""
    listed = frozenset(departments["code"])
    if not listed:
        findings.add_to_layer("no_departments", survey.layers[0])
    for role, missing_rule in _ROLES:
        _check_missing(survey, role, missing_rule, findings)
        _check_department_codes(survey, f"{role}_code", listed, findings)


def _check_missing(survey: Survey, role: str, rule: str, findings: Findings) -> None:
    said: Flags = survey.bare.copy()
    for column in (f"{role}_name", f"{role}_code"):
        empty = survey.factors[column].flags(_nothings(survey.factors[column]))
        rows = empty[survey.has(column)[empty] & ~said[empty]]
        rows = spared_where_mostly_empty(survey, findings, column, rows)
        findings.add(rule, rows, column)
        said[rows] = True


def _check_department_codes(survey: Survey, column: str, listed: frozenset[str], findings: Findings) -> None:
    codes = survey.factors[column]
    told = ~_nothings(codes)
    formed = np.array([is_credit_code(text.strip()) for text in codes.values], dtype=bool)
    strange = np.array([text.strip() not in listed for text in codes.values], dtype=bool)
    wrong = codes.flags(told & ~formed & strange)
    if not len(wrong):
        _add_unknown(survey, column, codes.flags(told & strange), listed, findings)
        return
    lengths = np.array([len(text.strip()) == _CREDIT_LENGTH for text in codes.values], dtype=bool)
    if codes.take(told & lengths).sum() <= findings.limit("department_form") * codes.take(told).sum():
        for layer in survey.layers:
            if survey.given[column][layer.number]:
                findings.add_to_layer("department_form", layer, column)
        return
    findings.add("bad_department_code", wrong, column, codes.at(wrong))
    _add_unknown(survey, column, codes.flags(told & formed & strange), listed, findings)


def _add_unknown(survey: Survey, column: str, rows: Ints, listed: frozenset[str], findings: Findings) -> None:
    if listed:
        findings.add("unknown_department", rows, column, texts_at(survey, column, rows))


def is_credit_code(text: str) -> bool:
    """Whether `text` is a unified social credit code: 18 characters of which the last one checks the others."""
    if len(text) != _CREDIT_LENGTH or any(letter not in _CREDIT_LETTERS for letter in text):
        return False
    total = sum(
        _CREDIT_LETTERS.index(letter) * weight for letter, weight in zip(text, _CREDIT_WEIGHTS, strict=False)
    )
    return _CREDIT_LETTERS[(31 - total % 31) % 31] == text[-1]


# ---------------------------------------------------------------- state, accuracy


def check_words(survey: Survey, column: str, wrong_rule: str, mapped_rule: str, findings: Findings) -> Factor:
    """A column with a domain (state, accuracy) in our own words; what was mapped is a warning, what fails an error."""
    found = survey.factors[column]
    read = [known_value(column, text) for text in found.values]
    exact = np.array([text == word for text, word in zip(found.values, read, strict=True)], dtype=bool)
    lost = np.array([word is None for word in read], dtype=bool)
    mapped = found.flags(~exact & ~lost)
    findings.add(
        mapped_rule, mapped, column, [f"{text} → {known_value(column, text)}" for text in found.at(mapped)]
    )
    rows = found.flags(lost)
    rows = rows[survey.has(column)[rows] & ~survey.bare[rows]]
    rows = spared_where_mostly_empty(survey, findings, column, rows)
    findings.add(wrong_rule, rows, column, found.at(rows))
    return Factor(found.codes, [word or "" for word in read])


# ---------------------------------------------------------------- dates


@dataclass(frozen=True)
class Days:
    """A date column: ISO text per distinct value (`""` for none), days since year 1 per row (`_NO_DAY`), usual form."""

    iso: Factor
    days: Ints
    form: str


def check_dates(survey: Survey, standard: str, today: date, findings: Findings) -> dict[str, Days]:
    """C6 and C8: dates that exist, not in the future, the change not before the first survey and there when needed.

    ISO dates are read in every edition, `YYYYMMDD` is the exchange form of 2026; another form that most dates of the
    delivery have is a convention and said once, a form that few have is a warning with the row.
    """
    columns = {name: _read_days(survey, name, today, findings) for name in ("initial_date", "change_date")}
    for name, column in columns.items():
        if column.form not in (dates.ISO, dates.EXCHANGE if standard == "2026" else dates.ISO):
            _say_form(survey, name, column.form, findings)
    _check_empty_initial(survey, findings)
    first, change = columns["initial_date"].days, columns["change_date"].days
    earlier = np.flatnonzero((first != _NO_DAY) & (change != _NO_DAY) & (change < first))
    findings.add("change_before_initial", earlier, "change_date", survey.factors["change_date"].at(earlier))
    _check_change_is_there(survey, findings)
    return columns


def _read_days(survey: Survey, column: str, today: date, findings: Findings) -> Days:
    found = survey.factors[column]
    empty = _nothings(found)
    read = [
        None if nothing else dates.read_date(text) for text, nothing in zip(found.values, empty, strict=True)
    ]
    usual = _usual_form(found, read)
    earliest = date(int(findings.limit("bad_date")), 1, 1)
    plausible = [each is not None and earliest <= each.day <= today for each in read]
    formed = [each is not None and each.form in (dates.ISO, usual) for each in read]
    early = [each is not None and each.day < earliest for each in read]
    bad = [not nothing and (each is None or soon or not (form or right)) for nothing, each, soon, form, right in
           zip(empty, read, early, formed, plausible, strict=True)]  # fmt: skip
    future = [each is not None and form and each.day > today for each, form in zip(read, formed, strict=True)]
    mapped = [each is not None and right and not form for each, right, form in
              zip(read, plausible, formed, strict=True)]  # fmt: skip
    for rule, flags in (("bad_date", bad), ("future_date", future)):
        rows = found.flags(flags)
        findings.add(rule, rows, column, found.at(rows))
    iso = [
        "" if each is None or wrong else each.day.isoformat() for each, wrong in zip(read, bad, strict=True)
    ]
    rows = found.flags(mapped)
    findings.add("date_mapped", rows, column, [f"{found.values[c]} → {iso[c]}" for c in found.codes[rows]])
    days = np.array(
        [date.fromisoformat(text).toordinal() if text else _NO_DAY for text in iso], dtype=np.int64
    )
    return Days(Factor(found.codes, iso), found.take(days), usual)


def _usual_form(found: Factor, read: list[dates.SurveyDate | None]) -> str:
    """The form that most dates of the delivery have: a convention is no fault of every row."""
    counts = np.bincount(found.codes, minlength=len(found.values))
    of_form: dict[str, int] = {}
    for each, count in zip(read, counts, strict=False):
        if each is not None:
            of_form[each.form] = of_form.get(each.form, 0) + int(count)
    return max(of_form, key=lambda form: of_form[form]) if of_form else dates.ISO


def _say_form(survey: Survey, column: str, usual: str, findings: Findings) -> None:
    for layer in survey.layers:
        if survey.given[column][layer.number]:
            findings.add_to_layer("date_form", layer, column, usual)


def _check_empty_initial(survey: Survey, findings: Findings) -> None:
    found = survey.factors["initial_date"]
    rows = found.flags(_nothings(found))
    rows = rows[survey.has("initial_date")[rows] & ~survey.bare[rows]]
    rows = spared_where_mostly_empty(survey, findings, "initial_date", rows)
    findings.add("bad_date", rows, "initial_date", found.at(rows))


def _check_change_is_there(survey: Survey, findings: Findings) -> None:
    """Only for states written as the domain has them: a state that is itself in doubt asks for nothing more."""
    state = survey.factors["state"]
    changed = state.flags([text in COMPONENT_STATES and text != _WHOLE for text in state.values])
    change = survey.factors["change_date"]
    empty: Codes = change.take(_nothings(change))
    rows = changed[empty[changed] & survey.has("change_date")[changed]]
    findings.add("change_date_missing", rows, "change_date", state.at(rows))


# ---------------------------------------------------------------- spoilt text

# First characters of Chinese UTF-8 text read as GBK: lead bytes E4 … E9.
_SPOILT_FIRST: Final = "".join(
    bytes((lead, trail)).decode("gbk") for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xC0)
)
_SUSPECT: Final = f"\ufffd|锟斤|\\?\\?|[{_SPOILT_FIRST}]|[\u0080-\u00ff]{{3}}"


def check_text(survey: Survey, findings: Findings) -> None:
    """Text that a wrong encoding spoilt or a narrow field cut off, in any column."""
    for column, found in survey.factors.items():
        _add_spoilt(survey, column, found.flags([is_spoilt(text) for text in found.values]), findings)
    for column, texts in survey.texts.items():
        _add_spoilt(survey, column, _spoilt_rows(texts), findings)


def check_length(survey: Survey, findings: Findings) -> None:
    """Texts longer than anybody writes: a whole file may have slipped into a cell. Nothing is cut."""
    limit = int(findings.limit("overlong_text"))
    for column, found in survey.factors.items():
        rows = found.flags([len(text) > limit for text in found.values])
        findings.add("overlong_text", rows, column, [str(len(text)) for text in found.at(rows)])
    for column, texts in survey.texts.items():
        rows = _longer(texts, limit)
        findings.add(
            "overlong_text", rows, column, [str(len(text)) for text in texts_at(survey, column, rows)]
        )


def _longer(column: pa.Array, limit: int) -> Ints:
    if pa.types.is_dictionary(column.type):
        long = pc.greater(pc.utf8_length(column.dictionary), limit).to_numpy(zero_copy_only=False)
        return np.flatnonzero(long[column.indices.to_numpy()]) if long.any() else np.empty(0, dtype=np.int64)
    return np.flatnonzero(pc.greater(pc.utf8_length(column), limit).to_numpy(zero_copy_only=False))


def _add_spoilt(survey: Survey, column: str, rows: Ints, findings: Findings) -> None:
    texts = texts_at(survey, column, rows)
    cut = np.array(
        [CUT_OFF not in text.rstrip(CUT_OFF) and text.endswith(CUT_OFF) for text in texts], dtype=bool
    )
    for rule, chosen in (("text_cut", cut), ("mojibake_text", ~cut)):
        findings.add(
            rule, rows[chosen], column, [texts[place].rstrip(CUT_OFF) for place in np.flatnonzero(chosen)]
        )


def _spoilt_rows(column: pa.Array) -> Ints:
    if pa.types.is_dictionary(column.type):
        flags = np.array([is_spoilt(text) for text in column.dictionary.to_pylist()], dtype=bool)
        return (
            np.flatnonzero(flags[column.indices.to_numpy()]) if flags.any() else np.empty(0, dtype=np.int64)
        )
    if bool(pc.all(pc.string_is_ascii(column)).as_py()) and not bool(
        pc.any(pc.match_substring(column, "??")).as_py()
    ):
        return np.empty(0, dtype=np.int64)
    suspects = np.flatnonzero(pc.match_substring_regex(column, _SUSPECT).to_numpy(zero_copy_only=False))
    spoilt = [is_spoilt(text) for text in column.take(pa.array(suspects)).to_pylist()]
    return suspects[np.array(spoilt, dtype=bool)]


def is_spoilt(text: str) -> bool:
    """Whether `text` shows the marks of a wrong decoding: replacement signs, rows of `?`, UTF-8 read as GBK or Latin."""
    if text.isascii():
        bare = text.strip()
        return len(bare) >= 2 and set(bare) == {"?"}
    if CUT_OFF in text or "锟斤拷" in text:
        return True
    return any(_reads_as_chinese(text, encoding) for encoding in ("gbk", "latin-1", "cp1252"))


def _reads_as_chinese(text: str, encoding: str) -> bool:
    try:
        again = text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return len(re.findall(r"[\u4e00-\u9fff]", again)) * 2 >= len(again) and again != text
