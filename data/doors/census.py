"""The door to import sessions, by which alone components change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from census.draft import Draft, Seen
from census.review.corrections import Rebuilt
from census.review.difference import WITHIN_M, Difference
from data.census import codes, corrections, drafts, recoding, sessions
from data.census.corrections import DraftRows
from data.census.meanwhile import last_stored
from data.content_hash import digest_of_session
from data.doors.door import Door
from data.journal import version_of
from kernel.changes import CELLS, COMPONENTS, SESSIONS, Changes
from kernel.progress import Part, Progress, Silent

SILENT = Silent()


class CensusDoor(Door):
    """Deliveries: kept, compared, committed, taken back."""

    def seen(self) -> Seen:
        """What a reading that begins now is checked against; for `Draft.seen`."""
        with self._engine.reading() as db:
            return Seen(version_of(db, CELLS), last_stored(db))

    def save_draft(self, draft: Draft, *, dry_run: bool = False) -> int:
        """Keep a reading as a session (rows, refused rows, findings) and give its number."""
        with self._writing() as work:
            session_id = sessions.save_draft(work, draft, dry_run=dry_run)
            work.changed(SESSIONS, keys=[session_id])
            return session_id

    def compare(self, draft: Draft) -> dict[str, int]:
        """What a commit would do: `new, changed, unchanged, missing`. Writes nothing."""
        with self._engine.reading() as db:
            return sessions.compare(self._engine, db, draft)

    def commit_census(
        self, draft: Draft | int, *, anyway: bool = False, progress: Progress = SILENT
    ) -> Changes:
        """Write a delivery: new components, changed ones (the old version is kept), the session as `committed`.

        Takes a reading or the number of a kept session. Counts: `new, changed, unchanged, missing`, codes `given`; the key is the
        session's number. Nothing is ever removed.

        Raises:
            NotAllowed: a second person must approve. Refused: a code stands twice; other plane or edition.
            Conflict: the session is not waiting for this; or, not `anyway`, another session that was stored since the
                draft was kept (since its reading began, where it tells what it has `seen`) wrote components that this
                one would replace.
        """
        with self._writing() as work:
            part = Part(progress, 0.0, 0.95)
            if isinstance(draft, Draft):
                session_id, counts = sessions.commit_draft(work, draft, part, anyway=anyway)
            elif (wish := codes.wish_of(work.db, draft)).wish in recoding.LABELS:
                session_id, counts = draft, recoding.commit_kept(work, draft, wish, part)
            else:
                session_id, counts = draft, sessions.commit_session(work, draft, part, anyway=anyway)
            progress.report(0.95, "Saving")
            return work.changed(COMPONENTS, SESSIONS, keys=[session_id], counts=counts)

    def submit_session(self, session_id: int) -> Changes:
        """Hand a draft in for approval."""
        with self._writing() as work:
            sessions.submit(work, session_id)
            return work.changed(SESSIONS, keys=[session_id])

    def reject_session(self, session_id: int, reason: str = "") -> Changes:
        """Turn a draft or a submitted session down; `reason` is shown with it."""
        with self._writing() as work:
            sessions.reject(work, session_id, reason)
            return work.changed(SESSIONS, keys=[session_id])

    def undo_session(self, session_id: int, progress: Progress = SILENT) -> Changes:
        """Restore exactly what the session found. Counts: `removed`, `restored`.

        Raises:
            Conflict: a later committed session changed the same components; it names that session.
        """
        with self._writing() as work:
            recoding.require_undoable(work, session_id)
            counts = sessions.undo(work, session_id, progress)
            recoding.take_back(work, session_id)
            return work.changed(COMPONENTS, SESSIONS, keys=[session_id], counts=counts)

    def load_sessions(self) -> pd.DataFrame:
        """All sessions, the latest first."""
        with self._engine.reading() as db:
            return sessions.load_all(self._engine, db)

    def session(self, session_id: int) -> dict[str, Any]:
        """One session with `files`, `notes` and `findings` (number by code); `Refused` if there is none."""
        with self._engine.reading() as db:
            return sessions.describe(db, session_id)

    def load_findings(self, session_id: int) -> pd.DataFrame:
        """Findings of a session."""
        with self._engine.reading() as db:
            return sessions.findings(db, session_id)

    def load_quarantine(self, session_id: int, *, as_read: bool = False) -> pd.DataFrame:
        """Refused rows of a session: `census.draft.QUARANTINE_COLUMNS`; `as_read`: before any correction."""
        with self._engine.reading() as db:
            return sessions.quarantine(db, session_id, as_read=as_read)

    def difference(
        self, session_id: int, *, within_m: float = WITHIN_M, progress: Progress = SILENT
    ) -> Difference:
        """What a session changes against the store, by code and by place; of a committed one, what it changed.

        New rows within `within_m` of a stored component of their class count as probably the same object.
        """
        with self._engine.reading() as db:
            return sessions.difference(self._engine, db, session_id, within_m, progress)

    def correct_session(
        self, session_id: int, made: Sequence[corrections.Made], rebuilt: Rebuilt, *, seen: int
    ) -> Changes:
        """Keep corrections of a draft, each with its rows (file, layer, row, record, before, after), all or none; the
        keys are the session and their numbers.

        Raises:
            Refused: the session is no draft. Conflict: another person corrected it since `seen` (`DraftRows.step`).
        """
        with self._writing() as work:
            numbers = corrections.record(work, session_id, made, rebuilt, seen)
            return work.changed(SESSIONS, keys=[session_id, *numbers])

    def take_corrections_back(
        self, session_id: int, numbers: Collection[int], rebuilt: Rebuilt, *, seen: int
    ) -> Changes:
        """Leave corrections out; they stay in the log as taken back. Raises as `correct_session`."""
        with self._writing() as work:
            corrections.take_back(work, session_id, numbers, rebuilt, seen)
            return work.changed(SESSIONS, keys=[session_id, *numbers])

    def load_corrections(self, session_id: int) -> pd.DataFrame:
        """What was corrected in a session, by whom and when, oldest first."""
        with self._engine.reading() as db:
            return corrections.load(self._engine, db, session_id)

    def load_correction_rows(self, session_id: int, number: int) -> pd.DataFrame:
        """The rows of one correction with what stood there before and after: `data.census.corrections.ROW_COLUMNS`."""
        with self._engine.reading() as db:
            return corrections.load_rows(self._engine, db, session_id, number)

    def draft_rows(self, session_id: int) -> DraftRows:
        """What a correction starts from: the rows as they were read, and the log."""
        with self._engine.reading() as db:
            return corrections.rows_to_correct(self._engine, db, session_id)

    def draft_components(
        self, session_id: int, columns: list[str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`(components, origins)` of a draft's accepted rows as they were read."""
        with self._engine.reading() as db:
            return drafts.as_read(db, session_id, columns)

    def load_answers(self, session_id: int) -> pd.DataFrame:
        """Rows of a session that answer rows an earlier one refused: `census.draft.ANSWER_COLUMNS`."""
        with self._engine.reading() as db:
            return sessions.answers(db, session_id)

    def load_session_files(self, session_id: int) -> pd.DataFrame:
        """The files that were delivered: `census.reading.delivery.DELIVERED_COLUMNS`."""
        with self._engine.reading() as db:
            return sessions.files(db, session_id)

    def load_session_components(
        self, session_id: int, columns: Sequence[str], progress: Progress = SILENT
    ) -> pd.DataFrame:
        """What a session brings: the accepted rows of a draft, the versions that a committed one wrote."""
        with self._engine.reading() as db:
            return sessions.rows_of(self._engine, db, session_id, columns, progress)

    def session_digest(self, session_id: int) -> tuple[int, str]:
        """`(rows, SHA-256)` of what the session wrote; the same at any later time, on either engine, in any grid."""
        with self._engine.reading() as db:
            return digest_of_session(self._engine, db, session_id)
