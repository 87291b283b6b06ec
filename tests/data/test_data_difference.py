"""The difference of a delivery against the store, by code and by place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from census.review.difference import same_place
from data.store import Store
from kernel.errors import Refused
from tests.data.small_city import COUNTY, components, draft


def differ(store: Store, frame: pd.DataFrame) -> int:
    """A draft of `frame`."""
    return store.save_draft(draft(frame))


def test_that_every_kind_of_difference_is_told_row_by_row(store: Store) -> None:
    later = components(22)
    store.commit_census(draft(later.head(20)))
    later["x"] = later["x"] + [3.0, 4.0, *[0.0] * 20]
    later["y"] = later["y"] + [4.0, 0.0, *[0.0] * 20]
    later["note"] = pd.array(["改", *later["note"][1:]], dtype="str")
    later["state"] = pd.Categorical(["丢失", "丢失", *later["state"][2:]])
    later = later.drop(index=[7, 8]).reset_index(drop=True)
    found = store.difference(differ(store, later))
    assert found.counts == {"new": 2, "changed": 2, "unchanged": 16, "missing": 2, "moved": 2, "recoded": 0}
    assert found.new["code"].tolist() == [f"{COUNTY}0101{n:06d}" for n in (21, 22)]
    assert found.missing["code"].tolist() == [f"{COUNTY}0101{n:06d}" for n in (8, 9)]
    assert found.moved["distance_m"].tolist() == [5.0, 4.0]
    assert dict(zip(found.fields["field"], found.fields["rows"], strict=True)) == {
        "position": 2, "state": 2, "note": 1,
    }  # fmt: skip
    states = found.changes[found.changes["field"] == "state"]
    assert states[["before", "after"]].to_numpy().tolist() == [["完好", "丢失"], ["破损", "丢失"]]


def test_that_a_component_under_another_code_is_recognised_by_its_place(store: Store) -> None:
    store.commit_census(draft(components(20)))
    again = components(20, first=501)
    again["x"] = again["x"] + 0.5
    again = pd.concat([again, components(1, first=900, class_code="0137", seed=1)], ignore_index=True)
    found = store.difference(differ(store, again), within_m=1.0)
    assert found.counts["new"] == 21 and found.counts["recoded"] == 20
    pairs = dict(zip(found.recoded["code_before"], found.recoded["code"], strict=True))
    assert pairs == {f"{COUNTY}0101{n:06d}": f"{COUNTY}0101{n + 500:06d}" for n in range(1, 21)}
    assert set(found.recoded["distance_m"]) == {0.5}
    assert store.difference(differ(store, again), within_m=0.4).counts["recoded"] == 0


def test_that_a_component_the_delivery_names_elsewhere_is_nobodys_double(store: Store) -> None:
    store.commit_census(draft(components(5)))
    beside = pd.concat([components(5), components(5, first=601, seed=1)], ignore_index=True)
    assert store.difference(differ(store, beside)).counts["recoded"] == 0


def test_that_a_committed_session_tells_what_it_changed_also_after_later_ones(store: Store) -> None:
    store.commit_census(draft(components(10)))
    session = differ(store, components(12, note="改"))
    before = store.difference(session)
    store.commit_census(session)
    store.commit_census(draft(components(12, note="再改")))
    after = store.difference(session)
    assert {name: after.counts[name] for name in ("new", "changed", "moved")} == {
        name: before.counts[name] for name in ("new", "changed", "moved")
    }
    assert after.changes["after"].tolist() == before.changes["after"].tolist()


def test_that_a_difference_against_an_empty_store_is_all_new(store: Store) -> None:
    found = store.difference(differ(store, components(5)))
    assert found.counts == {"new": 5, "changed": 0, "unchanged": 0, "missing": 0, "moved": 0, "recoded": 0}


def test_that_a_session_without_rows_says_so(store: Store) -> None:
    with pytest.raises(Refused, match="keeps no rows"):
        store.difference(store.save_draft(draft(), dry_run=True))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), left=st.integers(0, 40), right=st.integers(0, 40))
def test_that_pairs_by_place_are_as_measuring_everything_says(seed: int, left: int, right: int) -> None:
    chance = np.random.default_rng(seed)
    a, b = (np.column_stack([chance.uniform(0, 20, (n, 2)), chance.integers(0, 2, n)]) for n in (left, right))
    found = same_place((a[:, 0], a[:, 1], a[:, 2].astype(int)), (b[:, 0], b[:, 1], b[:, 2].astype(int)), 1.5)
    assert len(set(found.left)) == len(found.left) and len(set(found.right)) == len(found.right)
    if not left or not right:
        assert not len(found.left)
        return
    distance = cdist(a[:, :2], b[:, :2])
    distance[a[:, 2][:, None] != b[:, 2][None, :]] = np.inf
    assert np.allclose(distance[found.left, found.right], found.distance_m)
    assert (found.distance_m <= 1.5).all()
    nearest = np.unravel_index(np.argmin(distance), distance.shape)
    if distance[nearest] < 1.5:
        assert nearest in set(zip(found.left, found.right, strict=True))
