"""Responsibility areas: whole lists in, the same lists out, on both engines, in backup, hash and verify."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from data import store as stores
from data.store import Store
from data.tables import responsibility_area
from gis.grid.responsibility import RESPONSIBILITY_COLUMNS, areas_frame, completed
from kernel.changes import RESPONSIBILITY
from kernel.errors import Refused
from resources.responsibility import kinds
from tests.data.small_city import CRS, cells

KIND = "responsibility_grid"


def grids() -> gpd.GeoDataFrame:
    codes = cells()["code"].tolist()
    columns = {"code": ["Z1", "Z2"], "name": ["东一", "西一"], "company": ["甲公司", ""], "population": [1200.0, np.nan],
               "cell_codes": [codes[:6], codes[6:]]}  # fmt: skip
    return completed(areas_frame(columns, 2, CRS), kinds()[KIND], cells())


def roads() -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(500_000, 4_400_000), (500_300, 4_400_000)]), None]
    columns = {"code": ["L1", "L2"], "start": ["东门", "南门"], "end": ["西门", "北门"], "width_m": [20.0, 12.5],
               "length_m": [300.0, 410.0], "geometry": np.array(lines, object)}  # fmt: skip
    return areas_frame(columns, 2, CRS)


def test_that_areas_read_back_as_they_were_written(store: Store) -> None:
    changes = store.replace_responsibility_areas(KIND, grids())
    assert changes.touches(RESPONSIBILITY) and changes.counts == {KIND: 2} and changes.keys == (KIND,)
    back = store.load_responsibility_areas(KIND)
    assert tuple(back.columns) == RESPONSIBILITY_COLUMNS and back.crs.to_epsg() == CRS
    assert back["cell_codes"].tolist() == [tuple(sorted(own)) for own in grids()["cell_codes"]]
    assert back["area_m2"].tolist() == [60_000.0, 60_000.0]
    assert back["population"].tolist()[0] == 1200.0 and np.isnan(back["population"][1])
    assert back["company"].tolist() == ["甲公司", ""]
    assert (back.geometry.to_numpy() == grids().geometry.to_numpy()).all()


def test_that_kinds_stand_apart_and_a_line_may_be_missing(store: Store) -> None:
    store.replace_responsibility_areas(KIND, grids())
    store.replace_responsibility_areas("cleaning_road", roads())
    back = store.load_responsibility_areas("cleaning_road")
    assert back["end"].tolist() == ["西门", "北门"] and back.geometry.isna().tolist() == [False, True]
    store.replace_responsibility_areas(KIND, grids().iloc[:0])
    assert (
        len(store.load_responsibility_areas(KIND)) == 0
        and len(store.load_responsibility_areas("cleaning_road")) == 2
    )


def test_that_a_repeated_code_is_refused_and_changes_nothing(store: Store) -> None:
    store.replace_responsibility_areas(KIND, grids())
    with pytest.raises(Refused, match="Z1"):
        store.replace_responsibility_areas(KIND, grids().assign(code="Z1"))
    assert store.load_responsibility_areas(KIND)["code"].tolist() == ["Z1", "Z2"]


def test_that_areas_have_a_hash_of_their_own_and_leave_the_datas_alone(store: Store) -> None:
    before = store.info()
    assert before.areas_hash == ""
    store.replace_responsibility_areas(KIND, grids())
    first = store.info().areas_hash
    store.replace_responsibility_areas(KIND, grids().assign(team="二班"))
    assert len({"", first, store.info().areas_hash}) == 3
    store.replace_responsibility_areas(KIND, grids().iloc[::-1])
    assert store.info().areas_hash == first
    fewer = [codes[1:] for codes in grids()["cell_codes"]]
    store.replace_responsibility_areas(KIND, grids().assign(cell_codes=fewer))
    assert store.info().areas_hash != first and store.info().data_hash == before.data_hash
    store.replace_responsibility_areas(KIND, grids().iloc[:0])
    assert (store.info().areas_hash, store.info().data_hash) == ("", before.data_hash)


def test_that_a_backup_takes_the_areas_along(store: Store, tmp_path: Path) -> None:
    store.replace_responsibility_areas(KIND, grids())
    store.replace_responsibility_areas("cleaning_road", roads())
    store.backup(tmp_path / "backup.wangrid")
    with stores.open(tmp_path / "backup.wangrid") as copy:
        assert copy.info().data_hash == store.info().data_hash
        assert copy.info().areas_hash == store.info().areas_hash != ""
        assert copy.load_responsibility_areas(KIND)["cell_codes"].tolist() == [
            tuple(sorted(own)) for own in grids()["cell_codes"]
        ]


def test_that_verify_finds_cells_of_an_area_that_is_not_there(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.replace_grid(cells())
    store.replace_responsibility_areas(KIND, grids())
    assert store.verify() == []
    with store._engine.writing() as db:
        db.execute(sa.delete(responsibility_area).where(responsibility_area.c.code == "Z2"))
    assert store.verify() == ["responsibility_area_cell: 6 rows belong to no area"]


def test_that_an_unknown_kind_is_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="no_such_kind"):
        store.load_responsibility_areas("no_such_kind")
