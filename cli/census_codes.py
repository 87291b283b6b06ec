"""`census …`: codes that the store gives itself, and the labels that carry them."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import words
from cli.session import Session


def register(app: typer.Typer) -> None:
    """Hang the verbs about codes on `app`."""
    app.command("give-codes")(give_codes)
    app.command("recode")(recode)
    app.command("given-codes")(given_codes)
    app.command("labels")(labels)


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
    number: int = words.session(),
    out: Path = typer.Option(..., help="csv, gpkg, shp, geojson or parquet."),
) -> int:
    """The codes that a session gave, each with the file and row it belongs to: for the survey company."""
    from actions.census.give_codes import ExportGivenCodes, export_given_codes

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(export_given_codes(store, ExportGivenCodes(number, out), progress))
    return 0


def labels(
    ctx: typer.Context,
    out: Path = typer.Option(..., help="pdf"),
    code: list[str] = typer.Option([], help="Component codes, repeated or with commas; also former ones."),
    class_code: list[str] = typer.Option([], "--class", help="Class codes."),
    community: list[str] = typer.Option([], help="Community codes of 12 digits."),
    cell: list[str] = typer.Option([], help="Cell codes of 15 digits."),
    size: str = typer.Option("60x40", help="40x30, 60x40 or 90x60 mm."),
    url: str = typer.Option(
        "", help="What the QR code says, with {code}; default: the city's setting, else the code."
    ),
    hotline: str = typer.Option("", help="The hotline's line; default: the city's setting."),
) -> int:
    """Identity labels (身份码): sheets of A4 with a QR code for each chosen component."""
    from actions.census.print_labels import PrintLabels, print_labels

    session: Session = ctx.obj
    request = PrintLabels(out=out, codes=words.parts(code, "--code"), class_codes=words.parts(class_code, "--class"),
                          communities=words.parts(community, "--community"), cells=words.parts(cell, "--cell"), size=size,
                          url=url, hotline=hotline, lang=session.lang)  # fmt: skip
    with session.store() as store, session.progress() as progress:
        session.answer(print_labels(store, request, progress))
    return 0
