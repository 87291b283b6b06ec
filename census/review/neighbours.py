"""Rows that stand so near to corrected ones that rule C7 speaks of both: they are asked again with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from census.reading.tables import Floats, Ints

CODES: Final = ("duplicated_geometry", "near_duplicate")


@dataclass(frozen=True)
class Near:
    """Places among the rows that nobody corrected: `beside` corrected rows, where they are or were, and `witnesses` that
    stand beside those and have a say about them."""

    beside: Ints
    witnesses: Ints


def near(corrected: Floats, others: Floats, limit_m: float) -> Near:
    """`corrected`: n × 2 metres, where corrected rows stand now and stood before; `others`: m × 2; NaN for no place."""
    beside = _within(others, corrected, limit_m)
    again = _within(others, others[beside], limit_m)
    return Near(beside, np.setdiff1d(again, beside))


def _within(points: Floats, of: Floats, limit_m: float) -> Ints:
    """The rows of `points` that have one of `of` closer than the limit, or on the same spot."""
    from scipy.spatial import cKDTree  # late: who only opens a store needs no trees

    of = of[np.isfinite(of).all(axis=1)]
    if not len(of):
        return np.empty(0, dtype=np.int64)
    least, most = of.min(axis=0) - limit_m, of.max(axis=0) + limit_m
    around = np.flatnonzero(
        ((points >= least) & (points <= most)).all(axis=1)
    )  # never so where there is no place
    distance, _ = cKDTree(of).query(points[around], distance_upper_bound=max(limit_m, 1e-9))
    return around[np.isfinite(distance)]
