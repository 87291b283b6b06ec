"""A pause before something is done: what comes often in a row is done once, when it rests."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

TYPING_MS = 160  # the fingers rest this long between two words


def after_pause(owner: QObject, do: Callable[[], object], pause_ms: int = 0) -> QTimer:
    """A timer whose `start()` calls `do` once, `pause_ms` after the last start; it lives as long as `owner`."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(do)
    return timer
