"""`area …`: who answers for which cells, areas and roads."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session
from kernel.errors import WrongUsage

app = typer.Typer(no_args_is_help=True)

_KIND = typer.Option(
    ...,
    help="responsibility_grid, patrol_area, key_patrol_area, ordinary_patrol_area, cleaning_area, cleaning_road.",
)


@app.command("list")
def list_(
    ctx: typer.Context,
    kind: str = typer.Option("", help="Only this kind, area by area."),
    find: str = typer.Option("", help="Only areas with this in a name, company, team, department or note."),
) -> int:
    """List the kinds with their numbers, or the areas of one kind."""
    from actions.areas.kinds_of_areas import ListAreas, list_areas

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(list_areas(store, ListAreas(kind, find, session.lang)))
    return 0


@app.command("import")
def import_(
    ctx: typer.Context,
    file: str = typer.Argument(
        ..., help="xlsx or csv with the columns of `area export`, or gpkg and other layers."
    ),
    kind: str = _KIND,
) -> int:
    """Put a list in the place of the store's; ends 1 where rows were refused."""
    from actions.areas.import_areas import ImportAreas, import_areas

    session: Session = ctx.obj
    if not file.strip():
        raise WrongUsage("No file was named.", remedy="Name the file to read.")
    with session.store() as store, session.progress() as progress:
        done = import_areas(store, ImportAreas(Path(file), kind), progress)
    return session.answer_with_findings(done)


@app.command("export")
def export_(
    ctx: typer.Context,
    kind: str = _KIND,
    out: Path = typer.Option(..., help="xlsx, gpkg, geojson, parquet, csv or shp."),
) -> int:
    """Write the areas of a kind to a file that the import takes back."""
    from actions.areas.export_areas import ExportAreas, export_areas

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(export_areas(store, ExportAreas(out, kind)))
    return 0
