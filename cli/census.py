"""`census …`: import, review, commit, undo, export."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from cli import words
from cli.session import Session, as_json
from cli.telling import told
from resources.answers import spoken

app = typer.Typer(no_args_is_help=True)


@app.command("import")
def import_(
    ctx: typer.Context,
    files: list[str] = typer.Argument(..., help="Files, folders, zips, or zip://A.zip!member."),
    layer: str = typer.Option("", help="Layer, where a file has several."),
    crs: str = typer.Option(
        "", help="EPSG number of the source (also GCJ-02, BD-09), where the evidence is wrong."
    ),
    encoding: str = typer.Option("", help="Text encoding of the source, where the evidence is wrong."),
    mapping: str = typer.Option(
        "", help="CSV field,column[,value,becomes]: which field is which, what its words mean."
    ),
    supplier: str = typer.Option("", help="Who delivers: its mapping is applied, and remembered."),
    class_code: str = typer.Option("", "--class", help="Class of every row that names none."),
    standard: str = typer.Option("", help="2007, 2013 or 2026; default: by evidence, else the store's."),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Read and check only; without a store, leave no file."
    ),
    submit: bool = typer.Option(
        False, "--submit", help="Submit at once; one person may also commit, by the setting."
    ),
    convert: bool = typer.Option(
        False, "--convert", help="Make points of lines and areas where the class list asks for points."
    ),
    give_codes: bool = typer.Option(
        False, "--give-codes", help="Give rows without a code one when the session is committed."
    ),
    report: Path | None = typer.Option(None, help="The report of the import as xlsx or pdf."),
) -> int:
    """Read, check and draft a census. Ends 1 where rows were refused."""
    from actions.census.import_census import ImportCensus, import_census

    session: Session = ctx.obj
    request = ImportCensus(
        files=tuple(files), layer=layer, crs=crs, encoding=encoding, mapping=mapping, class_code=class_code,
        standard=standard, mode="dry_run" if dry_run else "submit" if submit else "draft", report=str(report or ""),
        actor=session.actor, give_codes=give_codes, convert=convert, lang=session.lang, supplier=supplier,
    )  # fmt: skip
    opened = session.store_for_dry_run(standard or None) if dry_run else session.store(create=True)
    with opened as store, session.progress() as progress:
        done = import_census(store, request, progress)
    session.answer(done)
    return 1 if done.quarantined else 0


@app.command()
def mappings(
    ctx: typer.Context,
    forget: str = typer.Option("", metavar="SUPPLIER", help="Forget what is remembered of a supplier."),
) -> int:
    """What is remembered of each supplier: its fields, and what its words mean."""
    from actions.census.mappings import forget_mappings, list_mappings

    session: Session = ctx.obj
    with session.store() as store:
        if forget:
            session.answer(forget_mappings(store, forget))
        else:
            session.answer({"mappings": list_mappings(store)})
    return 0


@app.command()
def sessions(ctx: typer.Context) -> int:
    """Every import session, the newest first."""
    from actions.census.census_sessions import list_sessions

    session: Session = ctx.obj
    with session.store() as store:
        found = list_sessions(store)
        answer = {"components": store.info(with_hash=False).components, "sessions": found}
    session.answer(answer, human=partial(_sessions, session.lang))
    return 0


@app.command()
def show(
    ctx: typer.Context,
    number: int = words.session(),
    findings: bool = typer.Option(
        False, "--findings", help="Every finding with file, row, field and remedy."
    ),
) -> int:
    """One session, or its findings."""
    from actions.census.census_sessions import show_findings, show_session

    session: Session = ctx.obj
    with session.store() as store:
        if findings:
            answer = {"session": number, "findings": as_json(show_findings(store, number, session.lang))}
            session.answer(answer, human=partial(_findings, session.lang))
        else:
            session.answer(show_session(store, number))
    return 0


@app.command()
def submit(
    ctx: typer.Context,
    number: int = words.session(),
    anyway: bool = typer.Option(False, "--anyway", help="Also over what others stored since it was read."),
) -> int:
    """Hand a draft in; where one person may approve, this commits it."""
    from actions.census.census_sessions import Decide, submit_session

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(submit_session(store, Decide(number, anyway), progress))
    return 0


@app.command()
def approve(
    ctx: typer.Context,
    number: int = words.session(),
    anyway: bool = typer.Option(False, "--anyway", help="Also over what others stored since it was read."),
) -> int:
    """Commit a submitted session in one transaction (核准 → 入库)."""
    from actions.census.census_sessions import Decide, approve_session

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.answer(approve_session(store, Decide(number, anyway), progress))
    return 0


@app.command()
def reject(
    ctx: typer.Context,
    number: int = words.session(),
    reason: str = typer.Option("", help="Why; shown with the session."),
) -> int:
    """Send a session back; nothing of it is stored."""
    from actions.census.census_sessions import Reject, reject_session

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(reject_session(store, Reject(number, reason)))
    return 0


@app.command()
def undo(ctx: typer.Context, number: int = words.session()) -> int:
    """Take a committed session back: the store is as it was before."""
    from actions.census.census_sessions import undo_session

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        session.consent(
            "This takes everything that session {session} brought out of the store.", session=number
        )
        session.answer(undo_session(store, number, progress))
    return 0


@app.command()
def export(
    ctx: typer.Context,
    out: Path = typer.Option(..., help="gpkg, parquet, csv, shp or geojson."),
    class_code: list[str] = typer.Option(
        [], "--class", help="Only this class; several repeated or with commas."
    ),
) -> int:
    """Write the components to a file that other programs read."""
    from actions.census.export_components import ExportComponents, export_components

    session: Session = ctx.obj
    classes = words.parts(class_code, "--class")
    with session.store() as store, session.progress() as progress:
        session.answer(export_components(store, ExportComponents(out=out, class_codes=classes), progress))
    return 0


def _sessions(lang: str, values: dict) -> str:
    """The sessions without their findings, which `show` tells one by one."""
    rows = [{name: part for name, part in row.items() if name != "findings"} for row in values["sessions"]]
    return told(rows, lang)


def _findings(lang: str, values: dict) -> str:
    lines = []
    for row in values["findings"]:
        place = f"{row['file']}:{row['row']}" if (row.get("row") or 0) > 0 else row["file"]
        grade = spoken(lang, row["severity"])
        lines.append(f"{place}  {row['code']} ({grade}) {row['field'] or ''} {row['value'] or ''}".rstrip())
        lines.append(f"    → {row['remedy']}")
    return "\n".join(lines) or "–"
