"""The table of rules as a city wants it, and what stands around a component."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from actions.census.import_census import CensusImported, ImportCensus, import_census
from actions.census.rules import ImportRules, import_rules, list_rules, reset_rules
from data import store as stores
from data.store import Store
from kernel.errors import Refused
from tests.census.survey_files import CRS, X0, Y0, city_cells, lamp, places, write_survey


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A little city."""
    with stores.open(
        tmp_path / "city.wangrid", create=True, standard="2013", crs=CRS, actor="王工"
    ) as opened:
        opened.replace_grid(city_cells())
        yield opened


def run(store: Store, file: Path, **wishes: object) -> CensusImported:
    """Import as a draft."""
    return import_census(store, ImportCensus(files=(str(file),), **wishes))  # type: ignore[arg-type]


def table(folder: Path, text: str) -> ImportRules:
    """A city's CSV."""
    (folder / "rules.csv").write_text(text, encoding="utf-8")
    return ImportRules(str(folder / "rules.csv"))


def test_that_a_city_switches_rules_and_adds_its_own(store: Store, tmp_path: Path) -> None:
    rows = [
        lamp(n, 部件状态="不好" if n == 2 else "完好", 备注="" if n == 3 else f"灯杆{n}") for n in range(1, 5)
    ]
    file = write_survey(tmp_path, rows, places(4))
    assert run(store, file).findings.get("wrong_state") == 1
    done = import_rules(store, table(tmp_path, (
        "rule,enabled,severity,check,field,value,class_code,words,remedy\n"
        "wrong_state,no,,,,,,,\n"
        "note_there,,error,required,note,,0137,路灯必须写备注,补写备注\n"
        "note_form,,,pattern,note,灯杆[1-3],,,\n"
        "lamp_names,,,values,name,路灯|庭院灯,0137,,\n"
    )))  # fmt: skip
    assert (done.changed, done.own) == (1, 3)
    again = run(store, file)
    assert {name: again.findings.get(name, 0) for name in ("wrong_state", "note_there", "note_form", "lamp_names")} == {
        "wrong_state": 0, "note_there": 1, "note_form": 1, "lamp_names": 0,
    }  # fmt: skip
    assert again.quarantined == 1
    listed = list_rules(store, "zh_CN").set_index("rule")
    assert not listed.loc["wrong_state", "enabled"] and listed.loc["note_there", "own"]
    reset_rules(store)
    assert run(store, file).findings.get("wrong_state") == 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("mine,,grave,required,note,", "severity"), ("mine,,,guess,note,", "check"), ("mine,,,required,colour,", "field"),
        ("mine,,,pattern,note,[a", "value"), ("wrong_state,maybe,,,,", "enabled"),
    ],
)  # fmt: skip
def test_that_a_broken_rule_is_refused_with_row_and_field(
    store: Store, tmp_path: Path, line: str, field: str
) -> None:
    with pytest.raises(Refused) as told:
        import_rules(store, table(tmp_path, f"rule,enabled,severity,check,field,value\n{line}\n"))
    assert (told.value.row, told.value.field) == (2, field) and told.value.remedy
    with pytest.raises(Refused) as after_a_blank_row:
        import_rules(store, table(tmp_path, f"rule,enabled,severity,check,field,value\n,,,,,\n{line}\n"))
    assert after_a_blank_row.value.row == 3
    assert store.setting("census_rules") == ""


def test_that_a_lamp_in_water_or_in_a_building_is_told(store: Store, tmp_path: Path) -> None:
    for kind, west in (("water", X0), ("buildings", X0 + 50)):
        shape = gpd.GeoDataFrame(
            {"name": [""]}, geometry=[shapely.box(west, Y0, west + 20, Y0 + 20)], crs=CRS
        )
        store.replace_base(kind, shape)
    points = [(X0 + 10, Y0 + 10), (X0 + 60, Y0 + 10), (X0 + 40, Y0 + 10), (X0 + 19, Y0 + 10)]
    done = run(store, write_survey(tmp_path, [lamp(n) for n in range(1, 5)], points))
    assert (done.findings.get("on_water"), done.findings.get("in_building")) == (1, 1)
    assert done.quarantined == 0


def test_that_a_community_that_is_not_where_the_component_stands_is_told(
    store: Store, tmp_path: Path
) -> None:
    rows = [lamp(n) for n in range(1, 4)]
    frame = gpd.GeoDataFrame(rows, geometry=[shapely.Point(place) for place in places(3)], crs=CRS)
    frame["所在社区"] = ["110101001001", "110101001002", "不知道"]
    frame["行政区划代码"] = "110101"
    pyogrio.write_dataframe(frame, tmp_path / "0137_路灯.gpkg")
    cells = city_cells()
    cells.loc[5, "code"] = "110101001002001"
    store.replace_grid(cells)
    done = run(store, tmp_path / "0137_路灯.gpkg")
    found = store.load_findings(done.session)
    assert found[found["code"] == "outside_community"]["row"].tolist() == [2]


def test_that_areas_become_points_only_with_consent(store: Store, tmp_path: Path) -> None:
    rows = [lamp(n) for n in range(1, 4)]
    shapes = [shapely.Point(place).buffer(1.0) for place in places(3)]
    pyogrio.write_dataframe(gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS), tmp_path / "0137_路灯.gpkg")
    asked = run(store, tmp_path / "0137_路灯.gpkg")
    agreed = run(store, tmp_path / "0137_路灯.gpkg", convert=True)
    assert "geometry_type" in asked.findings and "converted_to_point" in agreed.findings
    kept, points = (store.draft_components(done.session)[0]["geometry"] for done in (asked, agreed))
    assert kept.notna().all() and points.isna().all()
    assert json.dumps(agreed.findings)
