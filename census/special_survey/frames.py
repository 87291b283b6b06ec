"""The columns of a special survey: its cells, the points that were collected, what became of each component.

Texts that are not given are "", numbers NaN, days ISO text. `x`, `y` are metres of the city's plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

RUNNING, CLOSED = "running", "closed"

SURVEY_COLUMNS: Final = (
    "survey_id", "name", "classes", "area", "due", "tolerance_m", "radius_m", "status", "planned_by", "planned_at",
    "closed_by", "closed_at",
)  # fmt: skip
# One row per cell of the plan; `known`: components of the classes in it when it was planned; `done_on` "" while open.
CELL_COLUMNS: Final = ("cell_code", "collector", "known", "done_on", "done_by")

FOUND_TEXTS: Final = (
    "code", "class_code", "state", "authority_name", "owner_name", "maintainer_name", "cell_code", "collector", "day",
    "note",
)  # fmt: skip
FOUND_COLUMNS: Final = ("found_id", *FOUND_TEXTS, "x", "y")

CONFIRMED, MOVED, CHANGED, NOT_FOUND, PENDING, NEW = (
    "confirmed",
    "moved",
    "changed",
    "not_found",
    "pending",
    "new",
)
OUTCOMES: Final = (CONFIRMED, MOVED, CHANGED, NOT_FOUND, PENDING, NEW)
# `component_id` is 0 for what is new, `found_id` 0 for what nobody found; `changes` says each field "before → after".
OUTCOME_TEXTS: Final = (
    "outcome", "code", "class_code", "state", "authority_name", "owner_name", "maintainer_name", "cell_code",
    "collector", "changes", "note",
)  # fmt: skip
OUTCOME_COLUMNS: Final = ("component_id", "found_id", *OUTCOME_TEXTS, "moved_m", "x", "y")
KNOWN_COLUMNS: Final = (
    "component_id", "code", "class_code", "state", "authority_name", "owner_name", "maintainer_name", "cell_code", "x", "y",
)  # fmt: skip


def cells_frame(columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Cells of a plan, `CELL_COLUMNS`."""
    return _frame(columns, rows, CELL_COLUMNS, whole=("known",))


def found_frame(columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Collected points, `FOUND_COLUMNS`."""
    return _frame(columns, rows, FOUND_COLUMNS, whole=("found_id",), numbers=("x", "y"))


def outcomes_frame(columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Outcomes, `OUTCOME_COLUMNS`."""
    return _frame(
        columns, rows, OUTCOME_COLUMNS, whole=("component_id", "found_id"), numbers=("moved_m", "x", "y")
    )


def _frame(
    columns: Mapping[str, Any], rows: int, names: tuple[str, ...], whole: tuple[str, ...], numbers: tuple[str, ...] = ()
) -> pd.DataFrame:  # fmt: skip
    out: dict[str, Any] = {}
    for name in names:
        if name in whole:
            out[name] = np.asarray(columns.get(name, np.zeros(rows)), "i8")
        elif name in numbers:
            out[name] = np.asarray(columns.get(name, np.full(rows, np.nan)), float)
        else:
            out[name] = pd.array(list(columns.get(name, [""] * rows)), dtype="str")
    return pd.DataFrame(out, index=pd.RangeIndex(rows))
