"""Responsibility areas out to a workbook and back, and what is refused on the way with file and row."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from actions.areas.export_areas import ExportAreas, export_areas
from actions.areas.import_areas import ImportAreas, import_areas
from actions.areas.kinds_of_areas import ListAreas, list_areas
from cli.app import Desktop, run
from data import store as stores
from data.store import Store
from gis.grid.responsibility import areas_frame, completed
from kernel.errors import Refused, WrongUsage
from resources.responsibility import kinds
from tests.data.small_city import CRS, cells

KIND = "responsibility_grid"
CODES = cells()["code"].tolist()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stores.create(tmp_path / "city.wangrid", "2026", CRS) as made:
        made.replace_grid(cells())
        yield made


def filled(kind: str) -> gpd.GeoDataFrame:
    """Two areas of a kind with something in every field."""
    line = [shapely.LineString([(500_000, 4_400_000), (500_300, 4_400_010)]), None]
    box = [
        shapely.box(500_000, 4_400_000, 500_210, 4_400_190),
        shapely.box(500_220, 4_400_000, 500_400, 4_400_190),
    ]
    columns: dict[str, object] = {
        "code": ["A1", "=B2"], "name": ["东一", "+西一"], "company": ["甲公司", "乙公司"], "team": ["一班", ""],
        "person": ["王工", "李工"], "department": ["城管局", "园林局"], "layer": ["主干路", ""], "start": ["东门", ""],
        "end": ["西门", ""], "note": ["备注", ""], "population": [1200.0, np.nan], "width_m": [12.5, 8.0],
        "length_m": [np.nan, 410.0],
    }  # fmt: skip
    made_of = kinds()[kind].made_of
    if made_of == "cells":
        columns["cell_codes"] = [CODES[:6], CODES[6:]]
    else:
        columns["geometry"] = np.array(line if made_of == "line" else box, object)
    return completed(areas_frame(columns, 2, CRS), kinds()[kind], cells())


def workbook(path: Path, rows: list[list[object]], title: str = "") -> Path:
    book = openpyxl.Workbook()
    if title:
        book.active.append([title])
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "gpkg"])
@pytest.mark.parametrize("kind", list(kinds()))
def test_that_what_is_exported_comes_back_the_same(
    store: Store, tmp_path: Path, kind: str, ending: str
) -> None:
    given = filled(kind)
    if ending == "gpkg" and kinds()[kind].made_of == "line":
        given = given.iloc[:1]
    store.replace_responsibility_areas(kind, given)
    before, file = store.load_responsibility_areas(kind), tmp_path / f"areas.{ending}"
    assert export_areas(store, ExportAreas(file, kind)).rows == len(given)
    store.replace_responsibility_areas(kind, given.iloc[:0])
    done = import_areas(store, ImportAreas(file, kind))
    assert (done.rows, done.accepted, done.quarantined) == (len(given), len(given), 0)
    after = store.load_responsibility_areas(kind)
    own = [name for name in kinds()[kind].fields if name in before.columns]
    for name in own:
        if before[name].dtype.kind == "f":
            assert np.allclose(before[name], after[name], atol=0.01, equal_nan=True), name
        else:
            assert before[name].tolist() == after[name].tolist(), name
    assert shapely.equals_exact(before.geometry.to_numpy(), after.geometry.to_numpy(), 0.001).sum() == (
        before.geometry.notna().sum()
    )


def test_that_refused_rows_keep_file_row_and_reason_and_the_others_are_taken(
    store: Store, tmp_path: Path
) -> None:
    rows: list[list[object]] = [
        ["编号", "网格名称", "负责人", "人口数", "单元网格"],
        ["Z1", "东一", "王工", 1200, "，".join(CODES[:3])],
        ["Z2", "东二", "李工", "约九百", CODES[3]],
        ["Z3", "东三", "赵工", 30, f"{CODES[4]} 110101001001999"],
        [None, None, None, None, None],
        ["Z4", "东四", "钱工", None, f"{CODES[5]}\n{CODES[0]}"],
        ["Z5", "东五", "孙工", None, int(CODES[6])],
    ]
    file = workbook(tmp_path / "责任网格.xlsx", rows, title="某区责任网格清单")
    done = import_areas(store, ImportAreas(file, KIND))
    assert (done.rows, done.accepted, done.quarantined) == (5, 2, 3)
    errors = done.details[done.details["severity"] == "error"]
    told = {
        row: (code, value)
        for row, code, value in zip(errors["row"], errors["code"], errors["value"], strict=True)
    }
    assert told == {4: ("R5", "约九百"), 5: ("R2", "110101001001999"), 7: ("R3", f"{CODES[0]} → Z1")}
    assert set(done.details["file"]) == {str(file)}
    assert store.load_responsibility_areas(KIND)["code"].tolist() == ["Z1", "Z5"]
    assert done.findings["R6"] == len(CODES) - 4


def test_that_a_list_without_one_sound_row_changes_nothing(store: Store, tmp_path: Path) -> None:
    store.replace_responsibility_areas(KIND, filled(KIND))
    file = workbook(tmp_path / "a.xlsx", [["编号", "单元网格编码"], ["Z1", "nowhere"]])
    assert import_areas(store, ImportAreas(file, KIND)).accepted == 0
    assert len(store.load_responsibility_areas(KIND)) == 2


def test_that_a_layer_in_degrees_is_laid_into_the_plane(store: Store, tmp_path: Path) -> None:
    drawn = gpd.GeoDataFrame({"编号": ["P1"]}, geometry=[cells().union_all()], crs=CRS).to_crs(4326)
    drawn.to_file(tmp_path / "patrol.gpkg", layer="anything")
    assert import_areas(store, ImportAreas(tmp_path / "patrol.gpkg", "patrol_area")).accepted == 1
    back = store.load_responsibility_areas("patrol_area")
    assert back["area_m2"][0] == pytest.approx(120_000, rel=1e-6) and len(back["cell_codes"][0]) == 12


def test_that_what_cannot_be_read_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="no_such"):
        import_areas(store, ImportAreas(tmp_path / "a.xlsx", "no_such"))
    with pytest.raises(Refused, match="does not exist"):
        import_areas(store, ImportAreas(tmp_path / "a.xlsx", KIND))
    with pytest.raises(Refused, match="has no column"):
        import_areas(store, ImportAreas(workbook(tmp_path / "b.xlsx", [["甲", "乙"], [1, 2]]), KIND))
    (tmp_path / "c.xlsx").write_bytes(b"no workbook")
    with pytest.raises(Refused, match="workbook"):
        import_areas(store, ImportAreas(tmp_path / "c.xlsx", KIND))
    broken = workbook(tmp_path / "d.xlsx", [["编号", "单元网格编码"], ["Z1", CODES[0]]])
    with zipfile.ZipFile(broken) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(broken, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content[:-40] if name.endswith("sheet1.xml") else content)
    with pytest.raises(Refused, match=r"d\.xlsx cannot be read as a workbook"):
        import_areas(store, ImportAreas(broken, KIND))


def test_that_areas_are_listed_and_found_by_their_words(store: Store) -> None:
    store.replace_responsibility_areas(KIND, filled(KIND))
    overview = list_areas(store, ListAreas(lang="zh_CN"))
    assert overview.rows == 2 and {line["kind"] for line in overview.areas} == set(kinds())
    assert next(line for line in overview.areas if line["kind"] == KIND)["cells"] == 12
    assert list_areas(store, ListAreas(KIND)).findings == {}
    found = list_areas(store, ListAreas(KIND, find="乙公司"))
    assert [line["code"] for line in found.areas] == ["=B2"] and found.areas[0]["cells"] == 6


def test_that_a_list_follows_the_grid_and_says_which_cells_nobody_has(store: Store) -> None:
    store.replace_responsibility_areas(KIND, filled(KIND))
    store.replace_grid(cells().assign(code=[*CODES[:-1], f"{CODES[-1][:12]}777"]))
    assert list_areas(store, ListAreas(KIND)).findings == {}
    store.replace_grid(cells().iloc[:-1])
    store.replace_grid(cells())
    assert list_areas(store, ListAreas(KIND)).findings == {"R6": 1}


def test_that_the_command_line_answers_with_the_keys_of_the_contract(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.replace_responsibility_areas(KIND, filled(KIND))
    desktop = Desktop(lambda: 0, lambda: None, list)
    words = ["--json", "--store", store.place]
    for verb in (
        ["list"], ["list", "--kind", KIND], ["export", "--kind", KIND, "--out", str(tmp_path / "a.xlsx")],
        ["import", str(tmp_path / "a.xlsx"), "--kind", KIND],
    ):  # fmt: skip
        assert run([*words, "area", *verb], desktop) == 0
        assert {"kind", "rows", "accepted", "quarantined"} <= set(json.loads(capsys.readouterr().out))
