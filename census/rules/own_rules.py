"""Rules of a city's own: a field that must be filled, a pattern, a list of values, for one class, a major, or all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from census.classes import Identity, texts_at
from census.reading.tables import Ints
from census.rules.findings import Findings
from census.rules.rules_table import Rule
from census.survey import Survey
from gis.frames import COMPONENT_TEXT_COLUMNS

REQUIRED, PATTERN, VALUES = "required", "pattern", "values"
CHECKS: Final = (REQUIRED, PATTERN, VALUES)
WORDS: Final = {
    REQUIRED: ("{field} is empty; the city asks for it.", "Fill it in."),
    PATTERN: ("{value} is not written as the city asks.", "Write it in the form that the city's rule names."),
    VALUES: (
        "{value} is none of the values that the city's rule names.",
        "Write one of the values of the rule.",
    ),
}


@dataclass(frozen=True)
class OwnRule:
    """`rule` is its name in the table; `class_code` is the beginning of a class code, `""` for all; `value` the
    pattern, or the values parted by `|`."""

    rule: Rule
    field: str
    check: str
    value: str = ""
    class_code: str = ""


def check_own(survey: Survey, identity: Identity, rules: tuple[OwnRule, ...], findings: Findings) -> None:
    """Ask the city's own rules. An empty field breaks only a rule that asks for it."""
    for own in rules:
        rows = _concerned(survey, identity, own.class_code)
        if own.field not in COMPONENT_TEXT_COLUMNS or not len(rows):
            continue
        texts = texts_at(survey, own.field, rows)
        broken = {text: _breaks(own, text.strip()) for text in set(texts)}
        wrong = np.flatnonzero([broken[text] for text in texts])
        findings.add(own.rule.rule, rows[wrong], own.field, [texts[place] for place in wrong.tolist()])


def _concerned(survey: Survey, identity: Identity, class_code: str) -> Ints:
    if not class_code:
        return np.flatnonzero(~survey.bare)
    chosen = np.array([code.startswith(class_code) for code in identity.codes], dtype=bool)
    known = np.flatnonzero((identity.of >= 0) & ~survey.bare)
    return known[chosen[identity.of[known]]]


def _breaks(own: OwnRule, text: str) -> bool:
    if own.check == REQUIRED:
        return not text
    if not text:
        return False
    if own.check == PATTERN:
        return re.fullmatch(own.value, text) is None
    return text not in own.value.split("|")
