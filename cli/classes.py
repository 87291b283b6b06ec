"""`classes …`: component and event class sets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from cli.session import Session

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_classes(
    ctx: typer.Context,
    standard: str = typer.Option("", help="2007, 2013 or 2026; default: the store's own."),
    events: bool = typer.Option(False, "--events", help="Event classes instead of component classes."),
) -> int:
    """The classes in use, with the confidence of each row."""
    from actions.census.choose_classes import catalogue_of

    session: Session = ctx.obj
    if session.store_exists():
        with session.store() as store:
            catalogue = catalogue_of(store, standard)
    else:
        catalogue = catalogue_of(None, standard)
    rows = catalogue.events if events else catalogue.components
    answer = {"standard": catalogue.standard, "title": catalogue.title, "classes": rows.to_dict("records"),
              "extensions": int(rows["is_extension"].sum())}  # fmt: skip
    session.answer(answer, human=_listed)
    return 0


@app.command()
def use(ctx: typer.Context, edition: str = typer.Argument(..., help="2007, 2013 or 2026.")) -> int:
    """Use this edition from now on."""
    from actions.census.choose_classes import use_standard

    session: Session = ctx.obj
    with session.store(create=True) as store:
        done = use_standard(store, edition)
    answer = asdict(done)
    if done.other_codes and done.standard == "2026":
        answer["advice"] = session.words(
            "{count} stored components have codes of another edition; `census recode --to 2026` moves them.",
            count=done.other_codes,
        )
    session.answer(answer)
    return 0


@app.command()
def extend(ctx: typer.Context, file: Path = typer.Argument(..., help="CSV of classes.")) -> int:
    """Add the city's own classes, or fill empty slots from the printed standard.

    Columns: standard,kind,major_code,minor_code,code,name,geometry,accuracy.
    """
    from actions.census.choose_classes import extend_classes

    session: Session = ctx.obj
    with session.store(create=True) as store:
        session.answer(extend_classes(store, file))
    return 0


def _listed(values: dict) -> str:
    lines = [values["title"]]
    for row in values["classes"]:
        lines.append(f"{row['code']:<6} {row['name'] or '–':<20} {row['geometry']:<8} {row['confidence']}")
    return "\n".join(lines)
