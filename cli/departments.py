"""`departments …`: the city's departments."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)


@app.callback()
def departments() -> None:
    """The city's departments."""


@app.command("import")
def import_(ctx: typer.Context, file: Path = typer.Argument(..., help="CSV: code,name.")) -> int:
    """Take the list of departments (code of 18 characters, name)."""
    from actions.census.import_departments import import_departments

    session: Session = ctx.obj
    with session.store(create=True) as store:
        session.answer(import_departments(store, file))
    return 0
