"""`facility …`: transfer stations, toilets, bins and their kind: the register, the log, what is overdue, counts."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import words
from cli.session import Session

app = typer.Typer(no_args_is_help=True)

_CODE = typer.Argument(..., help="Number of the facility.")
_EXAMPLE = "name=东口公厕"
_SET = typer.Option([], "--set", help="FIELD=TEXT, as often as wished; an empty text empties the field.")
_DAY = typer.Option("", "--on", help="Day, like 2026-11-21; today by default.")


@app.command("kinds")
def kinds_(ctx: typer.Context) -> int:
    """List the kinds with their component class and the days between two maintenances."""
    from resources.facilities import kinds

    session: Session = ctx.obj
    session.answer({"kinds": [{"kind": kind.kind, "name": kind.name(session.lang), "class": kind.class_name,
                               "interval_days": kind.interval_days} for kind in kinds().values()]})  # fmt: skip
    return 0


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(
        ..., help="xlsx, csv, or a layer of points, with the columns of `facility export`."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only check."),
) -> int:
    """Register the facilities of a list or change known ones; ends 1 where rows were refused."""
    from actions.facilities.import_facilities import ImportFacilities, import_facilities

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        done = import_facilities(store, ImportFacilities(file, dry_run), progress)
    return session.answer_with_findings(done)


@app.command("list")
def list_(
    ctx: typer.Context,
    kind: str = typer.Option("", help="Only this kind."),
    state: str = typer.Option("", help="Only in this running state."),
    area: str = typer.Option("", help="Code of a street, community or cell."),
    find: str = typer.Option("", help="Only those with this in a name, place, operator, department or note."),
    overdue: bool = typer.Option(False, "--overdue", help="Only those whose maintenance is overdue."),
) -> int:
    """List the register."""
    from actions.facilities.list_facilities import ListFacilities, list_facilities

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(list_facilities(store, ListFacilities(kind, state, area, find, overdue)))
    return 0


@app.command("show")
def show(ctx: typer.Context, code: str = _CODE) -> int:
    """One facility with its log and its history; also one that was deleted."""
    from actions.facilities.list_facilities import ShowFacility, show_facility

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(show_facility(store, ShowFacility(code)))
    return 0


@app.command("add")
def add(
    ctx: typer.Context,
    kind: str = typer.Option(..., help="One of `facility kinds`."),
    code: str = typer.Option("", help="Number; given by the register where empty."),
    values: list[str] = _SET,
) -> int:
    """Register one facility, like --set name=东口公厕 --set x=500050 --set y=4400050."""
    return _edit(ctx, {"kind": kind} | words.pairs(values, _EXAMPLE), code, register=True)


@app.command("edit")
def edit(ctx: typer.Context, code: str = _CODE, values: list[str] = _SET) -> int:
    """Change fields of one facility; what was there is kept in its history."""
    return _edit(ctx, words.pairs(values, _EXAMPLE), code, register=False)


@app.command("delete")
def delete(ctx: typer.Context, code: str = _CODE) -> int:
    """Take a facility out of the register; its history and its log stay."""
    from actions.facilities.edit_facility import DeleteFacility, delete_facility

    session: Session = ctx.obj
    session.consent("Take facility {code} out of the register?", code=code)
    with session.store() as store:
        session.answer(delete_facility(store, DeleteFacility(code)))
    return 0


@app.command("state")
def state_(
    ctx: typer.Context,
    code: str = _CODE,
    state: str = typer.Argument(..., help="运行, 检修, 停用 or 拆除."),
    why: str = typer.Option("", help="Why; stands in the log."),
    day: str = _DAY,
) -> int:
    """Put a facility into a running state; the change stands in its log."""
    from actions.facilities.list_facilities import require_state
    from actions.facilities.log_work import LogWork, log_work

    session: Session = ctx.obj
    with session.store() as store:
        request = LogWork(code, "state", why, session.actor, day=day, new_state=require_state(state))
        session.answer(log_work(store, request))
    return 0


@app.command("log")
def log(
    ctx: typer.Context,
    code: str = _CODE,
    work: str = typer.Option("maintenance", help="maintenance, cleaning, repair or inspection."),
    what: str = typer.Option("", help="What was done."),
    worker: str = typer.Option("", "--by", help="Who did it; who acts by default."),
    cost: str = typer.Option("", help="Cost in yuan."),
    day: str = _DAY,
    next_due: str = typer.Option(
        "", "--next", help="Day of the next maintenance, where the interval does not say it."
    ),
) -> int:
    """Enter what was done at a facility."""
    from actions.facilities.log_work import LogWork, log_work

    session: Session = ctx.obj
    with session.store() as store:
        request = LogWork(code, work, what, worker or session.actor, cost, day, next_due)
        session.answer(log_work(store, request))
    return 0


@app.command("log-import")
def log_import(
    ctx: typer.Context,
    file: Path = typer.Argument(..., help="xlsx or csv with the columns of the log in `facility export`."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only check."),
) -> int:
    """Enter the log entries of a list; entries that the log has already are not entered again."""
    from actions.facilities.log_work import ImportLog, import_log

    session: Session = ctx.obj
    with session.store() as store, session.progress() as progress:
        done = import_log(store, ImportLog(file, dry_run), progress)
    return session.answer_with_findings(done)


@app.command("log-withdraw")
def log_withdraw(ctx: typer.Context, entry: int = words.number("ENTRY", "Number of the entry.")) -> int:
    """Take a log entry back; it stays visible as withdrawn."""
    from actions.facilities.log_work import WithdrawWork, withdraw_work

    session: Session = ctx.obj
    with session.store() as store:
        withdraw_work(store, WithdrawWork(entry))
        session.answer({"entry": entry, "deed": "withdrawn"})
    return 0


@app.command("counts")
def counts(
    ctx: typer.Context, by: str = typer.Option("street", help="street, community, kind or state.")
) -> int:
    """How many facilities there are, by running state and kind, and how many are overdue."""
    from actions.facilities.list_facilities import CountFacilities, count_facilities

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(count_facilities(store, CountFacilities(by)))
    return 0


@app.command("export")
def export(
    ctx: typer.Context,
    out: Path = typer.Option(..., help="xlsx with the log, csv, gpkg, geojson, parquet or shp."),
) -> int:
    """Write the register to a file that the import takes back."""
    from actions.facilities.export_facilities import ExportFacilities, export_facilities

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(export_facilities(store, ExportFacilities(out)))
    return 0


def _edit(ctx: typer.Context, values: dict[str, str], code: str, *, register: bool) -> int:
    from actions.facilities.edit_facility import EditFacility, edit_facility

    session: Session = ctx.obj
    with session.store() as store:
        session.answer(edit_facility(store, EditFacility(values, code, register)))
    return 0
