"""`export …`: maps to take away."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)


@app.callback()
def export() -> None:
    """Maps to take away."""


@app.command()
def heatmap(
    ctx: typer.Context,
    result: Path = typer.Option(..., help="A file that `hotspot --out` wrote."),
    out: Path = typer.Option(..., help="png, pdf, svg, html, gpkg or tif."),
    title: str = typer.Option("", help="Title; default: from method and source."),
) -> int:
    """Draw a result as a map with legend, scale bar, north arrow and source line."""
    from actions.hotspots.export_heatmap import ExportHeatmap, export_heatmap

    session: Session = ctx.obj
    request = ExportHeatmap(result=result, out=out, title=title, lang=session.lang)
    with session.progress() as progress:
        if session.store_exists():
            with session.store() as store:
                done = export_heatmap(store, request, progress)
        else:
            done = export_heatmap(None, request, progress)
    session.answer(done)
    return 0
