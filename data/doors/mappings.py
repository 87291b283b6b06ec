"""The door to what is remembered of suppliers."""

from __future__ import annotations

import pandas as pd

from census.profiles import Profile
from data.census import mappings
from data.doors.door import Door
from kernel.changes import SETTINGS, Changes


class MappingsDoor(Door):
    """Profiles of `census.profiles`."""

    def load_mappings(self) -> pd.DataFrame:
        """Every profile, the latest first: `data.census.mappings.MAPPING_COLUMNS`."""
        with self._engine.reading() as db:
            return mappings.load(self._engine, db)

    def profiles_of(self, supplier: str) -> tuple[Profile, ...]:
        """What is remembered of a supplier, the latest first."""
        found = self.load_mappings()
        return tuple(
            Profile(row["supplier"], row["names"], row["fields"], row["values"])
            for row in found[found["supplier"] == supplier].to_dict("records")
        )

    def remember_mapping(self, profile: Profile) -> Changes:
        """Keep a profile; the supplier's former one for the same fields goes."""
        with self._writing() as work:
            mappings.remember(work, profile)
            return work.changed(SETTINGS, keys=[profile.supplier])

    def forget_mappings(self, supplier: str) -> Changes:
        """Drop every profile of a supplier. Counts: `forgotten`."""
        with self._writing() as work:
            forgotten = mappings.forget(work, supplier)
            return work.changed(SETTINGS, keys=[supplier], counts={"forgotten": forgotten})
