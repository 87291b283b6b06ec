"""How a store comes to be open: told apart from other files, made, backed up and migrated."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from data import schema
from data.address import Address
from data.census.sessions import SELF_APPROVAL
from data.engines import embedded
from data.engines.embedded import APPLICATION_ID, EmbeddedEngine
from data.engines.engine import Engine
from data.journal import put_setting
from kernel.clock import system_clock
from kernel.errors import Conflict, Refused, StoreUnavailable, WrongUsage

STANDARDS = ("2007", "2013", "2026")
NEWEST_STANDARD = "2026"
COUNT_TABLES = "SELECT count(*) FROM sqlite_master"
COUNT_COMMITS = "SELECT value FROM counter WHERE name = 'sequence'"


def open_engine(
    address: Address,
    *,
    create: bool = False,
    must_be_new: bool = False,
    standard: str | None = None,
    crs: int | None = None,
    read_only: bool = False,
) -> Engine:
    """An engine whose store is there and has this program's schema. See `data.store.open`."""
    creates = create and not read_only
    begun = creates and address.file is not None and not address.file.exists()
    engine = _engine(address, create=creates, read_only=read_only)
    try:
        found = schema.current(engine)
        schema.refuse_newer(found, engine.place)
        if found and must_be_new:
            raise Conflict(
                "There is a store at {file} already.",
                remedy="Choose another place, or open the store that is there.",
                file=engine.place,
            )
        if found == 0:
            if not creates:
                raise _no_store(engine.place)
            _make(engine, standard or NEWEST_STANDARD, crs or 0)
        elif found < schema.newest():
            _migrate(engine, found, read_only=read_only)
    except BaseException:
        engine.close()
        if begun and address.file is not None:
            _remove_blank(address.file)
        raise
    return engine


def exists(address: Address) -> bool:
    """Whether a store is there, of whatever schema; `StoreUnavailable` where the server does not answer."""
    if not address.is_server:
        return address.file is not None and address.file.exists()
    engine = _engine(address, create=False, read_only=True)
    try:
        return schema.current(engine) != 0
    finally:
        engine.close()


def _remove_blank(file: Path) -> None:
    """A store that could not be made leaves no file; one that another process made meanwhile stays."""
    with contextlib.closing(embedded.connect(file)) as connection:
        blank = connection.execute(COUNT_TABLES).fetchone()[0] == 0
    if blank:
        remove_file(file)


@contextmanager
def made_for_good(address: Address) -> Iterator[None]:
    """A store file that is made inside, and that nobody has written to when the block fails, goes again."""
    file = address.file
    begun = file is not None and not file.exists()
    try:
        yield
    except BaseException:
        if begun and file is not None and file.exists():
            with contextlib.closing(embedded.connect(file)) as connection:
                unused = connection.execute(COUNT_COMMITS).fetchone()[0] == 0
            if unused:
                remove_file(file)
        raise


def remove_file(file: Path) -> None:
    """Remove a store file that nobody has open, with what SQLite left beside it."""
    for name in (f"{file}-wal", f"{file}-shm", f"{file}-journal", str(file)):
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _engine(address: Address, *, create: bool, read_only: bool) -> Engine:
    if address.is_server:
        from data.engines.postgis import PostgisEngine

        return PostgisEngine(address.url)
    assert address.file is not None
    identify(address.file, create=create, read_only=read_only)
    return EmbeddedEngine(address.file, read_only=read_only)


def identify(file: Path, *, create: bool, read_only: bool) -> None:
    """Raise unless the file is a store of ours, or one can be made there.

    Only SQLite itself looks into the file: see `data.engines.embedded`.
    """
    if file.is_dir():
        raise embedded.not_a_store(file)
    if not file.exists():
        if not create:
            raise _no_store(str(file))
        make_folder(file)
    connection = None
    try:
        connection = embedded.connect(file, read_only=read_only, create=create)
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        holds = connection.execute(COUNT_TABLES).fetchone()[0]
        # The empty file that a killed creation leaves is nobody's, so it may become a store.
        if not (mark == APPLICATION_ID and holds) and (holds or not create):
            raise embedded.not_a_store(file)
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise embedded.explain(error, file) from error
    finally:
        if connection is not None:
            connection.close()


def make_folder(file: Path) -> None:
    """The folder that `file` is to lie in."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_made(file, error) from error


def _no_store(place: str) -> Refused:
    return Refused(
        "There is no store at {file}.",
        remedy="Check the address, or make one with `store create`.",
        file=place,
    )


def _make(engine: Engine, standard: str, crs: int) -> None:
    """All tables and first settings in one transaction: a killed creation leaves nothing half made."""
    require_standard(standard)
    engine.prepare()
    with engine.writing() as db:
        if schema.current_in(db):
            return  # another process was faster
        if engine.file is not None:
            db.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        schema.upgrade(db)
        first_settings(db, engine, standard, crs)
        if crs:
            engine.set_srid(db, crs)


def first_settings(db: sa.Connection, engine: Engine, standard: str, crs: int) -> None:
    """What every store says of itself from the beginning."""
    put_setting(db, "store_id", secrets.token_hex(8))
    put_setting(db, "standard", standard)
    put_setting(db, "crs", str(crs))
    put_setting(db, SELF_APPROVAL, "1" if engine.file is not None else "0")


def require_standard(standard: str) -> None:
    """Raise `Refused` for an edition nobody knows."""
    if standard not in STANDARDS:
        raise WrongUsage(
            "There is no edition {standard} of the class codes.",
            remedy="Choose one of 2007, 2013 and 2026.",
            standard=standard,
        )


def _migrate(engine: Engine, found: int, *, read_only: bool) -> None:
    if read_only:
        raise Refused(
            "{file} was made by an older WanGrid and must be brought up to date before it can be read.",
            remedy="Open it once for writing; a backup is made beside it first.",
            file=engine.place,
        )
    if engine.file is not None:
        copy_file(engine.file, backup_name(engine.file, found))
    with engine.writing() as db:
        if schema.current_in(db) < schema.newest():
            schema.upgrade(db)


def backup_name(file: Path, found: int) -> Path:
    """`city.wangrid` of schema 1 → `city.backup-1-20261121T063205.wangrid` beside it."""
    return file.with_name(f"{file.stem}.backup-{found}-{system_clock():%Y%m%dT%H%M%S}{file.suffix}")


def copy_file(file: Path, target: Path) -> None:
    """A copy of one moment by SQLite's own online backup; others may read and write meanwhile."""
    temporary = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    try:
        with (
            contextlib.closing(embedded.connect(file, read_only=True)) as source,
            contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        temporary.replace(target)
    except sqlite3.Error as error:
        remove_file(temporary)
        raise embedded.explain(error, target) from error
    except OSError as error:
        remove_file(temporary)
        raise _cannot_be_made(target, error) from error


def _cannot_be_made(file: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        "{file} cannot be made.",
        remedy="Choose a folder that you may write to.",
        file=file,
        detail=str(error),
    )
