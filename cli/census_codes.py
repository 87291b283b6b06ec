"""`census …`: codes that the store gives itself, and the labels that carry them."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session

LAST_ID = 2**31 - 1


def register(app: typer.Typer) -> None:
    """Hang the verbs about codes on `app`."""
    app.command("give-codes")(give_codes)
    app.command("recode")(recode)
    app.command("given-codes")(given_codes)


def give_codes(ctx: typer.Context) -> int:
    """Give every stored component without a code one, as a session that `undo` takes back."""
    from actions.census.give_codes import give_codes

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(give_codes(store, None, progress))
    return 0


def recode(
    ctx: typer.Context,
    to: str = typer.Option(..., "--to", help="The edition: 2026."),
    moves: str = typer.Option(
        "", help="CSV old,new: what becomes of classes that the edition does not move."
    ),
) -> int:
    """Move the store and all its components to another edition; old codes go on finding them, and `undo` goes back."""
    from actions.census.give_codes import Recode, recode

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(recode(store, Recode(to, moves), progress))
    return 0


def given_codes(
    ctx: typer.Context,
    number: int = typer.Argument(..., metavar="ID", min=1, max=LAST_ID),
    out: Path = typer.Option(..., help="csv, gpkg, shp, geojson or parquet."),
) -> int:
    """The codes that a session gave, each with the file and row it belongs to: for the survey company."""
    from actions.census.give_codes import ExportGivenCodes, export_given_codes

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(export_given_codes(store, ExportGivenCodes(number, out), progress))
    return 0
