"""Whatever system a survey comes in, at whatever place in the country: it is recognised."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census import Context
from census.placing import Placed, place
from census.reading.tables import SourceTable
from census.rules.position import city_for
from census.systems import declared_system
from gis import crs as planes
from gis.frames import as_cells
from kernel.errors import Refused

SIDE_M, ACROSS = 400.0, 5
PER_CELL = 12

# Inland rectangles, so that every place has a province around it: west, south, east, north.
PLACES = st.tuples(st.floats(85.0, 127.0), st.floats(24.0, 46.0)).filter(
    lambda at: bool(planes.in_china(at[0], at[1]))
)
KINDS = ("3 degrees", "3 degrees, zone", "6 degrees", "6 degrees, zone", "utm", "mercator", "BD-09MC", "GCJ-02", "BD-09",
         "degrees")  # fmt: skip


def meridian_number(kind: str, lon: float, first: dict[str, int]) -> int:
    """The EPSG number of the plane of a kind for a longitude."""
    if kind.startswith("3"):
        meridian = min(max(3 * round(lon / 3), 75), 135)
        return first[kind] + (meridian - 75) // 3
    meridian = 6 * int(lon // 6) + 3
    return first[kind] + (meridian - 75) // 6


CGCS2000 = {"3 degrees": 4534, "3 degrees, zone": 4513, "6 degrees": 4502, "6 degrees, zone": 4491}
XIAN_80 = {"3 degrees": 2370, "3 degrees, zone": 2349, "6 degrees": 2338, "6 degrees, zone": 2327}
BEIJING_54 = {"3 degrees": 2422, "3 degrees, zone": 2401, "6 degrees": 21453, "6 degrees, zone": 21413}


def city_at(lon: float, lat: float) -> Context:
    """25 cells around a place, on its fitting plane."""
    plane = planes.fitting_plane(lon, lat)
    x, y = planes.to_plane((np.array([lon]), np.array([lat])), planes.WGS84, plane)
    boxes = [shapely.box(x[0] + SIDE_M * c, y[0] + SIDE_M * r, x[0] + SIDE_M * (c + 1), y[0] + SIDE_M * (r + 1))
             for r in range(ACROSS) for c in range(ACROSS)]  # fmt: skip
    codes = [f"110101001001{number:03d}" for number in range(1, len(boxes) + 1)]
    cells = as_cells(gpd.GeoDataFrame({"code": codes}, geometry=boxes, crs=plane))
    return Context({}, "2013", date(2026, 7, 1), crs=plane, cells=cells)


def points_in(city: Context, seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Points in every cell, on the city's plane, and the code of their cell."""
    random = np.random.default_rng(seed)
    low = shapely.bounds(city.cells.geometry.values)[:, :2].repeat(PER_CELL, axis=0)
    xy = low + random.random((len(low), 2)) * SIDE_M
    return xy[:, 0], xy[:, 1], np.repeat(city.cell_codes, PER_CELL).tolist()


def moved(x: np.ndarray, y: np.ndarray, plane: int, kind: str, lon: float) -> tuple[np.ndarray, np.ndarray]:
    """The points as a survey of that kind gives them."""
    degrees = planes.to_degrees(x, y, plane)
    shifted = {
        "GCJ-02": planes.wgs84_to_gcj02,
        "BD-09": planes.wgs84_to_bd09,
        "BD-09MC": planes.wgs84_to_bd09mc,
    }
    if kind in shifted:
        return shifted[kind](*degrees)
    world = {"degrees": 4326, "mercator": 3857, "utm": 32600 + int((lon + 180) // 6) + 1}
    target = world.get(kind) or meridian_number(kind, lon, CGCS2000)
    return planes.to_plane(degrees, planes.WGS84, target)


def layer(x: np.ndarray, y: np.ndarray, cells: list[str], declared: str = "") -> SourceTable:
    """A layer of points with their cells beside them."""
    rows = np.arange(len(x))
    return SourceTable("a.shp", "a.shp", "a", "shapefile", {"cell": pa.array(cells, pa.large_string())}, rows, rows + 1,
                       np.asarray(x), np.asarray(y), declared_crs=declared)  # fmt: skip


def placed(table: SourceTable, city: Context, cells: bool = True) -> Placed:
    return place(table, city_for(table, "cell" if cells else "", city, city.crs))


def off_m(found: Placed, x: np.ndarray, y: np.ndarray) -> float:
    return float(np.hypot(found.x - x, found.y - y).max())


EASY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EASY
@given(PLACES, st.sampled_from(KINDS), st.booleans(), st.booleans())
def test_that_an_undeclared_system_is_recognised_anywhere(
    at: tuple[float, float], kind: str, swapped: bool, cells: bool
) -> None:
    city = city_at(*at)
    x, y, codes = points_in(city, 1)
    raw = moved(x, y, city.crs, kind, at[0])
    if not cells and kind in ("utm", "6 degrees", "3 degrees", "GCJ-02", "BD-09", "mercator", "BD-09MC"):
        return  # those are told apart by the cells beside the points
    found = placed(layer(*(raw[::-1] if swapped else raw), codes), city, cells)
    assert off_m(found, x, y) < 1.0
    assert 0.4 < found.certainty < 1.0


@EASY
@given(PLACES, st.sampled_from(KINDS), st.sampled_from((4326, 4490, 4548, 4527, 32650, 3857)), st.booleans())
def test_that_a_wrong_declaration_is_found_out_anywhere(
    at: tuple[float, float], kind: str, declared: int, swapped: bool
) -> None:
    city = city_at(*at)
    x, y, codes = points_in(city, 2)
    raw = moved(x, y, city.crs, kind, at[0])
    table = layer(*(raw[::-1] if swapped else raw), codes, pyproj.CRS.from_epsg(declared).to_wkt("WKT1_ESRI"))
    found = placed(table, city)
    assert off_m(found, x, y) < 1.0
    assert found.certainty > 0.9


@EASY
@given(PLACES, st.sampled_from(list(CGCS2000)), st.sampled_from((XIAN_80, BEIJING_54)), st.booleans())
def test_that_an_older_datum_is_told_by_the_cells(
    at: tuple[float, float], kind: str, datum: dict[str, int], declared: bool
) -> None:
    city = city_at(*at)
    x, y, codes = points_in(city, 3)
    number = meridian_number(kind, at[0], datum)
    raw = planes.to_plane((x, y), city.crs, number)
    wkt = pyproj.CRS.from_epsg(number).to_wkt("WKT1_ESRI") if declared else ""
    found = placed(layer(*raw, codes, wkt), city)
    shift = off_m(placed(layer(*raw, codes, ""), city, cells=False), x, y)  # how far the datum is away
    assert off_m(found, x, y) < (0.01 if declared else max(10.0, 0.5 * shift))
    assert [note.rule for note in found.notes if note.rule == "old_datum"] or not declared


ESRI = (
    'PROJCS["{name}",GEOGCS["GCS",DATUM["{datum}",SPHEROID["{ellipsoid}"]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
KRASSOWSKY, IAG = 'Krasovsky_1940",6378245.0,298.3,"', 'Xian_1980",6378140.0,298.257,"'


@pytest.mark.parametrize(
    ("datum", "ellipsoid", "easting", "meridian", "name"),
    [
        ("D_Beijing_1954", "Krasovsky_1940", 500000, 117, "EPSG:2436"),
        ("D_Beijing_1954", "Krasovsky_1940", 39500000, 117, "EPSG:2415"),
        ("D_Beijing_1954", "Krasovsky_1940", 20500000, 117, "EPSG:21420"),
        ("D_Xian_1980", "Xian_1980", 500000, 117, "EPSG:2384"),
        ("D_Xian_1980", "Xian_1980", 38500000, 114, "EPSG:2362"),
        ("D_China_2000", "CGCS2000", 500000, 117, "EPSG:4548"),
        ("D_China_2000", "CGCS2000", 39500000, 117, "EPSG:4527"),
        ("D_China_2000", "CGCS2000", 21500000, 123, "EPSG:4499"),
        ("D_WGS_1984", "WGS_1984", 500000, 120, "EPSG:4549"),
    ],
)
def test_that_any_spelling_of_a_plane_is_the_plane(
    datum: str, ellipsoid: str, easting: int, meridian: int, name: str
) -> None:
    figures = {"Krasovsky_1940": "6378245.0,298.3", "Xian_1980": "6378140.0,298.257", "CGCS2000": "6378137.0,298.257222101",
               "WGS_1984": "6378137.0,298.257223563"}  # fmt: skip
    wkt = ESRI.replace('SPHEROID["{ellipsoid}"]', f'SPHEROID["{ellipsoid}",{figures[ellipsoid]}]').format(
        name="某市坐标", datum=datum, easting=f"{easting}.0", meridian=f"{meridian}.0"
    )
    known = declared_system(layer(np.zeros(1), np.zeros(1), [""], wkt))
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize(
    "words", ["hello world", 'LOCAL_CS["Nonearth (meter)",UNIT["Meter",1.0]]', "EPSG:999999"]
)
def test_that_a_declaration_that_means_nothing_is_none(words: str) -> None:
    assert declared_system(layer(np.zeros(1), np.zeros(1), [""], words)) is None


def test_that_two_readings_that_fit_alike_are_told() -> None:
    city = city_at(116.4, 39.9)
    x, y, codes = points_in(city, 4)
    xmin, ymin = x.min() + 700, y.min() + 700
    inner = (x > xmin) & (x < xmin + 500) & (y > ymin) & (y < ymin + 500)
    lon, lat = planes.to_degrees(x[inner], y[inner], city.crs)
    table = layer(lon, lat, np.array(codes)[inner].tolist())
    found = placed(table, city, cells=False)
    assert "ambiguous_crs" in [note.rule for note in found.notes]
    assert found.certainty == 0.5


def test_that_a_declared_system_that_fits_worse_is_kept_and_doubted() -> None:
    city = city_at(116.4, 39.9)
    x, y, codes = points_in(city, 5)
    lon, lat = planes.wgs84_to_gcj02(*planes.to_degrees(x, y, city.crs))
    found = placed(layer(lon, lat, codes, "EPSG:4326"), city, cells=False)
    assert [note.rule for note in found.notes] == ["doubtful_crs"]
    assert "GCJ-02 100%" in found.notes[0].value


@pytest.mark.parametrize("number", [4548, 4527, 4498, 2436, 32650])
def test_that_swapped_axes_of_a_declared_plane_are_turned_without_a_city(number: int) -> None:
    lon, lat = np.linspace(116.3, 116.5, 50), np.linspace(39.8, 40.0, 50)
    x, y = planes.to_plane((lon, lat), planes.WGS84, number)
    table = layer(y, x, [""] * 50, pyproj.CRS.from_epsg(number).to_wkt("WKT1_ESRI"))
    nowhere = Context({}, "2013", date(2026, 7, 1))
    found = place(table, city_for(table, "", nowhere, 0))
    back = planes.to_degrees(found.x, found.y, found.plane)
    assert np.abs(back[0] - lon).max() < 1e-4
    assert "swapped_axes" in [note.rule for note in found.notes]


def test_that_metres_without_a_word_and_without_a_city_are_refused() -> None:
    table = layer(np.full(5, 500_000.0), np.full(5, 4_400_000.0), [""] * 5)
    with pytest.raises(Refused, match="does not say its reference system"):
        place(table, city_for(table, "", Context({}, "2013", date(2026, 7, 1)), 0))
