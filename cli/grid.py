"""`grid …`: unit grid cells."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.session import Session, as_json

app = typer.Typer(no_args_is_help=True)


@app.command()
def divide(
    ctx: typer.Context,
    area: str = typer.Option("", help="Built-up boundary."),
    streets: str = typer.Option("", help="Streets (街道), polygons."),
    communities: str = typer.Option("", help="Communities (社区), polygons."),
    roads: str = typer.Option("", help="Roads, lines or areas: borders follow them."),
    railways: str = typer.Option("", help="Railways."),
    water: str = typer.Option("", help="Water: borders follow the shores; --exclude leaves it out."),
    buildings: str = typer.Option("", help="Buildings: each stays whole."),
    compounds: str = typer.Option("", help="Self-managed compounds: each stays whole."),
    features: list[str] = typer.Option(
        [],
        help="Other lines and areas a border may follow: lot lines, land use, parks, walls, fences, kerbs; repeat.",
    ),
    exclude: str = typer.Option("", help="Named areas to leave out (water, hills)."),
    method: str = typer.Option(
        "", help="features: along roads, walls and water (the default with --roads); lattice: squares."
    ),
    target_m2: float = typer.Option(10_000.0, help="Area of a whole cell."),
    district: str = typer.Option("", help="County code, 6 digits, where the areas carry none."),
    accept: bool = typer.Option(False, "--accept", help="Also put the cells in the place of the store's."),
    out: Path | None = typer.Option(None, help="GeoPackage to write; its first layer is `cells`."),
    report: Path | None = typer.Option(None, help="Findings and figures as xlsx."),
) -> int:
    """Divide a district into unit grid cells."""
    from actions.grid.divide_grid import DivideGrid, divide_grid

    session: Session = ctx.obj
    request = DivideGrid(
        area=area, streets=streets, communities=communities, roads=roads, railways=railways, water=water,
        buildings=buildings, compounds=compounds, exclude=exclude, method=method, target_m2=target_m2,
        district=district, features=tuple(features), accept=accept, out=str(out or ""), report=str(report or ""),
        lang=session.lang,
    )  # fmt: skip
    with session.progress() as progress:
        if accept:
            with session.store(create=True) as store:
                done = divide_grid(store, request, progress)
        else:
            done = divide_grid(None, request, progress)
    return _end(session, done)


@app.command()
def check(
    ctx: typer.Context,
    file: str = typer.Argument(..., help="Any vector file with cells."),
    layer: str = typer.Option("", help="Layer, where a file has several."),
    id_field: str = typer.Option(
        "", "--id-field", help="Field with the 15-digit codes, where it is not plain."
    ),
    buildings: str = typer.Option("", help="Buildings that no border may cut."),
    compounds: str = typer.Option("", help="Self-managed compounds that no border may cut."),
    roads: str = typer.Option("", help="Roads: how much of the borders lies on them is told."),
    railways: str = typer.Option("", help="Railways, likewise."),
    water: str = typer.Option("", help="Water, likewise."),
    components: str = typer.Option("", help="Components: cut ones, and how many lie in each cell, are told."),
    features: list[str] = typer.Option([], help="Other lines and areas that borders may lie on; repeat."),
    fixes: bool = typer.Option(
        False, "--fixes", help="Also say what would mend each finding, where that is safe."
    ),
) -> int:
    """Check cells by the grid rules G1–G11; ends 1 where a rule is broken."""
    from actions.grid.check_grid import CheckGrid, check_grid

    session: Session = ctx.obj
    request = CheckGrid(
        file, layer, id_field, buildings, compounds, roads, railways, water, components, fixes, session.lang,
        tuple(features),
    )  # fmt: skip
    with session.progress() as progress:
        done = check_grid(request, progress)
    return _end(session, done)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: str = typer.Argument(..., help="Any vector file with a finished grid."),
    layer: str = typer.Option("", help="Layer, where a file has several."),
    id_field: str = typer.Option(
        "", "--id-field", help="Field with the 15-digit codes, where it is not plain."
    ),
) -> int:
    """Take a finished grid into the store."""
    from actions.grid.import_grid import ImportGrid, import_grid

    session: Session = ctx.obj
    with session.store(create=True) as store, session.progress() as progress:
        done = import_grid(store, ImportGrid(file, layer, id_field), progress)
    return _end(session, done)


def _end(session: Session, done: object) -> int:
    """Tell the figures; findings one by one only in words, the first of each rule."""
    details = getattr(done, "details", None)
    values = {key: as_json(value) for key, value in vars(done).items() if key != "details"}
    fixes = values.pop("fixes", None)
    if session.globals.json and fixes is not None:
        values["fixes"] = fixes
    session.answer(values)
    if not session.globals.json and details is not None and len(details):
        for row in details.drop_duplicates("code").to_dict("records"):
            print(
                f"  {row['code']} {row['severity']}: {session.words(row['message'], **row)} → {session.words(row['remedy'])}"
            )
    for fix in [] if session.globals.json else fixes or []:
        print(f"  {fix['rule']}: {fix['says']}")
    return 1 if values.get("errors") else 0
