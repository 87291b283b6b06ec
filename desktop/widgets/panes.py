"""Going from pane to pane by the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def enter(pane: QWidget) -> None:
    """Give the keyboard to the first part of a pane that takes it."""
    parts = [pane, *pane.findChildren(QWidget)]
    for part in parts:
        if part.isVisible() and part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            part.setFocus(Qt.FocusReason.TabFocusReason)
            return


def enter_next(panes: list[QWidget], focus: QWidget | None, step: int) -> None:
    """Give the keyboard to the pane `step` places after the one that has it; with none, to the first or last."""
    holds = [focus is not None and (pane is focus or pane.isAncestorOf(focus)) for pane in panes]
    here = holds.index(True) if True in holds else -1
    enter(panes[(here + step) % len(panes)])
