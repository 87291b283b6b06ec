"""The same lamps in every format that companies deliver, with Chinese fields: points, lines and areas."""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from census import Draft, ReadOptions, check, read
from census.mapping import known_field_names
from tests.census.survey_files import CRS, about_files, city, lamp, places

FORMATS = [
    ("gpkg", "GPKG", CRS), ("geojson", "GeoJSON", 4326), ("gdb", "OpenFileGDB", CRS), ("kml", "KML", 4326),
    ("kmz", "LIBKML", 4326), ("fgb", "FlatGeobuf", CRS), ("gml", "GML", CRS), ("geojsonl", "GeoJSONSeq", 4326),
    ("tab", "MapInfo File", CRS), ("mif", "MapInfo File", CRS), ("shp", "ESRI Shapefile", CRS),
]  # fmt: skip


def lamps(kind: str = "point", count: int = 5) -> gpd.GeoDataFrame:
    at = [shapely.Point(xy) for xy in places(count)]
    shapes = {
        "point": at,
        "line": [shapely.LineString([(p.x, p.y), (p.x + 2, p.y + 1)]) for p in at],
        "area": [p.buffer(1) for p in at],
    }[kind]
    return gpd.GeoDataFrame([lamp(k + 1) for k in range(count)], geometry=shapes, crs=CRS)


def written(path: Path, frame: gpd.GeoDataFrame, driver: str, epsg: int, **options: str) -> Path:
    if driver == "MapInfo File":
        options |= {"ENCODING": "CP936"} | ({"FORMAT": "MIF"} if path.suffix == ".mif" else {})
    if driver == "ESRI Shapefile":
        options["encoding"] = "GBK"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_crs(epsg).to_file(path, driver=driver, engine="pyogrio", **options)
    return path


def drafted(path: Path) -> Draft:
    context = city()
    words = context.class_words | known_field_names()
    return check(read([path], ReadOptions(known_words=words)), context)


@pytest.mark.parametrize("kind", ["point", "line", "area"])
@pytest.mark.parametrize(("ending", "driver", "epsg"), FORMATS, ids=[each[0] for each in FORMATS])
def test_that_every_format_gives_the_same_components(
    tmp_path: Path, ending: str, driver: str, epsg: int, kind: str
) -> None:
    draft = drafted(written(tmp_path / f"lamps.{ending}", lamps(kind), driver, epsg))
    assert (draft.read, len(draft.components)) == (5, 5)
    assert draft.components["owner_name"].tolist() == [""] * 5
    assert draft.components["authority_name"].astype(str).unique().tolist() in (["示例区路灯管理中心"], [""])
    assert sorted(draft.components["code"]) == [lamp(k + 1)["标识码"] for k in range(5)]


def test_that_geoparquet_gives_the_same_components(tmp_path: Path) -> None:
    lamps("area").to_parquet(tmp_path / "lamps.parquet")
    assert len(drafted(tmp_path / "lamps.parquet").components) == 5


@pytest.mark.parametrize(("charset", "said"), [("Neutral", "GBK"), ("WindowsLatin1", "CP1252 → GBK")])
@pytest.mark.parametrize("ending", ["tab", "mif"])
def test_that_a_mapinfo_table_is_read_by_its_bytes_whatever_it_declares(
    tmp_path: Path, ending: str, charset: str, said: str
) -> None:
    path = written(tmp_path / f"lamps.{ending}", lamps(), "MapInfo File", CRS)
    path.write_bytes(path.read_bytes().replace(b"WindowsSimpChinese", charset.encode()))
    before = path.read_bytes()
    draft = drafted(path)
    assert (len(draft.components), draft.encoding) == (5, "GBK")
    assert about_files(draft.findings)["misdeclared_encoding"] == said
    assert path.read_bytes() == before


@pytest.mark.parametrize("declared", ["UTF-8", "GB2312"])
def test_that_kml_in_gbk_is_read(tmp_path: Path, declared: str) -> None:
    path = written(tmp_path / "lamps.kml", lamps(), "KML", 4326)
    text = re.sub('encoding="[^"]*"', f'encoding="{declared}"', path.read_text("utf-8"), count=1)
    path.write_bytes(text.encode("gbk"))
    draft = drafted(path)
    assert (len(draft.components), draft.encoding) == (5, "GBK")
    assert ("misdeclared_encoding" in about_files(draft.findings)) == (declared == "UTF-8")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_that_a_drawing_gets_its_class_from_its_layers_in_any_code_page(
    tmp_path: Path, encoding: str
) -> None:
    frame = lamps()[["geometry"]].assign(Layer="路灯")
    path = written(tmp_path / "a.dxf", frame, "DXF", CRS)  # which declares ANSI_1252
    path.write_bytes(path.read_bytes().decode("utf-8").encode(encoding))
    draft = drafted(path)
    assert draft.components["class_code"].tolist() == ["0137"] * 5
    assert "CP1252 → " in about_files(draft.findings)["misdeclared_encoding"]


def test_that_the_files_beside_a_table_are_never_touched(tmp_path: Path) -> None:
    path = written(tmp_path / "lamps.tab", lamps(), "MapInfo File", CRS)
    path.write_bytes(path.read_bytes().replace(b"WindowsSimpChinese", b"Neutral"))
    copy = shutil.copytree(tmp_path, tmp_path.parent / "before")
    drafted(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in copy.iterdir())
    assert all((tmp_path / p.name).read_bytes() == p.read_bytes() for p in copy.iterdir())
