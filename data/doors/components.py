"""The door to components: frames, one card, the columns of the map, search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from data import cache, search
from data.census import components, history
from data.doors.door import Door
from gis.working_set import WorkingSet
from kernel.progress import Progress, Silent

SILENT = Silent()


class ComponentsDoor(Door):
    """What stands in the city."""

    def load_components(
        self,
        columns: Sequence[str] | None = None,
        *,
        cell_codes: Iterable[str] | None = None,
        class_codes: Iterable[str] | None = None,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
    ) -> pd.DataFrame:
        """Components frame, or only `columns` of it, ordered by `component_id`. Filters narrow one another."""
        with self._engine.reading() as db:
            return components.load(
                self._engine, db, columns, progress, cell_codes=cell_codes, class_codes=class_codes, ids=ids
            )

    def component(self, component_id: int) -> dict[str, Any]:
        """Every column of one component, and `session_id`, the session that wrote it; `Refused` if there is none."""
        with self._engine.reading() as db:
            return history.card(self._engine, db, component_id)

    def component_history(self, component_id: int) -> pd.DataFrame:
        """`at, session, actor, field, before, after`, oldest first; `field` is "" where it entered the store."""
        with self._engine.reading() as db:
            return history.load(self._engine, db, component_id)

    def working_set(self, progress: Progress = SILENT) -> WorkingSet:
        """Columns for the map, sorted for it; kept beside the store by the version of the data and mapped from there."""
        return cache.working_set(self._engine, progress)

    def search(self, text: str, limit: int = 20) -> pd.DataFrame:
        """`kind, key, code, name, x, y` of what `text` may mean: see `data.search.find`."""
        with self._engine.reading() as db:
            return search.find(self._engine, db, text, limit)
