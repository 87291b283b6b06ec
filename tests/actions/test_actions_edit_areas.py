"""Edited lists of responsibility areas into the store and back: measured, checked, and nobody overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from actions.areas.edit_areas import EditAreas, edit_areas, take_back_areas
from data import store as stores
from data.store import Store
from gis.grid.responsibility import altered, areas_frame
from kernel.errors import Conflict, Refused
from tests.data.small_city import CRS, cells

KIND = "responsibility_grid"
CODES = cells()["code"].tolist()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stores.create(tmp_path / "city.wangrid", "2026", CRS) as made:
        made.replace_grid(cells())
        yield made


def grids(*holds: list[str]) -> gpd.GeoDataFrame:
    columns = {"code": [f"Z{k + 1}" for k in range(len(holds))], "cell_codes": list(holds)}
    return areas_frame(columns, len(holds), CRS)


def test_that_an_edit_is_measured_told_and_taken_back_exactly(store: Store) -> None:
    seen = store.load_responsibility_areas(KIND)
    first = edit_areas(store, EditAreas(KIND, grids(CODES[:2], CODES[2:4]), seen))
    assert (first.rows, first.added, first.changed, first.deleted) == (2, ("Z1", "Z2"), (), ())
    assert first.after["area_m2"].iloc[0] == pytest.approx(cells().geometry.iloc[:2].area.sum(), abs=0.01)
    assert first.findings["R6"] == len(CODES) - 4
    second = edit_areas(store, EditAreas(KIND, grids(CODES[:3], CODES[3:4]), first.after))
    assert second.changed == ("Z1", "Z2")
    third = edit_areas(store, EditAreas(KIND, second.after.iloc[:1], second.after))
    assert third.deleted == ("Z2",) and not third.changed
    taken = take_back_areas(store, EditAreas(KIND, third.before, third.after))
    assert taken.added == ("Z2",) and not altered(second.after, store.load_responsibility_areas(KIND)).any()


def test_that_a_cell_in_two_areas_of_an_exclusive_kind_is_refused(store: Store) -> None:
    seen = store.load_responsibility_areas(KIND)
    with pytest.raises(Refused, match=f"{CODES[1]} → Z1"):
        edit_areas(store, EditAreas(KIND, grids(CODES[:2], CODES[1:4]), seen))
    with pytest.raises(Refused, match="neither cells nor a shape"):
        edit_areas(store, EditAreas(KIND, grids(CODES[:2], []), seen))
    assert not len(store.load_responsibility_areas(KIND))


def test_that_what_another_person_stored_is_not_overwritten(store: Store) -> None:
    seen = store.load_responsibility_areas(KIND)
    edit_areas(store, EditAreas(KIND, grids(CODES[:2]), seen))
    with pytest.raises(Conflict):
        edit_areas(store, EditAreas(KIND, grids(CODES[2:4]), seen))
    with pytest.raises(Conflict):
        take_back_areas(store, EditAreas(KIND, seen, seen))
    assert store.load_responsibility_areas(KIND)["cell_codes"].tolist() == [tuple(CODES[:2])]


def test_that_an_error_left_by_a_redivision_does_not_stop_other_edits(store: Store) -> None:
    frame = grids(["110101001001999"], CODES[:1])
    frame = frame.set_geometry([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1)], crs=CRS)
    store.replace_responsibility_areas(KIND, frame)
    seen = store.load_responsibility_areas(KIND)
    edited = seen.copy()
    edited["name"] = ["", "东区"]
    done = edit_areas(store, EditAreas(KIND, edited, seen))
    assert done.changed == ("Z2",) and done.findings["R2"] == 1
    assert done.after.geometry.iloc[0].equals(
        shapely.box(0, 0, 1, 1)
    )  # what was not touched is not measured anew
