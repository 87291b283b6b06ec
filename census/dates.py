"""Dates as surveys write them, read into ISO text with the form they had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

ISO: Final = "YYYY-MM-DD"
EXCHANGE: Final = "YYYYMMDD"
OTHER: Final = "other"
SERIAL: Final = "day number"

# Spreadsheets count days from here (their 1900 leap year error included); these numbers are 1954 … 2064.
_SPREADSHEET_DAY_0: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 60_000)

_FORMS: Final = (
    (ISO, re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    (EXCHANGE, re.compile(r"(\d{4})(\d{2})(\d{2})")),
    (ISO, re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")),
    (OTHER, re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: \d{1,2}:\d{2}(?::\d{2})?)?")),
    (OTHER, re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")),
)


@dataclass(frozen=True)
class SurveyDate:
    """A day that exists, and the form it was written in."""

    day: date
    form: str


@lru_cache(maxsize=100_000)
def read_date(text: str) -> SurveyDate | None:
    """The day that `text` names; None when it names none, or could name two (`12/31/24`)."""
    bare = text.strip()
    for form, pattern in _FORMS:
        found = pattern.fullmatch(bare)
        if found:
            try:
                return SurveyDate(date(*(int(part) for part in found.groups()[:3])), form)
            except ValueError:
                return None
    bare = bare.removesuffix(".0")  # a day number that went through a numeric field
    if bare.isascii() and bare.isdigit() and len(bare) == 5 and int(bare) in _SERIALS:
        return SurveyDate(_SPREADSHEET_DAY_0 + timedelta(days=int(bare)), SERIAL)
    return None
