"""`hotspot`: analysis of the store's or any file's points."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import words
from cli.session import Session


def register(app: typer.Typer) -> None:
    """Hang the verb on `app`."""

    @app.command()
    def hotspot(
        ctx: typer.Context,
        source: str = typer.Option("components", help="components, or a FILE of points or areas."),
        crs: str = typer.Option("", help="EPSG of x/y, or of a file without a reference system."),
        layer: str = typer.Option("", help="Layer, where a file has several."),
        class_code: list[str] = typer.Option([], "--class", help="Component classes, with commas."),
        state: list[str] = typer.Option([], help="Component states, with commas (破损,丢失 …)."),
        values: str = typer.Option("", help="Field with the values, instead of counting."),
        on: str = typer.Option("cells", help="cells, SIZE_M, hex:SIZE_M or features."),
        area: str = typer.Option("", help="Polygon that bounds a mesh."),
        method: str = typer.Option("gistar", help="gistar, gi, moran or density."),
        weights: str = typer.Option("queen", help="queen, rook, knn:K or distance:M."),
        fdr: float = typer.Option(0.0, help="Share of false discoveries allowed, e.g. 0.05."),
        bandwidth: float = typer.Option(0.0, help="Kernel bandwidth in metres, for density."),
        out: Path | None = typer.Option(None, help="gpkg, csv or parquet."),
    ) -> int:
        """Find hot and cold spots."""
        from actions.hotspots.find_hotspots import FindHotspots, find_hotspots

        session: Session = ctx.obj
        request = FindHotspots(
            source=source, crs=crs, layer=layer, class_codes=words.parts(class_code, "--class"),
            states=words.parts(state, "--state"), values=values, on=on, area=area, method=method, weights=weights, fdr=fdr or None, bandwidth_m=bandwidth or None,
            out=str(out or ""),
        )  # fmt: skip
        needs_store = source == "components" or on == "cells"
        with session.progress() as progress:
            if needs_store:
                with session.store() as store:
                    found = find_hotspots(store, request, progress)
            else:
                found = find_hotspots(None, request, progress)
        session.answer(found.answer())
        return 0
