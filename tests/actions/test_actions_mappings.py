"""A supplier's fields and words are learned once and applied to every later delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.census.import_census import CensusImported, ImportCensus, import_census
from actions.census.mappings import forget_mappings, list_mappings, read_mapping
from data import store as stores
from data.store import Store
from kernel.errors import Refused
from tests.census.survey_files import CRS, Field, city_cells, lamp, places, write_dbf, write_points, write_prj

ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))
STRANGE: dict[str, str] = {
    "标识码": "F1",
    "部件名称": "F2",
    "主管代码": "F3",
    "主管部门": "F4",
    "所在网格": "F5",
    "部件状态": "F6",
}
MAPPING = """field,column,value,becomes
F1,code,,
F2,name,,
F3,authority_code,,
F4,authority_name,,
F5,cell_code,,
F6,state,1,完好
F6,state,2,破损
"""


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A little city of the test's own."""
    url = (
        str(tmp_path / "city.wangrid")
        if request.param == "sqlite"
        else request.getfixturevalue("fresh_postgis")
    )
    with stores.open(url, create=True, standard="2013", crs=CRS, actor="王工") as opened:
        opened.replace_grid(city_cells())
        yield opened


def delivery(folder: Path, first: int) -> Path:
    """Five lamps in a table whose fields and states say nothing by themselves."""
    folder.mkdir()
    rows = [lamp(first + k, 部件状态="12"[k % 2]) for k in range(5)]
    shp = write_points(folder / "a.shp", places(first + 5)[first:])
    fields: list[Field] = [(name.encode(), "C", 40) for name in STRANGE.values()]
    write_dbf(
        shp.with_suffix(".dbf"), fields, [[row[name].encode("gbk") for name in STRANGE] for row in rows]
    )
    write_prj(shp.with_suffix(".prj"))
    return shp


def imported(store: Store, path: Path, **options: object) -> CensusImported:
    return import_census(store, ImportCensus(files=(str(path),), **options))  # type: ignore[arg-type]


def test_that_a_second_delivery_needs_no_mapping(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(MAPPING, encoding="utf-8")
    first = imported(store, delivery(tmp_path / "1", 1), mapping=str(tmp_path / "map.csv"), supplier="甲公司")
    assert (first.accepted, first.encoding, first.crs_certainty) == (5, "GBK", 0.99)
    second = imported(store, delivery(tmp_path / "2", 20), supplier="甲公司")
    assert (second.accepted, second.findings.get("wrong_state")) == (5, None)
    stranger = imported(store, delivery(tmp_path / "3", 40), supplier="乙公司")
    assert ("values_mapped" in second.findings, "values_mapped" in stranger.findings) == (True, False)


def test_that_what_is_remembered_is_listed_and_forgotten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(MAPPING, encoding="utf-8")
    path = delivery(tmp_path / "1", 1)
    imported(store, path, mapping=str(tmp_path / "map.csv"), supplier="甲公司")
    imported(store, path, supplier="甲公司")
    (known,) = list_mappings(store)
    assert (known.supplier, known.fields["F6"], known.learned_by) == ("甲公司", "state", "王工")
    assert known.values == {"state": {"1": "完好", "2": "破损"}}
    assert forget_mappings(store, "甲公司").forgotten == 1
    assert list_mappings(store) == []
    with pytest.raises(Refused, match="Nothing is remembered"):
        forget_mappings(store, "甲公司")


def test_that_a_dry_run_teaches_nothing(store: Store, tmp_path: Path) -> None:
    imported(store, delivery(tmp_path / "1", 1), supplier="甲公司", fields={"F1": "code"}, mode="dry_run")
    assert list_mappings(store) == []


def test_that_a_form_says_the_same_as_a_file(store: Store, tmp_path: Path) -> None:
    fields = {"F3": "authority_code", "F4": "authority_name", "F6": "state"}
    values = {"state": {"1": "完好", "2": "破损"}}
    done = imported(store, delivery(tmp_path / "1", 1), fields=fields, values=values)
    assert done.accepted == 5


def test_that_a_field_mapped_twice_is_refused_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("field,column\nF1,code\nF1,name\n", encoding="utf-8")
    with pytest.raises(Refused, match="row 3: F1 is mapped twice"):
        read_mapping(str(tmp_path / "map.csv"))
    (tmp_path / "map.csv").write_text(
        "field,column,value,becomes\nZ,state,1,完好\nZ,state,1,破损\n", encoding="utf-8"
    )
    with pytest.raises(Refused, match="row 3: 1 is mapped twice"):
        read_mapping(str(tmp_path / "map.csv"))
