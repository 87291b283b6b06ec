"""Tables with coordinates: the row numbers are those a spreadsheet shows."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from census import ReadOptions, check, read
from census.reading.tables import SourceTable
from kernel.errors import Refused
from tests.census.survey_files import X0, Y0, city, found

HEAD = "编码,名称,经度,纬度\n"


def table(path: Path, text: str, encoding: str = "utf-8", **options: str) -> SourceTable:
    path.write_bytes(text.encode(encoding))
    return read([path], ReadOptions(**options)).tables[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_that_a_table_is_read_in_the_usual_encodings_and_marks(
    tmp_path: Path, encoding: str, mark: str
) -> None:
    text = (HEAD + "A1,路灯,116.4,39.9\nA2,井盖,116.5,40.0\n").replace(",", mark)
    read_ = table(tmp_path / "a.csv", text, encoding)
    assert read_.columns["名称"].to_pylist() == ["路灯", "井盖"]
    assert (read_.x.tolist(), read_.y.tolist()) == ([116.4, 116.5], [39.9, 40.0])
    assert read_.lonlat_fields


def test_that_rows_keep_their_sheet_numbers_past_blank_lines_and_quoted_breaks(tmp_path: Path) -> None:
    text = '测绘成果表,,,\n编码,名称,经度,纬度\nA,路灯,116.4,39.9\n\n,,,\nB,"两\n行",116.5,39.9\n'
    read_ = table(tmp_path / "a.csv", text)
    assert read_.rows.tolist() == [3, 6]
    assert read_.records.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("names", "lonlat"),
    [
        ("x,y", False),
        ("坐标X,坐标Y", False),
        ("lon,lat", True),
        ("Longitude,Latitude", True),
        ("经度,纬度", True),
    ],
)
def test_that_coordinate_columns_go_by_many_names(tmp_path: Path, names: str, lonlat: bool) -> None:
    read_ = table(tmp_path / "a.csv", f"id,{names}\n1,116.4,39.9\n")
    assert (read_.x[0], read_.y[0], read_.lonlat_fields) == (116.4, 39.9, lonlat)


def test_that_a_table_without_coordinates_is_refused_with_the_names_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no columns with coordinates") as refused:
        table(tmp_path / "a.csv", "a,b\n1,2\n")
    assert "经度" in refused.value.remedy


def test_that_a_binary_file_called_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x00\x01\x02" * 50)
    with pytest.raises(Refused, match="not a table of text"):
        read([tmp_path / "a.csv"])


def test_that_coordinates_that_are_no_place_are_quarantined_with_the_sheet_row(tmp_path: Path) -> None:
    path = tmp_path / "0137_路灯.csv"
    path.write_bytes("编码,经度,纬度\nA,nan,inf\nB,,\nC,181,91\nD,一百,39\nE,116.4,39.9\n".encode("gbk"))
    draft = check(read([path]), city(cells=False))
    assert (draft.read, len(draft.components), len(draft.quarantined)) == (5, 1, 4)
    assert found(draft.findings, severity="error") == {
        ("bad_coordinate", 2): "nan, inf",
        ("null_geometry", 3): "",
        ("bad_coordinate", 4): "181, 91",
        ("bad_coordinate", 5): "一百, 39",
    }


def test_that_a_line_with_too_many_cells_is_a_warning_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "0137_路灯.csv"
    path.write_text("编码,经度,纬度\nA,116.4,39.9\nB,116.41,39.9,多,余\n", encoding="utf-8")
    draft = check(read([path]), city(cells=False))
    assert found(draft.findings, severity="warning") == {("bad_line", 3): "5"}
    assert len(draft.components) == 2


def workbook(path: Path, hidden: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "路灯"
    sheet.append(["部件普查成果"])
    sheet.append(["部件标识码", "部件名称", "X坐标", "Y坐标", "初始时间", "部件状态"])
    sheet.append(["1101010137000001", "路灯", X0 + 10, Y0 + 10, date(2024, 5, 6), "完好"])
    sheet.append(["1101010137000002", "路灯", X0 + 20, Y0 + 10, datetime(2024, 5, 7, 8, 30), "完好"])
    sheet.append([1101010137000003, "路灯", X0 + 30, Y0 + 10, "2024-05-08", "损坏"])
    other = book.create_sheet("旧表")
    other.append(["部件标识码", "X坐标", "Y坐标"])
    other.append(["1101010137000009", X0, Y0])
    if hidden:
        other.sheet_state = "hidden"
    book.create_sheet("说明").append(["没有坐标"])
    book.save(path)
    return path


def test_that_a_workbook_gives_its_sheets_with_coordinates(tmp_path: Path) -> None:
    reading = read([workbook(tmp_path / "a.xlsx")])
    assert [(table.layer, len(table)) for table in reading.tables] == [("路灯", 3), ("旧表", 1)]
    first = reading.tables[0]
    assert first.rows.tolist() == [3, 4, 5]
    assert first.columns["初始时间"].to_pylist() == ["2024-05-06", "2024-05-07 08:30:00", "2024-05-08"]
    assert first.columns["部件标识码"].to_pylist()[2] == "1101010137000003"


def test_that_hidden_sheets_are_left_out_and_named(tmp_path: Path) -> None:
    reading = read([workbook(tmp_path / "a.xlsx", hidden=True)])
    assert [table.layer for table in reading.tables] == ["路灯"]
    assert [(note.rule, note.value) for note in reading.tables[0].notes] == [("hidden_sheet", "旧表")]


def test_that_a_workbook_becomes_components_with_findings_in_sheet_rows(tmp_path: Path) -> None:
    draft = check(read([workbook(tmp_path / "a.xlsx", hidden=True)]), city())
    assert draft.standard == "2013"
    assert draft.components["code"].tolist() == [f"110101013700000{k}" for k in (1, 2, 3)]
    assert draft.components["initial_date"].tolist() == ["2024-05-06", "2024-05-07", "2024-05-08"]
    assert found(draft.findings, severity="warning") == {("wrong_state", 5): "损坏 → 破损"}
    assert draft.components["state"].tolist() == ["完好", "完好", "破损"]


def test_that_a_formula_without_its_value_is_named_with_the_way_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["部件标识码", "部件名称", "X坐标", "Y坐标"])
    sheet.append(["1101010137000001", "路灯", X0 + 10, Y0 + 10])
    sheet.append(["1101010137000002", "路灯", "=C2+10", "=D2"])
    book.save(tmp_path / "a.xlsx")
    draft = check(read([tmp_path / "a.xlsx"]), city())
    assert found(draft.findings, severity="error") == {("formula_without_value", 3): "X坐标, Y坐标"}
    remedy = draft.findings.loc[draft.findings["code"] == "formula_without_value", "remedy"].iloc[0]
    assert "save it again" in remedy
    assert (draft.read, len(draft.components), draft.quarantined["row"].tolist()) == (2, 1, [3])


def test_that_headings_over_two_lines_are_put_together(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["坐标", None, "标识码", "部件名称", "权属单位", None])
    sheet.append(["经度", "纬度", None, None, "名称", "代码"])
    for block in ("A1:B1", "C1:C2", "D1:D2", "E1:F1"):
        sheet.merge_cells(block)
    sheet.append([116.4, 39.9, "1101010137000001", "路灯", "路灯中心", "111101017000000600"])
    book.save(tmp_path / "a.xlsx")
    names = list(read([tmp_path / "a.xlsx"]).tables[0].columns)
    assert names == ["经度", "纬度", "标识码", "部件名称", "权属单位名称", "权属单位代码"]


def test_that_a_merged_cell_holds_its_text_in_each_row_and_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["标识码", "主管部门", "经度", "纬度"])
    for number in range(3):
        sheet.append([str(number), "路灯中心" if number == 0 else None, 116.4, 39.9])
    sheet.merge_cells("B2:B4")
    book.save(tmp_path / "a.xlsx")
    read_ = read([tmp_path / "a.xlsx"]).tables[0]
    assert read_.columns["主管部门"].to_pylist() == ["路灯中心"] * 3
    assert [(note.rule, note.value) for note in read_.notes] == [("merged_cells", "2")]


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("116°23'30\"E", 116.391666667),
        ("116°23′30″", 116.391666667),
        ("116度23.5分", 116.391666667),
        ("１１６．４", 116.4),
        ("33°51′S", -33.85),
    ],
)
def test_that_degrees_and_minutes_are_read(tmp_path: Path, text: str, degrees: float) -> None:
    quoted = text.replace('"', '""')
    read_ = table(tmp_path / "a.csv", f'编码,经度,纬度\nA,"{quoted}",39.9\n')
    assert read_.x[0] == pytest.approx(degrees)


def test_that_a_workbook_that_unpacks_to_far_too_much_stays_packed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as out:
        with out.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(bytes(2**20))
    with pytest.raises(Refused, match="would unpack to 300 MB"):
        read([tmp_path / "a.xlsx"])


def with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook at `path` with one of its parts changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {each: packed.read(each) for each in packed.namelist()}
    with zipfile.ZipFile(path, "w") as out:
        for each, content in parts.items():
            out.writestr(each, change(content) if each == name else content)
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[: len(xml) * 2 // 3],
        lambda xml: xml.replace(b"</row>", b"</rwo>", 1),
        lambda xml: xml.replace(b"<v>", b"<v>x"),
        lambda xml: b"",
    ],
)
def test_that_a_workbook_with_a_broken_sheet_is_refused_by_name(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = with_part(workbook(tmp_path / "a.xlsx"), "xl/worksheets/sheet1.xml", change)
    with pytest.raises(Refused, match=r"a\.xlsx cannot be read as a workbook"):
        read([path])
    table(tmp_path / "b.csv", HEAD + "A1,路灯,116.4,39.9\n")
    reading = read([path, tmp_path / "b.csv"])
    assert len(reading.tables) == 1 and len(reading.unread) == 1
