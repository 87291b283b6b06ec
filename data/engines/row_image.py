"""Many rows as the pages of a small SQLite database in memory, from which SQLite itself copies them into a store.

Binding a row costs more than everything SQLite then does with it. So the rows are encoded column by column into the
documented file format (https://www.sqlite.org/fileformat2.html: record format, b-tree pages), and the image is attached
and read by `INSERT INTO … SELECT *`, which moves whole records from tree to tree inside our transaction. The store's own
pages are written by SQLite alone. What does not fit the simple case gives no image, and the caller inserts row by row:
keys not ascending, a row that does not fit on a page, a text that is no text, hardly any rows.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from data.engines.index_image import IndexTree
from data.engines.row_cells import LONGEST_ROW, Bytes, Cells, field, put, varint
from data.engines.tree_image import LEAF_HEAD, PAGE, Tree, big_endian, lay_out, scatter

MOST_BYTES: Final = 2**29  # SQLite's locks lie on the page at 1 GiB, which an image would have to leave out
_INNER_CELLS: Final = 240
_LEAF, _INNER = 13, 5
_AUTO_VACUUM: Final = slice(52, 56)
_PAGES: Final = slice(28, 32)
_POINTER: Final = 2


def image(
    create: str, keys: np.ndarray, columns: Sequence[Any], index: tuple[str, int] | None = None
) -> memoryview | None:
    """A database with one table made by `create`, filled with rows; None where they do not fit the simple case.

    `keys`: the table's INTEGER PRIMARY KEY, its first column, ascending; `columns`: the others in order, each an array of
    whole or real numbers, a list of texts, of bytes or None, or one value for all rows. `index`: the statement that makes
    a unique index of the table, and which of `columns` it is over, one of texts.
    """
    if not len(keys) or (np.diff(keys) <= 0).any() or keys[0] < 0 or keys[-1] >= 2**28:
        return None
    empty = _empty(create, *([] if index is None else index[:1]))
    if any(empty[_AUTO_VACUUM]) or len(empty) != (2 if index is None else 3) * PAGE:
        return None
    fields = [field(column) for column in columns]
    if any(each is None for each in fields):
        return None
    rows = Cells(len(keys), [field(None), *fields], keys)  # type: ignore[list-item]
    if rows.longest > LONGEST_ROW or not 2 * PAGE <= int(rows.sizes.sum()) <= MOST_BYTES:
        return None
    trees: list[Tree] = [_RowTree(keys, rows)]
    if index is not None:
        ordered = IndexTree.of(columns[index[1]], keys)
        if ordered is None:
            return None
        trees.append(ordered)
    return _database(empty, trees)


def _empty(*statements: str) -> bytes:
    """The empty database: its first page holds the schema, the others are the empty roots of its trees."""
    connection = sqlite3.connect(":memory:")
    try:
        for statement in statements:
            connection.execute(statement)
        return connection.serialize()
    finally:
        connection.close()


def _database(empty: bytes, trees: Sequence[Tree]) -> memoryview:
    """The roots in the places of the empty ones, behind them the other pages of one tree after the other."""
    bounds = np.cumsum([1 + len(trees), *(tree.pages for tree in trees)]).tolist()
    pages = np.zeros((bounds[-1], PAGE), "u1")
    pages[0] = np.frombuffer(empty, "u1", PAGE)
    pages[0, _PAGES] = np.frombuffer(len(pages).to_bytes(4, "big"), "u1")
    for root, (tree, (first, last)) in enumerate(zip(trees, pairwise(bounds), strict=True), start=1):
        tree.write(pages[root : root + 1], pages[first:last], first + 1)
    return pages.reshape(-1).data


class _RowTree(Tree):
    """The b-tree of a table: rows on leaf pages, on inner pages the largest keys of what lies below."""

    def __init__(self, keys: np.ndarray, rows: Cells) -> None:
        self._keys, self._rows = keys, rows
        self._firsts = _first_rows(rows.sizes + _POINTER)
        super().__init__(len(self._firsts), _INNER_CELLS)

    def write_leaves(self, pages: Bytes) -> np.ndarray:
        """See the base class."""
        per_page = np.diff(np.r_[self._firsts, len(self._keys)])
        scatter(pages, lay_out(pages, _LEAF, per_page, self._rows.sizes), self._rows)
        return self._firsts[1:] - 1

    def write_inner(
        self, pages: Bytes, per_page: np.ndarray, children: np.ndarray, dividers: np.ndarray
    ) -> None:
        """See the base class."""
        keys = varint(self._keys[dividers])
        at = lay_out(pages, _INNER, per_page, np.full(len(dividers), 4 + keys.shape[1]))
        put(pages.reshape(-1), at, [big_endian(children, 4), keys])


def _first_rows(sizes: np.ndarray) -> np.ndarray:
    """The first row of each leaf page: as many as fit, `sizes` bytes each."""
    room, ends = PAGE - LEAF_HEAD, np.cumsum(sizes).tolist()
    firsts, row, before = [], 0, 0
    while row < len(ends):
        firsts.append(row)
        row = bisect_right(ends, before + room, row)
        before = ends[row - 1]
    return np.array(firsts)
