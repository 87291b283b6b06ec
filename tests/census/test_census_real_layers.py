"""Real layers of real cities: every feature is counted, and what is wrong with them is told."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from census import CheckOptions, Context, Draft, check, read
from kernel.errors import Refused
from resources import catalogues

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def nowhere() -> Context:
    """A store that is still empty: no plane, no cells, no departments."""
    known = {edition: catalogues.load(edition) for edition in catalogues.STANDARDS}
    return Context(known, "2026", date(2026, 7, 1))


@pytest.fixture(scope="module")
def measured(shared: Path) -> dict[str, int]:
    rows: dict[str, int] = {}
    with (shared / "data/measured.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["file"].split("!")[0]
            rows[name] = rows.get(name, 0) + int(row["rows"])
    return rows


def drafted(path: Path, context: Context, code: str = "01037") -> Draft:
    return check(read([path]), context, CheckOptions(class_code=code))


def test_that_every_cambridge_layer_is_counted_to_the_last_feature(
    shared: Path, nowhere: Context, measured: dict[str, int]
) -> None:
    files = sorted((shared / "data/cambridge_ma").glob("*.zip"))
    assert len(files) == 61
    for path in files:
        draft = drafted(path, nowhere)
        assert draft.read == measured[f"cambridge_ma/{path.name}"], path.name
        assert draft.read == len(draft.components) + len(draft.quarantined)
        assert draft.crs == 32619
        refused = set(";".join(draft.quarantined["finding_codes"]).split(";")) - {""}
        assert refused <= {"unreadable_geometry", "invalid_geometry"}, path.name


def test_that_street_lights_come_in_without_codes_and_owners(shared: Path, nowhere: Context) -> None:
    draft = drafted(shared / "data/cambridge_ma/INFRA_StreetLights.geojson.zip", nowhere)
    assert len(draft.components) == 6117
    assert set(draft.components["class_code"]) == {"01037"}
    about = draft.findings[draft.findings["record"] < 0]
    assert (about["code"] == "missing_fields").sum() == 1
    assert (draft.findings["severity"] == "error").sum() == 0


@pytest.mark.parametrize(("name", "lost"), [("BASEMAP_Curbs", 74), ("TRANS_SidewalkCenterlines", 59)])
def test_that_features_no_library_can_read_are_counted_and_refused(
    shared: Path, nowhere: Context, name: str, lost: int
) -> None:
    draft = drafted(shared / f"data/cambridge_ma/{name}.topojson.zip", nowhere)
    assert (draft.findings["code"] == "unreadable_geometry").sum() == lost == len(draft.quarantined)


TREES = {
    "temple-city": ("zero_coordinate", 74), "san-dimas": ("zero_coordinate", 68), "la-verne": ("zero_coordinate", 30),
    "agoura-hills": ("zero_coordinate", 27), "san-fernando": ("zero_coordinate", 25), "el-segundo": ("zero_coordinate", 4),
    "duarte": ("out_of_area", 1), "glendora": ("collapsed_layer", 12_656), "walnut": ("collapsed_layer", 2_976),
}  # fmt: skip


def test_that_the_faults_of_nineteen_tree_surveys_are_found(
    shared: Path, nowhere: Context, measured: dict[str, int]
) -> None:
    for path in sorted((shared / "data/la_trees").glob("*.zip")):
        draft = drafted(path, nowhere, "04002")
        name = path.name.removesuffix(".geojson.zip")
        code, count = TREES.get(name, ("", 0))
        assert draft.read == measured[f"la_trees/{path.name}"], name
        assert len(draft.quarantined) == count, name
        assert not code or (draft.findings["code"] == code).sum() == count, name
        assert draft.source_crs == {"bell-gardens": "EPSG:2229", "downey": "EPSG:2229"}.get(
            name, "EPSG:4269" if name in ("artesia", "glendora", "south-pasadena", "walnut") else "EPSG:4326"
        )


def test_that_chinese_names_without_cpg_are_read_by_the_language_byte(shared: Path, nowhere: Context) -> None:
    reading = read([shared / "data/china_samples/shanghai_districts_gbk_nocpg.zip"])
    texts = {text for column in reading.tables[0].columns.values() for text in column.to_pylist()}
    assert {"闸北区", "崇明县"} <= texts
    assert reading.encoding == "GBK"


@pytest.mark.parametrize(
    "name", ["shenzhen_districts_cpg_noprj", "shenzhen_grid_noprj", "shanghai_metro_line2_noprj"]
)
def test_that_degrees_without_prj_are_placed_with_a_warning(
    shared: Path, nowhere: Context, name: str
) -> None:
    draft = drafted(shared / f"data/china_samples/{name}.zip", nowhere)
    assert draft.crs == (4550 if "shanghai" in name else 4547)
    assert "missing_crs_file" in set(draft.findings["code"])


def test_that_baidu_metres_are_refused_until_the_user_says_so(shared: Path, nowhere: Context) -> None:
    path = shared / "data/china_samples/wangfujing_heat_bd09mc.csv.zip"
    with pytest.raises(Refused, match="reference system"):
        drafted(path, nowhere)
    draft = check(read([path]), nowhere, CheckOptions(crs="BD-09MC", class_code="01037"))
    assert draft.read == 22_381
    assert draft.crs == 4548
    assert "shifted_datum" in set(draft.findings["code"])


@pytest.mark.parametrize(
    ("city", "bare"), [("Tianjin_Wudadao", 7417), ("Suzhou_Pinjiang", 6160), ("Beijing_Dongsi", 0)]
)
def test_that_buildings_without_dbf_are_refused_and_the_rest_comes_in(
    shared: Path, nowhere: Context, measured: dict[str, int], city: str, bare: int
) -> None:
    draft = drafted(shared / f"data/china_osm/{city}.zip", nowhere)
    assert draft.read == measured[f"china_osm/{city}.zip"]
    assert len(draft.quarantined) == bare
