"""How the map is dressed: theme, language, and the colours of the roles as Qt wants them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor

from resources.styles import Palette, palette


@dataclass(frozen=True)
class Style:
    """What a picture depends on besides its place; equal styles give equal pictures."""

    theme: str = "light"
    language: str = "zh_CN"

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return palette(self.theme)

    @property
    def dark(self) -> bool:
        """Whether this is the night map."""
        return self.theme == "dark"


@lru_cache(maxsize=512)
def ink(colour: str, opacity: float = 1.0) -> QColor:
    """A `#rrggbb` as QColor. Shared: never change one."""
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made


@lru_cache(maxsize=512)
def premultiplied(colour: str, opacity: float = 1.0) -> int:
    """A `#rrggbb` as the 32-bit number of a premultiplied ARGB pixel."""
    channels = [round(int(colour[at : at + 2], 16) * opacity) for at in (1, 3, 5)]
    return (round(255 * opacity) << 24) | (channels[0] << 16) | (channels[1] << 8) | channels[2]
