"""Facilities from lists of every form into the register, through the command line, and out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest

from actions.facilities.edit_facility import EditFacility, edit_facility
from actions.facilities.export_facilities import ExportFacilities, export_facilities
from actions.facilities.import_facilities import ImportFacilities, import_facilities
from actions.facilities.list_facilities import (
    CountFacilities,
    ListFacilities,
    count_facilities,
    list_facilities,
)
from actions.facilities.log_work import ImportLog, LogWork, import_log, log_work
from cli.app import Desktop, run
from data import store as stores
from data.store import Store
from gis.crs import to_degrees
from kernel.errors import Conflict, Refused, WrongUsage
from tests.data.small_city import CRS, SOUTH, WEST, cells, communities, components, draft

HEAD = "设施类型,名称,经度,纬度,运行状态,容量\n"


def clock() -> datetime:
    return datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "city.wangrid"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with stores.create(place, "2013", CRS) as made:
        made.set_setting("self_approval", "1")
        made.replace_grid(cells(), communities=communities())
        yield made


def degrees(x: float, y: float) -> str:
    lon, lat = to_degrees([x], [y], CRS)
    return f"{lon[0]:.7f},{lat[0]:.7f}"


def csv(path: Path, *rows: str, head: str = HEAD, encoding: str = "gb18030") -> Path:
    path.write_text(head + "".join(row + "\n" for row in rows), encoding=encoding)
    return path


def test_that_a_gbk_list_in_degrees_is_registered(store: Store, tmp_path: Path) -> None:
    file = csv(tmp_path / "设施.csv", f"公厕,东口公厕,{degrees(WEST + 50, SOUTH + 50)},,12",
               f"垃圾中转站,南站,{degrees(WEST + 350, SOUTH + 50)},维修,80")  # fmt: skip
    done = import_facilities(store, ImportFacilities(file), clock=clock)
    assert (done.read, done.accepted, done.new, done.findings) == (2, 2, 2, {})
    back = list_facilities(store, ListFacilities(), clock=clock).facilities
    assert back["kind"].tolist() == ["water_toilet", "transfer_station"] and back["state"].tolist() == [
        "运行",
        "检修",
    ]
    assert (
        back["x"].round(1).tolist() == [WEST + 50, WEST + 350]
        and back["registered"].tolist() == ["2026-11-21"] * 2
    )
    again = import_facilities(store, ImportFacilities(file), clock=clock)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2), "the second delivery recognises them"


def test_that_refused_rows_are_told_with_the_files_own_row(store: Store, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", f"公厕,好的,{degrees(WEST + 50, SOUTH + 50)},,", "飞机场,不是,116.4,39.9,,",
               f"公厕,,{degrees(WEST + 50, SOUTH + 50)},,", f"公厕,坏数,{degrees(WEST + 50, SOUTH + 50)},,十二",
               "公厕,无处,,,,", f"公厕,坏态,{degrees(WEST + 50, SOUTH + 50)},飞行,")  # fmt: skip
    done = import_facilities(store, ImportFacilities(file), clock=clock)
    assert (done.read, done.accepted, done.quarantined) == (6, 1, 5)
    errors = done.details[done.details["severity"] == "error"]
    assert dict(zip(errors["row"], errors["code"], strict=True)) == {
        3: "F1",
        4: "F13",
        5: "F6",
        6: "F3",
        7: "F5",
    }
    assert set(done.details["file"]) == {str(file)} and errors["remedy"].all()


def test_that_a_dry_run_changes_nothing(store: Store, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", f"公厕,好的,{degrees(WEST + 50, SOUTH + 50)},,")
    done = import_facilities(store, ImportFacilities(file, dry_run=True), clock=clock)
    assert done.accepted == 1 and done.new == 0 and len(store.load_facilities()) == 0


def test_that_a_facility_takes_the_place_of_the_component_it_is(store: Store, tmp_path: Path) -> None:
    toilet = components(1, class_code="0301", name="公共厕所")
    store.commit_census(draft(toilet))
    code = str(toilet["code"].iloc[0])
    file = csv(
        tmp_path / "a.csv", f"公厕,东口公厕,{code}", f"垃圾箱,桶,{code}", head="设施类型,名称,部件编码\n"
    )
    done = import_facilities(store, ImportFacilities(file), clock=clock)
    assert (done.new, done.findings) == (1, {"F8": 1, "F11": 1})
    back = store.load_facilities()
    assert back["x"].tolist() == toilet["x"].tolist() and back["component_code"].tolist() == [code]


@pytest.mark.parametrize("ending", ["xlsx", "gpkg", "csv", "geojson", "parquet"])
def test_that_an_exported_register_is_taken_back_unchanged(store: Store, tmp_path: Path, ending: str) -> None:
    values = {"kind": "公厕", "name": "=东口", "x": str(WEST + 50), "y": str(SOUTH + 50), "capacity": "12", "hours": "全天",
              "operator": "一队", "opened": "2024-05-01", "interval_days": "10", "note": "+备注"}  # fmt: skip
    edit_facility(store, EditFacility(values, register=True), clock=clock)
    out = tmp_path / f"out.{ending}"
    assert export_facilities(store, ExportFacilities(out), clock=clock).rows == 1
    done = import_facilities(store, ImportFacilities(out), clock=clock)
    assert (done.unchanged, done.changed, done.findings) == (1, 0, {})


def test_that_the_workbook_has_the_log_and_takes_it_back(store: Store, tmp_path: Path) -> None:
    edit_facility(store, EditFacility(values("东口"), register=True), clock=clock)
    log_work(store, LogWork("SC-00001", "maintenance", "换阀", "李工", "1,200.5", "2026-11-01"), clock=clock)
    out = tmp_path / "out.xlsx"
    export_facilities(store, ExportFacilities(out), clock=clock)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["环卫设施", "维护记录"]
    assert [cell.value for cell in book["维护记录"][2]] == [
        "SC-00001",
        "2026-11-01",
        "维护",
        "换阀",
        "李工",
        1200.5,
        None,
        None,
    ]
    del book["环卫设施"]
    book.save(tmp_path / "log.xlsx")
    assert import_log(store, ImportLog(tmp_path / "log.xlsx"), clock=clock).accepted == 1
    assert len(store.load_facility_log()) == 1, "what the log has is not entered again"


def values(name: str, x: float = WEST + 50, kind: str = "公厕") -> dict[str, str]:
    return {"kind": kind, "name": name, "x": str(x), "y": str(SOUTH + 50)}


def test_that_overdue_facilities_are_listed_and_counted_by_community(store: Store) -> None:
    for name, x in (("一", WEST + 50), ("二", WEST + 350), ("三", WEST + 351)):
        edit_facility(
            store, EditFacility(values(name, x) | {"opened": "2026-01-01"}, register=True), clock=clock
        )
    log_work(store, LogWork("SC-00002", "maintenance", "保养", day="2026-11-20"), clock=clock)
    listed = list_facilities(store, ListFacilities(overdue=True), clock=clock)
    assert listed.facilities["code"].tolist() == ["SC-00001", "SC-00003"] and listed.overdue == 2
    rows = count_facilities(store, CountFacilities("community"), clock=clock).rows
    assert rows[["name", "total", "overdue"]].to_numpy().tolist() == [
        ["银杏社区", 1, 1],
        ["槐树里社区", 2, 1],
    ]
    assert list_facilities(store, ListFacilities(area="110101001002"), clock=clock).rows == 2
    assert list_facilities(store, ListFacilities(find="三"), clock=clock).rows == 1
    for wrong in (ListFacilities(kind="飞机"), ListFacilities(state="飞")):
        with pytest.raises(WrongUsage):
            list_facilities(store, wrong, clock=clock)


def test_that_an_edit_empties_what_is_given_empty_and_keeps_the_rest(store: Store) -> None:
    edit_facility(
        store, EditFacility(values("一") | {"note": "旧", "hours": "全天"}, register=True), clock=clock
    )
    seen = store.load_facilities()
    done = edit_facility(
        store, EditFacility({"note": "", "capacity": "9"}, "SC-00001", seen=seen), clock=clock
    )
    assert done.deed == "changed"
    row = store.load_facilities().iloc[0]
    assert (row["note"], row["hours"], row["capacity"], row["name"]) == ("", "全天", 9.0, "一")
    with pytest.raises(Conflict):
        edit_facility(store, EditFacility({"note": "新"}, "SC-00001", seen=seen), clock=clock)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [(EditFacility({"kind": "飞机", "name": "x"}, register=True), Refused), (EditFacility({"colour": "red"}, "SC-00001"), WrongUsage),
     (EditFacility({"note": "x"}, "SC-9"), Refused), (EditFacility(values("一"), "SC-00001", register=True), Refused),
     (EditFacility(values("一"), register=True), Refused), (EditFacility({"capacity": "-3"}, "SC-00001"), Refused),
     (EditFacility({"opened": "昨天"}, "SC-00001"), Refused), (EditFacility({"component_code": "0000"}, "SC-00001"), Refused)],
)  # fmt: skip
def test_that_an_edit_that_cannot_be_changes_nothing(
    store: Store, wanted: EditFacility, error: type[Exception]
) -> None:
    edit_facility(store, EditFacility(values("一"), register=True), clock=clock)
    before = store.load_facilities()
    with pytest.raises(error):
        edit_facility(store, wanted, clock=clock)
    assert store.load_facilities().equals(before)


@pytest.mark.parametrize(
    "wanted",
    [LogWork("SC-9", "repair", "x"), LogWork("SC-00001", "dancing", "x"), LogWork("SC-00001", "repair"),
     LogWork("SC-00001", "repair", "x", cost="-1"), LogWork("SC-00001", "repair", "x", day="2026-11-22"),
     LogWork("SC-00001", "repair", "x", day="13月"), LogWork("SC-00001", "state", new_state="飞")],
)  # fmt: skip
def test_that_a_wrong_entry_is_refused(store: Store, wanted: LogWork) -> None:
    edit_facility(store, EditFacility(values("一"), register=True), clock=clock)
    with pytest.raises(Refused):
        log_work(store, wanted, clock=clock)
    assert len(store.load_facility_log()) == 0


def test_that_layers_in_another_plane_come_in_place(store: Store, tmp_path: Path) -> None:
    lon, lat = to_degrees([WEST + 50], [SOUTH + 50], CRS)
    frame = gpd.GeoDataFrame(
        {"类型": ["果皮箱"], "名称": ["桶"]}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )
    frame.to_file(tmp_path / "桶.shp", encoding="GBK")
    assert import_facilities(store, ImportFacilities(tmp_path / "桶.shp"), clock=clock).findings == {}
    assert store.load_facilities()["x"].round(2).tolist() == [WEST + 50]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02" * 50, "甲,乙\n1,2\n".encode(), '设施类型,名称\n"公厕,x\n'.encode()]
)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "gpkg"])
def test_that_a_file_that_is_no_list_is_refused(
    store: Store, tmp_path: Path, content: bytes, ending: str
) -> None:
    file = tmp_path / f"a.{ending}"
    file.write_bytes(content)
    with pytest.raises(Refused):
        import_facilities(store, ImportFacilities(file), clock=clock)
    assert len(store.load_facilities()) == 0


def call(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run(["--store", str(place), "--json", "--as", "王工", *words], Desktop(*[lambda *_, **__: 0] * 3))
    return code, json.loads(capsys.readouterr().out)


def test_that_the_command_line_keeps_a_register(
    store: Store, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"--set={name}={text}" for name, text in values("东口").items() if name != "kind"]
    code, done = call(place, capsys, "facility", "add", "--kind", "公厕", *words)
    assert (code, done["code"], done["deed"]) == (0, "SC-00001", "new")
    assert call(place, capsys, "facility", "edit", "SC-00001", "--set", "hours=全天")[1]["deed"] == "changed"
    code, done = call(
        place, capsys, "facility", "log", "SC-00001", "--what", "换阀", "--cost", "30", "--on", "2020-01-02"
    )
    assert done == {"code": "SC-00001", "entry": 1, "state": "运行"}
    assert call(place, capsys, "facility", "list", "--overdue")[1]["overdue"] == 1
    assert call(place, capsys, "facility", "state", "SC-00001", "检修", "--why", "漏水")[1]["state"] == "检修"
    assert call(place, capsys, "facility", "log-withdraw", "1")[0] == 0
    code, shown = call(place, capsys, "facility", "show", "SC-00001")
    assert shown["facility"]["hours"] == "全天" and [row["withdrawn_by"] for row in shown["log"]] == [
        "王工",
        "",
    ]
    assert {row["deed"] for row in shown["history"]} == {"registered", "changed", "logged", "withdrawn"}
    assert call(place, capsys, "facility", "counts", "--by", "kind")[1]["total"] == 1
    code, refused = call(place, capsys, "facility", "delete", "SC-00001")
    assert code == 3 and refused["error"]["remedy"]
    assert call(place, capsys, "facility", "delete", "SC-00001", "--yes")[0] == 0
    assert call(place, capsys, "facility", "show", "SC-00001")[1]["facility"]["deleted"] is True
    assert call(place, capsys, "facility", "show", "nobody")[0] == 3
    assert call(place, capsys, "facility", "counts", "--by", "colour")[0] == 2
    assert call(place, capsys, "facility", "log-withdraw", "9" * 20)[0] == 2
    code, refused = call(place, capsys, "facility", "add", "--kind", "公厕", "--set", "x=abc")
    assert code == 3 and "abc" in refused["error"]["message"], (
        "what cannot be read is told before what follows from it"
    )
    assert call(place, capsys, "facility", "edit", "SC-00001", "--set", "hours")[0] == 2
