"""Special surveys from the plan to the frozen result, through actions and the command line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from actions.census.field_records import Decide, approve_record, enter_record, return_record
from actions.surveys.plan_survey import PlanSurvey, plan_survey
from actions.surveys.run_survey import (
    AssignCells,
    CollectPoints,
    MarkCells,
    assign_cells,
    collect_points,
    mark_cells,
)
from actions.surveys.survey_result import (
    ExportFeedback,
    ShowSurvey,
    close_survey,
    compare_survey,
    export_feedback,
    show_survey,
)
from cli.app import Desktop, run
from data import store as stores
from data.store import Store
from kernel.errors import Refused, WrongUsage
from tests.data.small_city import CRS, SOUTH, WEST, cells, communities, components, draft

CODES = sorted(cells()["code"])


def clock() -> datetime:
    return datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "city.wangrid"


@pytest.fixture
def census() -> pd.DataFrame:
    return components(40, state="完好")


@pytest.fixture
def store(place: Path, census: pd.DataFrame) -> Iterator[Store]:
    with stores.create(place, "2013", CRS) as made:
        made.set_setting("self_approval", "1")
        made.replace_grid(cells(), communities=communities())
        made.commit_census(draft(census))
        yield made


@pytest.fixture
def running(store: Store) -> Store:
    plan_survey(store, PlanSurvey("井盖", ("0101",), ("甲", "乙")))
    return store


def points(path: Path, census: pd.DataFrame, *further: str) -> Path:
    """What was collected: each stored component where it is, the first lost, the second moved by 5 m, the third damaged."""
    rows = []
    for number, (code, x, y) in enumerate(census[["code", "x", "y"]].itertuples(index=False)):
        state = {0: "丢失", 2: "破损"}.get(number, "")
        rows.append(f"{code},{x + 5 * (number == 1):.3f},{y:.3f},{state}")
    text = "\n".join(["部件编码,x,y,状态", *rows, *further])
    path.write_text(text + "\n", encoding="gb18030")
    return path


def test_that_a_plan_covers_the_area_and_shares_the_components(store: Store) -> None:
    done = plan_survey(store, PlanSurvey("", ("上水井盖",), ("甲", "乙", "甲")))
    assert (done.survey, done.cells, done.known) == (1, 12, 40)
    assert sum(load["known"] for load in done.collectors.values()) == 40 and set(done.collectors) == {
        "甲",
        "乙",
    }
    part = plan_survey(store, PlanSurvey("西", ("0101",), ("甲",), areas=("110101001001",)))
    assert part.cells == 6 and 0 < part.known < 40
    assert set(store.load_survey(2)[0]["cell_code"]) == {
        code for code in CODES if code.startswith("110101001001")
    }


def test_that_a_drawn_area_takes_the_cells_inside(store: Store, tmp_path: Path) -> None:
    box = gpd.GeoDataFrame(geometry=[shapely.box(WEST - 9, SOUTH - 9, WEST + 210, SOUTH + 110)], crs=CRS)
    box.to_crs(4326).to_file(tmp_path / "范围.geojson")
    done = plan_survey(store, PlanSurvey("", ("0101",), ("甲",), drawn=str(tmp_path / "范围.geojson")))
    assert done.cells == 2 and store.survey(1)["area"] == "范围.geojson"


@pytest.mark.parametrize(
    ("request_", "error"),
    [(PlanSurvey("", ("9999",), ("甲",)), Refused), (PlanSurvey("", (), ("甲",)), WrongUsage), (PlanSurvey("", ("0101",), ("",)), Refused),
     (PlanSurvey("", ("0101",), ("甲",), areas=("999999999",)), Refused), (PlanSurvey("", ("0101",), ("甲",), areas=("11",)), Refused),
     (PlanSurvey("", ("0101",), ("甲",), due="明天"), WrongUsage),
     (PlanSurvey("", ("0101",), ("甲",), due="2025-W47-6"), WrongUsage), (PlanSurvey("", ("0101",), ("甲",), radius_m=float("nan")), WrongUsage),
     (PlanSurvey("", ("0101",), ("甲",), tolerance_m=-1), WrongUsage), (PlanSurvey("", ("0101",), ("甲",), drawn="/nowhere.shp"), Refused)],
)  # fmt: skip
def test_that_a_plan_that_cannot_be_is_refused(
    store: Store, request_: PlanSurvey, error: type[Exception]
) -> None:
    with pytest.raises(error):
        plan_survey(store, request_)
    assert len(store.load_surveys()) == 0


def test_that_what_was_collected_is_compared_with_the_census(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    file = points(
        tmp_path / "点.csv", census, f",{WEST + 3},{SOUTH + 3},", f",{WEST - 500},{SOUTH},", ",,,", "x,,,"
    )
    done = collect_points(running, CollectPoints(1, str(file), done=True), clock=clock)
    assert (done.read, done.accepted, done.quarantined) == (43, 41, 2)
    assert done.findings == {"S5": 1, "S1": 1} and sorted(done.details["row"]) == [43, 45]
    result = compare_survey(running, ShowSurvey(1))
    assert (
        result.outcomes["not_found"] == 1
        and result.outcomes["changed"] == 1
        and result.outcomes["moved"] == 1
    )
    assert (
        result.outcomes["confirmed"] == 37 and result.outcomes["pending"] == 0 and result.outcomes["new"] == 1
    )
    assert not result.frozen and int(result.classes["confirmed"].sum()) == 37


def test_that_progress_is_told_by_collector(running: Store, census: pd.DataFrame, tmp_path: Path) -> None:
    file = points(tmp_path / "点.csv", census)
    collect_points(running, CollectPoints(1, str(file)), clock=clock)
    mark_cells(running, MarkCells(1, of="甲", day="2026-11-20"), clock=clock)
    shown = show_survey(running, ShowSurvey(1))
    table = shown.collectors.set_index("collector")
    assert table.loc["甲", "cells_done"] == table.loc["甲", "cells"] and table.loc["乙", "cells_done"] == 0
    assert table["found"].sum() == shown.found == 40 and shown.cells_done == table.loc["甲", "cells"]
    assert shown.days["day"].tolist() == ["2026-11-20", "2026-11-21"]
    mark_cells(running, MarkCells(1, of="甲", undo=True), clock=clock)
    assert show_survey(running, ShowSurvey(1)).cells_done == 0


def test_that_cells_change_hands(running: Store) -> None:
    moved = assign_cells(running, AssignCells(1, "丙", of="乙")).cells
    assert show_survey(running, ShowSurvey(1)).collectors.set_index("collector").loc["丙", "cells"] == moved
    for wrong in (
        AssignCells(1, "丙", of="乙"),
        AssignCells(1, "丙", cells=("x",)),
        AssignCells(9, "丙", of="甲"),
    ):
        with pytest.raises(Refused):
            assign_cells(running, wrong)
    for lacking in (AssignCells(1, "丙"), AssignCells(1, " ", of="甲")):
        with pytest.raises(WrongUsage):
            assign_cells(running, lacking)
    for day in ("2027-01-01", "2025-W47-6", "昨天"):
        with pytest.raises(WrongUsage):
            mark_cells(running, MarkCells(1, of="甲", day=day), clock=clock)


def test_that_days_are_kept_in_one_form(store: Store) -> None:
    plan_survey(store, PlanSurvey("", ("0101",), ("甲",), due="2026年12月31日"))
    assert store.survey(1)["due"] == "2026-12-31"
    mark_cells(store, MarkCells(1, of="甲", day="20261120"), clock=clock)
    assert set(store.load_survey(1)[0]["done_on"]) == {"2026-11-20"}


def test_that_a_census_file_is_collected_by_the_censuss_rules(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {"部件标识码": census["code"], "部件名称": census["name"].astype(str), "状态": "完好", "主管部门名称": "主管1", "权属单位名称": "水司",
         "养护单位名称": "水司", "普查日期": "2026-11-20"},
        geometry=gpd.points_from_xy(census["x"], census["y"]), crs=CRS)  # fmt: skip
    frame.to_file(tmp_path / "井盖.shp", encoding="GBK")
    done = collect_points(running, CollectPoints(1, str(tmp_path / "井盖.shp"), census=True), clock=clock)
    assert done.read == 40 and done.accepted + done.quarantined == 40 and done.accepted > 0
    assert compare_survey(running, ShowSurvey(1)).outcomes["pending"] == 40 - done.accepted


def test_that_each_point_that_a_census_file_loses_is_told(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    rows = census.iloc[:3].assign(x=[census["x"].iloc[0], census["x"].iloc[1], WEST - 500.0])
    frame = gpd.GeoDataFrame(
        {"部件标识码": [code[:6] + sort + code[10:] for code, sort in zip(rows["code"], ("0101", "0102", "0101"), strict=True)],
         "状态": "完好", "主管部门名称": "主管1", "权属单位名称": "水司", "养护单位名称": "水司", "普查日期": "2026-11-20"},
        geometry=gpd.points_from_xy(rows["x"], rows["y"]), crs=CRS)  # fmt: skip
    file = tmp_path / "井盖.gpkg"
    frame.to_file(file)
    running.replace_grid(pd.concat([cells(), far_cell()], ignore_index=True), communities=communities())
    done = collect_points(running, CollectPoints(1, str(file), census=True), clock=clock)
    assert (done.read, done.accepted, done.quarantined) == (3, 1, 2)
    told = done.details.set_index("code")
    assert told.loc[["S2", "S5"], "row"].tolist() == [2, 3]
    assert told.loc["S2", "value"] == "0102" and told.loc["S5", "file"].endswith("井盖.gpkg")


def far_cell() -> gpd.GeoDataFrame:
    """A cell of the city that no survey has planned."""
    box = shapely.box(WEST - 600, SOUTH, WEST - 400, SOUTH + 400)
    return cells().iloc[:1].assign(code="110101001001099", geometry=[box])


def report(store: Store, **record: object) -> int:
    """A field record, put into the queue; its number."""
    return enter_record(store, {name: str(value) for name, value in record.items()}).records[0]


def test_that_field_records_count_until_they_are_returned(running: Store, census: pd.DataFrame) -> None:
    first, second, third = census["code"].iloc[:3]
    report(running, kind="removed", code=first, reported_by="甲", reported_at="2026-11-20")
    damaged = report(running, kind="damaged", code=second, reported_by="丁")
    returned = report(running, kind="removed", code=third)
    fresh = report(running, kind="new", class_code="0101", x=WEST + 3, y=SOUTH + 3, reported_by="丁")
    report(running, kind="new", class_code="0102", x=WEST + 3, y=SOUTH + 3)
    report(running, kind="new", class_code="0101", x=WEST - 500, y=SOUTH)
    return_record(running, Decide(returned, "照片不清"))
    outcomes = compare_survey(running, ShowSurvey(1)).outcomes
    assert {name: outcomes[name] for name in ("not_found", "changed", "new", "pending")} == {
        "not_found": 1, "changed": 1, "new": 1, "pending": 38,
    }  # fmt: skip
    shown = show_survey(running, ShowSurvey(1))
    assert shown.found == 3 and shown.collectors.set_index("collector").loc["丁", "found"] == 2
    assert "2026-11-20" in shown.days["day"].tolist()
    approve_record(running, Decide(damaged))
    approve_record(running, Decide(fresh))
    outcomes = compare_survey(running, ShowSurvey(1)).outcomes
    assert (outcomes["confirmed"], outcomes["changed"], outcomes["new"]) == (2, 0, 0)


def test_that_a_collected_point_goes_before_a_record(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    code = census["code"].iloc[5]
    report(running, kind="removed", code=code)
    report(running, kind="damaged", code=code)
    assert compare_survey(running, ShowSurvey(1)).rows.set_index("code").loc[code, "state"] == "破损"
    report(running, kind="new", class_code="0101", x=WEST + 3, y=SOUTH + 3)
    file = points(tmp_path / "点.csv", census, f",{WEST + 4},{SOUTH + 3},")
    collect_points(running, CollectPoints(1, str(file)), clock=clock)
    result = compare_survey(running, ShowSurvey(1))
    assert result.rows.set_index("code").loc[code, "outcome"] == "confirmed" and result.outcomes["new"] == 1
    frozen = close_survey(running, ShowSurvey(1)).outcomes
    report(running, kind="removed", code=code)
    assert (
        compare_survey(running, ShowSurvey(1)).outcomes == frozen
        and show_survey(running, ShowSurvey(1)).found == 41
    )


def test_that_feedback_goes_to_each_department(running: Store, census: pd.DataFrame, tmp_path: Path) -> None:
    collect_points(
        running, CollectPoints(1, str(points(tmp_path / "点.csv", census)), done=True), clock=clock
    )
    out = tmp_path / "反馈.xlsx"
    done = export_feedback(running, ExportFeedback(1, out))
    assert done.rows == 2 and done.departments == {"自来水公司": 2}
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["汇总", "自来水公司", "普查"]
    assert [cell.value for cell in book["汇总"][2]] == ["自来水公司", 1, 1, 0, 2]
    assert {row[0] for row in book["自来水公司"].iter_rows(min_row=2, values_only=True)} == {"缺失", "破损"}
    assert export_feedback(running, ExportFeedback(1, out, "authority")).departments == {
        "主管0": 1,
        "主管2": 1,
    }
    with pytest.raises(WrongUsage):
        export_feedback(running, ExportFeedback(1, out, "mayor"))
    for nowhere in (tmp_path / "a.pdf", tmp_path / "no folder" / "a.xlsx"):
        with pytest.raises(Refused):
            export_feedback(running, ExportFeedback(1, nowhere))


def test_that_a_closed_survey_keeps_its_result(running: Store, census: pd.DataFrame, tmp_path: Path) -> None:
    file = points(tmp_path / "点.csv", census)
    collect_points(running, CollectPoints(1, str(file), done=True), clock=clock)
    ended = close_survey(running, ShowSurvey(1))
    running.undo_session(1)  # the census goes on; the result stays
    result = compare_survey(running, ShowSurvey(1))
    assert result.frozen and result.outcomes == ended.outcomes and len(result.rows) == 40
    for late in (
        lambda: close_survey(running, ShowSurvey(1)),
        lambda: collect_points(running, CollectPoints(1, str(file)), clock=clock),
    ):
        with pytest.raises(Refused):
            late()


@pytest.mark.parametrize("content", [b"", b"\x00\x01" * 99, "部件编码,x,y\na,b,c\nd,1e999,nan\n".encode()])
def test_that_hostile_points_leave_the_survey_as_it_was(
    running: Store, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with contextlib.suppress(Refused):
        assert collect_points(running, CollectPoints(1, str(file)), clock=clock).accepted == 0
    assert len(running.load_survey(1)[1]) == 0


def call(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run(["--store", str(place), "--json", "--as", "王工", *words], Desktop(*[lambda *_, **__: 0] * 3))
    return code, json.loads(capsys.readouterr().out)


def test_that_the_command_line_runs_a_survey(
    store: Store, place: Path, census: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, planned = call(
        place, capsys, "survey", "plan", "--class", "0101", "--collectors", "甲,乙", "--name", "井盖"
    )
    assert code == 0 and planned["cells"] == 12
    assert call(place, capsys, "survey", "list")[1]["surveys"][0]["name"] == "井盖"
    assert call(place, capsys, "survey", "assign", "1", "丙", "--cells", CODES[0])[1]["cells"] == 1
    assert len(call(place, capsys, "survey", "show", "1")[1]["plan"]) == 12
    file = points(tmp_path / "点.csv", census, ",,,", "坏,,,")
    code, taken = call(place, capsys, "survey", "collect", "1", str(file), "--done")
    assert code == 1 and taken["accepted"] == 40 and taken["details"][0]["code"] == "S1"
    assert call(place, capsys, "survey", "done", "1", "--of", "丙")[1]["cells"] == 1
    assert call(place, capsys, "survey", "progress", "1")[1]["found"] == 40
    code, result = call(place, capsys, "survey", "result", "1", "--outcome", "moved")
    assert (
        result["outcomes"]["moved"] == len(result["rows"]) == 1
        and round(result["rows"][0]["moved_m"], 1) == 5.0
    )
    assert call(place, capsys, "survey", "feedback", "1", "--out", str(tmp_path / "f.xlsx"))[1]["rows"] == 2
    assert call(place, capsys, "survey", "close", "1")[0] == 3
    assert call(place, capsys, "survey", "close", "1", "--yes")[1]["frozen"] is True
    assert call(place, capsys, "survey", "collect", "1", str(file))[0] == 3
    for wrong in (
        ["plan", "--class", "0101", "--collectors", "甲", "--area", ""],
        ["show", "99999999999"],
        ["show", "x"],
        ["result", "1", "--outcome", "lost"],
    ):
        assert call(place, capsys, "survey", *wrong)[0] == 2
    assert call(place, capsys, "survey", "show", "7")[0] == 3


def test_that_what_is_gone_needs_a_code_but_no_place(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    code = str(census["code"].iloc[4])
    file = tmp_path / "没有.csv"
    file.write_text(
        f"部件编码,x,y,状态\n{code},,,丢失\n,,,丢失\n{census['code'].iloc[5]},,,\n", encoding="utf-8"
    )
    done = collect_points(running, CollectPoints(1, str(file)), clock=clock)
    assert (done.accepted, done.findings) == (1, {"S1": 2})
    rows = compare_survey(running, ShowSurvey(1)).rows
    gone = rows[rows["outcome"] == "not_found"]
    assert gone["code"].tolist() == [code] and gone["x"].iloc[0] == census["x"].iloc[4]
    assert running.load_survey(1)[1]["x"].isna().tolist() == [True]


def test_that_what_is_gone_lies_in_the_cell_of_its_component(
    running: Store, census: pd.DataFrame, tmp_path: Path
) -> None:
    file = tmp_path / "没有.csv"
    file.write_text(
        f"部件编码,状态\n{census['code'].iloc[4]},丢失\n9999990101000001,丢失\n", encoding="utf-8"
    )
    done = collect_points(running, CollectPoints(1, str(file), collector="甲", done=True), clock=clock)
    assert (done.accepted, done.cells_done) == (2, 1)
    component = running.component(running.component_with_code(census["code"].iloc[4]))
    assert running.load_survey(1)[1]["cell_code"].tolist() == [component["cell_code"], ""]
