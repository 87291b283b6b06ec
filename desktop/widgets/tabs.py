"""The slim bar over the pages that share one place in the rail: one tab each, none where a page stands alone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabBar, QWidget

from desktop.widgets.basic import row
from desktop.words import Text, Words


class TabStrip(QWidget):
    """Says `chosen` when a person takes another tab; `show_tabs` only shows."""

    chosen = Signal(str)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("tabs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words = words
        self._names: list[str] = []
        self._titles: list[Text] = []
        self._last: dict[str, str] = {}
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.bar.currentChanged.connect(self._tell)
        words.keep(self.bar, "setAccessibleName", Text("Views of this page"))
        words.changed.connect(self._say_titles)
        self.setLayout(row(self.bar, None, margins=(8, 0, 8, 1)))
        self.hide()

    def show_tabs(self, tabs: list[tuple[str, Text]], front: str) -> None:
        """Show one tab for each (name, title), `front` as the one in front; a single one needs no bar."""
        self._last[tabs[0][0]] = front
        self.bar.blockSignals(True)
        if [name for name, _ in tabs] != self._names:
            self._names, self._titles = [name for name, _ in tabs], [title for _, title in tabs]
            while self.bar.count():
                self.bar.removeTab(0)
            for title in self._titles:
                self.bar.addTab(self._words(title))
        self.bar.setCurrentIndex(self._names.index(front))
        self.bar.blockSignals(False)
        self.setVisible(len(tabs) > 1)

    def name(self) -> str:
        """The name of the tab in front."""
        return self._names[self.bar.currentIndex()]

    def beside(self, step: int) -> str:
        """The name of the tab `step` places on, round and round."""
        return self._names[(self.bar.currentIndex() + step) % len(self._names)]

    def last_of(self, first: str) -> str:
        """The tab last in front among those whose first is `first`."""
        return self._last.get(first, first)

    def _tell(self, index: int) -> None:
        if 0 <= index < len(self._names):
            self.chosen.emit(self._names[index])

    def _say_titles(self) -> None:
        for place, title in enumerate(self._titles):
            self.bar.setTabText(place, self._words(title))
