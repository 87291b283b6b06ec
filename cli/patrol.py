"""`patrol …`: patrol staff and their tracks."""

from __future__ import annotations

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)
track = typer.Typer(no_args_is_help=True)
app.add_typer(track, name="track", help="Tracks from files.")


@track.callback()
def tracks() -> None:
    """Tracks from files."""


@track.command("import")
def import_(
    ctx: typer.Context,
    files: list[str] = typer.Argument(..., help="GPX, CSV, GeoLife .plt, a folder or a zip of them."),
    patroller: str = typer.Option("", help="Code of the patroller, where the files do not say."),
) -> int:
    """Append tracks to the store."""
    from actions.patrol.import_tracks import ImportTracks, import_tracks

    session: Session = ctx.obj
    with session.store(create=True) as store, session.progress() as progress:
        done = import_tracks(store, ImportTracks(files=tuple(files), patroller=patroller), progress)
    session.answer(done)
    return 1 if any(done.rejected.values()) else 0


@app.command()
def simulate(
    ctx: typer.Context,
    minutes: float = typer.Option(30.0, help="Minutes of patrol."),
    speed: float = typer.Option(0.0, help="Times real time; 0: as fast as the store takes it."),
    seed: int = typer.Option(1, help="The same seed walks the same ways."),
) -> int:
    """Walk the roster through the streets and write the fixes through the store."""
    from actions.patrol.simulate_patrol import SimulatePatrol, simulate_patrol

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(
            simulate_patrol(store, SimulatePatrol(minutes=minutes, speed=speed, seed=seed), progress)
        )
    return 0
