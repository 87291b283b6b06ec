"""The embedded engine: one SQLite file in WAL mode.

Only the interpreter's own `sqlite3` may touch the file in this process, and nothing here ever opens it with `open()`:
whoever closes a descriptor of the file makes the process lose all its POSIX locks on it, and another program could
then commit beside our open transaction (docs/decisions/0020-one-sqlite-library.md).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from data.engines import bulk_rows
from data.engines.engine import Column, Engine, Waker, busy_s, chunks, folded, slicer
from data.engines.filewaker import FileWaker
from data.tables import change_log, counter, fix
from kernel.errors import Conflict, Refused, StoreUnavailable, UserError
from kernel.progress import Progress, Silent

APPLICATION_ID = 0x57475244  # "WGRD" in the file's head: this is a store of ours
IMAGE_ROWS = 20_000  # from so many rows on an image of their pages is made first
ROWS_PER_STATEMENT = 16  # fewer statements to step through; more gains nothing

_VERSION = counter.alias("data_version")
_NEXT_COMMIT = (
    sa.update(counter)
    .where(counter.c.name == "sequence")
    .values(value=counter.c.value + 1)
    .returning(
        counter.c.value, sa.select(_VERSION.c.value).where(_VERSION.c.name == "version").scalar_subquery()
    )
)
_ADD_FIXES = (
    sa.update(counter).where(counter.c.name == "fix").values(value=counter.c.value + sa.bindparam("added"))
)


class EmbeddedEngine(Engine):
    """Rows in a file of this machine."""

    name: ClassVar[str] = "sqlite"
    errors: ClassVar[tuple[type[Exception], ...]] = (sqlite3.Error, sa.exc.DBAPIError)

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        self.file: Path = file
        self.place = str(file)
        self.read_only = read_only
        self.sa_engine = sa.create_engine(
            "sqlite+pysqlite://", creator=self.connect, poolclass=sa.pool.QueuePool, max_overflow=20
        )
        sa.event.listen(self.sa_engine, "begin", _begin)

    def connect(self) -> sqlite3.Connection:
        """A connection of our own making, outside the pool."""
        return connect(self.file, read_only=self.read_only)

    def explain(self, error: BaseException) -> UserError | BaseException:
        """See the base class."""
        return explain(error, self.file)

    def prepare(self) -> None:
        """Nothing to do."""

    def transaction_options(self, *, writes: bool) -> dict[str, Any]:
        """See the base class."""
        return {"wangrid_writes": writes}

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[sa.Connection]:
        with super()._connect(writes=writes) as db:
            try:
                yield db
            finally:
                if writes and not (db.closed or db.invalidated):
                    bulk_rows.let_go(_driver(db))

    def take_write_lock(self, db: sa.Connection) -> None:
        """`BEGIN IMMEDIATE` has taken it already."""

    def stop_appends(self, db: sa.Connection) -> None:
        """There is one write lock, for appenders too."""

    def insert(
        self,
        db: sa.Connection,
        table: sa.Table,
        columns: Mapping[str, Column],
        rows: int,
        progress: Progress = Silent(),  # noqa: B008
    ) -> None:
        """See the base class. Very many rows are encoded by us and copied by SQLite (`data.engines.row_image`)."""
        done = bulk_rows.insert(_driver(db), table, columns, rows, progress) if rows >= IMAGE_ROWS else 0
        if done < rows:
            rest = {name: bulk_rows.part(column, done, rows) for name, column in columns.items()}
            _insert(db, "INSERT", table, rest, rows - done, progress)

    def fill(
        self,
        db: sa.Connection,
        table: sa.Table,
        columns: Mapping[str, Column],
        rows: int,
        progress: Progress = Silent(),  # noqa: B008
    ) -> None:
        """See the base class. The index of an empty table comes with its rows."""
        if rows < IMAGE_ROWS or not bulk_rows.insert_with_index(_driver(db), table, columns, rows):
            super().fill(db, table, columns, rows, progress)

    def update(
        self,
        db: sa.Connection,
        table: sa.Table,
        keys: Mapping[str, np.ndarray],
        values: Mapping[str, np.ndarray],
        rows: int,
    ) -> None:
        """See the base class."""
        settings = ", ".join(f'"{name}" = ?' for name in values)
        mine = " AND ".join(f'"{name}" = ?' for name in keys)
        columns = [column.tolist() for column in (*values.values(), *keys.values())]
        _driver(db).executemany(
            f'UPDATE "{table.name}" SET {settings} WHERE {mine}', zip(*columns, strict=True)
        )

    def insert_new_fixes(self, db: sa.Connection, columns: Mapping[str, np.ndarray], rows: int) -> int:
        """See the base class."""
        return _insert(db, "INSERT OR IGNORE", fix, columns, rows, Silent())

    def numbers(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, np.ndarray]:
        """See the base class. Two 32-bit keys travel as one number: what costs time is the number of values."""
        columns = list(query.selected_columns)
        short = [column for column in columns if type(column.type) is sa.Integer]
        pairs = list(zip(short[0::2], short[1::2], strict=False))
        packed = [(left * 2**32 + right).label(f"pair {i}") for i, (left, right) in enumerate(pairs)]
        paired = {column.name for pair in pairs for column in pair}
        single = [column for column in columns if column.name not in paired]
        travels = query.with_only_columns(*packed, *single, maintain_column_froms=True)
        kinds = [(c.name, "f8" if isinstance(c.type, sa.Float) else "i8") for c in (*packed, *single)]
        table = np.fromiter(_driver(db).execute(_text(travels)), np.dtype(kinds))
        out = {column.name: np.ascontiguousarray(table[column.name]) for column in single}
        for label, (left, right) in zip((c.name for c in packed), pairs, strict=True):
            out |= {left.name: table[label] >> 32, right.name: table[label] & 0xFFFFFFFF}
        return {column.name: out[column.name] for column in columns}

    def rows(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, list[Any]]:
        """See the base class."""
        labels = [column.name for column in query.selected_columns]
        if len(labels) == 1:
            return {labels[0]: [value for (value,) in _driver(db).execute(_text(query))]}
        found = _driver(db).execute(_text(query)).fetchall()
        columns = zip(*found, strict=True) if found else itertools.repeat((), len(labels))
        return {label: list(column) for label, column in zip(labels, columns, strict=True)}

    def batches(self, db: sa.Connection, query: sa.Select[Any], size: int) -> Iterator[dict[str, list[Any]]]:
        """See the base class."""
        labels = [column.name for column in query.selected_columns]
        cursor = _driver(db).execute(_text(query))
        while found := cursor.fetchmany(size):
            yield dict(zip(labels, map(list, zip(*found, strict=True)), strict=True))

    @contextmanager
    def bulk(self, db: sa.Connection, tables: Sequence[sa.Table], rows: int) -> Iterator[None]:
        """See the base class: indexes of still empty tables are made when the rows are there."""
        waiting = [
            index for table in tables if rows > 10_000 and _is_empty(db, table) for index in table.indexes
        ]
        for index in waiting:
            index.drop(db)
        yield
        for index in sorted(waiting, key=lambda each: str(each.name)):
            index.create(db)

    def set_srid(self, db: sa.Connection, epsg: int) -> None:
        """Nothing to do: WKB carries no plane, the setting does."""

    def log_commit(self, db: sa.Connection, row: Mapping[str, str], fixes: int) -> tuple[int, int]:
        """See the base class. Nobody need be woken: the commit itself moves the file's change counter."""
        if fixes:
            db.execute(_ADD_FIXES, {"added": fixes})
        sequence, version = db.execute(_NEXT_COMMIT).one()
        db.execute(sa.insert(change_log), {"sequence": sequence, "version": version, **row})
        return int(sequence), int(version)

    def waker(self) -> Waker:
        """See the base class."""
        return FileWaker(self.file, self.connect())

    def problems(self, db: sa.Connection) -> list[str]:
        """See the base class."""
        driver, found = _driver(db), []
        try:
            for (words,) in driver.execute("PRAGMA integrity_check(20)"):
                found += [words] if words != "ok" else []
            for row in driver.execute("PRAGMA foreign_key_check") if not found else ():
                found.append(f"{row[0]} row {row[1]} points to a {row[2]} that is not there")
        except sqlite3.DatabaseError as error:  # so broken that the check itself cannot go on
            found.append(str(error))
        return found


def connect(file: Path, *, read_only: bool = False, create: bool = False) -> sqlite3.Connection:
    """A connection in the one way every connection to a store is made; `create` makes an empty file first."""
    mode = "ro" if read_only else "rwc" if create else "rw"
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_s(), isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def explain(error: BaseException, file: Path) -> UserError | BaseException:
    """SQLite's error in the user's words; our own mistakes (wrong SQL, broken constraint) stay as they are."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, make in _WORDS.items():
        if name.startswith(prefix):
            return make(file, str(error))
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return not_a_store(file, str(error))
    return error


def not_a_store(file: Path, detail: str = "") -> Refused:
    """The file is something else."""
    return Refused(
        "{file} is not a WanGrid store.",
        remedy="Choose a file that WanGrid made; its name usually ends in .wangrid.",
        file=file,
        detail=detail,
    )


def _busy(file: Path, detail: str) -> UserError:
    return Conflict(
        "Another program is writing to {file}.",
        remedy="Wait until it has finished, then try again. Reading goes on meanwhile.",
        file=file,
        detail=detail,
    )


def _full(file: Path, detail: str) -> UserError:
    return StoreUnavailable(
        "{file} cannot be written: the disk is full or failing. Nothing was changed.",
        remedy="Make room on that disk, then try again.",
        file=file,
        detail=detail,
    )


def _read_only(file: Path, detail: str) -> UserError:
    return StoreUnavailable(
        "{file} may only be read here.",
        remedy="Ask for permission to write to the file and to its folder, or copy the file elsewhere.",
        file=file,
        detail=detail,
    )


def _cannot_open(file: Path, detail: str) -> UserError:
    return StoreUnavailable(
        "{file} cannot be opened.",
        remedy="Check that the folder exists and that you may read and write there.",
        file=file,
        detail=detail,
    )


def _damaged(file: Path, detail: str) -> UserError:
    return Refused(
        "{file} is damaged.",
        remedy="Restore the latest backup; keep the damaged file, parts of it may be saved.",
        file=file,
        detail=detail,
    )


_WORDS = {
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
    "SQLITE_FULL": _full,
    "SQLITE_IOERR": _full,
    "SQLITE_READONLY": _read_only,
    "SQLITE_PERM": _read_only,
    "SQLITE_CANTOPEN": _cannot_open,
    "SQLITE_NOTADB": not_a_store,
    "SQLITE_CORRUPT": _damaged,
}


def _begin(db: sa.Connection) -> None:
    writes = db.get_execution_options().get("wangrid_writes", False)
    db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _driver(db: sa.Connection) -> sqlite3.Connection:
    driver = db.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _insert(
    db: sa.Connection,
    verb: str,
    table: sa.Table,
    columns: Mapping[str, Column],
    rows: int,
    progress: Progress,
) -> int:
    """`executemany`, several rows to a statement; a column with one value for all rows stands in the statement."""
    given = {column.name: folded(columns[column.name]) for column in table.columns}
    bound = [slicer(column) for column in given.values() if not isinstance(column, int | str | None)]
    names = ", ".join(f'"{name}"' for name in given)
    row = ", ".join("?" if not isinstance(c, int | str | None) else _literal(c) for c in given.values())
    driver, head, written = _driver(db), f'{verb} INTO "{table.name}" ({names}) VALUES ', 0
    for start, end in chunks(rows, progress):
        whole = end - (end - start) % ROWS_PER_STATEMENT
        for first, last, step in ((start, whole, ROWS_PER_STATEMENT), (whole, end, 1)):
            striped = [part(first + k, last, step) for k in range(step) for part in bound]
            times = zip(*striped, strict=True) if bound else itertools.repeat((), (last - first) // step)
            written += driver.executemany(head + ", ".join([f"({row})"] * step), times).rowcount
    return written


def _text(query: sa.Select[Any]) -> str:
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def _literal(value: int | str | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _is_empty(db: sa.Connection, table: sa.Table) -> bool:
    return db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None
