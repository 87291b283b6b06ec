"""Prices that fit the place: where features are dense shape counts more, where they are few what there is of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gis.division.grouping import grouped
from gis.division.mosaic import Mosaic
from gis.division.weighing import Weights
from kernel.progress import Progress

COMPACT: Final = 0.62
ON_FEATURES: Final = 0.84
TRIES: Final = 2


def steered(pieces: Mosaic, weights: Weights, progress: Progress) -> NDArray[np.int64]:
    """The cell of each piece. Grouped again when one of the two goals is missed and the other has slack."""
    best = grouped(pieces, weights, progress)
    goals = _goals(pieces, best)
    for attempt in range(TRIES):
        on_features, compact = goals
        if compact < COMPACT and on_features > ON_FEATURES:
            weights = replace(weights, off_per_m=weights.off_per_m * 0.5, shape=weights.shape * 1.25,
                              worth=weights.worth + 0.5)  # fmt: skip
        elif on_features < ON_FEATURES and compact > COMPACT and attempt == 0:  # twice makes cells too large
            weights = replace(weights, off_per_m=weights.off_per_m * 1.7, worth=weights.worth + 0.6)
        else:
            break
        again = grouped(pieces, weights, progress)
        reached = _goals(pieces, again)
        if _distance(reached) >= _distance(goals):
            break
        best, goals = again, reached
    return best


def _distance(goals: tuple[float, float]) -> float:
    """How far the worse of the two goals is missed, as a share."""
    return max(ON_FEATURES - goals[0], COMPACT - goals[1])


def _goals(pieces: Mosaic, cell: NDArray[np.int64]) -> tuple[float, float]:
    """Share of the inner borders on features, and median compactness."""
    count = int(cell.max(initial=-1)) + 1
    found = pieces.borders
    inner = cell[found.first] == cell[found.second]
    within = np.bincount(cell[found.first[inner]], weights=found.length_m[inner], minlength=count)
    area = np.bincount(cell, weights=pieces.area_m2, minlength=count)
    perimeter = np.bincount(cell, weights=pieces.perimeter_m, minlength=count) - 2 * within
    total = float(found.length_m[~inner].sum())
    on_features = 1.0 - float(found.off_m[~inner].sum()) / total if total > 0.0 else 1.0
    return on_features, float(np.median(4 * np.pi * area / np.maximum(perimeter, 1e-9) ** 2))
