"""What both engines promise the rest of this room: two kinds of transaction, bulk rows in, columns out, plain words.

Small statements are SQLAlchemy Core and are compiled for the engine at hand; bulk rows go through the driver.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import sqlalchemy as sa

from kernel.clock import system_clock
from kernel.errors import UserError
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.grid.cell_places import CellPlaces

# One column of bulk rows: an array, a list, or one value (int, "" or None) for all rows.
Column = np.ndarray | Sequence[Any] | int | str | None

BUSY_ENV = "WANGRID_BUSY_S"
BUSY_S = 5.0  # how long a writer waits for another one before it says so; the environment may say otherwise
CHUNK_ROWS = 50_000  # rows between two questions whether the user cancelled


class Waker(ABC):
    """Waits until something may have been committed, by whomever; reading what it was is the watch's work."""

    @abstractmethod
    def wait(self) -> bool:
        """Block until there may be news (True) or `stop` was called (False)."""

    @abstractmethod
    def poke(self) -> None:
        """This process has just committed. May be called from any thread."""

    @abstractmethod
    def stop(self) -> None:
        """Let `wait` return False from now on. May be called from any thread."""

    @abstractmethod
    def close(self) -> None:
        """Give up connections; called once, by the thread that waited."""


class Engine(ABC):
    """One place where rows are kept."""

    name: ClassVar[str]
    errors: ClassVar[tuple[type[Exception], ...]]  # the driver's, and SQLAlchemy's around them
    place: str  # how messages call it: a path, or host and database, never a password
    file: Path | None = None
    sa_engine: sa.Engine
    cell_places: CellPlaces | None = None  # as last read; says itself of which commit it is

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read-only snapshot: everything read inside belongs to one moment."""
        with self._in_words(), self._connect(writes=False) as db:
            db.begin()
            try:
                yield db
            finally:
                db.rollback()  # there is nothing to commit

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction that holds the store's write lock; an exception inside leaves the store as it was.

        Raises:
            Conflict: another program is writing and did not finish in time.
            StoreUnavailable: disk full, server gone, file not writable.
        """
        with self._in_words(), self._connect(writes=True) as db, db.begin():
            self.take_write_lock(db)
            yield db

    @contextmanager
    def appending(self) -> Iterator[sa.Connection]:
        """One transaction that only appends fixes: other appenders are not kept waiting where the engine can."""
        with self._in_words(), self._connect(writes=True) as db, db.begin():
            yield db

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[sa.Connection]:
        with self.sa_engine.connect() as connection:
            yield connection.execution_options(**self.transaction_options(writes=writes))

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except self.errors as error:
            raise self.explain(driver_error(error)) from error

    @abstractmethod
    def explain(self, error: BaseException) -> UserError | BaseException:
        """The user's error for a driver's error; what is not the user's or the environment's comes back as it is."""

    @abstractmethod
    def prepare(self) -> None:
        """Before the first tables are made: what must be done outside a transaction."""

    @abstractmethod
    def transaction_options(self, *, writes: bool) -> dict[str, Any]:
        """SQLAlchemy execution options of a reading or writing connection."""

    @abstractmethod
    def take_write_lock(self, db: sa.Connection) -> None:
        """Wait for other writers, a few seconds at most."""

    @abstractmethod
    def stop_appends(self, db: sa.Connection) -> None:
        """Let no fix come in beside this transaction; waits for appenders, a few seconds at most."""

    def now(self, db: sa.Connection) -> datetime:
        """The time by which everything is stamped: one clock for all who write to this place."""
        return system_clock()

    @abstractmethod
    def insert(
        self,
        db: sa.Connection,
        table: sa.Table,
        columns: Mapping[str, Column],
        rows: int,
        progress: Progress = Silent(),  # noqa: B008 - it keeps nothing
    ) -> None:
        """Append `rows` bulk rows; every column of the table is given. Shapes are WKB bytes or None."""

    def fill(
        self,
        db: sa.Connection,
        table: sa.Table,
        columns: Mapping[str, Column],
        rows: int,
        progress: Progress = Silent(),  # noqa: B008
    ) -> None:
        """Append bulk rows after which no more are to follow: `bulk` and `insert` in one."""
        with self.bulk(db, [table], rows):
            self.insert(db, table, columns, rows, progress)

    @abstractmethod
    def update(
        self,
        db: sa.Connection,
        table: sa.Table,
        keys: Mapping[str, np.ndarray],
        values: Mapping[str, np.ndarray],
        rows: int,
    ) -> None:
        """Set whole-number `values` in the rows with the whole-number `keys`, row by row."""

    @abstractmethod
    def insert_new_fixes(self, db: sa.Connection, columns: Mapping[str, np.ndarray], rows: int) -> int:
        """Append fixes whose (time_s, patroller_id) is not there yet; how many that were."""

    @abstractmethod
    def numbers(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, np.ndarray]:
        """Columns of a query over numbers without NULL: int64 and float64 arrays by label."""

    @abstractmethod
    def rows(self, db: sa.Connection, query: sa.Select[Any]) -> dict[str, list[Any]]:
        """Columns of any query as lists by label; shapes are bytes or None."""

    @abstractmethod
    def batches(self, db: sa.Connection, query: sa.Select[Any], size: int) -> Iterator[dict[str, list[Any]]]:
        """As `rows`, `size` rows at a time, for what is too large to hold at once."""

    @abstractmethod
    @contextmanager
    def bulk(self, db: sa.Connection, tables: Sequence[sa.Table], rows: int) -> Iterator[None]:
        """Inside, `rows` rows are added to `tables`: indexes are rebuilt afterwards where that is cheaper."""

    @abstractmethod
    def set_srid(self, db: sa.Connection, epsg: int) -> None:
        """Make the geometry columns hold the plane `epsg`; the tables are empty."""

    @abstractmethod
    def log_commit(self, db: sa.Connection, row: Mapping[str, str], fixes: int) -> tuple[int, int]:
        """The end of a writing transaction: number it, log it, wake everyone who watches once it is committed.

        `row`: the log's columns but for the numbers. `fixes` were appended. Returns the commit's sequence number and
        the data version.
        """

    @abstractmethod
    def waker(self) -> Waker:
        """A new waker for one watch."""

    @abstractmethod
    def problems(self, db: sa.Connection) -> list[str]:
        """What the engine itself finds wrong with its pages, in words."""

    def close(self) -> None:
        """Close every connection."""
        self.sa_engine.dispose()


def busy_s() -> float:
    """Seconds that a writer waits for another one."""
    return float(os.environ.get(BUSY_ENV, BUSY_S))


def driver_error(error: BaseException) -> BaseException:
    """The driver's own error inside SQLAlchemy's."""
    original = getattr(error, "orig", None)
    return original if isinstance(original, BaseException) else error


def chunks(rows: int, progress: Progress) -> Iterator[tuple[int, int]]:
    """(start, end) of `CHUNK_ROWS` rows each; asks whether to go on before each."""
    for start in range(0, rows, CHUNK_ROWS):
        progress.report(start / rows)
        yield start, min(start + CHUNK_ROWS, rows)


def folded(column: Column) -> Column:
    """One value instead of a column that holds nothing else: it is then written once, not bound row by row.

    NaN stands for a missing number, so a column of nothing else becomes None.
    """
    if isinstance(column, np.ndarray) and column.size:
        if column.dtype.kind in "iu" and (column == column[0]).all():
            return int(column[0])
        if column.dtype.kind == "f" and np.isnan(column[0]) and np.isnan(column).all():
            return None
    if isinstance(column, list) and column:
        first: str | None = column[0]
        if first in ("", None) and column.count(first) == len(column):
            return first
    return column


Slice = Callable[[int, int, int], list[Any]]


def slicer(column: np.ndarray | Sequence[Any]) -> Slice:
    """A function giving every `step`-th row of start..end as Python values, so that no whole column is copied."""
    if isinstance(column, np.ndarray):
        return lambda start, end, step: column[start:end:step].tolist()
    return lambda start, end, step: list(column[start:end:step])
