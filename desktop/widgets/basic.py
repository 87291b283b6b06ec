"""Labels, lines, buttons and boxes: the smallest parts. Every one takes a `Text` (translated) or a `str` (data)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.look import Look
from desktop.words import Text, Wording, Words


class Label(QLabel):
    """A piece of text with a role of the type scale: body, note, title, page, figure, key, code, chip, link."""

    def __init__(self, words: Words, wording: Wording = "", role: str = "body", tone: str = "") -> None:
        super().__init__()
        self._words = words
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.say(wording)

    def say(self, wording: Wording, tone: str | None = None) -> None:
        """Show `wording`, now and after a change of language."""
        self._words.keep(self, "setText", wording)
        if tone is not None and tone != self.property("tone"):
            self.setProperty("tone", tone)
            redress(self)


class ShortLabel(Label):
    """A label that cuts its text to the room it has and tells the whole in the tooltip.

    `middle` cuts in the middle, as file names want; `most` is the width it asks for at most, 0 takes any room.
    """

    def __init__(
        self,
        words: Words,
        wording: Wording = "",
        role: str = "body",
        tone: str = "",
        *,
        middle: bool = False,
        most: int = 0,
    ) -> None:
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self._most = most
        super().__init__(words, wording, role, tone)
        across = QSizePolicy.Policy.Preferred if most else QSizePolicy.Policy.Ignored
        self.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        if most:
            self.ensurePolished()  # or it would measure itself in another size of type before it is shown

    def sizeHint(self) -> QSize:
        natural = super().sizeHint()
        return QSize(min(natural.width(), self._most), natural.height()) if self._most else natural

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


class Button(QPushButton):
    """A push button; `kind` is plain, primary, link or small."""

    def __init__(
        self,
        words: Words,
        wording: Wording,
        on_click: Callable[[], object] | None = None,
        kind: str = "plain",
    ) -> None:
        super().__init__()
        self._words = words
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if kind == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.say(wording)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())

    def say(self, wording: Wording) -> None:
        """Show `wording`."""
        self._words.keep(self, "setText", wording)

    def allow(self, allowed: bool, reason: Wording = "") -> None:
        """Enable, or disable with the reason in the tooltip."""
        self.setEnabled(allowed)
        self._words.keep(self, "setToolTip", "" if allowed else reason)


class IconButton(QToolButton):
    """An icon whose word stands in the tooltip and is its accessible name."""

    def __init__(
        self,
        words: Words,
        look: Look,
        icon: str,
        wording: Wording,
        on_click: Callable[[], object] | None = None,
        size: int = 20,
    ) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(28, 28)
        look.keep_icon(self, icon, "text", size)
        words.keep(self, "setToolTip", wording)
        words.keep(self, "setAccessibleName", wording)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())


class Check(QCheckBox):
    """A tick box."""

    def __init__(self, words: Words, wording: Wording, checked: bool = False) -> None:
        super().__init__()
        words.keep(self, "setText", wording)
        self.setChecked(checked)


class Combo(QComboBox):
    """A choice among (key, wording) pairs."""

    def __init__(self, words: Words, choices: list[tuple[str, Wording]] | None = None) -> None:
        super().__init__()
        self._words = words
        self._choices: list[tuple[str, Wording]] = []
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        words.changed.connect(self._retranslate)
        self.offer(choices or [])

    def offer(self, choices: list[tuple[str, Wording]]) -> None:
        """Replace the choices; the chosen key stays chosen when it is still there."""
        key = self.key()
        self._choices = choices
        self.blockSignals(True)
        self.clear()
        for name, wording in choices:
            self.addItem(self._words(wording), name)
        self.choose(key)
        self.blockSignals(False)

    def key(self) -> str:
        """The chosen key, `""` when there is none."""
        return str(self.currentData() or "")

    def choose(self, key: str) -> None:
        """Choose by key; an unknown key chooses the first."""
        self.setCurrentIndex(max(0, self.findData(key)))

    def _retranslate(self) -> None:
        for place, (_, wording) in enumerate(self._choices):
            self.setItemText(place, self._words(wording))


def chip(words: Words, wording: Wording, tone: str = "") -> Label:
    """A pill of 20 px with a state in it."""
    out = Label(words, wording, "chip", tone)
    out.setFixedHeight(20)
    return out


def line(vertical: bool = False) -> QFrame:
    """A separator one pixel wide."""
    out = QFrame()
    out.setObjectName("line")
    out.setFixedWidth(1) if vertical else out.setFixedHeight(1)
    return out


def row(
    *parts: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Parts side by side; an int is a fixed gap, None takes the rest of the room."""
    return _fill(QHBoxLayout(), parts, spacing, margins)


def column(
    *parts: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Parts under one another; an int is a fixed gap, None takes the rest of the room."""
    return _fill(QVBoxLayout(), parts, spacing, margins)


def box(layout: QBoxLayout, name: str = "") -> QWidget:
    """A widget around a layout."""
    out = QWidget()
    out.setObjectName(name)
    out.setLayout(layout)
    return out


def scrolled(inner: QWidget) -> QScrollArea:
    """`inner` in an area that scrolls up and down when the room is too low."""
    inner.setObjectName("scrolled")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


def show_if(widget: QWidget, wanted: bool) -> None:
    """Show or hide a part; one that hangs nowhere yet must not be shown, or it becomes a window of its own."""
    if not wanted:
        widget.hide()
    elif widget.parentWidget() is not None:
        widget.show()


def redress(widget: QWidget) -> None:
    """Apply the style sheet again after a property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def field(words: Words, wording: Text, control: QWidget) -> QWidget:
    """A control under its name."""
    name = Label(words, wording, "key")
    name.setBuddy(control)
    words.keep(control, "setAccessibleName", wording)
    return box(column(name, control, spacing=4))


def _fill(layout, parts, spacing, margins):  # type: ignore[no-untyped-def]
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout
