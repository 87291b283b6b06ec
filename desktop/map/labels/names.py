"""The plan of all names of a picture: asks the layers, lays out, reads the ground below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from desktop.map.frame import Check, Frame
from desktop.map.labels.candidates import HALO_BELOW
from desktop.map.labels.layout import Placed, lay_out
from desktop.map.layer import Layer, Sheet
from desktop.map.style import Style, contrast
from desktop.map.view import View

LEAST_CONTRAST: Final = 3.4
_GROUND: Final = (Sheet.GROUND, Sheet.THEMATIC, Sheet.STRUCTURE)
BELOW_NAMES: Final = (*_GROUND, Sheet.POINTS)  # what the place and the halo of names depend on


class Ground:
    """The colours of the sheets below the names."""

    def __init__(self, sheets: Mapping[Sheet, Frame], land: str) -> None:
        self._pixels = [sheets[sheet].pixels for sheet in reversed(_GROUND) if sheet in sheets]
        self._land = int(land[1:], 16)

    def __call__(self, px: float, py: float) -> str:
        """The colour under a pixel of the device, `#rrggbb`."""
        row, column = int(py), int(px)
        seen = [
            int(p[row, column]) for p in self._pixels if 0 <= row < p.shape[0] and 0 <= column < p.shape[1]
        ]
        return _blended((*seen, 0xFF000000 | self._land))


@lru_cache(maxsize=4096)
def _blended(from_above: tuple[int, ...]) -> str:
    """The colour of premultiplied ARGB numbers lying on one another, the uppermost first."""
    red = green = blue = 0.0
    clear = 1.0
    for value in from_above:
        red += clear * (value >> 16 & 255)
        green += clear * (value >> 8 & 255)
        blue += clear * (value & 255)
        clear *= 1.0 - (value >> 24) / 255.0
    return f"#{min(round(red), 255):02x}{min(round(green), 255):02x}{min(round(blue), 255):02x}"


@dataclass(frozen=True)
class Inscription:
    """A name with its place and the colour of its halo (None: none)."""

    placed: Placed
    halo: str | None


def plan_names(
    view: View,
    style: Style,
    layers: Sequence[Layer],
    covered: tuple[int, int, int, int],
    sheets: Mapping[Sheet, Frame],
    check: Check,
) -> list[Inscription]:
    """Place the names of `layers` by rank without collision, none under the `covered` edges; choose their halos."""
    candidates = [name for layer in layers for name in layer.names(view, style)]
    check()
    marks = sheets[Sheet.POINTS].pixels if Sheet.POINTS in sheets else None
    ground = Ground(sheets, style.palette.land)
    placed = lay_out(candidates, view, covered, marks, ground)
    check()
    return [Inscription(name, _halo(name, ground, style.palette.land)) for name in placed]


def _halo(placed: Placed, ground: Ground, land: str) -> str | None:
    """The colour of the ground, or of bare land where the letters could not be read on it."""
    name = placed.candidate
    if name.halo != HALO_BELOW:
        return name.halo
    below = ground(*placed.middle)
    return below if contrast(below, name.colour) >= LEAST_CONTRAST else land
