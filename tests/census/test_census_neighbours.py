"""Which rows must be asked again when others are corrected."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from census.review.neighbours import near

PLACES = st.sampled_from([0.0, 0.2, 0.4, 0.7, 1.1, 1.5, 30.0, np.nan])


def points(most: int) -> st.SearchStrategy[np.ndarray]:
    return st.integers(0, most).flatmap(lambda count: arrays(float, (count, 2), elements=PLACES))


def close(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.hypot(*(one - other)) < 0.5)


@given(corrected=points(4), others=points(8))
def test_that_all_and_only_the_neighbours_are_found(corrected: np.ndarray, others: np.ndarray) -> None:
    found = near(corrected, others, 0.5)
    beside = [k for k, point in enumerate(others) if any(close(point, each) for each in corrected)]
    witnesses = [k for k, point in enumerate(others)
                 if k not in beside and any(close(point, others[each]) for each in beside)]  # fmt: skip
    assert (found.beside.tolist(), found.witnesses.tolist()) == (beside, witnesses)
