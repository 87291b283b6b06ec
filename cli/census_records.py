"""`census record …`: facility records that people in the field report one by one."""

from __future__ import annotations

from functools import partial

import typer

from cli import words
from cli.session import Session, as_json
from cli.telling import told
from resources.answers import heading

app = typer.Typer(no_args_is_help=True)
_RECORD = words.number("ID", "Number of the record; `census record list` lists them.")


def register(census: typer.Typer) -> None:
    """Hang the noun under `census`."""
    census.add_typer(app, name="record", help="Records from the field: take in, look at, approve, return.")


@app.command("import")
def import_(
    ctx: typer.Context, files: list[str] = typer.Argument(..., help="Gateway JSON, CSV, xlsx, or folders.")
) -> int:
    """Put reported records into the queue. Ends 1 where rows were refused."""
    from actions.census.field_records import ImportRecords, import_records

    session: Session = ctx.obj
    with session.store(create=True) as store, session.progress() as progress:
        done = import_records(store, ImportRecords(tuple(files), session.lang), progress)
    session.answer(done, human=partial(_imported, session.lang))
    return 1 if done.refused else 0


@app.command("list")
def list_(
    ctx: typer.Context,
    text: str = typer.Option("", help="In code, number, person or any field."),
    kind: str = typer.Option("", help="new, changed, damaged or removed."),
    status: str = typer.Option("", help="reported, returned, approved, undone or deleted."),
    class_code: str = typer.Option("", "--class", help="Class code."),
    person: str = typer.Option("", help="Who reported or entered it."),
    since: str = typer.Option("", help="First day, 2026-11-21."),
    until: str = typer.Option("", help="Last day."),
) -> int:
    """Records that pass every filter, the latest first."""
    from actions.census.field_records import find_records
    from census.records.searching import Wanted

    session: Session = ctx.obj
    wanted = Wanted(text, kind, status, class_code, person, since, until)
    with session.store() as store:
        session.answer({"records": find_records(store, wanted)}, human=partial(_records, session.lang))
    return 0


@app.command()
def show(ctx: typer.Context, number: int = _RECORD) -> int:
    """One record beside what is stored, what the import's rules say about it, and its history."""
    from actions.census.field_records import LookAt, look_at_record

    session: Session = ctx.obj
    with session.store() as store:
        seen = look_at_record(store, LookAt(number, session.lang))
    session.answer(
        {
            "record": as_json(seen.row.to_dict()),
            "beside": as_json(seen.table),
            "findings": as_json(seen.findings),
            "may_be_approved": seen.may_be_approved,
            "history": as_json(seen.events),
        }
    )
    return 0


@app.command()
def approve(ctx: typer.Context, number: int = _RECORD) -> int:
    """Commit what the record says; `census undo` of its session takes it back."""
    from actions.census.field_records import Decide, approve_record

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(approve_record(store, Decide(number)))
    return 0


@app.command("return")
def return_(
    ctx: typer.Context, number: int = _RECORD, reason: str = typer.Option(..., help="What is wrong.")
) -> int:
    """Send a record back with a reason."""
    from actions.census.field_records import Decide, return_record

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(return_record(store, Decide(number, reason)))
    return 0


@app.command()
def edit(
    ctx: typer.Context,
    number: int = _RECORD,
    values: list[str] = typer.Option(..., "--set", help="field=value, repeated; also kind, code, x, y."),
) -> int:
    """Put other words into a waiting record; what stood there stays in its history."""
    from actions.census.field_records import EditRecord, edit_record

    session: Session = ctx.obj
    request = EditRecord(number, words.pairs(values, "state=破损"))
    with session.store() as store:
        session.answer(edit_record(store, request))
    return 0


@app.command()
def delete(ctx: typer.Context, number: int = _RECORD) -> int:
    """Take a waiting record out of the queue; its history stays."""
    from actions.census.field_records import Decide, delete_record

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(delete_record(store, Decide(number)))
    return 0


def _records(lang: str, values: dict) -> str:
    return told(values["records"], lang)


def _imported(lang: str, values: dict) -> str:
    head = "  ".join(
        f"{heading(lang, name)} {values[name]}" for name in ("read", "entered", "repeated", "refused")
    )
    rows = [f"{each['file']}:{each['row']}  {each['field']} {each['value']}  {each['message']}  → {each['remedy']}"
            for each in values["problems"]]  # fmt: skip
    return "\n".join([head, *rows])
