"""A list of responsibility areas into the store: read, checked, completed; refused rows stay out with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from actions.areas.areas_reading import ReadList, read_list
from actions.areas.kinds_of_areas import kind_of
from gis.frames import FINDING_COLUMNS
from gis.grid.grid_rules_findings import ERROR, counts, joined
from gis.grid.responsibility import check, completed, differing, uncovered
from kernel.errors import Refused
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ImportAreas:
    """`file`: xlsx or a vector file; `kind`: a key of `resources.responsibility.kinds`."""

    file: Path
    kind: str


@dataclass(frozen=True)
class AreasImported:
    """`rows` of the list = `accepted` + `quarantined`; `findings` by code; `details` one by one."""

    kind: str
    rows: int
    accepted: int
    quarantined: int
    findings: dict[str, int]
    details: pd.DataFrame


def import_areas(store: Store, request: ImportAreas, progress: Progress | None = None) -> AreasImported:
    """Put the areas of a list in the place of the store's of that kind.

    A row with an error is refused and the others are taken; a list of which no row can be taken changes nothing.
    Raises `Refused` for an unknown kind, a file that cannot be read, or a store without a plane.
    """
    progress = progress or Silent()
    kind, file = kind_of(request.kind), Path(request.file)
    plane = store.info(with_hash=False).crs
    if not plane:
        raise Refused("The store has no coordinate plane yet, so nothing can be placed in it.",
                      remedy="Import the grid or the base layers first; they bring the plane.")  # fmt: skip
    progress.report(0.0, "Reading the list")
    read = read_list(file, kind, plane)
    progress.report(0.4, "Checking the areas")
    cells = store.load_cells()
    areas = completed(read.areas, kind, cells)
    found = joined([read.findings, check(areas, kind, cells), differing(read.areas, areas)])
    refused = _refused(found, len(areas))
    kept = areas[~refused]
    if len(kept):
        progress.report(0.7, "Writing the areas")
        store.replace_responsibility_areas(request.kind, kept)
        found = joined([found, uncovered(kept, kind, cells)])
    progress.report(1.0, "Writing the areas")
    return AreasImported(
        request.kind, len(areas), len(kept), int(refused.sum()), counts(found), _placed(found, read, file)
    )


def _refused(findings: pd.DataFrame, rows: int) -> np.ndarray:
    out = np.zeros(rows, bool)
    errors = findings[(findings["severity"] == ERROR) & (findings["record"] >= 0)]
    out[errors["record"].to_numpy(int)] = True
    return out


def _placed(findings: pd.DataFrame, read: ReadList, file: Path) -> pd.DataFrame:
    """The findings with the file and the row numbers that the file itself shows."""
    numbers = np.array([*read.rows, -1])  # record -1 picks the last
    rows = numbers[findings["record"].to_numpy(int)] if len(findings) else []
    return findings.assign(file=str(file), row=rows)[list(FINDING_COLUMNS)]
