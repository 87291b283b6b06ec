"""`census …`: what a session's review needs: refused rows out, second deliveries, corrections, the difference."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session, as_json

LAST_ID = 2**31 - 1


def session_id() -> int:
    """The argument every verb here takes."""
    return typer.Argument(..., metavar="ID", min=1, max=LAST_ID)


def register(app: typer.Typer) -> None:
    """Hang the verbs of a review on `app`."""
    app.command("export-refused")(export_refused)
    app.command("follow-up")(follow_up)


def export_refused(
    ctx: typer.Context,
    number: int = session_id(),
    out: Path = typer.Option(..., help="A file of the delivery's own kind, a folder, or a .zip."),
) -> int:
    """The refused rows as the files they came in, with what is wrong and what to do; to be corrected and sent again."""
    from actions.census.return_refused import ExportRefused, export_refused

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(export_refused(store, ExportRefused(number, out, session.lang), progress))
    return 0


def follow_up(ctx: typer.Context, number: int = session_id()) -> int:
    """Of a second delivery: which refused rows came back corrected, which still fail, which never came back."""
    from actions.census.return_refused import follow_up_session

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(as_json(follow_up_session(store, number)), human=_follow_up)
    return 0


def _follow_up(values: dict) -> str:
    head = "  ".join(f"{name} {values[name]}" for name in
                     ("refused_before", "corrected", "still_refused", "not_returned"))  # fmt: skip
    rows = [f"{row['file']}:{row['row']}  {row['finding_codes']}  → {row['outcome']}  {row['new_codes']}"
            for row in values["rows"]]  # fmt: skip
    return "\n".join([head, *rows])
