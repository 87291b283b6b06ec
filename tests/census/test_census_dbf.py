"""The fast reader gives what GDAL gives, for any table a surveyor may have written."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census.options import ReadOptions
from census.reading import dbf
from census.reading.shapefile import read_shapefile
from census.reading.tables import factor
from kernel.errors import Refused
from tests.census.survey_files import write_dbf, write_points

# Characters of GB 2312 and ASCII, blanks at either end too, no control characters.
HANZI = [
    bytes((lead, trail)).decode("gbk") for lead in (0xB0, 0xC4, 0xD6, 0xF7) for trail in range(0xA1, 0xFF)
]
LETTERS = st.sampled_from([*"abcXYZ019 -_/()", *HANZI, "、", "（", "）", "㎡", "·"])
TEXTS = st.lists(LETTERS, max_size=9).map("".join)
NUMBERS = st.one_of(st.just(""), st.integers(-(10**8), 10**9).map(str))
DAYS = st.one_of(
    st.just(""), st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(lambda day: day.strftime("%Y%m%d"))
)
ROWS = st.lists(st.tuples(TEXTS, NUMBERS, DAYS, st.booleans()), min_size=1, max_size=40)
SLOW_IS_FINE = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FIELDS = (("名称".encode("gbk"), "C", 18), (b"NUM", "N", 10), (b"DAY", "D", 8))


def make(folder: Path, rows: list[tuple[str, str, str, bool]], repeat: int = 1) -> Path:
    rows = rows * repeat
    values = [(text.encode("gbk"), number.rjust(10).encode(), day.encode()) for text, number, day, _ in rows]
    shp = write_points(folder / "t.shp", [(number * 1.5, -number) for number in range(len(rows))])
    write_dbf(shp.with_suffix(".dbf"), FIELDS, values, deleted=[row[3] for row in rows])
    shp.with_suffix(".cpg").write_text("GBK")
    return shp


def gdal_texts(shp: Path) -> dict[str, list[str]]:
    frame = pyogrio.read_dataframe(shp, encoding="GBK")
    out = {"名称": ["" if value is None or value != value else value for value in frame["名称"]]}
    out["NUM"] = ["" if value is None or value != value else str(int(value)) for value in frame["NUM"]]
    out["DAY"] = ["" if value is None or value != value else str(value)[:10] for value in frame["DAY"]]
    out["x"] = [f"{x:.3f}" for x in frame.geometry.x]
    return out


def our_texts(shp: Path) -> dict[str, list[str]]:
    table = read_shapefile(shp, shp.name, ReadOptions(encoding="GBK"))
    columns = {name: factor(column) for name, column in table.columns.items()}
    out = {name: [column.values[code] for code in column.codes] for name, column in columns.items()}
    out["NUM"] = [str(int(text)) if text else "" for text in out["NUM"]]
    out["DAY"] = [text.replace("NaT", "") for text in out["DAY"]]
    out["x"] = [f"{x:.3f}" for x in table.x]
    return out


@SLOW_IS_FINE
@given(rows=ROWS)
def test_that_our_reader_agrees_with_gdal_on_texts_numbers_dates_blanks_and_deleted_records(
    rows: list[tuple[str, str, str, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shp = make(Path(folder), rows)
        if all(row[3] for row in rows):
            assert len(read_shapefile(shp, shp.name, ReadOptions(encoding="GBK"))) == 0
        else:
            assert our_texts(shp) == gdal_texts(shp)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_that_texts_of_their_own_in_every_row_are_read_alike_by_both(seed: int) -> None:
    draw = np.random.default_rng(seed)
    words = ["".join(draw.choice(HANZI, draw.integers(0, 8))) + str(k) for k in range(6_000)]
    with tempfile.TemporaryDirectory() as folder:
        shp = make(Path(folder), [(word, str(k), "20240101", False) for k, word in enumerate(words)])
        header = dbf.read_header(shp.with_suffix(".dbf"))
        assert dbf.read_table(shp.with_suffix(".dbf"), header).raw[0].block is not None
        assert our_texts(shp) == gdal_texts(shp)


def test_that_records_keep_their_numbers_when_some_are_deleted(tmp_path: Path) -> None:
    shp = make(tmp_path, [("甲", "1", "", False), ("乙", "2", "", True), ("丙", "3", "", False)])
    table = read_shapefile(shp, "t.shp", ReadOptions())
    assert table.records.tolist() == [0, 2]
    assert table.rows.tolist() == [1, 3]
    assert table.columns["名称"].to_pylist() == ["甲", "丙"]


def test_that_a_number_too_large_for_its_field_is_no_number(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "a.dbf", ((b"N", "N", 4),), [(b"****",), (b"  12",)])
    assert dbf.read_table(path).columns("GBK")["N"].to_pylist() == ["", "12"]


def test_that_text_ends_at_the_first_nul_and_without_blanks_around_it(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "a.dbf", ((b"T", "C", 8),), [(b"ab\x00zz",), (b" cd  ",), (b"",)])
    assert dbf.read_table(path).columns("GBK")["T"].to_pylist() == ["ab", "cd", ""]


def test_that_a_character_cut_off_at_the_fields_end_is_marked(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "a.dbf", ((b"T", "C", 5),), [("网格员".encode("gbk"),)])
    assert dbf.read_table(path).columns("GBK")["T"].to_pylist() == ["网格\ufffd"]


def test_that_a_logical_field_is_true_false_or_nothing(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "a.dbf", ((b"L", "L", 1),), [(b"Y",), (b"f",), (b"?",)])
    assert dbf.read_table(path).columns("GBK")["L"].to_pylist() == ["T", "F", ""]


@pytest.mark.parametrize("body", [b"", b"hello", b"\x03" + b"\xff" * 60])
def test_that_what_is_no_dbase_table_is_refused_by_its_name(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.dbf"
    path.write_bytes(body)
    with pytest.raises(Refused, match=r"x\.dbf is not a dBASE table") as refused:
        dbf.read_header(path)
    assert refused.value.remedy


def test_that_a_table_shorter_than_its_head_says_gives_its_whole_records(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "a.dbf", ((b"T", "C", 4),), [(b"aa",), (b"bb",), (b"cc",)])
    path.write_bytes(path.read_bytes()[:-4])
    header = dbf.read_header(path)
    assert (header.declared, header.stored) == (3, 2)
    assert dbf.read_table(path).columns("GBK")["T"].to_pylist() == ["aa", "bb"]
