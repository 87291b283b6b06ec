"""The door to sanitation facilities: the register, what was done at them, and who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from data import facilities
from data.doors.door import Door
from kernel.changes import FACILITIES, Changes

MOST_KEYS = 100  # a longer list is "any of them"


class FacilitiesDoor(Door):
    """Frames of `census.facilities.frames`."""

    def load_facilities(self) -> pd.DataFrame:
        """The register by code: `FACILITY_COLUMNS`."""
        with self._engine.reading() as db:
            return facilities.load(self._engine, db)

    def load_facility_log(self, codes: Sequence[str] | None = None) -> pd.DataFrame:
        """Log entries by day, withdrawn ones too: `LOG_COLUMNS`; of some facilities or of all."""
        with self._engine.reading() as db:
            return facilities.load_log(self._engine, db, codes)

    def facility_history(self, code: str) -> pd.DataFrame:
        """What happened to one facility, oldest first: `HISTORY_COLUMNS`; also to one that was deleted."""
        with self._engine.reading() as db:
            return facilities.load_history(db, code)

    def save_facilities(self, frame: pd.DataFrame, *, seen: pd.DataFrame | None = None) -> Changes:
        """Register new facilities and change known ones, by code; others stay. `keys` are the codes as stored.

        A facility without a code is given one. `keys` are left out of long lists. `seen`: those that were edited as they were loaded. `counts`: new,
        changed, unchanged.

        Raises:
            Refused: a code stands twice.
            Conflict: one of `seen` is no longer as it was.
        """
        with self._writing() as work:
            if seen is not None:
                facilities.require_unchanged(work, seen)
            codes, counts = facilities.save(work, frame)
            return work.changed(FACILITIES, keys=codes if len(codes) <= MOST_KEYS else (), counts=counts)

    def delete_facilities(self, codes: Sequence[str]) -> Changes:
        """Take facilities out of the register; history and log stay. Raises `Refused` for one that is not there."""
        with self._writing() as work:
            facilities.delete(work, codes)
            return work.changed(FACILITIES, keys=codes, counts={"deleted": len(codes)})

    def append_facility_log(self, entries: pd.DataFrame) -> Changes:
        """Add log entries, all or none; a new state is taken over. `keys` are the facilities, `counts`: `entries`, and the number of the `first_entry`.

        Raises `Refused` for a facility that is not in the register.
        """
        with self._writing() as work:
            ids = facilities.append_log(work, entries)
            keys = dict.fromkeys(entries["facility_code"])
            done = work.changed(FACILITIES, keys=keys, counts={"entries": len(ids)})
            return replace(done, counts=done.counts | {"first_entry": min(ids, default=0)})

    def withdraw_facility_log(self, entry_ids: Sequence[int]) -> Changes:
        """Take log entries back; they stay visible as withdrawn. Raises `Refused` for one that is not there."""
        with self._writing() as work:
            facilities.withdraw(work, entry_ids)
            return work.changed(FACILITIES, counts={"withdrawn": len(entry_ids)})
