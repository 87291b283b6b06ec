"""Which components come first when symbols compete for room: rare and public things, trees and gullies last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

Array = np.ndarray

PUBLIC_TO: Final = 2  # of `resources.symbols.rank`: shown as clusters from 1 : 8,000
IN_ROWS: Final = 5  # trees, lids: what stands by the thousand


def class_order(places: Sequence[int], counts: Array) -> Array:
    """A number per class, 0 first: by its rank in `resources.symbols`, within a rank the rarer first."""
    order = np.lexsort((np.asarray(counts), np.asarray(places)))
    out = np.empty(len(order), np.int64)
    out[order] = np.arange(len(order))
    return out
