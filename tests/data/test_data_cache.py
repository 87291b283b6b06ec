"""The map's columns and their cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data import store as stores
from data.store import Store
from gis.frames import COMPONENT_STATES
from gis.working_set import WorkingSet
from tests.data.small_city import cells, components, draft


def as_rows(found: WorkingSet) -> list[tuple[object, ...]]:
    cells_ = (*found.cell_codes, "")
    rows = zip(
        found.component_id.tolist(), found.x.tolist(), found.y.tolist(),
        [found.class_codes[i] for i in found.class_index], [COMPONENT_STATES[i] for i in found.state],
        [cells_[i] for i in found.cell_index], strict=True,
    )  # fmt: skip
    return sorted(rows)


def stored_rows(store: Store) -> list[tuple[object, ...]]:
    names = ["component_id", "x", "y", "class_code", "state", "cell_code"]
    return sorted(store.load_components(names).itertuples(index=False, name=None))


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*-map-*"))


def test_that_the_working_set_holds_what_is_stored(store: Store) -> None:
    store.commit_census(draft(components(50)))
    found = store.working_set()
    assert as_rows(found) == stored_rows(store)
    assert found.version == store.info().data_version


def test_that_an_empty_store_has_an_empty_working_set(open_store: Callable[..., Store]) -> None:
    store = open_store()
    assert len(store.working_set()) == 0 and len(store.working_set()) == 0


def test_that_the_cache_gives_the_same_set_again(store: Store, cache_folder: Path) -> None:
    store.commit_census(draft(components(50)))
    cold, warm = store.working_set(), store.working_set()
    assert len(kept(cache_folder)) == 1
    for name in ("component_id", "x", "y", "class_index", "state", "cell_index"):
        assert np.array_equal(getattr(cold, name), getattr(warm, name)), name
    assert (cold.class_codes, cold.cell_codes, cold.version) == (
        warm.class_codes,
        warm.cell_codes,
        warm.version,
    )


def test_that_a_commit_makes_the_set_anew_and_removes_the_old_file(store: Store, cache_folder: Path) -> None:
    store.commit_census(draft(components(10)))
    store.working_set()
    before = kept(cache_folder)
    store.commit_census(draft(components(5, first=50)))
    assert len(store.working_set()) == 15
    assert len(kept(cache_folder)) == 1 and kept(cache_folder) != before
    store.replace_grid(cells().iloc[:6])
    assert as_rows(store.working_set()) == stored_rows(store)


@pytest.mark.parametrize("damage", [b"", b"noise", None])
def test_that_a_broken_cache_file_is_made_anew(
    store: Store, cache_folder: Path, damage: bytes | None
) -> None:
    store.commit_census(draft(components(10)))
    whole = store.working_set()
    (file,) = kept(cache_folder)
    file.write_bytes(file.read_bytes()[:-40] if damage is None else damage)
    assert as_rows(store.working_set()) == as_rows(whole)
    assert as_rows(store.working_set()) == as_rows(whole)


def test_that_a_cache_that_cannot_be_written_stops_nobody(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WANGRID_CACHE", str(tmp_path / "file" / "cache"))
    store.commit_census(draft(components(10)))
    assert len(store.working_set()) == 10


def test_that_copies_of_one_store_that_went_different_ways_do_not_share_a_cache(
    store: Store, tmp_path: Path
) -> None:
    store.backup(tmp_path / "copy.wangrid")
    store.commit_census(draft(components(10)))
    with stores.open(tmp_path / "copy.wangrid") as copy:
        copy.set_setting("self_approval", "1")
        copy.commit_census(draft(components(3)))
        assert (len(store.working_set()), len(copy.working_set()), len(store.working_set())) == (10, 3, 10)
        assert store.info().data_hash != copy.info().data_hash


def test_that_arrays_are_made_once_for_each_version_of_the_data(store: Store) -> None:
    calls: list[int] = []

    def make() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"xy": np.arange(6.0), "areal": np.array([True]), "name": np.array(["甲", ""], object)}

    kinds = ("components",)
    first, again = (store.kept_arrays("shapes", kinds, make) for _ in range(2))
    assert len(calls) == 1
    assert {name: found.tolist() for name, found in first.items()} == {
        name: found.tolist() for name, found in again.items()
    }
    store.commit_census(draft(components(50)))
    store.kept_arrays("shapes", kinds, make)
    assert len(calls) == 2
