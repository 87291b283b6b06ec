"""The sheet of names: asks the layers, lays out, reads the ground below, writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from desktop.map.frame import Frame
from desktop.map.labels.layout import lay_out
from desktop.map.labels.writing import write
from desktop.map.layer import Layer, Sheet

LEAST_CONTRAST: Final = 3.0  # of letters on their halo; a darker ground gets a halo of land

_GROUND: Final = (Sheet.GROUND, Sheet.THEMATIC, Sheet.STRUCTURE)
BELOW_NAMES: Final = (*_GROUND, Sheet.POINTS)  # what the place and the halo of names depend on


class Ground:
    """The colours of the sheets below the names."""

    def __init__(self, sheets: Mapping[Sheet, Frame], land: str) -> None:
        self._pixels = [sheets[sheet].pixels for sheet in _GROUND if sheet in sheets]
        self._land = land

    def __call__(self, px: float, py: float) -> str:
        """The colour under a pixel of the device, `#rrggbb`."""
        row, column = int(py), int(px)
        colour = np.array([int(self._land[at : at + 2], 16) for at in (1, 3, 5)], float)
        for pixels in self._pixels:
            if 0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]:
                value = int(pixels[row, column])
                alpha = (value >> 24) / 255.0
                over = np.array([value >> 16 & 255, value >> 8 & 255, value & 255], float)
                colour = over + colour * (1.0 - alpha)
        return "#" + "".join(f"{round(channel):02x}" for channel in colour.clip(0, 255))


def draw_names(
    frame: Frame, layers: Sequence[Layer], covered: tuple[int, int, int, int], sheets: Mapping[Sheet, Frame]
) -> None:
    """Place the names of `layers` by rank without collision, none under the `covered` edges, and write them."""
    candidates = [name for layer in layers for name in layer.names(frame.view, frame.style)]
    frame.check()
    marks = sheets[Sheet.POINTS].pixels if Sheet.POINTS in sheets else None
    write(frame, lay_out(candidates, frame.view, covered, marks), Ground(sheets, frame.style.palette.land))
