"""What a store says about itself, and whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from data import responsibility
from data.cache import content_hash
from data.census.components import KEY_COLUMNS
from data.content_hash import areas_digest
from data.engines.engine import Engine
from data.grid import lineage
from data.journal import value_of
from data.schema import current_in
from data.tables import cell, component, component_history, fix, session, setting, term, unit
from kernel.progress import Progress

# Settings the store keeps for itself; all others are the city's.
OWN_SETTINGS = frozenset({"store_id", "standard", "crs"})


@dataclass(frozen=True)
class StoreInfo:
    """A store in numbers. `data_hash` covers cells and components, `areas_hash` responsibility areas ("" for none). `crs` is an EPSG number, 0 while none is set; `place` never shows a password."""

    engine: str
    place: str
    schema: int
    store_id: str
    standard: str
    crs: int
    cells: int
    components: int
    cases: int
    fixes: int
    sessions: int
    data_version: int
    data_hash: str
    areas_hash: str
    settings: dict[str, str] = field(default_factory=dict)


def gather(engine: Engine, *, with_hash: bool, known: StoreInfo | None = None) -> StoreInfo:
    """Everything of one moment. Cells and components of `known` are not counted again while the data version is its own."""
    with engine.reading() as db:
        settings = {row.key: row.value for row in db.execute(sa.select(setting))}
        version = value_of(db, "version")
        same = known is not None and (known.store_id, known.data_version) == (settings["store_id"], version)
        counted = known if same else None
        return StoreInfo(
            engine=engine.name,
            place=engine.place,
            schema=current_in(db),
            store_id=settings["store_id"],
            standard=settings["standard"],
            crs=int(settings["crs"]),
            cells=counted.cells if counted else _count(db, cell),
            components=counted.components if counted else _count(db, component),
            cases=0,
            fixes=value_of(db, "fix"),
            sessions=_count(db, session),
            data_version=version,
            data_hash=content_hash(engine, db) if with_hash else "",
            areas_hash=areas_digest(engine, db) if with_hash else "",
            settings={key: value for key, value in settings.items() if key not in OWN_SETTINGS},
        )


def verify(engine: Engine, progress: Progress) -> list[str]:
    """What is wrong, in English words; empty when the store is sound."""
    with engine.reading() as db:
        progress.report(0.0, "Checking the pages")
        found = engine.problems(db)
        if found:
            return found  # rows of broken pages cannot be asked
        progress.report(0.5, "Checking the rows")
        for table in (component, component_history):
            found += _orphans(db, table)
            progress.check()
        found += responsibility.problems(db) + _unexplained(db) + lineage.problems(db)
        progress.report(1.0)
    return found


def _orphans(db: sa.Connection, table: sa.Table) -> list[str]:
    """Keys of bulk rows that point nowhere, in one pass over the rows; 0 is "none" for cells."""
    targets = {"term": term.c.term_id, "unit": unit.c.unit_id}
    targets |= {"cell_id": cell.c.cell_id, "session_id": session.c.session_id}
    counts = []
    for name in (*KEY_COLUMNS, "session_id"):
        key = targets.get(name, targets.get(name.rsplit("_", 1)[-1]))
        assert key is not None, name
        lost: sa.ColumnElement[bool] = table.c[name].not_in(sa.select(key))
        lost = sa.and_(lost, table.c[name] != 0) if name == "cell_id" else lost
        counts.append(sa.func.count().filter(lost).label(name))
    found = db.execute(sa.select(*counts).select_from(table)).one()._mapping
    return [
        f"{table.name}: {rows} rows have a {name} that is not there" for name, rows in found.items() if rows
    ]


def _unexplained(db: sa.Connection) -> list[str]:
    """Rows that contradict one another."""
    found = []
    repeated = sa.select(component.c.code).where(component.c.code.is_not(None)).group_by(component.c.code)
    twice = repeated.having(sa.func.count() > 1).subquery()
    if count := db.execute(sa.select(sa.func.count()).select_from(twice)).scalar():
        found.append(f"component: {count} codes stand more than once")
    not_committed = sa.select(session.c.session_id).where(session.c.status != "committed")
    strays = sa.select(sa.func.count()).where(component.c.session_id.in_(not_committed))
    if count := db.execute(strays).scalar():
        found.append(f"component: {count} rows belong to a session that is not committed")
    if (count := _count(db, fix)) != value_of(db, "fix"):
        found.append(f"fix: {count} rows, but {value_of(db, 'fix')} were counted")
    lost = sa.select(sa.func.count()).where(
        component_history.c.component_id.not_in(sa.select(component.c.component_id))
    )
    if count := db.execute(lost).scalar():
        found.append(f"component_history: {count} rows belong to no component")
    return found


def _count(db: sa.Connection, table: sa.Table) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
