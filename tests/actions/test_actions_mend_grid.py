"""Mending what a check finds: fixes listed for a file, and applied to the store with undo."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from actions.grid.check_grid import CheckGrid, check_grid
from actions.grid.check_stored_grid import CheckStoredGrid, check_stored_grid
from actions.grid.edit_grid import TakeBack, take_back
from actions.grid.mend_grid import Fault, FindFix, MendFault, find_fix, mend_fault
from cli.app import Desktop, run
from data import store as stores
from data.store import Store
from gis.frames import as_cells
from kernel.errors import Refused
from tests.gis.grid_builders import PLANE, box, drawn_grid, whole

DESKTOP = Desktop(lambda: 0, lambda: None, list)
ROOT = Path(__file__).resolve().parents[2]


def sliver() -> gpd.GeoDataFrame:
    """A drawn grid with a gap of 0.4 m beside one cell."""
    grid = drawn_grid()
    grid.loc[7, "geometry"] = box(100, 200, 99.6, 100)
    return as_cells(grid)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stores.create(tmp_path / "city.wangrid", "2026", PLANE, actor="王工") as opened:
        opened.replace_grid(sliver(), communities=whole(drawn_grid()))
        yield opened


def first(store: Store, rule: str) -> Fault:
    found = check_stored_grid(store, CheckStoredGrid()).details
    row = found[found["code"] == rule].iloc[0]
    return Fault(**{name: row[name] for name in ("code", "message", "value", "record", "x", "y")})


def test_that_a_fix_is_found_then_applied_and_can_be_taken_back(store: Store) -> None:
    fault = first(store, "G3")
    found = find_fix(store, FindFix(fault))
    assert found.kind == "snap" and len(found.areas) == 1
    assert found.after is not None and found.after["area_m2"].round(2).tolist() == [10_000.0]
    before = store.load_cells()
    edited = mend_fault(store, MendFault(fault, found.step))
    assert edited.kind == "snap" and not edited.made and not edited.retired
    assert check_stored_grid(store, CheckStoredGrid()).findings == {}
    assert find_fix(store, FindFix(fault)).kind == ""
    with pytest.raises(Refused):
        mend_fault(store, MendFault(fault))
    take_back(store, TakeBack())
    assert shapely.equals_exact(
        store.load_cells().geometry.values, before.geometry.values, tolerance=0.0
    ).all()


def test_that_looking_for_a_fix_changes_nothing(store: Store) -> None:
    step = store.cells_and_step()[1]
    find_fix(store, FindFix(first(store, "G3")))
    assert store.cells_and_step()[1] == step


def test_that_a_check_of_a_file_lists_fixes_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "grid.gpkg"
    sliver().to_file(file, layer="cells")
    whole(drawn_grid()).to_file(file, layer="communities")
    assert check_grid(CheckGrid(str(file))).fixes is None
    done = check_grid(CheckGrid(str(file), fixes=True))
    assert done.fixes is not None
    assert [(fix["rule"], fix["kind"]) for fix in done.fixes] == [("G3", "snap")]
    assert done.fixes[0]["cells"][0]["before_m2"] == 9_960.0
    said = check_grid(CheckGrid(str(file), fixes=True, lang="zh_CN")).fixes
    assert said is not None and "划给" in said[0]["says"]


def test_that_fixes_are_found_for_a_file_in_degrees_with_a_code_twice(tmp_path: Path) -> None:
    grid = drawn_grid()
    grid.loc[8, "code"] = grid["code"].iloc[7]
    file = tmp_path / "grid.gpkg"
    grid.to_crs(4490).to_file(file, layer="cells")
    fixes = check_grid(CheckGrid(str(file), id_field="code", fixes=True)).fixes
    assert fixes is not None and {"G5"} <= {fix["rule"] for fix in fixes}


def test_that_the_command_lists_fixes_as_json(tmp_path: Path) -> None:
    file = tmp_path / "grid.gpkg"
    sliver().to_file(file, layer="cells")
    whole(drawn_grid()).to_file(file, layer="communities")
    run = subprocess.run(
        [sys.executable, "main.py", "grid", "check", str(file), "--fixes", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    answer = json.loads(run.stdout)
    assert run.returncode == 1
    assert {"cells", "findings", "errors", "seconds", "fixes"} <= set(answer)
    assert answer["fixes"][0]["says"] and pd.notna(answer["fixes"][0]["x"])


def test_that_a_check_measures_the_grid_on_the_layers_it_is_given(tmp_path: Path) -> None:
    def written(name: str, *shapes: shapely.Geometry) -> str:
        frame = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs=PLANE)
        frame.to_crs(4490).to_file(tmp_path / f"{name}.gpkg", layer=name)
        return str(tmp_path / f"{name}.gpkg")

    file = str(tmp_path / "grid.gpkg")
    drawn_grid().to_file(file, layer="cells")
    plain = check_grid(CheckGrid(file)).figures
    assert plain is not None and plain.stock is None and plain.boundary_on_features_share is None
    assert plain.area.share_5000_20000 == 1.0
    road = shapely.LineString([box(0, 200, 1, 1).centroid, box(599, 200, 1, 1).centroid])
    told = check_grid(
        CheckGrid(
            file,
            buildings=written("buildings", box(90, 90, 20, 20), box(40, 40, 20, 20)),
            roads=written("roads", road),
            components=written("components", *(box(50, 50, 1, 1).centroid,) * 3),
        )
    ).figures
    assert told is not None and told.stock is not None and told.boundary_on_features_share is not None
    assert (told.buildings, told.buildings_cut, told.stock.most_per_cell) == (2, 1, 3)
    assert 0.1 < told.boundary_on_features_share < 0.2


@pytest.fixture(params=["embedded", "postgis"])
def faulty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a store on either engine with a gap, and a number out of order in the other corner."""
    place = (
        str(tmp_path / "f.wangrid")
        if request.param == "embedded"
        else request.getfixturevalue("fresh_postgis")
    )
    grid = sliver()
    grid.loc[23, "code"] = f"{grid['code'].iloc[23][:12]}030"
    with stores.create(place, "2026", PLANE, actor="王工") as opened:
        opened.replace_grid(grid, communities=whole(drawn_grid()))
    return place


def asked(capsys: pytest.CaptureFixture[str], place: str, *words: str) -> tuple[int, dict]:
    code = run(["--json", "--lang", "en", "--as", "王工", "--store", place, "grid", "edit", *words], DESKTOP)
    return code, json.loads(capsys.readouterr().out)


def test_that_fixes_are_listed_by_number_and_carried_out_with_consent(
    faulty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = asked(capsys, faulty, "mend")
    assert code == 0 and told["mended"] == []
    assert {fix["rule"]: fix["kind"] for fix in told["fixes"]} == {"G3": "snap", "G6": "renumber"}
    code, refused = asked(capsys, faulty, "mend", "--all-safe")
    assert code == 3 and "--yes" in refused["error"]["remedy"]
    assert asked(capsys, faulty, "mend", "--fix", "99", "--yes")[0] == 2
    assert asked(capsys, faulty, "mend", "--fix", "one", "--yes")[0] == 2
    gap = next(fix["number"] for fix in told["fixes"] if fix["rule"] == "G3")
    code, told = asked(capsys, faulty, "mend", "--fix", str(gap), "--yes")
    assert (code, [each["kind"] for each in told["mended"]]) == (0, ["snap"])
    code, told = asked(capsys, faulty, "mend", "--all-safe", "--yes")
    assert (code, [each["kind"] for each in told["mended"]], told["left"]) == (0, ["renumber"], [])
    with stores.open(faulty, actor="王工") as store:
        assert check_stored_grid(store, CheckStoredGrid()).findings == {}
    for _ in range(2):
        assert asked(capsys, faulty, "undo")[0] == 0
    with stores.open(faulty, actor="王工") as store:
        assert set(check_stored_grid(store, CheckStoredGrid()).findings) == {"G3", "G6"}
