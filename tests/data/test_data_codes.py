"""Codes that the store gives: their form, that none is given twice, and the way from 2013 to 2026 and back."""

from __future__ import annotations

import queue
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from census.draft import Draft
from data.store import Store
from kernel.changes import CLASSES, COMPONENTS, SESSIONS, SETTINGS, Changes
from kernel.errors import Conflict, NotAllowed, Refused
from tests.data.small_city import components, draft

BARE = {"coded": False}


def delivery(count: int = 10, **words: object) -> Draft:
    """A delivery without codes whose rows shall get one."""
    frame = components(count, **(BARE | words))  # type: ignore[arg-type]
    origins = pd.DataFrame(
        {"file": "井盖.shp", "layer": "井盖", "row": np.arange(count) + 2, "record": np.arange(count)}
    )
    return draft(frame, give_codes=True, origins=origins)


def codes_of(store: Store) -> list[str]:
    """All codes that components hold now."""
    return [str(code) for code in store.load_components(["code"])["code"]]


def test_that_rows_without_a_code_get_the_sixteen_digits_of_2013(store: Store) -> None:
    store.commit_census(draft(components(3)))
    done = store.commit_census(delivery(10, seed=2))
    assert done.counts["given"] == 10
    assert sorted(codes_of(store)) == [f"1101010101{number:06d}" for number in range(1, 14)]
    told = store.given_codes(int(done.keys[0]))
    assert told["row"].tolist() == list(range(2, 12)) and set(told["file"]) == {"井盖.shp"}


def test_that_a_store_of_2026_gives_seventeen_digits(store: Store) -> None:
    store.use_standard("2026")
    store.commit_census(of_2026(4))
    assert codes_of(store) == [f"11010101001{number:06d}" for number in range(1, 5)]


def of_2026(count: int, **words: object) -> Draft:
    """A delivery of edition 2026 without codes."""
    frame = components(count, class_code="01001", name="供水井盖", coded=False, **words)  # type: ignore[arg-type]
    return draft(frame, give_codes=True, standard="2026")


def test_that_a_second_delivery_without_codes_finds_what_was_numbered(store: Store) -> None:
    store.commit_census(delivery(10))
    before = codes_of(store)
    again = store.commit_census(delivery(10))
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 10, "missing": 0, "given": 0}
    changed = store.commit_census(delivery(10, note="新"))
    assert changed.counts["changed"] == 10 and changed.counts["new"] == 0
    assert codes_of(store) == before


def test_that_what_was_stored_without_a_code_gets_one_when_it_is_delivered_again(store: Store) -> None:
    store.commit_census(draft(components(3, coded=False)))
    before = store.info().data_hash
    done = store.commit_census(delivery(3))
    assert done.counts == {"new": 0, "changed": 3, "unchanged": 0, "missing": 0, "given": 3}
    assert codes_of(store) == [f"1101010101{number:06d}" for number in (1, 2, 3)]
    assert store.component_history(2)["field"].tolist() == ["", "code"]
    assert store.given_codes(int(done.keys[0]))["row"].tolist() == [2, 3, 4]
    assert store.commit_census(delivery(3)).counts["unchanged"] == 3 and store.verify() == []
    for session in (3, 2):
        store.undo_session(session)
    assert store.info().data_hash == before
    store.commit_census(delivery(3))
    assert codes_of(store) == [f"1101010101{number:06d}" for number in (4, 5, 6)]


def test_that_numbers_of_an_undone_session_are_not_given_again(store: Store) -> None:
    first = store.commit_census(delivery(5))
    store.undo_session(int(first.keys[0]))
    store.commit_census(delivery(5))
    assert codes_of(store) == [f"1101010101{number:06d}" for number in range(6, 11)]
    own = store.commit_census(draft(components(1, first=40, seed=9)))
    store.undo_session(int(own.keys[0]))
    store.commit_census(delivery(1, seed=5))
    assert max(codes_of(store)) == "1101010101000041"


def test_that_a_class_the_edition_does_not_have_gets_no_code(store: Store) -> None:
    done = store.commit_census(delivery(3, class_code="0777"))
    assert done.counts["given"] == 0 and codes_of(store) == ["", "", ""]


def test_that_the_setting_gives_codes_with_every_commit(store: Store) -> None:
    store.set_setting("give_codes", "1")
    store.commit_census(draft(components(2, coded=False)))
    assert all(codes_of(store))


def test_that_stored_components_can_be_numbered_and_that_undone(store: Store) -> None:
    store.commit_census(draft(components(4, coded=False)))
    before = store.info().data_hash
    done = store.number_components()
    assert done.counts["changed"] == 4 and all(codes_of(store))
    assert store.component_history(1)["field"].tolist() == ["", "code"]
    store.undo_session(int(done.keys[0]))
    assert store.info().data_hash == before


def test_that_recoding_keeps_county_and_number_and_the_old_code_finds_the_component(store: Store) -> None:
    store.commit_census(draft(components(20)))
    before = store.info()
    done = store.recode_components("2026")
    assert store.info().standard == "2026" and done.counts["changed"] == 20
    assert codes_of(store) == [f"11010101001{number:06d}" for number in range(1, 21)]
    card = store.component(7)
    assert card["class_code"] == "01001" and card["name"] == "供水井盖"
    assert card["former_codes"] == ["1101010101000007"]
    found = store.search("1101010101000007")
    assert found[["kind", "key", "code"]].values.tolist() == [["component", "7", "11010101001000007"]]
    store.undo_session(int(done.keys[0]))
    after = store.info()
    assert (after.standard, after.data_hash) == (before.standard, before.data_hash)
    assert store.component(7)["former_codes"] == []


def test_that_a_store_switched_before_is_recoded_all_the_same(store: Store) -> None:
    store.commit_census(draft(components(3)))
    store.use_standard("2026")
    done = store.recode_components("2026")
    assert all(len(code) == 17 for code in codes_of(store))
    store.undo_session(int(done.keys[0]))
    assert store.info().standard == "2026" and all(len(code) == 16 for code in codes_of(store))


def test_that_a_class_without_counterpart_must_be_told_by_the_city(store: Store) -> None:
    frame = components(3, class_code="0199", name="爱心驿站")
    store.commit_census(draft(frame))
    with pytest.raises(Refused, match="0199"):
        store.recode_components("2026")
    assert store.info().standard == "2013" and store.load_sessions()["status"].tolist() == ["committed"]
    store.recode_components("2026", {"0199": "01001"})
    assert codes_of(store) == [f"11010101001{number:06d}" for number in range(1, 4)]


def test_that_two_classes_that_become_one_do_not_share_a_code(store: Store) -> None:
    store.commit_census(draft(components(3)))
    store.commit_census(draft(components(3, class_code="0199", name="爱心驿站", seed=4)))
    store.recode_components("2026", {"0199": "01001"})
    assert sorted(codes_of(store)) == [f"11010101001{number:06d}" for number in range(1, 7)]


def test_that_recoding_cannot_be_undone_under_what_came_later(store: Store) -> None:
    store.commit_census(draft(components(3)))
    done = store.recode_components("2026")
    store.commit_census(of_2026(2, seed=8))
    with pytest.raises(Conflict, match="cannot be taken back"):
        store.undo_session(int(done.keys[0]))


def test_that_another_person_approves_where_the_store_wants_one(
    open_store: Callable[..., Store], store: Store
) -> None:
    store.commit_census(draft(components(3)))
    store.set_setting("self_approval", "0")
    waiting = int(store.recode_components("2026").keys[0])
    assert store.info().standard == "2013" and store.session(waiting)["status"] == "submitted"
    with pytest.raises(NotAllowed):
        store.commit_census(waiting)
    other = open_store(actor="李工")
    other.commit_census(waiting)
    assert store.info().standard == "2026" and store.session(waiting)["changed"] == 3


def test_that_whoever_watches_hears_that_the_edition_changed(
    open_store: Callable[..., Store], store: Store
) -> None:
    heard: queue.Queue[Changes] = queue.Queue()
    store.commit_census(draft(components(3)))
    store.set_setting("self_approval", "0")
    waiting = int(store.recode_components("2026").keys[0])
    store.watch(heard.put)
    other = open_store(actor="李工")
    other.commit_census(waiting)
    other.undo_session(waiting)
    for _ in range(2):
        told = heard.get(timeout=20)
        assert told.kinds == {COMPONENTS, SESSIONS, CLASSES, SETTINGS} and told.keys == (str(waiting),)


@pytest.mark.parametrize("edition", ["2007", "2013"])
def test_that_there_is_no_way_to_an_older_edition(store: Store, edition: str) -> None:
    with pytest.raises(Refused, match="2013 to 2026 only"):
        store.recode_components(edition)


def test_that_a_backup_of_before_does_not_bring_numbers_back(store: Store, tmp_path: object) -> None:
    file = f"{tmp_path}/before.wangrid"
    store.commit_census(delivery(2))
    store.backup(file)
    store.commit_census(delivery(3, seed=6))
    store.replace_everything(file)
    store.commit_census(delivery(1, seed=7))
    assert max(codes_of(store)) == "1101010101000006"


STEPS = st.lists(
    st.tuples(st.sampled_from(["deliver", "coded", "undo", "number", "recode"]), st.integers(1, 4)),
    min_size=3,
    max_size=9,
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(steps=STEPS)
def test_that_no_code_ever_belongs_to_two_components(store: Store, steps: list[tuple[str, int]]) -> None:
    for session in (
        store.load_sessions().query("status == 'committed'")["session_id"]
        if len(store.load_sessions())
        else []
    ):
        store.undo_session(int(session))
    owner: dict[str, int] = {}
    for number, (step, count) in enumerate(steps):
        do(store, step, count, seed=100 * len(owner) + number)
        held = store.load_components(["component_id", "code", "class_code"])
        digits = {"2013": 16, "2026": 17}
        for key, code, class_code in held.itertuples(index=False):
            if code:
                assert len(code) in digits.values() and code[6:-6] == class_code
                assert owner.setdefault(str(code), int(key)) == int(key)
        coded = held["code"][held["code"] != ""]
        assert coded.is_unique
    assert store.verify() == []


def do(store: Store, step: str, count: int, seed: int) -> None:
    """One step of the life of a store."""
    of_2013 = store.info().standard == "2013"
    if step in ("deliver", "coded"):
        made = delivery(count, seed=seed) if of_2013 else of_2026(count, seed=seed)
        store.commit_census(made if step == "deliver" else draft(made.components, standard=made.standard))
    else:
        with suppress(Conflict, Refused):  # later sessions stand on it, or there is nothing to give a code to
            change(store, step, count)


def change(store: Store, step: str, count: int) -> None:
    """A step that may be refused."""
    if step == "number":
        store.number_components()
    elif step == "recode":
        store.recode_components("2026")
    else:
        committed = store.load_sessions()
        committed = committed[committed["status"] == "committed"] if len(committed) else committed
        if len(committed):
            store.undo_session(int(committed["session_id"].iloc[min(count, len(committed)) - 1]))
