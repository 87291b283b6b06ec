"""Class lists: what ships, under which words, how a city extends it, what moved between editions."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Defect, Refused
from resources import catalogues, texts
from resources.catalogues import national
from resources.catalogues.editions import FOLDER, edition
from resources.catalogues.national import _count_faults

ROW = ("standard", "kind", "major_code", "minor_code", "code", "name", "geometry", "accuracy")


def table(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(ROW))


def written(tmp_path: Path, *rows: tuple[str, ...]) -> Path:
    path = tmp_path / "own_classes.csv"
    table(*rows).to_csv(path, index=False, encoding="utf-8-sig")
    return path


@pytest.mark.parametrize(
    ("standard", "components", "named", "events", "named_events"),
    [("2007", 85, 85, 54, 54), ("2013", 121, 100, 83, 73), ("2026", 153, 153, 250, 250)],
)
def test_that_editions_have_their_published_counts(
    standard: str, components: int, named: int, events: int, named_events: int
) -> None:
    catalogue = catalogues.load(standard)
    assert len(catalogue.components) == catalogue.edition.slots("component") == components
    assert len(catalogue.codes) == named
    assert catalogue.edition.slots("event") == events
    assert int((catalogue.events["name"] != "").sum()) == named_events


def test_that_the_2013_majors_add_up_to_121() -> None:
    counts = catalogues.load("2013").components["major_code"].value_counts().sort_index()
    assert counts.tolist() == [57, 31, 14, 10, 9]


def test_that_the_edition_in_force_is_the_default() -> None:
    assert catalogues.load().standard == catalogues.DEFAULT == "2026"
    assert catalogues.load().title == "GB/T 47678.5-2026"


def test_that_every_component_of_2026_has_its_matter() -> None:
    catalogue = catalogues.load("2026")
    matters = catalogue.events.set_index("code")["name"]
    odd = {"01066"}  # printed 紧急报警点异常SOS in the transcription
    for code, name in catalogue.component_names.items():
        assert matters[code] == f"{name}异常" or code in odd


def test_that_numbers_dropped_in_2026_are_no_classes() -> None:
    codes = set(catalogues.load("2026").components["code"])
    assert codes.isdisjoint({"01016", "05001", "05004", "05005", "05006", "05007", "05008"})


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_codes_are_major_and_minor_and_sorted(standard: str) -> None:
    catalogue = catalogues.load(standard)
    for classes in (catalogue.components, catalogue.events):
        assert (classes["code"] == classes["major_code"] + classes["minor_code"]).all()
        assert classes["code"].is_unique
        assert classes["code"].is_monotonic_increasing
        assert list(classes.columns) == list(catalogues.CLASS_COLUMNS)


def test_that_candidates_ship_as_empty_slots(shared: Path) -> None:
    for kind in ("components", "events"):
        with (shared / "standards" / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            facts = [row for row in csv.DictReader(file) if row["standard"] == "GB/T 30428.2-2013"]
        shipped = getattr(catalogues.load("2013"), kind).set_index("code")
        for row in facts:
            wanted = row["name"] if row["confidence"] in ("verified_2", "one_source") else ""
            assert shipped.loc[row["code"], "name"] == wanted


def test_that_names_are_those_of_the_fact_tables(shared: Path) -> None:
    for kind in ("component", "event"):
        with (shared / "standards" / f"{kind}s.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                key = catalogues.edition_key(row["standard"])
                if key and row["confidence"] in ("verified_2", "one_source"):
                    assert catalogues.load(key).name_of(row["code"], kind) == row["name"]


def test_that_confidence_is_told_in_the_ruled_words() -> None:
    by_edition = {key: set(catalogues.load(key).components["confidence"]) for key in catalogues.STANDARDS}
    assert by_edition == {
        "2007": {"cross_checked", "unverified"},
        "2013": {"cross_checked", "unverified", "empty"},
        "2026": {"one_transcription"},
    }
    for words in catalogues.CONFIDENCE_WORDS.values():
        assert "standard text" not in words
        assert texts.translated("zh_CN", words) != words


def test_that_only_cross_checked_rows_are_checked() -> None:
    for key in catalogues.STANDARDS:
        components = catalogues.load(key).components
        assert (components["checked"] == (components["confidence"] == "cross_checked")).all()


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_every_named_component_has_geometry_and_accuracy(standard: str) -> None:
    components = catalogues.load(standard).components.query("name != ''")
    assert set(components["geometry"]) == {"point", "line", "area"}
    assert set(components["accuracy"]) == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("name", "geometry", "accuracy"),
    [
        ("供水井盖", "point", "A"),
        ("交通护栏", "line", "B"),
        ("停车场", "area", "C"),
        ("行道树", "point", "B"),
    ],
)
def test_that_defaults_follow_the_accuracy_classes(name: str, geometry: str, accuracy: str) -> None:
    catalogue = catalogues.load("2026")
    row = catalogue.components.set_index("code").loc[catalogue.code_of(name) or ""]
    assert (row["geometry"], row["accuracy"]) == (geometry, accuracy)


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
@pytest.mark.parametrize("kind", ["component", "event"])
def test_that_names_and_codes_name_each_other(standard: str, kind: str) -> None:
    catalogue = catalogues.load(standard)
    names = catalogue.component_names if kind == "component" else catalogue.event_names
    for code, name in names.items():
        assert catalogue.code_of(name, kind) == code
        assert catalogue.name_of(code, kind) == name


@pytest.mark.parametrize(
    ("standard", "written_name", "code"),
    [
        ("2026", "上水井盖", "01001"),
        ("2013", "供水井盖", "0101"),
        ("2026", "雨水篦子", "01004"),
        ("2013", "充电站(桩)", "0154"),
        ("2013", " 充电站 （桩） ", "0154"),
        ("2007", "通信交接箱", "0115"),
        ("2026", "公厕", "03001"),
        ("2026", "输油(气)井盖", "01021"),
    ],
)
def test_that_variants_of_a_name_are_known(standard: str, written_name: str, code: str) -> None:
    assert catalogues.load(standard).code_of(written_name) == code


def test_that_a_strange_name_has_no_code() -> None:
    assert catalogues.load().code_of("飞碟停靠站") is None
    assert catalogues.load("2013").name_of("0116") == ""


def test_that_variants_name_classes_that_ship() -> None:
    names = {
        kind: {
            name
            for key in catalogues.STANDARDS
            for name in getattr(catalogues.load(key), f"{kind}_names").values()
        }
        for kind in ("component", "event")
    }
    names["component"] |= {"停车计费设备", "出租车停靠站"}
    for kind in ("component", "event"):
        assert {name for _, name in national.variants(kind)} <= names[kind]


@given(st.sampled_from(sorted(catalogues.load("2013").component_names)))
def test_that_a_number_keeps_its_place_in_2026(code: str) -> None:
    new = catalogues.to_2026(pd.Series([code]))[0]
    moved = {"0504": "", "0506": "01069", "0507": "01070", "0508": "01071"}
    assert new == moved.get(code, f"{code[:2]}0{code[2:]}")


def test_that_classes_moved_to_2026_keep_their_meaning() -> None:
    old, new = catalogues.load("2013"), catalogues.load("2026")
    codes = old.components.query("name != ''")["code"]
    renamed = {
        name: new.name_of(after)
        for name, after in zip(codes.map(old.name_of), catalogues.to_2026(codes), strict=True)
        if after and new.name_of(after) != name
    }
    assert renamed == {
        "上水井盖": "供水井盖", "监控电子眼": "监控电子眼设施", "充电站（桩）": "充电桩", "公交站亭": "公交站设施",
        "交通标志牌": "交通标志牌及标线", "限高架（杆）": "限高架标志",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [("0110", "06010"), ("0201", "07001"), ("0406", "09006"), ("0507", "10001"), ("0508", "10002"), ("0602", "09013"),
     ("0501", ""), ("0505", ""), ("0131", ""), ("0407", "")],
)  # fmt: skip
def test_that_events_moved_to_their_matters(old: str, new: str) -> None:
    assert catalogues.to_2026(pd.Series([old]), "event")[0] == new


def test_that_own_and_unknown_codes_have_no_successor() -> None:
    codes = pd.Series(["0199", "0116", "9999", ""], index=[5, 6, 7, 8])
    moved = catalogues.to_2026(codes)
    assert moved.tolist() == ["", "", "", ""]
    assert moved.index.tolist() == [5, 6, 7, 8]


def test_that_a_city_fills_empty_slots(shared: Path) -> None:
    own = catalogues.read_extensions(shared / "data" / "dongcheng_like" / "city_extension.csv")
    catalogue = catalogues.load("2013", own)
    assert catalogue.name_of("0203") == "停车计费设备"
    assert catalogue.code_of("停车咪表") == "0203"
    filled = catalogue.components.set_index("code").loc["0205"]
    assert (filled["confidence"], bool(filled["checked"]), bool(filled["is_extension"])) == (
        "city",
        True,
        False,
    )
    assert len(catalogue.components) == 121
    assert len(catalogue.codes) == 102
    assert len(catalogues.load("2013").codes) == 100  # the national list stays as it is


def test_that_a_city_may_have_seven_majors_and_120_minors() -> None:
    own = table(
        *(
            ("2007", "component", "21", f"{n:02d}", f"21{n:02d}", f"自定义部件{n}", "point", "B")
            for n in range(1, 36)
        )
    )
    catalogue = catalogues.load("2007", own)
    assert len(catalogue.codes) == 120
    assert catalogue.majors["major_code"].tolist() == ["01", "02", "03", "04", "05", "06", "21"]
    assert catalogue.majors["name"].iloc[-1] == "扩展部件"
    assert catalogue.components["is_extension"].sum() == 35


def test_that_a_city_may_have_six_majors_and_97_minors() -> None:
    own = table(
        *(
            ("2007", "component", "01", f"{99 - n:02d}", f"01{99 - n:02d}", f"自定义部件{n}", "point", "")
            for n in range(12)
        )
    )
    catalogue = catalogues.load("2007", own)
    assert (len(catalogue.majors), len(catalogue.codes)) == (6, 97)


def test_that_a_city_names_a_major_of_its_own() -> None:
    own = table(("2013", "component", "07", "01", "0701", "智慧灯", "point", "A")).assign(
        major_name="智慧设施"
    )
    assert catalogues.load("2013", own).majors["name"].iloc[-1] == "智慧设施"
    unnamed = catalogues.load("2013", own.drop(columns="major_name"))
    assert unnamed.majors["name"].iloc[-1] == "自定义大类 07"


def test_that_events_without_a_known_number_can_be_given_one() -> None:
    own = table(
        ("2013", "event", "05", "09", "0509", "某突发事件", "", ""),
        ("2013", "event", "01", "99", "0199", "自定义", "", ""),
    )
    events = catalogues.load("2013", own).events.set_index("code")
    assert not events.loc["0509", "is_extension"]
    assert events.loc["0199", "is_extension"]


def test_that_rows_of_other_editions_are_left_aside() -> None:
    own = table(("2013", "component", "01", "99", "0199", "爱心驿站", "point", "B"))
    assert len(catalogues.load("2026", own).codes) == 153
    assert len(catalogues.load("2013", own).codes) == 101


def test_that_chinese_words_for_kind_and_geometry_are_read() -> None:
    own = table(("GB/T 47678.5-2026", "部件", "01", "999", "01999", "爱心驿站（自定义）", "面", "b"))
    row = catalogues.load("2026", own).components.set_index("code").loc["01999"]
    assert (row["geometry"], row["accuracy"], bool(row["is_extension"])) == ("area", "B", True)


WRONG = [
    (("2013", "component", "01", "01", "0101", "我的井盖", "point", "A"), "code"),
    (("2013", "component", "01", "99", "0199", "路灯", "point", "A"), "name"),
    (("2026", "component", "01", "079", "01079", "爱心驿站", "point", "A"), "minor_code"),
    (("2099", "component", "01", "99", "0199", "爱心驿站", "point", "A"), "standard"),
    (("2013", "thing", "01", "99", "0199", "爱心驿站", "point", "A"), "kind"),
    (("2013", "component", "1", "99", "199", "爱心驿站", "point", "A"), "major_code"),
    (("2013", "component", "01", "099", "01099", "爱心驿站", "point", "A"), "minor_code"),
    (("2013", "component", "01", "99", "0198", "爱心驿站", "point", "A"), "code"),
    (("2013", "component", "01", "99", "0199", "", "point", "A"), "name"),
    (("2013", "component", "01", "99", "0199", "长" * 31, "point", "A"), "name"),
    (("2013", "component", "01", "99", "0199", "爱心驿站", "cube", "A"), "geometry"),
    (("2013", "component", "01", "99", "0199", "爱心驿站", "point", "D"), "accuracy"),
]


@pytest.mark.parametrize(("row", "field"), WRONG)
def test_that_a_wrong_row_is_refused_with_its_place(tmp_path: Path, row: tuple[str, ...], field: str) -> None:
    good = ("2013", "component", "01", "98", "0198", "好", "point", "A")
    path = written(tmp_path, good, row)
    with pytest.raises(Refused) as refused:
        catalogues.read_extensions(path)
    error = refused.value
    assert (error.file, error.row, error.field) == (str(path), 3, field)
    assert error.remedy
    for lang in texts.LANGUAGES:
        message, remedy = texts.explain(lang, error)
        assert "{" not in message + remedy
    assert texts.translated("zh_CN", error.template) != error.template
    assert texts.translated("zh_CN", error.remedy) != error.remedy


def test_that_every_wrong_row_is_listed(tmp_path: Path) -> None:
    path = written(tmp_path, *(row for row, _ in WRONG[3:6]))
    with pytest.raises(Refused) as refused:
        catalogues.read_extensions(path)
    assert (refused.value.detail or "").count("\n") == 2


@pytest.mark.parametrize("second", [("0199", "另一个"), ("0198", "爱心驿站")])
def test_that_a_code_or_name_given_twice_is_refused(tmp_path: Path, second: tuple[str, str]) -> None:
    code, name = second
    path = written(
        tmp_path,
        ("2013", "component", "01", "99", "0199", "爱心驿站", "point", "A"),
        ("2013", "component", "01", code[2:], code, name, "point", "A"),
    )
    with pytest.raises(Refused) as refused:
        catalogues.read_extensions(path)
    assert refused.value.row == 3
    assert texts.translated("zh_CN", refused.value.template) != refused.value.template


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00rubbish", b"a,b\n1,2\n", b'standard\n"open'])
def test_that_a_file_that_is_no_such_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        catalogues.read_extensions(path)
    assert refused.value.file == str(path)
    assert refused.value.remedy


def test_that_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not exist"):
        catalogues.read_extensions(tmp_path / "none.csv")


def test_that_an_unknown_edition_is_refused() -> None:
    with pytest.raises(Refused, match="2005"):
        catalogues.load("2005")


def test_that_what_was_read_can_be_stored_and_loaded_again(tmp_path: Path) -> None:
    path = written(tmp_path, ("2013", "部件", "01", "99", "0199", "爱心驿站", "", ""))
    own = catalogues.read_extensions(path)
    assert list(own.columns) == list(catalogues.EXTENSION_COLUMNS)
    assert catalogues.load("2013", own).components.equals(catalogues.load("2013", own.copy()).components)


def test_that_the_national_lists_cannot_be_spoilt_by_a_caller() -> None:
    spoilt = catalogues.load("2026").components
    spoilt["name"] = "spoilt"
    assert catalogues.load("2026").name_of("01001") == "供水井盖"
    assert catalogues.load("2026").components["name"].iloc[0] == "供水井盖"


@pytest.mark.parametrize(
    ("column", "value"),
    [("name", ""), ("name", "污水井盖"), ("code", "01002"), ("confidence", "certain"), ("major_code", "02")],
)
def test_that_a_broken_list_of_ours_is_noticed(column: str, value: str) -> None:
    frame = pd.read_csv(FOLDER / "components_2026.csv", dtype=str, keep_default_na=False)
    frame.loc[0, column] = value
    assert list(_count_faults(frame, edition("2026"), "component"))


def test_that_a_broken_list_of_ours_is_our_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.read_csv(FOLDER / "components_2026.csv", dtype=str, keep_default_na=False)
    frame.iloc[1:].to_csv(tmp_path / "components_2026.csv", index=False)
    monkeypatch.setattr(national, "FOLDER", tmp_path)
    with pytest.raises(Defect, match=r"components_2026\.csv"):
        national.national_classes.__wrapped__("2026", "component")
