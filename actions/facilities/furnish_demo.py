"""Facilities with their log and a running special survey for the demo city, all of it synthetic."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from actions.surveys.plan_survey import PlanSurvey, known_components, plan_survey
from census.facilities.demo import register
from census.special_survey.demo import collected
from kernel.progress import Progress
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store

SURVEYED: Final = ("雨水井盖", "污水井盖")
COLLECTORS: Final = ("张三（示例）", "李四（示例）", "王五（示例）", "赵六（示例）")


def furnish_demo(store: Store, seed: int, today: date, progress: Progress) -> None:
    """Fill the register, its log and one survey; the same for the same city, seed and day."""
    progress.report(0.0, "Writing facilities and a survey")
    catalogue = catalogues.load(store.info(with_hash=False).standard, store.load_extensions())
    components = store.load_components(["code", "class_code", "x", "y"])
    facilities, log = register(components, store.load_cells(), catalogue, today, seed)
    if len(facilities):
        store.save_facilities(facilities)
        store.append_facility_log(log)
    progress.report(0.5)
    classes = tuple(name for name in SURVEYED if catalogue.code_of(name) is not None)
    planned = plan_survey(store, PlanSurvey("井盖专项普查（合成）", classes, COLLECTORS))
    plan, _ = store.load_survey(planned.survey)
    known = known_components(
        store, store.survey(planned.survey)["classes"].split(), plan["cell_code"].tolist()
    )
    points, days = collected(known, plan, today, seed)
    store.collect_survey(planned.survey, points)
    for day, cells in days.items():
        store.mark_survey_cells(planned.survey, cells, day)
    progress.report(1.0)
