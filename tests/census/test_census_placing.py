"""Where a survey stands is found by evidence; what was corrected is said with both systems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest

from census import CheckOptions, Draft, check, read
from gis import crs as planes
from kernel.errors import Refused
from tests.census.survey_files import CRS, about_files, city, lamp, places, write_prj, write_survey

Move = Callable[[np.ndarray], np.ndarray]
DEGREES = pyproj.Transformer.from_crs(CRS, 4490, always_xy=True)


def lonlat(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(DEGREES.transform(xy[:, 0], xy[:, 1]))


def gcj(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(planes.wgs84_to_gcj02(*lonlat(xy).T))


def bd09(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(planes.wgs84_to_bd09(*lonlat(xy).T))


def survey(tmp_path: Path, move: Move, epsg: int | None, cells: bool = True, count: int = 60) -> Path:
    xy = np.array(places(count))
    moved = [tuple(point) for point in move(xy)]
    return write_survey(tmp_path, [lamp(k + 1) for k in range(count)], moved, epsg=epsg)


def same(xy: np.ndarray) -> np.ndarray:
    return xy


def swapped(xy: np.ndarray) -> np.ndarray:
    return xy[:, ::-1]


def with_zone(xy: np.ndarray) -> np.ndarray:
    return xy + [39_000_000, 0]


def stands_right(draft: Draft, within_m: float) -> bool:
    xy = np.array(places(60))
    return bool(np.hypot(draft.components["x"] - xy[:, 0], draft.components["y"] - xy[:, 1]).max() < within_m)


CASES = [
    ("as declared", same, CRS, None, 1e-6),
    ("degrees", lonlat, 4490, None, 1e-3),
    ("degrees on WGS84", lonlat, 4326, None, 1e-3),
    ("zone before the eastings", with_zone, 4527, None, 1e-3),
    ("zone declared, not there", same, 4527, "wrong_crs_file", 1e-6),
    ("zone there, not declared", with_zone, CRS, "wrong_crs_file", 1e-6),
    ("another meridian declared", same, 4547, "wrong_crs_file", 1e-6),
    ("degrees declared, metres there", same, 4326, "wrong_crs_file", 1e-6),
    ("metres declared, degrees there", lonlat, CRS, "wrong_crs_file", 1e-3),
    ("northing first", swapped, CRS, "swapped_axes", 1e-6),
    ("latitude first", lambda xy: swapped(lonlat(xy)), 4490, "swapped_axes", 1e-3),
    ("no system", same, None, "missing_crs_file", 1e-6),
    ("no system, degrees", lonlat, None, "missing_crs_file", 1e-3),
    ("map service", gcj, 4490, "wrong_datum", 0.5),
    ("Baidu", bd09, 4326, "wrong_datum", 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "move", "epsg", "code", "within_m"), CASES, ids=[case[0] for case in CASES])
def test_that_a_survey_is_put_where_it_stands(
    tmp_path: Path, name: str, move: Move, epsg: int | None, code: str | None, within_m: float
) -> None:
    draft = check(read([survey(tmp_path, move, epsg)]), city())
    assert draft.crs == CRS
    assert len(draft.components) == 60, draft.findings
    assert stands_right(draft, within_m)
    said = set(about_files(draft.findings)) - {"no_departments", "missing_fields", "mostly_empty"}
    assert said == ({code} if code else set())


@pytest.mark.parametrize(
    ("given", "move"), [("GCJ-02", gcj), ("bd09", bd09), ("4490", lonlat), ("EPSG:4548", same)]
)
def test_that_the_users_system_is_believed(tmp_path: Path, given: str, move: Move) -> None:
    draft = check(read([survey(tmp_path, move, 4547)]), city(), CheckOptions(crs=given))
    assert stands_right(draft, 1.0)
    assert ("shifted_datum" in about_files(draft.findings)) == (given in ("GCJ-02", "bd09"))


def test_that_a_system_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not a reference system"):
        check(read([survey(tmp_path, same, CRS)]), city(), CheckOptions(crs="999999"))


def test_that_metres_without_system_and_without_city_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"0137_路灯\.shp does not say its reference system") as refused:
        check(read([survey(tmp_path, same, None)]), city(cells=False))
    assert "--crs" in refused.value.remedy


@pytest.mark.parametrize(
    ("move", "epsg", "plane"),
    [(lonlat, 4490, CRS), (with_zone, None, CRS), (same, CRS, CRS), (lonlat, CRS, CRS)],
)
def test_that_a_city_without_plane_gets_the_one_that_fits(
    tmp_path: Path, move: Move, epsg: int | None, plane: int
) -> None:
    draft = check(read([survey(tmp_path, move, epsg)]), city(cells=False))
    assert draft.crs == plane
    assert stands_right(draft, 1e-3)


def test_that_a_layer_of_another_city_is_refused_row_by_row_and_said_once(tmp_path: Path) -> None:
    shp = survey(tmp_path, lambda xy: xy + [80_000, 90_000], CRS)
    draft = check(read([shp]), city())
    assert len(draft.quarantined) == 60
    assert "outside_city" in about_files(draft.findings)


def test_that_an_older_datum_is_carried_over_with_a_warning(tmp_path: Path) -> None:
    shp = survey(tmp_path, same, CRS)
    write_prj(shp.with_suffix(".prj"), 2384)
    draft = check(read([shp]), city(cells=False))
    assert "old_datum" in about_files(draft.findings)


def test_that_a_layer_projected_twice_is_refused_as_collapsed(tmp_path: Path) -> None:
    shp = survey(tmp_path, lambda xy: (xy - xy.mean(axis=0)) * 1e-6 + [448_050, 4_424_050], CRS)
    draft = check(read([shp]), city())
    assert set(draft.quarantined["finding_codes"]) == {"collapsed_layer"}
