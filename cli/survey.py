"""`survey …`: special surveys of chosen classes: plan, collect, follow, compare with the census, feed back, close."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import words
from cli.session import Session
from kernel.errors import WrongUsage

app = typer.Typer(no_args_is_help=True)

_ID = words.number("SURVEY", "Number of the survey.")
_CELLS = typer.Option([], "--cells", help="Cell codes, comma-separated or repeated.")
_OF = typer.Option("", "--of", help="All cells of this collector.")


@app.command("plan")
def plan(
    ctx: typer.Context,
    classes: list[str] = typer.Option(..., "--class", help="Class by code or name; several with commas."),
    collectors: list[str] = typer.Option(..., "--collectors", help="Who collects; several with commas."),
    areas: list[str] = typer.Option(
        [], "--area", help="Codes of streets, communities or cells; the whole city by default."
    ),
    drawn: str = typer.Option("", help="A file with the area as polygons."),
    name: str = typer.Option("", help="What the survey is called."),
    due: str = typer.Option("", help="Last day, like 2026-12-31."),
    tolerance: float = typer.Option(2.0, help="Metres beyond which a component counts as moved."),
    radius: float = typer.Option(10.0, help="Metres within which a component is looked for by place."),
) -> int:
    """Plan a survey: every cell to one collector, equal numbers of known components."""
    from actions.surveys.plan_survey import PlanSurvey, plan_survey

    session: Session = ctx.obj
    request = PlanSurvey(
        name,
        words.parts(classes, "--class"),
        words.parts(collectors, "--collectors"),
        words.parts(areas, "--area"),
        drawn,
        due,
        tolerance,
        radius,
    )
    with session.store() as store:
        session.answer(plan_survey(store, request))
    return 0


@app.command("list")
def list_(ctx: typer.Context) -> int:
    """List the surveys, the latest first."""
    from actions.surveys.survey_result import list_surveys

    session: Session = ctx.obj
    with session.store() as store:
        session.answer({"surveys": list_surveys(store)})
    return 0


@app.command("show")
def show(ctx: typer.Context, survey: int = _ID) -> int:
    """One survey with its plan, cell by cell."""
    return _show(ctx, survey, ("survey", "cells", "cells_done", "known", "found", "plan"))


@app.command("progress")
def progress_(ctx: typer.Context, survey: int = _ID) -> int:
    """How far each collector is, and what was done on each day."""
    return _show(ctx, survey, ("cells", "cells_done", "known", "found", "collectors", "days"))


@app.command("assign")
def assign(
    ctx: typer.Context,
    survey: int = _ID,
    collector: str = typer.Argument(..., help="Who shall have the cells."),
    cells: list[str] = _CELLS,
    of: str = _OF,
) -> int:
    """Give cells of the plan to another collector."""
    from actions.surveys.run_survey import AssignCells, assign_cells

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(assign_cells(store, AssignCells(survey, collector, words.parts(cells, "--cells"), of)))
    return 0


@app.command("done")
def done(
    ctx: typer.Context,
    survey: int = _ID,
    cells: list[str] = _CELLS,
    of: str = _OF,
    day: str = typer.Option("", "--on", help="Day, like 2026-11-21; today by default."),
    undo: bool = typer.Option(False, "--undo", help="Open the cells again."),
) -> int:
    """Mark cells as done: what was not found there counts as not found."""
    from actions.surveys.run_survey import MarkCells, mark_cells

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(mark_cells(store, MarkCells(survey, words.parts(cells, "--cells"), of, day, undo)))
    return 0


@app.command("collect")
def collect(
    ctx: typer.Context,
    survey: int = _ID,
    file: str = typer.Argument(
        ..., help="csv, xlsx or a layer of points; with --census anything census import reads."
    ),
    collector: str = typer.Option("", "--by", help="Who collected points that name nobody."),
    census: bool = typer.Option(False, "--census", help="Read and check the file as the census does."),
    cells_done: bool = typer.Option(False, "--done", help="Mark the cells of the points as done today."),
) -> int:
    """Take in collected points; ends 1 where points were refused."""
    from actions.surveys.run_survey import CollectPoints, collect_points

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        taken = collect_points(store, CollectPoints(survey, file, collector, census, cells_done), progress)
    return session.answer_with_findings(taken)


@app.command("result")
def result(
    ctx: typer.Context,
    survey: int = _ID,
    outcome: str = typer.Option(
        "", help="List those with this outcome: confirmed, moved, changed, not_found, pending, new."
    ),
) -> int:
    """The result against the census: how many of each outcome, and one by one where an outcome is named."""
    from actions.surveys.survey_result import ShowSurvey, compare_survey
    from census.special_survey.frames import OUTCOMES

    if outcome and outcome not in OUTCOMES:
        raise WrongUsage("There is no outcome {outcome}.", remedy="Use one of: {outcomes}.", outcome=outcome,
                         outcomes=", ".join(OUTCOMES))  # fmt: skip
    session: Session = ctx.obj
    with session.store() as store:
        found = compare_survey(store, ShowSurvey(survey))
    rows = found.rows[found.rows["outcome"] == outcome] if outcome else found.rows.iloc[:0]
    session.answer(
        {
            "survey": survey,
            "frozen": found.frozen,
            "outcomes": found.outcomes,
            "classes": found.classes,
            "rows": rows,
        }
    )
    return 0


@app.command("feedback")
def feedback(
    ctx: typer.Context,
    survey: int = _ID,
    out: Path = typer.Option(..., help="xlsx with a sheet for each department."),
    role: str = typer.Option("owner", "--by", help="owner, maintainer or authority."),
) -> int:
    """Write what is missing, damaged or abandoned, by the department that answers for it."""
    from actions.surveys.survey_result import ExportFeedback, export_feedback

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(export_feedback(store, ExportFeedback(survey, out, role)))
    return 0


@app.command("close")
def close(ctx: typer.Context, survey: int = _ID) -> int:
    """Freeze the result and close the survey."""
    from actions.surveys.survey_result import ShowSurvey, close_survey

    session: Session = ctx.obj
    session.consent("Close survey {survey}? Its result stays as it is now.", survey=survey)
    with session.store() as store:
        ended = close_survey(store, ShowSurvey(survey))
    session.answer({"survey": survey, "frozen": True, "outcomes": ended.outcomes})
    return 0


def _show(ctx: typer.Context, survey: int, names: tuple[str, ...]) -> int:
    from actions.surveys.survey_result import ShowSurvey, show_survey

    session: Session = ctx.obj
    with session.store() as store:
        shown = show_survey(store, ShowSurvey(survey))
    session.answer({"id": survey} | {name: getattr(shown, name) for name in names})
    return 0
