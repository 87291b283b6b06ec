"""`grid edit …`, `grid lineage` and `grid carry`: cells changed by hand, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from cli.session import Session, as_json
from kernel.errors import WrongUsage

app = typer.Typer(no_args_is_help=True)


def register(grid: typer.Typer) -> None:
    """Hang all on `grid`."""
    grid.add_typer(app, name="edit", help="Split, merge, move, renumber, mend, undo.")
    grid.command("lineage")(lineage)
    grid.command("carry")(carry)


@app.command()
def split(
    ctx: typer.Context,
    code: str = typer.Argument(..., help="The cell, 15 digits."),
    line: str = typer.Option(
        ..., help='A file with one line, or "x y, x y" in metres on the store\'s plane.'
    ),
    snap: float = typer.Option(
        0.0, help="Lay the line onto roads, water and buildings within so many metres."
    ),
) -> int:
    """Split a cell in two along a line that crosses it once."""
    from actions.grid.edit_grid import SplitCell, split_cell
    from actions.grid.edit_line import line_from, require_reach

    session: Session = ctx.obj
    require_reach(snap, "--snap")
    with session.store() as store:
        corners = line_from(line, store.info(with_hash=False).crs)
        return _answer(session, split_cell(store, SplitCell(code, corners, snap)))


@app.command()
def merge(
    ctx: typer.Context, codes: list[str] = typer.Argument(..., help="Neighbouring cells of one community.")
) -> int:
    """Merge cells into one."""
    from actions.grid.edit_grid import MergeCells, merge_cells

    return _done(ctx, merge_cells, MergeCells(tuple(codes)))


@app.command()
def move(
    ctx: typer.Context,
    at: str = typer.Option(..., help='Where the corner or border is: "x y".'),
    to: str = typer.Option(..., help='Where it shall be: "x y".'),
    border: bool = typer.Option(False, "--border", help="Move the border between two corners."),
    reach: float = typer.Option(1.0, help="How far from it `--at` may be, in metres."),
) -> int:
    """Move a corner or a border that cells share."""
    from actions.grid.edit_grid import BORDER, CORNER, MoveBorder, move_border
    from actions.grid.edit_line import place_from, require_reach

    request = MoveBorder(
        place_from(at, "--at"),
        place_from(to, "--to"),
        BORDER if border else CORNER,
        require_reach(reach, "--reach"),
    )
    return _done(ctx, move_border, request)


@app.command()
def renumber(ctx: typer.Context, community: str = typer.Argument(..., help="12 digits.")) -> int:
    """Number the cells of a community in reading order."""
    from actions.grid.edit_grid import RenumberCommunity, renumber_community

    return _done(ctx, renumber_community, RenumberCommunity(community))


@app.command()
def undo(ctx: typer.Context) -> int:
    """Take your latest edit back."""
    from actions.grid.edit_grid import TakeBack, take_back

    return _done(ctx, take_back, TakeBack())


@app.command()
def redo(ctx: typer.Context) -> int:
    """Do the edit again that you took back last."""
    from actions.grid.edit_grid import DoAgain, do_again

    return _done(ctx, do_again, DoAgain())


@app.command()
def mend(
    ctx: typer.Context,
    fix: list[str] = typer.Option([], help="Number of a fix to carry out; repeated or comma-separated."),
    all_safe: bool = typer.Option(False, "--all-safe", help="Carry out every fix that is listed."),
) -> int:
    """List what would mend the findings on the stored grid; with --fix or --all-safe and --yes do it."""
    from actions.grid.mend_stored_grid import ALL, MendStoredGrid, mend_stored_grid

    session: Session = ctx.obj
    numbers = (ALL,) if all_safe else _numbers(fix)
    if numbers:
        session.consent("The cells of the store are changed; `grid edit undo` takes each fix back.")
    with session.store() as store, session.progress() as progress:
        done = mend_stored_grid(store, MendStoredGrid(numbers, session.lang), progress)
    if session.globals.json:
        session.answer(done)
    else:
        session.answer(
            {
                "findings": done.findings,
                "fixes": len(done.fixes),
                "mended": len(done.mended),
                "left": done.left,
            }
        )
        chosen = (
            {each["number"] for each in done.mended} if numbers else {each["number"] for each in done.fixes}
        )
        for each in done.fixes:
            if each["number"] in chosen:
                print(f"  {each['number']:>3}  {each['rule']}  {each['says']}")
    return 0


def _numbers(words: list[str]) -> tuple[int, ...]:
    """Numbers as they stand in the list. Raises `WrongUsage` for anything else."""
    parts = [part.strip() for word in words for part in word.split(",")]
    for part in parts:
        if not part.isdecimal():
            raise WrongUsage("There is no fix {number}.", remedy="`grid edit mend` without --fix lists them with their numbers.",
                             number=part or "–")  # fmt: skip
    return tuple(map(int, parts))


def lineage(
    ctx: typer.Context, code: str = typer.Argument("", help="A cell that stands or stood, 15 digits.")
) -> int:
    """What a cell came from and what became of it; without a code, of all cells."""
    from actions.grid.trace_lineage import TraceLineage, trace_lineage

    return _done(ctx, trace_lineage, TraceLineage(code))


def carry(
    ctx: typer.Context,
    file: str = typer.Argument(..., help="CSV with a column of cell codes and columns of amounts."),
    field: list[str] = typer.Option(..., help="A column to carry; repeated or comma-separated."),
    out: str = typer.Option(..., help="CSV to write."),
    code_field: str = typer.Option("code", help="The column with the 15-digit codes."),
    by: str = typer.Option("components", help="area or components: what a value is divided by."),
    since: str = typer.Option("", help="Only changes of the grid after this day, such as 2025-12-31."),
) -> int:
    """Carry figures that were counted by earlier cells to the cells that stand now."""
    from actions.grid.carry_statistics import CarryStatistics, carry_statistics

    fields = tuple(dict.fromkeys(name.strip() for each in field for name in each.split(",")))
    return _done(ctx, carry_statistics, CarryStatistics(file, out, fields, code_field, by, since))


def _done(ctx: typer.Context, action: Callable[..., Any], request: Any) -> int:
    session: Session = ctx.obj
    with session.store() as store:
        return _answer(session, action(store, request))


def _answer(session: Session, done: Any) -> int:
    """The figures; the cells' shapes stay in the store."""
    session.answer({key: as_json(value) for key, value in vars(done).items() if key != "edit"})
    return 0
