"""The slim rail: icon and word for each page, settings at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.look import Look
from desktop.words import Text, Words
from resources.styles import SIZES


class Rail(QWidget):
    """Switches pages; 64 px wide."""

    chosen = Signal(str)
    settings = Signal()

    def __init__(self, words: Words, look: Look, pages: list[tuple[str, Text, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(SIZES.space["rail"])
        words.keep(self, "setAccessibleName", Text("Pages"))
        self._words, self._look = words, look
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        for name, title, icon in pages:
            button = self._button(title, icon)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, page=name: self.chosen.emit(page))
            self._group.addButton(button)
            self._buttons[name] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.settings_button = self._button(Text("Settings"), "settings")
        self.settings_button.clicked.connect(self.settings.emit)
        layout.addWidget(self.settings_button)

    def mark(self, page: str) -> None:
        """Show `page` as the one in front."""
        if page in self._buttons:
            self._buttons[page].setChecked(True)

    def tell_keys(self, keys: dict[str, str]) -> None:
        """Put each page's key into its tooltip."""
        for name, button in self._buttons.items():
            button.setToolTip(keys.get(f"go.{name}", ""))
        self.settings_button.setToolTip(keys.get("settings", ""))

    def _button(self, title: Text, icon: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("rail")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFixedHeight(56)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._look.keep_icon(button, icon, "secondary", 20)
        button.setIconSize(QSize(20, 20))
        self._words.keep(button, "setText", title)
        return button
