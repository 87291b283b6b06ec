"""`census report` and `census verify-report`: the report that is signed, and whether it still holds."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import words
from cli.session import Session


def register(app: typer.Typer) -> None:
    """Hang the verbs of the report on `app`."""
    app.command("report")(report)
    app.command("verify-report")(verify_report)


def report(
    ctx: typer.Context,
    number: int = words.session(),
    out: Path = typer.Option(..., help="xlsx or pdf."),
    sample: Path | None = typer.Option(
        None, help="The report's workbook with the measured positions filled in."
    ),
    sample_size: int = typer.Option(30, help="Components of each accuracy class to measure again."),
    seed: int = typer.Option(1, help="Seed of the sample; the same seed draws the same sample."),
) -> int:
    """The report of a session: totals, findings with maps, accuracy sample, signatures, hash of what was committed."""
    from actions.census.report_census import ReportCensus, report_census

    session: Session = ctx.obj
    request = ReportCensus(number, out, session.lang, str(sample or ""), sample_size, seed)
    with session.store() as store, session.progress() as progress:
        session.answer(report_census(store, request, progress))
    return 0


def verify_report(ctx: typer.Context, file: Path = typer.Argument(..., help="A report, xlsx or pdf.")) -> int:
    """Whether the store still holds what the report was signed for. Ends 1 where it does not."""
    from actions.census.report_census import VerifyReport, verify_report

    session: Session = ctx.obj
    with session.store() as store:
        done = verify_report(store, VerifyReport(file))
    session.answer(done)
    return 0 if done.agrees else 1
