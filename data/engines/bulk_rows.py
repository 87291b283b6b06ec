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
    names = [str(row[1]) for row in driver.execute(f'PRAGMA main.table_info("{table.name}")')]
    free = MOST_IMAGES - len(_attached(driver))
    if free < 1 or not _is_simple(table, names, columns) or not hasattr(driver, "deserialize"):
        return 0
    (create,) = driver.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", (table.name,)).fetchone()
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
