"""Whether a window can be shown here, asked before Qt is: Qt ends the program where it finds no display."""

from __future__ import annotations

import ctypes
import os
import platform

from kernel.errors import Refused

WITHOUT_A_SCREEN = ("offscreen", "minimal", "vnc")
_REMEDY = "Draw a page into a file instead: desktop --screenshot page.png"


def require_display() -> None:
    """Raise `Refused` where Qt could not open a window on this machine."""
    wished = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform.system() != "Linux" or wished in WITHOUT_A_SCREEN or os.environ.get("WAYLAND_DISPLAY"):
        return
    display = os.environ.get("DISPLAY", "")
    if not display:
        raise Refused("There is no display to open a window on.", remedy=_REMEDY)
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        raise Refused("A system library that windows need is missing ({what}).",
                      remedy="Install it: apt install libxcb-cursor0", what=error) from None  # fmt: skip
    if not _answers(xcb):
        raise Refused("The display {display} does not answer.", remedy=_REMEDY, display=display)


def _answers(xcb: ctypes.CDLL) -> bool:
    """Whether the X server that DISPLAY names takes a connection."""
    xcb.xcb_connect.restype = ctypes.c_void_p
    for name in ("xcb_connection_has_error", "xcb_disconnect"):
        getattr(xcb, name).argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    faulty = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not faulty
