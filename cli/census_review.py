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
    app.command("diff")(diff)


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


def diff(
    ctx: typer.Context,
    number: int = session_id(),
    out: Path | None = typer.Option(None, help="The whole difference as xlsx."),
    within: float = typer.Option(2.0, help="Metres in which an object under another code is recognised."),
    rows: int = typer.Option(100, min=0, help="Rows of each part in the answer."),
) -> int:
    """What a session changes against the store: new, changed by field, moved, missing, recoded."""
    from actions.census.compare_session import CompareSession, compare_session, first_rows

    session: Session = ctx.obj
    request = CompareSession(number, within, out, session.lang)
    with session.store() as store, session.progress() as progress:
        done = compare_session(store, request, progress)
    names = ("new", "changed", "unchanged", "missing", "moved", "recoded", "fields", "file")
    answer = {"session": number} | {name: getattr(done, name) for name in names}
    parts = {f"{part}_rows": first_rows(getattr(done.difference, part), rows)
             for part in ("new", "changes", "moved", "missing", "recoded")}  # fmt: skip
    session.answer(answer | parts)
    return 0


def _follow_up(values: dict) -> str:
    head = "  ".join(f"{name} {values[name]}" for name in
                     ("refused_before", "corrected", "still_refused", "not_returned"))  # fmt: skip
    rows = [f"{row['file']}:{row['row']}  {row['finding_codes']}  → {row['outcome']}  {row['new_codes']}"
            for row in values["rows"]]  # fmt: skip
    return "\n".join([head, *rows])
