"""Panels: floating ones over the map, side ones beside it. Their bodies scroll; floating ones fold to their head."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.look import Look
from desktop.widgets.basic import IconButton, Label, box, line, row
from desktop.words import Text, Wording, Words


class FloatingPanel(QFrame):
    """A card 12 px from the map's edges: radius 6, one pixel of edge, no shadow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)


class SidePanel(QFrame):
    """Controls or details beside the middle: a head, a body that scrolls, a foot that stays."""

    def __init__(self, words: Words, title: Wording, width: int) -> None:
        super().__init__()
        self.setObjectName("side")
        self.setFixedWidth(width)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.title = Label(words, title, "page")
        self.note = Label(words, "", "note")
        self.head = box(row(self.title, None, self.note, margins=(16, 12, 16, 12)))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(inset(line()))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(12)
        self._outer = outer

    def fill(self, inner: QWidget, foot: QWidget | None = None) -> None:
        """Set the body (scrolling) and the foot."""
        self._outer.addWidget(inner, 1)
        if foot is not None:
            self._outer.addWidget(inset(line()))
            self._outer.addWidget(foot)


class Head(QWidget):
    """The head of a floating panel: title, notes at the right, close."""

    closed = Signal()

    def __init__(self, words: Words, look: Look, title: Wording, closable: bool = True) -> None:
        super().__init__()
        self.title = Label(words, title, "title")
        self.notes = QHBoxLayout()
        layout = row(self.title, None, margins=(12, 8, 8, 8))
        layout.addLayout(self.notes)
        if closable:
            layout.addWidget(IconButton(words, look, "close", Text("Close"), self.closed.emit, size=16))
        self.setLayout(layout)


def inset(inner: QWidget, side: int = 16) -> QWidget:
    """`inner` with the panel's padding at both sides."""
    out = box(row(inner, margins=(side, 0, side, 0), spacing=0))
    out.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
    return out
