"""Bugs of ours: logged with an id that can be read over the telephone; the window stays up."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import platformdirs

from kernel.errors import Defect, WanGridError

LOG = logging.getLogger("wangrid.desktop")


def as_defect(error: BaseException) -> WanGridError:
    """`error` itself when it is one of the three families, else a logged `Defect` with its own report id."""
    if isinstance(error, WanGridError) and not isinstance(error, Defect):
        return error
    defect = (
        error
        if isinstance(error, Defect)
        else Defect("Something went wrong inside the program ({what}).", what=type(error).__name__)
    )
    LOG.error("report %s: %s\n%s", defect.report_id, error, "".join(traceback.format_exception(error)))
    return defect


def log_file() -> Path:
    """Where the log is written."""
    return Path(platformdirs.user_log_dir("wangrid", appauthor=False)) / "desktop.log"


def start_logging(file: Path | None = None) -> logging.Handler:
    """Send the room's log to `file`; gives the handler so that the caller can take it off again."""
    file = file or log_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    return handler


class UncaughtErrors:
    """Stands in `sys.excepthook` while the window lives: an exception in a slot is logged and shown, not fatal."""

    def __init__(self, show: Callable[[WanGridError], None]) -> None:
        self._show = show
        self._previous = sys.excepthook

    def install(self) -> None:
        """Take over the hook."""
        self._previous = sys.excepthook
        sys.excepthook = self._caught

    def remove(self) -> None:
        """Give it back."""
        sys.excepthook = self._previous

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._previous(kind, error, trace)
            return
        self._show(as_defect(error))
