"""Check any layer of cells by the grid rules."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from actions.grid_layers import GridFile, choose
from actions.mend_grid import fixes_of
from actions.read_layers import read_layer, read_layers
from gis import grid_rules
from gis.grid_rules_findings import ERROR, counts
from kernel.progress import Part, Progress, Silent
from resources.texts import words


@dataclass(frozen=True)
class CheckGrid:
    """A layer of cells, and what else to check it against; "" where there is nothing.

    `fixes`: also look for a fix for each finding, said in `lang`.
    """

    file: str
    layer: str = ""
    id_field: str = ""
    buildings: str = ""
    compounds: str = ""
    fixes: bool = False
    lang: str = "en"


@dataclass(frozen=True)
class GridChecked:
    """`findings`: number by rule code; `errors`: how many of them block publishing; `details`: the findings frame.

    `fixes`: see `actions.mend_grid.fixes_of`; None where none were asked for.
    """

    layer: str
    cells: int
    findings: dict[str, int]
    errors: int
    seconds: float
    details: pd.DataFrame
    fixes: list[dict[str, Any]] | None = None


def check_grid(request: CheckGrid, progress: Progress | None = None) -> GridChecked:
    """Check the grid in a file. Raises `Refused` when the file cannot be read or its grid is not plain."""
    progress = progress or Silent()
    began = time.perf_counter()
    progress.report(0.0, "Reading the layers")
    grid = choose(read_layers(request.file), request.layer, request.id_field)
    others = {
        role: read_layer(source, role, areal=True)
        for role, source in (("buildings", request.buildings), ("compounds", request.compounds))
        if source
    }
    findings = findings_of(grid, Part(progress, 0.3, 0.6), **others)
    fixes = None
    if request.fixes:
        fixes = fixes_of(grid, findings, Part(progress, 0.6, 1.0), partial(words, request.lang), **others)
    return GridChecked(
        layer=grid.layer,
        cells=len(grid.cells),
        findings=counts(findings),
        errors=int((findings["severity"] == ERROR).sum()),
        seconds=round(time.perf_counter() - began, 3),
        details=findings,
        fixes=fixes,
    )


def findings_of(grid: GridFile, progress: Progress, **others: object) -> pd.DataFrame:
    """The findings of a grid file, with the file's and the layer's name."""
    known = {"counties": grid.counties, "streets": grid.streets, "communities": grid.communities} | others
    findings = grid_rules.check(grid.cells, **known, progress=progress)
    return findings.assign(file=grid.file, layer=grid.layer)
