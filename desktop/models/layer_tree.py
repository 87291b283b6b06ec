"""The layer tree: legend, drawing order and switches in one. A family's classes add up to the family's counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop.words import Text, Wording, Words

Index = QModelIndex | QPersistentModelIndex
TITLE, IN_VIEW, TOTAL, EYE = range(4)
NODE_ROLE = Qt.ItemDataRole.UserRole + 1
LISTED_PER_FAMILY = (8, 5, 4, 4, 3)  # classes listed by name; the others stand under "{count} more classes"


@dataclass(eq=False)
class Node:
    """One line of the tree. `key` is a class code, or the key of a layer; a parent counts what its children count."""

    key: str
    title: Wording
    kind: str  # group, family, rest, class, layer
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None
    total: int = 0
    in_view: int | None = None
    visible: bool = True
    counted: bool = True  # whether figures stand beside it

    def add(self, child: Node) -> Node:
        """Hang a child under this node."""
        child.parent = self
        self.children.append(child)
        return child

    def walk(self) -> Iterator[Node]:
        """This node and all below, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def shown(self) -> bool:
        """Whether it is switched on, and everything above it too."""
        return self.visible and (self.parent is None or self.parent.shown)


class LayerTree(QAbstractItemModel):
    """The tree as Qt reads it; `switched` is emitted after an eye was opened or closed."""

    switched = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.root = Node("", "", "group")
        words.changed.connect(self._retranslate)

    def show_nodes(self, groups: list[Node]) -> None:
        """Replace the whole tree; what was switched off stays off."""
        hidden = {node.key for node in self.root.walk() if node.key and not node.visible}
        self.beginResetModel()
        self.root = Node("", "", "group")
        for group in groups:
            self.root.add(group)
        for node in self.root.walk():
            node.visible = node.visible and node.key not in hidden
        self.endResetModel()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Write the counts in view; parents add up their children. Only what changed is told: a map being dragged counts
        a dozen times a second."""
        changed: dict[int, Node] = {}
        for node in reversed(list(self.root.walk())):
            before = node.in_view
            if node.children and node.counted:
                node.in_view = sum(child.in_view or 0 for child in node.children if child.counted)
            elif node.counted:
                node.in_view = counts.get(node.key, 0)
            if node.in_view != before and node.parent is not None:
                changed[id(node.parent)] = node.parent
        for parent in changed.values():
            above, last = self.index_of(parent), len(parent.children) - 1
            self.dataChanged.emit(self.index(0, IN_VIEW, above), self.index(last, IN_VIEW, above))

    def hidden_classes(self) -> frozenset[str]:
        """Class codes that are switched off, by themselves or by what they hang under."""
        return frozenset(node.key for node in self.root.walk() if node.kind == "class" and not node.shown)

    def hidden_layers(self) -> frozenset[str]:
        """Keys of layers that are switched off."""
        return frozenset(
            node.key for node in self.root.walk() if node.kind in ("layer", "group") and not node.shown
        )

    def switch(self, node: Node, visible: bool | None = None) -> None:
        """Open or close the eye of a node."""
        node.visible = (not node.visible) if visible is None else visible
        self._tell_all()
        self.switched.emit()

    def node(self, index: Index) -> Node:
        """The node behind an index."""
        return index.internalPointer() if index.isValid() else self.root

    def index_of(self, node: Node) -> QModelIndex:
        """The index of a node's first column."""
        if node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.children.index(node), 0, node)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self.node(parent).children
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        above = self.node(index).parent if index.isValid() else None
        return QModelIndex() if above is None or above is self.root else self.index_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 4

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == NODE_ROLE:
            return node
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = Text("shown") if node.shown else Text("hidden")
            return f"{self._words(node.title)}, {node.in_view or 0} / {node.total}, {self._words(state)}"
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        column = index.column()
        if column == TITLE:
            return self._words(node.title)
        if not node.counted or column == EYE:
            return ""
        figure = node.in_view if column == IN_VIEW else node.total
        return "" if figure is None else grouped(figure)

    def _tell_all(self) -> None:
        stack = [QModelIndex()]
        while stack:
            parent = stack.pop()
            rows = self.rowCount(parent)
            if rows:
                self.dataChanged.emit(self.index(0, 0, parent), self.index(rows - 1, EYE, parent))
                stack += [self.index(row, 0, parent) for row in range(rows)]

    def _retranslate(self) -> None:
        self._tell_all()


def families(classes: list[tuple[str, str, str, str]], totals: Mapping[str, int]) -> Node:
    """The components' part of the tree.

    `classes`: (class code, class name, major code, major name) in code order; `totals`: components per class. The
    classes a city has most of are listed, the others stand together below them, so that every family adds up.
    """
    top = Node("components", Text("Components"), "group")
    majors: dict[str, Node] = {}
    for _, _, major, name in classes:
        if major not in majors:
            majors[major] = top.add(Node(f"major {major}", f"{major} {name}", "family"))
    for place, (major, family) in enumerate(majors.items()):
        mine = [
            Node(code, name or code, "class", total=totals.get(code, 0))
            for code, name, of, _ in classes
            if of == major
        ]
        listed = LISTED_PER_FAMILY[min(place, len(LISTED_PER_FAMILY) - 1)]
        common = [node for node in sorted(mine, key=lambda node: -node.total)[:listed] if node.total]
        for node in mine:
            if node in common:
                family.add(node)
        others = [node for node in mine if node not in common]
        if others:
            rest = family.add(Node(f"rest {major}", Text("{count} more classes", count=len(others)), "rest"))
            for node in others:
                rest.add(node)
    add_up(top)
    return top


def add_up(node: Node) -> int:
    """Totals of parents from their children; gives the node's own."""
    if node.children:
        node.total = sum(add_up(child) for child in node.children)
    return node.total


def grouped(figure: int) -> str:
    """Thousands are parted from 10,000 on."""
    return f"{figure:,}" if figure >= 10_000 else str(figure)
