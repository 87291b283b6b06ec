"""What makes a cell good: its size, its shape, what its borders follow. Lower is better."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """Prices. A cell's: of a size off the target (squared logarithm), of a shape that is not round (P²/4πA).

    A border's, by the metre: of one over open ground; and of a main road, a river or a path *not* taken as border.
    """

    target_m2: float = 10_000.0
    size: float = 1.6
    shape: float = 1.0
    off_per_m: float = 0.008
    strong_per_m: float = 0.02
    weak_per_m: float = 0.001
    smallest: float = 0.56  # shares of the target; beyond them the price rises steeply
    largest: float = 1.85
    beyond: float = 7.0

    def cell(self, area_m2: float, perimeter_m: float) -> float:
        """The price of a cell."""
        if area_m2 <= 0.0:
            return 0.0
        share = area_m2 / self.target_m2
        size = self.size * math.log(max(share, 0.05)) ** 2
        if share < self.smallest:
            size += self.beyond * (self.smallest - share) / self.smallest + 1.0
        elif share > self.largest:
            size += self.beyond * (share - self.largest) + 1.0
        shape = perimeter_m * perimeter_m / (4 * math.pi * area_m2)
        return size + self.shape * (min(shape, 6.0) + 0.1 * min(shape, 60.0))

    def border(self, off_m: float, strong_m: float, weak_m: float) -> float:
        """The price of a border drawn, against that of leaving it out."""
        return self.off_per_m * off_m + self.weak_per_m * weak_m - self.strong_per_m * strong_m
