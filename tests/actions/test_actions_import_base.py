"""Base layers, areas and lists come into the store; what does not fit is left out and said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from actions.census.choose_classes import extend_classes
from actions.census.import_departments import import_departments
from actions.import_base import ImportBase, import_base
from data import store as stores
from data.store import Store
from kernel.errors import Refused, UserError
from tests.census.survey_files import CRS, X0, Y0

BOX = shapely.box(X0, Y0, X0 + 100, Y0 + 100)
BOW = shapely.Polygon([(X0, Y0), (X0 + 9, Y0 + 9), (X0 + 9, Y0), (X0, Y0 + 9)])


@pytest.fixture
def store() -> Iterator[Store]:
    with stores.open(":memory:", create=True, standard="2013", crs=CRS) as opened:
        yield opened


def layer(path: Path, shapes: list, crs: int = CRS, **columns: list) -> str:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return str(path)


def test_that_roads_come_in_with_name_class_rank_and_width(store: Store, tmp_path: Path) -> None:
    lines = [shapely.LineString([(X0, Y0 + k), (X0 + 50, Y0 + k)]) for k in range(3)]
    file = layer(
        tmp_path / "r.gpkg", lines, 名称=["长安街", "", "胡同"], highway=["primary", "footway", "odd"]
    )
    done = import_base(store, ImportBase((file,), "roads"))
    assert (done.read, done.accepted, done.quarantined, done.crs) == (3, 3, 0, "EPSG:4548")
    roads = store.load_base("roads")
    assert roads["name"].tolist() == ["长安街", "", "胡同"]
    assert roads["rank"].tolist() == [2, 6, 5]
    assert roads["width_m"].tolist() == [24.0, 2.0, 8.0]


def test_that_degrees_are_projected_to_the_stores_plane(store: Store, tmp_path: Path) -> None:
    file = layer(tmp_path / "g.geojson", [shapely.box(116.40, 39.90, 116.41, 39.91)], 4326)
    import_base(store, ImportBase((file,), "green"))
    assert 850 < store.load_base("green").geometry.area.iloc[0] ** 0.5 < 1_000


def test_that_faulty_features_are_left_out_and_counted_by_fault(store: Store, tmp_path: Path) -> None:
    file = layer(tmp_path / "b.gpkg", [BOX, BOW, None, shapely.Point(X0, Y0)], name=["a", "b", "c", "d"])
    done = import_base(store, ImportBase((file,), "buildings"))
    assert (done.read, done.accepted, done.quarantined) == (4, 1, 3)
    assert done.findings == {"invalid_geometry": 1, "null_geometry": 1, "geometry_type": 1}
    assert [(row["row"], row["code"]) for row in done.rows] == [
        (2, "invalid_geometry"), (3, "null_geometry"), (4, "geometry_type"),
    ]  # fmt: skip


def test_that_communities_need_codes_and_each_once(store: Store, tmp_path: Path) -> None:
    boxes = [shapely.box(X0 + 100 * k, Y0, X0 + 100 * k + 99, Y0 + 99) for k in range(4)]
    codes = ["110101001001", "110101001002", "110101001002", "x"]
    file = layer(tmp_path / "c.gpkg", boxes, 社区名称=["甲", "乙", "丙", "丁"], 编码=codes)
    done = import_base(store, ImportBase((file,), "communities"))
    assert done.findings == {"duplicate_code": 1, "bad_code_form": 1}
    areas = store.load_areas("community")
    assert areas[["code", "name", "parent_code"]].to_numpy().tolist() == [
        ["110101001001", "甲", "110101001"], ["110101001002", "乙", "110101001"],
    ]  # fmt: skip


def test_that_streets_without_codes_are_refused_and_nothing_is_replaced(store: Store, tmp_path: Path) -> None:
    good = layer(tmp_path / "s.gpkg", [BOX], code=["110101001"], name=["一街"])
    import_base(store, ImportBase((good,), "streets"))
    bad = layer(tmp_path / "t.gpkg", [BOX], name=["二街"])
    with pytest.raises(Refused, match="none of 1 features can be taken as streets"):
        import_base(store, ImportBase((bad,), "streets"))
    assert store.load_areas("street")["name"].tolist() == ["一街"]


def test_that_an_unknown_kind_is_refused_with_the_known_ones(store: Store) -> None:
    with pytest.raises(UserError, match="no base layer of the kind moons") as refused:
        import_base(store, ImportBase(("x.gpkg",), "moons"))
    assert "roads" in str(refused.value.places["kinds"])


@pytest.mark.shared
def test_that_buildings_without_dbf_are_still_buildings(shared: Path) -> None:
    file = f"zip://{shared}/data/china_osm/Tianjin_Wudadao.zip!Tianjin_Wudadao_buildings.shp"
    with stores.open(":memory:", create=True) as empty:
        done = import_base(empty, ImportBase((file,), "buildings"))
        assert (done.read, done.accepted) == (7417, 7417)
        assert empty.info().crs == 4548


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_that_departments_are_read_in_both_encodings(store: Store, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(
        "code,name\n1111010170000001XL,示例区城市管理委员会\n11110101700000028L,示例区自来水集团\n".encode(
            encoding
        )
    )
    done = import_departments(store, path)
    assert (done.read, done.accepted) == (2, 2)
    assert store.load_departments()["name"].tolist() == ["示例区城市管理委员会", "示例区自来水集团"]


@pytest.mark.parametrize(
    ("text", "row", "field"),
    [("code,name\nA,甲\nA,乙\n", 3, "code"), ("code,name\nA,甲\n,乙\n", 3, "code"), ("code,name\nA,\n", 2, "name"),
     ("name\n甲\n", 1, "code")],
)  # fmt: skip
def test_that_a_faulty_list_is_refused_with_row_and_field(
    store: Store, tmp_path: Path, text: str, row: int, field: str
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        import_departments(store, path)
    assert (refused.value.row, refused.value.field) == (row, field)
    assert len(store.load_departments()) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_that_a_city_fills_the_empty_slots_of_its_edition(
    store: Store, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(
        (
            "standard,kind,major_code,minor_code,code,name,geometry,accuracy\n"
            "GB/T 30428.2-2013,component,02,03,0203,停车计费设备,point,A\n"
        ).encode(encoding)
    )
    before = len(store.load_extensions())
    extend_classes(store, path)
    assert len(store.load_extensions()) == before + 1
    assert store.load_extensions()["name"].tolist() == ["停车计费设备"]
