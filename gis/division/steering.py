"""Prices that fit the place: where features are dense shape counts more, where they are few what there is of them.

A division has five goals: the mean size, the share of usual sizes, borders on features, compactness, and that no
goal is bought with another one. Sizes come first: no result past their limits is taken while one within them is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gis.division.clusters import stands_alone
from gis.division.grouping import grouped, parted, regrouped
from gis.division.mosaic import Mosaic
from gis.division.weighing import Weights
from kernel.progress import Progress

COMPACT: Final = 0.62
LEAST_COMPACT: Final = (
    0.595  # what is given up for borders on features at most; drawing borders anew brings back 0.01 to 0.03
)
ON_FEATURES: Final = 0.84
LARGEST_MEAN: Final = 1.19  # shares of the target
SPARE_MEAN: Final = 1.15  # where features are few, a mean under this draws more borders than it has to
USUAL: Final = (0.5, 2.0)
USUAL_SHARE: Final = 0.974
NEXT_PRESS: Final = 1.8
PRESSES: Final = (2.0, 4.0, 8.0, 16.0)  # how much dearer open ground gets
FAR: Final = 0.1  # a place that misses the goal by more begins at the second
RAGGED_PRICE: Final = 0.6
NARROW_M: Final = 18.0  # twice the area by the perimeter; a cell that vanishes when shrunk by 8 m is narrower
ROUNDS: Final = 2
TRIES: Final = 3  # to find what a cell is to be worth for the mean to fit
STEEP: Final = 2.0  # by this share more must a cell be worth for the mean to fall by one

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Trial:
    """Cells of the pieces, the prices that made them, and how they are. `narrow`, `ordinary`: numbers of cells; the rest are shares."""

    cell: Cells
    weights: Weights
    mean_m2: float
    usual: float
    on_features: float
    compact: float
    narrow: int
    ordinary: int

    @property
    def mean(self) -> float:
        """Mean area as a share of the target."""
        return self.mean_m2 / self.weights.target_m2


def steered(pieces: Mosaic, weights: Weights, progress: Progress) -> Trial:
    """The cells of the pieces. Grouped again with other prices where a goal is missed and another has slack."""
    best = _measured(pieces, grouped(pieces, weights, progress), weights)
    if best.compact < COMPACT and best.on_features > ON_FEATURES:
        best = _rounder(pieces, best, progress)
    elif best.on_features < ON_FEATURES and best.compact > COMPACT:
        best = _pressed(pieces, best, progress)
    if best.mean > LARGEST_MEAN:
        best = _of_fitting_mean(pieces, best, best.weights, progress)
    return best


def _rounder(pieces: Mosaic, best: Trial, progress: Progress) -> Trial:
    """Shape counts more, borders on features less."""
    for _ in range(ROUNDS):
        now = best.weights
        prices = replace(now, off_per_m=now.off_per_m * 0.5, shape=now.shape * 1.25, worth=now.worth + 0.5)
        trial = _measured(pieces, grouped(pieces, prices, progress), prices)
        if _distance(trial) >= _distance(best) or trial.mean > max(LARGEST_MEAN, best.mean):
            break
        best = trial
        if best.compact >= COMPACT or best.on_features <= ON_FEATURES:
            break
    return best


def _distance(trial: Trial) -> float:
    """How far the worse of the two goals is missed, as a share."""
    return max(ON_FEATURES - trial.on_features, COMPACT - trial.compact)


def _pressed(pieces: Mosaic, best: Trial, progress: Progress) -> Trial:
    """Open ground gets dearer, step by step, until the goal is reached or cells lose too much of their shape."""
    plain, last = best.weights, 1.0
    steps = list(PRESSES if best.on_features > ON_FEATURES - FAR else PRESSES[1:])
    while steps and best.on_features < ON_FEATURES:
        press = steps.pop(0)
        trial = _of_fitting_mean(pieces, best, _under(plain, press), progress)
        if trial.compact < LEAST_COMPACT:
            # What is half as far may do; nothing beyond it will.
            between = np.sqrt(last * press)
            steps = [between] if press / last > NEXT_PRESS else []
            continue
        last = press
        if _is_fit(trial, best):
            best = max(best, trial, key=lambda each: (each.mean <= LARGEST_MEAN, each.on_features))
    return best


def _is_fit(trial: Trial, best: Trial) -> bool:
    """Whether a trial keeps what borders on features must not cost."""
    return (
        trial.usual >= min(best.usual, USUAL_SHARE)
        and trial.narrow <= best.narrow
        and trial.mean <= max(LARGEST_MEAN, best.mean)
    )


def _under(plain: Weights, press: float) -> Weights:
    """Prices with borders `press` times as dear; the limits of size get steeper and a cell is worth more alike."""
    return replace(
        plain,
        off_per_m=plain.off_per_m * press,
        jump_per_m=plain.jump_per_m * press,
        strong_per_m=plain.strong_per_m * press,
        shape=plain.shape * press**-0.18,
        beyond=plain.beyond * press**0.8,
        ragged=RAGGED_PRICE * press,
        largest=1.95,
        worth=plain.worth + 0.85 * (press - 1.0),
    )


def _of_fitting_mean(pieces: Mosaic, start: Trial, prices: Weights, progress: Progress) -> Trial:
    """Regrouped at these prices, a cell being worth what brings the mean just under its limit.

    Blocks that are all alike take a step all at once: then the cells of the nearest trial above the limit are cut, as
    many as are needed. Of the trials within the limit the one with most border on features is taken; where there is
    none, that of the smallest mean.
    """
    found: list[Trial] = []
    cell = start.cell
    for _ in range(TRIES):
        cell = regrouped(pieces, prices, cell, progress)
        found.append(_measured(pieces, cell, prices))
        if SPARE_MEAN <= found[-1].mean <= LARGEST_MEAN:
            break
        prices = replace(prices, worth=_next_worth(found))
    above = [each for each in found if each.mean > LARGEST_MEAN]
    if above:
        nearest = min(above, key=lambda each: each.mean)
        more = int(np.ceil(nearest.ordinary * (nearest.mean / LARGEST_MEAN - 1.0)))
        cell = parted(pieces, nearest.weights, nearest.cell, more, progress)
        found.append(_measured(pieces, cell, nearest.weights))
    fitting = [each for each in found if each.mean <= LARGEST_MEAN]
    return max(fitting, key=_on_features) if fitting else min(found, key=_mean)


def _mean(trial: Trial) -> float:
    return trial.mean


def _on_features(trial: Trial) -> float:
    return trial.on_features


def _next_worth(found: list[Trial]) -> float:
    """What a cell should be worth next: between the nearest trials on both sides of the goal, else a step towards it."""
    goal = (SPARE_MEAN + LARGEST_MEAN) / 2
    above = min((each for each in found if each.mean > goal), key=lambda each: each.mean, default=None)
    below = max((each for each in found if each.mean <= goal), key=lambda each: each.mean, default=None)
    if above is not None and below is not None and above.mean > below.mean:
        share = (above.mean - goal) / (above.mean - below.mean)
        return above.weights.worth + share * (below.weights.worth - above.weights.worth)
    last = found[-1]
    step = float(np.clip(STEEP * (last.mean / goal - 1.0), -0.3, 0.3))
    return last.weights.worth * (1.0 + step)


def _measured(pieces: Mosaic, cell: Cells, weights: Weights) -> Trial:
    count = int(cell.max(initial=-1)) + 1
    found = pieces.borders
    inner = cell[found.first] == cell[found.second]
    within = np.bincount(cell[found.first[inner]], weights=found.length_m[inner], minlength=count)
    area = np.bincount(cell, weights=pieces.area_m2, minlength=count)
    perimeter = np.bincount(cell, weights=pieces.perimeter_m, minlength=count) - 2 * within
    total = float(found.length_m[~inner].sum())
    alone = np.zeros(count, dtype=bool)
    alone[cell[stands_alone(pieces, weights)]] = True
    ordinary = area[~alone] if not alone.all() else area
    share = ordinary / weights.target_m2
    width = 2 * area / np.maximum(perimeter, 1e-9)
    return Trial(
        cell,
        weights,
        mean_m2=float(ordinary.mean()),
        usual=float(((share >= USUAL[0]) & (share <= USUAL[1])).mean()),
        on_features=1.0 - float(found.off_m[~inner].sum()) / total if total > 0.0 else 1.0,
        compact=float(np.median(4 * np.pi * area / np.maximum(perimeter, 1e-9) ** 2)),
        narrow=int((width < NARROW_M).sum()),
        ordinary=len(ordinary),
    )
