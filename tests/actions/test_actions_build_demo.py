"""Building the demo city in a store: whole or not at all, once, and never over something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import data.store
from actions.build_demo import BuildDemo, build_demo
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched

SMALL = BuildDemo(cells=80, components=1_000, seed=3)


@pytest.fixture
def store(tmp_path: Path):
    with data.store.open(tmp_path / "s.wangrid", create=True) as opened:
        yield opened


def test_that_the_demo_stands_in_the_store_and_says_that_it_is_synthetic(store) -> None:
    built = build_demo(store, SMALL)
    info = store.info()
    assert (built.cells, built.components, built.already) == (info.cells, 1_000, False)
    assert (info.crs, info.standard) == (4548, "2026")
    assert info.settings["synthetic"] == "1"
    assert "合成" in info.settings["city"]
    assert info.settings["county_code"] == "110101"
    assert set(store.load_components(["note"])["note"]) == {"合成"}
    assert store.verify() == []
    assert built.fixes == info.fixes > 30 * 60 / 10
    assert len(store.last_fixes()) == len(store.load_patrollers()) >= 3
    for kind in ("roads", "water", "railways", "buildings", "compounds", "green"):
        assert len(store.load_base(kind))


def test_that_every_component_keeps_the_cell_it_was_given(store) -> None:
    build_demo(store, SMALL)
    before = store.load_components(["code", "cell_code"])
    changes = store.replace_grid(store.load_cells())
    assert changes.counts["rekeyed"] == 0
    assert before.equals(store.load_components(["code", "cell_code"]))


def test_that_a_second_build_of_the_same_demo_changes_nothing_and_says_so(store) -> None:
    build_demo(store, SMALL)
    before = store.info()
    again = build_demo(store, SMALL)
    assert again.already
    assert store.info() == before


def test_that_another_demo_is_refused_unless_it_may_replace(store) -> None:
    build_demo(store, SMALL)
    other = replace(SMALL, seed=4)
    before = store.info()
    with pytest.raises(Refused, match="another demo city"):
        build_demo(store, other)
    assert store.info() == before
    assert not build_demo(store, replace(other, replace=True)).already
    assert store.info().data_hash != before.data_hash
    assert len(store.load_sessions()) == 1


def test_that_a_store_with_other_data_is_refused_and_left_alone(store) -> None:
    store.set_setting("city", "someone's")
    donor = data.store.open(":memory:")
    build_demo(donor, SMALL)
    store.adopt_crs(4548)
    store.replace_grid(donor.load_cells())
    donor.close()
    with pytest.raises(Refused, match="not of the demo city"):
        build_demo(store, SMALL)
    assert store.setting("city") == "someone's"
    assert store.info().components == 0


def test_that_a_store_with_only_a_base_map_is_refused(store) -> None:
    donor = data.store.open(":memory:")
    build_demo(donor, SMALL)
    store.adopt_crs(4548)
    store.replace_base("roads", donor.load_base("roads"))
    donor.close()
    with pytest.raises(Refused):
        build_demo(store, SMALL)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.55, 0.85, 0.95])
def test_that_a_cancelled_build_leaves_the_store_as_it_was(store, share: float) -> None:
    before = store.info()
    progress = Watched(lambda done, *_: progress.cancel() if done >= share else None)
    with pytest.raises(Cancelled):
        build_demo(store, SMALL, progress)
    assert store.info() == before


def test_that_the_same_demo_has_the_same_hash_in_two_stores(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a", "b"):
        with data.store.open(tmp_path / name, create=True) as one:
            build_demo(one, SMALL)
            hashes.add(one.info().data_hash)
    assert len(hashes) == 1
