"""Codes given to what is stored, the way to another edition and back, and the list of what was given; on both stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from actions.census.census_sessions import Decide, approve_session
from actions.census.give_codes import ExportGivenCodes, Recode, export_given_codes, give_codes, recode
from data.store import Store
from kernel.errors import NotAllowed, Refused
from tests.data.conftest import (  # the same two stores
    cache_folder,
    engine_name,
    made,
    made_file,
    made_schema,
    open_store,
    store,
)
from tests.data.small_city import components, draft

__all__ = ["cache_folder", "engine_name", "made", "made_file", "made_schema", "open_store", "store"]


def codes_of(store: Store) -> list[str]:
    """All codes, by component."""
    return store.load_components(["code"])["code"].tolist()


def listed(store: Store, session: int, folder: Path) -> pd.DataFrame:
    """The list of given codes as it goes out."""
    done = export_given_codes(store, ExportGivenCodes(session, folder / "codes.csv"))
    rows = pd.read_csv(done.file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    assert done.rows == len(rows) and done.verified
    return rows


def test_that_stored_components_are_numbered_listed_and_numbered_back(store: Store, tmp_path: Path) -> None:
    store.commit_census(draft(components(3)))
    store.commit_census(draft(components(2, coded=False, seed=5)))
    store.commit_census(draft(components(1, class_code="0777", coded=False, seed=6)))
    before = store.info().data_hash
    done = give_codes(store)
    assert (done.status, done.standard, done.coded, done.left) == ("committed", "2013", 2, 1)
    assert codes_of(store)[3:] == ["1101010101000004", "1101010101000005", ""]
    rows = listed(store, done.session, tmp_path)
    assert rows["code"].tolist() == codes_of(store)[3:5] and rows["former"].tolist() == ["", ""]
    with pytest.raises(Refused, match="no component whose code"):
        give_codes(store)
    store.undo_session(done.session)
    assert store.info().data_hash == before
    with pytest.raises(Refused, match="Session 1 gave no codes"):
        export_given_codes(store, ExportGivenCodes(1, tmp_path / "none.csv"))
    assert not (tmp_path / "none.csv").exists()


def test_that_a_city_goes_over_to_2026_with_its_own_word_for_what_has_no_counterpart(
    store: Store, tmp_path: Path
) -> None:
    store.commit_census(draft(components(3)))
    store.commit_census(draft(components(2, class_code="0199", name="爱心驿站", seed=4)))
    before = store.info()
    with pytest.raises(Refused, match="0199"):
        recode(store, Recode("2026"))
    assert store.info() == before
    (tmp_path / "moves.csv").write_text("old,new\n0199,01001\n", "utf-8")
    done = recode(store, Recode("2026", str(tmp_path / "moves.csv")))
    assert (done.status, done.standard, done.coded, done.left) == ("committed", "2026", 5, 0)
    rows = listed(store, done.session, tmp_path)
    assert rows["former"].tolist() == [
        *(f"110101010100000{n}" for n in (1, 2, 3)),
        "1101010199000001",
        "1101010199000002",
    ]
    assert rows["code"].tolist() == codes_of(store) and set(rows["code"].str.len()) == {17}
    store.undo_session(done.session)
    after = store.info()
    assert (after.standard, after.data_hash) == (before.standard, before.data_hash) and store.verify() == []


def test_that_a_second_person_lets_the_codes_change(
    store: Store, open_store: Callable[..., Store], tmp_path: Path
) -> None:
    store.commit_census(draft(components(3)))
    store.set_setting("self_approval", "0")
    done = recode(store, Recode("2026"))
    assert (done.status, done.standard, done.coded) == ("submitted", "2013", 0)
    with pytest.raises(NotAllowed):
        approve_session(store, Decide(done.session))
    other = open_store(actor="李工")
    approve_session(other, Decide(done.session))
    assert store.info().standard == "2026" and {len(code) for code in codes_of(store)} == {17}
    assert len(listed(store, done.session, tmp_path)) == 3
