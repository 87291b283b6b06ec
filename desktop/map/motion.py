"""Moving from one view to another: smooth where a person turned a wheel, at once where a program asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from desktop.map.view import View

GLIDE_MS: Final = 160


def between(start: View, end: View, share: float) -> View:
    """The view at `share` of the way: scale by equal ratios, and the point that stays in place stays in place.

    For a zoom about a point the centre moves linearly with metres per pixel, which keeps that point on its pixel.
    """
    m_per_px = math.exp(
        math.log(start.m_per_px) + share * (math.log(end.m_per_px) - math.log(start.m_per_px))
    )
    change = end.m_per_px - start.m_per_px
    along = (m_per_px - start.m_per_px) / change if abs(change) > 1e-9 * start.m_per_px else share
    x, y = start.x + along * (end.x - start.x), start.y + along * (end.y - start.y)
    return replace(end, x=x, y=y, m_per_px=m_per_px)


class Glide(QObject):
    """Calls `step(view)` for every frame of a movement, the last time with the very end."""

    def __init__(self, step: Callable[[View], object], parent: QObject) -> None:
        super().__init__(parent)
        self._step = step
        self._start: View | None = None
        self._end: View | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(GLIDE_MS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._advance)

    @property
    def end(self) -> View | None:
        """Where the movement under way leads, None at rest."""
        return self._end

    def start(self, start: View, end: View) -> None:
        """Move; a movement under way is replaced."""
        self._animation.stop()
        self._start, self._end = start, end
        self._animation.start()

    def stop(self) -> None:
        """Stay where it is."""
        self._animation.stop()
        self._end = None

    def _advance(self, share: float) -> None:
        if self._start is None or self._end is None:
            return
        end = self._end
        if share >= 1.0:
            self._end = None
            self._step(end)
        else:
            self._step(between(self._start, end, share))
