"""The door to field records: a queue of single reports, each approved into the register or returned."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from census.draft import Draft
from census.records.record import Record
from data.census import records
from data.doors.door import Door
from kernel.changes import COMPONENTS, RECORDS, SESSIONS, Changes


class RecordsDoor(Door):
    """What people in the field reported, one by one."""

    def enter_records(self, entered: Sequence[Record]) -> Changes:
        """Put records into the queue. The keys are their numbers; counts: `entered`, `repeated` (known by foreign_id)."""
        with self._writing() as work:
            numbers, repeated = records.enter(work, entered)
            return work.changed(RECORDS, keys=numbers, counts={"entered": len(numbers), "repeated": repeated})

    def load_records(self) -> pd.DataFrame:
        """All records, the latest first: `census.records.record.RECORD_COLUMNS`."""
        with self._engine.reading() as db:
            return records.load(self._engine, db)

    def load_record(self, record_id: int) -> pd.Series:
        """One record as a row of `load_records`; `Refused` if there is none."""
        with self._engine.reading() as db:
            records.row_of(db, record_id)
            return records.load(self._engine, db, record_id).iloc[0]

    def record_events(self, record_id: int) -> pd.DataFrame:
        """What happened to one record, oldest first; `Refused` if there is none."""
        with self._engine.reading() as db:
            records.row_of(db, record_id)
            return records.events(self._engine, db, record_id)

    def component_with_code(self, code: str) -> int:
        """The component that has this code, or had it formerly; 0 when there is none."""
        with self._engine.reading() as db:
            return records.component_of(db, code)

    def edit_record(self, record_id: int, record: Record, *, seen_events: int = 0) -> Changes:
        """Put other words in the place of a waiting record's. Counts: `changed` fields.

        `seen_events`: how long its history was when it was read; `Conflict` where it is longer by now (0: not asked).
        """
        with self._writing() as work:
            records.require_seen(work.db, record_id, seen_events)
            changed = records.edit(work, record_id, record)
            return work.changed(RECORDS, keys=[record_id], counts={"changed": changed})

    def return_record(self, record_id: int, reason: str) -> Changes:
        """Send a record back with a reason."""
        with self._writing() as work:
            records.give_back(work, record_id, reason)
            return work.changed(RECORDS, keys=[record_id])

    def delete_record(self, record_id: int) -> Changes:
        """Take a waiting record out of the queue; its history stays."""
        with self._writing() as work:
            records.delete(work, record_id)
            return work.changed(RECORDS, keys=[record_id])

    def approve_record(
        self, record_id: int, draft: Draft, seen_session: int = 0, *, seen_events: int = 0
    ) -> Changes:
        """Commit what the record says, in one transaction with its approval: see `data.census.records.approve`.

        The keys are the session's number, as of every commit of components, and the record's. Counts: `session`.
        `seen_events` as in `edit_record`.
        """
        with self._writing() as work:
            records.require_seen(work.db, record_id, seen_events)
            session_id = records.approve(work, record_id, draft, seen_session)
            return work.changed(
                COMPONENTS, SESSIONS, RECORDS, keys=[session_id, record_id], counts={"session": session_id}
            )
