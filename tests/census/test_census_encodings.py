"""Encodings are found by what the bytes say; a wrong declaration is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census import ReadOptions, read
from census.reading.encodings import declared_by_cpg, detect, known_encoding
from census.reading.tables import Encoding, Reading
from kernel.errors import Refused
from tests.census.survey_files import lamp, places, write_survey

WORDS = ["路灯", "污水井盖", "示例区路灯管理中心", "完好", "人行道内侧", "交通信号灯", "行道树"]


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=20))
def test_that_chinese_text_is_told_apart_in_both_encodings(words: list[str]) -> None:
    for encoding in ("UTF-8", "GBK"):
        for declared in ("", "UTF-8", "GBK"):
            found = detect([word.encode(encoding) for word in words], declared)
            assert found.name == encoding
            assert found.contradicted == (declared not in ("", encoding))


def test_that_plain_ascii_is_utf8_for_certain() -> None:
    assert detect([b"lamp", b""]) == Encoding("UTF-8", 1.0, "plain ASCII")


def test_that_a_text_cut_in_the_middle_of_a_character_does_not_confuse() -> None:
    found = detect([word.encode("utf-8")[:-1] for word in WORDS] + [word.encode("utf-8") for word in WORDS])
    assert found.name == "UTF-8"


def test_that_known_words_decide_where_little_text_is_there() -> None:
    assert detect(["路灯".encode("gbk")], words=frozenset({"路灯"})).name == "GBK"


@pytest.mark.parametrize("declared", ["", "GBK"])
@pytest.mark.parametrize("word", ["停车场", "路灯", "井", "合成", "雕塑"])
def test_that_one_short_word_tells_its_encoding(word: str, declared: str) -> None:
    assert detect([word.encode("gbk")], declared).name == "GBK"
    assert detect([word.encode("utf-8")], declared).name == "UTF-8"


def test_that_traditional_text_in_big5_is_read_as_such() -> None:
    words = ["路燈維護單位", "臺北市政府工務局", "狀態良好", "汙水下水道人孔蓋", "交通號誌", "環境保護", "設置於人行道內側", "停車場收費設備",
             "變電箱", "監視攝影機", "電信箱", "瓦斯公司", "公園綠地"]  # fmt: skip
    assert detect([word.encode("big5") for word in words]).name == "BIG5"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GBK", "GBK"),
        ("936", "GBK"),
        ("ANSI 936", "GBK"),
        ("utf-8\r\n", "UTF-8"),
        ("65001", "UTF-8"),
        ("??", ""),
    ],
)
def test_that_a_cpg_is_read_however_it_is_spelled(text: str, name: str) -> None:
    assert declared_by_cpg(text) == name


def test_that_an_encoding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match="no encoding called klingon"):
        known_encoding("klingon")


def layer(tmp_path: Path, encoding: str, cpg: str | None) -> Reading:
    rows = [lamp(k, 备注="位于人行道内侧") for k in range(1, 9)]
    shp = write_survey(tmp_path, rows, places(8), encoding=encoding, cpg=cpg)
    return read([shp], ReadOptions())


@pytest.mark.parametrize(
    ("encoding", "cpg", "remark"),
    [
        ("gbk", "GBK", None),
        ("gbk", "UTF-8", "misdeclared_encoding"),
        ("gbk", None, "undeclared_encoding"),
        ("utf-8", "GBK", "misdeclared_encoding"),
        ("utf-8", "UTF-8", None),
        ("utf-8", None, None),
    ],
)
def test_that_a_wrong_cpg_is_noticed_and_the_text_is_right(
    tmp_path: Path, encoding: str, cpg: str | None, remark: str | None
) -> None:
    reading = layer(tmp_path, encoding, cpg)
    table = reading.tables[0]
    texts = [column.to_pylist()[0] for column in table.columns.values()]
    assert {"路灯", "示例区路灯管理中心", "位于人行道内侧"} <= set(texts)
    assert reading.encoding == encoding.upper()
    assert [note.rule for note in table.notes] == ([] if remark is None else [remark])


def test_that_the_users_encoding_is_believed(tmp_path: Path) -> None:
    shp = write_survey(tmp_path, [lamp(1)], places(1), encoding="gbk", cpg="UTF-8")
    table = read([shp], ReadOptions(encoding="gb2312")).tables[0]
    assert table.columns["部件名称"].to_pylist() == ["路灯"]
    assert table.notes == ()
