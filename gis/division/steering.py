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


def steered(pieces: Mosaic, weights: Weights, progress: Progress) -> NDArray[np.int64]:
    """The cell of each piece. Grouped a second time when one of the two goals is missed and the other has slack."""
    cell = grouped(pieces, weights, progress)
    on_features, compact = _goals(pieces, cell)
    if compact < COMPACT and on_features > ON_FEATURES:
        other = replace(
            weights, off_per_m=weights.off_per_m * 0.5, shape=weights.shape * 1.25, worth=weights.worth + 0.5
        )
    elif on_features < ON_FEATURES and compact > COMPACT:
        other = replace(weights, off_per_m=weights.off_per_m * 1.7, worth=weights.worth + 0.6)
    else:
        return cell
    again = grouped(pieces, other, progress)
    return again if _distance(_goals(pieces, again)) < _distance((on_features, compact)) else cell


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
