"""Dividing, checking and importing grids as users do: files in, files and store out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from actions.grid.check_grid import CheckGrid, check_grid
from actions.grid.divide_grid import DivideGrid, divide_grid
from actions.grid.import_grid import ImportGrid, import_grid
from data import store as stores
from data.store import Store
from gis.grid.grid_rules_findings import ERROR
from kernel.errors import Refused
from tests.gis.grid_builders import COUNTY, STREET, X0, Y0, areas, box, drawn_grid, two_communities, whole


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stores.open(tmp_path / "city.wangrid", create=True) as opened:
        yield opened


def gpkg(path: Path, **layers: gpd.GeoDataFrame) -> str:
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame, path, layer=name)
    return str(path)


def territory(folder: Path) -> dict[str, str]:
    communities = two_communities()
    outline = gpd.GeoDataFrame(geometry=[shapely.union_all(communities.geometry.values)], crs=communities.crs)
    return {
        "area": gpkg(folder / "area.gpkg", area=outline),
        "communities": gpkg(folder / "com.gpkg", com=communities),
    }


def delivered(folder: Path, **changes: gpd.GeoDataFrame) -> str:
    """A finished grid with its areas, as a surveyor delivers it."""
    grid = drawn_grid().rename(columns={"code": "BGID", "area_m2": "area"}).drop(columns="note")
    layers = {
        "county": areas([COUNTY], [box(0, 0, 600, 400)]),
        "streets": areas([STREET], [box(0, 0, 600, 400)]),
        "communities": whole(drawn_grid()),
        "cells": grid,
    }
    return gpkg(folder / "grid.gpkg", **{name: changes.get(name, frame) for name, frame in layers.items()})


# -- divide


def test_that_a_division_is_written_with_the_cells_first(tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    done = divide_grid(None, DivideGrid(**territory(tmp_path), out=str(out)))
    assert pyogrio.list_layers(out)[:, 0].tolist() == ["cells", "communities", "streets", "county"]
    cells = gpd.read_file(out, layer="cells")
    assert (len(cells), cells.crs.to_epsg()) == (done.cells, 4548)
    assert (done.errors, done.findings, done.gap_m2, done.overlap_m2) == (0, {}, 0.0, 0.0)
    assert check_grid(CheckGrid(str(out))).findings == {}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_that_accepted_cells_are_the_stores_and_its_components_know_them(
    tmp_path: Path, store: Store
) -> None:
    done = divide_grid(store, DivideGrid(**territory(tmp_path), accept=True))
    assert done.accepted == done.cells == len(store.load_cells())
    assert store.info(with_hash=False).crs == 4548
    assert len(store.load_areas("community")) == 2
    assert store.setting("county_code") == COUNTY


def test_that_dividing_again_keeps_cells_and_codes(tmp_path: Path, store: Store) -> None:
    request = DivideGrid(**territory(tmp_path), accept=True)
    divide_grid(store, request)
    first = store.load_cells()
    divide_grid(store, request)
    again = store.load_cells()
    assert again["code"].tolist() == first["code"].tolist()
    assert shapely.equals_exact(again.geometry.values, first.geometry.values).all()
    assert len(store.load_retired_cells()) == 0


def test_that_what_did_not_change_keeps_its_code_and_no_code_comes_back(tmp_path: Path, store: Store) -> None:
    request = DivideGrid(**territory(tmp_path), accept=True)
    divide_grid(store, request)
    first = store.load_cells().set_index("code").geometry
    hole = first.iloc[0].centroid.buffer(30.0)
    lake = gpkg(tmp_path / "lake.gpkg", lake=gpd.GeoDataFrame(geometry=[hole], crs=first.crs))
    divide_grid(store, replace(request, exclude=lake))
    second = store.load_cells().set_index("code").geometry
    kept = second.index.intersection(first.index)
    assert len(kept) == len(first) - 1
    assert shapely.area(shapely.symmetric_difference(first[kept].values, second[kept].values)).max() < 0.5
    divide_grid(store, request)
    given = set(store.load_cells()["code"]) - set(second.index)
    assert given and not given & set(first.index)  # the old ground is back, under a new number


def test_that_cells_with_errors_are_written_but_not_accepted(tmp_path: Path, store: Store) -> None:
    import_grid(store, ImportGrid(delivered(tmp_path)))
    torn = areas([f"{STREET}001", f"{STREET}002"], [box(0, 0, 620, 500), box(600, 0, 600, 500)])
    request = DivideGrid(**territory(tmp_path) | {"communities": gpkg(tmp_path / "torn.gpkg", com=torn)},
                         out=str(tmp_path / "out.gpkg"), accept=True)  # fmt: skip
    with pytest.raises(Refused, match="were not put into the store"):
        divide_grid(store, request)
    assert (tmp_path / "out.gpkg").exists()
    assert len(store.load_cells()) == 24


def test_that_findings_are_reported_in_the_readers_language(tmp_path: Path) -> None:
    files = territory(tmp_path)
    for lang, words in (("en", "No communities were given"), ("zh_CN", "未给出社区图层")):
        report = tmp_path / f"{lang}.xlsx"
        divide_grid(None, DivideGrid(area=files["area"], report=str(report), lang=lang))
        assert pd.read_excel(report)["message"].str.contains(words).any()


def test_that_roads_choose_the_method_and_the_answer_says_which(tmp_path: Path) -> None:
    files = territory(tmp_path)
    road = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(X0 - 50, Y0 + 230), (X0 + 1300, Y0 + 260)])], crs=4548
    )
    roads = gpkg(tmp_path / "roads.gpkg", roads=road)
    assert divide_grid(None, DivideGrid(**files)).method == "lattice"
    assert divide_grid(None, DivideGrid(**files, roads=roads, method="lattice")).method == "lattice"
    done = divide_grid(None, DivideGrid(**files, roads=roads))
    assert (done.method, done.errors, done.gap_m2, done.overlap_m2) == ("features", 0, 0.0, 0.0)
    with pytest.raises(Refused, match="no method"):
        divide_grid(None, DivideGrid(**files, method="voronoi"))


def test_that_an_area_in_another_plane_than_the_stores_is_refused(tmp_path: Path, store: Store) -> None:
    import_grid(store, ImportGrid(delivered(tmp_path)))
    elsewhere = gpkg(tmp_path / "utm.gpkg", area=two_communities().to_crs(32650))
    with pytest.raises(Refused, match="store's plane is EPSG:4548"):
        divide_grid(store, DivideGrid(area=elsewhere, accept=True))
    assert len(store.load_cells()) == 24


def test_that_an_area_in_degrees_is_accepted_on_the_stores_plane(tmp_path: Path, store: Store) -> None:
    store.adopt_crs(4549)
    degrees = gpkg(tmp_path / "degrees.gpkg", area=two_communities().to_crs(4490))
    done = divide_grid(store, DivideGrid(area=degrees, accept=True))
    assert store.load_cells().crs.to_epsg() == 4549
    assert done.accepted == len(store.load_cells()) > 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"area": "{folder}/none.gpkg"}, "does not exist"),
        ({"area": "{folder}/empty.geojson"}, "cannot be read"),
        ({"out": "{folder}/missing/o.gpkg"}, "no folder"),
        ({"out": "{folder}/o.shp"}, "cannot be written"),
        ({"report": "{folder}/r.doc"}, "cannot be written"),
    ],
)
def test_that_what_cannot_be_read_or_written_is_refused(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    (tmp_path / "empty.geojson").write_bytes(b"")
    filled = {name: value.format(folder=tmp_path) for name, value in changes.items()}
    with pytest.raises(Refused, match=words) as refusal:
        divide_grid(None, replace(DivideGrid(**territory(tmp_path)), **filled))
    assert refusal.value.remedy


def test_that_communities_alone_are_their_own_area(tmp_path: Path) -> None:
    done = divide_grid(None, DivideGrid(communities=territory(tmp_path)["communities"]))
    assert (done.findings, done.area_m2) == ({}, pytest.approx(two_communities().area.sum()))
    with pytest.raises(Refused, match="No area"):
        divide_grid(None, DivideGrid())


def test_that_several_layers_of_which_none_is_meant_are_listed(tmp_path: Path) -> None:
    both = gpkg(tmp_path / "two.gpkg", one=two_communities(), two=two_communities())
    with pytest.raises(Refused, match="it has: one, two"):
        divide_grid(None, DivideGrid(area=both))


# -- check


def test_that_a_delivered_grid_is_checked_against_its_own_areas(tmp_path: Path) -> None:
    done = check_grid(CheckGrid(delivered(tmp_path)))
    assert (done.layer, done.cells, done.findings, done.errors) == ("cells", 24, {}, 0)


def test_that_faults_are_told_by_file_layer_and_row(tmp_path: Path) -> None:
    grid = drawn_grid()
    grid.loc[3, "code"] = grid.loc[2, "code"]
    done = check_grid(CheckGrid(delivered(tmp_path, cells=grid)))
    assert done.findings["G5"] == 2
    row = done.details[done.details["code"] == "G5"].iloc[0]
    assert (row["file"], row["layer"], row["row"]) == ("grid.gpkg", "cells", 3)


def test_that_a_shapefile_without_codes_is_checked_all_the_same(tmp_path: Path) -> None:
    drawn_grid().drop(columns="code").to_file(tmp_path / "plain.shp")
    done = check_grid(CheckGrid(str(tmp_path / "plain.shp")))
    assert done.findings == {"G4": 24}


def test_that_buildings_are_looked_at_when_given(tmp_path: Path) -> None:
    house = gpd.GeoDataFrame(geometry=[box(180, 220, 40, 20)], crs=4548)
    done = check_grid(CheckGrid(delivered(tmp_path), buildings=gpkg(tmp_path / "b.gpkg", b=house)))
    assert done.findings == {"G9": 1}


def test_that_a_named_field_and_layer_are_used(tmp_path: Path) -> None:
    done = check_grid(CheckGrid(delivered(tmp_path), layer="cells", id_field="area"))
    assert done.findings["G4"] == 24
    with pytest.raises(Refused, match="no layer nowhere; the file has: county, streets, communities, cells"):
        check_grid(CheckGrid(delivered(tmp_path), layer="nowhere"))
    with pytest.raises(Refused, match="no field CODE; it has: BGID, area"):
        check_grid(CheckGrid(delivered(tmp_path), id_field="CODE"))


# -- import


def test_that_a_finished_grid_comes_in_with_its_areas(tmp_path: Path, store: Store) -> None:
    done = import_grid(store, ImportGrid(delivered(tmp_path)))
    assert (done.layer, done.cells, done.accepted, done.streets, done.communities) == ("cells", 24, 24, 1, 1)
    cells = store.load_cells()
    assert cells["code"].tolist() == drawn_grid()["code"].tolist()
    assert (cells["community_code"] == f"{STREET}001").all()
    assert [len(store.load_areas(level)) for level in ("county", "street", "community")] == [1, 1, 1]


def test_that_a_second_import_takes_the_place_of_the_first(tmp_path: Path, store: Store) -> None:
    import_grid(store, ImportGrid(delivered(tmp_path)))
    fewer = drawn_grid(6, 2).set_geometry(drawn_grid(6, 2).translate(0, 200))
    (tmp_path / "grid.gpkg").unlink()
    done = import_grid(store, ImportGrid(delivered(tmp_path, cells=fewer)))
    assert done.accepted == len(store.load_cells()) == 12
    assert done.findings == {"G3": 1}


def test_that_rows_without_polygon_or_code_stay_out_and_are_told(tmp_path: Path, store: Store) -> None:
    grid = drawn_grid()
    shapes = list(grid.geometry)
    shapes[4] = None
    grid = grid.set_geometry(shapes, crs=4548)
    grid.loc[7, "code"] = "unknown"
    done = import_grid(store, ImportGrid(delivered(tmp_path, cells=grid)))
    assert (done.cells, done.accepted) == (24, 22)
    assert {"G1", "G4"} <= set(done.findings)


def test_that_a_cell_that_crosses_itself_stays_out_and_is_told(tmp_path: Path, store: Store) -> None:
    grid = drawn_grid().rename(columns={"code": "BGID"}).drop(columns="note")
    west, south, east, north = grid.geometry.iloc[4].bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    grid.geometry = [*grid.geometry[:4], bow, *grid.geometry[5:]]
    done = import_grid(store, ImportGrid(delivered(tmp_path, cells=grid)))
    assert (done.cells, done.accepted, len(store.load_cells())) == (24, 23, 23)
    told = done.details[(done.details["code"] == "G1") & (done.details["severity"] == ERROR)]
    assert told["row"].tolist() == [5] and done.errors >= 1
    assert grid["BGID"][4] not in set(store.load_cells()["code"])


def test_that_repeated_codes_are_refused_with_the_row(tmp_path: Path, store: Store) -> None:
    grid = drawn_grid()
    grid.loc[5, "code"] = grid.loc[2, "code"]
    with pytest.raises(Refused, match=f"Row 6: the code {STREET}001003") as refusal:
        import_grid(store, ImportGrid(delivered(tmp_path, cells=grid)))
    assert (refusal.value.row, refusal.value.file) == (6, "grid.gpkg")
    assert len(store.load_cells()) == 0


def test_that_a_grid_in_degrees_lands_on_a_chinese_plane(tmp_path: Path, store: Store) -> None:
    done = import_grid(store, ImportGrid(gpkg(tmp_path / "d.gpkg", cells=drawn_grid().to_crs(4490))))
    assert (done.accepted, done.findings) == (24, {"G11": 1})
    assert store.info(with_hash=False).crs == 4548
    assert store.load_cells().total_bounds == pytest.approx([X0, Y0, X0 + 600, Y0 + 400], abs=1e-3)


def test_that_two_grids_in_one_file_are_not_plain(tmp_path: Path, store: Store) -> None:
    twice = gpkg(tmp_path / "two.gpkg", old=drawn_grid(), new=drawn_grid())
    with pytest.raises(Refused, match="not plain; the file has: old, new"):
        import_grid(store, ImportGrid(twice))
    assert import_grid(store, ImportGrid(twice, layer="new")).accepted == 24


@pytest.mark.shared
def test_that_the_clean_copy_comes_in_whole(shared: Path, store: Store) -> None:
    done = import_grid(store, ImportGrid(str(shared / "data/dongcheng_like/clean/admin_and_cells.gpkg.zip")))
    assert (done.accepted, done.errors, done.streets, done.communities) == (2187, 0, 13, 117)
    assert len(store.load_cells()) == 2187


@pytest.mark.shared
def test_that_a_grid_without_prj_is_refused_with_the_remedy(shared: Path, store: Store) -> None:
    with pytest.raises(Refused, match="does not say its reference system") as refusal:
        import_grid(store, ImportGrid(str(shared / "data/china_samples/shenzhen_grid_noprj.zip")))
    assert ".prj" in refusal.value.remedy
    assert store.info(with_hash=False).crs == 0
