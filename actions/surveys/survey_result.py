"""How a survey stands: progress, result against the census, feedback to departments, the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from actions.surveys.plan_survey import known_components
from census.special_survey.frames import RUNNING
from census.special_survey.matching import outcomes
from census.special_survey.progress import ROLES, by_class, by_collector, by_day, by_outcome, faults
from census.special_survey.reported import counted, points_of, without_twins
from exports.survey_feedback import write_feedback
from kernel.errors import WrongUsage
from kernel.progress import Progress
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ShowSurvey:
    """One survey by its number."""

    survey: int


@dataclass(frozen=True)
class SurveyShown:
    """What was planned, how far it is in all; `collectors` and `days` one by one; `plan` cell by cell."""

    survey: dict[str, Any]
    cells: int
    cells_done: int
    known: int
    found: int
    collectors: pd.DataFrame
    days: pd.DataFrame
    plan: pd.DataFrame


@dataclass(frozen=True)
class SurveyCompared:
    """`outcomes`: how many of each; `classes`: the same by class; `rows` one by one; `frozen` once it is closed."""

    survey: int
    frozen: bool
    outcomes: dict[str, int]
    classes: pd.DataFrame
    rows: pd.DataFrame


@dataclass(frozen=True)
class ExportFeedback:
    """`out`: xlsx, a sheet per department; `role`: owner, maintainer or authority."""

    survey: int
    out: Path
    role: str = "owner"


@dataclass(frozen=True)
class FeedbackExported:
    """How many things stand in the file, and for how many departments."""

    survey: int
    rows: int
    departments: dict[str, int]
    file: str


def list_surveys(store: Store) -> pd.DataFrame:
    """All surveys, the latest first, with `cells, cells_done, known, found`."""
    surveys = store.load_surveys()
    rows = []
    for about in surveys.to_dict("records"):
        plan, collected = store.load_survey(int(about["survey_id"]))
        found = _with_records(store, about, plan, collected)
        done = int((plan["done_on"] != "").sum())
        rows.append(
            about
            | {"cells": len(plan), "cells_done": done, "known": int(plan["known"].sum()), "found": len(found)}
        )
    names = [*surveys.columns, "cells", "cells_done", "known", "found"]
    return pd.DataFrame(rows, columns=names)


def show_survey(store: Store, request: ShowSurvey, progress: Progress | None = None) -> SurveyShown:
    """How far a survey is. Raises `Refused` where there is none."""
    about = store.survey(request.survey)
    plan, collected = store.load_survey(request.survey)
    found = _with_records(store, about, plan, collected)
    table = by_collector(plan, found)
    return SurveyShown(about, len(plan), int(table["cells_done"].sum()), int(table["known"].sum()), len(found), table,
                       by_day(plan, found), plan)  # fmt: skip


def compare_survey(store: Store, request: ShowSurvey, progress: Progress | None = None) -> SurveyCompared:
    """The result against the census as it is now, or as it was frozen. Raises `Refused` where there is no survey."""
    about = store.survey(request.survey)
    frozen = about["status"] != RUNNING
    if frozen:
        rows = store.load_survey_outcomes(request.survey)
    else:
        rows = _outcomes(store, about, store.load_survey(request.survey))
    return SurveyCompared(request.survey, frozen, by_outcome(rows), by_class(rows), rows)


def close_survey(store: Store, request: ShowSurvey, progress: Progress | None = None) -> SurveyCompared:
    """Freeze the result as it is now and close the survey.

    Raises `Refused` where it is closed already or not there, `Conflict` where others collected meanwhile.
    """
    about, seen = store.survey(request.survey), store.load_survey(request.survey)
    rows = _outcomes(store, about, seen)
    store.close_survey(request.survey, rows, seen=seen)
    return SurveyCompared(request.survey, True, by_outcome(rows), by_class(rows), rows)


def export_feedback(
    store: Store, request: ExportFeedback, progress: Progress | None = None
) -> FeedbackExported:
    """Write what departments must see to. Raises `WrongUsage` for another role, `Refused` for a file not to be written."""
    if request.role not in ROLES:
        raise WrongUsage(
            "Feedback does not go by {role}.",
            remedy="Use one of: {roles}.",
            role=request.role,
            roles=", ".join(ROLES),
        )
    result = compare_survey(store, ShowSurvey(request.survey))
    catalogue = catalogues.load(store.info(with_hash=False).standard, store.load_extensions())
    told = faults(result.rows, request.role)
    names = {code: catalogue.name_of(code) for code in set(told["class_code"])}
    write_feedback(told, store.survey(request.survey), names, Path(request.out))
    departments = {str(name): int(count) for name, count in told["department"].value_counts().items()}
    return FeedbackExported(request.survey, len(told), departments, str(request.out))


def _outcomes(store: Store, about: dict[str, Any], seen: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    plan, collected = seen
    found = _with_records(store, about, plan, collected)
    known = known_components(store, about["classes"].split(), plan["cell_code"].tolist())
    done = set(plan.loc[plan["done_on"] != "", "cell_code"])
    return outcomes(known, found, done, tolerance_m=about["tolerance_m"], radius_m=about["radius_m"])


def _with_records(
    store: Store, about: Mapping[Any, Any], plan: pd.DataFrame, collected: pd.DataFrame
) -> pd.DataFrame:
    """The collected points, and before them what field records say since the survey was planned."""
    records = counted(store.load_records(), about["planned_at"], about["closed_at"])
    if not len(records):
        return collected
    classes, about_ids = about["classes"].split(), sorted(set(records["component_id"].tolist()) - {0})
    known = known_components(store, classes, plan["cell_code"].tolist(), about_ids)
    cells = store.load_cells()
    cells = cells[cells["code"].isin(plan["cell_code"])].reset_index(drop=True)
    points = without_twins(points_of(records, known, cells, classes), collected, about["radius_m"])
    return pd.concat([points, collected], ignore_index=True)
