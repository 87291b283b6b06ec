"""Names that would like to stand on the map, as the layers propose them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

HALO_BELOW = ""  # the halo takes the colour of what lies under the name


@dataclass(frozen=True)
class PointName:
    """A name centred on a place of the plane. `rank` 0 is set first; sizes are logical pixels."""

    text: str
    rank: int
    size_px: float
    colour: str
    x: float
    y: float
    halo: str = HALO_BELOW
    weight: int = 400
    below_px: float = 0.0  # moved down by this much, for names under a mark


@dataclass(frozen=True, eq=False)
class LineName:
    """A name along a line of the plane, (n, 2) metres. `room` between characters is a share of their size.

    Each name stands once in about `repeat_px`. Without `halo` (None) it lies flat on its ground, as on water.
    """

    text: str
    rank: int
    size_px: float
    colour: str
    line: Array
    halo: str | None = HALO_BELOW
    room: float = 0.5
    repeat_px: float = 500.0
    weight: int = 400


Candidate = PointName | LineName


def at_point(
    text: str, x: float, y: float, rank: int, size_px: float, colour: str, weight: int = 400
) -> PointName:
    """A name on a place, with a halo in the colour below it."""
    return PointName(text, rank, size_px, colour, x, y, weight=weight)
