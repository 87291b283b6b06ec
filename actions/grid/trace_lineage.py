"""What became of cells: the whole lineage of the grid, or everything a cell came from and turned into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kernel.errors import Refused
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class TraceLineage:
    """`code`: 15 digits of a cell that stands or stood; "" for all."""

    code: str = ""


@dataclass(frozen=True)
class LineageTraced:
    """`stands`: whether the code stands now; `successions`: rows of `Store.load_succession`, oldest first."""

    code: str
    stands: bool
    steps: int
    successions: pd.DataFrame


def trace_lineage(store: Store, request: TraceLineage, progress: Progress | None = None) -> LineageTraced:
    """Raises `Refused` for a code that never stood."""
    found, standing = store.load_succession(), set(store.load_cells()["code"])
    if request.code:
        known = {*standing, *found["predecessor"], *found["successor"]}
        if request.code not in known:
            raise Refused(
                "No cell {code} stands or ever stood in this store.",
                remedy="Give the 15 digits of a cell.",
                code=request.code,
            )
        found = related(found, request.code)
    return LineageTraced(request.code, request.code in standing, int(found["step_id"].nunique()), found)


def related(successions: pd.DataFrame, code: str) -> pd.DataFrame:
    """The rows that lead to `code` or come from it, step by step in the order of time."""
    forward = _reached(successions, code, "predecessor", "successor")
    backward = _reached(successions.iloc[::-1], code, "successor", "predecessor")
    return successions[successions.index.isin(forward | backward)].reset_index(drop=True)


def _reached(successions: pd.DataFrame, code: str, start: str, end: str) -> set[int]:
    """Rows that a walk from `code` takes, never against the order of the rows' steps."""
    reached, rows = {code}, set()
    for _, step in successions.groupby("step_id", sort=False):
        mine = step[step[start].isin(reached)]
        rows |= set(mine.index)
        reached |= set(mine[end]) - {""}
    return rows
