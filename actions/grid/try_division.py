"""Divide an area on trial: nothing is stored, the cells come back to be looked at."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd

from actions.grid.divide_grid import DivideGrid, GridDivided, divide_grid
from gis.frames import CELL_COLUMNS
from kernel.progress import Progress


@dataclass(frozen=True)
class DivisionTried:
    """The figures of the trial and its cells (`CELL_COLUMNS`) in their own plane."""

    divided: GridDivided
    cells: gpd.GeoDataFrame


def try_division(_: object, request: DivideGrid, progress: Progress | None = None) -> DivisionTried:
    """Divide as `divide_grid` does, but into a file of our own. Needs no store."""
    with tempfile.TemporaryDirectory(prefix="wangrid-trial-") as folder:
        out = Path(folder) / "trial.gpkg"
        divided = divide_grid(None, replace(request, out=str(out), accept=False), progress)
        cells = gpd.read_file(out, layer="cells")
    columns = [name for name in CELL_COLUMNS if name in cells.columns]
    return DivisionTried(replace(divided, file=""), cells[columns])
