"""Straight cuts across two neighbouring cells, judged all at once: every line between two vertices of their outline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.division.mosaic import CUT_M
from gis.division.weighing import Weights

TRIED: Final = 24  # best cuts that are looked at closely
GAIN: Final = 0.02
CLEAR_M: Final = 1.0  # a cut comes no nearer to the outline than this, but at its ends
END_M: Final = 3.0
USUAL: Final = (
    0.505,
    1.98,
)  # shares of the target: what rule G8 and the limits of a division leave, and a little
NARROW_M: Final = 18.0
THIN: Final = 0.3  # 4πA/P² under which a cell is not made worse

Array = np.ndarray
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """A line from vertex `start` of an outline to vertex `end`, start < end, by way of `bends` (x, y); `price`: of it and the cells it makes."""

    start: int
    end: int
    bends: Floats
    price: float


@dataclass(frozen=True)
class Lines:
    """Straight cuts as arrays: vertices `start` < `end`, metres, area and perimeter of both parts (2 × cuts), price."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: Floats
    area: Floats
    perimeter: Floats
    price: Floats


class Field:
    """Two neighbours as one: `xy` of their outline, anticlockwise, `both` as a polygon, the buildings there.

    `price`: what the cells and their border cost now; `may_end`: at which vertices a cut may end.
    """

    def __init__(
        self,
        xy: Array,
        both: shapely.Polygon,
        solids: Array,
        weights: Weights,
        rings: list[Array],
        price: float,
        may_end: NDArray[np.bool_],
    ) -> None:
        self.xy, self.both, self.solids, self.weights = xy, both, solids, weights
        self._may_end = may_end
        self._area, self._perimeter = sizes(rings)
        self.price = price + float(weights.cell(self._area, self._perimeter).sum())

    @cached_property
    def lines(self) -> Lines:
        """All straight cuts whose parts are no worse than the cells are."""
        xy = self.xy - self.xy[0]
        on = np.roll(xy, -1, axis=0)
        along = np.r_[0.0, np.cumsum(np.hypot(*(on - xy).T))]
        swept = np.r_[0.0, np.cumsum(xy[:, 0] * on[:, 1] - on[:, 0] * xy[:, 1])]
        i, j = np.triu_indices(len(xy), 2)
        length = np.hypot(*(xy[i] - xy[j]).T)
        first = (swept[j] - swept[i] + xy[j, 0] * xy[i, 1] - xy[i, 0] * xy[j, 1]) / 2
        area = np.stack([first, swept[-1] / 2 - first])
        round_it = along[j] - along[i]
        perimeter = np.stack([round_it, along[-1] - round_it]) + length
        good = self.is_sound(area, perimeter) & self._may_end[i] & self._may_end[j]
        i, j, length, area, perimeter = i[good], j[good], length[good], area[:, good], perimeter[:, good]
        price = self.weights.cell(area, perimeter).sum(axis=0) + self.weights.off_per_m * length
        return Lines(i, j, length, area, perimeter, price)

    def is_sound(self, area: Array, perimeter: Array) -> NDArray[np.bool_]:
        """Whether parts (2 × cuts) are of usual size as often as the cells now, and not narrower or thinner."""
        width, shape = (2 * area / perimeter).min(axis=0), (4 * np.pi * area / perimeter**2).min(axis=0)
        width_now = (2 * self._area / self._perimeter).min()
        shape_now = (4 * np.pi * self._area / self._perimeter**2).min()
        kept = self._usual(area) >= self._usual(self._area)
        kept &= (area.min(axis=0) > 0.0) & (width >= min(NARROW_M, width_now))
        return np.asarray(kept & (shape >= min(THIN, shape_now)))

    def _usual(self, area: Array) -> Array:
        share = area / self.weights.target_m2
        return np.asarray(((share >= USUAL[0]) & (share <= USUAL[1])).sum(axis=0))


def straight(field: Field) -> Cut | None:
    """The cheapest straight cut that is cheaper than the border there is; None where there is none."""
    lines = field.lines
    order = np.argsort(lines.price, kind="stable")[:TRIED]
    order = order[lines.price[order] < field.price - GAIN]
    if not len(order):
        return None
    free = order[_is_free(field, field.xy[lines.start[order]], field.xy[lines.end[order]])]
    if not len(free):
        return None
    best = free[0]
    return Cut(int(lines.start[best]), int(lines.end[best]), np.zeros((0, 2)), float(lines.price[best]))


def sizes(rings: list[Array]) -> tuple[Floats, Floats]:
    """Area and perimeter of rings, each as a column."""
    polygons = [shapely.Polygon(ring) for ring in rings]
    return shapely.area(polygons)[:, None], shapely.length(polygons)[:, None]


def _is_free(field: Field, start: Array, end: Array) -> NDArray[np.bool_]:
    """Which cuts stay inside, clear of the outline, and outside of every building."""
    length = np.hypot(*(end - start).T)[:, None]
    inset = (end - start) * np.minimum(END_M / np.maximum(length, 1e-9), 0.4)
    inner = shapely.linestrings(np.stack([start + inset, end - inset], axis=1))
    shapely.prepare(field.both)
    free = shapely.contains_properly(field.both, inner)
    free[free] = ~shapely.dwithin(inner[free], field.both.exterior, CLEAR_M)
    cuts = shapely.linestrings(np.stack([start, end], axis=1))
    inside = shapely.length(shapely.intersection(cuts[:, None], field.solids[None, :])).max(
        axis=1, initial=0.0
    )
    return np.asarray(free & (inside <= CUT_M))
