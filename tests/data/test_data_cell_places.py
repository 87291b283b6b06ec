"""Edits look only at the cells around them: what is kept in memory for that is what the store holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.grid.edit_grid import DoAgain, SplitCell, TakeBack, do_again, split_cell, take_back
from data import store as stores
from data.grid.cell_places import places
from data.store import Store
from gis.grid.grid_codes import COMMUNITY
from kernel.errors import Conflict
from tests.data.small_city import cells


def kept_is_stored(store: Store) -> bool:
    """Whether codes and boxes in memory are those of the cells."""
    engine = store._engine
    with engine.reading() as db:
        kept = places(engine, db)
        engine.cell_places = None
        fresh = places(engine, db)
    both = [dict(zip(each.codes.tolist(), each.boxes.tolist(), strict=True)) for each in (kept, fresh)]
    return kept is not fresh and both[0] == both[1] and len(both[0]) == len(store.load_cells())


def middle_of(store: Store, code: str) -> SplitCell:
    shape = store.load_cells().set_index("code").geometry[code]
    west, south, east, north = shape.bounds
    return SplitCell(code, ((west - 5, (south + north) / 2), (east + 5, (south + north) / 2)))


def test_that_places_follow_edits_undo_redo_and_a_new_grid(store: Store) -> None:
    assert kept_is_stored(store)  # of an empty grid
    store.replace_grid(cells())
    assert kept_is_stored(store)
    code = store.load_cells()["code"].iloc[0]
    for act in (lambda: split_cell(store, middle_of(store, code)), lambda: take_back(store, TakeBack()),
                lambda: do_again(store, DoAgain())):  # fmt: skip
        act()
        assert kept_is_stored(store)
    store.replace_grid(cells().iloc[3:])
    assert kept_is_stored(store)


def test_that_an_edit_which_fails_leaves_no_trace_in_memory(store: Store) -> None:
    store.replace_grid(cells())
    code = store.load_cells()["code"].iloc[0]
    first = split_cell(store, middle_of(store, code)).edit
    assert first is not None
    with pytest.raises(Conflict):
        store.edit_grid(first, seen_step=0)  # its cell stands no more
    assert kept_is_stored(store)


def test_that_edits_of_another_program_are_seen(tmp_path: Path) -> None:
    from tests.data.small_city import CRS

    file = tmp_path / "city.wangrid"
    with stores.create(file, "2026", CRS, actor="a") as one, stores.open(file, actor="b") as other:
        one.replace_grid(cells())
        assert kept_is_stored(other)
        split_cell(one, middle_of(one, one.load_cells()["code"].iloc[0]))
        assert kept_is_stored(other) and kept_is_stored(one)


def test_that_the_cells_around_hold_the_community_and_two_rings_of_neighbours(store: Store) -> None:
    store.replace_grid(cells())
    whole = store.load_cells()
    community = whole["code"].iloc[0][:COMMUNITY]
    shape = whole.geometry.iloc[0]
    for given in ({"communities": [community]}, {"box": shape.bounds}):
        found, step = store.cells_around(**given)
        seed = whole[whole["code"].str[:COMMUNITY] == community] if "communities" in given else whole.iloc[:1]
        for _ in range(2):
            seed = whole[whole.geometry.intersects(seed.union_all())]
        assert set(seed["code"]) <= set(found["code"]) and step == 0
        assert found["code"].is_monotonic_increasing and found["code"].is_unique
    assert store.cells_around(communities=[""])[0].empty
