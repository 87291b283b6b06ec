"""The door to responsibility areas: who answers for which cells, areas and roads."""

from __future__ import annotations

import geopandas as gpd

from data import responsibility
from data.door import Door
from kernel.changes import RESPONSIBILITY, Changes


class ResponsibilityDoor(Door):
    """Lists of the kinds of `resources.responsibility`."""

    def load_responsibility_areas(self, kind: str) -> gpd.GeoDataFrame:
        """Areas of one kind, by code: `gis.responsibility.RESPONSIBILITY_COLUMNS`."""
        with self._engine.reading() as db:
            return responsibility.load(self._engine, db, kind)

    def replace_responsibility_areas(self, kind: str, frame: gpd.GeoDataFrame) -> Changes:
        """Put the areas of one kind in the place of the old ones.

        Raises:
            Refused: a code stands twice, or the areas lie in another plane than the store.
        """
        with self._writing() as work:
            responsibility.replace(work, kind, frame)
            return work.changed(RESPONSIBILITY, keys=[kind], counts={kind: len(frame)})
