"""Ranges of whole numbers as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def expand(low: Numbers, high: Numbers) -> Numbers:
    """The whole numbers of the ranges `low` … `high` - 1 (n each, none negative in length), one after the other."""
    count = high - low
    ends = np.cumsum(count)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(low - (ends - count), count)
