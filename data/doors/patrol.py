"""The door to the roster and its fixes."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from data import fixes
from data.doors.door import Door
from kernel.changes import FIXES, PATROLLERS, Changes


class PatrolDoor(Door):
    """Who walks the city, and where they were."""

    def append_fixes(self, batch: pd.DataFrame) -> Changes:
        """Append fixes; of equal (time_s, patroller_id) the first is kept. Counts: `added`, `repeated`.

        The keys are the first and the last time of the batch, so that a follower asks for that window only.
        """
        with self._writing(appends=True) as work:
            counts = fixes.append(work, batch)
            span = [batch["time_s"].min(), batch["time_s"].max()] if len(batch) else []
            return work.changed(FIXES, keys=span, counts=counts, fixes=counts["added"])

    def load_fixes(
        self, since_s: float, until_s: float, patroller_ids: Iterable[int] | None = None
    ) -> pd.DataFrame:
        """Fixes with `since_s <= time_s < until_s`, ordered by time, then patroller."""
        with self._engine.reading() as db:
            return fixes.load(self._engine, db, since_s, until_s, patroller_ids)

    def last_fixes(self, until_s: float | None = None) -> pd.DataFrame:
        """The latest fix of each patroller, at or before `until_s`."""
        with self._engine.reading() as db:
            return fixes.last(self._engine, db, until_s)

    def load_patrollers(self) -> pd.DataFrame:
        """The roster, ordered by id."""
        with self._engine.reading() as db:
            return fixes.load_patrollers(self._engine, db)

    def save_patrollers(self, frame: pd.DataFrame) -> Changes:
        """Write patrollers; one whose id is there is replaced, others stay."""
        with self._writing() as work:
            fixes.save_patrollers(work, frame)
            return work.changed(PATROLLERS, counts={"patrollers": len(frame)})
