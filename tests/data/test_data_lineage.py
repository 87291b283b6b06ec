"""Edits of the grid by hand, redivision, what both leave behind, and who may edit where. On both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data import store as stores
from data.doors import door
from data.engines import engine
from data.grid.lineage import RETIRED_COLUMNS
from data.store import Store
from gis.grid.coverage_editing import merge, renumber, split
from gis.grid.coverage_moving import move_vertex
from gis.grid.grid_edit import GridEdit
from gis.grid.lineage import carried
from kernel.changes import CELLS, COMPONENTS, HOLDS
from kernel.errors import Conflict, Refused
from tests.data.small_city import CRS, SOUTH, WEST, cells, components, draft

COMMUNITIES = ("110101001001", "110101001002")
ACROSS = shapely.LineString([(WEST - 9, SOUTH + 40), (WEST + 109, SOUTH + 60)])


def code(number: int, community: int = 1) -> str:
    return f"{COMMUNITIES[community - 1]}{number:03d}"


@pytest.fixture
def city(store: Store) -> Store:
    """Twelve cells with components, some of them on borders and corners."""
    frame = components(80)
    frame.loc[:7, "x"] = WEST + 100.0 * np.arange(8) / 2
    frame.loc[:7, "y"] = SOUTH + 100.0
    frame.loc[8:11, "x"], frame.loc[8:11, "y"] = WEST + 100.0, SOUTH + np.array([20.0, 50.0, 100.0, 150.0])
    store.commit_census(draft(frame))
    store.commit_census(draft(components(20, note="改")))
    store.replace_grid(cells())
    return store


def split_one(store: Store, number: int = 1, line: shapely.LineString = ACROSS) -> GridEdit:
    frame, seen = store.cells_and_step()
    edit = split(frame, code(number), line, retired_codes=store.load_retired_cells()["code"])
    store.edit_grid(edit, seen_step=seen)
    return edit


def counts_by_cell(store: Store) -> pd.Series:
    return store.load_components(["cell_code"])["cell_code"].astype(str).value_counts()


def require_sound(store: Store) -> None:
    """Nothing contradicts itself, and every component has the cell that a whole re-keying would give it."""
    assert store.verify() == []
    assert store.replace_grid(store.load_cells()).counts["rekeyed"] == 0


def test_that_an_edit_writes_the_changed_cells_rekeys_what_stands_there_and_keeps_the_lineage(
    city: Store,
) -> None:
    before, there = city.load_cells(), counts_by_cell(city)
    edit = split_one(city)
    after = city.load_cells()
    assert set(after["code"]) - set(before["code"]) == {code(11), code(12)}
    assert after.to_wkb().equals(edit.applied_to(before).to_wkb())
    found = city.load_succession()
    assert found["predecessor"].tolist() == [code(1)] * 2 and found["kind"].tolist() == ["split"] * 2
    assert found["share_of_predecessor"].tolist() == pytest.approx([0.5, 0.5])
    assert found["components"].sum() == there[code(1)] and found["actor"].tolist() == ["王工"] * 2
    retired = city.load_retired_cells()
    assert tuple(retired.columns) == RETIRED_COLUMNS and retired.crs.to_epsg() == CRS
    assert retired["code"].tolist() == [code(1)] and retired.geometry[0].equals(before.geometry[0])
    require_sound(city)


def test_that_an_edit_tells_what_changed(city: Store) -> None:
    frame, seen = city.cells_and_step()
    changes = city.edit_grid(split(frame, code(1), ACROSS), seen_step=seen)
    assert changes.touches(CELLS) and changes.touches(COMPONENTS)
    assert changes.counts["cells"] == 3 + 1 and changes.counts["step"] == seen + 1
    assert changes.counts["rekeyed"] == city.load_succession()["components"].sum()


def test_that_values_of_last_year_are_carried_to_this_years_cells(city: Store) -> None:
    last_year = counts_by_cell(city).astype(float)
    split_one(city)
    frame, seen = city.cells_and_step()
    city.edit_grid(merge(frame, [code(2, 1), code(11)], retired_codes=[code(1)]), seen_step=seen)
    now = carried(last_year, city.load_succession(), by="components")
    expected = counts_by_cell(city).astype(float)
    pd.testing.assert_series_equal(now, expected.sort_index(), check_names=False)
    by_area = carried(last_year, city.load_succession(), by="area")
    assert by_area.sum() == pytest.approx(80.0)


def test_that_undo_and_redo_go_all_the_way_and_survive_a_restart(
    city: Store, open_store: Callable[..., Store]
) -> None:
    hashes = [city.info().data_hash]
    split_one(city)
    hashes.append(city.info().data_hash)
    frame, seen = city.cells_and_step()
    at, to = (WEST + 100, SOUTH + 100), (WEST + 88, SOUTH + 111)
    city.edit_grid(move_vertex(frame, at, to), seen_step=seen)
    hashes.append(city.info().data_hash)
    frame, seen = city.cells_and_step()
    gone = city.load_retired_cells()["code"]
    city.edit_grid(renumber(frame, COMMUNITIES[0], retired_codes=gone), seen_step=seen)
    hashes.append(city.info().data_hash)
    require_sound(city)
    again = open_store()
    for expected in reversed(hashes[:-1]):
        again.undo_grid_edit()
        assert again.info().data_hash == expected
        require_sound(again)
    assert again.load_retired_cells()["code"].isin([code(1)]).sum() == 0
    with pytest.raises(Refused, match="taken back"):
        again.undo_grid_edit()
    for expected in hashes[1:]:
        again.redo_grid_edit()
        assert again.info().data_hash == expected
    require_sound(again)
    with pytest.raises(Refused, match="done again"):
        again.redo_grid_edit()
    assert again.load_grid_steps()["kind"].tolist()[:3] == ["redo"] * 3


def test_that_a_new_edit_after_taking_back_leaves_nothing_to_do_again(city: Store) -> None:
    split_one(city)
    city.undo_grid_edit()
    edit = split_one(city, number=5, line=shapely.affinity.translate(ACROSS, 0, 100))
    assert set(edit.after["code"]) >= {code(13), code(14)}  # 011 and 012 were given once
    with pytest.raises(Refused, match="done again"):
        city.redo_grid_edit()
    city.undo_grid_edit()
    assert set(city.load_retired_cells()["code"]) == {code(n) for n in (11, 12, 13, 14)}


def test_that_a_code_of_a_retired_cell_is_not_given_again(city: Store) -> None:
    split_one(city)
    frame, seen = city.cells_and_step()
    edit = merge(frame, [code(11), code(12)], retired_codes=[code(1)])
    again = edit.after.assign(code=[code(1)])
    with pytest.raises(Refused, match=code(1)):
        city.edit_grid(GridEdit("merge", edit.before, again), seen_step=seen)


def test_that_an_edit_on_what_another_person_has_changed_is_told_who_and_when(
    city: Store, open_store: Callable[..., Store]
) -> None:
    frame, seen = city.cells_and_step()
    mine = split(frame, code(5), shapely.affinity.translate(ACROSS, 0, 100))
    other = open_store(actor="李工")
    split_one(other)
    before = city.info()
    with pytest.raises(Conflict, match="李工 at 2"):
        city.edit_grid(mine, seen_step=seen)
    assert city.info() == before
    beside = split(frame, code(3, 2), shapely.affinity.translate(ACROSS, 200, 0))
    with pytest.raises(Conflict, match="李工"):  # its neighbour has another vertex by now
        city.edit_grid(beside, seen_step=seen)
    far = split(frame, code(4, 2), shapely.affinity.translate(ACROSS, 300, 0))
    city.edit_grid(far, seen_step=seen)  # another community
    with pytest.raises(Refused, match="王工"):
        city.undo_grid_edit()
        city.undo_grid_edit()
    require_sound(city)


def test_that_an_edit_is_not_taken_back_over_a_later_one(
    city: Store, open_store: Callable[..., Store]
) -> None:
    split_one(city)
    other = open_store(actor="李工")
    frame, seen = other.cells_and_step()
    other.edit_grid(merge(frame, [code(11), code(2)], retired_codes=[code(1)]), seen_step=seen)
    with pytest.raises(Conflict, match="李工"):
        city.undo_grid_edit()
    other.undo_grid_edit()
    city.undo_grid_edit()
    assert city.load_cells()["code"].tolist() == sorted(cells()["code"])


def test_that_an_edit_that_was_made_on_other_cells_is_refused(city: Store) -> None:
    frame, seen = city.cells_and_step()
    edit = split(frame, code(1), ACROSS)
    city.edit_grid(edit, seen_step=seen)
    with pytest.raises(Conflict, match="changed by 王工"):
        city.edit_grid(edit, seen_step=seen)
    stale = split(frame, code(5), shapely.affinity.translate(ACROSS, 0, 100))
    with pytest.raises(Conflict):
        city.edit_grid(stale, seen_step=seen)  # its new numbers are given by now
    named = edit.after.assign(name="别处")
    codes = [f"{community[:12]}{int(community[12:]) + 50:03d}" for community in named["code"]]
    with pytest.raises(Conflict, match="changed by 王工"):
        city.edit_grid(GridEdit("renumber", named, named.assign(code=codes)), seen_step=seen)


def test_that_who_comes_second_is_told_who_holds_the_community(
    city: Store, open_store: Callable[..., Store]
) -> None:
    other = open_store(actor="李工")
    assert other.hold_community(COMMUNITIES[0]).touches(HOLDS)
    for write in (lambda: city.hold_community(COMMUNITIES[0]), lambda: split_one(city)):
        with pytest.raises(Conflict, match=f"李工.*{COMMUNITIES[0]}.*20") as told:
            write()
        assert "{until}" in told.value.remedy and told.value.places["until"]
    with pytest.raises(Conflict, match="李工"):
        city.replace_grid(cells(columns=4, rows=2))
    city.hold_community(COMMUNITIES[1])
    split_one(other)
    held = city.load_holds()
    assert held[["community_code", "holder"]].values.tolist() == [
        [COMMUNITIES[0], "李工"],
        [COMMUNITIES[1], "王工"],
    ]
    city.release_community(COMMUNITIES[0])  # not theirs
    assert len(city.load_holds()) == 2
    other.release_community(COMMUNITIES[0])
    city.hold_community(COMMUNITIES[0])
    with pytest.raises(Conflict, match="王工"):
        other.undo_grid_edit()


@pytest.mark.differs("one clock", on="sqlite")
def test_that_a_wrong_clock_neither_sees_through_a_hold_nor_stamps_what_is_written(
    store: Store, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.hold_community(COMMUNITIES[0])
    far = datetime(2199, 1, 1, tzinfo=UTC)
    for module in (door, engine):
        monkeypatch.setattr(module, "system_clock", lambda: far)
    other = open_store(actor="李工")
    assert len(other.load_holds()) == 1
    with pytest.raises(Conflict, match="王工"):
        other.hold_community(COMMUNITIES[0])
    kept = other.save_draft(draft(components(2)))
    assert other.session(kept)["drafted_at"] < "2199"


def test_that_a_hold_ends_by_itself_and_can_be_kept(city: Store, open_store: Callable[..., Store]) -> None:
    other = open_store(actor="李工")
    other.hold_community(COMMUNITIES[0], minutes=0)
    assert not len(city.load_holds())
    city.hold_community(COMMUNITIES[0], minutes=5)
    first = city.load_holds()
    city.hold_community(COMMUNITIES[0], minutes=60)
    kept = city.load_holds()
    assert kept["since"].tolist() == first["since"].tolist()
    assert kept["until"][0] > first["until"][0]


def test_that_redivision_keeps_its_lineage_and_the_same_grid_again_none(city: Store) -> None:
    assert city.replace_grid(cells()).touches(CELLS) and not len(city.load_succession())
    there = counts_by_cell(city).astype(float)
    coarse = cells(columns=2, rows=3, size_m=200.0).assign(
        code=[code(n, c) for c, n in ((1, 1), (2, 3), (1, 5), (2, 7), (1, 9), (2, 11))],
        geometry=[
            shapely.box(WEST + x, SOUTH + y, WEST + x + 200, SOUTH + y + 100)
            for y in (0, 100, 200)
            for x in (0, 200)
        ],
    )
    city.replace_grid(coarse)
    found = city.load_succession()
    assert set(found["kind"]) == {"redivision"} and len(found) == 12
    assert (found["share_of_predecessor"] == 1.0).all()
    assert found["share_of_successor"].tolist() == pytest.approx([0.5] * 12)
    now = carried(there, found, by="components")
    pd.testing.assert_series_equal(now, counts_by_cell(city).astype(float).sort_index(), check_names=False)
    assert set(city.load_retired_cells()["code"]) == {code(n, c) for c, n in
                                                      ((1, 2), (2, 4), (1, 6), (2, 8), (1, 10), (2, 12))}  # fmt: skip
    city.replace_grid(cells())
    back = city.load_retired_cells()  # codes that stand again, with the ground they had in between
    assert back["code"].tolist() == coarse["code"].sort_values().tolist()
    assert back["area_m2"].tolist() == [20_000.0] * 6
    assert city.verify() == []


def test_that_cells_left_out_of_a_new_grid_are_retired_and_their_components_are_counted(city: Store) -> None:
    there = counts_by_cell(city)
    west = cells().iloc[[0, 1, 4, 5, 8, 9]]
    city.replace_grid(west)
    found = city.load_succession()
    assert set(found["successor"]) == {""} and len(city.load_retired_cells()) == 6
    lost = found.set_index("predecessor")["components"]
    assert lost.to_dict() == {c: there.get(c, 0) for c in lost.index}
    assert city.verify() == []


def test_that_lineage_survives_backup_and_restore(city: Store, tmp_path: Path, fresh_postgis: str) -> None:
    split_one(city)
    city.hold_community(COMMUNITIES[1])
    before = city.info().data_hash
    city.backup(tmp_path / "b.wangrid")
    for place in (tmp_path / "r.wangrid", fresh_postgis):
        stores.restore(tmp_path / "b.wangrid", place)
        with stores.open(place, actor="王工") as restored:
            assert restored.load_succession().equals(city.load_succession())
            assert restored.load_retired_cells().to_wkb().equals(city.load_retired_cells().to_wkb())
            assert not len(restored.load_holds())
            restored.undo_grid_edit()
            restored.redo_grid_edit()
            assert restored.info().data_hash == before and restored.verify() == []


def test_that_any_row_of_edits_keeps_components_in_their_cells_and_can_be_taken_back(city: Store) -> None:
    chance = np.random.default_rng(5)
    first, done = city.info().data_hash, 0
    while done < 12:
        frame, seen = city.cells_and_step()
        gone = set(city.load_retired_cells()["code"])
        try:
            city.edit_grid(random_edit(frame, gone, chance), seen_step=seen)
        except Refused:
            continue
        done += 1
    require_sound(city)
    total = carried(pd.Series(1.0, index=cells()["code"]), city.load_succession()).sum()
    assert total == pytest.approx(12.0)
    for _ in range(done):
        city.undo_grid_edit()
    assert city.info().data_hash == first
    require_sound(city)


def random_edit(frame: gpd.GeoDataFrame, gone: set[str], chance: np.random.Generator) -> GridEdit:
    """One of the edits at a random place; `Refused` where it does not fit there."""
    row = int(chance.integers(len(frame)))
    mine, shape = str(frame["code"].iloc[row]), frame.geometry.iloc[row]
    x, y = shape.representative_point().coords[0]
    turn = chance.uniform(0, np.pi)
    way = 400 * np.array([np.cos(turn), np.sin(turn)])
    match int(chance.integers(4)):
        case 0:
            line = shapely.LineString([(x, y) - way, (x, y) + way])
            return split(frame, mine, line, retired_codes=gone)
        case 1:
            near = frame[frame.geometry.touches(shape)]["code"].tolist()
            return merge(frame, [mine, near[int(chance.integers(len(near)))]], retired_codes=gone)
        case 2:
            to = (x + chance.uniform(-40, 40), y + chance.uniform(-40, 40))
            return move_vertex(frame, (x, y), to, reach_m=90.0)
        case _:
            standing = set(frame["code"])
            return renumber(frame, COMMUNITIES[row % 2], retired_codes=gone - standing)
