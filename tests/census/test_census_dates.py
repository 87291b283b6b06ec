"""Dates in the notations that surveys use are read; what could be two days is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.dates import EXCHANGE, ISO, OTHER, SERIAL, SurveyDate, read_date

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(DAYS)
def test_that_five_notations_of_a_day_give_that_day(day: date) -> None:
    assert read_date(day.isoformat()) == SurveyDate(day, ISO)
    assert read_date(f"{day:%Y%m%d}") == SurveyDate(day, EXCHANGE)
    assert read_date(f"{day.year}/{day.month}/{day.day}") == SurveyDate(day, OTHER)
    assert read_date(f"{day.year}年{day.month}月{day.day}日") == SurveyDate(day, OTHER)
    assert read_date(f"{day.isoformat()} 08:30:00") == SurveyDate(day, ISO)


def test_that_a_spreadsheets_day_number_is_read() -> None:
    assert read_date("45123") == SurveyDate(date(2023, 7, 16), SERIAL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-02-30",
        "2023/13/01",
        "0000-00-00",
        "12/31/24",
        "二〇二四年五月",
        "2024-05",
        "99999999",
        "１２３４５",
    ],
)
def test_that_what_names_no_day_is_not_read(text: str) -> None:
    assert read_date(text) is None
