"""What `doctor` asks of the desktop: Qt, its platform, the Chinese font."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QFontMetrics, QGuiApplication, QRawFont

from resources import fonts

_BROKEN_FROM = (6, 12)
_SAMPLE = "网格化城市管理部件监督"


def check_desktop() -> list[dict[str, object]]:
    """Name, ok, detail and remedy (an English template) of each check. Makes an application if there is none."""
    if not _has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    return [
        _look("Qt", _qt, "Run: make setup (PySide6 must be older than 6.12, see docs/decisions)."),
        _look(
            "display",
            lambda: f"{application.platformName()}",
            "Set QT_QPA_PLATFORM=offscreen to work without one.",
        ),
        _look("Chinese font", _font, "Run: make setup (resources/fonts is incomplete)."),
    ]


def _look(name: str, check: Callable[[], str], remedy: str) -> dict[str, object]:
    try:
        return {"name": name, "ok": True, "detail": check(), "remedy": ""}
    except RuntimeError as error:
        return {"name": name, "ok": False, "detail": str(error), "remedy": remedy}


def _has_display() -> bool:
    if platform.system() != "Linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _qt() -> str:
    version = tuple(int(part) for part in pyside_version.split(".")[:2])
    if version >= _BROKEN_FROM and sys.version_info[:2] == (3, 11):
        raise RuntimeError(f"PySide6 {pyside_version} aborts on Python 3.11")
    return f"PySide6 {pyside_version} · Qt {qVersion()}"


def _font() -> str:
    """Every character of a sample has a glyph in the bundled font, and Qt takes the font."""
    files = fonts.files()
    lacking = [
        file.name
        for file in files[:1]
        for sign in _SAMPLE
        if not QRawFont(str(file), 16).supportsCharacter(ord(sign))
    ]
    if lacking or not files:
        raise RuntimeError(f"characters missing in {', '.join(lacking) or 'no font file'}")
    for file in files:
        QFontDatabase.addApplicationFont(str(file))
    if fonts.FAMILY not in QFontDatabase.families():
        raise RuntimeError(f"Qt does not take the font {fonts.FAMILY}")
    font = QGuiApplication.font()
    font.setFamily(fonts.FAMILY)
    return f"{fonts.FAMILY} · {QFontMetrics(font).horizontalAdvance(_SAMPLE)} px"
