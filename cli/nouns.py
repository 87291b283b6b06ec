"""Where the nouns hang on the command line, in the order of the help page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli import (
    areas,
    base,
    census,
    census_codes,
    census_records,
    census_report,
    census_review,
    census_rules,
    classes,
    demo,
    departments,
    desktop,
    doctor,
    export,
    facility,
    grid,
    grid_atlas,
    grid_edit,
    hotspot,
    patrol,
    store,
    survey,
)

if TYPE_CHECKING:
    from cli.app import Desktop


def register(app: typer.Typer, means: Desktop) -> None:
    """Hang every noun on `app`; `means` is what only the desktop can do."""
    desktop.register(app, means)
    demo.register(app)
    doctor.register(app, means)
    app.add_typer(store.app, name="store", help="The store itself: info, create, verify, backup, restore.")
    app.add_typer(classes.app, name="classes", help="Component and event class sets.")
    app.add_typer(departments.app, name="departments", help="The city's departments.")
    app.add_typer(base.app, name="base", help="Base layers and administrative areas.")
    grid_atlas.register(grid.app)
    grid_edit.register(grid.app)
    app.add_typer(grid.app, name="grid", help="Unit grid cells: divide, check, import, atlas.")
    app.add_typer(areas.app, name="area", help="Responsibility areas: list, import, export.")
    census_review.register(census.app)
    census_rules.register(census.app)
    census_codes.register(census.app)
    census_records.register(census.app)
    census_report.register(census.app)
    app.add_typer(census.app, name="census", help="Component census: import, review, commit, undo.")
    app.add_typer(
        facility.app,
        name="facility",
        help="Sanitation facilities: register, log, overdue maintenance, counts.",
    )
    app.add_typer(
        survey.app,
        name="survey",
        help="Special surveys of chosen classes: plan, collect, compare, feed back.",
    )
    hotspot.register(app)
    app.add_typer(export.app, name="export", help="Maps to take away.")
    app.add_typer(patrol.app, name="patrol", help="Patrol staff and their tracks.")
