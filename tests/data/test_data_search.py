"""Search by what people type."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from data.store import Store
from gis.frames import COMPONENT_COLUMNS
from tests.data.small_city import CRS, cells, communities, components, draft


@pytest.fixture
def city(store: Store) -> Store:
    store.replace_grid(cells(), communities=communities())
    names = ["中山路", "中山路", "中山东路", "重庆路", ""]
    lines = [shapely.LineString([(0, i), (10, i)]) for i in range(5)]
    store.replace_base("roads", gpd.GeoDataFrame({"name": names}, geometry=lines, crs=CRS))
    store.commit_census(draft(components(30)))
    return store


def kinds(store: Store, text: str, limit: int = 20) -> list[str]:
    return store.search(text, limit)["kind"].tolist()


def test_that_the_head_of_a_code_finds_cells_and_components(city: Store) -> None:
    found = city.search("110101")
    assert len(found) == 20 and {"cell", "component", "community"} <= set(found["kind"])
    assert found["code"].str.startswith("110101").all()


def test_that_a_whole_code_comes_first(city: Store) -> None:
    found = city.search("1101010101000007")
    assert found.iloc[0][["kind", "code"]].tolist() == ["component", "1101010101000007"]
    card = city.component(int(found["key"][0]))
    assert (card["x"], card["y"]) == (found["x"][0], found["y"][0]) and set(card) >= set(COMPONENT_COLUMNS)


def test_that_a_name_is_found_by_any_part_and_a_road_is_one_road(city: Store) -> None:
    found = city.search("中山")
    assert found[["kind", "name"]].values.tolist() == [["roads", "中山路"], ["roads", "中山东路"]]
    assert city.search("树里")["code"].tolist() == ["110101001002"]


def test_that_pinyin_initials_find_names(city: Store) -> None:
    assert "中山路" in city.search("zsl")["name"].tolist()
    assert city.search("YXSQ")["name"].tolist() == ["银杏社区"]


def test_that_what_was_found_can_be_flown_to(city: Store) -> None:
    found = city.search("110101001001001")
    assert found["kind"][0] == "cell" and (found["x"][0], found["y"][0]) == (500_050.0, 4_400_050.0)


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "'", "\\", "没有这个", "zzzz"])
def test_that_text_that_means_nothing_finds_nothing(city: Store, text: str) -> None:
    assert kinds(city, text) == []


def test_that_no_kind_hides_the_others_when_the_list_is_short(city: Store) -> None:
    assert set(kinds(city, "110101", limit=6)) == {"community", "cell", "component"}
    assert len(kinds(city, "110101", limit=1)) == 1
