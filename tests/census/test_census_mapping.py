"""Which field is which column: by the user, the supplier's past, names, and values; what is open is told."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from census import CheckOptions, ReadOptions, check, read
from census.mapping import FieldMap, map_fields
from census.profiles import Profile, joined_values, remembered_fields, remembered_values, signature_of
from census.reading.tables import SourceTable, texts
from kernel.errors import Refused
from tests.census.survey_files import about_files, city, found, lamp, places, write_survey

WORDS = city().class_words


def layer(columns: dict[str, list[str]]) -> SourceTable:
    import numpy as np

    rows = np.arange(len(next(iter(columns.values()))))
    arrays: dict[str, pa.Array] = {name: texts(values) for name, values in columns.items()}
    return SourceTable("a.shp", "a.shp", "a", "shapefile", arrays, rows, rows + 1, rows * 1.0, rows * 1.0)


def mapped(columns: dict[str, list[str]], given: dict[str, str] | None = None, **more: object) -> FieldMap:
    return map_fields(layer(columns), given or {}, WORDS, **more)  # type: ignore[arg-type]


CODES = [f"1101010137{number:06d}" for number in range(1, 5)]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("ObjID", "code"), ("部件标识码", "code"), ("BJBSM", "code"), ("DeptName2", "owner_name"), ("权属单位", "owner_name"),
        ("QSDW", "owner_name"), ("maintainer", "maintainer_name"), ("SZDYWGBSM", "cell_code"), ("养护单位名", "maintainer_name"),
    ],
)  # fmt: skip
def test_that_chinese_pinyin_and_english_names_are_known(name: str, column: str) -> None:
    values = CODES if column == "code" else ["甲", "乙", "丙", "丁"]
    values = ["110101001001001"] * 4 if column == "cell_code" else values
    assert mapped({name: values}).of == {column: name}


def test_that_values_tell_what_no_name_tells() -> None:
    found_ = mapped(
        {
            "F1": CODES, "F2": ["路灯", "上水井盖", "路灯", "路灯"], "F3": ["完好", "破损", "完好", "完好"],
            "F4": ["110101001001001", "110101001001002", "110101001001001", "110101001001003"], "F5": ["a", "b", "c", "d"],
        }
    )  # fmt: skip
    assert found_.of == {"code": "F1", "name": "F2", "state": "F3", "cell_code": "F4"}
    assert found_.extra == ("F5",)
    assert found_.why["code"] == (0.7, "the values alone")


def test_that_values_which_two_fields_share_tell_nothing() -> None:
    assert mapped({"F1": CODES, "F2": CODES[::-1]}).of == {}


def test_that_certainty_goes_from_the_users_word_to_the_values() -> None:
    columns = {
        "灯号": CODES,
        "部件名称": ["路灯"] * 4,
        "QSDW": ["甲"] * 4,
        "状态": ["完好"] * 4,
        "养护": ["乙"] * 4,
    }
    why = mapped(columns, {"灯号": "code"}, remembered={"养护": "maintainer_name"}).why
    assert [why[name][0] for name in ("code", "maintainer_name", "name", "owner_name", "state")] == [
        1.0, 1.0, 0.95, 0.85, 0.8,
    ]  # fmt: skip
    assert [why[name][1] for name in ("code", "maintainer_name")] == [
        "given by the user",
        "remembered of the supplier",
    ]


def test_that_two_fields_of_the_same_meaning_are_told(tmp_path: Path) -> None:
    columns = {"权属单位": ["甲", "乙"], "产权单位": ["甲", "丙"]}
    assert mapped(columns).rivals == {"owner_name": ("产权单位",)}
    assert mapped(columns | {"产权单位": ["甲", "乙"]}).rivals == {}
    assert mapped(columns | {"产权单位": ["", ""]}).rivals == {}
    assert mapped(columns, {"产权单位": "owner_name"}).rivals == {}


def test_that_the_users_word_beats_what_is_remembered() -> None:
    columns = {"甲": CODES, "乙": CODES[::-1]}
    assert mapped(columns, {"乙": "code"}, remembered={"甲": "code"}).of["code"] == "乙"
    left_out = mapped(columns, {"甲": ""}, remembered={"甲": "code"})
    assert (left_out.left_out, left_out.of) == (("甲",), {"code": "乙"})


OLD = Profile("甲公司", signature_of(["BH", "ZT"]), {"BH": "code", "ZT": "state"}, {"state": {"1": "完好"}})
NEW = Profile("甲公司", signature_of(["BH", "LX"]), {"BH": "note", "LX": "name"}, {"state": {"1": "破损"}})


def test_that_a_profile_of_the_same_fields_is_taken_whole_and_others_field_by_field() -> None:
    assert (
        remembered_fields((NEW, OLD), ["zt", "bh"]) == {}
    )  # names are the survey's own, only the order is free
    assert remembered_fields((NEW, OLD), ["ZT", "BH"]) == {"BH": "code", "ZT": "state"}
    assert remembered_fields((NEW, OLD), ["ZT", "BH", "X"]) == {"BH": "note", "ZT": "state"}


def test_that_the_latest_words_of_a_supplier_win() -> None:
    assert remembered_values((NEW, OLD)) == {"state": {"1": "破损"}}
    assert joined_values({"state": {"1": "完好", "2": "破损"}}, {"state": {"2": "丢失"}}) == {
        "state": {"1": "完好", "2": "丢失"}
    }


def survey(folder: Path) -> Path:
    rows = [lamp(k, 部件状态=("1", "2", "坏了")[k % 3], 变更时间="2025-01-01") for k in range(1, 7)]
    return write_survey(folder, rows, places(6))


def test_that_words_become_ours_as_the_map_says_and_refused_rows_keep_their_own(tmp_path: Path) -> None:
    values = {"state": {"1": "完好", "2": "破损"}}
    draft = check(read([survey(tmp_path)]), city(), CheckOptions(values=values))
    assert sorted(draft.components["state"].astype(str)) == ["完好", "完好", "破损", "破损"]
    assert found(draft.findings) == {("wrong_state", 2): "坏了", ("wrong_state", 5): "坏了"}
    assert about_files(draft.findings)["values_mapped"] == "2 → 破损 (2), 1 → 完好 (2)"
    assert '"部件状态": "坏了"' in draft.quarantined["raw"].iloc[0]


@pytest.mark.parametrize("values", [{"state": {"1": "坏"}}, {"nonsense": {"1": "2"}}])
def test_that_a_word_nobody_knows_is_no_goal_of_a_map(
    tmp_path: Path, values: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(Refused, match="The mapping turns"):
        check(read([survey(tmp_path)]), city(), CheckOptions(values=values))


def test_that_coordinates_go_by_the_users_word(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,东,北\n1,116.4,39.9\n", encoding="utf-8")
    with pytest.raises(Refused, match="no columns with coordinates"):
        read([tmp_path / "a.csv"])
    table = read([tmp_path / "a.csv"], ReadOptions(fields={"东": "lon", "北": "lat"})).tables[0]
    assert (table.x[0], table.y[0], table.lonlat_fields) == (116.4, 39.9, True)
