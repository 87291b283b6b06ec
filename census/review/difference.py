"""What a delivery changes against what is stored: frames of the difference, and objects recognised by their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from census.reading.tables import Floats, Ints

WITHIN_M: Final = 2.0  # two surveys of accuracy B may differ so much and mean one object
SUBJECT: Final = ("code", "class_code", "name", "cell_code", "x", "y")
CHANGE_COLUMNS: Final = ("code", "class_code", "name", "field", "before", "after", "x", "y")
MOVED_COLUMNS: Final = ("code", "class_code", "name", "distance_m", "x_before", "y_before", "x", "y")
RECODED_COLUMNS: Final = (
    "code_before", "code", "class_code", "name", "distance_m", "x_before", "y_before", "x", "y",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Counts and rows of a difference; coordinates in metres on the store's plane.

    `counts`: new, changed, unchanged, missing, moved, recoded. `fields`: DataFrame[field, rows], the most frequent
    first. `new`, `missing`: columns `SUBJECT`; `changes`: one row per component and field; `moved`: those whose point
    lies elsewhere; `recoded`: rows of `new` that stand within a few metres of a stored component of their class that
    the delivery does not name otherwise, probably the same object.
    """

    counts: dict[str, int]
    fields: pd.DataFrame
    new: pd.DataFrame
    missing: pd.DataFrame
    changes: pd.DataFrame
    moved: pd.DataFrame
    recoded: pd.DataFrame


@dataclass(frozen=True)
class Pairs:
    """`left[k]` and `right[k]` are probably one object, `distance_m[k]` apart; none stands in two pairs."""

    left: Ints
    right: Ints
    distance_m: Floats


def same_place(
    left: tuple[Floats, Floats, NDArray[np.int64]],
    right: tuple[Floats, Floats, NDArray[np.int64]],
    within_m: float = WITHIN_M,
) -> Pairs:
    """Pair points of two sets `(x, y, class)` of one class that lie within `within_m`, the closest first.

    Classes are spread far apart on a third axis, so that one tree serves all of them. A point whose nearest neighbour
    went to a closer one gets the next of its four nearest that is free.
    """
    from scipy.spatial import cKDTree  # late: who only opens a store needs no trees

    empty = np.empty(0, dtype=np.int64)
    if not len(left[0]) or not len(right[0]):
        return Pairs(empty, empty, np.empty(0))
    tree = cKDTree(_spread(right, within_m))
    near = min(4, len(right[0]))
    distance, other = tree.query(_spread(left, within_m), k=near, distance_upper_bound=within_m, workers=-1)
    distance, other = distance.reshape(-1, near), other.reshape(-1, near)
    rows = np.repeat(np.arange(len(left[0])), near).reshape(-1, near)
    found = np.isfinite(distance)
    return _closest_first(rows[found], other[found].astype(np.int64), distance[found])


def _spread(points: tuple[Floats, Floats, NDArray[np.int64]], within_m: float) -> Floats:
    x, y, group = points
    return np.column_stack([x, y, group * (10.0 * within_m)])


def _closest_first(left: Ints, right: Ints, distance_m: Floats) -> Pairs:
    """Rounds of mutual firsts: in each, a pair that is the closest left for both sides is kept."""
    order = np.argsort(distance_m, kind="stable")
    left, right, distance_m = left[order], right[order], distance_m[order]
    kept: list[tuple[Ints, Ints, Floats]] = []
    while len(left):
        mutual = _firsts(left) & _firsts(right)
        kept.append((left[mutual], right[mutual], distance_m[mutual]))
        free = ~np.isin(left, left[mutual]) & ~np.isin(right, right[mutual])
        left, right, distance_m = left[free], right[free], distance_m[free]
    parts = [np.concatenate(part) for part in zip(*kept, strict=True)]
    return Pairs(*parts) if parts else Pairs(left, right, distance_m)


def _firsts(values: Ints) -> NDArray[np.bool_]:
    out = np.zeros(len(values), dtype=bool)
    out[np.unique(values, return_index=True)[1]] = True
    return out
