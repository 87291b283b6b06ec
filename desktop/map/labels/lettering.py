"""Letters as painter paths: measured once, kept, drawn at any angle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainterPath, QTransform

from resources import fonts


@dataclass(frozen=True)
class Lettering:
    """One size and weight of the bundled family; `size` in pixels of the device."""

    size: float
    weight: int = 400

    def font(self) -> QFont:
        """Unhinted, so that a letter keeps its form at every angle and ratio."""
        font = QFont(fonts.FAMILY)
        font.setPixelSize(
            max(1, round(self.size * 8))
        )  # paths are made eight times larger and scaled: no rounding
        font.setWeight(QFont.Weight(self.weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font


@dataclass(frozen=True)
class Letter:
    """A character centred on (0, 0): its path, and how far it advances."""

    path: QPainterPath
    advance: float


@lru_cache(maxsize=8192)
def letter(character: str, lettering: Lettering) -> Letter:
    """One character; Han characters are centred on their em square, others on the height of a capital."""
    path, advance = _outline(character, lettering)
    path.translate(-advance / 2.0, 0.0)
    return Letter(path, advance)


@lru_cache(maxsize=4096)
def word(text: str, lettering: Lettering) -> Letter:
    """A line of text centred on (0, 0), set as usual."""
    path, advance = _outline(text, lettering)
    path.translate(-advance / 2.0, 0.0)
    return Letter(path, advance)


def _outline(text: str, lettering: Lettering) -> tuple[QPainterPath, float]:
    font = lettering.font()
    factor = lettering.size / font.pixelSize()
    path = QPainterPath()
    path.addText(QPointF(0.0, 0.0), font, text)
    metrics = QFontMetricsF(font)
    path = QTransform.fromScale(factor, factor).map(path)
    # 0.37 em above the baseline is the middle of Han characters and of digits alike in this family.
    path.translate(0.0, 0.37 * lettering.size)
    return path, metrics.horizontalAdvance(text) * factor


def is_han(character: str) -> bool:
    """Whether a character stands on a full square and may be set upright in a column."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"
