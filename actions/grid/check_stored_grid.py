"""Check the cells that are in the store by the grid rules."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gis.grid import grid_rules
from gis.grid.grid_rules_findings import ERROR, counts
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

AREAS = {"communities": "community", "streets": "street", "counties": "county"}
OBJECTS = ("buildings", "compounds")
COMPONENT_COLUMNS = ("code", "cell_code", "x", "y", "geometry")


@dataclass(frozen=True)
class CheckStoredGrid:
    """Whether components are looked at too (rules G9 and G13): every one of them is read then."""

    components: bool = False


@dataclass(frozen=True)
class StoredGridChecked:
    """`findings`: number by rule code; `details`: the findings frame, `record` counts the cells by code from 0."""

    cells: int
    findings: dict[str, int]
    errors: int
    seconds: float
    details: pd.DataFrame


def check_stored_grid(
    store: Store, request: CheckStoredGrid, progress: Progress | None = None
) -> StoredGridChecked:
    """Check what is stored; nothing is written. A store without cells has no findings."""
    progress = progress or Silent()
    began = time.perf_counter()
    progress.report(0.0, "Reading the layers")
    cells = store.load_cells()
    known: dict[str, object] = {name: store.load_areas(level) for name, level in AREAS.items()}
    known |= {kind: store.load_base(kind) for kind in OBJECTS}
    known = {name: frame for name, frame in known.items() if len(frame)}  # type: ignore[arg-type]
    if request.components:
        known["components"] = store.load_components(COMPONENT_COLUMNS, progress=Part(progress, 0.1, 0.3))
    known["retired_codes"] = store.load_retired_cells()["code"].tolist()
    details = grid_rules.check(cells, **known, progress=Part(progress, 0.3, 1.0))  # type: ignore[arg-type]
    return StoredGridChecked(
        cells=len(cells),
        findings=counts(details),
        errors=int((details["severity"] == ERROR).sum()),
        seconds=round(time.perf_counter() - began, 3),
        details=details,
    )
