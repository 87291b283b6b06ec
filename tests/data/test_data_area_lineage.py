"""Responsibility areas follow the grid, on both engines: by edits, back by undo, and through a redivision."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store import Store
from gis.grid.coverage_editing import merge, renumber, split
from gis.grid.grid_edit import GridEdit
from gis.grid.responsibility import areas_frame, completed, membership
from gis.grid.responsibility_lineage import carried_members, handed_over
from kernel.changes import RESPONSIBILITY
from resources.responsibility import kinds
from tests.data.small_city import CRS, SOUTH, WEST, cells

KIND, PATROL, CLEANING = "responsibility_grid", "patrol_area", "cleaning_area"
A, B, C = "110101001001001", "110101001001002", "110101001001005"


def put(store: Store, kind: str, **areas: list[str]) -> None:
    columns = {"code": list(areas), "cell_codes": list(areas.values())}
    frame = completed(areas_frame(columns, len(areas), CRS), kinds()[kind], store.load_cells())
    store.replace_responsibility_areas(kind, frame)


def held(store: Store, kind: str = KIND) -> dict[str, tuple[str, ...]]:
    areas = store.load_responsibility_areas(kind)
    return dict(zip(areas["code"], areas["cell_codes"], strict=True))


def edit(store: Store, make) -> tuple[GridEdit, int]:  # type: ignore[no-untyped-def]
    now, step = store.cells_and_step()
    done = make(now, set(store.load_retired_cells()["code"]))
    changes = store.edit_grid(done, seen_step=step)
    assert changes.touches(RESPONSIBILITY) == (changes.counts["members"] > 0)
    return done, changes.counts["step"]


def cut(code: str, y: float = 50.0):  # type: ignore[no-untyped-def]
    line = shapely.LineString([(WEST - 5, SOUTH + y), (WEST + 105, SOUTH + y)])
    return lambda now, gone: split(now, code, line, retired_codes=gone)


def in_one_each(store: Store, kind: str = KIND) -> None:
    of = membership(store.load_responsibility_areas(kind))
    assert of["cell_code"].is_unique
    assert set(of["cell_code"]) <= set(store.load_cells()["code"])


def test_that_the_parts_of_a_cell_belong_to_its_areas_and_undo_takes_that_back(store: Store) -> None:
    store.replace_grid(cells())
    put(store, KIND, Z1=[A, B], Z2=[C])
    put(store, PATROL, P1=[A], P2=[A, C])
    before = store.info()
    done, _ = edit(store, cut(A))
    parts = tuple(sorted(set(done.after["code"]) - set(done.before["code"])))
    assert held(store) == {"Z1": tuple(sorted((B, *parts))), "Z2": (C,)}
    assert held(store, PATROL) == {"P1": parts, "P2": tuple(sorted((C, *parts)))}
    assert store.info().areas_hash != before.areas_hash
    store.undo_grid_edit()
    after = store.info()
    assert (after.data_hash, after.areas_hash) == (before.data_hash, before.areas_hash)
    store.redo_grid_edit()
    assert held(store)["Z1"] == tuple(sorted((B, *parts)))
    assert store.verify() == []


def test_that_a_merged_cell_belongs_to_the_area_with_more_ground_which_is_told(store: Store) -> None:
    store.replace_grid(cells())
    put(store, KIND, Z1=[A], Z2=[B])
    put(store, PATROL, P1=[A])
    small, _ = edit(store, cut(A, 30.0))
    parts = [code for code in small.after["code"] if code not in set(small.before["code"])]
    sizes = small.after.set_index("code")["area_m2"]
    part = min(parts, key=lambda code: sizes[code])
    before = store.info().data_hash
    done, step = edit(store, lambda now, gone: merge(now, [part, B], retired_codes=gone))
    (whole,) = set(done.after["code"]) - set(done.before["code"])
    assert whole in held(store)["Z2"] and held(store, PATROL)["P1"] == tuple(c for c in parts if c != part)
    assert store.load_handed_over(step).to_dict("records") == [
        {"cell_code": part, "from_area": "Z1", "to_area": "Z2", "kind": KIND}
    ]
    in_one_each(store)
    area = store.load_responsibility_areas(KIND).set_index("code")["area_m2"]
    assert area["Z2"] == 13_000.0 and area["Z1"] == 7_000.0
    store.undo_grid_edit()
    assert store.info().data_hash == before


def test_that_undo_leaves_alone_what_somebody_changed_in_the_list_since(store: Store) -> None:
    store.replace_grid(cells())
    put(store, KIND, Z1=[A], Z2=[B])
    done, _ = edit(store, lambda now, gone: merge(now, [A, B], retired_codes=gone))
    (whole,) = set(done.after["code"]) - set(done.before["code"])
    put(store, KIND, Z9=[whole])
    store.undo_grid_edit()
    assert held(store) == {"Z9": (A, B)}


def test_that_numbers_given_anew_keep_their_areas(store: Store) -> None:
    store.replace_grid(cells())
    put(store, KIND, Z1=[A], Z2=[C])
    before = store.load_cells().set_index("code").geometry
    edit(store, lambda now, gone: renumber(now, A[:12], retired_codes=gone))
    after = store.load_cells().set_index("code").geometry
    for area, code in (("Z1", A), ("Z2", C)):
        (now,) = held(store)[area]
        assert after[now].equals(before[code])


def test_that_lists_are_carried_through_a_redivision_by_the_larger_share(store: Store) -> None:
    store.replace_grid(cells())
    codes = cells()["code"].tolist()
    put(store, KIND, Z1=codes[:6], Z2=codes[6:])
    put(store, CLEANING, K1=codes[:1])
    shifted = cells().assign(geometry=cells().geometry.translate(30.0, 0.0))
    shifted["code"] = [f"{code[:12]}{int(code[12:]) + 100:03d}" for code in codes]
    changes = store.replace_grid(shifted)
    assert changes.touches(RESPONSIBILITY)
    fresh = shifted["code"].tolist()
    assert held(store) == {"Z1": tuple(sorted(fresh[:6])), "Z2": tuple(sorted(fresh[6:]))}
    assert held(store, CLEANING) == {"K1": (fresh[0],)}
    in_one_each(store)
    handed = store.load_handed_over(changes.counts["step"])
    assert handed.empty
    assert store.verify() == []


def test_that_a_redivision_tells_which_cells_changed_hands(store: Store) -> None:
    store.replace_grid(cells())
    codes = cells()["code"].tolist()
    put(store, KIND, Z1=[codes[0]], Z2=[codes[1], codes[4], codes[5]])
    joined = cells()
    whole = shapely.union_all(joined.geometry[[0, 1, 4, 5]].to_numpy())
    kept = joined[~joined["code"].isin([codes[k] for k in (0, 1, 4, 5)])]
    one = gpd.GeoDataFrame({"code": [f"{codes[0][:12]}099"]}, geometry=[whole], crs=CRS)
    changes = store.replace_grid(gpd.GeoDataFrame(pd.concat([kept, one], ignore_index=True), crs=CRS))
    assert held(store) == {"Z1": (), "Z2": (f"{codes[0][:12]}099",)}
    handed = store.load_handed_over(changes.counts["step"])
    assert handed[["cell_code", "from_area", "to_area"]].to_numpy().tolist() == [[codes[0], "Z1", "Z2"]]


NAMES = [f"c{k}" for k in range(6)]


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, "n1", "n2", ""]), st.floats(1.0, 100.0)), unique_by=lambda row: row[:2]),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["X", "Y"])),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_that_an_exclusive_cell_is_in_one_area_whatever_became_of_the_cells(
    ways: list[tuple[str, str, float]], areas: dict[str, str], exclusive: bool
) -> None:
    succession = pd.DataFrame(ways, columns=["predecessor", "successor", "area_m2"]).astype({"area_m2": "f8"})
    whole = succession.groupby("predecessor")["area_m2"].transform("sum")
    succession["share_of_predecessor"] = succession["area_m2"] / whole
    before = pd.DataFrame({"area_code": list(areas.values()), "cell_code": list(areas)}, dtype="str")
    after = carried_members(before, succession, NAMES, exclusive=exclusive)
    assert not after.duplicated().any()
    changed = set(succession["predecessor"])
    assert not (changed - set(succession["successor"])) & set(after["cell_code"])
    untouched = before[~before["cell_code"].isin(changed)]
    assert set(map(tuple, untouched.to_numpy())) <= set(
        map(tuple, after[["area_code", "cell_code"]].to_numpy())
    )
    if exclusive:
        assert after["cell_code"].is_unique
        gave = succession[succession["predecessor"].isin(areas)]
        heirs = set(gave["successor"]) - {""} - (set(NAMES) - changed)
        assert heirs <= set(after["cell_code"])
        told = handed_over(before, after, succession)
        assert (told["from_area"] != told["to_area"]).all() and told["cell_code"].is_unique
