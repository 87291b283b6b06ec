"""`base …`: base layers and administrative areas."""

from __future__ import annotations

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)


@app.callback()
def base() -> None:
    """Base layers and administrative areas."""


@app.command("import")
def import_(
    ctx: typer.Context,
    files: list[str] = typer.Argument(..., help="Vector files."),
    kind: str = typer.Option(
        ..., help="streets, communities, roads, water, railways, buildings, compounds or green."
    ),
    layer: str = typer.Option("", help="Layer, where a file has several."),
    crs: str = typer.Option("", help="EPSG number of the source, where the file does not say."),
) -> int:
    """Put a base layer or administrative areas into the store, in the place of those of that kind."""
    from actions.import_base import ImportBase, import_base

    session: Session = ctx.obj
    with session.store(create=True) as store, session.progress() as progress:
        done = import_base(store, ImportBase(files=tuple(files), kind=kind, layer=layer, crs=crs), progress)
    session.answer(done)
    return 1 if done.quarantined else 0
