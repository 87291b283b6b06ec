"""The server engine: a PostgreSQL database with PostGIS. Bulk rows go in and out by binary COPY."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np
import psycopg
import sqlalchemy as sa
from psycopg import conninfo, errors, sql
from sqlalchemy.dialects.postgresql import psycopg as dialect

from data.engines import pgcopy
from data.engines.engine import Column, Engine, Waker, busy_s, chunks
from data.engines.pgwaker import CHANNEL, ServerWaker
from data.shapes import plane
from data.tables import fix
from kernel.errors import Conflict, NotAllowed, Refused, StoreUnavailable, UserError
from kernel.progress import Progress, Silent

CONNECT_S: Final = 10
DIALECT: Final[sa.Dialect] = dialect.dialect()  # type: ignore[no-untyped-call]
IDLE_S: Final = 0.5
BULK_ROWS: Final = 10_000  # from here on indexes of empty tables are made afterwards

# Counts fixes, numbers the commit, logs it and announces it. `numbered` waits for `fixes`, so that all writers lock the
# counters' rows in one order.
_LOG_COMMIT: Final = """
WITH fixes AS (UPDATE counter SET value = value + %(fixes)s WHERE name = 'fix' AND %(fixes)s > 0 RETURNING 1),
numbered AS (
    UPDATE counter SET value = value + 1
    WHERE name = 'sequence' AND (SELECT count(*) FROM fixes) >= 0
    RETURNING value
),
logged AS (
    INSERT INTO change_log (sequence, version, at, actor, source, kinds, keys, counts)
    SELECT numbered.value, version.value,
           %(at)s, %(actor)s, %(source)s, %(kinds)s, %(keys)s, %(counts)s
    FROM numbered, counter AS version WHERE version.name = 'version'
    RETURNING sequence, version
)
SELECT sequence, version, pg_notify(%(channel)s, '') FROM logged
"""


class PostgisEngine(Engine):
    """Rows in a database that several machines share."""

    name: ClassVar[str] = "postgis"
    errors: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error, sa.exc.DBAPIError)

    def __init__(self, url: str) -> None:
        self._url = url
        self.place = _place(url)
        self.sa_engine = sa.create_engine("postgresql+psycopg://", creator=self.connect, max_overflow=20)
        sa.event.listen(self.sa_engine, "checkin", _note_time)
        sa.event.listen(self.sa_engine, "checkout", _require_alive)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of our own making, outside the pool."""
        return psycopg.connect(self._url, connect_timeout=CONNECT_S, application_name="wangrid")

    def explain(self, error: BaseException) -> UserError | BaseException:
        """See the base class."""
        return explain(error, self.place)

    def prepare(self) -> None:
        """PostGIS is put into the database where its administrator has not done so."""
        with self._in_words(), self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone()
            if not found:
                connection.execute("CREATE EXTENSION postgis SCHEMA public")

    def transaction_options(self, *, writes: bool) -> dict[str, Any]:
        """Readers see one snapshot; writers wait for the write lock and then see what was committed before."""
        if writes:
            return {"isolation_level": "READ COMMITTED", "postgresql_readonly": False}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def take_write_lock(self, db: sa.Connection) -> None:
        """One structural write at a time in each store; readers and fixes are not kept waiting."""
        db.exec_driver_sql(f"SET LOCAL lock_timeout = {int(busy_s() * 1000)}")
        db.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('wangrid'), hashtext(current_schema()))")

    def stop_appends(self, db: sa.Connection) -> None:
        """Fixes are appended beside the write lock, so their table has one of its own."""
        db.exec_driver_sql(f'LOCK TABLE "{fix.name}" IN SHARE ROW EXCLUSIVE MODE')

    def now(self, db: sa.Connection) -> datetime:
        """The server's clock: those of its clients differ."""
        told: datetime = db.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return told

    def insert(
        self,
        db: sa.Connection,
        table: sa.Table,
        columns: Mapping[str, Column],
        rows: int,
        progress: Progress = Silent(),  # noqa: B008
    ) -> None:
        """Binary COPY."""
        own = {column.name: column for column in table.columns}
        srid = plane(db) if "shape" in own else 0
        _copy_in(db, table.name, pgcopy.Layout(own, columns, srid), rows, progress)

    def update(
        self,
        db: sa.Connection,
        table: sa.Table,
        keys: Mapping[str, np.ndarray],
        values: Mapping[str, np.ndarray],
        rows: int,
    ) -> None:
        """COPY into a table of this transaction, then one UPDATE."""
        if not rows:
            return
        names = [*values, *keys]
        columns = {name: table.c[name] for name in names}
        with _beside(db, table, names) as beside:
            _copy_in(db, beside, pgcopy.Layout(columns, {**values, **keys}, 0), rows, Silent())
            settings = ", ".join(f'"{name}" = b."{name}"' for name in values)
            mine = " AND ".join(f't."{name}" = b."{name}"' for name in keys)
            db.exec_driver_sql(f'UPDATE "{table.name}" t SET {settings} FROM {beside} b WHERE {mine}')

    def insert_new_fixes(self, db: sa.Connection, columns: Mapping[str, np.ndarray], rows: int) -> int:
        """COPY; a batch that meets a fix already there is begun again by way of a table of this transaction.

        The first write of its transaction, which is therefore begun again whole: a savepoint for each batch would
        cost more than the rare repeat.
        """
        own = {column.name: column for column in fix.columns}
        layout = pgcopy.Layout(own, columns, 0)
        try:
            _copy_in(db, fix.name, layout, rows, Silent())
            return rows
        except errors.UniqueViolation:
            _driver(db).rollback()
            with _beside(db, fix, list(own)) as beside:
                _copy_in(db, beside, layout, rows, Silent())
                names = ", ".join(f'"{name}"' for name in own)
                added = db.exec_driver_sql(
                    f"INSERT INTO fix ({names}) SELECT {names} FROM {beside} ON CONFLICT DO NOTHING"
                )
                return added.rowcount

    def numbers(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, np.ndarray]:
        """See the base class."""
        labels = [column.name for column in query.selected_columns]
        floats = [isinstance(column.type, sa.Float) for column in query.selected_columns]
        with (
            _driver(db).cursor() as cursor,
            cursor.copy(f"COPY ({_text(query)}) TO STDOUT (FORMAT BINARY)", ()) as copy,
        ):
            data = b"".join(bytes(part) for part in copy)
        return pgcopy.numbers(data, labels, floats)

    def rows(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, list[Any]]:
        """See the base class."""
        labels = [column.name for column in query.selected_columns]
        with _driver(db).cursor(binary=True) as cursor:
            found = cursor.execute(_text(query), ()).fetchall()
        columns = zip(*found, strict=True) if found else ([] for _ in labels)
        return {label: list(column) for label, column in zip(labels, columns, strict=True)}

    def batches(self, db: sa.Connection, query: sa.Select[Any], size: int) -> Iterator[dict[str, list[Any]]]:
        """See the base class."""
        labels = [column.name for column in query.selected_columns]
        with _driver(db).cursor(name="wangrid_batches", binary=True) as cursor:
            cursor.execute(_text(query), ())
            while found := cursor.fetchmany(size):
                yield dict(zip(labels, map(list, zip(*found, strict=True)), strict=True))

    @contextmanager
    def bulk(self, db: sa.Connection, tables: Sequence[sa.Table], rows: int) -> Iterator[None]:
        """See the base class."""
        waiting = [
            each
            for table in tables
            if rows > BULK_ROWS and _is_empty(db, table)
            for each in _indexes(db, table)
        ]
        for name, _ in waiting:
            db.exec_driver_sql(f'DROP INDEX "{name}"')
        yield
        if waiting:
            db.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in waiting:
            db.exec_driver_sql(definition)
        if rows > BULK_ROWS:
            for table in tables:
                db.exec_driver_sql(f'ANALYZE "{table.name}"')

    def set_srid(self, db: sa.Connection, epsg: int) -> None:
        """See the base class; components also have `geometry`, made by the server from their shape or x and y."""
        for table in ("area", "cell", "base_feature", "component_history", "grid_step_cell", "retired_cell",
                      "responsibility_area"):  # fmt: skip
            db.exec_driver_sql(_shape_in_plane(table, epsg))
        db.exec_driver_sql("ALTER TABLE component DROP COLUMN geometry")
        db.exec_driver_sql(_shape_in_plane("component", epsg))
        db.exec_driver_sql(
            f"ALTER TABLE component ADD COLUMN geometry geometry(Geometry, {epsg})"
            f" GENERATED ALWAYS AS (coalesce(shape, ST_SetSRID(ST_MakePoint(x, y), {epsg}))) STORED"
        )
        db.exec_driver_sql("CREATE INDEX component_geometry ON component USING gist (geometry)")

    def log_commit(self, db: sa.Connection, row: Mapping[str, str], fixes: int) -> tuple[int, int]:
        """See the base class. One statement: a gateway commits every second, and each question costs a journey."""
        found = _driver(db).execute(_LOG_COMMIT, {**row, "fixes": fixes, "channel": CHANNEL}).fetchone()
        assert found is not None
        return int(found[0]), int(found[1])

    def waker(self) -> Waker:
        """See the base class."""
        with self._in_words():
            return ServerWaker(self.connect)

    def problems(self, db: sa.Connection) -> list[str]:
        """Indexes that the server itself holds for invalid."""
        query = (
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
        )
        return [f"index {name} is not valid" for name in db.exec_driver_sql(query).scalars()]


def _note_time(_driver: Any, record: Any) -> None:
    record.info["idle since"] = time.monotonic()


def _require_alive(driver: psycopg.Connection[Any], record: Any, _proxy: Any) -> None:
    """A connection that lay idle is tried first: the server may have been started again meanwhile."""
    if time.monotonic() - record.info.get("idle since", time.monotonic()) > IDLE_S:
        try:
            driver.execute("SELECT 1")
            driver.rollback()
        except psycopg.OperationalError as error:
            raise sa.exc.DisconnectionError() from error


def explain(error: BaseException, place: str) -> UserError | BaseException:
    """The server's error in the user's words; our own mistakes (wrong SQL, broken constraint) stay as they are."""
    for kinds, make in _WORDS:
        if isinstance(error, kinds):
            return make(place, str(error).strip())
    return error


def _busy(place: str, detail: str) -> UserError:
    return Conflict(
        "Another program is writing to {file}.",
        remedy="Wait until it has finished, then try again. Reading goes on meanwhile.",
        file=place,
        detail=detail,
    )


def _full(place: str, detail: str) -> UserError:
    return StoreUnavailable(
        "The server of {file} has no room left. Nothing was changed.",
        remedy="Ask the server's administrator to make room, then try again.",
        file=place,
        detail=detail,
    )


def _may_not(place: str, detail: str) -> UserError:
    return NotAllowed(
        "The database account may not do this in {file}: {reason}",
        remedy="Ask the database's administrator for the right, or use another account.",
        file=place,
        reason=detail.splitlines()[0],
    )


def _no_postgis(place: str, detail: str) -> UserError:
    return StoreUnavailable(
        "The server of {file} has no PostGIS.",
        remedy="Ask its administrator to install PostGIS (Debian: postgresql-15-postgis-3).",
        file=place,
        detail=detail,
    )


def _read_only(place: str, detail: str) -> UserError:
    return StoreUnavailable(
        "{file} may only be read here.",
        remedy="Ask the database's administrator; the server may be a standby.",
        file=place,
        detail=detail,
    )


def _gone(place: str, detail: str) -> UserError:
    return StoreUnavailable(
        "The database {file} cannot be reached: {reason}",
        remedy="Check that the server runs, that the address and the account are right, then try again.",
        file=place,
        reason=detail.splitlines()[0] if detail else "the connection was lost",
    )


# The first kind that fits is taken, so that special ones come before general ones.
_WORDS: Final = (
    ((errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure), _busy),
    ((errors.DiskFull, errors.OutOfMemory), _full),
    ((errors.UndefinedFile, errors.FeatureNotSupported), _no_postgis),
    ((errors.InsufficientPrivilege,), _may_not),
    ((errors.ReadOnlySqlTransaction,), _read_only),
    ((psycopg.OperationalError, psycopg.InterfaceError), _gone),
)


def _place(url: str) -> str:
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise Refused(
            "{address} is not the address of a store.",
            remedy="Give a path such as city.wangrid, or postgresql://user@host/database.",
            address=url.split("@")[-1],
            detail=str(error),
        ) from error
    port = f":{parts['port']}" if "port" in parts else ""
    return f"{parts.get('host') or 'localhost'}{port}/{parts.get('dbname') or parts.get('user') or ''}"


def _driver(db: sa.Connection) -> psycopg.Connection[Any]:
    driver = db.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _text(query: sa.Select[Any]) -> str:
    return str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


def _copy_in(db: sa.Connection, table: str, layout: pgcopy.Layout, rows: int, progress: Progress) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, layout.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    with _driver(db).cursor() as cursor, cursor.copy(statement) as copy:
        begun = pgcopy.SIGNATURE  # sent with the first rows: each write is a wait
        for start, end in chunks(rows, progress):
            copy.write(begun + layout.encode(start, end) + (pgcopy.TRAILER if end == rows else b""))
            begun = b""
        if begun:
            copy.write(begun + pgcopy.TRAILER)


@contextmanager
def _beside(db: sa.Connection, table: sa.Table, names: Sequence[str]) -> Iterator[str]:
    """An empty table of this transaction with some columns of `table`."""
    name = f"{table.name}_beside"
    columns = ", ".join(f'"{column}"' for column in names)
    db.exec_driver_sql(
        f'CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM "{table.name}" WITH NO DATA'
    )
    yield name
    db.exec_driver_sql(f"DROP TABLE {name}")


def _is_empty(db: sa.Connection, table: sa.Table) -> bool:
    return db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None


def _indexes(db: sa.Connection, table: sa.Table) -> list[tuple[str, str]]:
    """(name, definition) of all indexes of a table but its primary key."""
    query = sa.text(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :name"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype = 'p')"
    )
    return [(row.indexname, row.indexdef) for row in db.execute(query, {"name": table.name})]


def _shape_in_plane(table: str, epsg: int) -> str:
    return f"ALTER TABLE {table} ALTER COLUMN shape TYPE geometry(Geometry, {epsg}) USING ST_SetSRID(shape, {epsg})"
