"""`store …`: the store itself."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)


@app.command()
def info(ctx: typer.Context) -> int:
    """Engine, schema, counts and the hash of what is stored."""
    session: Session = ctx.obj
    with session.store() as store:
        session.answer(store.info())
    return 0


@app.command()
def create(
    ctx: typer.Context,
    standard: str = typer.Option("2026", help="Class set: 2007, 2013 or 2026."),
    crs: int = typer.Option(0, help="EPSG number of the city's plane; 0: the first data decides."),
) -> int:
    """Make an empty store; one that exists is refused."""
    from data import store as stores

    session: Session = ctx.obj
    opened = stores.create(session.store_url, standard=standard, crs=crs, actor=session.actor)
    try:
        session.answer(opened.info())
    finally:
        opened.close()
    return 0


@app.command()
def verify(ctx: typer.Context) -> int:
    """Read the whole store and say what is wrong in it; ends 1 when something is."""
    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        problems = store.verify(progress)
        session.answer({"ok": not problems, "problems": problems})
    return 1 if problems else 0


@app.command()
def backup(ctx: typer.Context, file: Path = typer.Argument(..., help="File to write.")) -> int:
    """Copy the whole store into one file, while others go on working."""
    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        store.backup(file, progress)
        session.answer({"file": str(file), "bytes": file.stat().st_size})
    return 0


@app.command()
def restore(
    ctx: typer.Context, file: Path = typer.Argument(..., help="A file that `store backup` wrote.")
) -> int:
    """Put a backup in the place of the store."""
    from data import store as stores

    session: Session = ctx.obj
    if session.store_exists():
        session.consent("This replaces everything in {store} by {file}.", store=session.store_url, file=file)
    with session.progress() as progress:
        stores.restore(file, session.store_url, progress)
    with session.store() as store:
        session.answer(store.info())
    return 0
