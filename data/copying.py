"""Everything at once: backup, restore, and the plane everything lies in.

A backup is an embedded store. Between engines rows are copied table by table in one transaction, so that other
programs that have the store open see the change like any other.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from data import opening
from data.address import Address
from data.census.codes import raise_counters
from data.census.sessions import SELF_APPROVAL
from data.engines.engine import Engine
from data.journal import Work, put, put_plane, put_setting, setting_of
from data.shapes import plane
from data.tables import (
    area,
    base_feature,
    cell,
    change_log,
    code_counter,
    community_hold,
    component,
    counter,
    fix,
    kind_version,
    metadata,
    responsibility_area,
    retired_cell,
    session,
)
from data.tables_facilities import facility
from data.tables_records import field_record
from data.tables_surveys import survey_found
from kernel.errors import Conflict, Refused
from kernel.progress import Part, Progress

ROWS_AT_ONCE: Final = 100_000
# What a copy does not take over: the log of commits, the versions of the data and who edits what just now belong to
# each store itself.
NOT_COPIED: Final = frozenset(
    {change_log.name, kind_version.name, counter.name, code_counter.name, community_hold.name}
)


def adopt_crs(work: Work, epsg: int) -> bool:
    """Give the store its plane; whether that changed anything."""
    has = plane(work.db)
    if has == epsg:
        return False
    if has and any(
        _holds(work.db, table)
        for table in (
            cell,
            retired_cell,
            component,
            area,
            responsibility_area,
            base_feature,
            session,
            facility,
            field_record,
            survey_found,
            fix,
        )
    ):
        raise Refused(
            "The store's plane is EPSG:{has} and it holds data, so it cannot become EPSG:{wanted}.",
            remedy="Use EPSG:{has}, or make another store.",
            has=has,
            wanted=epsg,
        )
    put_plane(work, epsg)
    return True


def backup(engine: Engine, file: Path, progress: Progress) -> None:
    """Write everything to `file`, under a temporary name first."""
    if engine.file is not None and file.exists() and file.samefile(engine.file):
        raise Conflict("{file} is the store itself.", remedy="Choose another name for the backup.", file=file)
    opening.make_folder(file)
    progress.report(0.0, "Writing the backup")
    if engine.file is not None:
        opening.copy_file(engine.file, file)
    else:
        _copy_out(engine, file, progress)
    progress.report(1.0)


def _copy_out(engine: Engine, file: Path, progress: Progress) -> None:
    temporary = file.with_name(f"{file.name}.part-{secrets.token_hex(4)}")
    try:
        target = opening.open_engine(Address(file=temporary), create=True)
        try:
            with target.writing() as db:
                replace_everything(Work(db, target, "", "", ""), engine, progress)
        finally:
            target.close()
        opening.copy_file(temporary, file)
    finally:
        opening.remove_file(temporary)


@contextmanager
def opened_backup(file: Path) -> Iterator[Engine]:
    """An engine on a private copy of the backup, brought up to date; the file itself stays as it is."""
    opening.identify(file, create=False, read_only=True)
    with tempfile.TemporaryDirectory(prefix="wangrid-") as folder:
        copy = Path(folder) / "backup.wangrid"
        opening.copy_file(file, copy)
        engine = opening.open_engine(Address(file=copy))
        try:
            with engine.reading() as db:
                found = engine.problems(db)
            if found:
                raise Refused(
                    "{file} is damaged and cannot be restored: {problem}",
                    remedy="Take an earlier backup.",
                    file=file,
                    problem=found[0],
                )
            yield engine
        finally:
            engine.close()


def replace_everything(work: Work, source: Engine, progress: Progress) -> None:
    """Empty the store of `work` and copy all rows of `source` into it, but for what makes it this very store."""
    work.engine.stop_appends(work.db)
    own = {key: setting_of(work.db, key) for key in ("store_id", SELF_APPROVAL)}
    tables = [table for table in metadata.sorted_tables if table.name not in NOT_COPIED]
    for table in reversed(tables):
        work.db.execute(sa.delete(table))
    with source.reading() as db:
        work.engine.set_srid(work.db, plane(db))
        for number, table in enumerate(tables):
            share = Part(progress, number / len(tables), (number + 1) / len(tables))
            _copy_table(work, source, db, table, share)
        _raise_counters(work.db, db)
        raise_counters(work.db, {row.prefix: row.value for row in db.execute(sa.select(code_counter))})
        # The stricter rule of approval wins: a copy must not be a way around the second person.
        strict = "0" in (own[SELF_APPROVAL], setting_of(db, SELF_APPROVAL, "0"))
    put_setting(work.db, "store_id", own["store_id"])
    put_setting(work.db, SELF_APPROVAL, "0" if strict else "1")


def _copy_table(work: Work, source: Engine, db: sa.Connection, table: sa.Table, progress: Progress) -> None:
    count = db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    done = 0
    with work.engine.bulk(work.db, [table], count):
        for batch in source.batches(db, sa.select(table), ROWS_AT_ONCE):
            rows = len(next(iter(batch.values())))
            work.engine.insert(work.db, table, batch, rows)
            done += rows
            progress.report(done / count, "Copying {rows} rows", rows=count)


def _raise_counters(db: sa.Connection, source: sa.Connection) -> None:
    """Row ids go on after those of both stores; the numbers of commits and versions stay the store's own."""
    own = {row.name: int(row.value) for row in db.execute(sa.select(counter))}
    for name, value in source.execute(sa.select(counter)).all():
        if name in ("sequence", "version"):
            continue
        if value > own.get(name, -1) or name == "fix":  # that one is a count
            put(db, counter, {"name": name}, {"value": value})


def _holds(db: sa.Connection, table: sa.Table) -> bool:
    return db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None
