"""`demo`: the demo city in the store."""

from __future__ import annotations

import typer

from cli.session import Session


def register(app: typer.Typer) -> None:
    """Hang the verb on `app`."""

    @app.command()
    def demo(
        ctx: typer.Context,
        components: int = typer.Option(60_000, min=1, help="Number of components."),
        cells: int = typer.Option(
            3_000, min=20, help="Number of unit grid cells, kept within a few percent."
        ),
        seed: int = typer.Option(1, help="The same seed gives the same city."),
        standard: str = typer.Option("2026", help="Class set: 2013 or 2026."),
    ) -> int:
        """Build the demo city (synthetic) in the store."""
        from actions.build_demo import BuildDemo, build_demo

        session: Session = ctx.obj
        request = BuildDemo(cells=cells, components=components, seed=seed, standard=standard,
                            replace=session.globals.yes)  # fmt: skip
        with session.store(create=True, standard=standard) as store, session.progress() as progress:
            built = build_demo(store, request, progress)
        session.answer(built, human=lambda values: _told(session, values))
        return 0


def _told(session: Session, values: dict) -> str:
    template = (
        "The demo city is already in {store}: {cells} cells, {components} components. Nothing was changed."
        if values.get("already")
        else "Built the demo city in {store}: {cells} cells, {components} components, {fixes} fixes in {seconds} s."
    )
    figures = {key: f"{values.get(key) or 0:,}" for key in ("cells", "components", "fixes")}
    return session.words(
        template, store=session.store_url, seconds=f"{values.get('seconds') or 0:.1f}", **figures
    )
