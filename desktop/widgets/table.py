"""The table of every page: fixed rows, one selection, copies rows that paste into a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop.look import Look
from desktop.models.frame_table import FrameTable
from desktop.widgets.marks import draw_mark
from resources.styles import SIZES, mix

MOST_COPIED = 100_000


class Table(QTableView):
    """A view on a `FrameTable`. Enter or double click opens a row."""

    opened = Signal(int)  # position in the frame
    row_chosen = Signal(int)  # position in the frame, -1 when nothing is chosen

    def __init__(self, look: Look, model: FrameTable) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(RowDelegate(look, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(SIZES.space["table_row"])
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setSectionsClickable(True)
        heads.setSortIndicatorClearable(True)
        heads.sectionClicked.connect(self._sort)
        self.doubleClicked.connect(lambda index: self.opened.emit(model.position(index.row())))
        self.selectionModel().currentRowChanged.connect(self._tell)
        model.modelReset.connect(self.fit_columns)
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Give every column its declared width; the stretching one takes the rest."""
        heads = self.horizontalHeader()
        for place, column in enumerate(self._model.columns):
            stretch = QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.Interactive
            heads.setSectionResizeMode(place, stretch)
            if column.width and not column.stretch:
                self.setColumnWidth(place, column.width)

    def choose(self, position: int) -> None:
        """Choose the frame's row `position` and bring it into view."""
        shown = self._model.row_of(position)
        if shown >= 0:
            self.selectRow(shown)
            self.scrollTo(self._model.index(shown, 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def chosen(self) -> int:
        """The chosen row's position in the frame, -1 when nothing is chosen."""
        rows = self.selectionModel().selectedRows()
        return self._model.position(rows[0].row()) if rows else -1

    def chosen_rows(self) -> list[int]:
        """All chosen rows' positions in the frame."""
        return [self._model.position(index.row()) for index in self.selectionModel().selectedRows()]

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self._model.position(self.currentIndex().row()))
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        """Put the chosen rows on the clipboard, with headings, parted by tabs."""
        columns = range(self._model.columnCount())
        lines = ["\t".join(str(self._model.headerData(c, Qt.Orientation.Horizontal)) for c in columns)]
        for index in self.selectionModel().selectedRows()[:MOST_COPIED]:
            lines.append("\t".join(str(index.siblingAtColumn(c).data() or "") for c in columns))
        QApplication.clipboard().setText("\n".join(lines))

    def _sort(self, section: int) -> None:
        ascending = Qt.SortOrder.AscendingOrder
        again = self._sorted == (section, ascending)
        order = Qt.SortOrder.DescendingOrder if again else ascending
        self._sorted = (section, order)
        self.horizontalHeader().setSortIndicatorShown(True)
        self.horizontalHeader().setSortIndicator(section, order)
        self._model.sort(section, order)

    def _tell(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.row_chosen.emit(self._model.position(current.row()) if current.isValid() else -1)


class RowDelegate(QStyledItemDelegate):
    """Draws a cell: hairline under the row, tint of the field a finding is about, a mark before the text."""

    def __init__(self, look: Look, parent: QTableView) -> None:
        super().__init__(parent)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = self._look.palette
        model = index.model()
        assert isinstance(model, FrameTable)
        text, mark, tint, align = model.drawn(index.row(), index.column())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        rect = option.rect
        if tint:
            painter.fillRect(
                rect,
                QColor(
                    mix(colours.message_bar, colours.selected_row if chosen else colours.message_bar, 0.5)
                ),
            )
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), QColor(colours.late))
        elif chosen:
            painter.fillRect(rect, QColor(colours.selected_row))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(8, 0, -8, 0)
        if mark:
            box = QRectF(inner.left(), inner.center().y() - 7, 14, 14)
            draw_mark(painter, mark[0], self._look.colour(mark[1]), box)
            inner.setLeft(inner.left() + 22)
        painter.setPen(QColor(colours.late if tint else colours.text))
        elided = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, align, elided)
        painter.restore()
