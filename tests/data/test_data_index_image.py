"""A table and its unique index as pages: SQLite finds both sound, takes them as they are, and knows when it may not."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from data.engines import bulk_rows
from data.engines.bulk_rows import insert_with_index
from data.engines.row_image import image
from data.tables import component, component_history

TABLE = "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, code TEXT, note TEXT)"
INDEX = "CREATE UNIQUE INDEX t_code ON t (code)"
CODE = st.one_of(
    st.none(), st.text("0123456789", min_size=16, max_size=18), st.text("网Aé0 ", min_size=0, max_size=40)
)


def made_of(codes: list[str | None], first_key: int = 1) -> memoryview | None:
    keys = first_key + np.arange(len(codes)) * 3
    return image(TABLE, keys, [codes, ["备注" * 9] * len(codes)], (INDEX, 0))


def copied(made: memoryview) -> sqlite3.Connection:
    """Another database with the image's rows, after SQLite's own check of both."""
    driver = sqlite3.connect(":memory:", isolation_level=None)
    driver.execute(TABLE)
    driver.execute(INDEX)
    driver.execute("ATTACH ':memory:' AS i")
    driver.deserialize(made, name="i")
    assert driver.execute("PRAGMA i.integrity_check").fetchall() == [("ok",)]
    driver.execute("INSERT INTO main.t SELECT * FROM i.t")
    assert driver.execute("PRAGMA main.integrity_check").fetchall() == [("ok",)]
    return driver


def by_index(driver: sqlite3.Connection) -> list[tuple[int, str | None]]:
    asked = "SELECT id, code FROM t INDEXED BY t_code ORDER BY code, id"
    assert "USING COVERING INDEX t_code" in str(driver.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall())
    return driver.execute(asked).fetchall()


@settings(max_examples=40, deadline=None)
@given(st.lists(CODE, max_size=60), st.integers(400, 900), st.integers(0, 2**27))
def test_that_any_codes_are_found_by_the_index(some: list[str | None], rows: int, first_key: int) -> None:
    codes = [*some, *(f"x{number}" for number in range(rows - len(some)))]
    random.Random(rows).shuffle(codes)
    made = made_of(codes, first_key)
    given_ = [code for code in codes if code is not None]
    if len(set(given_)) < len(given_):
        assert made is None
        return
    assert made is not None
    keys = [first_key + 3 * number for number in range(rows)]
    wanted = sorted(zip(keys, codes, strict=True), key=lambda row: ((row[1] or "").encode() if row[1] is not None else b"",
                                                                    row[1] is not None, row[0]))  # fmt: skip
    wanted = [row for row in wanted if row[1] is None] + [row for row in wanted if row[1] is not None]
    assert by_index(copied(made)) == wanted


@pytest.mark.parametrize("rows", [700, 5_000, 33_333, 120_000])
@pytest.mark.parametrize("ragged", [False, True])
def test_that_an_index_of_several_levels_serves_later_writes(rows: int, ragged: bool) -> None:
    codes: list[str | None] = [
        f"{(k * 7_919) % rows:017d}" + "x" * (k % 5 if ragged else 0) for k in range(rows)
    ]
    made = made_of(codes)
    assert made is not None
    driver = copied(made)
    assert [code for _, code in by_index(driver)] == sorted(code for code in codes if code)
    with pytest.raises(sqlite3.IntegrityError):
        driver.execute("INSERT INTO t VALUES (0, ?, '')", (codes[rows // 2],))
    driver.execute("DELETE FROM t WHERE id % 2 = 0")
    driver.execute("INSERT INTO t SELECT id + 10000000, code || 'y', note FROM t")
    assert driver.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("codes", [["7" * 300], ["a", "b", 3], ["ä\ud800"], [b"x"]])
def test_that_texts_that_do_not_fit_have_no_index(codes: list[Any]) -> None:
    assert made_of([*codes, *(f"{number:017d}" for number in range(900))]) is None


def columns_of(rows: int, table: sa.Table = component) -> dict[str, Any]:
    columns: dict[str, Any] = {column.name: np.arange(rows) % 90 for column in table.columns}
    columns |= dict.fromkeys(("location", "note", "extra"), "") | {"shape": None}
    places = {"component_id": np.arange(1, rows + 1), "x": np.arange(rows) / 3, "y": np.arange(rows) / 7}
    return columns | places | {"code": [f"{(k * 7_919) % rows:017d}" for k in range(rows)]}


@pytest.fixture
def driver(tmp_path: Path) -> sqlite3.Connection:
    """A file with the tables of components, in a transaction."""
    driver = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    driver.execute("PRAGMA journal_mode = WAL")
    for table in (component, component_history):
        driver.execute(str(sa.schema.CreateTable(table).compile(dialect=sa.dialects.sqlite.dialect())))
    driver.execute("CREATE UNIQUE INDEX component_code ON component (code)")
    driver.execute("BEGIN IMMEDIATE")
    return driver


def test_that_an_empty_table_is_filled_with_its_index(driver: sqlite3.Connection) -> None:
    columns = columns_of(30_000)
    columns["code"][5:9] = [None] * 4
    assert insert_with_index(driver, component, columns, 30_000)
    driver.execute("COMMIT")
    bulk_rows.let_go(driver)
    assert driver.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = driver.execute("SELECT component_id FROM component WHERE code = ?", (columns["code"][77],))
    assert found.fetchall() == [(78,)]


def test_that_it_is_left_to_sqlite_where_the_index_has_to_be_asked(
    driver: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = columns_of(30_000)
    twice = columns | {"code": [*columns["code"][:-1], columns["code"][0]]}
    assert not insert_with_index(driver, component, twice, 30_000)
    bare = columns | {"code": [None] * 30_000}
    assert not insert_with_index(driver, component, bare, 30_000)  # a delivery whose codes are given later
    history = columns_of(30_000, component_history)
    assert not insert_with_index(driver, component_history, history, 30_000)  # it has no such index
    monkeypatch.setattr(bulk_rows, "MOST_WITH_INDEX", 29_999)
    assert not insert_with_index(driver, component, columns, 30_000)
    monkeypatch.undo()
    assert driver.execute("SELECT count(*) FROM component").fetchone() == (0,)
    assert insert_with_index(driver, component, columns, 30_000)
    later = columns | {"component_id": columns["component_id"] + 30_000}
    assert not insert_with_index(driver, component, later, 30_000)  # no longer empty
