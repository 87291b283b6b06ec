"""Refused rows leave as the files they came in, and come back corrected; on both stores."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from actions.census.correct_session import CorrectSession, correct_session
from actions.census.import_census import CensusImported, ImportCensus, import_census
from actions.census.return_refused import ExportRefused, export_refused, follow_up_session
from census.reading import dbf
from data.store import Store
from kernel.errors import Refused
from tests.census.survey_files import (
    CRS,
    city_cells,
    lamp,
    places,
    write_dbf,
    write_points,
    write_prj,
    write_survey,
)
from tests.data.conftest import (  # the same two stores
    cache_folder,
    engine_name,
    made,
    made_file,
    made_schema,
    open_store,
)

LONG = "灯杆倾斜，基座开裂，须尽快扶正，周边三米内有施工围挡。" * 4
FAULTY = {
    2: {"部件状态": "不好"},
    4: {"初始时间": "2031-02-30"},
    5: {"定位精度": "Z", "备注": "龙头街“东”侧"},
}


__all__ = ["cache_folder", "engine_name", "made", "made_file", "made_schema", "open_store"]


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A little city of the test's own."""
    opened = open_store(actor="王工")
    opened.set_setting("self_approval", "1")
    opened.replace_grid(city_cells())
    return opened


def rows_of(count: int = 6, **note: str) -> list[dict[str, str]]:
    """Lamps of which those in `FAULTY` have a fault."""
    return [lamp(n, **(FAULTY.get(n, {}) | note)) for n in range(1, count + 1)]


def run(store: Store, *files: Path) -> CensusImported:
    """Import as a draft."""
    return import_census(store, ImportCensus(files=tuple(map(str, files))))


def back(store: Store, session: int, out: Path, lang: str = "zh_CN") -> Path:
    """The refused rows of a session at `out`."""
    export_refused(store, ExportRefused(session, out, lang))
    return out


def frame(rows: list[dict[str, str]]) -> gpd.GeoDataFrame:
    """The lamps with a whole number, a real number and a day beside their texts."""
    points = [shapely.Point(place) for place in places(len(rows))]
    made = gpd.GeoDataFrame(rows, geometry=points, crs=CRS)
    made["杆号"] = range(len(rows))
    made["高度"] = [7.25 + n for n in range(len(rows))]
    made["长文"] = [LONG * 20 if n % 2 else "" for n in range(len(rows))]
    return made


def as_shapefile(folder: Path, rows: list[dict[str, str]]) -> Path:
    return write_survey(folder, rows, places(len(rows)))


def as_geopackage(folder: Path, rows: list[dict[str, str]]) -> Path:
    pyogrio.write_dataframe(frame(rows), folder / "路灯.gpkg", layer="0137_路灯")
    return folder / "路灯.gpkg"


def as_geojson(folder: Path, rows: list[dict[str, str]]) -> Path:
    pyogrio.write_dataframe(frame(rows).to_crs(4326), folder / "0137_路灯.geojson", driver="GeoJSON")
    return folder / "0137_路灯.geojson"


def as_csv(folder: Path, rows: list[dict[str, str]]) -> Path:
    with (folder / "0137_路灯.csv").open("w", encoding="gbk", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "x", "y"], delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"x": x, "y": y} for row, (x, y) in zip(rows, places(len(rows)), strict=True))
    return folder / "0137_路灯.csv"


def as_workbook(folder: Path, rows: list[dict[str, str]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "0137_路灯"
    sheet.append([*rows[0], "x", "y"])
    for row, place in zip(rows, places(len(rows)), strict=True):
        sheet.append([*row.values(), *place])
        sheet.cell(sheet.max_row, 10).data_type = "s"
    book.save(folder / "survey.xlsx")
    return folder / "survey.xlsx"


WRITERS = [as_shapefile, as_geopackage, as_geojson, as_csv, as_workbook]


@pytest.mark.parametrize("write", WRITERS)
def test_that_refused_rows_leave_and_come_back_with_every_value_they_had(
    store: Store, tmp_path: Path, write: Callable[[Path, list[dict[str, str]]], Path]
) -> None:
    sent = write(tmp_path, rows_of(备注="=1+1 龙"))
    first = run(store, sent)
    assert first.quarantined == 3
    folder = tmp_path / "back"
    folder.mkdir()
    returned = back(store, first.session, folder / sent.name)
    again = run(store, returned)
    before, after = store.load_quarantine(first.session), store.load_quarantine(again.session)
    assert (again.read, again.quarantined) == (3, 3)
    for was, now in zip(before["raw"], after["raw"], strict=True):
        own = {name: value for name, value in json.loads(now).items() if not name.startswith("WG_")}
        assert own == json.loads(was)
    assert shapely.equals_exact(
        *(shapely.from_wkb(each["shape"].tolist()) for each in (before, after)), 1e-6
    ).all()
    assert after["finding_codes"].tolist() == before["finding_codes"].tolist()
    assert (again.redelivery_of, again.still_refused) == ((first.session,), 3)
    assert [field["name"] for field in form(store, again.session)][: len(form(store, first.session))] == [
        field["name"] for field in form(store, first.session)
    ]


def form(store: Store, session: int) -> list[dict[str, object]]:
    """The fields of a session's only layer."""
    (note,) = store.session(session)["notes"].values()
    return json.loads(note)["form"]["fields"]


def test_that_a_shapefile_keeps_widths_types_encoding_and_system(store: Store, tmp_path: Path) -> None:
    fields = [("标识码".encode("gbk"), "C", 16), ("部件状态".encode("gbk"), "C", 10), ("高度".encode("gbk"), "N", 9),
              ("初始时间".encode("gbk"), "D", 8), ("照片".encode("gbk"), "L", 1)]  # fmt: skip
    rows = [[b"1101010137000001", "坏了吧".encode("gbk"), b"    12.50", b"20240506", b"T"],
            [b"1101010137000002", "完好".encode("gbk"), b"         ", b"20240506", b"?"]]  # fmt: skip
    shp = write_points(tmp_path / "0137_路灯.shp", places(2))
    write_dbf(shp.with_suffix(".dbf"), fields, rows)
    write_prj(shp.with_suffix(".prj"))
    first = run(store, shp)
    folder = tmp_path / "back"
    folder.mkdir()
    returned = back(store, first.session, folder)
    assert returned == folder and (folder / "0137_路灯.cpg").read_text() == "GBK"
    head, was = (dbf.read_header(path / "0137_路灯.dbf") for path in (folder, tmp_path))
    assert [(f.raw_name, f.type, f.width, f.decimals) for f in head.fields[:5]] == [
        (f.raw_name, f.type, f.width, f.decimals) for f in was.fields
    ]
    raw = (folder / "0137_路灯.dbf").read_bytes()[head.start :]
    assert raw[1:17] == rows[0][0] and rows[0][2] + rows[0][3] + rows[0][4] in raw
    assert (folder / "0137_路灯.prj").read_text() == shp.with_suffix(".prj").read_text()
    seen = gpd.read_file(folder / "0137_路灯.shp")
    assert seen.crs == gpd.read_file(shp).crs and seen["WG_CODE"].tolist() == ["wrong_state"]
    assert "五种状态" in seen["WG_TODO"][0] or "完好" in seen["WG_TODO"][0]


def test_that_rows_without_a_place_leave_as_rows_without_a_place(store: Store, tmp_path: Path) -> None:
    shp = write_survey(tmp_path, rows_of(3), [None, *places(2)])
    first = run(store, shp)
    folder = tmp_path / "back"
    folder.mkdir()
    back(store, first.session, folder)
    shapes = gpd.read_file(folder / "0137_路灯.shp").geometry
    assert shapes.isna().tolist() == [True, False]


def test_that_areas_leave_as_areas(store: Store, tmp_path: Path) -> None:
    made = frame(rows_of(4))
    made.geometry = made.geometry.buffer(2.0)
    pyogrio.write_dataframe(made.drop(columns="长文"), tmp_path / "0137_路灯.shp", encoding="GBK")
    first = run(store, tmp_path / "0137_路灯.shp")
    folder = tmp_path / "back"
    folder.mkdir()
    back(store, first.session, folder)
    seen = gpd.read_file(folder / "0137_路灯.shp")
    assert seen.geom_type.tolist() == ["Polygon"] * first.quarantined
    assert seen.geometry.iloc[0].equals_exact(made.geometry.iloc[1].reverse(), 1e-9) or seen.geometry.iloc[
        0
    ].equals(made.geometry.iloc[1])


def test_that_several_files_leave_in_one_archive(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_survey(tmp_path / name, rows_of(2), places(2), name=f"0137_{name}")
    first = run(store, tmp_path / "a", tmp_path / "b")
    with pytest.raises(Refused, match="2 files"):
        back(store, first.session, tmp_path / "one.shp")
    back(store, first.session, tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip") as archive:
        assert {Path(name).stem for name in archive.namelist()} == {"0137_a", "0137_b"}
    assert run(store, tmp_path / "all.zip").still_refused == 4


def test_that_another_kind_of_file_is_refused_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    first = run(store, as_shapefile(tmp_path, rows_of()))
    with pytest.raises(Refused, match=r"\.shp"):
        back(store, first.session, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()
    sound = run(store, write_survey(tmp_path, [lamp(40)], places(1), name="0137_b"))
    with pytest.raises(Refused, match="no row"):
        back(store, sound.session, tmp_path / "x.shp")


def corrected(path: Path, out: Path, states: list[str], *, keep_references: bool = True) -> Path:
    """The returned CSV with the states put right, without its last row."""
    with path.open(encoding="gbk", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for row, state in zip(rows, states, strict=False):
        row |= {"部件状态": state, "初始时间": "2024-05-06"}
    names = [name for name in rows[0] if keep_references or not name.startswith("WG_")]
    with out.open("w", encoding="gbk", newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows[: len(states)])
    return out


@pytest.mark.parametrize("keep_references", [True, False])
def test_that_a_second_delivery_says_what_came_back(
    store: Store, tmp_path: Path, keep_references: bool
) -> None:
    first = run(store, as_csv(tmp_path, rows_of()))
    folder = tmp_path / "back"
    folder.mkdir()
    returned = back(store, first.session, folder / "0137_路灯.csv")
    again = corrected(returned, returned, ["完好", "还是不好"], keep_references=keep_references)
    done = run(store, again)
    assert (done.redelivery_of, done.corrected, done.still_refused, done.not_returned) == (
        (first.session,), 1, 1, 1,
    )  # fmt: skip
    told = follow_up_session(store, done.session).rows
    assert told["outcome"].tolist() == ["corrected", "still_refused", "not_returned"]
    assert told["row"].tolist() == [3, 5, 6] and told["new_codes"].tolist() == ["", "wrong_state", ""]
    accepted = store.session(done.session)["notes"]
    assert "WG_" not in json.dumps([json.loads(note)["mapping"] for note in accepted.values()])


def test_that_a_row_corrected_in_the_draft_is_not_waited_for(store: Store, tmp_path: Path) -> None:
    first = run(store, as_csv(tmp_path, rows_of()))
    row = store.load_quarantine(first.session).iloc[0]
    place = (str(row["file"]), str(row["layer"]), int(row["record"]))
    correct_session(store, CorrectSession(first.session, "set", "state", "完好", (place,)))
    returned = back(store, first.session, tmp_path / "back.csv")
    again = corrected(returned, returned, ["完好"])
    told = follow_up_session(store, run(store, again).session)
    assert (told.refused_before, told.corrected, told.not_returned) == (2, 1, 1)
    assert told.rows["row"].tolist() == [5, 6]


def test_that_references_of_another_store_link_nothing(store: Store, tmp_path: Path) -> None:
    sent = as_csv(tmp_path, rows_of())
    first = run(store, sent)
    returned = back(store, first.session, tmp_path / "back.csv")
    text = returned.read_text("gbk")
    other = tmp_path / "other.csv"
    mark = text.split("-1-1")[0][-6:]
    other.write_text(text.replace(f"{mark}-", "ffffff-"), "gbk")
    assert run(store, other).redelivery_of == ()


@pytest.mark.parametrize("target", ["back.zip", "back"])
def test_that_the_rows_of_two_files_of_one_name_leave_in_two(
    store: Store, tmp_path: Path, target: str
) -> None:
    for number, name in enumerate(("甲", "乙"), start=1):
        (tmp_path / name).mkdir()
        write_survey(tmp_path / name, [lamp(number, 部件状态="不好")], places(1))
    session = run(store, tmp_path / "甲", tmp_path / "乙").session
    out = tmp_path / target
    if not out.suffix:
        out.mkdir()
    export_refused(store, ExportRefused(session, out, "zh_CN"))
    if out.suffix:
        with ZipFile(out) as archive:
            archive.extractall(tmp_path / "back")
    codes = [
        pyogrio.read_dataframe(tmp_path / "back" / name / "0137_路灯.shp")["标识码"][0]
        for name in ("甲", "乙")
    ]
    assert codes == [lamp(1)["标识码"], lamp(2)["标识码"]]
    assert run(store, out).still_refused == 2


@pytest.mark.parametrize("target", ["back.zip", "back"])
def test_that_a_geodatabase_leaves_with_all_of_its_inside(store: Store, tmp_path: Path, target: str) -> None:
    frame(rows_of()).to_file(tmp_path / "路灯.gdb", driver="OpenFileGDB")
    session = run(store, tmp_path / "路灯.gdb").session
    out = tmp_path / target
    if not out.suffix:
        out.mkdir()
    assert run(store, back(store, session, out)).read == len(FAULTY)
