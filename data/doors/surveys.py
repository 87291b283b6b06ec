"""The door to special surveys of one or several classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data import surveys
from data.doors.door import Door
from kernel.changes import SURVEYS, Changes


class SurveysDoor(Door):
    """Frames of `census.special_survey.frames`."""

    def load_surveys(self) -> pd.DataFrame:
        """All surveys, the latest first: `SURVEY_COLUMNS`."""
        with self._engine.reading() as db:
            return surveys.load_all(self._engine, db)

    def survey(self, survey_id: int) -> dict[str, Any]:
        """One survey, `SURVEY_COLUMNS`. Raises `Refused` where there is none."""
        with self._engine.reading() as db:
            return surveys.load_one(db, survey_id)

    def load_survey(self, survey_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Its cells (`CELL_COLUMNS`) and the points collected so far (`FOUND_COLUMNS`), of one moment."""
        with self._engine.reading() as db:
            surveys.load_one(db, survey_id)
            return surveys.load_cells(self._engine, db, survey_id), surveys.load_found(
                self._engine, db, survey_id
            )

    def load_survey_outcomes(self, survey_id: int) -> pd.DataFrame:
        """The frozen result of a closed survey, `OUTCOME_COLUMNS`; no rows while it runs."""
        with self._engine.reading() as db:
            return surveys.load_outcomes(self._engine, db, survey_id)

    def plan_survey(self, about: Mapping[str, Any], cells: pd.DataFrame) -> Changes:
        """Keep a new survey: name, classes, area, due, tolerance_m, radius_m, and its plan. `keys` has its number."""
        with self._writing() as work:
            number = surveys.plan(work, about, cells)
            return work.changed(SURVEYS, keys=[number], counts={"cells": len(cells)})

    def assign_survey_cells(self, survey_id: int, codes: Sequence[str], collector: str) -> Changes:
        """Give cells to another collector. Raises `Refused` for a closed survey or cells that are not in its plan."""
        with self._writing() as work:
            surveys.set_cells(work, survey_id, codes, collector=collector)
            return work.changed(SURVEYS, keys=[survey_id], counts={"cells": len(codes)})

    def mark_survey_cells(self, survey_id: int, codes: Sequence[str], day: str) -> Changes:
        """Cells are done since `day`, or open again where it is "". Raises `Refused` as `assign_survey_cells`."""
        with self._writing() as work:
            surveys.set_cells(work, survey_id, codes, done_on=day, done_by=work.actor if day else "")
            return work.changed(SURVEYS, keys=[survey_id], counts={"cells": len(codes)})

    def collect_survey(
        self, survey_id: int, found: pd.DataFrame, done: Sequence[str] = (), day: str = ""
    ) -> Changes:
        """Add collected points and mark the cells `done` since `day`, in one transaction. Raises `Refused` as above."""
        with self._writing() as work:
            surveys.append_found(work, survey_id, found)
            surveys.set_cells(work, survey_id, done, done_on=day, done_by=work.actor)
            return work.changed(SURVEYS, keys=[survey_id], counts={"found": len(found), "done": len(done)})

    def close_survey(
        self,
        survey_id: int,
        outcomes: pd.DataFrame,
        *,
        seen: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    ) -> Changes:
        """Freeze the result and close the survey. `seen`: what `load_survey` gave when the result was made.

        Raises:
            Refused: it is closed already. Conflict: cells were marked or points collected since.
        """
        with self._writing() as work:
            surveys.close(work, survey_id, outcomes, seen)
            return work.changed(SURVEYS, keys=[survey_id], counts={"outcomes": len(outcomes)})
