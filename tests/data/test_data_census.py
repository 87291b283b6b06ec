"""Census sessions: what a commit changes, what is kept, who may, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census.draft import QUARANTINE_COLUMNS
from census.records.record import Record
from data import store as stores
from data.store import Store
from data.tables import change_log
from gis.frames import COMPONENT_COLUMNS
from kernel.changes import COMPONENTS, SESSIONS
from kernel.errors import Conflict, NotAllowed, Refused
from tests.data.small_city import CRS, SOUTH, WEST, cells, components, draft, findings


def commit(store: Store, frame: pd.DataFrame, **given: object) -> tuple[int, dict[str, int]]:
    """Commit a frame; (session, counts)."""
    changes = store.commit_census(draft(frame, **given))
    assert changes.touches(COMPONENTS) and changes.touches(SESSIONS)
    return int(changes.keys[0]), changes.counts


def test_that_a_delivery_reads_back_as_it_was_given(store: Store) -> None:
    frame = components(20)
    _, counts = commit(store, frame)
    assert counts == {"new": 20, "changed": 0, "unchanged": 0, "missing": 0}
    back = store.load_components()
    assert tuple(back.columns) == COMPONENT_COLUMNS
    assert sorted(back["component_id"]) == list(range(1, 21))
    for name in COMPONENT_COLUMNS[1:]:
        assert list(back[name]) == list(frame[name]), name


def test_that_lines_and_areas_keep_their_geometry_and_points_have_none(store: Store) -> None:
    line = shapely.LineString([(WEST, SOUTH), (WEST + 10.125, SOUTH + 20)])
    area = shapely.Polygon([(0, 0, 5), (9, 0, 5), (9, 9, 5)])
    frame = components(3)
    frame["geometry"] = np.array([line, None, area], dtype=object)
    commit(store, frame)
    shapes = store.load_components(["geometry"])["geometry"].tolist()
    assert shapes[0] == line and shapes[1] is None
    assert shapely.equals(shapes[2], area) and not shapely.has_z(shapes[2])


def test_that_a_second_delivery_of_the_same_rows_changes_nothing(store: Store) -> None:
    commit(store, components(20))
    before = store.info()
    _, counts = commit(store, components(20))
    assert counts == {"new": 0, "changed": 0, "unchanged": 20, "missing": 0}
    assert store.info().data_hash == before.data_hash
    assert store.info().components == before.components


def test_that_compare_says_what_a_commit_would_do_and_writes_nothing(store: Store) -> None:
    commit(store, components(20))
    frame = components(15, first=11, note="新")
    told = store.compare(draft(frame))
    version = store.info().data_version
    assert told == {"new": 5, "changed": 10, "unchanged": 0, "missing": 10}
    assert store.info().data_version == version
    assert commit(store, frame)[1] == told


def test_that_a_changed_component_keeps_its_id_and_its_old_version(store: Store) -> None:
    first, _ = commit(store, components(5))
    frame = components(5)
    frame["state"] = pd.Categorical(["丢失", *frame["state"][1:]])
    second, counts = commit(store, frame)
    assert counts["changed"] == 1 and counts["unchanged"] == 4
    component_id = int(store.load_components(["component_id", "code"])["component_id"][0])
    history = store.component_history(component_id)
    assert history[["session", "field", "before", "after"]].values.tolist() == [
        [first, "", "", ""],
        [second, "state", "完好", "丢失"],
    ]
    assert set(history["actor"]) == {"王工"} and (history["at"] != "").all()
    assert store.component(component_id)["state"] == "丢失"
    assert store.component(component_id)["session_id"] == second


def test_that_a_row_without_code_is_new_unless_its_twin_stands_there(store: Store) -> None:
    frame = components(4, coded=False)
    assert commit(store, frame)[1]["new"] == 4
    assert commit(store, frame)[1]["unchanged"] == 4
    moved = frame.assign(x=frame["x"] + [0.0, 0.002, 0.0, 0.0])
    assert commit(store, moved)[1]["new"] == 1
    worn = frame.assign(state="破损")
    assert commit(store, worn)[1]["changed"] > 0


def test_that_twins_without_code_are_paired_in_order(store: Store) -> None:
    one = components(1, coded=False)
    both = pd.concat([one, one], ignore_index=True)
    both["name"] = both["name"].astype("category")
    assert commit(store, both)[1]["new"] == 2
    assert commit(store, both)[1] == {"new": 0, "changed": 0, "unchanged": 2, "missing": 0}


def test_that_missing_counts_only_classes_and_communities_the_delivery_speaks_of(store: Store) -> None:
    lamps = components(30, class_code="0137", seed=3)
    covers = components(30, class_code="0101", seed=4)
    commit(store, lamps)
    commit(store, covers)
    west = covers[covers["cell_code"].astype(str).str[9:12] == "001"].reset_index(drop=True)
    told = store.compare(draft(west.iloc[:2].reset_index(drop=True)))
    assert told["missing"] == len(west) - 2


def test_that_a_code_that_stands_twice_in_a_delivery_is_refused_and_named(store: Store) -> None:
    frame = components(3)
    frame["code"] = ["1101010101000001", "1101010101000001", ""]
    before = store.info()
    with pytest.raises(Refused, match="1101010101000001"):
        store.commit_census(draft(frame))
    assert store.info() == before


def test_that_a_session_keeps_what_the_reading_left_behind(store: Store) -> None:
    quarantined = pd.DataFrame(
        [("井盖.shp", "", 7, 6, "C3", "unknown class", '{"编码": "X"}', b"\x01\x02", None)],
        columns=list(QUARANTINE_COLUMNS),
    )
    session_id, _ = commit(
        store,
        components(5),
        quarantined=quarantined,
        findings=findings(["C3", "C5"]),
        notes={"edition": "2013"},
    )
    row = store.session(session_id)
    assert (
        row["status"] == "committed" and row["files"] == ["井盖.shp"] and row["notes"] == {"edition": "2013"}
    )
    assert (row["read"], row["accepted"], row["quarantined"], row["new"]) == (6, 5, 1, 5)
    assert row["findings"] == {"C3": 1, "C5": 1}
    assert row["drafted_by"] == row["decided_by"] == "王工"
    assert store.load_quarantine(session_id).values.tolist() == quarantined.values.tolist()
    assert store.load_findings(session_id)["code"].tolist() == ["C3", "C5"]
    assert store.load_sessions()["session_id"].tolist() == [session_id]


def test_that_a_kept_draft_is_committed_as_it_was_read(store: Store) -> None:
    frame = components(6)
    frame["geometry"] = np.array([shapely.LineString([(0, 0), (1, 1)]), *[None] * 5], dtype=object)
    session_id = store.save_draft(draft(frame))
    assert store.session(session_id)["status"] == "draft"
    assert store.info().components == 0
    store.submit_session(session_id)
    assert store.commit_census(session_id).counts["new"] == 6
    assert store.compare(draft(frame))["unchanged"] == 6


def test_that_a_draft_from_before_a_new_grid_gets_the_cells_of_today(store: Store) -> None:
    session_id = store.save_draft(draft(components(10)))
    renamed = cells()
    renamed["code"] = [code.replace("110101001", "110101009") for code in renamed["code"]]
    store.replace_grid(renamed)
    store.commit_census(session_id)
    assert store.load_components(["cell_code"])["cell_code"].astype(str).str.startswith("110101009").all()


def test_that_a_dry_run_is_kept_but_never_committed(store: Store) -> None:
    session_id = store.save_draft(draft(), dry_run=True)
    assert store.session(session_id)["status"] == "dry_run"
    assert store.session(session_id)["new"] == 20
    with pytest.raises(Conflict):
        store.commit_census(session_id)


def test_that_undo_restores_exactly_what_was(store: Store) -> None:
    commit(store, components(20))
    before = store.info().data_hash
    second, _ = commit(store, components(25, first=6, note="改"))
    assert store.info().data_hash != before
    changes = store.undo_session(second)
    assert changes.counts == {"removed": 10, "restored": 15}
    assert store.info().data_hash == before
    assert store.info().components == 20
    assert store.session(second)["status"] == "undone"
    assert store.verify() == []


def test_that_undo_is_refused_when_a_later_session_changed_the_same_components(store: Store) -> None:
    first, _ = commit(store, components(5))
    second, _ = commit(store, components(5, note="改"))
    before = store.info()
    with pytest.raises(Conflict, match=f"session {second}"):
        store.undo_session(first)
    assert store.info() == before
    store.undo_session(second)
    store.undo_session(first)
    assert store.info().components == 0


def test_that_undo_gives_the_cells_of_the_grid_that_is_there_now(store: Store) -> None:
    commit(store, components(10))
    second, _ = commit(store, components(10, note="改"))
    renamed = cells()
    renamed["code"] = [code.replace("110101001", "110101009") for code in renamed["code"]]
    store.replace_grid(renamed)
    store.undo_session(second)
    assert store.load_components(["cell_code"])["cell_code"].astype(str).str.startswith("110101009").all()
    assert store.verify() == []


def test_that_component_ids_are_never_given_twice(store: Store) -> None:
    first, _ = commit(store, components(5))
    store.undo_session(first)
    commit(store, components(5))
    assert store.load_components(["component_id"])["component_id"].min() > 5


def test_that_nobody_approves_what_they_imported_where_two_persons_are_wanted(
    open_store: Callable[..., Store],
) -> None:
    wang = open_store()
    wang.set_setting("self_approval", "0")
    with pytest.raises(NotAllowed):
        wang.commit_census(draft())
    session_id = wang.save_draft(draft())
    with pytest.raises(NotAllowed, match="submitted"):
        wang.commit_census(session_id)
    wang.submit_session(session_id)
    with pytest.raises(NotAllowed, match="王工"):
        wang.commit_census(session_id)
    assert wang.info().components == 0
    li = open_store(actor="李工")
    li.commit_census(session_id)
    row = li.session(session_id)
    assert (row["drafted_by"], row["submitted_by"], row["decided_by"]) == ("王工", "王工", "李工")


def test_that_a_session_that_is_not_there_is_refused(store: Store) -> None:
    for ask in (
        store.session,
        store.submit_session,
        store.load_findings,
        store.undo_session,
        store.commit_census,
    ):
        with pytest.raises(Refused, match="no session 99"):
            ask(99)


def test_that_a_delivery_of_another_edition_is_refused_once_there_are_components(store: Store) -> None:
    commit(store, components(2), standard="2026")
    assert store.info().standard == "2026"  # the first delivery decides
    with pytest.raises(Refused, match="edition 2013"):
        store.commit_census(draft(components(2, first=9)))


def test_that_a_delivery_in_another_plane_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match=f"EPSG:4549.*EPSG:{CRS}"):
        store.commit_census(draft(crs=4549))


ALLOWED = {
    ("draft", "submit"): "submitted",
    ("draft", "commit"): "committed",
    ("draft", "reject"): "rejected",
    ("submitted", "commit"): "committed",
    ("submitted", "reject"): "rejected",
    ("committed", "undo"): "undone",
}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["submit", "commit", "reject", "undo"]), max_size=5))
def test_that_a_session_moves_only_along_its_life(store: Store, steps: list[str]) -> None:
    session_id = store.save_draft(draft(components(2)))
    before, status = store.info().components, "draft"
    for step in steps:
        move = {
            "submit": store.submit_session,
            "commit": store.commit_census,
            "reject": store.reject_session,
            "undo": store.undo_session,
        }[step]
        if (status, step) in ALLOWED:
            move(session_id)
            status = ALLOWED[status, step]
        else:
            with pytest.raises(Conflict):
                move(session_id)
        assert store.session(session_id)["status"] == status
    if status == "committed":
        store.undo_session(session_id)
    assert store.info().components == before


def test_that_of_two_surveyors_who_store_the_same_community_the_second_is_told(
    open_store: Callable[..., Store],
) -> None:
    wang, li = open_store(), open_store(actor="李工")
    wang.set_setting("self_approval", "1")
    commit(wang, components(10))
    mine, theirs = (
        each.save_draft(draft(components(12, note=note))) for each, note in ((wang, "王"), (li, "李"))
    )
    wang.commit_census(mine)
    before = li.info()
    with pytest.raises(Conflict, match=rf"王工 has stored session {mine} \(井盖普查\) meanwhile: 12 of its"):
        li.commit_census(theirs)
    assert li.info() == before and li.session(theirs)["status"] == "draft"
    li.commit_census(theirs, anyway=True)
    component_id = int(li.load_components(["component_id"])["component_id"][0])
    history = li.component_history(component_id)
    assert history["after"][history["field"] == "note"].tolist() == ["王", "李"]
    li.undo_session(theirs)
    assert li.info().data_hash == before.data_hash


def test_that_the_history_tells_versions_in_the_order_in_which_they_were_stored(store: Store) -> None:
    lines = [shapely.LineString([(WEST, SOUTH), (WEST + far, SOUTH + far)]) for far in (10, 20, 30, 40)]
    drawn = [components(1, note=f"第{number}版").assign(geometry=[line]) for number, line in enumerate(lines)]
    store.commit_census(draft(drawn[0]))
    kept = [store.save_draft(draft(frame)) for frame in drawn[1:]]
    for session in reversed(kept):
        store.commit_census(session, anyway=True)
    history = store.component_history(1)
    notes = history[history["field"] == "note"]
    assert notes["session"].tolist() == [4, 3, 2]
    assert notes["before"].tolist() == ["第0版", "第3版", "第2版"]
    assert notes["after"].tolist() == ["第3版", "第2版", "第1版"]
    shapes = history[history["field"] == "geometry"]
    assert shapes["after"].tolist() == [lines[3].wkt, lines[2].wkt, lines[1].wkt]
    store.undo_session(2)
    assert store.component(1)["note"] == "第2版"


def test_that_an_approved_record_is_not_replaced_unseen(store: Store) -> None:
    commit(store, components(3))
    theirs = store.save_draft(draft(components(3, state="完好")))
    (record,) = store.enter_records([Record("damaged", {"note": "井圈开裂"}, "1101010101000002")]).keys
    now = store.load_components(ids=[2]).assign(state="破损", note="井圈开裂")
    done = store.approve_record(int(record), draft(now), seen_session=1)
    session = done.counts["session"]
    assert done.keys == (str(session), record)
    with pytest.raises(Conflict, match=f"session {session} .* 1 of its components"):
        store.commit_census(theirs)


def test_that_a_grid_changed_while_the_files_were_read_gives_the_cells_of_today(store: Store) -> None:
    seen, frame = store.seen(), components(20)
    store.replace_grid(cells(columns=8, rows=6, size_m=50.0))
    kept = store.save_draft(draft(frame, seen=seen))
    assert set(store.load_session_components(kept, ["cell_code"])["cell_code"]) <= set(
        store.load_cells()["code"]
    )
    store.commit_census(draft(frame, seen=seen))
    assert store.replace_grid(store.load_cells()).counts["rekeyed"] == 0
    assert not (store.load_components(["cell_code"])["cell_code"] == "").any()
    assert store.commit_census(kept).counts["unchanged"] == 20


def test_that_no_draft_is_too_old_for_the_conflict_to_be_told(store: Store) -> None:
    commit(store, components(3))
    theirs = store.save_draft(draft(components(3, note="李")))
    mine, _ = commit(store, components(3, note="王"))
    with store._writing() as work:
        work.db.execute(sa.delete(change_log))  # as a day of fixes does
        work.changed()
    with pytest.raises(Conflict, match=f"session {mine} "):
        store.commit_census(theirs)


def test_that_the_conflict_is_the_same_after_a_restore(store: Store, address: str, tmp_path: Path) -> None:
    commit(store, components(3))
    held = store.save_draft(draft(components(3, note="李")))
    free = store.save_draft(draft(components(4, first=50, note="李")))
    mine, _ = commit(store, components(3, note="王"))
    store.backup(tmp_path / "b.wangrid")
    with stores.open(address, create=True, standard="2013", crs=CRS) as other:
        other.set_setting("self_approval", "1")
        for first in (1, 11, 21):  # other content under the same numbers
            commit(other, components(3, first=first))
        other.replace_everything(tmp_path / "b.wangrid")
        with pytest.raises(Conflict, match=f"session {mine} "):
            other.commit_census(held)
        assert other.commit_census(free).counts["new"] == 4
        late = other.save_draft(draft(components(3, note="赵")))
        assert other.commit_census(late).counts["changed"] == 3


def test_that_who_says_the_same_as_another_is_not_held_up(store: Store) -> None:
    first, second = (store.save_draft(draft(components(5))) for _ in range(2))
    store.commit_census(first)
    assert store.commit_census(second).counts["unchanged"] == 5


def test_that_undo_is_exact_after_later_sessions_on_other_components(store: Store) -> None:
    commit(store, components(5))
    before = store.info().data_hash
    second, _ = commit(store, components(7, note="改"))
    third, _ = commit(store, components(5, first=501, class_code="0137"))
    store.undo_session(second)
    store.undo_session(third)
    assert store.info().data_hash == before and store.verify() == []
