"""Shapefiles that lost a part: read as far as they go, and said."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from census import ReadOptions
from census.reading.shapefile import read_shapefile
from census.reading.tables import SourceTable
from kernel.errors import Refused
from tests.census.survey_files import CRS, city_cells, lamp, places, write_points, write_survey


def read(path: Path) -> SourceTable:
    return read_shapefile(path, path.name, ReadOptions())


def rules(table: SourceTable) -> list[str]:
    return [note.rule for note in table.notes]


@pytest.fixture
def lamps(tmp_path: Path) -> Path:
    return write_survey(tmp_path, [lamp(k) for k in range(1, 7)], places(6))


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    frame = city_cells().rename(columns={"code": "BGID"})[["BGID", "geometry"]]
    frame.to_file(tmp_path / "cells.shp", encoding="GBK")
    return tmp_path / "cells.shp"


def test_that_a_sound_layer_gives_every_feature_and_no_remark(lamps: Path) -> None:
    table = read(lamps)
    assert len(table) == 6
    assert table.notes == ()
    assert table.columns["部件名称"].to_pylist() == ["路灯"] * 6
    assert (table.encoding.name, table.encoding.declared) == ("GBK", "GBK")


def test_that_null_shapes_stand_among_points_without_a_place(tmp_path: Path) -> None:
    shp = write_survey(tmp_path, [lamp(1), lamp(2), lamp(3)], [(1.0, 2.0), None, (5.0, 6.0)])
    table = read(shp)
    assert np.isnan(table.x).tolist() == [False, True, False]
    assert table.y[2] == 6.0


@pytest.mark.parametrize("what", ["lamps", "cells"])
def test_that_a_missing_index_is_said_and_costs_no_feature(what: str, request: pytest.FixtureRequest) -> None:
    shp: Path = request.getfixturevalue(what)
    whole = read(shp)
    shp.with_suffix(".shx").unlink()
    before = sorted(path.name for path in shp.parent.iterdir())
    table = read(shp)
    assert rules(table) == ["missing_shx"]
    assert (table.x == whole.x).all()
    assert len(table) == 6
    assert sorted(path.name for path in shp.parent.iterdir()) == before, (
        "nothing is written beside the survey"
    )


def test_that_a_wrong_index_is_not_believed(cells: Path, lamps: Path) -> None:
    cells.with_suffix(".shx").write_bytes(lamps.with_suffix(".shx").read_bytes()[:-8])
    table = read(cells)
    assert rules(table) == ["broken_shx"]
    assert len(table) == 6
    assert table.shapes is not None
    assert shapely.area(table.shapes).round().tolist() == [10_000.0] * 6


def test_that_without_dbf_every_feature_is_bare(lamps: Path) -> None:
    lamps.with_suffix(".dbf").unlink()
    table = read(lamps)
    assert rules(table) == ["missing_dbf"]
    assert table.bare is not None
    assert table.bare.all()
    assert len(table) == 6


@pytest.mark.parametrize("what", ["lamps", "cells"])
def test_that_a_truncated_geometry_file_leaves_the_rest_unreadable(
    what: str, request: pytest.FixtureRequest
) -> None:
    shp: Path = request.getfixturevalue(what)
    raw = shp.read_bytes()
    shp.write_bytes(raw[: 100 + (len(raw) - 100) // 2 + 7])
    table = read(shp)
    assert "truncated_file" in rules(table)
    assert len(table) == 6, "every record of the table is counted"
    assert table.unreadable is not None
    assert table.unreadable.tolist() == [False, False, False, True, True, True]


def test_that_a_dbf_shorter_than_the_shp_leaves_features_without_attributes(tmp_path: Path) -> None:
    shp = write_survey(tmp_path, [lamp(1), lamp(2)], places(2))
    write_points(shp, places(5))
    table = read(shp)
    assert "dbf_shorter" in rules(table)
    assert table.bare is not None
    assert table.bare.tolist() == [False, False, True, True, True]


@pytest.mark.parametrize(("body", "words"), [(b"", "is empty"), (b"hello", "is not a shapefile")])
def test_that_what_is_no_shapefile_is_refused(tmp_path: Path, body: bytes, words: str) -> None:
    path = tmp_path / "text.shp"
    path.write_bytes(body)
    with pytest.raises(Refused, match=words) as refused:
        read(path)
    assert refused.value.file == "text.shp"
    assert refused.value.remedy


def test_that_parts_are_found_whatever_the_case_of_their_names(lamps: Path) -> None:
    for path in list(lamps.parent.iterdir()):
        path.rename(path.with_suffix(path.suffix.upper()))
    table = read(lamps.with_suffix(".SHP"))
    assert table.columns["部件名称"].to_pylist() == ["路灯"] * 6
    assert table.declared_crs.startswith("PROJCS")


def test_that_points_with_heights_are_points(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"A": ["x", "y"]}, geometry=shapely.points([[1, 2, 3], [4, 5, 6]]), crs=CRS)
    frame.to_file(tmp_path / "z.shp")
    table = read(tmp_path / "z.shp")
    assert table.shapes is None
    assert (table.x.tolist(), table.y.tolist()) == ([1.0, 4.0], [2.0, 5.0])


def test_that_a_record_of_another_type_among_points_is_unreadable(tmp_path: Path) -> None:
    shp = write_survey(tmp_path, [lamp(1), lamp(2)], places(2))
    raw = bytearray(shp.read_bytes())
    raw[100 + 28 + 8 : 100 + 28 + 12] = struct.pack("<i", 77)
    shp.write_bytes(bytes(raw))
    table = read(shp)
    assert table.unreadable is not None
    assert table.unreadable.tolist() == [False, True]
