"""Names that would like to stand on the map, as the layers propose them."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.map.labels.along import Line

ASIDE = ((0.0, 0.0), (0.0, -16.0), (0.0, 16.0), (-26.0, 0.0), (26.0, 0.0), (0.0, -30.0), (0.0, 30.0))
HALO_BELOW = ""  # the halo takes the colour of what lies under the name


@dataclass(frozen=True)
class PointName:
    """A name centred on a place of the plane. `rank` 0 is set first; sizes are logical pixels.

    `shifts` are tried in turn (right, down); where dots and symbols fill more than the share `crowd` of every one,
    the name is left out.
    """

    text: str
    rank: int
    size_px: float
    colour: str
    x: float
    y: float
    halo: str = HALO_BELOW
    weight: int = 400
    shifts: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    crowd: float = 1.0


@dataclass(frozen=True, eq=False)
class LineName:
    """A name along a line of the plane. `room` between characters is a share of their size.

    Each name stands once in about `repeat_px`. Without `halo` (None) it lies flat on its ground, as on water, and
    stands only where all its characters have that `ground` colour below them. In a
    street of `lane_px` that is wider than the letters, the name interrupts the lines that run along it.
    """

    text: str
    rank: int
    size_px: float
    colour: str
    line: Line
    halo: str | None = HALO_BELOW
    room: float = 0.5
    repeat_px: float = 500.0
    ground: str = ""
    lane_px: float = 0.0
    weight: int = 400


Candidate = PointName | LineName


def at_point(
    text: str, x: float, y: float, rank: int, size_px: float, colour: str, weight: int = 400
) -> PointName:
    """A name on a place, with a halo in the colour below it; it may step aside for symbols."""
    return PointName(text, rank, size_px, colour, x, y, weight=weight, shifts=ASIDE)
