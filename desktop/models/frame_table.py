"""A table over the columns of a frame: no object per row, so a million rows cost what their columns cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from desktop.words import Wording, Words

Index = QModelIndex | QPersistentModelIndex
TINT_ROLE = Qt.ItemDataRole.UserRole + 1
MARK_ROLE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class Column:
    """One column of a table: the frame's column, its heading, how a value is written.

    `right` aligns figures right; `tint` marks the column that a finding is about; `mark(value)` gives a mark's
    (shape, role) drawn before the text; `stretch` takes the room that is left.
    """

    key: str
    heading: Wording
    write: Callable[[Any], Wording] | None = None
    right: bool = False
    width: int = 0
    tint: bool = False
    stretch: bool = False
    mark: Callable[[Any], tuple[str, str] | None] | None = None


class FrameTable(QAbstractTableModel):
    """Rows of a frame, read on demand; sorting reorders an index array, never the frame."""

    def __init__(self, words: Words, columns: list[Column], frame: pd.DataFrame | None = None) -> None:
        super().__init__()
        self._words = words
        self.columns = columns
        self._frame = pd.DataFrame()
        self._values: dict[str, Any] = {}
        self._order = np.zeros(0, "i8")
        words.changed.connect(self._retranslate)
        self.show_frame(pd.DataFrame() if frame is None else frame)

    @property
    def frame(self) -> pd.DataFrame:
        """The frame shown, in its own order."""
        return self._frame

    def show_frame(self, frame: pd.DataFrame, columns: list[Column] | None = None) -> None:
        """Replace the rows (and the columns)."""
        self.beginResetModel()
        self.columns = self.columns if columns is None else columns
        self._frame = frame
        self._values = {column.key: frame[column.key].array for column in self.columns if column.key in frame}
        self._order = np.arange(len(frame))
        self.endResetModel()

    def record(self, row: int) -> pd.Series:
        """The frame's row shown at `row`."""
        return self._frame.iloc[int(self._order[row])]

    def position(self, row: int) -> int:
        """Where the shown `row` stands in the frame."""
        return int(self._order[row])

    def row_of(self, position: int) -> int:
        """Where the frame's `position` is shown, -1 when it is not."""
        found = np.flatnonzero(self._order == position)
        return int(found[0]) if len(found) else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == TINT_ROLE:
            return column.tint
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, MARK_ROLE):
            return None
        value = self._value(column, index.row())
        if role == MARK_ROLE:
            return column.mark(value) if column.mark else None
        return self._written(column, value)

    def drawn(self, row: int, column: int) -> tuple[str, tuple[str, str] | None, bool, int]:
        """What a delegate draws of a cell, in one question: text, mark, tint, alignment."""
        of = self.columns[column]
        value = self._value(of, row)
        mark = of.mark(value) if of.mark else None
        return self._written(of, value), mark, of.tint, _alignment(of)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(self.columns[section].heading)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        key = self.columns[column].key if 0 <= column < len(self.columns) else ""
        self.layoutAboutToBeChanged.emit()
        if key in self._frame:
            self._order = np.argsort(_sortable(self._frame[key]), kind="stable")
        else:
            self._order = np.arange(len(self._frame))
        if order == Qt.SortOrder.DescendingOrder:
            self._order = self._order[::-1]
        self.layoutChanged.emit()

    def _value(self, column: Column, row: int) -> Any:
        values = self._values.get(column.key)
        return "" if values is None else values[int(self._order[row])]

    def _written(self, column: Column, value: Any) -> str:
        if column.write is not None:
            return self._words(column.write(value))
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return ""
        return str(value)

    def _retranslate(self) -> None:
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if len(self._order) and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self.columns) - 1))


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _sortable(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        ranks = values.cat.categories.argsort().argsort()
        return np.where(values.cat.codes < 0, -1, ranks[values.cat.codes])
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        return values.fillna("").astype(str).rank(method="first").to_numpy()
    return values.to_numpy()
