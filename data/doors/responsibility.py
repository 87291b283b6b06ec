"""The door to responsibility areas: who answers for which cells, areas and roads."""

from __future__ import annotations

import geopandas as gpd

from data import responsibility
from data.doors.door import Door
from kernel.changes import RESPONSIBILITY, Changes


class ResponsibilityDoor(Door):
    """Lists of the kinds of `resources.responsibility`."""

    def load_responsibility_areas(self, kind: str) -> gpd.GeoDataFrame:
        """Areas of one kind, by code: `gis.grid.responsibility.RESPONSIBILITY_COLUMNS`."""
        with self._engine.reading() as db:
            return responsibility.load(self._engine, db, kind)

    def replace_responsibility_areas(
        self, kind: str, frame: gpd.GeoDataFrame, *, seen: gpd.GeoDataFrame | None = None
    ) -> Changes:
        """Put the areas of one kind in the place of the old ones.

        `seen`: the areas as they were loaded, where the new ones were made from them.

        Raises:
            Refused: a code stands twice, or the areas lie in another plane than the store.
            Conflict: the store no longer has what was `seen`.
        """
        with self._writing() as work:
            if seen is not None:
                responsibility.require_unchanged(work, kind, seen)
            responsibility.replace(work, kind, frame)
            return work.changed(RESPONSIBILITY, keys=[kind], counts={kind: len(frame)})
