"""Lengths and areas on the city's plane, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

LENGTH, AREA = "length", "area"


@dataclass(frozen=True)
class Measurement:
    """What was measured so far: corners on the plane (metres), `kind` length or area, and whether it is finished.

    Length and area are those of the plane: within a city the plane's scale differs from the ground by less than
    1 in 10,000. The area of a figure that crosses itself is 0.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    finished: bool = False

    @property
    def length_m(self) -> float:
        """Length of the line; of an area, its outline."""
        if len(self.points) < 2:
            return 0.0
        xy = np.array([*self.points, self.points[0]] if self.kind == AREA else self.points)
        return float(np.hypot(*np.diff(xy, axis=0).T).sum())

    @property
    def area_m2(self) -> float:
        """Area inside the corners; 0 for a length."""
        if self.kind != AREA or len(self.points) < 3:
            return 0.0
        figure = shapely.Polygon(self.points)
        return float(figure.area) if figure.is_valid else 0.0


def length_words(length_m: float) -> str:
    """`86.4 m`, `1,240 m`, `12.35 km`."""
    if length_m < 1_000.0:
        return f"{length_m:.1f} m"
    return f"{length_m:,.0f} m" if length_m < 10_000.0 else f"{length_m / 1_000.0:,.2f} km"


def area_words(area_m2: float) -> str:
    """`820.5 m²`, `12,400 m²`, `3.25 km²`."""
    if area_m2 < 1_000.0:
        return f"{area_m2:.1f} m²"
    return f"{area_m2:,.0f} m²" if area_m2 < 1_000_000.0 else f"{area_m2 / 1_000_000.0:,.2f} km²"


def round_length(longest_m: float) -> float:
    """The longest of 1, 2, 5 × 10ⁿ metres that is not over `longest_m`: for the scale bar."""
    power = 10.0 ** math.floor(math.log10(longest_m))
    return max(step for step in (1.0, 2.0, 5.0) if step * power <= longest_m * (1 + 1e-9)) * power
