"""Track files: what they hold, what is left out and why, and files that are not what they seem."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.frames import FIX_COLUMNS
from gis.tracks import files as tracks
from gis.tracks.tracks_points import holder
from gis.tracks.tracks_time import seconds
from kernel.errors import Refused

PLANE = 4548
NOW_S = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
MOMENT = "2026-11-21T06:32:05Z"
MOMENT_S = datetime(2026, 11, 21, 6, 32, 5, tzinfo=UTC).timestamp()

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="1" lon="1"><time>2026-01-01T00:00:00Z</time></wpt>
<trk><name>晨巡</name><trkseg>
<trkpt lat="39.9" lon="116.4"><ele>44</ele><time>2026-11-21T06:32:05Z</time><speed>1.2</speed><course>90</course><hdop>1</hdop></trkpt>
<trkpt lat="39.9" lon="116.4001"><time>2026-11-21T06:32:15.5Z</time></trkpt>
<trkpt lat="39.9" lon="116.4002"/>
</trkseg></trk></gpx>"""

PLT = """Geolife trajectory
WGS 84
Altitude is in Feet
Reserved 3
0,2,255,My Track,0,0,2,8421376
0
39.9,116.4,0,492,39745.09,2008-10-24,02:09:59
39.9,116.4001,0,491,39745.09,2008-10-24,02:10:04
damaged line
39.9,116.4002,0,491,39745.09,2008-10-24,02:10:09
"""


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def fixes_of(*read: tracks.Track) -> tracks.Accepted:
    return tracks.accepted(list(read), PLANE, NOW_S)


def table(folder: Path, *rows: str, head: str = "time,lon,lat") -> tracks.Accepted:
    return fixes_of(tracks.read(written(folder, "JD07.csv", "\n".join([head, *rows]))))


# -- formats


def test_that_a_gpx_gives_its_track_points_with_speed_course_and_accuracy(tmp_path: Path) -> None:
    read = tracks.read(written(tmp_path, "王强.gpx", GPX))
    first = read.points.iloc[0]
    assert (first["x"], first["y"], first["time_s"]) == (116.4, 39.9, MOMENT_S)
    assert (first["speed_m_s"], first["heading_deg"], first["accuracy_m"]) == (1.2, 90.0, 5.0)
    assert set(read.points["patroller"]) == {"王强"}
    found = fixes_of(read)
    assert (found.read, len(found.fixes), found.rejected) == (3, 2, {"no_time": 1})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><gpx><trk>&b;</trk></gpx>',
            "entities",
        ),
        ('<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><name>&x;</name></gpx>', "entities"),
        (GPX[:300], "line"),
        ("", "line 1"),
        ("<kml></kml>", "no GPX"),
        ("not xml", "line 1"),
    ],
)
def test_that_xml_that_no_device_writes_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        tracks.read(written(tmp_path, "a.gpx", text))
    assert refusal.value.file == "a.gpx"
    assert refusal.value.remedy


def test_that_a_geolife_file_is_read_in_greenwich_time(tmp_path: Path) -> None:
    read = tracks.read(written(tmp_path, "a.plt", PLT), "Data/007/Trajectory/20081024020959.plt")
    assert set(read.points["patroller"]) == {"007"}
    assert read.points["time_s"].iloc[0] == datetime(2008, 10, 24, 2, 9, 59, tzinfo=UTC).timestamp()
    found = fixes_of(read)
    assert (found.read, len(found.fixes)) == (4, 3)
    assert sum(found.rejected.values()) == 1


def test_that_a_plt_of_another_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no GeoLife"):
        tracks.read(written(tmp_path, "a.plt", "HPGL plot\n"))


@pytest.mark.parametrize(
    "text",
    [
        f"time,lon,lat\n{MOMENT},116.4,39.9\n",
        f"\ufeffTime;Longitude;Latitude\n{MOMENT};116.4;39.9\n",
        "经度,纬度,定位时间\n116.4,39.9,2026-11-21 14:32:05\n",
        "日期\t时间\t经度\t纬度\n2026/11/21\t14:32:05\t116.4\t39.9\n",
        f"lat,lng,timestamp\n39.9,116.4,{MOMENT_S * 1000:.0f}\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_that_tables_are_understood_by_their_column_names(tmp_path: Path, text: str, encoding: str) -> None:
    raw = text.encode("utf-8") if text[0] == "\ufeff" else text.encode(encoding)
    point = tracks.read(written(tmp_path, "a.csv", raw)).points.iloc[0]
    assert (point["x"], point["y"], point["time_s"]) == (116.4, 39.9, MOMENT_S)


def test_that_a_column_names_the_patroller_and_speeds_become_metres_a_second(tmp_path: Path) -> None:
    text = f"监督员编号,时间,经度,纬度,速度(km/h)\nJD01,{MOMENT},116.4,39.9,3.6\n,{MOMENT},116.5,39.9,\n"
    points = tracks.read(written(tmp_path, "班组一.csv", text.encode("gbk"))).points
    assert points["patroller"].tolist() == ["JD01", "班组一"]
    assert points["speed_m_s"].iloc[0] == pytest.approx(1.0)


def test_that_x_and_y_are_metres_on_the_citys_plane(tmp_path: Path) -> None:
    found = table(tmp_path, f"{MOMENT},448700.5,4419000.25", head="time,x,y")
    assert found.fixes[["x", "y"]].values.tolist() == [[448_700.5, 4_419_000.25]]


def test_that_degrees_are_projected_onto_the_citys_plane(tmp_path: Path) -> None:
    place = gpd.GeoSeries([shapely.Point(116.4, 39.9)], crs=4326).to_crs(PLANE).iloc[0]
    fix = table(tmp_path, f"{MOMENT},116.4,39.9").fixes.iloc[0]
    assert np.hypot(fix["x"] - place.x, fix["y"] - place.y) < 1e-3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no columns for the place; it has: a, b"),
        ("lon,lat\n1,2\n", "no column for the time"),
        (" \n", "empty"),
    ],
)
def test_that_a_table_without_place_or_time_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        tracks.read(written(tmp_path, "a.csv", text))


def test_that_a_layer_of_points_with_times_is_a_track(tmp_path: Path) -> None:
    layer = gpd.GeoDataFrame(
        {"t": [MOMENT], "tracker": [19]}, geometry=[shapely.Point(116.4, 39.9)], crs=4326
    )
    layer.to_crs(PLANE).to_file(tmp_path / "a.gpkg")
    points = tracks.read(tmp_path / "a.gpkg").points
    assert points["patroller"].tolist() == ["19"]
    assert points["x"].iloc[0] == pytest.approx(116.4, abs=1e-8)
    assert points["time_s"].iloc[0] == MOMENT_S


def test_that_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no track file"):
        tracks.read(written(tmp_path, "a.doc", "x"))
    with pytest.raises(Refused, match="damaged"):
        tracks.read(written(tmp_path, "a.gpkg", b"noise" * 99))
    with pytest.raises(Refused, match="no layer of points"):
        tracks.read(written(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": []})))


# -- whose, and when


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        ("王强.gpx", "王强"), ("JD01/2026-11-21.gpx", "JD01"), ("A.zip!Data/003/Trajectory/x.plt", "003"),
        ("A.zip!x.plt", "x"), (r"班组\JD02\a.csv", "JD02"),
    ],
)  # fmt: skip
def test_that_a_file_says_by_its_place_whose_it_is(shown: str, label: str) -> None:
    assert holder(shown) == label


@pytest.mark.parametrize(
    "text",
    [
        MOMENT, "2026-11-21T14:32:05+08:00", "2026-11-21 14:32:05", "2026/11/21 14:32:05", "2026.11.21 14:32:05",
        "2026年11月21日 14:32:05", "2026年11月21日14时32分05秒", "20261121143205", f"{MOMENT_S:.0f}", f"{MOMENT_S * 1e3:.0f}",
        f"{MOMENT_S * 1e6:.0f}", " 2026-11-21T06:32:05.000Z ",
    ],
)  # fmt: skip
def test_that_times_are_understood_as_people_write_them(text: str) -> None:
    assert seconds(pd.Series([text])).tolist() == [MOMENT_S]


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30T00:00:00Z", "25:61"])
def test_that_what_is_no_time_is_none(text: str) -> None:
    assert np.isnan(seconds(pd.Series([text]))).all()


@given(st.floats(315_964_800, 4e9).map(lambda s: round(s, 3)))
def test_that_any_moment_survives_being_written_and_read(moment_s: float) -> None:
    iso = datetime.fromtimestamp(moment_s, UTC).isoformat()
    assert abs(seconds(pd.Series([iso]))[0] - moment_s) < 2e-3
    assert abs(seconds(pd.Series([repr(moment_s)]))[0] - moment_s) < 1e-6


# -- what is left out


def test_that_each_row_is_a_fix_or_is_counted_under_one_reason(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        f"{MOMENT},116.4,39.9",
        f"{MOMENT},116.4,39.9",  # repeated
        ",116.4,39.9",  # no time
        "1970-01-01T00:00:00Z,116.4,39.9",  # before GPS
        f"{MOMENT},0,0",  # no signal
        f"{MOMENT},216.4,39.9",
        f"{MOMENT},,39.9",
        f"{MOMENT},x,39.9",
        "2026-11-21T12:06:00Z,116.4,39.9",  # in the future
        "2026-11-21T12:04:00Z,116.4,39.9",  # a clock that runs ahead a little
        f"{MOMENT},-73.9,40.7",  # another continent
    )
    assert found.rejected == {
        "repeated": 1,
        "no_time": 2,
        "bad_coordinate": 4,
        "in_the_future": 1,
        "outside_plane": 1,
    }
    assert len(found.fixes) == 2
    assert found.read == len(found.fixes) + sum(found.rejected.values())
    assert tuple(found.fixes.columns) == FIX_COLUMNS


def test_that_fixes_come_out_in_the_order_of_time(tmp_path: Path) -> None:
    found = table(tmp_path, "2026-11-21T06:00:20Z,116.4,39.9", "2026-11-21T06:00:00Z,116.4,39.9")
    assert found.fixes["time_s"].is_monotonic_increasing


def test_that_impossible_speeds_are_flagged_and_kept(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        "2026-11-21T06:00:00Z,116.4,39.9",
        "2026-11-21T06:00:10Z,116.5,39.9",
        "2026-11-21T06:10:00Z,116.5,39.9",
    )
    assert (len(found.fixes), found.flagged, found.rejected) == (3, {"impossible_speed": 1}, {})


def test_that_two_people_at_one_moment_are_no_repetition(tmp_path: Path) -> None:
    one, two = (tracks.read(written(tmp_path, f"{who}.gpx", GPX)) for who in ("甲", "乙"))
    found = fixes_of(one, two)
    assert (len(found.fixes), found.patrollers) == (4, ("乙", "甲"))


def test_that_no_track_gives_no_fix() -> None:
    found = fixes_of()
    assert (found.read, len(found.fixes), found.patrollers) == (0, 0, ())
    assert tracks.middle([]) is None


@pytest.mark.shared
def test_that_geolife_is_read_whole(shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "data/geolife/geolife_plt_sample.zip") as archive:
        archive.extractall(tmp_path)
    files = list(tracks.files_in(tmp_path))
    read = [tracks.read(path, str(path.relative_to(tmp_path))) for path in files]
    found = fixes_of(*read)
    assert len(files) == 116
    assert found.read == 169_016
    assert found.patrollers == tuple(f"{k:03d}" for k in range(11))
    assert len(found.fixes) + sum(found.rejected.values()) == found.read
    assert set(found.rejected) == {"repeated"}
    lon, lat = tracks.middle(read)
    assert (round(lon), round(lat)) == (116, 40)


@pytest.mark.shared
def test_that_a_geopackage_of_trajectories_is_read(shared: Path) -> None:
    found = fixes_of(tracks.read(shared / "data/geolife/geolife_small.gpkg"))
    assert found.read == 5_908
    assert found.read == len(found.fixes) + sum(found.rejected.values())
