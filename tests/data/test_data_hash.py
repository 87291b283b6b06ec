"""The content hash: equal for equal content, on either engine, in any order; different for any difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from data import store as stores
from data.store import Store
from gis.frames import COMPONENT_COLUMNS
from tests.data.small_city import CRS, cells, components, draft, fixes


def rich() -> pd.DataFrame:
    frame = components(40, extra=pd.array([f'{{"n": {i}}}' for i in range(40)], dtype="str"))
    shapes = np.full(40, None, dtype=object)
    shapes[3], shapes[9] = shapely.LineString([(0, 0), (1, 2)]), shapely.box(0, 0, 1, 1)
    return frame.assign(geometry=shapes)


def filled(store: Store, frame: pd.DataFrame) -> str:
    store.set_setting("self_approval", "1")
    store.replace_grid(cells())
    store.commit_census(draft(frame))
    return store.info().data_hash


def test_that_both_engines_give_the_same_hash_for_the_same_content(
    tmp_path: Path, fresh_postgis: str
) -> None:
    hashes = set()
    for place in (tmp_path / "a.wangrid", fresh_postgis):
        with stores.create(place, "2013", CRS) as store:
            hashes.add(filled(store, rich()))
    assert len(hashes) == 1


def test_that_the_order_and_the_number_of_deliveries_do_not_matter(tmp_path: Path) -> None:
    shuffled = rich().sample(frac=1, random_state=2).reset_index(drop=True)
    with stores.create(tmp_path / "a.wangrid", "2013", CRS) as whole:
        expected = filled(whole, rich())
    with stores.create(tmp_path / "b.wangrid", "2013", CRS) as parts:
        filled(parts, shuffled.iloc[:15].reset_index(drop=True))
        parts.commit_census(draft(shuffled.iloc[15:].reset_index(drop=True)))
        parts.replace_departments(pd.DataFrame({"code": ["A"], "name": ["甲"]}))
        parts.append_fixes(fixes(3))
        assert parts.info().data_hash == expected


CHANGED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a state": lambda f: f.assign(state=pd.Categorical(["移除", *f["state"][1:]])),
    "a millimetre": lambda f: f.assign(x=f["x"] + np.eye(1, len(f))[0] * 0.001),
    "a name moved to the code": lambda f: f.assign(owner_code="", owner_name="B1自来水公司"),
    "two notes swapped": lambda f: f.assign(note=pd.array([f["note"][4], *f["note"][1:4], f["note"][0], *f["note"][5:]])),
    "a vertex": lambda f: f.assign(geometry=[*f["geometry"][:3], shapely.LineString([(0, 0), (1, 3)]), *f["geometry"][4:]]),
    "a row less": lambda f: f.iloc[:-1],
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_that_any_difference_shows(what: str, open_store: Callable[..., Store]) -> None:
    store = open_store()
    before = filled(store, rich())
    store.undo_session(1)
    assert store.info().data_hash != before
    store.commit_census(draft(CHANGED[what](rich())))
    assert store.info().data_hash != before
    store.undo_session(2)
    store.commit_census(draft(rich()))
    assert store.info().data_hash == before


def test_that_every_column_of_the_frame_counts(store: Store) -> None:
    store.commit_census(draft(rich()))
    seen = {store.info().data_hash}
    frame = rich()
    for name in COMPONENT_COLUMNS[1:]:
        if name in ("code", "cell_code", "x", "y", "geometry"):
            continue
        values = [str(value) for value in frame[name]]
        frame = frame.assign(**{name: pd.Categorical([f"{values[0]}!", *values[1:]])})
        store.commit_census(draft(frame))
        seen.add(store.info().data_hash)
    assert len(seen) == len(COMPONENT_COLUMNS) - 5


def test_that_the_hash_is_computed_once_for_a_version(store: Store, cache_folder: Path) -> None:
    store.commit_census(draft(rich()))
    told = store.info().data_hash
    (kept,) = cache_folder.glob("*-hash-*")
    kept.write_text("0" * 64)
    assert store.info().data_hash == "0" * 64
    kept.write_text("broken")
    assert store.info().data_hash == told
    store.commit_census(draft(components(2, first=900)))
    assert store.info().data_hash != told
    assert len(list(cache_folder.glob("*-hash-*"))) == 1
