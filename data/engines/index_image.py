"""The b-tree of a unique index over one column of texts, as `data.engines.row_image` makes that of the table.

SQLite copies it record by record with the table's; sorting the texts itself takes it three times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.engines.row_cells import Bytes, Cells, field, numbers, put
from data.engines.tree_image import INNER_HEAD, LEAF_HEAD, PAGE, Tree, big_endian, lay_out, scatter

_LEAF, _INNER = 10, 2
_LONGEST: Final = 200  # bytes of an entry; far below what would leave the page
_POINTER: Final = 2
_CHILD: Final = 4
_DIGITS: Final = 18  # so many fit a whole number


class IndexTree(Tree):
    """Entries (text, key) in ascending order: on leaf pages, and one on an inner page between two leaves."""

    def __init__(self, order: np.ndarray, cells: Cells) -> None:
        self._order, self._cells = order, cells
        per_leaf = (PAGE - LEAF_HEAD) // (int(cells.sizes.max()) + _POINTER)
        leaves = -(-(len(order) + 1) // (per_leaf + 1))
        most = (PAGE - INNER_HEAD) // (int(cells.sizes.max()) + _POINTER + _CHILD) + 1
        super().__init__(leaves, most)

    @classmethod
    def of(cls, texts: Sequence[Any], keys: np.ndarray) -> Self | None:
        """The index of `texts` (None for none) with the table's `keys`; None where a text stands twice or is too long."""
        order, entry = _ascending(texts), (field(texts), numbers(keys))
        if order is None or entry[0] is None or entry[1] is None:
            return None
        cells = Cells(len(keys), [entry[0], entry[1]])
        tree = cls(order, cells) if cells.longest <= _LONGEST else None
        return tree if tree is not None and tree.leaves > 1 else None

    def write_leaves(self, pages: Bytes) -> np.ndarray:
        """See the base class."""
        leaves, entries = len(pages), len(self._order)
        per_page = np.diff(np.arange(leaves + 1) * (entries - leaves + 1) // leaves)
        dividers = np.cumsum(per_page[:-1]) + np.arange(leaves - 1)
        rows = np.delete(self._order, dividers)
        at = lay_out(pages, _LEAF, per_page, self._cells.sizes[rows])
        scatter(pages, at, self._cells, rows)
        between: np.ndarray = self._order[dividers]
        return between

    def write_inner(
        self, pages: Bytes, per_page: np.ndarray, children: np.ndarray, dividers: np.ndarray
    ) -> None:
        """See the base class."""
        at = lay_out(pages, _INNER, per_page, self._cells.sizes[dividers] + _CHILD)
        scatter(pages, put(pages.reshape(-1), at, [big_endian(children, _CHILD)]), self._cells, dividers)


def _ascending(texts: Sequence[Any]) -> np.ndarray | None:
    """The texts' places in ascending order of their bytes, None first; None where one stands twice or is no text."""
    try:
        whole = pa.array(texts)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    if not pa.types.is_string(whole.type):
        return None
    digits = _digits(whole)
    if digits is not None:
        order = np.argsort(digits)
        return None if (np.diff(digits[order]) == 0).any() else order
    places = pc.sort_indices(whole)
    ordered = whole.take(places)
    repeated = pc.any(pc.equal(ordered[1:], ordered[:-1])).as_py()
    return None if repeated else np.roll(np.asarray(places).astype("i8"), whole.null_count)


def _digits(whole: pa.Array) -> np.ndarray | None:
    """The texts as whole numbers where all are digits and equally long, so that numbers sort as the texts do."""
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, "i4", len(whole) + 1)
    lengths = np.diff(bounds)
    if whole.null_count or not 0 < lengths[0] <= _DIGITS or (lengths != lengths[0]).any():
        return None
    letters = np.frombuffer(data, "u1")[bounds[0] : bounds[-1]]
    if letters.min() < ord("0") or letters.max() > ord("9"):
        return None
    return np.asarray(whole.cast(pa.int64()))
