"""Commits travel: each once, in order, from this process and from others."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator

import pytest

from data import journal
from data.store import Store
from kernel.changes import CELLS, COMPONENTS, FIXES, SESSIONS, SETTINGS, Changes
from tests.data.children import child, heard, write_settings
from tests.data.small_city import cells, components, draft, fixes

WAIT_S = 20


@pytest.fixture
def told(store: Store) -> Iterator[queue.Queue[Changes]]:
    """What a watch on the store has told."""
    words: queue.Queue[Changes] = queue.Queue()
    watch = store.watch(words.put)
    yield words
    watch.close()


def test_that_own_commits_are_told_as_they_were_answered(store: Store, told: queue.Queue[Changes]) -> None:
    answers = [
        store.commit_census(draft(components(5))),
        store.append_fixes(fixes(3)),
        store.replace_grid(cells()),
        store.undo_session(1),
    ]
    assert [told.get(timeout=WAIT_S) for _ in answers] == answers
    assert answers[0].touches(COMPONENTS) and answers[0].counts["new"] == 5
    assert [each.touches(FIXES) for each in answers] == [False, True, False, False]
    assert answers[2].kinds == {CELLS}
    assert all(each.source == store.source for each in answers)
    versions = [each.version for each in answers]
    assert versions == sorted(versions) and versions[-1] == store.info().data_version


def test_that_another_processs_commits_are_told_each_once_in_order(
    store: Store, made: str, told: queue.Queue[Changes]
) -> None:
    values = [str(number) for number in range(30)]
    with child(write_settings, made, values) as (_, connection):
        store.set_setting("ours", "1")
        source = heard(connection)
        heard_of = [told.get(timeout=WAIT_S) for _ in range(31)]
        connection.send("go")
    theirs = [changes for changes in heard_of if changes.source == source]
    assert len(theirs) == 30 and all(changes.keys == ("city",) for changes in theirs)
    assert [changes.source for changes in heard_of].count(store.source) == 1
    assert store.setting("city") == "29"
    store.set_setting("last", "1")
    assert told.get(timeout=WAIT_S).keys == ("last",)
    assert told.empty()


def test_that_two_stores_of_one_process_tell_one_another(
    open_store: Callable[..., Store], store: Store, told: queue.Queue[Changes]
) -> None:
    other = open_store()
    session_id = other.save_draft(draft())
    assert told.get(timeout=WAIT_S) == Changes(frozenset({SESSIONS}), (str(session_id),), other.source, 1)


def test_that_a_closed_watch_is_silent(store: Store) -> None:
    words: queue.Queue[Changes] = queue.Queue()
    watch = store.watch(words.put)
    store.set_setting("a", "1")
    words.get(timeout=WAIT_S)
    watch.close()
    watch.close()
    store.set_setting("a", "2")
    assert words.empty()


def test_that_a_failing_callback_does_not_end_the_watch(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    words: queue.Queue[Changes] = queue.Queue()

    def fails_once(changes: Changes) -> None:
        words.put(changes)
        if changes.keys == ("a",):
            raise RuntimeError("a page that is no more")

    store.watch(fails_once)
    store.set_setting("a", "1")
    store.set_setting("b", "1")
    assert [words.get(timeout=WAIT_S).keys for _ in range(2)] == [("a",), ("b",)]
    assert "a page that is no more" in caplog.text


def test_that_a_watch_may_be_closed_by_its_own_callback(store: Store) -> None:
    words: queue.Queue[Changes] = queue.Queue()
    watch = store.watch(lambda changes: (watch.close(), words.put(changes)))
    store.set_setting("a", "1")
    assert words.get(timeout=WAIT_S).keys == ("a",)
    store.set_setting("b", "1")
    watch.close()
    assert words.empty()


def test_that_who_missed_more_than_the_log_keeps_is_told_that_anything_may_have_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT_COMMITS", 3)
    monkeypatch.setattr(journal, "TIDY_EVERY", 1)
    with store._engine.reading() as db:
        before = journal.last_sequence(db)
    for number in range(6):
        store.set_setting("a", str(number))
    with store._engine.reading() as db:
        missed = journal.commits_after(db, before)
    assert [each.changes.kinds for each in missed] == [journal.ALL_KINDS, {SETTINGS}, {SETTINGS}]
