"""The door to the codes that the store gives itself."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.census import codes, recoding
from data.doors.door import Door
from kernel.changes import COMPONENTS, SESSIONS, Changes
from kernel.progress import Progress, Silent

SILENT = Silent()


class CodesDoor(Door):
    """Numbering, recoding, and what became of which code."""

    def number_components(self, *, progress: Progress = SILENT) -> Changes:
        """Give every stored component without a code one, as a session that can be undone.

        Where a second person approves, the session waits; its commit then numbers what is stored at that time. The key
        is the session's number; counts as `commit_census` once it is committed, else none.
        """
        return self._coded(codes.Wish(codes.NUMBER), progress)

    def recode_components(
        self, standard: str, moves: Mapping[str, str] | None = None, *, progress: Progress = SILENT
    ) -> Changes:
        """Move every component and the store to the edition `standard`, as a session that can be undone.

        `moves`: the city's word for classes that the edition does not move, old class → new class.

        Raises:
            Refused: a class in use has no counterpart, or the standard says no way between the editions.
        """
        return self._coded(codes.Wish(codes.RECODE, standard, "", dict(moves or {})), progress)

    def given_codes(self, session_id: int) -> pd.DataFrame:
        """The codes that a session gave: `data.census.codes.GIVEN_COLUMNS`, ordered by component."""
        with self._engine.reading() as db:
            return codes.given(self._engine, db, session_id)

    def former_codes(self) -> pd.DataFrame:
        """`component_id`, `former`: every code that a component had before its present one, the latest last."""
        with self._engine.reading() as db:
            return codes.former_of(self._engine, db)

    def _coded(self, wish: codes.Wish, progress: Progress) -> Changes:
        with self._writing() as work:
            session_id, _, counts = recoding.begin(work, wish, progress)
            kinds = (COMPONENTS, SESSIONS) if counts else (SESSIONS,)
            return work.changed(*kinds, keys=[session_id], counts=counts)
