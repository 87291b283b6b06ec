"""Deliveries that are broken on purpose: each is taken or refused by name, with a remedy, and no row is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from census import check, read
from kernel.errors import Refused
from tests.census.survey_files import CRS, X0, Y0, city, lamp, places, write_survey

LINE = f"标识码,部件名称,X坐标,Y坐标\n1101010137000077,路灯,{X0 + 5},{Y0 + 50}\n"
LAMPS = 4


def lamps() -> gpd.GeoDataFrame:
    points = [shapely.Point(place) for place in places(LAMPS)]
    return gpd.GeoDataFrame([lamp(k) for k in range(1, LAMPS + 1)], geometry=points, crs=CRS)


def survey(folder: Path) -> Path:
    return write_survey(folder, [lamp(k) for k in range(1, LAMPS + 1)], places(LAMPS))


def taken(source: Path) -> tuple[int, int, int]:
    """Rows read, accepted, and files that could not be read."""
    reading = read([source])
    draft = check(reading, city())
    assert draft.read == len(draft.components) + len(draft.quarantined)
    assert all(draft.findings["remedy"][draft.findings["severity"] == "error"])
    return draft.read, len(draft.components), len(reading.unread)


@pytest.mark.parametrize("word", ["klingon\x00ÿ", "hex", "rot13", "undefined", "\x00"])
def test_that_a_cpg_of_nonsense_is_no_witness(tmp_path: Path, word: str) -> None:
    survey(tmp_path).with_suffix(".cpg").write_text(word, "latin-1")
    assert taken(tmp_path) == (LAMPS, LAMPS, 0)


@pytest.mark.parametrize("ending", [".cpg", ".prj", ".dbf"])
def test_that_a_part_that_cannot_be_opened_is_named(tmp_path: Path, ending: str) -> None:
    part = survey(tmp_path).with_suffix(ending)
    part.unlink()
    part.mkdir()
    with pytest.raises(Refused, match=f"0137_路灯.{ending[1:]} cannot be opened") as refused:
        read([tmp_path / "0137_路灯.shp"])
    assert refused.value.remedy


def link_to_nowhere(folder: Path) -> None:
    (folder / "a.shp").symlink_to(folder / "nowhere.shp")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "a.csv")


def cut_flatgeobuf(folder: Path) -> None:
    lamps().to_file(folder / "a.fgb", driver="FlatGeobuf")
    (folder / "a.fgb").write_bytes((folder / "a.fgb").read_bytes()[:-50])


def cut_drawing(folder: Path) -> None:
    points = "".join(f"0\nPOINT\n8\n路灯\n10\n{X0 + k}\n20\n{Y0 + 5}\n" for k in range(1, 5))
    (folder / "a.dxf").write_text(f"0\nSECTION\n2\nENTITIES\n{points}", "utf-8")


@pytest.mark.parametrize("spoil", [link_to_nowhere, pipe, cut_flatgeobuf, cut_drawing])
def test_that_what_cannot_be_read_stands_beside_what_can(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    survey(tmp_path)
    spoil(tmp_path)
    assert taken(tmp_path) == (LAMPS, LAMPS, 1)


def test_that_a_folder_that_leads_back_to_itself_is_walked_once(tmp_path: Path) -> None:
    survey(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert taken(tmp_path) == (LAMPS, LAMPS, 0)


def test_that_a_name_in_gbk_on_the_disk_is_read_and_kept_as_text(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/" + "路灯.csv".encode("gbk")
    Path(os.fsdecode(name)).write_text(LINE, "utf-8")
    draft = check(read([os.fsdecode(name)]), city())
    assert draft.origins["file"].tolist() == ["路灯.csv"] and draft.label == "路灯.csv"
    json.dumps([draft.files, draft.notes], ensure_ascii=False).encode()


def test_that_objects_inside_of_geojson_become_text(tmp_path: Path) -> None:
    row = {"type": "Feature", "properties": {"标识码": {"a": [1, 2]}, "x": [1, "二"], "部件名称": "路灯"},
           "geometry": {"type": "Point", "coordinates": [116.4, 39.9, 1]}}  # fmt: skip
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), "utf-8")
    table = read([tmp_path / "a.geojson"]).tables[0]
    assert json.loads(table.columns["标识码"][0].as_py()) == {"a": [1, 2]}


@pytest.mark.parametrize("geo", [None, "{no json", "[1]", "{}", '{"primary_column": "geometry"}'])
def test_that_wkb_is_read_where_the_words_about_it_are_missing_or_broken(
    tmp_path: Path, geo: str | None
) -> None:
    frame = lamps()
    table = pa.table(
        {
            **{name: frame[name].tolist() for name in frame.columns[:-1]},
            "geometry": list(frame.to_wkb()["geometry"]),
        }
    )
    pq.write_table(
        table.replace_schema_metadata({"geo": geo} if geo else None), tmp_path / "0137_路灯.parquet"
    )
    assert taken(tmp_path) == (LAMPS, LAMPS, 0)


def test_that_geoparquet_with_coordinates_in_columns_of_their_own_is_read(tmp_path: Path) -> None:
    lamps().to_parquet(tmp_path / "0137_路灯.parquet", geometry_encoding="geoarrow")
    table = read([tmp_path]).tables[0]
    assert np.column_stack([table.x, table.y]).tolist() == [list(place) for place in places(LAMPS)]
