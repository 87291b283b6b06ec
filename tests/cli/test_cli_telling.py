"""Answers for people: headings in their language, columns that line up, what is empty left out."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.telling import BROADEST, told, width
from resources.answers import heading

TABLES = Path(__file__).resolve().parents[2] / "resources"


def test_that_parts_are_named_in_the_language_and_empty_ones_left_out() -> None:
    answer = {"status": "committed", "drafted_by": "张三", "reason": "", "report": None, "self_made": 3}
    assert told(answer, "zh_CN").splitlines() == ["状态       已入库", "起草人     张三", "self made  3"]
    assert told(answer, "en").splitlines()[1] == "drafted by  张三"


def test_that_columns_line_up_where_chinese_stands_beside_latin() -> None:
    rows = [{"code": "0137", "name": "路灯", "rows": 7}, {"code": "01", "name": "tree", "rows": 1200}]
    lines = told(rows, "en").splitlines()
    assert lines == ["code  name  rows", "0137  路灯     7", "01    tree  1200"]


def test_that_a_column_in_which_nothing_stands_is_left_out() -> None:
    assert told([{"code": "1", "note": ""}, {"code": "2", "note": None}], "en") == "code\n1\n2"
    assert told([], "en") == "–"


def test_that_a_moment_is_told_by_the_clock_of_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert told({"drafted_at": "2026-11-21T16:04:05Z"}, "en") == "drafted at  2026-11-22 00:04:05"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_that_long_parts_are_broken_between_their_pieces() -> None:
    lines = told({"findings": {f"finding_{k}": k for k in range(30)}}, "en").splitlines()
    assert len(lines) > 3
    assert all(width(line) <= BROADEST and line == line.rstrip() for line in lines)
    assert " ".join(lines).split()[1:] == [word for k in range(30) for word in (f"finding_{k}", str(k))]


@given(
    st.lists(st.fixed_dictionaries({"code": st.text("0路x", max_size=90), "rows": st.integers()}), min_size=1)
)
def test_that_no_row_of_a_table_is_lost(rows: list[dict]) -> None:
    assert len(told(rows, "zh_CN").splitlines()) == len(rows) + 1


def test_that_every_key_has_one_chinese_word() -> None:
    for table, column in (("answers", "key"), ("answer_values", "value")):
        with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        keys = [row[column] for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(row["zh_CN"] for row in rows)
    assert heading("zh_CN", "gap_m2") == "空隙（平方米）"
