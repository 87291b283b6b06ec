"""The pages of a SQLite b-tree, built from the leaves up, all pages of a level at once.

After https://www.sqlite.org/fileformat2.html. Tables and indexes differ in their cells only: `data.engines.row_image`,
`data.engines.index_image`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from data.engines.row_cells import Bytes, Cells

PAGE: Final = 4096
LEAF_HEAD: Final = 8
INNER_HEAD: Final = 12
_RIGHTMOST: Final = slice(8, 12)  # in the head of an inner page: its last child
_INNER_KINDS: Final = (2, 5)
_BLOCK_ROWS: Final = 65_536
_WORKERS: Final = 2


class Tree(ABC):
    """A b-tree with `leaves` leaf pages, two at least, below inner pages of `most` children each.

    `pages`: how many pages it takes beside its root.
    """

    def __init__(self, leaves: int, most: int) -> None:
        self.leaves = leaves
        self._inner = _levels(leaves, most)
        self.pages = leaves + sum(self._inner)

    def write(self, root: Bytes, pages: Bytes, number: int) -> None:
        """Fill `root` (uint8[1, PAGE]) and `pages`, the first of which has the page number `number`."""
        at = self.leaves
        between = self.write_leaves(pages[:at])
        children = number + np.arange(at)
        for count in (*self._inner, 1):
            level = root if at == self.pages else pages[at : at + count]
            bounds = np.arange(count + 1) * len(children) // count  # evenly: no page has a single child
            lasts = bounds[1:] - 1
            level[:, _RIGHTMOST] = big_endian(children[lasts], 4)
            others = np.delete(np.arange(len(children)), lasts)
            self.write_inner(level, np.diff(bounds) - 1, children[others], between[others])
            between, children = between[lasts[:-1]], number + at + np.arange(count)
            at += count

    @abstractmethod
    def write_leaves(self, pages: Bytes) -> np.ndarray:
        """Fill the leaf pages; the row that divides each of them from the next."""

    @abstractmethod
    def write_inner(
        self, pages: Bytes, per_page: np.ndarray, children: np.ndarray, dividers: np.ndarray
    ) -> None:
        """Fill the pages of one level but for the last child of each: `per_page` children, and what divides each from
        the next.
        """


def _levels(leaves: int, most: int) -> list[int]:
    """How many pages each level between leaves and root has."""
    levels, count = [], leaves
    while count > most:
        count = -(-count // most)
        levels.append(count)
    return levels


def lay_out(pages: Bytes, kind: int, per_page: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Write heads and cell pointers for cells of `sizes` bytes, `per_page` on each page, at its end in ascending order;
    where each cell belongs, counted from the first byte of the first page.
    """
    head = INNER_HEAD if kind in _INNER_KINDS else LEAF_HEAD
    lasts = np.cumsum(per_page)
    ends = np.cumsum(sizes)
    last_end = ends[lasts - 1]
    pages[:, 0] = kind
    pages[:, 3:5] = big_endian(per_page, 2)
    pages[:, 5:7] = big_endian(PAGE - np.diff(last_end, prepend=0), 2)
    # The last cell of a page ends where the page does, so every cell lies as far before that as in the row of all.
    number = np.arange(len(per_page))
    at: np.ndarray = ends - sizes + np.repeat(PAGE * (number + 1) - last_end, per_page)
    nth = np.arange(len(sizes)) + np.repeat((PAGE * number + head) // 2 - lasts + per_page, per_page)
    pages.reshape(-1).view(">u2")[nth] = at % PAGE
    return at


def scatter(pages: Bytes, at: np.ndarray, cells: Cells, rows: np.ndarray | None = None) -> None:
    """Write the cells of `rows`, by default of all, to their places; numpy moves bytes without the interpreter."""
    out = pages.reshape(-1)

    def some(first: int) -> None:
        block = slice(first, min(first + _BLOCK_ROWS, len(at)))
        cells.scatter(out, at[block], block if rows is None else rows[block])

    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(some, range(0, len(at), _BLOCK_ROWS)))


def big_endian(values: np.ndarray, size: int) -> Bytes:
    """Whole numbers as `size` bytes each: uint8[n, size]."""
    return np.ascontiguousarray(values.astype(f">u{size}")).view("u1").reshape(-1, size)
