"""`census rules …`: which rules a census is asked, and what the city decided about them."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session, as_json

app = typer.Typer(no_args_is_help=True)


def register(census: typer.Typer) -> None:
    """Hang the noun on `census`."""
    census.add_typer(app, name="rules", help="The rules of the census: list, import, reset.")


@app.command("list")
def list_(ctx: typer.Context) -> int:
    """Every rule: code, severity, limit, whether it is asked, what it says."""
    from actions.census.rules import list_rules

    session: Session = ctx.obj
    with session.store() as store:
        session.answer({"rules": as_json(list_rules(store, session.lang))}, human=_rules)
    return 0


@app.command("import")
def import_(ctx: typer.Context, file: Path = typer.Argument(..., help="CSV with the column rule.")) -> int:
    """Take the city's own rules and decisions from a CSV; they take the place of those before."""
    from actions.census.rules import ImportRules, import_rules

    session: Session = ctx.obj
    with session.store(create=True) as store, session.progress() as progress:
        session.answer(import_rules(store, ImportRules(str(file)), progress))
    return 0


@app.command()
def reset(ctx: typer.Context) -> int:
    """Ask the rules that ship again, and no others."""
    from actions.census.rules import reset_rules

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(reset_rules(store))
    return 0


def _rules(values: dict) -> str:
    return "\n".join(
        f"{'+' if row['enabled'] else '-'} {row['rule']:<24} {row['severity']:<12} {row['principle'] or '':<5}"
        f" {'' if row['limit'] is None else row['limit']!s:<8} {row['words']}"
        for row in values["rules"]
    )
