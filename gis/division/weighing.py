"""What makes a cell good: its size, its shape, what its borders follow. Lower is better."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import Final

import numpy as np

RAGGED: Final = 3.2  # P²/4πA of a strip eight times as long as wide

Array = np.ndarray


@dataclass(frozen=True)
class Weights:
    """Prices. A cell's: of a size off the target (squared logarithm), of a shape that is not round (P²/4πA).

    A border's, by the metre: of one over open ground, more where it jumps from one carriageway to the other; and of a main road, a river or a path *not* taken as border.
    """

    target_m2: float = 10_000.0
    size: float = 0.3
    shape: float = 1.3
    off_per_m: float = 0.016
    jump_per_m: float = 0.048
    strong_per_m: float = 0.02
    weak_per_m: float = 0.001
    smallest: float = 0.56  # shares of the target; beyond them the price rises steeply
    largest: float = 1.9
    beyond: float = 7.0
    ragged: float = 0.0  # for what P²/4πA is beyond `RAGGED`
    worth: float = 3.1  # what a cell is worth; without it few large cells would be the cheapest

    def cell(self, area_m2: Array, perimeter_m: Array) -> Array:
        """The prices of cells."""
        area = np.maximum(area_m2, 1.0)
        share = area / self.target_m2
        size = self.size * np.log(np.maximum(share, 0.05)) ** 2
        size += np.where(share < self.smallest, 1.0 + self.beyond * (1.0 - share / self.smallest), 0.0)
        size += np.where(share > self.largest, 1.0 + self.beyond * (share - self.largest), 0.0)
        shape = perimeter_m**2 / (4 * np.pi * area)
        if self.ragged > 0.0:
            size += self.ragged * np.clip(shape - RAGGED, 0.0, 60.0)
        # Past 6 a shape is bad whatever it is; the slope left shows the way out.
        return size - self.worth + self.shape * (np.minimum(shape, 6.0) + 0.1 * np.minimum(shape, 60.0))

    def one_cell(self, area_m2: float, perimeter_m: float) -> float:
        """`cell` for a single one, much faster than an array of one."""
        area = max(area_m2, 1.0)
        share = area / self.target_m2
        size = self.size * log(max(share, 0.05)) ** 2
        if share < self.smallest:
            size += 1.0 + self.beyond * (1.0 - share / self.smallest)
        elif share > self.largest:
            size += 1.0 + self.beyond * (share - self.largest)
        shape = perimeter_m * perimeter_m / (4 * pi * area)
        if shape > RAGGED:
            size += self.ragged * min(shape - RAGGED, 60.0)
        return size - self.worth + self.shape * (min(shape, 6.0) + 0.1 * min(shape, 60.0))

    def border(self, off_m: float, jump_m: float, strong_m: float, weak_m: float) -> float:
        """The price of a border drawn, against that of leaving it out."""
        return (
            self.off_per_m * off_m
            + self.jump_per_m * jump_m
            + self.weak_per_m * weak_m
            - self.strong_per_m * strong_m
        )
