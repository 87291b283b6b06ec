"""The map by scale: what is drawn at which denominator, and how wide. Widths are logical pixels."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

Array = np.ndarray

# Where the map changes its character (denominators).
FAR: Final = 20_000.0  # beyond: districts, main roads, counts per community
MIDDLE: Final = 8_000.0  # beyond: cells without numbers, building mass
NEAR: Final = 3_000.0  # beyond: clusters by class; nearer: true road widths, symbols by rank
CLOSE: Final = 1_000.0  # nearer: all symbols at 24

PATH_RANK: Final = 6
MAIN_RANK: Final = 2

# Least widths of roads on screen by rank at these denominators, interpolated on the logarithm of the scale;
# 0 is not drawn. Nearer than 1 : 3,000 the true width alone counts.
_WIDTH_SCALES: Final = np.log([2_000.0, 3_000.0, 8_000.0, 20_000.0, 60_000.0, 200_000.0])
_LEAST_WIDTH: Final = {
    1: (4.0, 5.0, 5.0, 3.4, 2.6, 1.4),
    2: (4.0, 5.0, 4.6, 3.0, 2.0, 0.9),
    3: (3.0, 4.0, 3.4, 2.2, 1.0, 0.0),
    4: (3.0, 3.4, 2.6, 1.6, 0.0, 0.0),
    5: (2.4, 2.6, 1.8, 1.1, 0.0, 0.0),
    6: (1.6, 1.4, 0.9, 0.9, 0.9, 0.9),
}


def road_width_px(rank: int, width_m: Array, denominator: float, m_per_px: float) -> Array:
    """Width of roads of one rank: true to the ground where that can be seen, never less than the table."""
    if rank >= PATH_RANK and denominator > MIDDLE:  # service ways
        return np.zeros(len(width_m))
    table = _LEAST_WIDTH[min(max(rank, 1), PATH_RANK)]
    least = float(np.interp(math.log(denominator), _WIDTH_SCALES, table))
    if least < 0.5:
        return np.zeros(len(width_m))
    return np.maximum(np.asarray(width_m, float) / m_per_px, least)


def fade(denominator: float, gone: float, full: float) -> float:
    """0 at the denominator `gone`, 1 at `full`, linear in the logarithm between: things do not pop up."""
    share = (math.log(gone) - math.log(denominator)) / (math.log(gone) - math.log(full))
    return min(max(share, 0.0), 1.0)
