"""The layer tree on the screen: rows of 24 px, symbols as on the map, an eye at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from desktop.look import Look
from desktop.models.layer_tree import EYE, IN_VIEW, NODE_ROLE, TITLE, TOTAL, LayerTree, Node
from resources.styles import SIZES

EYE_WIDTH, FIGURE_WIDTH, IN_VIEW_WIDTH = 32, 74, 56
INDENT = 9
NEW_SYMBOLS = 12  # drawn in one painting, about 15 ms; the others follow in the next ones


class LayerView(QTreeView):
    """Click an eye, or press Space, to show or hide; Enter opens and closes a branch."""

    def __init__(self, look: Look, model: LayerTree) -> None:
        super().__init__()
        self._look, self._tree = look, model
        self.standard = ""
        self._room = NEW_SYMBOLS  # for symbols never drawn before, in the painting under way
        self.setModel(model)
        self.setItemDelegate(LayerDelegate(look, self))
        self.setHeaderHidden(True)
        self.setIndentation(INDENT)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setViewportMargins(6, 0, 0, 0)
        self.viewport().setAttribute(
            Qt.WidgetAttribute.WA_OpaquePaintEvent
        )  # the map below need not draw it again
        model.modelReset.connect(self._arrange)
        look.changed.connect(self.viewport().update)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid():
            self._tree.switch(self._tree.node(index))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            first = index.siblingAtColumn(0)
            self.setExpanded(first, not self.isExpanded(first))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            first = index.siblingAtColumn(0)
            if index.column() == EYE:
                self._tree.switch(self._tree.node(index))
                return
            if self.model().rowCount(first):
                self.setExpanded(first, not self.isExpanded(first))
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._look.colour("card"))
        painter.end()
        self._room = NEW_SYMBOLS
        super().paintEvent(event)
        if self._room < 0:
            QTimer.singleShot(0, self.viewport(), self.viewport().update)

    def symbol(self, node: Node, ratio: float) -> QPixmap | None:
        """The symbol of a class; None while this painting has drawn enough new ones."""
        look = (node.key, self.standard, 16, ratio, str(node.title), not node.shown)
        if not self._look.has_symbol(*look):
            self._room -= 1
        return self._look.symbol(*look) if self._room >= 0 or self._look.has_symbol(*look) else None

    def draw_all(self) -> None:
        """Draw the symbols that are still missing, for a picture of the window."""
        while self._room < 0 and self.viewport().isVisible():
            self._room = 0  # unless this painting finds more missing
            self.viewport().repaint()

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if self.model().rowCount(index.siblingAtColumn(0)) == 0:
            return
        name = "chevron-down" if self.isExpanded(index.siblingAtColumn(0)) else "chevron-right"
        pixmap = self._look.pixmap(name, "text", 12, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(rect.right() - 8, rect.center().y() - 5), pixmap)

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if self.selectionModel().isSelected(index) and self.hasFocus():
            painter.fillRect(option.rect, self._look.colour("selected_row"))
        super().drawRow(painter, option, index)

    def _arrange(self) -> None:
        heads = self.header()
        heads.setStretchLastSection(False)
        heads.setMinimumSectionSize(16)
        heads.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        for column, width in ((IN_VIEW, IN_VIEW_WIDTH), (TOTAL, FIGURE_WIDTH), (EYE, EYE_WIDTH)):
            heads.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        for node in self._tree.root.walk():
            if node.children and node.kind != "rest" and node.key != "base":
                self.setExpanded(self._tree.index_of(node), True)


class LayerDelegate(QStyledItemDelegate):
    """Draws one field of a row: symbol and name, figures, eye."""

    def __init__(self, look: Look, view: LayerView) -> None:
        super().__init__(view)
        self._look, self._view = look, view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(40, SIZES.space["tree_row"])

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        node: Node = index.data(NODE_ROLE)
        rect, column = option.rect, index.column()
        quiet = not node.shown or node.kind == "rest"
        painter.save()
        if column == EYE:
            self._eye(painter, rect, node, hovered=bool(option.state & QStyle.StateFlag.State_MouseOver))
        elif column == TITLE:
            self._title(painter, option, rect, node, str(index.data() or ""), quiet)
        else:
            secondary = quiet or column == TOTAL
            painter.setPen(self._look.colour("secondary" if secondary else "text"))
            painter.drawText(
                rect,
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                str(index.data() or ""),
            )
        painter.restore()

    def _title(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        node: Node,
        title: str,
        quiet: bool,
    ) -> None:
        left = rect.left() + (6 if node.kind in ("group", "family", "rest") else 2)
        ratio = self._view.devicePixelRatioF()
        if node.kind == "class":
            pixmap = self._view.symbol(node, ratio)
            if pixmap is not None:
                painter.drawPixmap(QPoint(left + 2, rect.center().y() - 7), pixmap)
            left += 26
        elif node.kind == "layer":
            self._line(painter, QRect(left + 2, rect.top(), 16, rect.height()), node)
            left += 26
        elif node.kind == "rest":
            left += 4
        painter.setPen(self._look.colour("secondary" if quiet else "text"))
        room = rect.right() - left
        shown = option.fontMetrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRect(left, rect.top(), room, rect.height()), int(Qt.AlignmentFlag.AlignVCenter), shown
        )

    def _line(self, painter: QPainter, rect: QRect, node: Node) -> None:
        """The legend of a layer of lines or areas, in the colours the map draws it with."""
        colours = self._look.palette
        swatches = {
            "water": (colours.water, colours.shore),
            "green": (colours.park, colours.park_text),
            "buildings": (colours.building, colours.building_edge),
            "compounds": (colours.square, colours.building_edge),
        }
        strokes = {"cells": (colours.cell_line, 1.0, None), "communities": (colours.community_line, 2.0, [4.0, 1.5, 1.0, 1.5]),
                   "streets": (colours.community_line, 2.4, [6.0, 2.0]), "roads": (colours.main_road_casing, 3.0, None),
                   "railways": (colours.map_text, 1.6, [3.0, 2.0]), "tracks": (colours.focus, 2.0, None)}  # fmt: skip
        middle = rect.center().y() + 0.5
        if node.key in swatches:
            fill, edge = swatches[node.key]
            painter.setPen(QColor(edge))
            painter.setBrush(QColor(fill))
            painter.drawRect(rect.left(), rect.center().y() - 4, 15, 9)
        elif node.key in strokes:
            colour, width, dashes = strokes[node.key]
            pen = QPen(QColor(colour), width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if dashes:
                pen.setDashPattern(dashes)
            painter.setPen(pen)
            painter.drawLine(rect.left(), round(middle), rect.left() + 16, round(middle))

    def _eye(self, painter: QPainter, rect: QRect, node: Node, hovered: bool) -> None:
        name = "eye" if node.shown else "eye-off"
        role = "text" if hovered else "secondary" if node.shown else "stale"
        pixmap = self._look.pixmap(name, role, 16, self._view.devicePixelRatioF())
        painter.drawPixmap(QPoint(rect.left() + 8, rect.center().y() - 7), pixmap)
