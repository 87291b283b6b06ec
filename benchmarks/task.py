"""What a benchmark is: two sides that answer the same question, or one figure with a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.workload import Workload

Answer = dict[str, np.ndarray]
# Called once with the workload; sets up what is not timed and gives back the step that is.
Prepare = Callable[[Workload], Callable[[], Any]]
# What the step gave, as arrays that the other side's can be held against. Not timed.
Read = Callable[[Any], Answer]


class NotHere(Exception):
    """The peer's library, program or server is not on this machine."""


@dataclass(frozen=True)
class Side:
    """One program's way of doing the step."""

    name: str
    prepare: Prepare
    read: Read


@dataclass(frozen=True)
class Comparison:
    """Ours beside a peer's; `goal` is the least ratio peer ÷ ours; answers may differ by `tolerance`."""

    name: str
    ours: Side
    peer: Side
    goal: float
    rounds: int = 3
    tolerance: float = 0.0


@dataclass(frozen=True)
class Limit:
    """One figure of ours that must stay under `limit`; `measure` gives it, alone in a process of its own."""

    name: str
    measure: Callable[[Workload], float]
    unit: str
    limit: float


def same(ours: Answer, peers: Answer, tolerance: float) -> bool:
    """Whether both sides found the same: equal keys, shapes and values (within `tolerance` where it is not 0)."""
    if ours.keys() != peers.keys():
        return False
    for key, values in ours.items():
        other = peers[key]
        if values.shape != other.shape:
            return False
        if tolerance and np.issubdtype(values.dtype, np.floating):
            if not np.allclose(values, other, rtol=0, atol=tolerance, equal_nan=True):
                return False
        elif not np.array_equal(values, other):
            return False
    return True
