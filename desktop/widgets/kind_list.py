"""The list of kinds of finding: heads on raised ground, kinds with an outlined mark and a count."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.look import Look, body_font
from desktop.models.finding_kinds import KEPT, KIND_ROLE, SEVERITY_MARKS, FindingKinds, Line
from desktop.widgets.marks import draw_mark


class KindList(QListView):
    """Choose a kind with the arrows or the pointer."""

    chosen = Signal(str)  # code

    def __init__(self, look: Look, model: FindingKinds) -> None:
        super().__init__()
        self._kinds = model
        self.setModel(model)
        self.setItemDelegate(KindDelegate(look, self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(False)
        self.selectionModel().currentChanged.connect(self._tell)

    def choose(self, row: int) -> None:
        """Choose the kind at `row`."""
        if row >= 0:
            self.setCurrentIndex(self._kinds.index(row))

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid() and self._kinds.lines[current.row()].code:
            self.chosen.emit(self._kinds.lines[current.row()].code)


class KindDelegate(QStyledItemDelegate):
    """Draws one line."""

    def __init__(self, look: Look, view: KindList) -> None:
        super().__init__(view)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line: Line = index.data(KIND_ROLE)
        return QSize(120, 27 if line.code else 26)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: Line = index.data(KIND_ROLE)
        rect = option.rect
        painter.save()
        if not line.code:
            painter.fillRect(rect, self._look.colour("ground"))
        elif option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._look.colour("selected_row"))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), self._look.colour("focus"))
        left = rect.left() + 16
        if line.code:
            shape, role = ("tick", "done") if line.severity == KEPT else SEVERITY_MARKS[line.severity]
            draw_mark(painter, shape, self._look.colour(role), QRectF(left, rect.center().y() - 6.5, 14, 14))
            left += 22
        painter.setFont(body_font("body" if line.code else "note"))
        painter.setPen(self._look.colour("text" if line.code and line.count else "secondary"))
        middle = Qt.AlignmentFlag.AlignVCenter
        figure = str(line.count)
        room = painter.fontMetrics().horizontalAdvance(figure)
        painter.drawText(rect.adjusted(0, 0, -16, 0), int(middle | Qt.AlignmentFlag.AlignRight), figure)
        space = QRect(left, rect.top(), rect.right() - 24 - room - left, rect.height())
        shown = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, space.width()
        )
        painter.drawText(space, int(middle), shown)
        painter.restore()
