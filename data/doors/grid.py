"""The door to the grid's edits by hand, its lineage, and who edits where."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from data.doors.door import Door
from data.grid import area_lineage, grid_edits, holds, lineage
from data.grid import cells as grid
from data.grid.cell_places import Box, CellPlaces, follow, places
from data.journal import Work
from gis.grid.grid_edit import GridEdit
from kernel.changes import CELLS, COMPONENTS, HOLDS, RESPONSIBILITY, Changes


class GridDoor(Door):
    """How the grid came to be what it is, and the way to change a part of it."""

    def cells_and_step(self) -> tuple[gpd.GeoDataFrame, int]:
        """All cells, and the number of the last step that changed them: what an edit is made on."""
        with self._engine.reading() as db:
            return grid.load_cells(self._engine, db), grid_edits.last_step(db)

    def cells_around(
        self, *, communities: Collection[str] = (), box: Box | None = None
    ) -> tuple[gpd.GeoDataFrame, int]:
        """What an edit of a few cells is made on, and the number of the last step that changed the grid.

        At least the cells of the communities (12 digits) and those in the box (west, south, east, north on the plane),
        their neighbours and the neighbours of those; ordered by code.
        """
        with self._engine.reading() as db:
            return grid.load_cells_around(self._engine, db, communities, box), grid_edits.last_step(db)

    def edit_grid(self, edit: GridEdit, *, seen_step: int) -> Changes:
        """Write the cells of an edit, re-key the components in and at them, and record the lineage.

        `seen_step`: the step that the edit was made on. Counts: `cells`, `rekeyed`, `step`,
        `members` of responsibility areas that came or went.

        Raises:
            Conflict: another person holds the community, or changed it after that step.
            Refused: a new cell has the code of a retired one.
        """
        with self._writing() as work:
            there = places(work.engine, work.db)
            return _told(work, there, grid_edits.apply(work, edit, seen_step), edit)

    def undo_grid_edit(self) -> Changes:
        """Restore exactly what the actor's latest edit that stands had found; counts as `edit_grid`.

        Raises:
            Refused: there is none. Conflict: the cells were changed again, or another person holds the community.
        """
        with self._writing() as work:
            there = places(work.engine, work.db)
            return _told(work, there, *grid_edits.undo(work))

    def redo_grid_edit(self) -> Changes:
        """Do the edit again that the actor took back last; see `undo_grid_edit`."""
        with self._writing() as work:
            there = places(work.engine, work.db)
            return _told(work, there, *grid_edits.redo(work))

    def load_grid_edit(self, step_id: int) -> GridEdit:
        """What an edit by hand, an undo or a redo did; `Refused` for another step."""
        with self._engine.reading() as db:
            return lineage.load_edit(self._engine, db, step_id)

    def load_grid_steps(self) -> pd.DataFrame:
        """All changes of the grid, the latest first: the columns of `data.tables.grid_step`."""
        with self._engine.reading() as db:
            return lineage.load_steps(self._engine, db)

    def load_succession(self) -> pd.DataFrame:
        """What became of each cell, step by step: `step_id, at, actor, kind` and `gis.grid.lineage.SUCCESSION_COLUMNS`."""
        with self._engine.reading() as db:
            return lineage.load_successions(self._engine, db)

    def load_handed_over(self, step_id: int) -> pd.DataFrame:
        """`kind, cell_code, from_area, to_area`: cells of exclusive kinds that a step gave to another area."""
        with self._engine.reading() as db:
            succession = lineage.load_succession_of(self._engine, db, step_id)
            return area_lineage.load_handed_over(self._engine, db, step_id, succession)

    def load_retired_cells(self) -> gpd.GeoDataFrame:
        """Cells that stand no more, as they last stood: `data.grid.lineage.RETIRED_COLUMNS`.

        A code that stands in the grid too had other ground then, or stands there again after an import.
        """
        with self._engine.reading() as db:
            return lineage.load_retired(self._engine, db)

    def hold_community(self, community_code: str, *, minutes: float = 30.0) -> Changes:
        """Keep a community to oneself for a while; again before it ends to keep it longer.

        Raises:
            Conflict: another person has it; it says who, since when and until when.
        """
        with self._writing() as work:
            holds.hold(work, community_code, minutes)
            return work.changed(HOLDS, keys=[community_code])

    def release_community(self, community_code: str) -> Changes:
        """Give a community up; does nothing where one does not hold it."""
        with self._writing() as work:
            holds.release(work, community_code)
            return work.changed(HOLDS, keys=[community_code])

    def load_holds(self) -> pd.DataFrame:
        """Who holds which community now: `community_code, holder, since, until`."""
        with self._engine.reading() as db:
            return holds.load(self._engine, db)


def _told(work: Work, there: CellPlaces, counts: dict[str, int], edit: GridEdit) -> Changes:
    """Close the write of an edit; `there`: where the cells lay before it."""
    kinds = [
        CELLS,
        *([COMPONENTS] if counts["rekeyed"] else []),
        *([RESPONSIBILITY] if counts["members"] else []),
    ]
    changes = work.changed(*kinds, counts=counts)
    follow(work.engine, work.db, there, edit)
    return changes
