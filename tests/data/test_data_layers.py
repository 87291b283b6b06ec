"""Cells, areas, base layers, departments, classes: whole layers in, the same layers out."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.layers import EXTENSION_COLUMNS
from data.store import Store
from gis.frames import AREA_COLUMNS, BASE_COLUMNS, CELL_COLUMNS
from kernel.changes import AREAS, BASE, CELLS, CLASSES, COMPONENTS, DEPARTMENTS
from kernel.errors import NotAllowed, Refused
from tests.data.small_city import CRS, cells, communities, components, draft


def roads() -> gpd.GeoDataFrame:
    columns = {
        "name": ["中山路", "", "中山路"],
        "subtype": "主干路",
        "rank": [2, 6, 2],
        "width_m": [30.5, 0.0, 28.0],
    }
    lines = [shapely.LineString([(0, i), (10, i), (20.123456789, i)]) for i in range(3)]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)


def test_that_cells_read_back_in_the_order_of_their_codes(store: Store) -> None:
    shuffled = cells().sample(frac=1, random_state=1)
    changes = store.replace_grid(shuffled)
    assert changes.touches(CELLS) and not changes.touches(COMPONENTS)
    back = store.load_cells()
    assert tuple(back.columns) == CELL_COLUMNS and back.crs.to_epsg() == CRS
    expected = cells().sort_values("code")
    assert back["code"].tolist() == expected["code"].tolist()
    assert (back.geometry.to_numpy() == expected.geometry.to_numpy()).all()
    assert back["area_m2"].tolist() == [10_000.0] * 12
    assert back["community_code"].tolist() == [code[:12] for code in expected["code"]]


def test_that_a_new_grid_rekeys_the_components_and_says_how_many(store: Store) -> None:
    store.commit_census(draft(components(40)))
    west = cells().iloc[[0, 1, 4, 5, 8, 9]]
    changes = store.replace_grid(west)
    found = store.load_components(["cell_code", "x"])
    outside = found["x"] > 500_200
    assert changes.touches(COMPONENTS)
    assert changes.counts["cells"] == 6
    assert changes.counts["rekeyed"] == changes.counts["outside"] == int(outside.sum())
    assert (found["cell_code"].astype(str)[outside] == "").all()
    assert store.verify() == []


def test_that_components_can_come_before_the_grid(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.set_setting("self_approval", "1")
    store.commit_census(draft(components(10)))
    assert (store.load_components(["cell_code"])["cell_code"].astype(str) == "").all()
    assert store.replace_grid(cells()).counts["rekeyed"] == 10
    given = components(10)["cell_code"].astype(str).tolist()
    assert store.load_components(["cell_code"])["cell_code"].astype(str).tolist() == given


def test_that_a_grid_with_a_repeated_code_is_refused_and_changes_nothing(store: Store) -> None:
    twice = pd.concat([cells(), cells().iloc[[3]]], ignore_index=True)
    before = store.info()
    with pytest.raises(Refused, match=cells()["code"][3]):
        store.replace_grid(twice)
    assert store.info() == before


def test_that_areas_come_with_the_grid_or_alone(store: Store) -> None:
    changes = store.replace_grid(cells(), communities=communities())
    assert changes.touches(AREAS) and changes.keys == ("community",)
    back = store.load_areas("community")
    assert tuple(back.columns) == AREA_COLUMNS
    assert back["name"].tolist() == ["银杏社区", "槐树里社区"]
    assert store.replace_areas("street", communities().assign(code=["1", "2"])).keys == ("street",)
    assert len(store.load_areas("street")) == 2 and len(store.load_areas("community")) == 2
    assert len(store.load_areas("county")) == 0


def test_that_base_layers_are_replaced_or_added_to_by_kind(store: Store) -> None:
    changes = store.replace_base("roads", roads())
    assert changes.touches(BASE) and changes.keys == ("roads",) and changes.counts == {"roads": 3}
    back = store.load_base("roads")
    assert tuple(back.columns) == BASE_COLUMNS
    pd.testing.assert_frame_equal(
        pd.DataFrame(back), pd.DataFrame(roads()[list(BASE_COLUMNS)]), check_dtype=False
    )
    store.replace_base("roads", roads(), append=True)
    assert len(store.load_base("roads")) == 6
    store.replace_base("roads", roads())
    assert len(store.load_base("roads")) == 3 and len(store.load_base("water")) == 0


def test_that_a_bare_base_layer_gets_empty_attributes(store: Store) -> None:
    store.replace_base("green", roads()[["geometry"]])
    back = store.load_base("green")
    assert back["name"].tolist() == ["", "", ""] and back["rank"].tolist() == [0, 0, 0]


def test_that_departments_replace_the_old_list(store: Store) -> None:
    frame = pd.DataFrame({"code": ["B2", "A1"], "name": ["园林局", "城管局"]})
    assert store.replace_departments(frame).touches(DEPARTMENTS)
    store.replace_departments(frame)
    assert store.load_departments().values.tolist() == [["A1", "城管局"], ["B2", "园林局"]]
    with pytest.raises(Refused, match="A1"):
        store.replace_departments(frame.assign(code="A1"))


def test_that_class_extensions_are_kept_by_edition_kind_and_code(store: Store) -> None:
    row = ("2013", "component", "01", "99", "0199", "爱心驿站", "point", "A")
    frame = pd.DataFrame([row, ("2026", *row[1:])], columns=list(EXTENSION_COLUMNS))
    assert store.extend_classes(frame).touches(CLASSES)
    store.extend_classes(frame.iloc[:1].assign(name="驿站"))
    assert store.load_extensions()[["standard", "name"]].values.tolist() == [
        ["2013", "驿站"],
        ["2026", "爱心驿站"],
    ]


def test_that_an_edition_is_switched_only_to_one_that_exists(store: Store) -> None:
    store.use_standard("2026")
    assert store.info().standard == "2026"
    with pytest.raises(Refused, match="2005"):
        store.use_standard("2005")


def test_that_a_layer_in_another_plane_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match=f"EPSG:4326.*EPSG:{CRS}"):
        store.replace_base("roads", roads().to_crs(4326))


def test_that_a_store_without_a_plane_takes_one_once(address: str) -> None:
    from data import store as stores

    with stores.create(address, "2013") as store:
        assert store.info().crs == 0
        with pytest.raises(Refused, match="no coordinate plane"):
            store.replace_grid(cells())
        store.adopt_crs(4549)
        store.adopt_crs(CRS)  # still empty
        store.replace_grid(cells())
        store.adopt_crs(CRS)
        with pytest.raises(Refused, match="EPSG:4549"):
            store.adopt_crs(4549)


def test_that_settings_are_kept_and_the_stores_own_are_not_touched(store: Store) -> None:
    store.set_setting("city", "北京")
    store.set_setting("city", "宿迁")
    assert store.setting("city") == "宿迁" and store.setting("county_code", "none") == "none"
    assert store.info().settings == {"city": "宿迁", "self_approval": "1"}
    with pytest.raises(ValueError, match="store_id"):
        store.set_setting("store_id", "x")


def test_that_a_store_opened_for_reading_does_not_write(open_store: Callable[..., Store]) -> None:
    reader = open_store(read_only=True)
    with pytest.raises(NotAllowed):
        reader.set_setting("city", "北京")
    assert reader.info().cells == 0


def test_that_components_are_found_by_cell_class_and_id(store: Store) -> None:
    store.commit_census(draft(components(30, class_code="0101")))
    store.commit_census(draft(components(30, class_code="0137", seed=2)))
    everything = store.load_components()
    cell = str(everything["cell_code"].iloc[0])
    assert set(store.load_components(cell_codes=[cell])["cell_code"]) == {cell}
    assert len(store.load_components(class_codes=["0137"])) == 30
    assert store.load_components(ids=[3, 5])["component_id"].tolist() == [3, 5]
    both = store.load_components(["code"], cell_codes=[cell], class_codes=["0101"])
    mask = (everything["cell_code"] == cell) & (everything["class_code"] == "0101")
    assert both["code"].tolist() == everything["code"][mask].tolist()
    assert len(store.load_components(cell_codes=[])) == 0
    assert len(store.load_components(ids=np.arange(1, 40_000))) == 60


def test_that_text_with_quotes_percent_signs_and_control_characters_survives(store: Store) -> None:
    words = ["it's", '"%s"', "100%%", "a\x1fb\tc\n", "井\u0000盖", "😀"]
    frame = components(6, location=pd.array(words, dtype="str"), name=pd.Categorical(words))
    store.commit_census(draft(frame))
    back = store.load_components(["location", "name"])
    kept = [text.replace("\u0000", "") for text in words]
    assert back["location"].tolist() == kept and back["name"].astype(str).tolist() == kept
