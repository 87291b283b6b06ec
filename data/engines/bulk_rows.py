"""Very many rows into a SQLite table by way of images in memory, which stay attached until the transaction has ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from data.engines.engine import Column, folded
from data.engines.row_image import image
from kernel.progress import Progress

MOST_IMAGES = 8  # SQLite attaches ten databases at most
ROWS_PER_IMAGE = 100_000
MOST_WITH_INDEX = 2_000_000  # more rows would take too much memory in one piece
_NAME = "rows_"


def insert(
    driver: sqlite3.Connection,
    table: sa.Table,
    columns: Mapping[str, Column],
    rows: int,
    progress: Progress,
) -> int:
    """Append rows as long as they fit the simple case of `data.engines.row_image`; how many of them, from the first on.

    The table's key must be its first column. Cancel is heard between images.
    """
    names = _column_names(driver, table)
    free = MOST_IMAGES - len(_attached(driver))
    if free < 1 or not _is_simple(table, names, columns) or not hasattr(driver, "deserialize"):
        return 0
    create = _statement(driver, table.name)
    keys, *given = [folded(columns[name]) for name in names]
    per_image = max(ROWS_PER_IMAGE, -(-rows // free))
    for start in range(0, rows, per_image):
        progress.report(start / rows)
        end = min(start + per_image, rows)
        made = image(create, part(keys, start, end), [part(column, start, end) for column in given])
        if made is None:
            return start
        _copy(driver, table.name, made)
    return rows


def insert_with_index(
    driver: sqlite3.Connection, table: sa.Table, columns: Mapping[str, Column], rows: int
) -> bool:
    """Fill an empty table together with its only index, a unique one over one column; False where that cannot be.

    SQLite then copies the index as well and need not sort it. Cancel is not heard meanwhile.
    """
    names, index = _column_names(driver, table), _only_index(driver, table)
    free = len(_attached(driver)) < MOST_IMAGES and hasattr(driver, "deserialize")
    if not free or index is None or rows > MOST_WITH_INDEX or not _is_simple(table, names, columns):
        return False
    if driver.execute(f'SELECT 1 FROM main."{table.name}" LIMIT 1').fetchone():
        return False
    name, column = index
    keys, *given = [folded(columns[name]) for name in names]
    place = names.index(column) - 1
    if not isinstance(given[place], list):  # nor a list of nothing but None, which was folded
        return False
    ordered = (_statement(driver, name), place)
    made = image(_statement(driver, table.name), keys, given, ordered)
    if made is None:
        return False
    _copy(driver, table.name, made)
    return True


def _column_names(driver: sqlite3.Connection, table: sa.Table) -> list[str]:
    return [str(row[1]) for row in driver.execute(f'PRAGMA main.table_info("{table.name}")')]


def _only_index(driver: sqlite3.Connection, table: sa.Table) -> tuple[str, str] | None:
    """Name and column of the table's index where it has a single one, unique, whole and over one column."""
    found = driver.execute(f'PRAGMA main.index_list("{table.name}")').fetchall()
    if len(found) != 1 or not found[0][2] or found[0][3] != "c" or found[0][4]:
        return None
    over = driver.execute(f'PRAGMA main.index_info("{found[0][1]}")').fetchall()
    return (str(found[0][1]), str(over[0][2])) if len(over) == 1 else None


def _statement(driver: sqlite3.Connection, name: str) -> str:
    """What made the table or index."""
    (create,) = driver.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", (name,)).fetchone()
    return str(create)


def part(column: Column, start: int, end: int) -> Any:
    """Some rows of a column; one value for all rows stays as it is."""
    return column[start:end] if isinstance(column, np.ndarray | list) else column


def let_go(driver: sqlite3.Connection) -> None:
    """Detach the images of a transaction that has ended."""
    for name in _attached(driver):
        driver.execute(f"DETACH {name}")


def _copy(driver: sqlite3.Connection, table: str, made: memoryview) -> None:
    name = f"{_NAME}{len(_attached(driver))}"
    driver.execute(f"ATTACH ':memory:' AS {name}")
    driver.deserialize(made, name=name)
    driver.execute(f'INSERT INTO main."{table}" SELECT * FROM {name}."{table}"')


def _attached(driver: sqlite3.Connection) -> list[str]:
    return [str(row[1]) for row in driver.execute("PRAGMA database_list") if str(row[1]).startswith(_NAME)]


def _is_simple(table: sa.Table, names: list[str], columns: Mapping[str, Column]) -> bool:
    """Whether the file's table is as we know it and nothing is missing where something must be.

    SQLite copies an image as it is, without asking its rules again.
    """
    by_key = [column.name for column in table.primary_key] == names[:1]
    if not by_key or set(names) != set(columns) or not isinstance(columns[names[0]], np.ndarray):
        return False
    needed = [columns[column.name] for column in table.columns if not column.nullable]
    return not any(column is None or (isinstance(column, list) and None in column) for column in needed)
