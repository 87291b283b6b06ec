"""Progress and cancel, the same for the desktop's jobs and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from kernel.errors import Cancelled


class Progress(Protocol):
    """What long work is given: it reports where it is, and asks whether to go on."""

    def report(self, share: float, words: str = "", **places: object) -> None:
        """Say that `share` (0..1) is done; `words` is an English template. Raises `Cancelled` when stopped."""

    def check(self) -> None:
        """Raise `Cancelled` when the user stopped the work."""


class Silent:
    """Progress that nobody watches; never cancelled."""

    def report(self, share: float, words: str = "", **places: object) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Go on."""


class Watched:
    """Progress sent to `show(share, template, places)` when it moved by a hundredth or the words changed."""

    def __init__(self, show: Callable[[float, str, dict[str, object]], None]) -> None:
        self._show = show
        self._last = (-1.0, "")
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the work to stop at its next check. May be called from any thread."""
        self._cancelled = True

    def report(self, share: float, words: str = "", **places: object) -> None:
        """Show the share when it moved enough to be seen."""
        self.check()
        if share - self._last[0] >= 0.01 or words != self._last[1] or share >= 1.0:
            self._last = (share, words)
            self._show(share, words, dict(places))

    def check(self) -> None:
        """Raise `Cancelled` once `cancel` was called."""
        if self._cancelled:
            raise Cancelled()


class Part:
    """A slice of a larger progress: `Part(progress, 0.2, 0.6)` maps 0..1 onto 0.2..0.6."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole = whole
        self._start = start
        self._width = end - start

    def report(self, share: float, words: str = "", **places: object) -> None:
        """Report into the whole."""
        self._whole.report(self._start + self._width * min(max(share, 0.0), 1.0), words, **places)

    def check(self) -> None:
        """Ask the whole."""
        self._whole.check()


@contextmanager
def last_chance(progress: Progress) -> Iterator[None]:
    """Cancel is honoured up to here; what runs inside is the commit, and is finished once begun."""
    progress.check()
    yield
