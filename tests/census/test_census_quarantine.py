"""Refused rows and findings by what they share: the same content as row by row, however many there are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from census import Draft, check, quarantine, read
from census.reading.json_texts import JsonRows, as_json
from census.reading.tables import texts
from census.rules import findings
from tests.census.survey_files import city, lamp, places, write_survey

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.tuples(TEXT, st.sampled_from(["", "路灯", 'a "b"', "c\\d", "e\tf"])), min_size=1, max_size=60)
)
def test_that_rows_become_the_json_that_the_standard_library_writes(rows: list[tuple[str, str]]) -> None:
    columns = {
        "备注": pa.array([own for own, _ in rows], pa.large_string()),
        '"x"': texts([few for _, few in rows]),
    }
    wanted = []
    for row in rows:
        whole = {name: text for name, text in zip(columns, row, strict=True) if text}
        wanted.append(json.dumps(whole, ensure_ascii=False) if whole else "")
    # A blank or comma that ends the last text stands before its quote, so that trimming leaves it alone.
    assert as_json(columns, len(rows)).to_pylist() == wanted
    backwards = np.arange(len(rows))[::-1]
    assert JsonRows(columns).of(backwards).to_pylist() == wanted[::-1]


def delivery(folder: Path, rows: int) -> Draft:
    """Lamps on two spots with few and with own codes, faults of several rules in one row."""
    faulty = [
        lamp(k if k % 3 else 7, cell=9 if k % 4 == 0 else 1, 部件状态="坏" if k % 5 == 0 else "完好")
        for k in range(1, rows + 1)
    ]
    spots = places(2)
    return check(read([write_survey(folder, faulty, [spots[k % 2] for k in range(rows)])]), city())


def test_that_very_many_refused_rows_are_told_as_few_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = delivery(tmp_path, 90)
    monkeypatch.setattr(findings, "MANY", 20)
    monkeypatch.setattr(quarantine, "_ROWS_AT_A_TIME", 16)
    many = delivery(tmp_path, 90)
    assert isinstance(many.findings["code"].dtype, pd.CategoricalDtype)
    for one, other in ((few.findings, many.findings), (few.quarantined, many.quarantined)):
        plain = other.astype(one.dtypes.to_dict())
        pd.testing.assert_frame_equal(one, plain)
    assert few.warnings == many.warnings


def test_that_a_refused_row_names_each_code_once_and_keeps_its_place(tmp_path: Path) -> None:
    draft = delivery(tmp_path, 90)
    refused = draft.quarantined
    told = draft.findings[draft.findings["severity"] == "error"]
    for row, codes in zip(refused["record"], refused["finding_codes"], strict=True):
        names = codes.split(";")
        assert len(set(names)) == len(names)
        assert set(names) == set(told["code"][told["record"] == row])
    raw = [json.loads(text) for text in refused["raw"]]
    assert [each["标识码"][-3:] == "007" for each in raw] == [
        (record + 1) % 3 == 0 or record + 1 == 7 for record in refused["record"]
    ]
    assert {shapely.from_wkb(wkb).wkt for wkb in refused["wkb"]} == {
        shapely.Point(x, y).wkt for x, y in places(2)
    }
