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


@lru_cache(maxsize=64)
def veil(ground: str, wanted: str, opacity: float) -> QColor:
    """The translucent colour that turns `ground` into `wanted`, and lets whatever else lies below shine through."""
    pairs = [(int(ground[at : at + 2], 16), int(wanted[at : at + 2], 16)) for at in (1, 3, 5)]
    channels = [min(max((b - a * (1.0 - opacity)) / opacity, 0.0), 255.0) for a, b in pairs]
    made = QColor(*(round(channel) for channel in channels))
    made.setAlphaF(opacity)
    return made


@lru_cache(maxsize=4096)
def contrast(first: str, second: str) -> float:
    """The contrast ratio of two `#rrggbb` (WCAG 2.2): 1 … 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255.0 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
