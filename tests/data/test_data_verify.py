"""`verify` finds what should never be: each kind of damage is made by hand and must be named."""

from __future__ import annotations

import pytest

from data.store import Store
from tests.data.small_city import components, draft, fixes

DAMAGES = {
    "component: 1 rows have a name_term that is not there": "UPDATE component SET name_term = 9999 WHERE component_id = 3",
    "component: 2 rows have a owner_unit that is not there": "UPDATE component SET owner_unit = 9999 WHERE component_id < 3",
    "component: 1 rows have a cell_id that is not there": "UPDATE component SET cell_id = 9999 WHERE component_id = 3",
    "component: 5 rows belong to a session that is not committed": "UPDATE session SET status = 'draft' WHERE session_id = 2",
    "component_history: 5 rows belong to no component": "DELETE FROM component",
    "fix: 3 rows, but 2 were counted": "UPDATE counter SET value = 2 WHERE name = 'fix'",
    "component_history: 5 rows have a session_id that is not there": "UPDATE component_history SET session_id = 99",
}  # fmt: skip


@pytest.mark.parametrize("words", DAMAGES)
def test_that_rows_that_contradict_one_another_are_named(words: str, store: Store) -> None:
    store.commit_census(draft(components(5)))
    store.commit_census(draft(components(5, note="改")))
    store.append_fixes(fixes(3))
    assert store.verify() == []
    with store._writing() as work:
        work.db.exec_driver_sql(DAMAGES[words])
    assert words in store.verify()


def test_that_two_components_never_share_a_code(store: Store) -> None:
    store.commit_census(draft(components(5)))
    with pytest.raises(Exception, match=r"(?i)unique"), store._writing() as work:
        work.db.exec_driver_sql("UPDATE component SET code = '1' WHERE component_id < 3")
    assert store.verify() == []
