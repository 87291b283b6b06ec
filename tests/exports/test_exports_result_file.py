"""The file of an analysis gives back every figure to the last digit, and how it was made."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyogrio.errors import FeatureError

from exports import result_file
from exports.finished import finished
from exports.result_file import ResultFile
from kernel.errors import Refused

FORMS = ("gpkg", "parquet", "csv")


@pytest.fixture
def result() -> ResultFile:
    rng = np.random.default_rng(1)
    x = np.arange(6) * 100.0
    columns = {"code": [f"11010100100100{k}" for k in range(6)], "value": rng.poisson(3, 6).astype(float),
               "z": rng.normal(size=6), "p": rng.random(6), "class": np.array([0, 1, -3, 2, 0, 3], dtype=np.int8),
               "fdr": np.array([False, True, False, False, False, True])}  # fmt: skip
    columns["z"][4] = columns["p"][4] = np.nan
    areas = gpd.GeoDataFrame(columns, geometry=shapely.box(x, 0, x + 100, 100 / 3), crs=4548)
    return ResultFile(areas, {"method": "gistar", "weights": "knn:8", "crs": 4548, "fdr": 0.05, "class_codes": ["0101"],
                              "source": "上水井盖.shp", "extent": {"xmin": 0.0}, "data_version": None})  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_that_a_result_comes_back_to_the_last_digit(result, tmp_path, form):
    file = result_file.write(result, tmp_path / f"热点.{form}")
    again = result_file.read(file)
    assert again.parameters == result.parameters
    assert again.areas.crs.to_epsg() == 4548
    for name in result_file.COLUMNS:
        assert np.array_equal(again.areas[name], result.areas[name]) or name in ("z", "p")
    for name in ("value", "z", "p"):
        assert np.array_equal(again.areas[name], result.areas[name], equal_nan=True)
    assert shapely.equals_exact(again.areas.geometry.values, result.areas.geometry.values).all()
    assert again.areas["fdr"].dtype == bool


def test_that_others_find_layer_and_columns_where_they_expect_them(result, tmp_path):
    result_file.write(result, tmp_path / "r.gpkg")
    assert len(gpd.read_file(tmp_path / "r.gpkg")) == 6
    assert set(result_file.COLUMNS) <= set(gpd.read_file(tmp_path / "r.gpkg", layer="result").columns)
    result_file.write(result, tmp_path / "r.csv")
    assert pd.read_csv(tmp_path / "r.csv").columns[:5].tolist() == ["code", "value", "z", "p", "class"]
    result_file.write(result, tmp_path / "r.parquet")
    assert gpd.read_parquet(tmp_path / "r.parquet").crs.to_epsg() == 4548


@pytest.mark.parametrize("form", FORMS)
def test_that_an_older_result_is_replaced_as_a_whole(result, tmp_path, form):
    target = tmp_path / f"r.{form}"
    result_file.write(result, target)
    shorter = ResultFile(result.areas.iloc[:2], result.parameters)
    result_file.write(shorter, target)
    assert len(result_file.read(target).areas) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        {target.name, *(["r.csv.json"] if form == "csv" else [])}
    )


def test_that_other_files_are_no_results(tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "a.csv")
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4548).to_file(tmp_path / "a.gpkg")
    (tmp_path / "b.gpkg").write_bytes(b"no")
    (tmp_path / "c.parquet").write_bytes(b"no")
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4548).to_parquet(tmp_path / "d.parquet")
    for name in ("a.csv", "a.gpkg", "b.gpkg", "c.parquet", "d.parquet"):
        with pytest.raises(Refused, match="not a result"):
            result_file.read(tmp_path / name)
    with pytest.raises(Refused, match="does not exist"):
        result_file.read(tmp_path / "none.gpkg")
    with pytest.raises(Refused, match="not a result"):
        result_file.read(Path(__file__))


def test_that_an_ending_without_a_form_is_refused(result, tmp_path):
    with pytest.raises(Refused, match=r"\.xls"):
        result_file.write(result, tmp_path / "r.xls")
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_that_fills_under_gdal_is_a_refusal_and_leaves_no_file(tmp_path):
    with pytest.raises(Refused, match="disk is full"), finished(tmp_path / "a.gpkg") as waiting:
        waiting.write_bytes(b"half")
        raise FeatureError("Could not add feature to layer at index 3: database or disk is full")
    assert not list(tmp_path.iterdir())
