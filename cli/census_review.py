"""`census …`: what a session's review needs: refused rows out, second deliveries, corrections, the difference."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from cli import words
from cli.session import Session, as_json
from kernel.errors import WrongUsage
from resources.answers import heading, spoken


def register(app: typer.Typer) -> None:
    """Hang the verbs of a review on `app`."""
    app.command("export-refused")(export_refused)
    app.command("follow-up")(follow_up)
    app.command("diff")(diff)
    app.command("propose")(propose)
    app.command("fix")(fix)
    app.command("unfix")(unfix)
    app.command("corrections")(corrections)


def export_refused(
    ctx: typer.Context,
    number: int = words.session(),
    out: Path = typer.Option(..., help="A file of the delivery's own kind, a folder, or a .zip."),
) -> int:
    """The refused rows as the files they came in, with what is wrong and what to do; to be corrected and sent again."""
    from actions.census.return_refused import ExportRefused, export_refused

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(export_refused(store, ExportRefused(number, out, session.lang), progress))
    return 0


def follow_up(ctx: typer.Context, number: int = words.session()) -> int:
    """Of a second delivery: which refused rows came back corrected, which still fail, which never came back."""
    from actions.census.return_refused import follow_up_session

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(as_json(follow_up_session(store, number)), human=partial(_follow_up, session.lang))
    return 0


def diff(
    ctx: typer.Context,
    number: int = words.session(),
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


def propose(
    ctx: typer.Context,
    number: int = words.session(),
    finding: str = typer.Option("", help="Only for this finding."),
) -> int:
    """What is probably right in rows that are wrong, and why: the cell of the place, the name of the code, and the like.

    Nothing is changed; `fix --finding F --as-proposed` takes what is proposed.
    """
    from actions.census.propose_corrections import ProposeCorrections, propose_corrections, worded

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        done = propose_corrections(store, ProposeCorrections(number, finding), progress)
    answer = {"session": number, "proposed": len(done.rows), "findings": done.findings,
              "rows": as_json(worded(done.rows, session.lang))}  # fmt: skip
    session.answer(answer)
    return 0


def fix(
    ctx: typer.Context,
    number: int = words.session(),
    set_: str = typer.Option("", "--set", help="column=value, for example state=完好."),
    move: str = typer.Option("", help="To this place on the city's plane: x,y."),
    drop: bool = typer.Option(False, "--drop", help="Leave the rows out for good."),
    as_proposed: bool = typer.Option(
        False, "--as-proposed", help="To what `census propose` says of the finding."
    ),
    finding: str = typer.Option("", help="Every row with this finding."),
    row: list[str] = typer.Option([], help="FILE:ROW with the surveyor's own row number; may be repeated."),
) -> int:
    """Correct rows of a draft; the rules are asked again at once. Ends 1 where rows are still refused."""
    from actions.census.correct_session import CorrectSession, correct_session
    from actions.census.find_rows import find_rows
    from actions.census.propose_corrections import TakeProposals, take_proposals

    session: Session = ctx.obj
    field, equals, value = set_.partition("=")
    where = bool(finding) if as_proposed else bool(finding) != bool(row)
    if [bool(set_), bool(move), drop, as_proposed].count(True) != 1 or not where or (set_ and not equals):
        raise WrongUsage("Say what to do by one of --set column=value, --move, --drop and --as-proposed, and where by "
                         "--finding or --row; --as-proposed needs --finding.",
                         remedy="For example: census fix 3 --finding wrong_state --set state=完好")  # fmt: skip
    kind = "set" if set_ else "move" if move else "drop"
    with session.store() as store, session.progress() as progress:
        rows = find_rows(store, number, row)
        if as_proposed:
            done = take_proposals(store, TakeProposals(number, finding, rows), progress)
        else:
            request = CorrectSession(number, kind, field, move or value, rows, finding)
            done = correct_session(store, request, progress)
        session.answer(done)
    return 1 if done.quarantined else 0


def unfix(
    ctx: typer.Context,
    number: int = words.session(),
    correction: int = words.number(
        "CORRECTION", "Number of the correction; `census corrections` lists them."
    ),
) -> int:
    """Take one correction back; the rules are asked again."""
    from actions.census.correct_session import TakeBack, take_correction_back

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(take_correction_back(store, TakeBack(number, (correction,)), progress))
    return 0


def corrections(
    ctx: typer.Context,
    number: int = words.session(),
    rows: int = typer.Option(
        0, min=0, max=words.LAST_ID, help="Number of the correction whose rows are to be listed."
    ),
) -> int:
    """What was corrected in a session: who, when, what, how many rows, taken back by whom; of one, row by row."""
    session: Session = ctx.obj
    with session.store() as store:
        answer = {"session": number, "corrections": as_json(store.load_corrections(number))}
        if rows:
            answer["rows"] = as_json(store.load_correction_rows(number, rows))
        session.answer(answer)
    return 0


def _follow_up(lang: str, values: dict) -> str:
    head = "  ".join(f"{heading(lang, name)} {values[name]}" for name in
                     ("refused_before", "corrected", "still_refused", "not_returned"))  # fmt: skip
    rows = [f"{row['file']}:{row['row']}  {row['finding_codes']}  → {spoken(lang, row['outcome'])}  {row['new_codes']}".rstrip()
            for row in values["rows"]]  # fmt: skip
    return "\n".join([head, *rows])
