"""Rows as pages: SQLite finds the image sound and reads back what went in, whatever the values."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from data.engines import bulk_rows, row_image
from data.engines.bulk_rows import insert, let_go
from data.engines.row_image import image
from data.tables import component
from kernel.progress import Silent

CREATE = (
    "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER, b REAL, c TEXT, d BLOB, e TEXT, f INTEGER)"
)
WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.just("备注" * 40)
)


def read_back(made: Any) -> list[tuple[Any, ...]]:
    """Rows of the image, after SQLite's own check of it and a copy into another database."""
    driver = sqlite3.connect(":memory:")
    driver.execute(CREATE)
    driver.execute("ATTACH ':memory:' AS i")
    driver.deserialize(made, name="i")
    assert driver.execute("PRAGMA i.integrity_check").fetchall() == [("ok",)]
    driver.execute("INSERT INTO main.t SELECT * FROM i.t")
    assert driver.execute("PRAGMA main.integrity_check").fetchall() == [("ok",)]
    return driver.execute("SELECT * FROM t ORDER BY id").fetchall()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(60, 400), st.integers(0, 2**27))
def test_that_any_values_come_back_as_they_were(data: st.DataObject, rows: int, first_key: int) -> None:
    few = data.draw(st.lists(st.tuples(WHOLE, st.floats(allow_nan=False), TEXT, st.binary(max_size=300), TEXT), min_size=1,
                             max_size=8))  # fmt: skip
    a, b, c, d, e = (list(column) for column in zip(*(few[k % len(few)] for k in range(rows)), strict=True))
    keys = first_key + np.cumsum(np.random.default_rng(rows).integers(1, 50, rows))
    made = image(CREATE, keys, [np.array(a, "i8"), np.array(b), c, d, e, 7])
    if made is None:  # few short rows fit on a page
        assert sum(len(x or b"") for x in d) < 2 * 4096
        return
    assert read_back(made) == list(zip(keys.tolist(), a, b, c, d, e, [7] * rows, strict=True))


@pytest.mark.parametrize("rows", [300, 5_000, 22_000, 200_000])
@pytest.mark.parametrize("ragged", [False, True])
def test_that_a_tree_of_several_levels_is_sound(rows: int, ragged: bool) -> None:
    texts = [f"{k:017d}" + "x" * (k % 7 if ragged else 0) for k in range(rows)]
    numbers = np.arange(rows) % 30_000 - 15_000
    made = image(CREATE, np.arange(1, rows + 1), [numbers, numbers / 3, texts, None, "", 1])
    assert made is not None
    found = read_back(made)
    assert len(found) == rows
    assert [row[3] for row in found] == texts
    assert [row[1] for row in found] == numbers.tolist()


@pytest.mark.parametrize(
    "columns",
    [
        [np.array([np.nan] * 300), 2, "", None, "", 1],
        [1, 2, ["ä\ud800"] * 300, None, "", 1],
        [1, 2, ["x" * 5_000] * 300, None, "", 1],
        [1, 2, ["x"] * 299 + ["x" * 2**27], None, "", 1],
        [1, 2, [1, "x"] * 150, None, "", 1],
    ],
)
def test_that_what_is_not_simple_has_no_image(columns: list[Any]) -> None:
    assert image(CREATE, np.arange(300), columns) is None


def test_that_an_image_stays_below_the_page_of_sqlites_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [1, 2, [f"{k:090d}" for k in range(300)], None, "", 1]
    assert image(CREATE, np.arange(300), columns) is not None
    monkeypatch.setattr(row_image, "MOST_BYTES", 300 * 90)
    assert image(CREATE, np.arange(300), columns) is None


def test_that_keys_must_rise() -> None:
    columns = [1, 2, ["x" * 90] * 300, None, "", 1]
    assert image(CREATE, np.arange(300), columns) is not None
    assert image(CREATE, np.arange(300)[::-1], columns) is None
    assert image(CREATE, np.zeros(300, "i8"), columns) is None
    assert image(CREATE, np.arange(300) - 5, columns) is None


def stored_columns(rows: int) -> dict[str, Any]:
    columns: dict[str, Any] = {column.name: np.arange(rows) % 90 for column in component.columns}
    columns |= dict.fromkeys(("location", "note", "extra"), "")
    columns |= {
        "component_id": np.arange(1, rows + 1),
        "x": np.arange(rows) / 3,
        "y": np.arange(rows) / 7,
        "shape": None,
    }
    return columns | {
        "code": [f"{k:017d}" for k in range(rows)],
        "note": [f"第 {k} 号" * (k % 3) for k in range(rows)],
    }


@pytest.fixture
def driver(tmp_path: Path) -> sqlite3.Connection:
    """A file with the component table and its index, in a transaction."""
    driver = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    driver.execute("PRAGMA journal_mode = WAL")
    driver.execute(str(sa.schema.CreateTable(component).compile(dialect=sa.dialects.sqlite.dialect())))
    driver.execute("CREATE UNIQUE INDEX component_code ON component (code)")
    driver.execute("BEGIN IMMEDIATE")
    return driver


def test_that_a_roll_back_leaves_nothing_and_the_images_go(driver: sqlite3.Connection) -> None:
    assert insert(driver, component, stored_columns(250_000), 250_000, Silent()) == 250_000
    assert driver.execute("SELECT count(*), max(component_id) FROM component").fetchone() == (
        250_000,
        250_000,
    )
    driver.execute("ROLLBACK")
    let_go(driver)
    assert [row[1] for row in driver.execute("PRAGMA database_list")] == ["main"]
    assert driver.execute("SELECT count(*) FROM component").fetchone() == (0,)
    assert driver.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_that_a_code_that_is_there_already_is_refused_as_ever(driver: sqlite3.Connection) -> None:
    columns = stored_columns(30_000)
    insert(driver, component, columns, 30_000, Silent())
    with pytest.raises(sqlite3.IntegrityError, match=r"component\.code"):
        insert(
            driver, component, columns | {"component_id": columns["component_id"] + 30_000}, 30_000, Silent()
        )


def test_that_nothing_missing_comes_in_where_something_must_be(driver: sqlite3.Connection) -> None:
    columns = stored_columns(30_000)
    assert insert(driver, component, columns | {"note": None}, 30_000, Silent()) == 0
    assert insert(driver, component, columns | {"note": ["x"] * 29_999 + [None]}, 30_000, Silent()) == 0


def test_that_rows_before_the_first_that_does_not_fit_are_kept(
    driver: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_rows, "ROWS_PER_IMAGE", 10_000)
    columns = stored_columns(30_000)
    columns["note"][25_000] = "长" * 3_000
    assert insert(driver, component, columns, 30_000, Silent()) == 20_000
