"""`grid atlas`: the printed atlas."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session


def register(app: typer.Typer) -> None:
    """Hang the verb on the noun `grid`."""
    app.command("atlas")(atlas)


def atlas(
    ctx: typer.Context,
    out: Path = typer.Option(..., help="pdf, or gpkg with styles for QGIS."),
    community: str = typer.Option("", help="Code of the only community to print, 12 digits."),
    components: bool = typer.Option(False, "--components", help="The component base atlas (部件本底图册)."),
) -> int:
    """Print the unit grid atlas (单元网格图集)."""
    from actions.grid.print_atlas import PrintAtlas, print_atlas

    session: Session = ctx.obj
    request = PrintAtlas(out=out, community=community, components=components, lang=session.lang)
    with session.store() as store, session.progress() as progress:
        session.answer(print_atlas(store, request, progress))
    return 0
