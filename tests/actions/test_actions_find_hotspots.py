"""Hot spots by the action: of files with published answers, and of a small store."""

from __future__ import annotations

import json
from dataclasses import asdict

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from actions.hotspots.find_hotspots import FindHotspots, find_hotspots
from census.draft import Draft
from data import store as stores
from exports import result_file
from gis.frames import components_frame
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched

SIDE, COUNTY = 10, "110101"
WEST, SOUTH = 448_000.0, 4_418_000.0


@pytest.fixture(scope="module")
def cells():
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    x, y = WEST + column * 100.0, SOUTH + row * 100.0
    codes = [f"{COUNTY}001001{k + 1:03d}" for k in range(SIDE * SIDE)]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapely.box(x, y, x + 100, y + 100), crs=4548)


@pytest.fixture(scope="module")
def places():
    """800 places: half of them crowd in the south-west, three lie outside, all broken ones in the north-east."""
    rng = np.random.default_rng(1)
    x = WEST + np.r_[rng.uniform(0, 250, 400), rng.uniform(0, 1000, 397), -5.0, 1005.0, 500.0]
    y = SOUTH + np.r_[rng.uniform(0, 250, 400), rng.uniform(0, 1000, 397), 500.0, 500.0, 1001.0]
    return x, y


@pytest.fixture(scope="module")
def store(cells, places, tmp_path_factory):
    x, y = places
    broken = (x > WEST + 700) & (y > SOUTH + 700)
    frame = components_frame(
        {"code": [f"{COUNTY}0101{k:06d}" for k in range(len(x))], "x": x, "y": y,
         "class_code": np.where(np.arange(len(x)) % 2, "0101", "0205"), "state": np.where(broken, "破损", "完好")},
        len(x),
    )  # fmt: skip
    opened = stores.open(":memory:", create=True, standard="2013", crs=4548, actor="王工")
    opened.replace_grid(cells)
    opened.commit_census(Draft("test", ("test.csv",), "2013", 4548, len(frame), frame))
    yield opened
    opened.close()


@pytest.fixture
def points_csv(places, tmp_path):
    x, y = places
    pd.DataFrame({"x": x, "y": y, "weight": 2.0}).to_csv(tmp_path / "points.csv", index=False)
    return str(tmp_path / "points.csv")


@pytest.mark.shared
@pytest.mark.parametrize("threshold, z", [("30", 1.2219791625854988), ("60", 1.7480975429706986),
                                          ("90", 1.986135427161182), ("120", 1.8933738244030647)])  # fmt: skip
def test_that_getis_and_ords_figure_comes_out_of_a_file(shared, tmp_path, threshold, z):
    source = str(shared / "data/spatial_stats_ref/getisord_16x16.csv")
    found = find_hotspots(None, FindHotspots(source=source, crs="32650", on="features", values="val", method="gi",
                                             weights=f"distance:{threshold}", out=str(tmp_path / "g.csv")))  # fmt: skip
    assert found.areas == found.events == 256
    assert pd.read_csv(tmp_path / "g.csv").z[119] == pytest.approx(z, abs=1e-9)


@pytest.mark.shared
def test_that_columbus_comes_out_of_a_zip(shared):
    source = str(shared / "data/spatial_stats_ref/columbus.zip")
    found = find_hotspots(
        None, FindHotspots(source=source, crs="32650", on="features", values="CRIME", method="moran")
    )
    told = found.answer()["global"]
    assert told["I"] == pytest.approx(0.5001885571828613, abs=1e-12)
    assert told["z_randomisation"] == pytest.approx(5.589382675044511, abs=1e-9)
    assert told["z_normality"] == pytest.approx(5.63031278773819, abs=1e-9)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["memphis_robberies", "memphis_robberies_jan"])
def test_that_memphis_on_a_mesh_has_the_reference_scores(shared, name):
    folder = shared / "data/spatial_stats_ref"
    expected = json.loads((folder / "reference.json").read_text())["sets"][name]["computed"]["grid"]
    found = find_hotspots(None, FindHotspots(source=str(folder / f"{name}.csv"), crs="32615", on="500"))
    scores = expected["gistar_queen_3x3_selfincl_binary"]
    assert found.areas == expected["cells"]
    assert (found.extent["columns"], found.extent["rows"]) == (expected["nx"], expected["ny"])
    assert [found.extent["xmin"], found.extent["ymin"]] == expected["origin"]
    assert found.max_z == pytest.approx(scores["max_z"], abs=1e-9)
    assert found.min_z == pytest.approx(scores["min_z"], abs=1e-9)
    assert found.hot["99"] + found.hot["95"] == scores["n_z_gt_1.96"]
    assert found.left_out == {}


def test_that_a_crowd_of_components_is_hot(store, tmp_path):
    found = find_hotspots(store, FindHotspots(out=str(tmp_path / "r.gpkg")))
    assert found.areas == 100
    assert found.events == 797
    assert found.left_out == {"outside": 3}
    assert found.hot["99"] >= 4 and found.hot_fdr >= 4
    result = result_file.read(tmp_path / "r.gpkg")
    hot = result.areas[result.areas["class"] == 3]
    assert hot.geometry.centroid.x.max() < WEST + 400
    assert result.areas["code"].tolist() == store.load_cells()["code"].tolist()
    assert result.areas["value"].sum() == found.events
    assert result.parameters["method"] == "gistar" and result.parameters["weights"] == "queen"
    assert result.parameters["data_hash"] == found.data_hash
    assert result.parameters["data_version"] == store.info().data_version


def test_that_classes_and_states_choose_what_is_counted(store):
    one = find_hotspots(store, FindHotspots(class_codes=("0101",)))
    other = find_hotspots(store, FindHotspots(class_codes=("0205",)))
    broken = find_hotspots(store, FindHotspots(states=("破损",)))
    assert one.events + other.events == 797
    assert 0 < broken.events < 200
    assert broken.data_hash != one.data_hash


def test_that_a_file_gives_the_same_as_the_store(store, points_csv):
    stored = find_hotspots(store, FindHotspots())
    read = find_hotspots(store, FindHotspots(source=points_csv, crs="4548"))
    assert asdict(read) | {"seconds": 0} == asdict(stored) | {"seconds": 0}


def test_that_values_are_summed_and_meshes_say_what_they_cover(points_csv, tmp_path):
    request = FindHotspots(
        source=points_csv, crs="4548", on="100", values="weight", out=str(tmp_path / "r.parquet")
    )
    found = find_hotspots(None, request)
    areas = gpd.read_parquet(tmp_path / "r.parquet")
    assert areas["value"].sum() == 2 * found.events == 1600
    assert found.extent["of"] == "mesh around the points"
    assert found.areas == found.extent["columns"] * found.extent["rows"] == 12 * 11
    assert areas["code"].tolist()[:2] == ["r0c0", "r0c1"]


def test_that_hexagons_hold_every_point(points_csv):
    found = find_hotspots(None, FindHotspots(source=points_csv, crs="4548", on="hex:150"))
    assert found.events == 800 and found.left_out == {}


def test_that_an_area_bounds_the_mesh(points_csv, tmp_path):
    area = gpd.GeoDataFrame(geometry=[shapely.box(WEST, SOUTH, WEST + 500, SOUTH + 450)], crs=4548)
    area.to_file(tmp_path / "area.gpkg", layer="area")
    request = FindHotspots(source=points_csv, crs="4548", on="100", area=str(tmp_path / "area.gpkg"))
    found = find_hotspots(None, request)
    assert found.extent["of"] == "mesh over the area"
    assert found.areas == 25
    assert found.events + found.left_out["outside"] == 800


def test_that_density_is_measured_where_asked(store, tmp_path):
    found = find_hotspots(
        store, FindHotspots(method="density", bandwidth_m=200, out=str(tmp_path / "d.gpkg"))
    )
    result = result_file.read(tmp_path / "d.gpkg")
    assert found.moran is None and found.hot == {"99": 0, "95": 0, "90": 0}
    assert result.parameters["bandwidth_m"] == 200
    best = result.areas.iloc[result.areas["value"].argmax()].geometry.centroid
    assert best.x < WEST + 300 and best.y < SOUTH + 300
    assert result.areas["count"].sum() == found.events
    # 800 components on a square kilometre, half of them on a sixteenth of it
    assert 800 < result.areas["value"].max() < 8000


def test_that_features_without_a_value_have_no_score(tmp_path):
    values = ["1", "2", "", "9", "8", "x", "1", "1", "2", "2"]
    pd.DataFrame({"x": np.arange(10) * 10, "y": 0, "v": values}).to_csv(tmp_path / "f.csv", index=False)
    request = FindHotspots(source=str(tmp_path / "f.csv"), crs="4548", on="features", values="v", weights="distance:20",
                           out=str(tmp_path / "r.csv"))  # fmt: skip
    found = find_hotspots(None, request)
    z = result_file.read(tmp_path / "r.csv").areas["z"]
    assert found.left_out == {"without_value": 2}
    assert found.events == 8
    assert np.flatnonzero(z.isna()).tolist() == [2, 5]


def test_that_points_nowhere_are_left_out_with_a_reason(tmp_path):
    rng = np.random.default_rng(2)
    lon, lat = rng.normal(116.4, 0.01, 500), rng.normal(39.9, 0.01, 500)
    lon[:3] = lat[:3] = 0
    frame = pd.DataFrame({"经度": lon.round(6).astype(str), "纬度": lat.round(6).astype(str)})
    frame.loc[3:6, "经度"] = ""
    frame.to_csv(tmp_path / "p.csv", index=False)
    found = find_hotspots(None, FindHotspots(source=str(tmp_path / "p.csv"), on="250"))
    assert found.left_out == {"at_zero": 3, "without_coordinates": 4}
    assert found.events == 493
    assert found.extent["crs"] == 4548


def test_that_the_same_question_has_the_same_answer(store, tmp_path):
    for form in ("csv", "parquet"):
        files = [tmp_path / f"{k}.{form}" for k in range(2)]
        for file in files:
            find_hotspots(store, FindHotspots(out=str(file)))
        assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    "wish, words",
    [({"method": "emerging"}, "emerging"), ({"source": "cases"}, "no cases"), ({"on": "nowhere"}, "gathered"),
     ({"on": "hex:-5"}, "gathered"), ({"weights": "bishop"}, "no rule"), ({"weights": "knn:x"}, "fit"),
     ({"weights": "knn:500"}, "fit"), ({"fdr": 1.5}, "false discoveries"), ({"bandwidth_m": -5.0}, "bandwidth"), ({"out": "x.pdf"}, r"\.pdf"),
     ({"class_codes": ("9999",)}, "9999"), ({"states": ("完美",)}, "完美"), ({"values": "x"}, "no field of numbers"),
     ({"on": "features"}, "own fields"), ({"source": "/nowhere.csv"}, "does not exist"),
     ({"states": ("废弃",)}, "same value, 0")],
)  # fmt: skip
def test_that_wishes_that_cannot_be_met_are_refused(store, wish, words):
    with pytest.raises(Refused, match=words) as refusal:
        find_hotspots(store, FindHotspots(**wish))
    assert refusal.value.remedy


def test_that_files_without_what_is_needed_are_refused(tmp_path, points_csv):
    with pytest.raises(Refused, match="reference system"):
        find_hotspots(None, FindHotspots(source=points_csv, on="100"))
    with pytest.raises(Refused, match="no field") as refusal:
        find_hotspots(None, FindHotspots(source=points_csv, crs="4548", on="100", values="height"))
    assert "weight" in str(refusal.value)
    with pytest.raises(Refused, match="need areas"):
        find_hotspots(None, FindHotspots(source=points_csv, crs="4548", on="features", values="weight"))
    pd.DataFrame({"x": [1, 2], "y": [1, 2], "name": ["a", "b"]}).to_csv(tmp_path / "n.csv", index=False)
    with pytest.raises(Refused, match="no number"):
        find_hotspots(None, FindHotspots(source=str(tmp_path / "n.csv"), crs="4548", on="100", values="name"))


def test_that_a_store_without_cells_says_so():
    with stores.open(":memory:", create=True, crs=4548) as empty, pytest.raises(Refused, match="no cells"):
        find_hotspots(empty, FindHotspots())


def test_that_nothing_is_written_when_it_is_cancelled(store, tmp_path):
    progress = Watched(lambda share, words, places: progress.cancel() if share >= 0.6 else None)
    with pytest.raises(Cancelled):
        find_hotspots(store, FindHotspots(out=str(tmp_path / "r.gpkg")), progress)
    assert list(tmp_path.iterdir()) == []
