"""Each rule finds its fault in the surveyor's own row, and says nothing about sound rows."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from census import CheckOptions, Draft, check, read
from census.rules.attributes import is_credit_code, is_spoilt
from census.rules.findings import worded
from census.rules.rules_table import SEVERITIES, load_rules
from census.values import is_nothing, known_value
from gis.frames import COMPONENT_COLUMNS, FINDING_COLUMNS
from kernel.errors import Refused
from tests.census.survey_files import CRS, X0, Y0, about_files, city, found, lamp, places, write_survey

QUIET = {"no_departments", "missing_fields", "no_cells"}
SOUND = 20


def drafted(tmp_path: Path, points: list | None = None, cells: bool = True, **faulty: str) -> Draft:
    """A survey of sound lamps whose fifth row has the fields `faulty`."""
    rows = [lamp(k) for k in range(1, SOUND + 1)]
    rows[4] |= faulty
    return check(read([write_survey(tmp_path, rows, points or places(SOUND))]), city(cells=cells))


VALUES = [
    ("标识码", "110101013700000", "error", {"bad_code_form"}),
    ("标识码", "11010101370000055", "error", {"bad_code_form"}),
    ("标识码", "110101013700O005", "error", {"bad_code_form"}),
    ("标识码", "", "error", {"bad_code_form"}),
    ("标识码", "1101010199000005", "error", {"unknown_class", "class_name_mismatch"}),
    ("标识码", "1101020137000005", "error", {"county_mismatch"}),
    ("部件名称", "未知设施", "error", {"unknown_class", "class_name_mismatch"}),
    ("部件名称", "污水井盖", "error", {"class_name_mismatch"}),
    ("主管部门", "", "error", {"missing_owner"}),
    ("主管部门", "不详", "error", {"missing_owner"}),
    ("主管部门", "　", "error", {"missing_owner"}),
    ("主管代码", "11110101700000060", "error", {"bad_department_code"}),
    ("主管代码", "111101017000000601", "error", {"bad_department_code"}),
    ("部件状态", "坏掉了", "error", {"wrong_state"}),
    ("部件状态", "", "error", {"wrong_state"}),
    ("部件状态", "损坏", "warning", {"wrong_state"}),
    ("部件状态", "完 好。", "warning", {"wrong_state"}),
    ("初始时间", "2023-02-30", "error", {"bad_date"}),
    ("初始时间", "1899-12-30", "error", {"bad_date"}),
    ("初始时间", "", "error", {"bad_date"}),
    ("初始时间", "12/31/24", "error", {"bad_date"}),
    ("初始时间", "20240506", "warning", {"bad_date"}),
    ("初始时间", "2024-5-6", "warning", {"bad_date"}),
    ("初始时间", "2024年5月6日"[:9], "error", {"bad_date"}),
    ("初始时间", "45123", "warning", {"bad_date"}),
    ("初始时间", "2031-01-01", "error", {"future_date"}),
    ("变更时间", "2019-01-01", "error", {"change_before_initial"}),
    ("定位精度", "D", "error", {"bad_accuracy"}),
    ("定位精度", "0.5", "warning", {"bad_accuracy"}),
    ("所在网格", "11010100100100", "error", {"bad_cell_form"}),
    ("所在网格", "110101001001999", "error", {"unknown_cell"}),
    ("所在网格", "110101001001002", "error", {"point_outside_cell"}),
    ("备注", "锟斤拷锟斤拷", "warning", {"mojibake_text"}),
    ("备注", "????", "warning", {"mojibake_text"}),
    ("备注", "鍚堟垚琛楅亾", "warning", {"mojibake_text"}),
]


@pytest.mark.parametrize(("field", "value", "severity", "codes"), VALUES)
def test_that_a_wrong_value_is_found_in_its_row_and_nowhere_else(
    tmp_path: Path, field: str, value: str, severity: str, codes: set[str]
) -> None:
    draft = drafted(tmp_path, **{field: value})
    rows = draft.findings[draft.findings["record"] >= 0]
    assert set(rows["code"]) == codes
    assert set(rows["row"]) == {5}
    assert set(rows["record"]) == {4}
    assert set(rows["severity"]) == {severity}
    assert set(rows["file"]) == {"0137_路灯.shp"}
    assert (rows["remedy"].str.len() > 5).all()
    assert len(draft.quarantined) == (severity == "error")
    assert about_files(draft.findings).keys() <= QUIET


def test_that_sound_rows_raise_nothing(tmp_path: Path) -> None:
    draft = drafted(tmp_path)
    assert set(draft.findings["code"]) <= QUIET
    assert (draft.read, len(draft.components), draft.warnings) == (SOUND, SOUND, 0)


def test_that_a_state_that_changed_needs_its_date_where_the_survey_has_such_dates(tmp_path: Path) -> None:
    rows = [lamp(k) for k in range(1, 6)]
    rows[1] |= {"部件状态": "破损", "变更时间": "2025-01-02"}
    rows[3] |= {"部件状态": "丢失"}
    draft = check(read([write_survey(tmp_path, rows, places(5))]), city())
    assert found(draft.findings) == {("change_date_missing", 4): "丢失"}


PLACES = [
    ("null", None, {"null_geometry"}),
    ("zero", (0.0, 0.0), {"zero_coordinate", "out_of_area", "point_outside_cell"}),
    ("swapped", (Y0 + 5, X0 + 5), {"swapped_xy", "out_of_area", "point_outside_cell"}),
    ("far", (X0 + 32_000, Y0 - 21_000), {"out_of_area", "point_outside_cell"}),
    ("infinite", (float("inf"), Y0), {"bad_coordinate"}),
]


@pytest.mark.parametrize(("name", "place", "codes"), PLACES, ids=[case[0] for case in PLACES])
def test_that_a_wrong_place_is_found_in_its_row(
    tmp_path: Path, name: str, place: tuple[float, float] | None, codes: set[str]
) -> None:
    points: list = places(SOUND)
    points[4] = place
    draft = drafted(tmp_path, points)
    assert set(found(draft.findings)) == {(code, 5) for code in codes}
    assert draft.quarantined["row"].tolist() == [5]


def test_that_points_at_zero_are_neither_far_away_nor_duplicates_of_one_another(tmp_path: Path) -> None:
    points: list = places(SOUND)
    points[2] = points[4] = (0.0, 0.0)
    draft = check(
        read([write_survey(tmp_path, [lamp(k) for k in range(1, SOUND + 1)], points)]), city(cells=False)
    )
    assert set(found(draft.findings, severity="error")) == {("zero_coordinate", 3), ("zero_coordinate", 5)}
    assert not {"duplicated_geometry", "near_duplicate"} & set(draft.findings["code"])


def test_that_without_a_city_a_place_far_from_the_rest_is_found(tmp_path: Path) -> None:
    points: list = places(SOUND)
    points[4] = (-X0, Y0)
    draft = drafted(tmp_path, points, cells=False)
    assert set(found(draft.findings)) == {("out_of_area", 5)}
    assert "no_cells" in about_files(draft.findings)


def test_that_a_code_that_occurs_twice_refuses_both_rows(tmp_path: Path) -> None:
    draft = drafted(tmp_path, 标识码="1101010137000009")
    assert found(draft.findings) == {
        ("duplicate_code", 5): "1101010137000009",
        ("duplicate_code", 9): "1101010137000009",
    }


def test_that_a_code_in_two_files_of_one_delivery_is_a_duplicate(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, shift in ((first, 0.0), (second, 50.0)):
        folder.mkdir()
        points = [(x, y + shift) for x, y in places(3)]
        write_survey(folder, [lamp(k) for k in (1, 2, 3)], points)
    draft = check(read([first, second]), city())
    assert (draft.findings["code"] == "duplicate_code").sum() == 6
    assert draft.label == "a/0137_路灯.shp, b/0137_路灯.shp"


@pytest.mark.parametrize(
    ("shift", "code", "value"),
    [((0.21, -0.17), "near_duplicate", "0.27 m"), ((0.0, 0.0), "duplicated_geometry", "")],
)
def test_that_two_lamps_on_one_place_warn_about_both_and_name_each_other(
    tmp_path: Path, shift: tuple[float, float], code: str, value: str
) -> None:
    points = places(SOUND)
    points[4] = (points[8][0] + shift[0], points[8][1] + shift[1])
    draft = drafted(tmp_path, points)
    said = found(draft.findings, severity="warning")
    assert set(said) == {(code, 5), (code, 9)}
    assert said[code, 5].startswith(value)
    assert said[code, 5].endswith("9")
    assert len(draft.components) == SOUND


def test_that_a_field_that_is_empty_everywhere_is_one_remark_and_refuses_nothing(tmp_path: Path) -> None:
    rows = [lamp(k, 标识码="", 部件状态="", 主管部门="", 初始时间="") for k in range(1, SOUND + 1)]
    draft = check(read([write_survey(tmp_path, rows, places(SOUND))]), city())
    assert len(draft.components) == SOUND
    assert "code" in about_files(draft.findings)["missing_fields"]
    assert found(draft.findings) == {}


def test_that_a_field_that_is_mostly_empty_is_one_remark(tmp_path: Path) -> None:
    rows = [lamp(k, 部件状态="" if k > 4 else "完好") for k in range(1, SOUND + 1)]
    draft = check(read([write_survey(tmp_path, rows, places(SOUND))]), city())
    assert about_files(draft.findings)["mostly_empty"] == "16 / 20"
    assert len(draft.components) == SOUND


def test_that_a_convention_of_the_whole_file_is_no_fault_of_each_row(tmp_path: Path) -> None:
    rows = [lamp(k, 初始时间="2024/5/6", 主管代码="3301000001") for k in range(1, SOUND + 1)]
    draft = check(read([write_survey(tmp_path, rows, places(SOUND))]), city())
    assert set(draft.components["initial_date"]) == {"2024-05-06"}
    assert {"date_form", "department_form"} <= about_files(draft.findings).keys()
    assert found(draft.findings) == {}


def test_that_the_list_of_departments_is_asked(tmp_path: Path) -> None:
    known = pd.DataFrame({"code": ["1111010170000001XL"], "name": ["示例区城市管理委员会"]}, dtype="str")
    rows = [lamp(k) for k in range(1, 4)]
    rows[0]["主管代码"] = "1111010170000001XL"
    draft = check(read([write_survey(tmp_path, rows, places(3))]), city(departments=known))
    assert set(found(draft.findings, severity="warning")) == {
        ("unknown_department", 2),
        ("unknown_department", 3),
    }
    assert "no_departments" not in about_files(draft.findings)


def areas(tmp_path: Path, shapes: list[shapely.Polygon]) -> Draft:
    codes = [f"1101010201{k:06d}" for k in range(1, len(shapes) + 1)]
    frame = gpd.GeoDataFrame({"ObjID": codes, "ObjName": "停车场"}, geometry=shapes, crs=CRS)
    frame.to_file(tmp_path / "0201_停车场_面.shp", encoding="GBK")
    return check(read([tmp_path / "0201_停车场_面.shp"]), city())


def test_that_outlines_are_checked_and_their_cell_is_that_of_a_point_inside(tmp_path: Path) -> None:
    good = shapely.box(X0 + 110, Y0 + 10, X0 + 150, Y0 + 40)
    bow = shapely.Polygon([(X0, Y0), (X0 + 9, Y0 + 9), (X0 + 9, Y0), (X0, Y0 + 9)])
    sliver = shapely.box(X0 + 20, Y0 + 20, X0 + 20.01, Y0 + 25)
    draft = areas(tmp_path, [good, bow, sliver, good.buffer(0)])
    assert set(found(draft.findings)) == {
        ("invalid_geometry", 2), ("sliver_polygon", 3), ("duplicated_geometry", 1), ("duplicated_geometry", 4),
    }  # fmt: skip
    assert draft.quarantined["row"].tolist() == [2]
    assert draft.components["cell_code"].tolist()[0] == "110101001001002"
    assert shapely.equals(draft.components["geometry"].iloc[0], good)


def test_that_areas_where_points_are_asked_are_one_warning_and_come_in(tmp_path: Path) -> None:
    boxes = [shapely.box(X0 + k, Y0, X0 + k + 0.8, Y0 + 1) for k in range(1, 60, 2)]
    gpd.GeoDataFrame(geometry=boxes, crs=CRS).to_file(tmp_path / "a.shp")
    draft = check(read([tmp_path / "a.shp"]), city(), CheckOptions(class_code="0137"))
    assert about_files(draft.findings)["geometry_type"] == "0137 路灯: area ≠ point (30)"
    assert len(draft.components) == 30


def test_that_the_class_comes_from_the_file_name_when_nothing_else_tells(tmp_path: Path) -> None:
    rows = [lamp(k, 标识码="", 部件名称="") for k in range(1, 6)]
    draft = check(read([write_survey(tmp_path, rows, places(5), name="0137_路灯_点")]), city())
    assert set(draft.components["class_code"]) == {"0137"}
    assert set(draft.components["name"]) == {"路灯"}
    assert about_files(draft.findings)["class_by_file"] == "0137 路灯"


def test_that_the_users_class_fills_what_nothing_tells_and_overrides_nothing(tmp_path: Path) -> None:
    rows = [lamp(1), lamp(2, 标识码="", 部件名称="")]
    shp = write_survey(tmp_path, rows, places(2), name="一批")
    draft = check(read([shp]), city(), CheckOptions(class_code="0402"))
    assert draft.components["class_code"].tolist() == ["0137"]
    assert draft.quarantined["finding_codes"].tolist() == ["bad_code_form"]
    draft = check(
        read([write_survey(tmp_path, rows[1:], places(1), name="一批")]),
        city(),
        CheckOptions(class_code="0402"),
    )
    assert draft.components["class_code"].tolist() == ["0402"]


@pytest.mark.parametrize(
    ("stored", "code", "standard"),
    [("2013", "1101010137000001", "2013"), ("2026", "1101010137000001", "2013"), ("2013", "11010101037000001", "2026"),
     ("2007", "", "2007")],
)  # fmt: skip
def test_that_the_edition_is_found_by_the_length_of_the_codes(
    tmp_path: Path, stored: str, code: str, standard: str
) -> None:
    draft = check(read([write_survey(tmp_path, [lamp(1, 标识码=code)], places(1))]), city(stored))
    assert draft.standard == standard
    assert ("edition_differs" in about_files(draft.findings)) == (stored != standard)


def test_that_a_mapping_decides_and_what_is_left_over_is_kept_as_json(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"灯号": ["1101010137000001"], "型号": ['LED "大"'], "空": [""]},
        geometry=shapely.points([[X0 + 1, Y0 + 1]]),
        crs=CRS,
    )
    frame.to_file(tmp_path / "a.gpkg")
    draft = check(read([tmp_path / "a.gpkg"]), city(), CheckOptions(mapping={"灯号": "code"}))
    assert draft.components["code"].tolist() == ["1101010137000001"]
    assert draft.components["extra"].tolist() == ['{"型号": "LED \\"大\\""}']
    with pytest.raises(Refused, match="no column of a component"):
        check(read([tmp_path / "a.gpkg"]), city(), CheckOptions(mapping={"灯号": "nonsense"}))


def test_that_the_draft_has_the_columns_of_the_house(tmp_path: Path) -> None:
    draft = drafted(tmp_path, 部件状态="坏掉了")
    assert tuple(draft.components.columns) == COMPONENT_COLUMNS
    assert tuple(draft.findings.columns) == FINDING_COLUMNS
    refused = draft.quarantined.iloc[0]
    assert refused["reason"] == "The state 坏掉了 is none of 完好, 破损, 丢失, 废弃, 移除."
    assert '"部件状态": "坏掉了"' in refused["raw"]
    assert shapely.from_wkb(refused["wkb"]).x == places(SOUND)[4][0]


def test_that_findings_speak_both_languages(tmp_path: Path) -> None:
    findings = drafted(tmp_path, 部件状态="坏掉了").findings
    row = findings["code"] == "wrong_state"
    assert (
        worded(findings, "zh_CN").loc[row, "message"].item()
        == "状态“坏掉了”不是完好、破损、丢失、废弃、移除之一。"
    )
    assert "坏掉了" in worded(findings, "en").loc[row, "message"].item()


def test_that_a_rule_that_is_switched_off_says_nothing(tmp_path: Path) -> None:
    from dataclasses import replace

    rules = dict(load_rules())
    rules["wrong_state"] = replace(rules["wrong_state"], enabled=False)
    rows = [lamp(k) for k in range(1, 4)]
    rows[0]["部件状态"] = "坏掉了"
    draft = check(read([write_survey(tmp_path, rows, places(3))]), city(), rules=rules)
    assert found(draft.findings) == {}
    assert len(draft.components) == 3


def test_that_the_table_of_rules_is_sound() -> None:
    for rule in load_rules().values():
        assert rule.severity in SEVERITIES
        assert rule.words
        assert rule.remedy
        assert "{" not in rule.remedy, "remedies have no places"


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_that_a_credit_code_has_exactly_one_check_character(body: str) -> None:
    assert sum(is_credit_code(body + letter) for letter in "0123456789ABCDEFGHJKLMNPQRTUWXY") == 1


@given(st.lists(st.sampled_from("路灯污水井盖人行道内侧东城区街道社区abc 123"), max_size=20).map("".join))
def test_that_honest_chinese_is_not_called_spoilt(text: str) -> None:
    assert not is_spoilt(text)


@given(
    st.lists(st.sampled_from("路灯污水井盖人行道内侧东城区街道社区"), min_size=2, max_size=12).map("".join)
)
def test_that_utf8_read_as_gbk_is_called_spoilt(text: str) -> None:
    try:
        wrong = text.encode().decode("gbk")
    except UnicodeDecodeError:
        return
    assert is_spoilt(wrong)


@pytest.mark.parametrize("text", ["", " ", "　", "无", "NULL", "不详", "n/a", "—".replace("—", "-")])
def test_that_words_for_nothing_are_nothing(text: str) -> None:
    assert is_nothing(text)


def test_that_known_values_are_folded() -> None:
    assert known_value("state", "完 好。") == "完好"
    assert known_value("state", "Damaged") == "破损"
    assert known_value("accuracy", "Ａ") == "A"
    assert known_value("state", "wanhao") is None


def test_that_a_text_cut_in_the_middle_of_a_character_is_told_and_kept_without_the_rest(
    tmp_path: Path,
) -> None:
    draft = drafted(tmp_path, 备注="x人行道内侧距路口十五米处灯杆倾斜需要扶正")
    assert found(draft.findings, severity="warning") == {
        ("text_cut", 5): "x人行道内侧距路口十五米处灯杆倾斜需要扶"
    }
    assert draft.components["note"].tolist()[4] == "x人行道内侧距路口十五米处灯杆倾斜需要扶"


def test_that_positions_are_nan_where_there_are_none(tmp_path: Path) -> None:
    points: list = places(SOUND)
    points[4] = None
    findings = drafted(tmp_path, points).findings
    assert np.isnan(findings.loc[findings["code"] == "null_geometry", ["x", "y"]].to_numpy()).all()
