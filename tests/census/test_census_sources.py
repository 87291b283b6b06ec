"""A source may be a path, a folder, an archive or a member of one; dangerous archives stay packed."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from census import ReadOptions, check, read
from census.reading.delivery import fingerprints
from kernel.errors import Refused
from tests.census.survey_files import CRS, city, lamp, places, write_survey


class GbkZipInfo(zipfile.ZipInfo):
    """A member whose name is written as old Chinese programs do: GBK bytes, no mark."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


@pytest.fixture
def lamps(tmp_path: Path) -> Path:
    folder = tmp_path / "交付"
    folder.mkdir()
    return write_survey(folder, [lamp(k) for k in range(1, 6)], places(5))


def packed(
    folder: Path, target: Path, prefix: str = "", info: type[zipfile.ZipInfo] = zipfile.ZipInfo
) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(info(prefix + path.name), path.read_bytes())
    return target


def files(source: object, **options: str) -> list[tuple[str, int]]:
    return [(table.file, len(table)) for table in read([str(source)], ReadOptions(**options)).tables]


def test_that_a_folder_gives_every_layer_below_it(lamps: Path) -> None:
    deeper = lamps.parent / "第二批"
    deeper.mkdir()
    write_survey(deeper, [lamp(9)], places(1), name="0138_地灯")
    (lamps.parent / "说明.docx").write_bytes(b"no survey")
    assert files(lamps.parent) == [("0137_路灯.shp", 5), ("0138_地灯.shp", 1)]


@pytest.mark.parametrize("prefix", ["", "东城/普查/"])
def test_that_a_zip_is_read_with_its_folders(lamps: Path, tmp_path: Path, prefix: str) -> None:
    archive = packed(lamps.parent, tmp_path / "A.zip", prefix)
    assert files(archive) == [("0137_路灯.shp", 5)]
    assert files(f"zip://{archive}!{prefix}0137_路灯.shp") == [("0137_路灯.shp", 5)]


def test_that_names_in_gbk_without_mark_are_read_and_said(lamps: Path, tmp_path: Path) -> None:
    archive = packed(lamps.parent, tmp_path / "A.zip", info=GbkZipInfo)
    table = read([archive]).tables[0]
    assert table.file == "0137_路灯.shp"
    assert [note.rule for note in table.notes] == ["zip_name_encoding"]


def test_that_an_archive_in_an_archive_is_opened(lamps: Path, tmp_path: Path) -> None:
    inner = packed(lamps.parent, tmp_path / "inner.zip")
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "第一批/inner.zip")
    assert files(outer) == [("0137_路灯.shp", 5)]


def test_that_a_member_that_is_not_there_is_named(lamps: Path, tmp_path: Path) -> None:
    archive = packed(lamps.parent, tmp_path / "A.zip")
    with pytest.raises(Refused, match=r"A\.zip has no member 0138\.shp"):
        read([f"zip://{archive}!0138.shp"])


@pytest.mark.parametrize("name", ["../evil.shp", "/etc/evil.shp", "a/../../evil.shp", "C:\\evil.shp"])
def test_that_a_path_outside_the_archive_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    archive = tmp_path / "A.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.shp", b"x")
        out.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(Refused, match="outside its folder"):
        read([archive])
    assert not list(tmp_path.parent.rglob("evil*"))


def test_that_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "A.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out, out.open("a.csv", "w") as member:
        for _ in range(300):
            member.write(bytes(2**20))
    with pytest.raises(Refused, match="would unpack to 300 MB"):
        read([archive])


@pytest.mark.parametrize("cut", [0, 100, -40])
def test_that_a_damaged_archive_is_refused(lamps: Path, tmp_path: Path, cut: int) -> None:
    archive = packed(lamps.parent, tmp_path / "A.zip")
    archive.write_bytes(archive.read_bytes()[:cut] if cut else b"no zip")
    with pytest.raises(Refused, match=r"A\.zip is damaged or no zip archive"):
        read([archive])


def test_that_a_gzipped_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "灯.csv.gz"
    path.write_bytes(gzip.compress("名称,经度,纬度\n路灯,116.4,39.9\n".encode("gbk")))
    assert files(path) == [("灯.csv", 1)]


@pytest.mark.parametrize("name", ["missing.shp", "missing.zip"])
def test_that_a_path_that_does_not_exist_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="does not exist"):
        read([tmp_path / name])


def test_that_a_file_of_another_kind_is_refused_with_the_kinds_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "none.xyz").write_bytes(b"1 2 3")
    with pytest.raises(Refused, match=r"none\.xyz is of no kind") as refused:
        read([tmp_path / "none.xyz"])
    assert "gpkg" in refused.value.remedy


def test_that_one_broken_file_among_many_does_not_stop_the_others(lamps: Path) -> None:
    (lamps.parent / "坏.gpkg").write_bytes(b"\x00noise" * 100)
    reading = read([lamps.parent])
    assert [table.file for table in reading.tables] == ["0137_路灯.shp"]
    assert [error.file for error in reading.unread] == ["坏.gpkg"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty.geojson", b""),
        ("half.geojson", b'{"type":"FeatureCollection","features":[{"type":"Fea'),
        ("noise.gpkg", b"\x01\x02noise" * 200),
        ("noise.parquet", b"\x01\x02noise" * 200),
        ("noise.xlsx", b"\x01\x02noise" * 200),
        ("no features.geojson", b'{"type":"FeatureCollection","features":[]}'),
    ],
)
def test_that_an_unusable_file_is_refused_with_its_name_and_a_remedy(
    tmp_path: Path, name: str, body: bytes
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(Refused) as refused:
        read([tmp_path / name])
    assert name in str(refused.value)
    assert len(refused.value.remedy) > 10


def test_that_geojson_in_gbk_is_read_as_chinese(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"名称": ["路灯"]}, geometry=[shapely.Point(116.4, 39.9)], crs=4326)
    (tmp_path / "a.geojson").write_bytes(frame.to_json(ensure_ascii=False).encode("gbk"))
    assert read([tmp_path / "a.geojson"]).tables[0].columns["名称"].to_pylist() == ["路灯"]


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp", "parquet", "fgb", "kml", "tab", "gdb"])
def test_that_every_format_gives_the_same_rows(tmp_path: Path, ending: str) -> None:
    frame = gpd.GeoDataFrame(
        {"Name": ["路灯", "", "信号灯"], "number": ["7", "8", "9"]},
        geometry=shapely.points([[116.40, 39.90], [116.41, 39.91], [116.42, 39.92]]),
        crs=4326,
    )
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        drivers = {"gdb": "OpenFileGDB", "kml": "KML", "tab": "MapInfo File", "fgb": "FlatGeobuf"}
        words = {"encoding": "UTF-8"} if ending in ("shp", "tab") else {}
        frame.to_file(path, driver=drivers.get(ending), **words)
    table = read([path]).tables[0]
    assert sorted(zip(table.x.round(6), table.columns["Name"].to_pylist(), strict=True)) == [
        (116.40, "路灯"),
        (116.41, ""),
        (116.42, "信号灯"),
    ]
    assert len(table) == 3


def test_that_a_file_with_several_layers_wants_the_layers_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 1)], crs=CRS)
    frame.to_file(path, layer="roads")
    frame.to_file(path, layer="trees")
    with pytest.raises(Refused, match="has the layers roads, trees"):
        read([path])
    assert files(path, layer="trees") == [("a.gpkg", 1)]
    frame.rename(columns={"a": "部件标识码"}).to_file(path, layer="components")
    assert read([path]).tables[0].layer == "components"


def test_that_layers_named_after_classes_are_the_census_and_several_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "导出.kml"
    folders = "".join(
        f"<Folder><name>{name}</name><Placemark><name>{name}1</name><Point><coordinates>116.4,39.9</coordinates>"
        "</Point></Placemark></Folder>"
        for name in ("0137_路灯", "污水井盖", "底图")
    )
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>', "utf-8"
    )
    found = read([path], ReadOptions(known_words=frozenset({"路灯", "污水井盖"}))).tables
    assert [table.layer for table in found] == ["0137_路灯", "污水井盖"]
    both = read([path], ReadOptions(layer="污水井盖, 底图")).tables
    assert [table.layer for table in both] == ["污水井盖", "底图"]
    with pytest.raises(Refused, match="has the layers"):
        read([path], ReadOptions(layer="污水井盖,绿地"))


def test_that_nothing_is_left_in_the_temporary_folder(
    lamps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    read([packed(lamps.parent, tmp_path / "A.zip")])
    shutil.copy(tmp_path / "A.zip", tmp_path / "B.zip")
    assert list(scratch.iterdir()) == []


def test_that_many_small_bombs_in_one_archive_are_one_large_one(tmp_path: Path) -> None:
    bomb, outer = tmp_path / "bomb.zip", tmp_path / "A.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out, out.open("a.csv", "w") as member:
        for _ in range(100):
            member.write(bytes(2**20))
    with zipfile.ZipFile(outer, "w") as out:
        for number in range(5):
            out.write(bomb, f"{number}.zip")
    with pytest.raises(Refused, match=r"A\.zip!2\.zip would unpack to"):
        read([outer])


def test_that_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(300):
            out.write(bytes(2**20))
    with pytest.raises(Refused, match="would unpack to 257 MB"):
        read([path])


def test_that_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("lamps.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "A.zip", "w") as out:
        out.writestr(link, "/etc/passwd")
    with pytest.raises(Refused, match="outside its folder"):
        read([tmp_path / "A.zip"])


def test_that_what_cannot_be_read_beside_the_survey_is_named(lamps: Path, tmp_path: Path) -> None:
    folder = lamps.parent
    for name in ("plan.dwg", "照片.jpg", "rest.rar", "井盖.dbf"):
        (folder / name).write_bytes(b"x")
    (folder / "说明.txt").write_text("单位：示例公司\n", encoding="utf-8")
    (folder / "broken.zip").write_bytes(b"no zip")
    found = read([packed(folder, tmp_path / "A.zip")])
    said = {remark.rule: remark.value.replace("A.zip!", "") for remark in found.remarks}
    assert said == {"left_out_data": "plan.dwg, rest.rar, 井盖.dbf", "left_out": "照片.jpg, 说明.txt"}
    assert [str(error) for error in found.unread] == ["A.zip!broken.zip is damaged or no zip archive."]
    assert found.read == 5


def test_that_a_list_of_components_without_places_is_an_error_not_left_out(lamps: Path) -> None:
    (lamps.parent / "a.csv").write_text("标识码,部件名称\n1101010137000001,路灯\n", encoding="utf-8")
    found = read([lamps.parent])
    assert [error.file for error in found.unread] == ["a.csv"]


@pytest.mark.parametrize(("name", "word"), [("a.xls", "xlsx"), ("a.dwg", "dxf"), ("a.rar", "zip")])
def test_that_a_kind_nobody_reads_says_what_to_ask_for(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(Refused, match="no kind that can be read") as refused:
        read([tmp_path / name])
    assert word in refused.value.remedy


def test_that_a_file_given_twice_is_read_once(lamps: Path) -> None:
    assert read([lamps, lamps]).read == 5


def test_that_a_file_and_its_folder_are_read_once(lamps: Path) -> None:
    assert read([lamps.parent, lamps]).read == 5


def test_that_files_of_one_name_are_told_apart_by_the_shortest_folder(tmp_path: Path) -> None:
    for company in ("甲公司", "乙公司"):
        folder = tmp_path / company / "东区"
        folder.mkdir(parents=True)
        write_survey(folder, [lamp(1)], places(1))
        write_survey(folder, [lamp(1)], places(1), name=f"{company}_路灯")
    alike = ["甲公司/东区/0137_路灯.shp", "乙公司/东区/0137_路灯.shp"]
    alone = ["甲公司_路灯.shp", "乙公司_路灯.shp"]
    by_name = read([tmp_path / name for name in alike])
    assert [table.file for table in by_name.tables] == alike == [table.path for table in by_name.tables]
    whole = read([tmp_path])
    assert sorted(table.file for table in whole.tables) == sorted(alike + alone)
    assert all(table.form is not None and table.form.file == table.file for table in whole.tables)
    draft = check(by_name, city())
    assert set(draft.findings["file"][draft.findings["code"] == "duplicate_code"]) == set(alike)
    assert len(draft.notes) == 2 and draft.standard == "2013"


def test_that_layers_whose_names_stand_in_the_files_are_noted_apart(tmp_path: Path) -> None:
    for layer, number in (("路灯", 1), ("灯", 2)):
        points = gpd.GeoDataFrame([lamp(number)], geometry=[shapely.Point(places(2)[number - 1])], crs=CRS)
        points.to_file(tmp_path / "路灯.gpkg", layer=layer)
    assert len(check(read([tmp_path / "路灯.gpkg"]), city()).notes) == 2


def test_that_a_member_named_without_zip_is_known_by_its_archives_hash(lamps: Path, tmp_path: Path) -> None:
    archive = packed(lamps.parent, tmp_path / "A.zip")
    known = [fingerprints([f"{start}{archive}!{lamps.name}"]) for start in ("", "zip://")]
    assert known[0]["file"].tolist() == known[1]["file"].tolist() == ["A.zip"]


def test_that_a_name_with_an_exclamation_mark_is_a_file_before_it_is_a_member(lamps: Path) -> None:
    folder = lamps.parent.rename(lamps.parent.with_name("交付!"))
    assert read([folder / lamps.name]).read == 5 and len(fingerprints([str(folder / lamps.name)])) == 5


def test_that_a_file_that_is_written_while_it_is_read_is_refused(lamps: Path) -> None:
    dbf, begun, over = lamps.with_suffix(".dbf"), threading.Event(), threading.Event()

    def write() -> None:
        stamp = dbf.stat().st_mtime_ns
        while not over.is_set():
            stamp += 1_000
            os.utime(dbf, ns=(stamp, stamp))
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(10)
        with pytest.raises(Refused, match="changed while it was read"):
            read([lamps])
    finally:
        over.set()
        writer.join()
    assert read([lamps]).read == 5
